"""The trading loop with its thread running: what follows from a message, faults, announcements, and its end."""

from collections.abc import Callable, Sequence
from threading import Event, Thread, current_thread

import pytest

from core import events
from core.errors import DiskFull, EngineBusy
from core.messages import Message
from core.state_manager import StateManager
from services.trading_loop import TradingLoop
from tests.fakes.clock import ManualClock
from tests.threads.crowd import WITHIN_S, each, together
from tests.threads.loop_bench import AT, CLOSE, ENTRY, Handler, Record, Told, built, ordinary, running, spoken

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


def test_a_clock_whose_handlers_are_slow_does_not_starve_a_close() -> None:
    clock = ManualClock()
    record = Record()

    def slow(message: events.ClockTicked) -> Sequence[Message]:
        clock.advance(0.3)  # a commit on a slow disk, longer than the time between two ticks
        return ()

    loop = TradingLoop({**ordinary(record), events.ClockTicked: (slow,)}, StateManager(), clock)
    loop.post(CLOSE)
    loop.post(spoken("fill"))
    with running(loop):
        record.wait_for(lambda: len(record.messages) == 2)
    assert record.messages == [CLOSE, spoken("fill")]


@pytest.mark.usefixtures("caplog")
def test_a_receiver_of_announcements_that_raises_does_not_end_the_thread() -> None:
    record = Record()
    state = StateManager()
    loop = TradingLoop(ordinary(record), state, ManualClock())

    def receiver(sender: object, announcement: events.Announcement) -> None:
        raise RuntimeError("the window is gone already")

    loop.announced.connect(receiver)
    with running(loop):
        loop.post(said("look"))
        loop.post(CLOSE)
        record.wait_for(lambda: record.messages == [CLOSE])
    assert said("look") in state.snapshot().notices
