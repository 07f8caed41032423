"""Where a stop that moves by itself belongs: behind the best price, at breakeven, whichever is nearer."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey
from core.model.stop_plan import StopPlan, earned_breakeven, wanted_stop

D = Decimal
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
ES = Instrument("ESZ6", D("0.25"), D("12.5"), "USD")


def position(signed: int, price: str | None = "5000") -> Position:
    side = Side.BUY if signed > 0 else Side.SELL
    fill = Fill(KEY, "E1", side, D(abs(signed)), None if price is None else D(price), AT, AT)
    held = apply_fill(None, fill, ES).after
    assert held is not None
    return held


@pytest.mark.parametrize(
    ("signed", "best", "stop"),
    [(2, "5020", "5010"), (2, "5020.1", "5010.00"), (-2, "4980", "4990"), (-2, "4980.1", "4990.25")],
)
def test_a_trailing_stop_follows_the_best_price_and_is_never_closer_than_asked(
    signed: int, best: str, stop: str
) -> None:
    assert wanted_stop(StopPlan(KEY, AT, trail=D(10)), D(best), position(signed), ES) == D(stop)


@pytest.mark.parametrize(
    ("signed", "best", "nearer"), [(1, "5005", "5000"), (1, "5020", "5010"), (-1, "4995", "5000"), (-1, "4980", "4990")]
)
def test_of_breakeven_and_trail_the_nearer_to_the_price_holds(signed: int, best: str, nearer: str) -> None:
    assert wanted_stop(StopPlan(KEY, AT, D(10), floor=D(5000)), D(best), position(signed), ES) == D(nearer)


def test_without_a_trail_it_stays_at_breakeven_and_without_either_nowhere() -> None:
    assert wanted_stop(StopPlan(KEY, AT, floor=D(5000)), D(5020), position(1), ES) == D(5000)
    assert wanted_stop(StopPlan(KEY, AT, breakeven_after=D(5)), D(5020), position(1), ES) is None
    assert wanted_stop(StopPlan(KEY, AT, trail=D(10)), D(5020), position(1), Instrument("ESZ6")) is None


@pytest.mark.parametrize(
    ("signed", "last", "earned"), [(1, "5005", True), (1, "5004.75", False), (-1, "4995", True), (-1, "5005", False)]
)
def test_breakeven_is_earned_by_profit_not_by_loss(signed: int, last: str, earned: bool) -> None:
    assert earned_breakeven(StopPlan(KEY, AT, breakeven_after=D(5)), D(last), position(signed)) is earned


def test_without_a_plan_or_an_entry_price_nothing_is_earned() -> None:
    assert not earned_breakeven(StopPlan(KEY, AT, trail=D(5)), D(6000), position(1))
    assert not earned_breakeven(StopPlan(KEY, AT, breakeven_after=D(5)), D(6000), position(1, None))


@pytest.mark.parametrize(
    "plan", [StopPlan(KEY, AT, trail=D(1)), StopPlan(KEY, AT, breakeven_after=D(1)), StopPlan(KEY, AT, floor=D(1))]
)
def test_a_plan_is_over_when_no_move_is_left(plan: StopPlan) -> None:
    assert not plan.is_over
    assert StopPlan(KEY, AT).is_over
