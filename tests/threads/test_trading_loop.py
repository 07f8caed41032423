"""The trading loop with its thread running: order, lanes, refusals, faults, the clock under flood, and its end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from threading import Condition, Event, Thread, current_thread

import pytest

from core import commands, events
from core.errors import DiskFull, EngineBusy
from core.messages import Message
from core.model.fill import Side
from core.model.operation import CloseChoice
from core.model.order import OrderType
from core.model.scope import AccountKey, PositionKey
from core.state_manager import StateManager
from services.trading_loop import INBOX_SLOTS, URGENT, URGENT_SLOTS, TradingLoop
from tests.fakes.clock import ManualClock
from tests.threads.crowd import WITHIN_S, each, together

KEY = PositionKey("sim", "Sim1", "ESZ6")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
CLOSE = commands.ClosePosition("press", KEY)
URGENT_COMMANDS: Sequence[Message] = (
    CLOSE,
    commands.AnswerClose("press", CloseChoice.RETRY),
    commands.FlattenAccount("press", AccountKey("sim", "Sim1")),
    commands.CancelOrder("ST1"),
)
ENTRY = commands.SubmitOrder("press", KEY, Side.BUY, OrderType.MARKET, Decimal(1))

Handler = Callable[..., Sequence[Message]]


def spoken(text: object) -> events.VenueSpoke:
    """Return a message of the ordinary lane that carries a text."""
    return events.VenueSpoke("sim", str(text))


class RunningClock(ManualClock):
    """A clock on which a hundredth of a second passes whenever the time is asked for."""

    def monotonic(self) -> float:
        self.advance(0.01)
        return super().monotonic()


class Record:
    """A handler that keeps what it was given, and lets a test wait for it.

    Attributes:
        threads: the names of the threads it was called in.
    """

    def __init__(self, then: Callable[[Message], Sequence[Message]] = lambda message: ()) -> None:
        self.messages: list[Message] = []
        self.threads: set[str] = set()
        self._then = then
        self._changed = Condition()

    def __call__(self, message: Message) -> Sequence[Message]:
        with self._changed:
            self.messages.append(message)
            self.threads.add(current_thread().name)
            self._changed.notify_all()
        return self._then(message)

    def texts(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, events.VenueSpoke)]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, WITHIN_S), f"in vain, after {len(self.messages)} messages"


class Told:
    """A receiver of announcements."""

    def __init__(self, loop: TradingLoop) -> None:
        self.announcements: list[events.Announcement] = []
        loop.announced.connect(self._hear)

    def _hear(self, sender: object, announcement: events.Announcement) -> None:
        self.announcements.append(announcement)


def everything(handler: Handler) -> Mapping[type, tuple[Handler, ...]]:
    """Route every message these tests post to one handler."""
    kinds = (events.VenueSpoke, events.ClockTicked, events.TicksWaiting, commands.SubmitOrder, *URGENT)
    return dict.fromkeys(kinds, (handler,))


def ordinary(handler: Handler) -> Mapping[type, tuple[Handler, ...]]:
    """Route everything but the clock to one handler."""
    return {kind: handlers for kind, handlers in everything(handler).items() if kind is not events.ClockTicked}


def built(routes: Mapping[type, tuple[Handler, ...]], clock: ManualClock | None = None) -> TradingLoop:
    return TradingLoop(routes, StateManager(), clock or ManualClock())


def post_all(loop: TradingLoop, number: int) -> None:
    for step in range(100):
        loop.post(spoken(f"{number}-{step}"))


@contextmanager
def running(loop: TradingLoop) -> Iterator[TradingLoop]:
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()
        assert not loop.thread.is_alive()


# -- order and lanes -------------------------------------------------------------------------------------------------


def test_messages_are_handled_in_the_order_they_were_posted_and_in_one_thread() -> None:
    record = Record()
    loop = built(ordinary(record))
    with running(loop):
        for number in range(500):
            loop.post(spoken(number))
        record.wait_for(lambda: len(record.messages) == 500)
    assert record.texts() == [str(number) for number in range(500)]
    assert record.threads == {"trading"}


def test_what_many_threads_post_is_handled_once_and_for_each_in_its_own_order() -> None:
    record = Record()
    loop = built(ordinary(record))
    with running(loop):
        together(*each(20, lambda number: post_all(loop, number)))
        record.wait_for(lambda: len(record.messages) == 2000)
    for number in range(20):
        mine = [text for text in record.texts() if text.startswith(f"{number}-")]
        assert mine == [f"{number}-{step}" for step in range(100)]


def test_the_urgent_lane_keeps_its_own_order() -> None:
    record = Record()
    loop = built(ordinary(record))
    for number in range(50):
        loop.post(commands.CancelOrder(f"ST{number}"))
    with running(loop):
        record.wait_for(lambda: len(record.messages) == 50)
    assert record.messages == [commands.CancelOrder(f"ST{number}") for number in range(50)]


@pytest.mark.parametrize("command", URGENT_COMMANDS, ids=lambda one: type(one).__name__)
def test_what_reduces_risk_goes_ahead_of_a_full_inbox(command: Message) -> None:
    record = Record()
    loop = built(ordinary(record))
    for number in range(INBOX_SLOTS):
        loop.post(spoken(number))
    loop.post(command)
    with running(loop):
        record.wait_for(lambda: len(record.messages) >= 1)
    assert record.messages[0] == command
    assert len(record.messages) == INBOX_SLOTS + 1


def test_every_urgent_kind_is_tried_here() -> None:
    assert {type(command) for command in URGENT_COMMANDS} == set(URGENT)


def test_a_close_posted_in_the_middle_of_a_flood_is_the_very_next_message() -> None:
    loop: TradingLoop

    def press(message: Message) -> Sequence[Message]:
        if message == spoken(10):
            loop.post(CLOSE)
        return ()

    record = Record(press)
    loop = built(ordinary(record))
    for number in range(1000):
        loop.post(spoken(number))
    with running(loop):
        record.wait_for(lambda: len(record.messages) == 1001)
    assert record.messages[11] == CLOSE


# -- refusals --------------------------------------------------------------------------------------------------------


def test_an_entry_is_refused_only_when_the_inbox_is_full_and_then_nothing_is_queued() -> None:
    record = Record()
    loop = built(ordinary(record))
    for number in range(INBOX_SLOTS - 1):
        loop.post(spoken(number))
    loop.post(ENTRY)
    with pytest.raises(EngineBusy, match="nothing was sent"):
        loop.post(ENTRY)
    with running(loop):
        record.wait_for(lambda: len(record.messages) == INBOX_SLOTS)
        loop.post(ENTRY)
        record.wait_for(lambda: len(record.messages) == INBOX_SLOTS + 1)
    assert record.messages.count(ENTRY) == 2


def test_the_urgent_lane_has_slots_of_its_own() -> None:
    loop = built({})
    for number in range(INBOX_SLOTS):
        loop.post(spoken(number))
    for _ in range(URGENT_SLOTS):
        loop.post(CLOSE)
    with pytest.raises(EngineBusy):
        loop.post(CLOSE)


def test_of_many_threads_at_a_nearly_full_inbox_exactly_as_many_get_in_as_there_is_room() -> None:
    loop = built({})
    for number in range(INBOX_SLOTS - 37):
        loop.post(spoken(number))
    refused: list[int] = []

    def post(number: int) -> None:
        try:
            loop.post(spoken(number))
        except EngineBusy:
            refused.append(number)

    together(*each(100, post))
    assert len(refused) == 100 - 37


# -- the clock -------------------------------------------------------------------------------------------------------


def test_the_clock_goes_on_under_a_flood() -> None:
    record = Record()
    loop = built(everything(record), RunningClock())
    for number in range(5000):
        loop.post(spoken(number))
    with running(loop):
        record.wait_for(lambda: len(record.texts()) == 5000)
    gaps, since = [], 0
    for message in record.messages:
        if isinstance(message, events.ClockTicked):
            gaps.append(since)
            since = 0
        else:
            since += 1
    assert len(gaps) > 150
    # A quarter of a second is twenty-five looks at this clock; each message takes one.
    assert max(gaps) <= 26


def test_the_clock_tells_wall_and_monotonic_time_and_never_runs_backwards() -> None:
    record = Record()
    loop = built({events.ClockTicked: (record,)}, RunningClock())
    with running(loop):
        record.wait_for(lambda: len(record.messages) >= 1)
        for _ in range(300):
            loop.post(spoken("a look at the clock"))
        record.wait_for(lambda: len(record.messages) >= 8)
    ticks = [message for message in record.messages if isinstance(message, events.ClockTicked)]
    assert all(tick.now.tzinfo is UTC for tick in ticks)
    steps = [later.monotonic_s - earlier.monotonic_s for earlier, later in pairwise(ticks)]
    assert all(step >= 0.25 for step in steps)


# -- what follows from a message -------------------------------------------------------------------------------------


def test_what_follows_is_handled_depth_first_and_in_order_before_the_next_message() -> None:
    follows = {"a": ["b", "c"], "b": ["d", "e"], "c": ["f"], "e": ["g"]}
    record = Record(lambda message: [spoken(text) for text in follows.get(message.text, [])])  # type: ignore[union-attr]
    loop = built(ordinary(record))
    for text in ("a", "next"):
        loop.post(spoken(text))
    with running(loop):
        record.wait_for(lambda: "next" in record.texts())
    assert record.texts() == ["a", "b", "d", "e", "g", "c", "f", "next"]


def test_the_handlers_of_one_message_run_in_the_order_of_the_routes_before_anything_that_follows() -> None:
    order: list[str] = []

    def handler(name: str, follow: str) -> Handler:
        def handle(message: events.VenueSpoke) -> Sequence[Message]:
            order.append(f"{name}:{message.text}")
            return [spoken(follow)] if message.text == "a" else []

        return handle

    loop = built({events.VenueSpoke: (handler("one", "x"), handler("two", "y"))})
    loop.handle(spoken("a"))
    assert order == ["one:a", "two:a", "one:x", "two:x", "one:y", "two:y"]


def test_a_wide_cascade_is_handled_to_its_end() -> None:
    record = Record(lambda message: [spoken(number) for number in range(30_000)] if message == spoken("day") else [])
    loop = built(ordinary(record))
    loop.handle(spoken("day"))
    assert len(record.messages) == 30_001


def test_an_endless_chain_is_cut_halts_entries_and_the_loop_goes_on() -> None:
    record = Record(lambda message: [message] if message == spoken("again") else [])
    state = StateManager()
    loop = TradingLoop(ordinary(record), state, ManualClock())
    told = Told(loop)
    loop.post(spoken("again"))
    loop.post(CLOSE)
    with running(loop):
        record.wait_for(lambda: CLOSE in record.messages)
    assert "endless" in state.snapshot().halted
    assert [one.level for one in told.announcements] == [events.Level.ALARM]


# -- faults ----------------------------------------------------------------------------------------------------------


def fail_at(text: str, error: Exception) -> Callable[[Message], Sequence[Message]]:
    def then(message: Message) -> Sequence[Message]:
        if message == spoken(text):
            raise error
        return ()

    return then


@pytest.mark.usefixtures("caplog")
@pytest.mark.parametrize("error", [ValueError("odd"), AssertionError(), KeyError("x"), RecursionError()])
def test_a_handler_that_raises_halts_entries_is_announced_and_the_loop_goes_on(error: Exception) -> None:
    record, second = Record(fail_at("bad", error)), Record()
    state = StateManager()
    routes = dict(ordinary(record)) | {events.VenueSpoke: (record, second)}
    loop = TradingLoop(routes, state, ManualClock())
    told = Told(loop)
    with running(loop):
        for text in ("good", "bad", "after"):
            loop.post(spoken(text))
        loop.post(CLOSE)
        record.wait_for(lambda: len(record.messages) == 4)
    assert type(error).__name__ in state.snapshot().halted
    (alarm,) = told.announcements
    assert (alarm.level, alarm.text) == (events.Level.ALARM, state.snapshot().halted)
    assert alarm in state.snapshot().notices
    # The other handlers of the same message had their turn.
    assert second.texts() == ["good", "bad", "after"]


@pytest.mark.usefixtures("caplog")
def test_a_store_that_fails_halts_entries_and_says_what_the_disk_said() -> None:
    record = Record(fail_at("bad", DiskFull("No room left on the disk.")))
    state = StateManager()
    loop = TradingLoop(ordinary(record), state, ManualClock())
    told = Told(loop)
    with running(loop):
        loop.post(spoken("bad"))
        loop.post(CLOSE)
        record.wait_for(lambda: len(record.messages) == 2)
    assert "No room left on the disk." in state.snapshot().halted
    (alarm,) = told.announcements
    assert alarm.level is events.Level.ALARM
    assert "No room left on the disk." in alarm.text and "closing still works" in alarm.text


# -- announcements ---------------------------------------------------------------------------------------------------


def said(text: str) -> events.Announcement:
    return events.Announcement(events.Level.INFO, text, AT)


def test_announcements_are_delivered_once_each_in_order_and_kept() -> None:
    state = StateManager()
    follows: dict[str, Sequence[Message]] = {
        "a": [said("one"), spoken("inner"), said("three")],
        "inner": [said("two")],
    }
    record = Record(lambda message: follows.get(message.text, []))  # type: ignore[union-attr]
    loop = TradingLoop(ordinary(record), state, ManualClock())
    told = Told(loop)
    loop.post(spoken("a"))
    with running(loop):
        record.wait_for(lambda: len(record.messages) == 2)
    assert [one.text for one in told.announcements] == ["one", "two", "three"]
    assert [one.text for one in state.snapshot().notices] == ["one", "two", "three"]


def test_an_announcement_is_told_in_the_trading_thread_and_under_no_lock() -> None:
    state = StateManager()
    loop = TradingLoop({}, state, ManualClock())
    heard: list[tuple[str, bool]] = []
    done = Event()

    def go_through() -> None:
        loop.post(spoken("through"))
        state.select_symbol("sim", "ESZ6")

    def receiver(sender: object, announcement: events.Announcement) -> None:
        heard.append((current_thread().name, state.held()))
        # Another thread gets through every lock while this one is still in here.
        other = Thread(target=go_through, daemon=True)
        other.start()
        other.join(WITHIN_S)
        heard.append(("stuck", other.is_alive()))
        done.set()

    loop.announced.connect(receiver)
    with running(loop):
        loop.post(said("look"))
        assert done.wait(WITHIN_S)
    assert heard == [("trading", False), ("stuck", False)]


# -- the end ---------------------------------------------------------------------------------------------------------


def test_stopping_handles_what_is_queued_and_then_ends_the_thread() -> None:
    record = Record()
    loop = built(ordinary(record))
    for number in range(2000):
        loop.post(spoken(number))
    loop.post(CLOSE)
    loop.start()
    loop.stop()
    assert not loop.thread.is_alive()
    assert len(record.messages) == 2001


def test_what_is_posted_after_the_end_is_refused_on_both_lanes() -> None:
    loop = built({})
    with running(loop):
        pass
    for message in (ENTRY, CLOSE, spoken("late")):
        with pytest.raises(EngineBusy, match="ended"):
            loop.post(message)


def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    loop = built({})
    loop.stop()
    with pytest.raises(EngineBusy):
        loop.post(CLOSE)
    started = built({})
    started.start()
    together(*each(5, lambda number: started.stop()))
    started.stop()
    assert not started.thread.is_alive()


def test_among_threads_that_post_while_it_ends_what_was_taken_is_handled_and_the_rest_was_refused() -> None:
    for _ in range(10):
        record = Record()
        loop = built(ordinary(record))
        loop.start()
        taken: list[str] = []

        def post(number: int, loop: TradingLoop = loop, taken: list[str] = taken) -> None:
            for step in range(200):
                try:
                    loop.post(spoken(f"{number}-{step}"))
                except EngineBusy:
                    return
                taken.append(f"{number}-{step}")

        together(*each(8, post), loop.stop)
        loop.stop()
        assert sorted(record.texts()) == sorted(taken)
