"""Everything that can be checked about the file without changing a byte: what `stanchion doctor` says of it."""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.pool import NullPool

from core.errors import DatabaseDamaged, PersistenceError
from core.model.instrument import Instrument
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey
from core.model.trade import Trade
from data import preflight
from data.audit import check_head, verify_chain
from data.failures import FAILURES, persistence_error
from data.proof import agree, figure, prove_positions, stored_instruments
from data.rows import fill_of, trade_of
from data.schema import FILL_RECORD, TRADE_RECORD

_PROVEN: Final = ("direction", "quantity", "entry_price", "exit_price", "entry_time", "exit_time", "commissions")


def examine(path: Path, *, in_place: bool = False) -> tuple[str, ...]:
    """Return what is wrong with a database file, one sentence each; nothing when all is well.

    Reads only, and examines a copy in memory; a file in use may be examined. Of an older file it is the copy that is
    first brought to the newest schema, as the next start would do.

    Args:
        in_place: the file is a copy already, which nobody else has and no log belongs to; it is not copied once more.
    """
    try:
        version = preflight.check(path)
    except PersistenceError as error:
        return (str(error),)
    if version == 0:
        return (f"{path} does not exist",)
    try:
        is_ready = in_place and version == preflight.SCHEMA_VERSION
        copy = sqlite3.connect(path, isolation_level=None) if is_ready else _in_memory(path)
    except FAILURES as error:
        return (str(persistence_error(error, path)),)
    engine = create_engine("sqlite+pysqlite://", creator=lambda: copy, poolclass=NullPool)
    with engine.connect() as connection:
        if version < preflight.SCHEMA_VERSION:
            trouble = tuple(_findings(_renewal(path), connection, path))
            if trouble:
                return trouble
        return tuple(
            finding for check in (*CHECKS, _head_check(path)) for finding in _findings(check, connection, path)
        )


def _in_memory(path: Path) -> sqlite3.Connection:
    """Copy the file, page by page as it is.

    So a running terminal is not held up, and SQLite checks the constraints: it does not on a connection that can only
    read, and one that can write would apply and remove the log.
    """
    file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        file.execute("PRAGMA busy_timeout = 5000")
        file.backup(copy)
    except BaseException:
        copy.close()
        raise
    finally:
        file.close()
    return copy


def check_file(connection: Connection) -> Iterator[str]:
    """Check every page, every index and every constraint."""
    for (answer,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"the file is damaged: {answer}"


def check_references(connection: Connection) -> Iterator[str]:
    """Check that no row points to a row that is not there."""
    for table, row, target, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} points to no row of {target}"


def check_ledger(connection: Connection) -> Iterator[str]:
    """Check that no ledger row was taken out: their numbers have no gap."""
    count, last = connection.exec_driver_sql("SELECT count(*), coalesce(max(id), 0) FROM fill_record").one()
    if count != last:
        yield f"the ledger has gaps: {count} rows, the last is number {last}"


def check_positions(connection: Connection) -> Iterator[str]:
    """Check that every open position is the fold of the ledger."""
    prove_positions(connection)
    yield from ()


def check_trades(connection: Connection) -> Iterator[str]:
    """Recompute every trade from the ledger and compare the stored rows.

    Money is compared where both know it: at the contract's value as stored now, so a venue that changed a tick's value
    shows here.
    """
    stored = computed = 0
    in_step = True
    # Side by side, one of each at a time: years of trading are not to be held in memory.
    with connection.execute(select(TRADE_RECORD).order_by(TRADE_RECORD.c.id)) as rows:
        for row, trade in zip_longest(map(trade_of, rows), _trades(connection)):
            stored, computed = stored + (row is not None), computed + (trade is not None)
            if row is None or trade is None or not in_step:
                continue
            in_step = row.key == trade.key
            if in_step:
                yield from _differences(stored, row, trade)
            else:
                yield f"trade {stored} is one of {row.key}, the ledger gives one of {trade.key}"
    if stored != computed:
        yield f"the ledger gives {computed} trades, {stored} are stored"


def _differences(number: int, row: Trade, trade: Trade) -> Iterator[str]:
    """Yield in what a stored trade differs from the one the ledger gives."""
    names = _PROVEN if row.realized_pnl is None or trade.realized_pnl is None else (*_PROVEN, "realized_pnl")
    for name in names:
        says, gives = getattr(row, name), getattr(trade, name)
        if not agree(name, says, gives):
            yield f"trade {number} of {row.key} says {name} {figure(says)}, the ledger gives {figure(gives)}"


def check_audit(connection: Connection) -> Iterator[str]:
    """Check the whole audit chain."""
    verify_chain(connection)
    yield from ()


Check = Callable[[Connection], Iterator[str]]
CHECKS: Final[tuple[Check, ...]] = (
    check_file,
    check_references,
    check_ledger,
    check_positions,
    check_trades,
    check_audit,
)


def _head_check(path: Path) -> Check:
    """Return the check that the copy reaches as far as the file once did."""

    def check(connection: Connection) -> Iterator[str]:
        check_head(connection, path)
        yield from ()

    return check


def _renewal(path: Path) -> Check:
    """Return the check that an older copy can be brought to the newest schema; it is, then."""

    def check(connection: Connection) -> Iterator[str]:
        from data.schema_upgrade import take_steps  # which makes backups, which are examined here

        with connection.begin():
            take_steps(connection, path)
        yield from ()

    return check


def _trades(connection: Connection) -> Iterator[Trade]:
    contracts = stored_instruments(connection)
    positions: dict[PositionKey, Position | None] = {}
    for row in connection.execute(select(FILL_RECORD).order_by(FILL_RECORD.c.id)):
        fill = fill_of(row)
        contract = contracts.get((fill.key.connection, fill.key.symbol), Instrument(fill.key.symbol))
        change = apply_fill(positions.get(fill.key), fill, contract)
        positions[fill.key] = change.after
        if change.trade is not None:
            yield change.trade


def _findings(check: Check, connection: Connection, path: Path) -> Iterator[str]:
    """Run one check; that it could not be run is a finding too."""
    try:
        yield from check(connection)
    except DatabaseDamaged as error:
        yield str(error)
    except FAILURES as error:
        yield str(persistence_error(error, path))
