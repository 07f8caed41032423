"""Accounts, the contracts of their venues, and our own money figure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.clock import Clock
from core.model.instrument import Instrument
from core.model.position import Position
from core.model.scope import Account, AccountKey
from data.audit import AuditTrail, at_text
from data.currencies import mixes_currencies
from data.database import Database
from data.position_repository import LAST_EQUITY, annotate_positions
from data.proof import stored_instruments
from data.rows import account_of, mode_word
from data.schema import ACCOUNT, EQUITY_POINT, INSTRUMENT
from data.types import decimal_text

_A: Final = ACCOUNT.c
_E: Final = EQUITY_POINT.c
_ONE: Final[ColumnElement[bool]] = and_(_A.connection == bindparam("of_connection"), _A.name == bindparam("of_account"))
_NEW_ACCOUNT: Final = upsert(ACCOUNT)
_SAVE_ACCOUNT: Final = _NEW_ACCOUNT.on_conflict_do_update(
    index_elements=["connection", "name"],
    set_={name: _NEW_ACCOUNT.excluded[name] for name in ("mode", "currency", "trading_disabled", "updated_at")},
)
# The first anchor stays: later ones would let fills before them go missing.
_SAVE_ANCHOR: Final = _NEW_ACCOUNT.on_conflict_do_update(
    index_elements=["connection", "name"],
    set_={"fills_anchor": _NEW_ACCOUNT.excluded.fills_anchor, "updated_at": _NEW_ACCOUNT.excluded.updated_at},
    where=_A.fills_anchor.is_(None),
)
_NEW_CONTRACT: Final = upsert(INSTRUMENT)
_SAVE_CONTRACT: Final = _NEW_CONTRACT.on_conflict_do_update(
    index_elements=["connection", "symbol"],
    set_={
        column.name: _NEW_CONTRACT.excluded[column.name]
        for column in INSTRUMENT.c
        if column.name not in ("id", "connection", "symbol")
    },
)
_ADD_EQUITY: Final = insert(EQUITY_POINT)
_EQUITY_BEFORE: Final = LAST_EQUITY.where(_E.at < bindparam("moment"))
_LAST_RESET: Final = LAST_EQUITY.where(_E.kind == "RESET", _E.at >= bindparam("moment"))
_FIRST_EQUITY: Final = LAST_EQUITY.order_by(None).order_by(_E.id)


class SqliteAccountRepository:
    """Accounts, instruments and money points. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def save(self, account: Account) -> None:
        """Commit an account; its fills anchor stays.

        Raises:
            PersistenceError: nothing was changed.
        """
        row = {
            **self._account_row(account.key),
            "mode": mode_word(account.mode),
            "currency": account.currency,
            "trading_disabled": int(account.trading_disabled),
        }
        facts = {
            "mode": account.mode.value if account.mode else "unclassified",
            "currency": account.currency,
            "trading_disabled": "yes" if account.trading_disabled else "no",
        }
        with self._database.transaction() as connection:
            connection.execute(_SAVE_ACCOUNT, row)
            self._audit.write(
                connection,
                "account",
                f"account {account.key} is {facts['mode']}",
                key=account.key,
                mode=account.mode,
                cause="account",
                data=facts,
            )

    def accounts(self) -> tuple[Account, ...]:
        """Return every known account, in the order they were first seen."""
        with self._database.reading() as connection:
            return tuple(map(account_of, connection.execute(select(ACCOUNT).order_by(_A.id)).all()))

    def fills_anchor(self, key: AccountKey) -> datetime | None:
        """Return the broker time after which every fill must be in our ledger; None before the first sync."""
        with self._database.reading() as connection:
            found = connection.execute(select(_A.fills_anchor).where(_ONE), _of(key)).scalar_one_or_none()
        assert found is None or isinstance(found, datetime)
        return found

    def set_fills_anchor(self, key: AccountKey, anchor: datetime) -> None:
        """Commit the anchor; set once, at the first sync of an account. A later one changes nothing.

        Raises:
            PersistenceError: nothing was changed.
        """
        row = {**self._account_row(key), "mode": None, "currency": "", "trading_disabled": 0, "fills_anchor": anchor}
        with self._database.transaction() as connection:
            if connection.execute(_SAVE_ANCHOR, row).rowcount != 1:
                return
            self._audit.write(
                connection,
                "account",
                f"every fill of {key} from {at_text(anchor)} on must be in the ledger",
                key=key,
                mode=None,
                cause="first sync",
                data={"fills_anchor": at_text(anchor)},
            )

    def save_instrument(self, connection: str, instrument: Instrument, revalued: Sequence[Position]) -> None:
        """Commit a contract's definition together with the open positions it revalues; writes nothing if known so.

        Raises:
            PersistenceError: nothing was changed.
        """
        if not revalued and self.instruments().get((connection, instrument.symbol)) == instrument:
            return
        with self._database.transaction() as session:
            session.execute(_SAVE_CONTRACT, _contract_row(connection, instrument, self._clock.now()))
            annotate_positions(session, revalued, self._clock)
            self._audit.write(
                session,
                "instrument",
                f"contract {instrument.symbol} of {connection}",
                key=None,
                mode=None,
                cause="security definition",
                data=_contract_facts(instrument, revalued),
            )

    def instruments(self) -> Mapping[tuple[str, str], Instrument]:
        """Return known contracts by (connection, symbol)."""
        with self._database.reading() as connection:
            return stored_instruments(connection)

    def add_equity_point(self, key: AccountKey, kind: str, cash: Decimal, at: datetime) -> None:
        """Commit a point of our own money figure.

        Args:
            kind: ANCHOR (first broker figure), TRADE or RESET.

        Raises:
            PersistenceError: nothing was changed.
        """
        row = {"connection": key.connection, "account": key.account, "kind": kind, "cash": cash, "at": at}
        with self._database.transaction() as connection:
            connection.execute(_ADD_EQUITY, row)
            self._audit.write(
                connection,
                "equity",
                f"our figure for {key} is {decimal_text(cash)}",
                key=key,
                mode=None,
                cause=kind.lower(),
                data={"cash": decimal_text(cash), "at": at_text(at)},
            )

    def mixes_currencies(self, key: AccountKey) -> bool:
        """Say whether the account holds or ever closed something settled in another currency than its own."""
        with self._database.reading() as connection:
            return mixes_currencies(connection, key)

    def last_equity(self, key: AccountKey) -> Decimal | None:
        """Return our own cash figure as last stored; None before the anchor."""
        with self._database.reading() as connection:
            found = connection.execute(LAST_EQUITY, _of(key)).scalar_one_or_none()
        assert found is None or isinstance(found, Decimal)
        return found

    def reset_since(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return with how much money the account last began anew, at a moment or after it; None if it did not."""
        with self._database.reading() as connection:
            found = connection.execute(_LAST_RESET, {**_of(key), "moment": moment}).scalar_one_or_none()
        assert found is None or isinstance(found, Decimal)
        return found

    def equity_at(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return our own cash figure as it stood at a moment: the newest point before it, else the first ever."""
        with self._database.reading() as connection:
            found = connection.execute(_EQUITY_BEFORE, {**_of(key), "moment": moment}).scalar_one_or_none()
            if found is None:
                found = connection.execute(_FIRST_EQUITY, _of(key)).scalar_one_or_none()
        assert found is None or isinstance(found, Decimal)
        return found

    def _account_row(self, key: AccountKey) -> dict[str, Any]:
        now = self._clock.now()
        return {"connection": key.connection, "name": key.account, "created_at": now, "updated_at": now}


def _of(key: AccountKey) -> dict[str, str]:
    return {"of_connection": key.connection, "of_account": key.account}


def _contract_row(connection: str, instrument: Instrument, now: datetime) -> dict[str, Any]:
    return {
        "connection": connection,
        "symbol": instrument.symbol,
        "tick_size": instrument.tick_size,
        "tick_value": instrument.tick_value,
        "currency": instrument.currency,
        "description": instrument.description,
        "quantity_step": instrument.quantity_step,
        "price_format": instrument.price_format,
        "updated_at": now,
    }


def _contract_facts(instrument: Instrument, revalued: Sequence[Position]) -> dict[str, str]:
    return {
        "tick_size": "" if instrument.tick_size is None else decimal_text(instrument.tick_size),
        "tick_value": "" if instrument.tick_value is None else decimal_text(instrument.tick_value),
        "currency": instrument.currency,
        "revalued": ", ".join(str(position.key) for position in revalued),
    }
