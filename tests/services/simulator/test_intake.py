"""What clients send is made exact and harmless before the broker sees it."""

from decimal import Decimal

import pytest

from services.dtc.messages.order_entry import CancelReplaceOrder, SubmitNewSingleOrder
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.intake import Unreadable, change, identifier, new_order
from services.simulator.orders import OrderKind
from services.simulator.rules import on_grid
from tests.services.simulator.venue import DAY, ES, order


def listed(multiplier: str = "1") -> dict[str, Contract]:
    scales = {"ES": Decimal(multiplier)}
    return {each.symbol: each for each in listed_contracts(DAY, price_multipliers=scales)}


def wish(**terms: object) -> SubmitNewSingleOrder:
    given: dict[str, object] = {"Symbol": ES, "OrderType": 2, "BuySell": 1, "Quantity": 1.0, "Price1": 6500.25, **terms}
    return SubmitNewSingleOrder(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("multiplier", "sent"), [("1", 4000.5), ("0.01", 400_050.0), ("100", 40.005)])
def test_a_wire_price_times_the_multiplier_is_the_true_price(multiplier: str, sent: float) -> None:
    price = new_order(wish(Price1=sent), listed(multiplier)).limit_price
    assert price is not None and on_grid(price, Decimal("0.25")) == Decimal("4000.50")


def test_a_stop_limit_carries_its_stop_first_and_its_limit_second() -> None:
    made = new_order(wish(OrderType=4, Price1=6510.0, Price2=6511.0), listed())
    assert (made.kind, made.stop_price, made.limit_price) == (OrderKind.STOP_LIMIT, Decimal(6510), Decimal(6511))


@pytest.mark.parametrize(
    "terms",
    [{"BuySell": 7}, {"OrderType": 0}, {"TimeInForce": 5}, {"Quantity": None}, {"TimeInForce": 3}],
)
def test_what_is_not_even_an_order_is_told_apart(terms: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        new_order(wish(**terms), listed())


@pytest.mark.parametrize("quantity", [1e300, 5e-324, -1.0])
def test_absurd_quantities_are_read_without_harm(quantity: float) -> None:
    assert new_order(wish(Quantity=quantity), listed()).quantity == Decimal(str(quantity))


def test_an_identifier_always_fits_its_place_on_the_wire() -> None:
    assert identifier("漢" * 40, 31) == "?" * 31


def test_terms_of_a_replace_that_are_not_set_stay() -> None:
    working = order(limit="6500.00", quantity=3)
    kept = change(CancelReplaceOrder(Price1=6501.0, Price1IsSet=0, Quantity=0.0), working, listed())
    assert (kept.quantity, kept.limit_price, kept.stop_price) == (None, None, None)
    moved = change(CancelReplaceOrder(Price1=6501.0), working, listed())
    assert moved.limit_price == 6501
