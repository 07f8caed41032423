"""The venue's clock beside ours: measured by what it stamps, published, and said where it is off."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.events import FillReceived, Level
from core.model.fill import Fill, Side
from core.model.market import Quote
from services.clock_watch import WINDOW_S
from tests.fakes.engine import ES, Desk


def trade(desk: Desk, ahead_s: float, for_s: float = WINDOW_S + 1, late_s: tuple[float, ...] = (0.0, 0.3)) -> None:
    """Have the market trade each second for a while, stamped so much ahead of our clock, arriving more or less late."""
    for second in range(int(for_s)):
        ahead = timedelta(seconds=ahead_s - late_s[second % len(late_s)])
        desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000), received_at=desk.clock.now(), ahead=ahead))
        desk.tick(1)


def alarms(desk: Desk) -> list[str]:
    return [one.text for one in desk.said if one.level is Level.ALARM]


def measured(desk: Desk) -> timedelta | None:
    return desk.snapshot.clock_ahead.get("sim")


@pytest.mark.row(145)
@pytest.mark.parametrize(("ahead_s", "words"), [(2.0, "2.0 s ahead of"), (-2.0, "2.0 s behind")])
def test_an_exchange_two_seconds_off_is_measured_published_and_said_once(
    desk: Desk, ahead_s: float, words: str
) -> None:
    trade(desk, ahead_s, 4 * WINDOW_S)
    assert measured(desk) == timedelta(seconds=ahead_s)
    (said,) = alarms(desk)
    assert f"What sim stamps is {words} this computer's clock" in said


@pytest.mark.row(145)
def test_what_goes_by_arrival_goes_by_arrival_whatever_the_exchange_stamps(desk: Desk) -> None:
    for name, side, off_s in (("A", Side.BUY, 2), ("B", Side.SELL, -2), ("C", Side.BUY, 0)):
        now = desk.clock.now()
        fill = Fill(ES, name, side, Decimal(1), Decimal(5000), now + timedelta(seconds=off_s), now)
        desk.handle(FillReceived(fill))
        desk.clock.advance(0.1)
    assert [one.execution_id for one in desk.store.positions.recent_fills(9)] == ["A", "B", "C"]
    assert desk.quantity() == 1 and desk.snapshot.trades[-1].direction == 1


def test_what_only_arrives_late_now_and_then_is_no_clock_that_is_off(desk: Desk) -> None:
    trade(desk, 0.0, 4 * WINDOW_S, late_s=(3.0, 0.1, 5.0))
    assert measured(desk) == timedelta(seconds=-0.1) and alarms(desk) == []


def test_a_clock_that_is_set_right_is_forgotten_and_said_again_when_it_is_off_again(desk: Desk) -> None:
    trade(desk, 2.0, 3 * WINDOW_S)
    trade(desk, 0.0, 4 * WINDOW_S)
    assert measured(desk) == timedelta(0)
    trade(desk, 2.0, 4 * WINDOW_S)
    assert len(alarms(desk)) == 2


def test_a_jump_of_our_own_clock_is_not_measured_before_it_stands(desk: Desk) -> None:
    trade(desk, 0.0, 3 * WINDOW_S)
    trade(desk, 3600 - 1, WINDOW_S)
    trade(desk, 0.0, 2 * WINDOW_S)
    assert measured(desk) == timedelta(0) and alarms(desk) == []


def test_a_replayed_market_is_not_measured_nor_one_that_is_silent(desk: Desk) -> None:
    trade(desk, -86_400.0 * 300, 3 * WINDOW_S)
    assert measured(desk) is None
    desk.tick(3 * WINDOW_S, 1.0)
    assert measured(desk) is None and alarms(desk) == []


def test_nothing_is_known_of_a_line_that_fell(desk: Desk) -> None:
    trade(desk, 0.0, 3 * WINDOW_S)
    desk.broker.drop()
    desk.settle()
    assert measured(desk) is None
