"""The trades this program saw, kept by day and symbol: `ticks/<connection>/<symbol>/`.

    2026-11-20.001.parquet   a day that is over (by UTC), or a part of a busy one: compressed columns
    2026-11-20.002.csv       lines that are being packed; when the Parquet file of its name is there, they are in that
    2026-11-21.csv           today: a line for each trade, appended about once a second

A day is packed when it is over, at a start, or when it has grown too large. Prices and volumes are exact decimals. The
column `gap` marks a trade before which others may have been missed.

What the venue's clock says orders them. A replay of a day that is here already adds nothing: of each day only what is
later than its latest trade is taken, but for trades that are told a little late.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.errors import DiskFull, PersistenceError
from core.file_in_place import put_in_place
from core.history import HistoryArrived, HistoryWanted
from core.market_board import TickBatch
from core.model.bar import BarSource
from core.model.market import Tick
from data.tick_files import bars_in, latest_in, packed

FOLDER: Final = "ticks"
KEPT_DAYS: Final = 60
MOST_BYTES: Final = 4 << 30
LARGEST_CSV: Final = 128 << 20
ROOM_BYTES: Final = 1 << 30
_LATE_US: Final = 5_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_US: Final = 86_400_000_000


@dataclass(slots=True)
class _Journal:
    """The open day of a symbol: the number of lines, the latest trade in it, and lines that wait to be written."""

    day: int
    path: Path
    count: int
    latest_us: int
    lines: list[str] = field(default_factory=list)


class TickArchive:
    """The files; it implements `TickStore`. One thread at a time uses it."""

    def __init__(self, data_dir: Path, kept_days: int = KEPT_DAYS, most_bytes: int = MOST_BYTES) -> None:
        """Prepare; nothing is touched yet."""
        self._root = data_dir / FOLDER
        self._kept_days = kept_days
        self._most_bytes = most_bytes
        self._journals: dict[tuple[str, str], _Journal] = {}

    def append(self, batch: TickBatch, *, is_gap: bool) -> None:
        """Take trades to be written; raises PersistenceError when a day's file cannot be had."""
        key = (batch.connection, batch.symbol)
        for tick in batch.ticks:
            at_us = (tick.time - _EPOCH) // _MICROSECOND
            journal = self._journals.get(key)
            if journal is None or at_us // _DAY_US != journal.day:
                self._write(journal)
                journal = self._journals[key] = self._open(key, at_us // _DAY_US)
            if at_us < journal.latest_us - _LATE_US:
                continue  # it is here already, or the venue's clock was set back
            journal.latest_us = max(journal.latest_us, at_us)
            journal.count += 1
            journal.lines.append(_line(journal.count, at_us, tick, is_gap=is_gap))
            is_gap = False

    def flush(self) -> None:
        """Write what was taken; raises PersistenceError when the disk does not take it, which loses it."""
        for key, journal in self._journals.items():
            if journal.lines:
                self._write(journal)
                if journal.path.stat().st_size > LARGEST_CSV:
                    self._pack(journal.path)
                    self._journals[key] = _Journal(journal.day, journal.path, 0, journal.latest_us)

    def tidy(self, today: date) -> None:
        """Pack the days that are over, and drop the oldest where there are too many; raises PersistenceError."""
        with _translated(self._root):
            for path in sorted(self._root.glob("*/*/*.csv")):
                day = _day_of(path)
                if _is_part(path):
                    self._finish(path)
                elif day is not None and day < today and not any(one.path == path for one in self._journals.values()):
                    self._pack(path)
            files = sorted(self._root.glob("*/*/*.parquet"), key=lambda path: path.name, reverse=True)
            size = 0
            for path in files:
                size += path.stat().st_size
                day = _day_of(path)
                if day is not None and (size > self._most_bytes or day < today - timedelta(days=self._kept_days)):
                    path.unlink()

    def history(self, wanted: HistoryWanted) -> HistoryArrived:
        """Return the bars of a stretch; where nothing lies in one up to now, those of the latest day there is."""
        key = (wanted.key.connection, wanted.key.symbol)
        self.flush()
        folder = self._folder(key)
        with _translated(folder):
            there = sorted(path for path in folder.glob("*.*") if _day_of(path) is not None)
        files = [path for path in there if path.suffix != ".csv" or path.with_suffix(".parquet") not in there]
        since, until = wanted.since, wanted.until
        days = sorted({day for path in files if (day := _day_of(path)) is not None})
        if until is None and days and days[-1] < since.astimezone(UTC).date():
            since = datetime(days[-1].year, days[-1].month, days[-1].day, tzinfo=UTC)
        asked = HistoryWanted(wanted.ticket, wanted.key, since, until)
        bars = bars_in([path for path in files if _lies_in(path, since, until)], asked)
        has_older = bool(days) and days[0] < since.astimezone(UTC).date()
        return HistoryArrived(wanted.ticket, wanted.key, bars, BarSource.OWN, has_older)

    def _folder(self, key: tuple[str, str]) -> Path:
        connection, symbol = (_folder_name(name) for name in key)
        return self._root / connection / symbol

    def _open(self, key: tuple[str, str], day: int) -> _Journal:
        """Return the file of a day, with what is in it already."""
        folder = self._folder(key)
        name = (_EPOCH + timedelta(days=day)).date().isoformat()
        path = folder / f"{name}.csv"
        with _translated(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < ROOM_BYTES:
                raise DiskFull(f"{folder}: less than {ROOM_BYTES >> 30} GB are left on the disk")
            count, latest_us = _last_line(path)
            parts = list(folder.glob(f"{name}.*.parquet"))
        if parts:
            latest_us = max(latest_us, latest_in(parts))
        return _Journal(day, path, count, latest_us)

    def _write(self, journal: _Journal | None) -> None:
        if journal is None or not journal.lines:
            return
        text = "".join(journal.lines)
        journal.lines.clear()
        with _translated(journal.path), journal.path.open("a", encoding="ascii", newline="\n") as file:
            file.write(text)

    def _pack(self, path: Path) -> None:
        """Make a day's lines into one more Parquet file beside it, and remove them."""
        day = path.name.removesuffix(".csv")
        with _translated(path):
            numbers = [int(one.name.split(".")[1]) for one in path.parent.glob(f"{day}.*") if _is_part(one)]
            lines = path.with_name(f"{day}.{max(numbers, default=0) + 1:03d}.csv")
            put_in_place(path, lines)
        self._finish(lines)

    def _finish(self, lines: Path) -> None:
        """Pack lines that are a part already, unless they are packed and the program died before they were removed."""
        target = lines.with_suffix(".parquet")
        with _translated(lines):
            if not target.exists():
                making = target.with_suffix(".making")
                packed(lines, making)
                put_in_place(making, target)
            lines.unlink()


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PersistenceError(f"{path}: {error.strerror or error}") from error


def _folder_name(name: str) -> str:
    """Return a name as a folder may be called on every system; it never leads out of the one it is in."""
    quoted = quote(name, safe="")
    return quoted if quoted.strip(".") == quoted else quoted.replace(".", "%2E")


def _line(count: int, at_us: int, tick: Tick, *, is_gap: bool) -> str:
    return f"{count},{at_us},{tick.price:f},{tick.volume:f},{tick.aggressor.value},{int(is_gap)}\n"


def _last_line(path: Path) -> tuple[int, int]:
    """Return the number and the time of the last whole line of a file; a line that was cut off is cut away."""
    if not path.exists():
        return 0, 0
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 4096))
        tail = file.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        file.truncate(size - len(tail) + len(whole))
    last = whole.splitlines()[-1:] or [b""]
    number, _, rest = last[0].partition(b",")
    at = rest.partition(b",")[0]
    return (int(number), int(at)) if number.isdigit() and at.isdigit() else (0, 0)


def _day_of(path: Path) -> date | None:
    if path.suffix not in (".csv", ".parquet"):
        return None
    try:
        return date.fromisoformat(path.name.partition(".")[0])
    except ValueError:
        return None


def _is_part(path: Path) -> bool:
    return path.suffix in (".csv", ".parquet") and path.stem.partition(".")[2].isdigit()


def _lies_in(path: Path, since: datetime, until: datetime | None) -> bool:
    day = _day_of(path)
    assert day is not None
    return day >= since.astimezone(UTC).date() and (until is None or day <= until.astimezone(UTC).date())
