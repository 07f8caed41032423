"""The one way a fill becomes durable, and the reads of what it left behind.

`record` is the hot path. Few statements, each compiled once when this module is imported, in one transaction: the
ledger rows, the open position (inserted, updated or deleted), the trade if one ended, our own money figure, the audit
row. The position is touched only where it still has the quantity the change was computed from, so a second writer
cannot go unnoticed and the sum of the ledger stays the quantity shown, fill by fill.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, insert, select, update

from core.clock import Clock
from core.errors import DuplicateFill, PersistenceError
from core.model.fill import Fill
from core.model.position import Position, PositionChange
from core.model.scope import AccountKey, Mode, PositionKey
from core.model.trade import Trade
from data.audit import AuditTrail
from data.database import Database
from data.failures import is_unique_violation
from data.prepared import Prepared
from data.proof import prove_positions
from data.rows import (
    annotated_row,
    entered_row,
    fill_of,
    fill_row,
    folded_row,
    mode_word,
    position_of,
    scope_row,
    trade_of,
    trade_row,
)
from data.schema import ACCOUNT, EQUITY_POINT, FILL_RECORD, HAS_ORDER, OPEN_POSITION, TRADE_RECORD
from data.types import decimal_text

# SQLite's own limit on variables is far higher; this keeps the number of distinct statements small.
_IDS_AT_ONCE: Final = 500

_P: Final = OPEN_POSITION.c
# Parameters of a WHERE may not have the names of columns that are SET.
_SCOPE: Final[ColumnElement[bool]] = and_(
    _P.connection == bindparam("of_connection"),
    _P.account == bindparam("of_account"),
    _P.symbol == bindparam("of_symbol"),
)
_AS_IT_WAS: Final[ColumnElement[bool]] = and_(_SCOPE, _P.qty == bindparam("of_qty"))
_INSERT_FILL: Final = Prepared(insert(FILL_RECORD))
_INSERT_POSITION: Final = Prepared(insert(OPEN_POSITION))
_UPDATE_POSITION: Final = Prepared(update(OPEN_POSITION).where(_AS_IT_WAS))
_ANNOTATE_POSITION: Final = Prepared(update(OPEN_POSITION).where(_AS_IT_WAS))
_DELETE_POSITION: Final = Prepared(delete(OPEN_POSITION).where(_AS_IT_WAS))
_INSERT_TRADE: Final = Prepared(insert(TRADE_RECORD))
_INSERT_EQUITY: Final = Prepared(insert(EQUITY_POINT))
_E: Final = EQUITY_POINT.c
LAST_EQUITY: Final = (
    select(_E.cash)
    .where(_E.connection == bindparam("of_connection"), _E.account == bindparam("of_account"))
    .order_by(_E.id.desc())
    .limit(1)
)
_ACCOUNT_CURRENCY: Final = select(ACCOUNT.c.currency).where(
    ACCOUNT.c.connection == bindparam("of_connection"), ACCOUNT.c.name == bindparam("of_account")
)
_SELECT_POSITION: Final = select(OPEN_POSITION).where(_SCOPE)
_NAMED: Final[ColumnElement[bool]] = and_(
    FILL_RECORD.c.connection == bindparam("of_connection"),
    FILL_RECORD.c.account == bindparam("of_account"),
    FILL_RECORD.c.execution_id == bindparam("of_execution"),
)
_HAS_FILL: Final = select(FILL_RECORD.c.id).where(_NAMED).limit(1)
_FILLS_OF: Final = select(FILL_RECORD).where(_NAMED).order_by(FILL_RECORD.c.leg)
_CORRECTED: Final = (
    select(FILL_RECORD.c.received_at)
    .where(
        FILL_RECORD.c.connection == bindparam("of_connection"),
        FILL_RECORD.c.account == bindparam("of_account"),
        FILL_RECORD.c.symbol == bindparam("of_symbol"),
        FILL_RECORD.c.source.in_(("RECON", "MANUAL")),
    )
    .order_by(FILL_RECORD.c.id.desc())
    .limit(1)
)
_FILLED: Final = select(FILL_RECORD.c.client_order_id, FILL_RECORD.c.qty).where(
    HAS_ORDER, FILL_RECORD.c.client_order_id.in_(bindparam("ids", expanding=True))
)


class SqlitePositionRepository:
    """The ledger, the open positions folded from it, and the trades that ended. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def record(self, change: PositionChange, mode: Mode | None, cause: str) -> None:
        """Commit a fill and everything that follows from it, in one transaction.

        Args:
            cause: why this happened, in words for the audit.

        Raises:
            DuplicateFill: the execution is in the ledger; nothing was changed.
            PersistenceError: nothing was changed, or (I/O error at commit) the outcome is unknown.
        """
        at = self._database.checkpoint
        with self._database.transaction() as connection:
            _append_to_ledger(connection, change, mode)
            at("fill.ledger_written")
            self._write_position(connection, change, mode)
            at("fill.position_written")
            if change.trade is not None:
                _close_position(connection, change.trade, mode)
                at("fill.trade_written")
            fill = change.fill
            cash = _move_equity(connection, change)
            self._audit.write(
                connection,
                "fill",
                _sentence(change),
                key=fill.key.account_key,
                mode=mode,
                cause=cause,
                data=_facts(change) if cash is None else {**_facts(change), "cash": decimal_text(cash)},
            )

    def update_trade_extremes(self, positions: Sequence[Position]) -> None:
        """Commit the annotations of open positions, in one go; nothing a fill decides is touched.

        Raises:
            PersistenceError: a position is not stored with this quantity; nothing was changed.
        """
        if positions:
            with self._database.transaction() as connection:
                annotate_positions(connection, positions, self._clock)

    def has_fill(self, key: AccountKey, execution_id: str) -> bool:
        """Say whether an execution of an account is in the ledger, as any leg."""
        names = {"of_connection": key.connection, "of_account": key.account, "of_execution": execution_id}
        with self._database.reading() as connection:
            return connection.execute(_HAS_FILL, names).first() is not None

    def fills_of(self, key: AccountKey, execution_id: str) -> tuple[Fill, ...]:
        """Return the ledger rows of an execution of an account: its legs in order, none when it is not booked."""
        names = {"of_connection": key.connection, "of_account": key.account, "of_execution": execution_id}
        with self._database.reading() as connection:
            return tuple(fill_of(row) for row in connection.execute(_FILLS_OF, names).all())

    def corrected_at(self, key: PositionKey) -> datetime | None:
        """Return when the broker stated what the newest correction of a scope follows; None when none is booked."""
        names = {"of_connection": key.connection, "of_account": key.account, "of_symbol": key.symbol}
        with self._database.reading() as connection:
            return connection.execute(_CORRECTED, names).scalar()

    def get_open_position(self, key: PositionKey) -> Position | None:
        """Return the stored open position of a scope."""
        with self._database.reading() as connection:
            row = connection.execute(_SELECT_POSITION, _of(key)).one_or_none()
        return None if row is None else position_of(row)

    def recover_all_open_positions(self) -> tuple[Position, ...]:
        """Return every stored open position, by scope."""
        return tuple(position_of(row) for row in self._rows(_ALL_POSITIONS))

    def filled_by_order(self, client_order_ids: Sequence[str]) -> Mapping[str, Decimal]:
        """Return the ledger's filled quantity per client order id; absent when nothing was filled."""
        filled: dict[str, Decimal] = {}
        with self._database.reading() as connection:
            for start in range(0, len(client_order_ids), _IDS_AT_ONCE):
                ids = list(client_order_ids[start : start + _IDS_AT_ONCE])
                for client_order_id, quantity in connection.execute(_FILLED, {"ids": ids}).all():
                    filled[client_order_id] = filled.get(client_order_id, Decimal(0)) + quantity
        return filled

    def recent_fills(self, limit: int) -> tuple[Fill, ...]:
        """Return the newest ledger rows, oldest first; a reversal is two."""
        rows = self._rows(_NEWEST_FILLS.limit(limit))
        return tuple(fill_of(row) for row in reversed(rows))

    def recent_trades(self, limit: int) -> tuple[Trade, ...]:
        """Return the newest trades, oldest first."""
        rows = self._rows(_NEWEST_TRADES.limit(limit))
        return tuple(trade_of(row) for row in reversed(rows))

    def prove(self) -> None:
        """Fold the ledger and compare it with every open position.

        Raises:
            DatabaseDamaged: they differ; the text names the scope and both figures.
        """
        with self._database.reading() as connection:
            prove_positions(connection)

    def _write_position(self, connection: Connection, change: PositionChange, mode: Mode | None) -> None:
        before, after = change.before, change.after
        if before is not None and after is not None and change.trade is None:
            changed = {**folded_row(after), "mode": mode_word(mode), "updated_at": self._clock.now()}
            _expect_one(connection, before, _UPDATE_POSITION.execute(connection, {**_as(before), **changed}).rowcount)
            return
        if before is not None:
            _delete_open_position(connection, before)
        if after is not None:
            self._save_open_position(connection, after, mode)

    def _save_open_position(self, connection: Connection, position: Position, mode: Mode | None) -> None:
        now = self._clock.now()
        row = {
            **scope_row(position.key),
            **folded_row(position),
            **entered_row(position),
            "mode": mode_word(mode),
            "created_at": now,
            "updated_at": now,
        }
        try:
            _INSERT_POSITION.execute(connection, row)
        except sqlite3.IntegrityError as error:
            if is_unique_violation(error):
                raise PersistenceError(
                    f"{position.key}: opened on our books, but the database holds a position already: someone else "
                    f"wrote. Nothing was changed"
                ) from error
            raise

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement).all()


_ALL_POSITIONS: Final = select(OPEN_POSITION).order_by(_P.connection, _P.account, _P.symbol)
_NEWEST_FILLS: Final = select(FILL_RECORD).order_by(FILL_RECORD.c.id.desc())
_NEWEST_TRADES: Final = select(TRADE_RECORD).order_by(TRADE_RECORD.c.id.desc())


def annotate_positions(connection: Connection, positions: Sequence[Position], clock: Clock) -> None:
    """Write the annotations of open positions inside a transaction of the caller.

    Raises:
        PersistenceError: a position is not stored with this quantity.
    """
    now = clock.now()
    for position in positions:
        row = {**_as(position), **annotated_row(position), "updated_at": now}
        _expect_one(connection, position, _ANNOTATE_POSITION.execute(connection, row).rowcount)


def _append_to_ledger(connection: Connection, change: PositionChange, mode: Mode | None) -> None:
    for leg in change.legs:
        try:
            _INSERT_FILL.execute(connection, fill_row(leg, mode))
        except sqlite3.IntegrityError as error:
            if is_unique_violation(error):
                raise DuplicateFill(
                    f"execution {leg.execution_id} (leg {leg.leg}) of {leg.key.account_key} is booked already"
                ) from error
            raise


def _close_position(connection: Connection, trade: Trade, mode: Mode | None) -> None:
    _INSERT_TRADE.execute(connection, trade_row(trade, mode))


def _move_equity(connection: Connection, change: PositionChange) -> Decimal | None:
    """Move our own money figure by what the fill realised and cost; return where it stands, None if it did not move."""
    key, amount = change.key.account_key, change.cash
    if amount == 0:
        return None
    of = {"of_connection": key.connection, "of_account": key.account}
    cash = connection.execute(LAST_EQUITY, of).scalar_one_or_none()
    own = connection.execute(_ACCOUNT_CURRENCY, of).scalar_one_or_none()
    if cash is None or (own and change.currency and own != change.currency):
        return None
    assert isinstance(cash, Decimal)
    row = {"connection": key.connection, "account": key.account, "kind": "TRADE", "at": change.fill.received_at}
    _INSERT_EQUITY.execute(connection, {**row, "cash": cash + amount})
    return cash + amount


def _delete_open_position(connection: Connection, position: Position) -> None:
    _expect_one(connection, position, _DELETE_POSITION.execute(connection, _as(position)).rowcount)


def _expect_one(connection: Connection, position: Position, touched: int) -> None:
    if touched == 1:
        return
    stored = connection.execute(_SELECT_POSITION, _of(position.key)).one_or_none()
    quantity = "no position" if stored is None else f"{stored.qty:+f}"
    raise PersistenceError(
        f"{position.key}: our books had {position.quantity:+f}, the database holds {quantity}: someone else wrote. "
        f"Nothing was changed"
    )


def _of(key: PositionKey) -> dict[str, Any]:
    return {"of_connection": key.connection, "of_account": key.account, "of_symbol": key.symbol}


def _as(position: Position) -> dict[str, Any]:
    return {**_of(position.key), "of_qty": position.quantity}


def _sentence(change: PositionChange) -> str:
    fill = change.fill
    price = "an unknown price" if fill.price is None else decimal_text(fill.price)
    after = "flat" if change.after is None else f"{change.after.side_word} {decimal_text(abs(change.after.quantity))}"
    return f"{fill.side.value} {decimal_text(fill.quantity)} {fill.key.symbol} at {price}: {after}"


def _facts(change: PositionChange) -> dict[str, str]:
    fill = change.fill
    facts = {
        "execution_id": fill.execution_id,
        "source": fill.source.value,
        "before": "0" if change.before is None else decimal_text(change.before.quantity),
        "after": "0" if change.after is None else decimal_text(change.after.quantity),
    }
    if fill.client_order_id:
        facts["client_order_id"] = fill.client_order_id
    if fill.server_order_id:
        facts["server_order_id"] = fill.server_order_id
    if change.trade is not None and change.trade.realized_pnl is not None:
        facts["realized_pnl"] = decimal_text(change.trade.realized_pnl)
    return facts
