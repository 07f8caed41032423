"""Exits at a distance from their entry, and how much of an exit there is while the entry fills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.simulator.broker import SimulatedBroker
from services.simulator.exits import exposed, followed
from services.simulator.orders import Order, OrderStatus, Side
from services.simulator.reports import OrderReport, Report, Why
from services.simulator.requests import Change, NewOrder, NewPair, OrderName
from tests.services.simulator.venue import D, MemoryStore, book, broker, new_order, order, trade


@pytest.fixture
def venue() -> SimulatedBroker:
    return broker(MemoryStore())


def off(
    stop: str = "10", target: str = "20", quantity: int = 1, side: Side = Side.SELL, keeps: bool = False
) -> NewPair:
    """A stop S and a target T so far from where their entry fills."""
    first, second = new_order("S", side, quantity, stop="1"), new_order("T", side, quantity, limit="1")
    return NewPair(
        replace(first, stop_price=None, distance=D(stop), keeps_price=keeps),
        replace(second, limit_price=None, distance=D(target), keeps_price=keeps),
    )


def market(reference: str | None = "6500.00", side: Side = Side.BUY, quantity: int = 1) -> NewOrder:
    return replace(new_order("P", side, quantity), reference_price=None if reference is None else D(reference))


def price(venue: SimulatedBroker, name: str) -> Decimal | None:
    found = venue.records.order_named(name)
    assert found is not None
    return found.limit_price if name == "T" else found.stop_price


def prices(venue: SimulatedBroker) -> tuple[str, str]:
    return str(price(venue, "S")), str(price(venue, "T"))


def by_client(name: str) -> OrderName:
    return OrderName("", name, "Sim1")


def refusals(reports: list[Report]) -> list[str]:
    return [each.text for each in reports if isinstance(each, OrderReport) and each.why is Why.REFUSED]


@pytest.mark.parametrize(
    ("side", "expected"), [(Side.BUY, ("6490.25", "6520.25")), (Side.SELL, ("6510.00", "6480.00"))]
)
def test_a_stop_stands_on_the_losing_side_of_the_fill_and_a_target_on_the_winning_one(
    venue: SimulatedBroker, side: Side, expected: tuple[str, str]
) -> None:
    venue.submit_bracket(market(side=side), off(side=side.other), 1)
    assert prices(venue) == expected


def test_while_they_wait_they_stand_off_the_price_of_the_entry_and_follow_its_changes(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", limit="6495.00"), off(), 1)
    assert prices(venue) == ("6485.00", "6515.00")
    venue.replace(by_client("P"), Change(limit_price=D("6490.00")), 2)
    assert prices(venue) == ("6480.00", "6510.00")


def test_a_stop_entry_is_expected_where_it_triggers_and_exited_where_it_filled(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", stop="6505.00"), off(), 1)
    assert prices(venue) == ("6495.00", "6525.00")
    venue.on_events([book(ask="6506.00", bid="6505.75", at_us=2), trade("6506.00", 1, Side.BUY, at_us=2)])
    assert prices(venue) == ("6496.00", "6526.00")


def test_exits_follow_the_average_of_several_fills_rounded_to_the_tick(venue: SimulatedBroker) -> None:
    venue.submit_bracket(market(quantity=25), off(quantity=25), 1)
    # 10 at 6500.25 and 15 at 6500.50: 6500.40
    assert prices(venue) == ("6490.50", "6520.50")


def test_exits_that_keep_their_price_stay_off_the_reference(venue: SimulatedBroker) -> None:
    venue.submit_bracket(market("6450.00"), off(keeps=True), 1)
    assert prices(venue) == ("6440.00", "6470.00")


def test_an_exit_the_client_moved_stays_where_he_put_it(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=2, limit="6495.00"), off(quantity=2), 1)
    venue.replace(by_client("S"), Change(stop_price=D("6489.00")), 2)
    venue.replace(by_client("T"), Change(limit_price=D("6515.00")), 2)
    venue.replace(by_client("P"), Change(limit_price=D("6490.00")), 3)
    assert prices(venue) == ("6489.00", "6510.00")  # the target was only stated again


def test_the_limit_of_a_stop_limit_exit_moves_with_its_stop(venue: SimulatedBroker) -> None:
    pair = off()
    given = replace(new_order("S", Side.SELL, stop="6490.00", limit="6488.00"), distance=D(10))
    venue.submit_bracket(market(), NewPair(given, pair.second), 1)
    stop = venue.records.order_named("S")
    assert stop is not None
    assert (stop.stop_price, stop.limit_price) == (D("6490.25"), D("6488.25"))


@pytest.mark.parametrize(
    ("entry", "exits", "text"),
    [
        (market(None), off(), "Offsets need Price1 of the parent"),
        (market(), off(stop="0"), "Offset 0 from the parent is not greater than zero"),
        (market(), off(target="-5"), "Offset -5 from the parent is not greater than zero"),
        (market(), off(stop="10.10"), "Price 6489.90 is not a multiple of the tick size 0.25"),
        (market(), off(stop="900"), "Stop price 5600.00 is outside the price band of 5850.00 to 7150.00"),
        (market(), off(side=Side.BUY), "An exit of T1-1 has to be on the other side"),
        (market(), off(quantity=2), "Order quantity 2 is more than the 1 of its parent"),
        (
            market(),
            NewPair(new_order("S", Side.SELL), off().second),
            "An exit has to be a limit, a stop or a stop-limit",
        ),
        (market(), NewPair(off().first, replace(off().second, client_order_id="P")), "ClientOrderID P was used before"),
    ],
)
def test_exits_that_make_no_sense_refuse_all_three(
    venue: SimulatedBroker, entry: NewOrder, exits: NewPair, text: str
) -> None:
    refused = refusals(venue.submit_bracket(entry, exits, 1))
    assert len(refused) == 3
    assert any(each.startswith(text) for each in refused)
    assert venue.records.open_orders() == []
    assert not list(venue.records.fills)


@pytest.mark.parametrize("reached", [{"triggered": True}, {"filled": D(1)}, {"distance": None}])
def test_an_exit_that_was_reached_or_has_a_price_of_its_own_moves_no_more(reached: dict[str, Any]) -> None:
    parent = replace(order("P", quantity=3, limit="6500.00"), filled=D(3), filled_value=3 * D("6499.00"))
    working = replace(order("S", Side.SELL, quantity=3, stop="6490.00"), wanted=D(3), distance=D(10))
    assert followed(working, parent, D("0.25"), 5).stop_price == D("6489.00")
    assert followed(replace(working, **reached), parent, D("0.25"), 5).stop_price == D("6490.00")


@pytest.mark.parametrize(
    ("wanted", "filled", "taken", "own", "expected"),
    [(5, 0, 0, 0, 5), (5, 2, 0, 0, 2), (5, 2, 1, 0, 1), (5, 4, 1, 2, 3), (3, 5, 0, 0, 3), (5, 2, 2, 1, 1)],
)
def test_an_exit_has_what_its_entry_filled_less_what_the_other_traded(
    wanted: int, filled: int, taken: int, own: int, expected: int
) -> None:
    parent = replace(order("P", quantity=5), filled=D(filled))
    child = replace(order("C"), wanted=D(wanted), taken=D(taken), filled=D(own))
    assert exposed(child, parent) == expected


def test_a_bracket_of_more_than_its_entry_is_refused_and_so_is_a_change_to_it(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=2, limit="6495.00"), off(quantity=2), 1)
    (told,) = venue.replace(by_client("S"), Change(quantity=D(3)), 2)
    assert isinstance(told, OrderReport)
    assert (told.why, told.text) == (Why.REPLACE_REFUSED, "Order quantity 3 is more than the 2 of its parent")


def test_the_exits_of_an_entry_that_is_changed_are_to_close_all_of_it_still(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=2, limit="6495.00"), off(quantity=2), 1)
    venue.replace(by_client("P"), Change(quantity=D(4)), 2)
    assert quantities(venue) == [4, 4]
    venue.replace(by_client("S"), Change(quantity=D(1)), 3)
    venue.replace(by_client("P"), Change(quantity=D(3)), 4)
    assert quantities(venue) == [1, 3]
    venue.replace(by_client("T"), Change(quantity=D(2)), 5)
    venue.replace(by_client("P"), Change(quantity=D(1)), 6)
    assert quantities(venue) == [1, 1]


def test_an_entry_that_grows_as_it_fills_keeps_both_exits_when_one_trades_a_part_at_once(
    venue: SimulatedBroker,
) -> None:
    pair = NewPair(new_order("S", Side.SELL, 1, stop="6500.00"), new_order("T", Side.SELL, 1, limit="6510.00"))
    venue.submit_bracket(new_order("P", quantity=1, limit="6490.00"), pair, 1)
    venue.on_events([book(bids=(1,), at_us=2)])
    venue.replace(by_client("P"), Change(quantity=D(2), limit_price=D("6500.25")), 3)
    left = [venue.records.order_named(name) for name in "ST"]
    assert [int(each.remaining) for each in left if each is not None] == [1, 1]
    assert int(venue.records.position("Sim1", order().symbol).quantity) == 1


def test_an_exit_asked_to_be_larger_while_its_entry_fills_has_no_more_than_was_filled(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=5, limit="6490.00"), off(quantity=5), 1)
    venue.replace(by_client("S"), Change(quantity=D(1)), 2)
    venue.on_events([trade("6489.00", 2, Side.SELL, at_us=3)])
    assert quantities(venue) == [1, 2]
    venue.replace(by_client("S"), Change(quantity=D(4)), 4)
    assert quantities(venue) == [2, 2]
    venue.on_events([trade("6489.00", 3, Side.SELL, at_us=5)])
    assert quantities(venue) == [4, 5]


def test_exits_of_an_entry_made_larger_after_it_began_to_fill_grow_in_the_book_too(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=2, limit="6490.00"), off(quantity=2), 1)
    venue.on_events([trade("6489.00", 1, Side.SELL, at_us=2)])
    venue.replace(by_client("P"), Change(quantity=D(4)), 3)
    venue.on_events([trade("6489.00", 3, Side.SELL, at_us=4)])
    assert quantities(venue) == [4, 4]
    venue.on_events([trade("6600.00", 99, Side.BUY, at_us=5)])
    assert int(venue.records.position("Sim1", order().symbol).quantity) == 0


def test_a_working_exit_can_be_made_larger_once_its_entry_is_done(venue: SimulatedBroker) -> None:
    venue.submit_bracket(market(), off(), 1)
    venue.replace(by_client("S"), Change(quantity=D(3)), 2)
    assert quantities(venue) == [3, 1]


def quantities(venue: SimulatedBroker) -> list[int]:
    found = [venue.records.order_named(name) for name in "ST"]
    return [int(each.quantity) for each in found if isinstance(each, Order)]


def test_an_exit_that_waits_is_never_in_the_book(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", limit="6495.00"), off(), 1)
    venue.replace(by_client("T"), Change(limit_price=D("6480.00")), 2)
    venue.on_events([trade("6500.00", 99, Side.BUY, at_us=3)])
    waiting = venue.records.order_named("T")
    assert waiting is not None
    assert (waiting.status, int(waiting.filled)) == (OrderStatus.HELD, 0)
