"""What the query thread reads: closed trades and the equity curve, through a connection of its own that cannot write.

Each question opens the file anew and sees one consistent state of it, so a long question neither holds the writer up
nor sees half of a change. Times are compared as text, which is sound: they have one width. Decimals are not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Select, or_, select

from core.model.equity import EquityKind, EquityPoint
from core.model.scope import AccountKey
from core.model.trade import Trade
from core.queries import EquityFilter, TradeFilter
from data.currencies import mixes_currencies
from data.database import Database
from data.failures import FAILURES, persistence_error
from data.rows import member, mode_word, trade_of
from data.schema import EQUITY_POINT, TRADE_RECORD

_T: Final = TRADE_RECORD.c
_E: Final = EQUITY_POINT.c


class SqliteTradeRepository:
    """Closed trades and equity, only to be read (query thread)."""

    def __init__(self, database: Database) -> None:
        self._engine = database.read_only()
        self._path = database.path

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        """Return closed trades in the order of their exits, and our own equity before the first of them.

        An account whose money is of several currencies has no equity of ours.

        Raises:
            PersistenceError: the file cannot be read.
        """
        asked = select(TRADE_RECORD).where(
            _T.connection == wanted.account.connection,
            _T.account == wanted.account.account,
            or_(*(_T.mode == mode_word(mode) for mode in (wanted.mode, *wanted.others))),
        )
        if wanted.since is not None:
            asked = asked.where(_T.exit_time >= wanted.since)
        with self._reading() as connection:
            found = tuple(trade_of(row) for row in connection.execute(asked.order_by(_T.exit_time, _T.id)))
            before = None
            if not mixes_currencies(connection, wanted.account):
                before = _last_before(connection, wanted.account, wanted.since) or _first(connection, wanted.account)
        return found, None if before is None else before.cash

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        """Return our own money figure, oldest first; where the wanted time begins in between, from that moment on.

        Nothing for an account whose money is of several currencies.

        Raises:
            PersistenceError: the file cannot be read.
        """
        asked = _points(wanted.account).order_by(_E.id)
        if wanted.since is not None:
            asked = asked.where(_E.at >= wanted.since)
        with self._reading() as connection:
            if mixes_currencies(connection, wanted.account):
                return ()
            found = tuple(_point(*row) for row in connection.execute(asked))
            before = _last_before(connection, wanted.account, wanted.since)
        if before is None or wanted.since is None:
            return found
        return EquityPoint(wanted.since, before.cash, EquityKind.ANCHOR), *found

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except FAILURES as error:
            raise persistence_error(error, self._path) from error


def _points(account: AccountKey) -> Select[Any]:
    return select(_E.at, _E.cash, _E.kind).where(_E.connection == account.connection, _E.account == account.account)


def _point(at: datetime, cash: Decimal, kind: str) -> EquityPoint:
    return EquityPoint(at, cash, member(EquityKind, kind))


def _last_before(connection: Connection, account: AccountKey, moment: datetime | None) -> EquityPoint | None:
    if moment is None:
        return None
    row = connection.execute(_points(account).where(_E.at < moment).order_by(_E.id.desc()).limit(1)).first()
    return None if row is None else _point(*row)


def _first(connection: Connection, account: AccountKey) -> EquityPoint | None:
    row = connection.execute(_points(account).order_by(_E.id).limit(1)).first()
    return None if row is None else _point(*row)
