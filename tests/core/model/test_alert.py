"""An alert fires when its figure comes from the near side of the level and reaches it, and never otherwise."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.alert import Alert, AlertKind, AlertState, Reading, Way, evaluated, path, switched
from core.model.scope import PositionKey

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
TICK = Decimal("0.25")
SLACK = 2 * TICK
LEVEL = Decimal(5000)


def an_alert(way: Way = Way.ABOVE, **changes: object) -> Alert:
    made = Alert("A1", AlertKind.PRICE, PositionKey("sim", "", "ESZ6"), way, LEVEL, NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def seen(alert: Alert, *prices: object, unknown: str = "", resting: bool = False) -> Alert:
    """Evaluate prices one by one."""
    for price in prices:
        alert = evaluated(alert, Reading((Decimal(str(price)),), SLACK, unknown, resting), NOW)
    return alert


@pytest.mark.parametrize(
    ("way", "prices", "fires"),
    [
        (Way.ABOVE, ["4999.75", "5000"], 1),
        (Way.ABOVE, ["4999", "5003"], 1),  # a gap over the level is a crossing
        (Way.ABOVE, ["4999", "4999.75"], 0),
        (Way.ABOVE, ["5000"], 0),  # never seen below
        (Way.ABOVE, ["5001", "5002"], 0),
        (Way.ABOVE, ["5001", "4999", "5000"], 1),
        (Way.BELOW, ["5000.25", "5000"], 1),
        (Way.BELOW, ["4999", "4998"], 0),
    ],
)
def test_it_fires_by_crossing_and_only_so(way: Way, prices: list[str], fires: int) -> None:
    assert seen(an_alert(way), *prices).fired == fires


def test_once_is_once() -> None:
    alert = seen(an_alert(), 4999, 5001, 4990, 5001)
    assert (alert.fired, alert.state, alert.fired_value) == (1, AlertState.TRIGGERED, Decimal(5001))


def test_each_time_is_each_time_but_not_each_tremble() -> None:
    alert = seen(an_alert(repeats=True), 4999, 5000, "4999.75", 5000, "4999.5", 5000)
    assert (alert.fired, alert.state) == (1, AlertState.ACTIVE)
    assert seen(alert, "4999.25", 5000).fired == 2


def test_what_crossed_while_prices_were_missing_fires_with_the_first_price_after() -> None:
    below = seen(an_alert(), 4999)
    dark = seen(below, 0, unknown="sim is down")
    assert (dark.state, dark.reason, dark.armed) == (AlertState.NOT_EVALUATED, "sim is down", True)
    assert seen(dark, 5002).fired == 1


def test_the_first_price_after_missing_ones_fires_nothing_when_it_was_beyond_before() -> None:
    beyond = seen(an_alert(), 5001)
    again = seen(seen(beyond, 0, unknown="sim is down"), 5004)
    assert (again.fired, again.state, again.reason) == (0, AlertState.ACTIVE, "")


def test_what_rests_arms_and_never_fires() -> None:
    loss = an_alert(Way.BELOW, level=Decimal(-100))
    flat = seen(loss, 0, resting=True)
    assert (flat.armed, flat.fired) == (True, 0)
    assert seen(flat, -150).fired == 1, "the first price of a position may be beyond the level"
    odd = seen(an_alert(level=Decimal(-50)), 0, resting=True)
    assert (odd.armed, odd.fired) == (False, 0)
    was_open = replace(odd, armed=True)
    assert seen(was_open, 0, resting=True).fired == 0, "a position that ended crossed nothing"


def test_an_alert_that_is_off_or_has_fired_is_left_alone() -> None:
    for alert in (switched(seen(an_alert(), 4999), on=False), seen(an_alert(), 4999, 5001)):
        assert seen(alert, 4990, 5010, 0, unknown="x") is alert


def test_switched_on_again_it_starts_anew() -> None:
    alert = switched(seen(an_alert(), 4999, 5001), on=True)
    assert (alert.state, alert.armed, alert.unread) == (AlertState.ACTIVE, None, 1)
    assert seen(alert, 5002).fired == 1, "beyond already: nothing new"
    assert seen(alert, 5002, 4999, 5000).fired == 2


def test_nothing_new_changes_nothing() -> None:
    alert = seen(an_alert(), 4999)
    assert evaluated(alert, Reading(), NOW) is alert
    assert seen(alert, "4999.5") is alert


def test_a_run_of_prices_is_its_extremes_in_order_and_its_last() -> None:
    run = [Decimal(price) for price in (3, 5, 1, 4)]
    assert path(run) == (Decimal(5), Decimal(1), Decimal(4))
    assert path([Decimal(2)] * 5) == (Decimal(2), Decimal(2))
    assert path(run[:2]) == (Decimal(3), Decimal(5))


PRICES = st.lists(st.integers(-12, 12).map(lambda ticks: LEVEL + ticks * TICK), min_size=1, max_size=40)
WAYS = st.sampled_from(list(Way))


@given(PRICES, WAYS)
def test_every_firing_has_the_near_side_before_it(prices: list[Decimal], way: Way) -> None:
    alert, cleared = an_alert(way, repeats=True), False
    for price in prices:
        before, alert = alert, seen(alert, price)
        beyond = price >= LEVEL if way is Way.ABOVE else price <= LEVEL
        if alert.fired > before.fired:
            assert beyond and cleared
            cleared = False
        cleared = cleared or not beyond
        assert alert.armed is not None


@given(PRICES, WAYS)
def test_once_fires_exactly_when_the_near_side_was_followed_by_the_far_one(prices: list[Decimal], way: Way) -> None:
    beyond = [price >= LEVEL if way is Way.ABOVE else price <= LEVEL for price in prices]
    near = beyond.index(False) if False in beyond else len(beyond)
    assert seen(an_alert(way), *prices).fired == int(any(beyond[near:]))


@given(PRICES, WAYS)
def test_the_thinned_run_fires_when_the_whole_run_does(prices: list[Decimal], way: Way) -> None:
    armed = replace(an_alert(way), armed=True)
    thin = evaluated(armed, Reading(path(prices), SLACK), NOW)
    assert thin.fired == seen(armed, *prices).fired


@given(PRICES, st.integers(0, 39), WAYS)
def test_missing_prices_neither_add_nor_lose_a_crossing(prices: list[Decimal], at: int, way: Way) -> None:
    whole = seen(an_alert(way), *prices)
    cut = seen(seen(seen(an_alert(way), *prices[:at]), 0, unknown="stale"), *prices[at:])
    assert (cut.fired, cut.armed) == (whole.fired, whole.armed)
