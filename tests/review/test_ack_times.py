"""The status bar shows how long the broker takes to answer an order."""

import pytest

from core.model.fill import Side
from core.model.order import OrderType
from services.ack_times import REMEMBERED, AckTimes
from tests.fakes.broker import Fate
from tests.fakes.engine import Desk


def ack_ms(desk: Desk) -> float | None:
    return desk.snapshot.connections["sim"].ack_ms


def answer_after(desk: Desk, seconds: float) -> None:
    """Have an order acknowledged after a time."""
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.clock.advance(seconds)
    desk.broker.release()
    desk.settle()


def test_the_time_from_sent_to_the_first_word_is_shown_as_its_median(desk: Desk) -> None:
    assert ack_ms(desk) is None
    for seconds in (0.010, 0.500, 0.020):
        answer_after(desk, seconds)
    assert round(ack_ms(desk) or 0, 3) == 20
    desk.broker.fill(desk.broker.last(), 1, "4990")  # a later word is no first one
    desk.settle()
    assert round(ack_ms(desk) or 0, 3) == 20


@pytest.mark.row(142)
def test_a_clock_that_is_set_does_not_touch_it(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.clock.advance(0.030)
    desk.clock.jump_wall(-3600)
    desk.broker.release()
    desk.settle()
    assert round(ack_ms(desk) or 0, 3) == 30


def test_it_outlives_a_reconnect_and_counts_no_order_the_line_lost(desk: Desk) -> None:
    answer_after(desk, 0.040)
    desk.broker.script.fate = Fate.SEEN
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4991")
    desk.clock.advance(60)
    desk.broker.connect()
    desk.settle()
    assert round(ack_ms(desk) or 0, 3) == 40


def test_the_slowest_twentieth_is_told_beside_it(desk: Desk) -> None:
    for seconds in (*[0.010] * 19, 0.700):
        answer_after(desk, seconds)
    line = desk.snapshot.connections["sim"]
    assert (round(line.ack_ms or 0), round(line.ack_slow_ms or 0)) == (10, 700)


def test_only_the_last_fifty_count() -> None:
    times = AckTimes()
    for number in range(REMEMBERED + 1):
        times.sent(str(number), 0.0)
        shown = times.answered(str(number), 1.0 if number < REMEMBERED // 2 else 2.0)
    assert shown == 2000
    assert times.answered("0", 9.0) is None
