"""An order nobody can have meant is asked about, or refused; what is unknown accuses nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.sanity import SanityLimits, Surroundings, Wanted, breaches
from core.model.scope import PositionKey

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
ES = Instrument("ESZ6", Decimal("0.25"), Decimal("12.50"), "USD")
ORDER = Wanted(KEY, Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(5000), None)
AROUND = Surroundings(ES, Decimal(5000), Decimal(100_000), "USD", (), NOW)
LIMITS = SanityLimits()


def found(order: Wanted = ORDER, around: Surroundings = AROUND) -> list[tuple[str, bool]]:
    return [(one.text, one.is_hard) for one in breaches(order, around, LIMITS)]


def sized(quantity: int) -> Wanted:
    return replace(ORDER, quantity=Decimal(quantity))


def rich() -> Surroundings:
    return replace(AROUND, equity=Decimal(100_000_000))


def test_an_ordinary_order_passes() -> None:
    assert found() == []


@pytest.mark.parametrize(("quantity", "hard"), [(10, None), (11, False), (100, False), (101, True)])
def test_size_is_asked_about_and_then_refused(quantity: int, hard: bool | None) -> None:
    assert [one[1] for one in found(sized(quantity), rich())] == ([] if hard is None else [hard])


@pytest.mark.parametrize(
    ("price", "hard"),
    [("5100", None), ("4900", None), ("5100.25", False), ("4899.75", False), ("6000", False), ("6000.25", True)],
)
def test_the_distance_from_the_market_counts_on_both_sides(price: str, hard: bool | None) -> None:
    order = replace(ORDER, price=Decimal(price))
    assert [one[1] for one in found(order)] == ([] if hard is None else [hard])


def test_the_distance_is_told_in_ticks_and_percent() -> None:
    order = replace(ORDER, type=OrderType.STOP, price=None, trigger_price=Decimal("50000"))
    assert found(order) == [("50000.00 is 180000 ticks, 900.0 % away from the last trade 5000.00.", True)]


def test_what_a_move_of_a_percent_costs_is_held_beside_equity() -> None:
    # 50 points of 50.00 each: 2 500 a contract.
    assert found(sized(10)) == []
    assert found(sized(1), replace(AROUND, equity=Decimal(5000))) == [
        ("A move of 1 % would cost 2500.00 USD, 50 % of equity.", False)
    ]
    assert found(sized(1), replace(AROUND, equity=Decimal(2000)))[0][1]
    assert found(sized(1), replace(AROUND, equity=Decimal(-5)))[0][1]


@pytest.mark.parametrize(
    "around",
    [
        replace(AROUND, equity=None),
        replace(AROUND, currency="EUR"),
        replace(AROUND, last=None),
        replace(AROUND, instrument=None),
        replace(AROUND, instrument=Instrument("ESZ6")),
    ],
)
def test_what_is_unknown_breaks_no_limit_of_money(around: Surroundings) -> None:
    small = around if around.equity is None else replace(around, equity=Decimal(1))
    assert found(ORDER, small) == []


def sent(age_s: float, **changes: object) -> Order:
    born = NOW - timedelta(seconds=age_s)
    made = Order(KEY, "ST1", Side.BUY, Intent.OPEN, OrderType.LIMIT, Decimal(1), born, born, Decimal(5000))
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (sent(9), True),
        (sent(10), False),
        (sent(-5), False),
        (sent(1, state=OrderState.FILLED), True),
        (sent(1, state=OrderState.REJECTED), False),
        (sent(1, state=OrderState.DENIED), False),
        (sent(1, side=Side.SELL), False),
        (sent(1, quantity=Decimal(2)), False),
        (sent(1, price=Decimal(5001)), False),
        (sent(1, external=True), False),
        (sent(1, key=PositionKey("sim", "Sim2", "ESZ6")), False),
    ],
)
def test_the_same_order_within_ten_seconds_is_asked_about(before: Order, again: bool) -> None:
    assert bool(found(ORDER, replace(AROUND, orders=(before,)))) == again


def test_hard_limits_come_first() -> None:
    around = replace(AROUND, equity=Decimal(1000), orders=(sent(1),))
    assert [one[1] for one in found(ORDER, around)] == [True, False]


def test_each_breach_says_what_it_is() -> None:
    assert found(sized(11), rich()) == [("11 is a large order (more than 10).", False)]
    assert found(sized(101), rich()) == [("101 is more than one order may have here (100).", True)]
    assert found(around=replace(AROUND, stale=True)) == [("The price on show is old: its feed is silent.", False)]
    sent = Order(KEY, "A", Side.BUY, Intent.OPEN, OrderType.LIMIT, Decimal(1), NOW, NOW, Decimal(5000))
    assert found(around=replace(AROUND, orders=(sent,))) == [("The same order was sent 0 s ago.", False)]


def test_a_price_far_from_the_market_of_an_unknown_contract_is_told_without_ticks() -> None:
    unknown = replace(AROUND, instrument=None)
    text = found(replace(ORDER, price=Decimal(6000)), unknown)[0][0]
    assert text == "6000 is 20.0 % away from the last trade 5000."
    for last, away in ((Decimal("0.5"), True), (Decimal(1), True), (Decimal(0), False), (Decimal(-1), False)):
        assert bool(found(ORDER, replace(unknown, last=last))) is away


@pytest.mark.parametrize(
    ("equity", "words"),
    [
        ("0", "and nothing is left in the account"),
        ("-5", "and nothing is left in the account"),
        ("0.5", "500000 % of equity"),
        ("1", "250000 % of equity"),
    ],
)
def test_with_little_or_nothing_left_a_move_is_too_much(equity: str, words: str) -> None:
    text = f"A move of 1 % would cost 2500.00 USD, {words}."
    assert found(around=replace(AROUND, equity=Decimal(equity))) == [(text, True)]


def test_a_move_that_costs_all_there_is_is_asked_about_and_a_cent_more_is_refused() -> None:
    for equity, hard in (("2500", False), ("2499.99", True)):
        assert [one[1] for one in found(around=replace(AROUND, equity=Decimal(equity)))] == [hard]
