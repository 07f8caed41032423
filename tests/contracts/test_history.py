"""What every source of history keeps to: the venue over a real line, our own ticks from the disk, and the fake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random

import pytest

from core.clock import SystemClock
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistorySource, HistoryWanted
from core.market_board import TickBatch
from core.messages import Message
from core.model.bar import Bar, ChartKey, Interval
from core.model.bar_building import folded
from core.model.bar_clock import BarClock, hours_of
from core.model.market import Aggressor, Tick
from core.state_manager import StateManager
from data.simulator_store import SqliteSimulatorStore
from data.tick_archive import TickArchive
from services.archive_thread import ArchiveThread
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.fakes.history import MemoryHistory

SYMBOL = "BTC-PERP"
WITHIN_S = 20.0
# An hour ago and on the hour: what is asked of has been.
UNTIL = (datetime.now(UTC) - timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)


@dataclass
class Source:
    """A source, and the answers it gave."""

    history: HistorySource
    answers: SimpleQueue[Message]

    def ask(
        self, interval: str, back: timedelta, until: datetime | None = UNTIL, symbol: str = SYMBOL
    ) -> HistoryArrived | HistoryFailed:
        """Ask and wait; whatever else comes is told progress."""
        key = ChartKey("x", symbol, Interval.parse(interval))
        wanted = HistoryWanted(41, key, (until or UNTIL) - back, until)
        self.history.request_history(wanted)
        while True:
            answer = self.answers.get(timeout=WITHIN_S)
            if isinstance(answer, HistoryProgress):
                assert (answer.ticket, answer.key) == (41, key)
                assert answer.loaded <= answer.expected
            elif isinstance(answer, HistoryArrived | HistoryFailed):
                assert (answer.ticket, answer.key) == (41, key)
                return answer

    def bars(self, interval: str, back: timedelta, until: datetime | None = UNTIL) -> tuple[Bar, ...]:
        """Return the bars of an answer that has to be one."""
        answer = self.ask(interval, back, until)
        assert isinstance(answer, HistoryArrived), answer
        return answer.bars


def walk() -> list[Tick]:
    """Return trades of two days, some of them on the bounds of bars."""
    rng, moment, price, made = Random(3), UNTIL - timedelta(days=2), 190_000, []
    while moment < UNTIL + timedelta(minutes=30):
        price += rng.randint(-3, 3)
        side = rng.choice((Aggressor.BUYER, Aggressor.SELLER))
        made.append(Tick(SYMBOL, Decimal(price) / 2, Decimal(rng.randint(1, 9)) / 100, side, moment, moment))
        moment += timedelta(seconds=rng.choice((1, 15, 30, 60)))
    return made


@contextmanager
def venue(folder: Path) -> Iterator[Source]:
    answers: SimpleQueue[Message] = SimpleQueue()
    store = SqliteSimulatorStore(folder / "s.sqlite3")
    server = SimulatorServer(SimulatorSettings(folder, history_port=0), store)
    server.start()
    place = ConnectionSettings("x", "127.0.0.1", server.port, history_port=server.history_port)
    client = DtcClient(place, "", answers.put, StateManager(), SystemClock(), rng=Random(1), look_s=0.01)
    client.subscribe(SYMBOL)
    client.start()
    yield Source(client, answers)
    client.stop()
    server.stop()
    store.close()


@contextmanager
def archive(folder: Path) -> Iterator[Source]:
    answers: SimpleQueue[Message] = SimpleQueue()
    thread = ArchiveThread(TickArchive(folder), answers.put, lambda _: None, SystemClock())
    thread.start()
    thread.on_ticks([TickBatch("x", SYMBOL, tuple(walk()), 0)])
    yield Source(thread, answers)
    thread.stop()


@contextmanager
def memory(folder: Path) -> Iterator[Source]:
    answers: SimpleQueue[Message] = SimpleQueue()
    yield Source(MemoryHistory(walk(), answers.put), answers)


@pytest.fixture(scope="module", params=[venue, archive, memory], ids=lambda one: one.__name__)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    with request.param(tmp_path_factory.mktemp("source")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("interval", "back"),
    [("1s", 1), ("15s", 1), ("1m", 6), ("7m", 6), ("1h", 24), ("4h", 24), ("1d", 48), ("20t", 1), ("1t", 1)],
)
def test_bars_come_in_order_within_the_stretch_each_with_the_start_of_its_own(
    source: Source, interval: str, back: int
) -> None:
    bars = source.bars(interval, timedelta(hours=back))
    clock = BarClock(Interval.parse(interval), hours_of(SYMBOL))
    starts = [bar.start for bar in bars]
    assert starts
    assert starts == sorted(starts)
    assert all(start < UNTIL for start in starts)
    if Interval.parse(interval).seconds is not None:
        assert len(set(starts)) == len(starts)
        assert all(clock.period(start).start == start for start in starts)
        assert starts[0] >= clock.period(UNTIL - timedelta(hours=back)).start
    else:
        assert all(bar.trades == Interval.parse(interval).count for bar in bars[:-1])
        assert starts[0] >= UNTIL - timedelta(hours=back)
    for bar in bars:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.volume > 0
        assert bar.bid_volume + bar.ask_volume <= bar.volume


@pytest.mark.parametrize(("short", "long"), [("1s", "1m"), ("1m", "5m"), ("5m", "1h"), ("1h", "4h")])
def test_longer_bars_are_what_the_shorter_ones_make(source: Source, short: str, long: str) -> None:
    back = timedelta(hours=1 if short == "1s" else 8)
    clock = BarClock(Interval.parse(long), hours_of(SYMBOL))
    made = {bar.start: bar for bar in folded(source.bars(short, back), clock)}
    for bar in source.bars(long, back)[1:]:
        mine = made[bar.start]
        assert (mine.open, mine.high, mine.low, mine.close) == (bar.open, bar.high, bar.low, bar.close)
        assert (mine.volume, mine.trades) == (bar.volume, bar.trades)


def test_two_stretches_side_by_side_are_the_whole(source: Source) -> None:
    middle = UNTIL - timedelta(hours=3)
    whole = source.bars("1m", timedelta(hours=6))
    first, second = source.bars("1m", timedelta(hours=3), middle), source.bars("1m", timedelta(hours=3))
    assert first + second == whole


def test_up_to_now_is_at_least_what_was_up_to_then(source: Source) -> None:
    then, now = source.bars("1m", timedelta(hours=2)), source.bars("1m", timedelta(hours=2), None)
    assert now[: len(then)] == then


def test_a_stretch_long_ago_has_nothing(source: Source) -> None:
    assert source.bars("1m", timedelta(hours=1), datetime(2001, 1, 1, tzinfo=UTC)) == ()


def test_a_symbol_nobody_knows_has_no_bars_and_an_answer(source: Source) -> None:
    answer = source.ask("1m", timedelta(hours=1), symbol="NOSUCH")
    assert not answer.bars if isinstance(answer, HistoryArrived) else answer.text


def test_one_question_has_one_answer(source: Source) -> None:
    source.ask("1m", timedelta(hours=1))
    with pytest.raises(Empty):
        while True:
            extra = source.answers.get(timeout=0.3)
            assert not isinstance(extra, HistoryArrived | HistoryFailed)
