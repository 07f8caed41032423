"""Reading and packing the files of the tick archive, with DuckDB, which is loaded at the first use.

Bars are summed up by the reader and not in Python: a day of a busy market is half a million trades.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from core.errors import PersistenceError
from core.history import HistoryWanted
from core.model.bar import Bar
from core.model.bar_building import BarBuilder, folded
from core.model.bar_clock import BarClock, hours_of
from core.model.market import Aggressor, Tick

if TYPE_CHECKING:
    import duckdb

_OFFLINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
    "memory_limit": "512MB",
}
_COLUMNS: Final = (
    "{'number': 'BIGINT', 'time_us': 'BIGINT', 'price': 'DECIMAL(38,12)', 'volume': 'DECIMAL(38,12)', "
    "'side': 'TINYINT', 'gap': 'TINYINT'}"
)
_BARS: Final = """
    SELECT time_us // {step}, arg_min(price, number), max(price), min(price), arg_max(price, number), sum(volume),
           count(*), sum(volume) FILTER (side = 1), sum(volume) FILTER (side = 2), max(gap)
    FROM {source} WHERE time_us >= {since} AND time_us < {until} GROUP BY 1 ORDER BY 1
"""
_TICKS: Final = """
    SELECT time_us, price, volume, side, gap FROM {source}
    WHERE time_us >= {since} AND time_us < {until} ORDER BY number
"""
_PACK: Final = "COPY (SELECT * FROM {source} ORDER BY number) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
_STEPS_S: Final = (3600, 1800, 900, 600, 300, 60, 30, 10, 5, 2, 1)
_AT_ONCE: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SIDES: Final = {side.value: side for side in Aggressor}
_END_US: Final = 1 << 62

_log = structlog.get_logger("archive")


def packed(source: Path, target: Path) -> None:
    """Write the lines of a day as Parquet.

    Raises:
        PersistenceError: it cannot be read or written.
    """
    import duckdb

    try:
        with duckdb.connect(config=_OFFLINE) as connection:
            connection.execute(_PACK.format(source=_table(source), target=_literal(target)))
    except (duckdb.Error, RuntimeError) as error:
        raise PersistenceError(f"{source}: {error}") from error


def latest_in(paths: Sequence[Path]) -> int:
    """Return the time of the latest trade in files, microseconds; 0 where none can be read."""
    import duckdb

    latest = 0
    with duckdb.connect(config=_OFFLINE) as connection:
        for path in paths:
            try:
                found = connection.execute(f"SELECT max(time_us) FROM {_table(path)}").fetchone()
                latest = max(latest, (found and found[0]) or 0)
            except duckdb.Error as error:
                _log.warning("ticks unreadable", file=path.name, error=str(error))
    return latest


def bars_in(paths: Sequence[Path], wanted: HistoryWanted) -> tuple[Bar, ...]:
    """Return the bars of files in order of time; a file that cannot be read is left out, and logged."""
    if not paths:
        return ()
    import duckdb

    with duckdb.connect(config=_OFFLINE) as connection:
        if wanted.key.interval.seconds is None:
            return _bars_of_trades(connection, paths, wanted)
        return _bars_of_time(connection, paths, wanted)


def _bars_of_time(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], wanted: HistoryWanted
) -> tuple[Bar, ...]:
    seconds = wanted.key.interval.seconds
    assert seconds is not None
    clock = BarClock(wanted.key.interval, hours_of(wanted.key.symbol))
    step = next(one for one in _STEPS_S if seconds % one == 0)
    since = clock.period(wanted.since).start
    shorter = []
    for path in paths:
        for row in _rows(connection, _BARS, path, since, wanted.until, step_us=step * 1_000_000):
            shorter.append(_bar(row, step))
    return tuple(folded(shorter, clock))


def _bars_of_trades(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], wanted: HistoryWanted
) -> tuple[Bar, ...]:
    builder = BarBuilder(wanted.key.interval, hours_of(wanted.key.symbol))
    bars: list[Bar] = []
    for path in paths:
        for at_us, price, volume, side, gap in _rows(connection, _TICKS, path, wanted.since, wanted.until):
            if gap:
                builder.miss()
            moment = _EPOCH + timedelta(microseconds=at_us)
            bars += builder.add((Tick(wanted.key.symbol, _plain(price), _plain(volume), _SIDES[side], moment, moment),))
    return (*bars, builder.forming) if builder.forming is not None else tuple(bars)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    question: str,
    path: Path,
    since: datetime,
    until: datetime | None,
    step_us: int = 1,
) -> Iterator[tuple[Any, ...]]:
    import duckdb

    since_us = (since - _EPOCH) // timedelta(microseconds=1)
    until_us = _END_US if until is None else (until - _EPOCH) // timedelta(microseconds=1)
    try:
        connection.execute(question.format(source=_table(path), since=since_us, until=until_us, step=step_us))
        while rows := connection.fetchmany(_AT_ONCE):
            yield from rows
    except (duckdb.Error, RuntimeError) as error:
        _log.warning("ticks unreadable", file=path.name, error=str(error))


def _bar(row: tuple[Any, ...], step_s: int) -> Bar:
    place, opened, high, low, close, volume, trades, sold, bought, gap = row
    return Bar(
        _EPOCH + timedelta(seconds=place * step_s),
        _plain(opened),
        _plain(high),
        _plain(low),
        _plain(close),
        _plain(volume),
        trades,
        _plain(sold or Decimal(0)),
        _plain(bought or Decimal(0)),
        bool(gap),
    )


def _plain(number: Decimal) -> Decimal:
    """Return a number without the zeros its column is filled up with."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def _table(path: Path) -> str:
    """Return a file as a table; a line that was cut off is left out."""
    if path.suffix == ".csv":
        return f"read_csv('{_literal(path)}', header = false, ignore_errors = true, columns = {_COLUMNS})"
    return f"read_parquet('{_literal(path)}')"


def _literal(path: Path) -> str:
    """Return a path as SQL takes it: quotes doubled, and what is a pattern to DuckDB taken literally."""
    text = path.as_posix().replace("'", "''")
    return "".join(f"[{one}]" if one in "*?[" else one for one in text)
