"""Trades are kept by day and found again as bars: exact, whole over a kill, packed when a day is over, and bounded."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from core.errors import DiskFull, PersistenceError
from core.history import HistoryArrived, HistoryWanted
from core.market_board import TickBatch
from core.model.bar import Bar, BarSource, ChartKey, Interval
from core.model.bar_building import BarBuilder
from core.model.bar_clock import hours_of
from core.model.market import Aggressor, Tick
from data import tick_archive
from data.tick_archive import TickArchive

SYMBOL = "ESZ26_FUT_CME"
START = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)
SIDES = (Aggressor.BUYER, Aggressor.SELLER, Aggressor.UNKNOWN)


def tick(moment: datetime, price: str = "5000.25", volume: str = "1", symbol: str = SYMBOL) -> Tick:
    return Tick(symbol, Decimal(price), Decimal(volume), Aggressor.BUYER, moment, moment)


def walk(seed: int = 1, count: int = 3_000, start: datetime = START, longest_s: float = 60.0) -> list[Tick]:
    rng, moment, price, made = Random(seed), start, 20_000, []
    for _ in range(count):
        moment += timedelta(seconds=rng.random() * longest_s)
        price += rng.randint(-2, 2)
        size, side = Decimal(rng.randint(1, 9)), rng.choice(SIDES)
        made.append(Tick(SYMBOL, Decimal(price) / 4, size, side, moment, moment))
    return made


def keep(archive: TickArchive, ticks: Iterable[Tick], *, is_gap: bool = False, connection: str = "x") -> None:
    told = tuple(ticks)
    archive.append(TickBatch(connection, told[0].symbol, told, 0), is_gap=is_gap)
    archive.flush()


def find(
    archive: TickArchive, interval: str = "1m", since: datetime = START, until: datetime | None = None
) -> HistoryArrived:
    return archive.history(HistoryWanted(3, ChartKey("x", SYMBOL, Interval.parse(interval)), since, until))


def folded_here(ticks: list[Tick], interval: str) -> tuple[Bar, ...]:
    builder = BarBuilder(Interval.parse(interval), hours_of(SYMBOL))
    bars = builder.add(ticks)
    assert builder.forming is not None
    return (*bars, builder.forming)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("ticks/*/*/*"))


@pytest.mark.parametrize("interval", ["1s", "15s", "1m", "7m", "1h", "4h", "1d", "100t", "7t"])
def test_what_was_kept_makes_the_bars_the_trades_made(tmp_path: Path, interval: str) -> None:
    ticks = walk()  # over several days
    archive = TickArchive(tmp_path)
    for at in range(0, len(ticks), 700):
        keep(archive, ticks[at : at + 700])
    found = find(archive, interval)
    assert found.bars == folded_here(ticks, interval)
    assert (found.source, found.ticket) == (BarSource.OWN, 3)
    archive.tidy(date(2026, 12, 1))
    assert TickArchive(tmp_path).history(HistoryWanted(3, found.key, START)).bars == found.bars


def test_prices_come_back_as_they_were(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    for n, price in enumerate(("0.00001234", "110.515625", "95000", "-37.63", "5000.250")):
        keep(archive, [tick(START + timedelta(minutes=n), price, "0.001")])
    archive.tidy(date(2026, 12, 1))
    assert [str(bar.close) for bar in find(archive).bars] == ["0.00001234", "110.515625", "95000", "-37.63", "5000.25"]


def test_a_day_that_is_over_is_packed_and_today_is_not(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START), tick(START + timedelta(days=1))])
    assert files(tmp_path) == ["2026-11-19.csv", "2026-11-20.csv"]
    archive.tidy(date(2026, 11, 20))
    assert files(tmp_path) == ["2026-11-19.001.parquet", "2026-11-20.csv"]
    assert len(find(archive).bars) == 2


def test_a_kill_costs_at_most_what_was_not_written_and_a_line_cut_off_is_cut_away(tmp_path: Path) -> None:
    ticks = walk(count=500, longest_s=2.0)
    keep(TickArchive(tmp_path), ticks[:300])
    (path,) = tmp_path.glob("ticks/*/*/*.csv")
    path.write_text(path.read_text() + "301,17950", newline="\n")
    after = TickArchive(tmp_path)
    keep(after, ticks[300:])
    assert find(after).bars == folded_here(ticks, "1m")


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_kill_while_a_day_is_packed_neither_loses_nor_doubles_it(tmp_path: Path, is_packed: bool) -> None:
    ticks = walk(count=200, longest_s=20.0)
    keep(TickArchive(tmp_path), ticks)
    (journal,) = tmp_path.glob("ticks/*/*/*.csv")
    lines = journal.read_bytes()
    if is_packed:
        TickArchive(tmp_path).tidy(START.date() + timedelta(days=1))
    else:
        journal.unlink()
    left = journal.with_name(f"{START.date()}.001.csv")
    left.write_bytes(lines)
    for _ in range(2):
        archive = TickArchive(tmp_path)
        assert find(archive).bars == folded_here(ticks, "1m")
        archive.tidy(START.date())
    assert files(tmp_path) == [f"{START.date()}.001.parquet"]


def test_days_that_are_replayed_are_not_kept_twice(tmp_path: Path) -> None:
    ticks = walk(count=500)
    keep(TickArchive(tmp_path), ticks)
    again = TickArchive(tmp_path)
    keep(again, ticks[:400])
    keep(again, [tick(ticks[-1].time + timedelta(seconds=9))])
    again.tidy(date(2026, 12, 1))
    keep(again, ticks)
    assert sum(bar.trades for bar in find(again).bars) == 501


def test_a_trade_told_a_little_late_is_kept(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START + timedelta(seconds=3)), tick(START)])
    assert sum(bar.trades for bar in find(archive).bars) == 2


def test_missed_trades_mark_their_bars(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START)], is_gap=True)
    keep(archive, [tick(START + timedelta(minutes=1))])
    assert [bar.is_gap for bar in find(archive).bars] == [True, False]
    assert [bar.is_gap for bar in find(archive, "1t").bars] == [True, False]


def test_a_busy_day_is_packed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_archive, "LARGEST_CSV", 5_000)
    ticks = walk(count=900, longest_s=1.0)
    archive = TickArchive(tmp_path)
    for at in range(0, 900, 50):
        keep(archive, ticks[at : at + 50])
    assert len([name for name in files(tmp_path) if name.endswith(".parquet")]) > 3
    assert find(archive).bars == folded_here(ticks, "1m")


def test_old_days_go_by_age_and_by_size(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path, kept_days=5)
    keep(archive, [tick(START + timedelta(days=day)) for day in range(10)])
    archive.tidy(date(2026, 11, 29))
    assert [name[:10] for name in files(tmp_path)] == [f"2026-11-{day}" for day in range(24, 29)]
    TickArchive(tmp_path, most_bytes=1).tidy(date(2026, 11, 29))
    assert [name for name in files(tmp_path) if name.endswith(".parquet")] == []


def test_a_stretch_is_what_is_asked_for_and_older_days_are_told(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START + timedelta(hours=12 * n)) for n in range(6)])
    found = find(archive, since=START + timedelta(days=1), until=START + timedelta(days=2))
    assert [bar.start for bar in found.bars] == [START + timedelta(hours=hours) for hours in (24, 36)]
    assert found.has_older
    assert not find(archive).has_older


def test_the_latest_day_is_shown_when_nothing_is_newer(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START - timedelta(days=1)), tick(START)])
    found = find(archive, since=START + timedelta(days=9))
    assert [bar.start for bar in found.bars] == [START]
    assert found.has_older


def test_a_symbol_is_found_whatever_it_is_called(tmp_path: Path) -> None:
    archive = TickArchive(tmp_path)
    name = "../a/b*?[c] 'd\";--"
    keep(archive, [tick(START, symbol=name)], connection="..")
    key = ChartKey("..", name, Interval.parse("1m"))
    assert len(archive.history(HistoryWanted(1, key, START)).bars) == 1
    assert len(list(tmp_path.glob("ticks/*/*/*.csv"))) == 1
    archive.tidy(date(2026, 12, 1))
    assert len(archive.history(HistoryWanted(1, key, START)).bars) == 1


def test_a_file_that_cannot_be_read_costs_its_day_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = TickArchive(tmp_path)
    keep(archive, [tick(START), tick(START + timedelta(days=1))])
    archive.tidy(date(2026, 12, 1))
    (tmp_path / "ticks" / "x" / SYMBOL / "2026-11-19.001.parquet").write_bytes(b"no parquet")
    assert [bar.start for bar in find(archive).bars] == [START + timedelta(days=1)]


def test_nothing_kept_is_an_answer_too(tmp_path: Path) -> None:
    found = find(TickArchive(tmp_path))
    assert found.bars == ()
    assert not found.has_older


def test_a_folder_that_cannot_be_had_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "ticks").write_text("a file")
    with pytest.raises(PersistenceError):
        keep(TickArchive(tmp_path), [tick(START)])


def test_a_disk_that_is_nearly_full_is_left_to_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_archive, "ROOM_BYTES", 1 << 60)
    with pytest.raises(DiskFull):
        keep(TickArchive(tmp_path), [tick(START)])
