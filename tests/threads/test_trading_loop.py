"""The trading loop with its thread running: order, lanes, refusals, and the clock under flood."""

from collections.abc import Sequence
from datetime import UTC
from itertools import pairwise

import pytest

from core import commands, events
from core.errors import EngineBusy
from core.messages import Message
from services.trading_loop import INBOX_SLOTS, URGENT, URGENT_SLOTS, TradingLoop
from tests.threads.crowd import each, together
from tests.threads.loop_bench import (
    CLOSE,
    ENTRY,
    URGENT_COMMANDS,
    Record,
    RunningClock,
    built,
    everything,
    ordinary,
    post_all,
    running,
    spoken,
)

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


@pytest.mark.row(72)
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


@pytest.mark.row(142)
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
    assert all(step >= 0.25 for step in steps[:-1])  # the last one comes with the end
