"""A template becomes the bracket of one order: never more at risk than was said, never more leaving than there is."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.model.bracket import Bracket, BracketTarget, ExitPoint, legs_of
from core.model.bracket_template import (
    BracketBook,
    BracketTemplate,
    Distance,
    TemplateTarget,
    Unit,
    Wish,
    bracket_of,
    quantity_for,
)
from core.model.errors import InvalidOrder
from core.model.instrument import Instrument

D = Decimal
ES = Instrument("ESZ5", D("0.25"), D("12.50"), "USD")
BTC = Instrument("BTC", D("0.5"), D("0.5"), "USD", quantity_step=D("0.001"))
AT = D("5051.50")
STRAY = ExitPoint(distance=D(1))


def ticks(amount: int | str) -> Distance:
    return Distance(D(amount), Unit.TICKS)


def r(amount: int | str) -> Distance:
    return Distance(D(amount), Unit.R)


def template(stop: Distance, *targets: TemplateTarget, **changes: Any) -> BracketTemplate:
    return BracketTemplate("mine", stop, targets, **changes)


def made(one: BracketTemplate, quantity: int | str = 2, instrument: Instrument = ES) -> Bracket:
    return bracket_of(Wish(one), D(quantity), AT, instrument)


def sizes(quantity: int | str, *targets: TemplateTarget, instrument: Instrument = ES) -> list[Decimal]:
    return [one.quantity for one in made(template(ticks(10), *targets), quantity, instrument).targets]


def share(text: str) -> TemplateTarget:
    return TemplateTarget(r(1), D(text))


def test_ticks_and_multiples_of_risk_become_points() -> None:
    bracket = made(template(ticks(10), TemplateTarget(r("1.5")), breakeven_after=r(1), trail=ticks(8)))
    assert bracket == Bracket(
        ExitPoint(distance=D("2.50")),
        (BracketTarget(D(2), ExitPoint(distance=D("3.75"))),),
        breakeven_after=D("2.50"),
        trail=D("2.00"),
    )


@pytest.mark.parametrize(
    ("distance", "quantity", "points"),
    [
        (Distance(D(100), Unit.MONEY), 1, "2.00"),
        (Distance(D(100), Unit.MONEY), 3, "0.50"),  # 2.67 ticks a contract
        (Distance(D("1.3"), Unit.POINTS), 1, "1.25"),
        (ticks(7), 5, "1.75"),
    ],
)
def test_a_distance_is_rounded_down_to_the_tick(distance: Distance, quantity: int, points: str) -> None:
    assert made(template(distance), quantity).stop == ExitPoint(distance=D(points))


def test_money_is_never_exceeded_by_the_whole_order() -> None:
    for quantity in range(1, 9):
        stop = made(template(Distance(D(333), Unit.MONEY)), quantity).stop.distance
        assert stop is not None
        lost = ES.money(stop, D(quantity))
        assert lost is not None and lost <= 333 < lost + D("12.50") * quantity


@pytest.mark.parametrize(
    ("quantity", "shares", "expected"),
    [
        (4, ("0.5", "0.5"), [2, 2]),
        (3, ("0.5", "0.5"), [2, 1]),
        (1, ("0.5", "0.5"), [1]),
        (5, ("0.25", "0.25", "0.25", "0.25"), [2, 1, 1, 1]),
        (2, ("0.25", "0.25", "0.25", "0.25"), [1, 1]),
        (5, ("0.5",), [2]),
        (1, ("0.5",), []),
    ],
)
def test_the_earliest_targets_get_what_does_not_divide(
    quantity: int, shares: tuple[str, ...], expected: list[int]
) -> None:
    assert sizes(quantity, *map(share, shares)) == expected


def test_a_target_in_contracts_takes_no_more_than_is_left() -> None:
    fixed = [TemplateTarget(r(1), quantity=D(2)), TemplateTarget(r(2), quantity=D(2)), TemplateTarget(r(3))]
    assert sizes(1, *fixed) == [1]
    assert sizes(3, *fixed) == [2, 1]
    assert sizes(7, *fixed) == [2, 2, 3]


def test_a_target_without_a_share_takes_all_that_is_left() -> None:
    assert sizes(5, share("0.5"), share("1")) == [2, 3]
    assert sizes(1, share("0.5"), share("1")) == [1]


def test_fractions_split_by_the_step_of_the_venue() -> None:
    assert sizes("0.005", share("0.5"), share("0.5"), instrument=BTC) == [D("0.003"), D("0.002")]


def test_what_leaves_and_what_only_has_the_stop_are_the_whole_order() -> None:
    for quantity in range(1, 12):
        bracket = made(template(ticks(10), share("0.33"), share("0.33"), TemplateTarget(r(3), quantity=D(1))), quantity)
        assert sum(leg.quantity for leg in legs_of(bracket, D(quantity))) == quantity


def test_what_is_typed_goes_before_the_template_for_this_order() -> None:
    one = template(ticks(10), share("0.5"), share("0.5"), trail=ticks(8))
    typed = bracket_of(Wish(one, stop=ExitPoint(price=D("5049.00"))), D(2), AT, ES)
    assert typed.stop == ExitPoint(price=D("5049.00"))
    assert [target.at.distance for target in typed.targets] == [D("2.50"), D("2.50")]  # R of the stop that counts
    assert typed.trail == D(2)
    target = ExitPoint(price=D("5060.00"))
    assert bracket_of(Wish(one, target=target), D(2), AT, ES).targets == (BracketTarget(D(2), target),)
    assert bracket_of(Wish(stop=ExitPoint(distance=D(3))), D(2), None, ES) == Bracket(ExitPoint(distance=D(3)))


@pytest.mark.parametrize(
    ("wish", "instrument", "says"),
    [
        (Wish(target=ExitPoint(distance=D(1))), ES, "a target goes with a stop"),
        (Wish(template(Distance(D(20), Unit.MONEY))), ES, "the stop 20 money is less than one tick of 2"),
        (Wish(template(ticks(3), TemplateTarget(r("0.1")))), ES, "the target 0.1R is less than one tick"),
        (Wish(template(ticks(3))), replace(ES, tick_size=None), "tick size of ESZ5 is not known"),
        (Wish(template(Distance(D(20), Unit.MONEY))), replace(ES, tick_value=None), "worth is not known"),
    ],
)
def test_what_cannot_be_placed_is_refused_in_a_sentence(wish: Wish, instrument: Instrument, says: str) -> None:
    with pytest.raises(InvalidOrder, match=says):
        bracket_of(wish, D(2), AT, instrument)


def test_a_stop_at_a_price_waits_until_a_price_is_known() -> None:
    with pytest.raises(InvalidOrder, match="no price of ESZ5 is known yet"):
        bracket_of(Wish(stop=ExitPoint(price=D(5049))), D(2), None, ES)


@pytest.mark.parametrize(
    ("risk", "wish", "quantity"),
    [
        ("300", Wish(template(ticks(10))), 2),
        ("250", Wish(template(ticks(10))), 2),
        ("249.99", Wish(template(ticks(10))), 1),
        ("300", Wish(template(ticks(10)), stop=ExitPoint(price=D("5050.00"))), 4),
        ("300", Wish(stop=ExitPoint(distance=D("0.25"))), 24),
    ],
)
def test_a_size_from_risk_is_rounded_down(risk: str, wish: Wish, quantity: int) -> None:
    assert quantity_for(D(risk), wish, AT, ES) == quantity


def test_a_size_from_risk_goes_in_steps_of_the_venue() -> None:
    assert quantity_for(D("1"), Wish(template(ticks(600))), AT, BTC) == D("0.003")


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (Wish(template(ticks(10))), "100.00 is less than 1 risks there \\(125.00 USD\\)"),
        (Wish(), "needs a stop"),
        (Wish(template(Distance(D(100), Unit.MONEY))), "an amount of money already"),
        (Wish(stop=ExitPoint(price=AT)), "less than 1 risks there"),
    ],
)
def test_a_size_that_cannot_be_had_is_refused(wish: Wish, says: str) -> None:
    with pytest.raises(InvalidOrder, match=says):
        quantity_for(D(100), wish, AT, ES)


def test_a_symbol_begins_with_what_it_used_last_and_else_with_the_default() -> None:
    one = template(ticks(10))
    book = BracketBook({"mine": one, "other": one}, default="mine")
    assert book.begins_with("ESZ5") == "mine"
    book = book.used("ESZ5", "other")
    assert (book.begins_with("ESZ5"), book.begins_with("NQZ5")) == ("other", "mine")
    assert book.used("ESZ5", "").begins_with("ESZ5") == "mine"
    assert BracketBook({"mine": one}, last={"ESZ5": "gone"}).begins_with("ESZ5") == ""


@pytest.mark.parametrize(
    ("quantity", "targets", "expected"),
    [
        (3, (share("0.5"),), [1]),
        # What leaves by a number of contracts has no part in what the shares do not divide.
        (3, (share("0.5"), TemplateTarget(r(1), D("0.5"), D(1))), [1, 1]),
    ],
)
def test_what_does_not_divide_is_rounded_down(
    quantity: int, targets: tuple[TemplateTarget, ...], expected: list[int]
) -> None:
    assert sizes(quantity, *targets) == expected


def test_one_step_and_no_more_is_given_where_fractions_do_not_divide() -> None:
    assert sizes("0.006", share("0.33"), share("0.33"), instrument=BTC) == [D("0.002"), D("0.001")]


def test_a_distance_of_one_tick_is_enough() -> None:
    assert made(template(ticks(1), trail=ticks(1))).stop == ExitPoint(distance=D("0.25"))


@pytest.mark.parametrize(
    ("wish", "instrument", "words"),
    [
        (Wish(target=STRAY), ES, "a target goes with a stop: type one, or choose a bracket."),
        (Wish(template(ticks(3), trail=r("0.1"))), ES, "the trail 0.1R is less than one tick of 2."),
        (Wish(template(ticks(3), breakeven_after=r("0.1"))), ES, "the breakeven 0.1R is less than one tick of 2."),
        (Wish(template(ticks(3), TemplateTarget(r("0.1")))), ES, "the target 0.1R is less than one tick of 2."),
        (Wish(template(ticks("0.5"))), ES, "the stop 0.5t is less than one tick of 2."),
    ],
)
def test_a_refusal_names_the_exit_and_the_whole_order(wish: Wish, instrument: Instrument, words: str) -> None:
    with pytest.raises(InvalidOrder) as refused:
        bracket_of(wish, D(2), AT, instrument)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("risk", "wish", "instrument", "words"),
    [
        ("100", Wish(), ES, "a size from risk needs a stop: type one, or choose a bracket."),
        (
            "100",
            Wish(template(ticks(10))),
            replace(ES, tick_value=None),
            "what a tick of ESZ5 is worth is not known yet.",
        ),
        ("100", Wish(template(ticks(10))), replace(ES, currency=""), "100.00 is less than 1 risks there (125.00)."),
        ("0.1", Wish(template(ticks(600))), BTC, "0.10 is less than 0.001 risks there (0.30 USD)."),
    ],
)
def test_a_size_refused_says_what_the_least_would_risk(
    risk: str, wish: Wish, instrument: Instrument, words: str
) -> None:
    with pytest.raises(InvalidOrder) as refused:
        quantity_for(D(risk), wish, AT, instrument)
    assert str(refused.value) == words
