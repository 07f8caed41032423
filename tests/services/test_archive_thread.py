"""Trades are handed over at once and kept in their own time; a disk that fails is told of once and stops nothing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from threading import Event, current_thread

import pytest

from core.announcement import Announcement, Level
from core.errors import EngineBusy, PersistenceError
from core.events import Link, LinkChanged
from core.history import HistoryArrived, HistoryFailed, HistoryWanted
from core.market_board import TickBatch
from core.messages import Message
from core.model.bar import BarSource, ChartKey, Interval
from core.model.market import Aggressor, Tick
from services import archive_thread
from services.archive_thread import ArchiveThread
from tests.fakes.clock import START, ManualClock

KEY = ChartKey("x", "ES", Interval.parse("1m"))
WITHIN_S = 10.0


class Shelf:
    """A store that notes what it is given, and fails when told to."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, int, bool]] = []
        self.threads: set[str] = set()
        self.tidied: list[date] = []
        self.error: Exception | None = None
        self.flushes = 0

    def append(self, batch: TickBatch, *, is_gap: bool) -> None:
        self.threads.add(current_thread().name)
        if self.error is not None:
            raise self.error
        self.kept.append((batch.symbol, len(batch.ticks), is_gap))

    def flush(self) -> None:
        self.flushes += 1

    def tidy(self, today: date) -> None:
        self.tidied.append(today)

    def history(self, wanted: HistoryWanted) -> HistoryArrived:
        if self.error is not None:
            raise self.error
        return HistoryArrived(wanted.ticket, wanted.key, (), BarSource.OWN, False)


class Bench:
    def __init__(self) -> None:
        self.shelf, self.clock = Shelf(), ManualClock()
        self.answers: list[Message] = []
        self.told: list[Announcement] = []
        self.thread = ArchiveThread(self.shelf, self.post, self.told.append, self.clock)
        self.busy = False

    def post(self, message: Message) -> None:
        if self.busy:
            raise EngineBusy("busy")
        self.answers.append(message)

    def trade(self, count: int = 1, symbol: str = "ES", dropped: int = 0) -> None:
        ticks = tuple(Tick(symbol, Decimal(1), Decimal(1), Aggressor.BUYER, START, START) for _ in range(count))
        self.thread.on_ticks([TickBatch("x", symbol, ticks, dropped)])

    def turn(self) -> None:
        """Wait until the thread has looked after everything that waits."""
        before = len(self.answers)
        self.thread.request_history(HistoryWanted(1, KEY, START))
        self.until(lambda: len(self.answers) > before)

    def until(self, condition: Callable[[], bool]) -> None:
        waited = Event()
        for _ in range(int(WITHIN_S / 0.005)):
            if condition():
                return
            waited.wait(0.005)
        raise AssertionError("it did not happen")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.thread.start()
    yield made
    made.busy = False
    made.thread.stop()


def test_trades_are_kept_by_a_thread_of_its_own(bench: Bench) -> None:
    bench.trade(3)
    bench.turn()
    assert bench.shelf.kept == [("ES", 3, True)]
    assert bench.shelf.threads == {"archive"}


def test_what_waits_is_written_before_the_end(bench: Bench) -> None:
    bench.trade(2)
    bench.thread.stop()
    bench.thread.stop()
    assert bench.shelf.kept == [("ES", 2, True)]
    assert not bench.thread.thread.is_alive()


def test_the_first_trades_and_those_after_a_loss_are_marked(bench: Bench) -> None:
    for act in (
        bench.trade,
        bench.trade,
        lambda: bench.trade(dropped=5),
        lambda: bench.trade(symbol="NQ"),
        lambda: bench.thread.on_link_changed(LinkChanged("x", Link.OFFLINE, START)),
        bench.trade,
        bench.trade,
    ):
        act()
        bench.turn()
    assert [marked for _, _, marked in bench.shelf.kept] == [True, False, True, True, True, False]


def test_a_disk_that_fails_is_told_of_once_and_tried_again_later(bench: Bench) -> None:
    bench.shelf.error = PersistenceError("the disk is full")
    bench.trade()
    bench.turn()
    bench.trade()
    bench.turn()
    assert [one.level for one in bench.told] == [Level.CAUTION]
    assert "the disk is full" in bench.told[0].text
    assert bench.thread.problem == bench.told[0].text
    bench.shelf.error = None
    bench.trade()
    bench.turn()
    assert bench.shelf.kept == []
    bench.clock.advance(61)
    bench.trade()
    bench.turn()
    assert bench.shelf.kept == [("ES", 1, True)]
    assert [one.level for one in bench.told] == [Level.CAUTION, Level.INFO]
    assert bench.thread.problem == ""
    answers = [type(one) for one in bench.answers]
    assert answers == [HistoryFailed, HistoryFailed, HistoryArrived, HistoryArrived]


def test_a_fault_nobody_foresaw_ends_nothing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.shelf.error = RuntimeError("oh")
    bench.trade()
    bench.turn()
    assert bench.thread.thread.is_alive()
    assert [one.level for one in bench.told] == [Level.CAUTION]


def test_what_nobody_writes_is_dropped_and_the_next_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_thread, "MOST_TICKS", 100)
    bench = Bench()
    for _ in range(50):
        bench.trade(10)
    bench.thread.start()
    bench.thread.stop()
    assert sum(count for _, count, _ in bench.shelf.kept) == 100
    assert bench.shelf.kept[0][2]


def test_a_question_too_many_is_refused_with_a_sentence() -> None:
    bench = Bench()
    for ticket in range(100):
        bench.thread.request_history(HistoryWanted(ticket, KEY, START))
    refused = [one for one in bench.answers if isinstance(one, HistoryFailed)]
    assert len(refused) == 36
    assert "Too many" in refused[0].text


def test_old_files_are_looked_after_a_while_after_the_start(bench: Bench) -> None:
    bench.turn()
    assert bench.shelf.tidied == []
    bench.clock.advance(31)
    bench.turn()
    assert bench.shelf.tidied == [(START + timedelta(seconds=31)).date()]


def test_an_engine_that_is_busy_loses_an_answer_and_no_more(bench: Bench) -> None:
    bench.busy = True
    bench.thread.request_history(HistoryWanted(1, KEY, START))
    bench.until(lambda: bench.shelf.flushes > 1)
    bench.busy = False
    bench.turn()
    assert len(bench.answers) == 1
