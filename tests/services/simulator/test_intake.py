"""What clients send is made exact and harmless before the broker sees it."""

from decimal import Decimal

import pytest

from services.dtc.messages.order_entry import CancelReplaceOrder, SubmitNewOCOOrder, SubmitNewSingleOrder
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.intake import Unreadable, change, identifier, new_order, new_pair
from services.simulator.orders import OrderKind, TimeInForce
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
    [
        {"Quantity": 1e300},
        {"Quantity": -1e300},
        {"BuySell": 7},
        {"OrderType": 0},
        {"TimeInForce": 5},
        {"Quantity": None},
        {"TimeInForce": 3},
    ],
)
def test_what_is_not_even_an_order_is_told_apart(terms: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        new_order(wish(**terms), listed())


@pytest.mark.parametrize("quantity", [1e12, 5e-324, -1.0])
def test_odd_quantities_are_read_without_harm(quantity: float) -> None:
    assert new_order(wish(Quantity=quantity), listed()).quantity == Decimal(str(quantity))


def test_an_identifier_always_fits_its_place_on_the_wire() -> None:
    assert identifier("漢" * 40, 31) == "?" * 31


def test_terms_of_a_replace_that_are_not_set_stay() -> None:
    working = order(limit="6500.00", quantity=3)
    kept = change(CancelReplaceOrder(Price1=6501.0, Price1IsSet=0, Quantity=0.0), working, listed())
    assert (kept.quantity, kept.limit_price, kept.stop_price) == (None, None, None)
    moved = change(CancelReplaceOrder(Price1=6501.0), working, listed())
    assert moved.limit_price == 6501


def pair(**terms: object) -> SubmitNewOCOOrder:
    given: dict[str, object] = {
        "Symbol": ES,
        "ParentTriggerClientOrderID": "P",
        "ClientOrderID_1": "S",
        "OrderType_1": 3,
        "BuySell_1": 2,
        "Price1_1": 6490.0,
        "Quantity_1": 1.0,
        "ClientOrderID_2": "T",
        "OrderType_2": 2,
        "BuySell_2": 2,
        "Price1_2": 6510.0,
        "Quantity_2": 2.0,
        "TimeInForce": 2,
        **terms,
    }
    return SubmitNewOCOOrder(**given)  # type: ignore[arg-type]


def test_a_pair_is_two_orders_that_share_symbol_account_and_lifetime() -> None:
    made = new_pair(pair(TradeAccount="Sim1", FreeFormText="both"), listed())
    for each in (made.first, made.second):
        shared = (each.symbol, each.account, each.time_in_force, each.free_text)
        assert shared == (ES, "Sim1", TimeInForce.GTC, "both")
    assert (made.first.kind, made.first.stop_price, made.first.quantity) == (OrderKind.STOP, Decimal(6490), Decimal(1))
    assert (made.second.kind, made.second.limit_price, made.second.quantity) == (
        OrderKind.LIMIT,
        Decimal(6510),
        Decimal(2),
    )


@pytest.mark.parametrize(("handling", "cancels"), [(0, False), (1, False), (2, True)])
def test_a_partial_fill_reduces_unless_a_cancel_is_asked_for(handling: int, cancels: bool) -> None:
    assert new_pair(pair(PartialFillHandling=handling), listed()).cancels_linked is cancels


@pytest.mark.parametrize(("multiplier", "sent"), [("1", 10.5), ("0.01", 1_050.0), ("100", 0.105)])
def test_a_distance_times_the_multiplier_is_the_true_distance(multiplier: str, sent: float) -> None:
    offsets = {"UseOffsets": 1, "OffsetFromParent1": sent, "OffsetFromParent2": sent}
    made = new_pair(pair(**offsets), listed(multiplier))
    assert (made.first.distance, made.second.distance) == (Decimal("10.5"), Decimal("10.5"))


def test_distances_count_only_where_offsets_are_used() -> None:
    made = new_pair(pair(OffsetFromParent1=5.0, OffsetFromParent2=5.0), listed())
    assert (made.first.distance, made.second.distance) == (None, None)


def test_a_price_that_binary_cannot_leave_out_is_none_beside_a_distance() -> None:
    offsets = {"UseOffsets": 1, "OffsetFromParent1": 5.0, "OffsetFromParent2": 5.0}
    made = new_pair(pair(Price1_1=0.0, Price1_2=0.0, **offsets), listed())
    assert (made.first.stop_price, made.second.limit_price) == (None, None)
    assert new_order(wish(OrderType=1, Price1=0.0, IsParentOrder=1), listed()).reference_price is None


def test_only_a_parent_at_the_market_has_a_reference_and_it_is_no_limit() -> None:
    parent = new_order(wish(OrderType=1, Price1=6500.0, IsParentOrder=1), listed())
    assert (parent.kind, parent.limit_price, parent.reference_price) == (OrderKind.MARKET, None, Decimal(6500))
    assert new_order(wish(OrderType=1, Price1=6500.0), listed()).reference_price is None
    assert new_order(wish(OrderType=2, Price1=6500.0, IsParentOrder=1), listed()).reference_price is None


@pytest.mark.parametrize(
    "terms",
    [
        {"PartialFillHandling": 3},
        {"PartialFillHandling": -1},
        {"UseOffsets": 1, "OffsetFromParent1": 5.0},
        {"UseOffsets": 1, "OffsetFromParent1": 5.0, "OffsetFromParent2": 5.0, "ParentTriggerClientOrderID": ""},
        {"OrderType_2": 0},
        {"Quantity_1": None},
        {"BuySell_1": 0},
    ],
)
def test_what_is_not_even_a_pair_is_told_apart(terms: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        new_pair(pair(**terms), listed())
