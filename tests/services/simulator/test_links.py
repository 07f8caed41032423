"""Two linked orders, and an entry with its exits, at the broker: what one does, the others follow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.simulator.broker import SimulatedBroker
from services.simulator.orders import Order, OrderStatus, Side
from services.simulator.reports import OrderReport, Report, UnknownOrderReport, Why
from services.simulator.requests import Change, OrderName
from tests.services.simulator.venue import ES, D, MemoryStore, book, broker, exits, new_order, trade


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def venue(store: MemoryStore) -> SimulatedBroker:
    return broker(store)


def named(venue: SimulatedBroker, name: str) -> Order:
    order = venue.records.order_named(name)
    assert order is not None
    return order


def by_client(name: str) -> OrderName:
    return OrderName("", name, "Sim1")


def told(reports: Sequence[Report]) -> list[tuple[str, Why, OrderStatus]]:
    return [
        (each.order.client_order_id, each.why, each.order.status) for each in reports if isinstance(each, OrderReport)
    ]


def texts(reports: Sequence[Report]) -> list[str]:
    return [each.text for each in reports if isinstance(each, OrderReport | UnknownOrderReport)]


def sizes(venue: SimulatedBroker, *names: str) -> list[int]:
    return [int(named(venue, name).quantity) for name in names]


def left(venue: SimulatedBroker, *names: str) -> list[int]:
    return [int(named(venue, name).remaining) for name in names]


def held(venue: SimulatedBroker) -> int:
    return int(venue.records.position("Sim1", ES).quantity)


def statuses(venue: SimulatedBroker) -> dict[str, str]:
    return {each.client_order_id: each.status.value for each in venue.records.orders}


# -- a pair


def test_both_of_a_pair_work_and_each_names_the_other(venue: SimulatedBroker) -> None:
    reports = venue.submit_pair(exits(), 1)
    assert told(reports) == [("S", Why.ACCEPTED, OrderStatus.WORKING), ("T", Why.ACCEPTED, OrderStatus.WORKING)]
    stop, target = named(venue, "S"), named(venue, "T")
    assert (stop.linked_id, target.linked_id) == (target.server_order_id, stop.server_order_id)


def test_a_full_fill_of_one_cancels_the_other(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(), 1)
    reports = venue.on_events([trade("6511.00", 9, Side.BUY, at_us=2)])
    assert told(reports) == [("T", Why.FILLED, OrderStatus.FILLED), ("S", Why.CANCELLED, OrderStatus.CANCELLED)]
    assert texts(reports)[-1] == "Linked order T1-2 filled"


def test_a_partial_fill_reduces_the_other_by_as_much(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(quantity=3), 1)
    reports = venue.on_events([trade("6511.00", 1, Side.BUY, at_us=2)])
    assert told(reports) == [("T", Why.FILLED, OrderStatus.PARTIAL), ("S", Why.CHANGED, OrderStatus.WORKING)]
    assert (sizes(venue, "S"), left(venue, "S")) == ([2], [2])
    venue.on_events([book(bid="6489.00", ask="6489.25", bids=(9,), at_us=3), trade("6489.00", 1, Side.SELL, at_us=3)])
    assert statuses(venue) == {"S": "FILLED", "T": "CANCELLED"}
    assert held(venue) == -3


def test_a_partial_fill_cancels_the_other_where_that_was_asked_for(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(quantity=3, cancels_linked=True), 1)
    venue.on_events([trade("6511.00", 1, Side.BUY, at_us=2)])
    assert statuses(venue) == {"S": "CANCELLED", "T": "PARTIAL"}
    assert named(venue, "T").linked_id == ""


def test_two_of_a_pair_that_one_print_reaches_trade_once(venue: SimulatedBroker) -> None:
    pair = exits(quantity=3)
    both = type(pair)(new_order("A", Side.SELL, 3, limit="6510.00"), new_order("B", Side.SELL, 3, limit="6510.25"))
    venue.submit_pair(both, 1)
    venue.on_events([trade("6512.00", 50, Side.BUY, at_us=2)])
    assert held(venue) == -3
    assert statuses(venue) == {"A": "FILLED", "B": "CANCELLED"}


def test_a_cancel_of_one_leaves_the_other_alone_and_unlinked(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(), 1)
    reports = venue.cancel(by_client("S"), 2)
    assert told(reports) == [("S", Why.CANCELLED, OrderStatus.CANCELLED), ("T", Why.CHANGED, OrderStatus.WORKING)]
    assert named(venue, "T").linked_id == ""


def test_if_one_of_a_pair_is_refused_both_are(venue: SimulatedBroker) -> None:
    reports = venue.submit_pair(exits(stop="6501.00"), 1)
    assert told(reports) == [("S", Why.REFUSED, OrderStatus.REJECTED), ("T", Why.REFUSED, OrderStatus.REJECTED)]
    assert texts(reports) == [
        "Sell stop price 6501.00 is not below the last trade 6500.00",
        "Refused with the rest: Sell stop price 6501.00 is not below the last trade 6500.00",
    ]
    assert venue.records.open_orders() == []


def test_a_change_of_one_keeps_the_link_and_the_size_of_the_other(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(quantity=3), 1)
    venue.replace(by_client("S"), Change(quantity=D(2), stop_price=D("6491.00")), 2)
    stop, target = named(venue, "S"), named(venue, "T")
    assert (sizes(venue, "S", "T"), stop.linked_id) == ([2, 3], target.server_order_id)
    venue.on_events([trade("6511.00", 1, Side.BUY, at_us=3)])
    assert left(venue, "S", "T") == [1, 2]


# -- an entry with its exits


def test_exits_wait_until_their_entry_fills_and_show_all_they_were_asked_for(venue: SimulatedBroker) -> None:
    reports = venue.submit_bracket(new_order("P", quantity=2, limit="6495.00"), exits(quantity=2), 1)
    assert told(reports) == [
        ("P", Why.ACCEPTED, OrderStatus.WORKING),
        ("S", Why.ACCEPTED, OrderStatus.HELD),
        ("T", Why.ACCEPTED, OrderStatus.HELD),
    ]
    entry = named(venue, "P")
    assert {each.parent_id for each in venue.records.children(entry.server_order_id)} == {entry.server_order_id}
    assert sizes(venue, "S", "T") == [2, 2]
    venue.on_events([trade("6520.00", 50, Side.BUY, at_us=2)])
    assert held(venue) == 0


def test_exits_grow_with_their_entry_and_then_one_of_them_closes_it(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), 1)
    venue.on_events([trade("6494.00", 1, Side.SELL, at_us=2)])
    assert sizes(venue, "S", "T") == [1, 1]
    assert statuses(venue) == {"P": "PARTIAL", "S": "WORKING", "T": "WORKING"}
    venue.on_events([trade("6494.00", 2, Side.SELL, at_us=3)])
    assert sizes(venue, "S", "T") == [3, 3]
    venue.on_events([trade("6511.00", 9, Side.BUY, at_us=4)])
    assert (held(venue), statuses(venue)) == (0, {"P": "FILLED", "S": "CANCELLED", "T": "FILLED"})


def test_a_market_entry_is_protected_at_once(venue: SimulatedBroker) -> None:
    reports = venue.submit_bracket(new_order("P"), exits(), 1)
    assert told(reports)[-2:] == [("S", Why.CHANGED, OrderStatus.WORKING), ("T", Why.CHANGED, OrderStatus.WORKING)]


def test_a_refused_exit_refuses_all_three(venue: SimulatedBroker) -> None:
    reports = venue.submit_bracket(new_order("P"), exits(target="6510.10"), 1)
    assert [each[1] for each in told(reports)] == [Why.REFUSED] * 3
    assert (venue.records.open_orders(), held(venue)) == ([], 0)


def test_cancelling_an_entry_that_did_not_fill_cancels_its_exits(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", limit="6495.00"), exits(), 1)
    reports = venue.cancel(by_client("P"), 2)
    assert told(reports) == [(name, Why.CANCELLED, OrderStatus.CANCELLED) for name in "PST"]


def test_cancelling_the_rest_of_an_entry_leaves_exits_for_what_it_filled(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), 1)
    venue.on_events([trade("6494.00", 1, Side.SELL, at_us=2)])
    venue.cancel(by_client("P"), 3)
    assert left(venue, "S", "T") == [1, 1]
    venue.on_events([trade("6511.00", 9, Side.BUY, at_us=4)])
    assert (held(venue), statuses(venue)) == (0, {"P": "CANCELLED", "S": "CANCELLED", "T": "FILLED"})


def test_an_exit_that_closes_all_its_entry_filled_ends_the_rest_of_the_entry(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), 1)
    venue.on_events([trade("6494.00", 1, Side.SELL, at_us=2)])
    reports = venue.on_events([trade("6511.00", 9, Side.BUY, at_us=3)])
    assert told(reports) == [
        ("T", Why.FILLED, OrderStatus.FILLED),
        ("S", Why.CANCELLED, OrderStatus.CANCELLED),
        ("P", Why.CANCELLED, OrderStatus.CANCELLED),
    ]
    assert texts(reports)[-1] == "Exit T1-3 closed all it had filled"


def test_what_an_entry_fills_while_an_exit_trades_is_covered_too(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=5, limit="6495.00"), exits(quantity=5), 1)
    venue.on_events([trade("6494.00", 2, Side.SELL, at_us=2), trade("6511.00", 1, Side.BUY, at_us=3)])
    assert (left(venue, "S", "T"), held(venue)) == ([1, 1], 1)
    venue.on_events([trade("6494.00", 2, Side.SELL, at_us=4)])
    assert (left(venue, "S", "T"), sizes(venue, "S", "T"), held(venue)) == ([3, 3], [3, 4], 3)


def test_a_stop_the_market_has_passed_already_sells_at_once(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P"), exits(stop="6500.00"), 1)
    assert (held(venue), statuses(venue)) == (0, {"P": "FILLED", "S": "FILLED", "T": "CANCELLED"})


def test_a_bracket_survives_a_restart_while_it_waits_and_while_it_works(store: MemoryStore) -> None:
    first = broker(store)
    first.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), 1)
    second = broker(store)
    second.on_events([trade("6494.00", 1, Side.SELL, at_us=2)])
    third = broker(store)
    third.on_events([trade("6494.00", 2, Side.SELL, at_us=3)])
    fourth = broker(store)
    fourth.on_events([trade("6511.00", 9, Side.BUY, at_us=4)])
    assert (held(fourth), statuses(fourth)) == (0, {"P": "FILLED", "S": "CANCELLED", "T": "FILLED"})


def test_a_bracket_on_its_way_survives_a_restart(store: MemoryStore) -> None:
    broker(store, latency_us=1_000_000).submit_bracket(new_order("P", limit="6495.00"), exits(), 1)
    again = broker(store)
    again.advance(2)
    assert statuses(again) == {"P": "WORKING", "S": "HELD", "T": "HELD"}


# -- a broker that misbehaves


def test_a_stop_can_be_accepted_and_rejected_a_moment_later(venue: SimulatedBroker) -> None:
    venue.faults.reject_stops = 1
    venue.submit_bracket(new_order("P"), exits(), 1)
    assert statuses(venue) == {"P": "FILLED", "S": "WORKING", "T": "WORKING"}
    assert venue.advance(200_000) == []
    reports = venue.advance(200_001)
    assert told(reports) == [("S", Why.REFUSED, OrderStatus.REJECTED), ("T", Why.CHANGED, OrderStatus.WORKING)]
    assert texts(reports)[0] == "Stop rejected by the exchange"
    venue.submit_pair(exits(names="XY"), 200_002)
    venue.advance(500_000)
    assert statuses(venue)["X"] == "WORKING"


def test_only_a_stop_that_protects_is_rejected_late(venue: SimulatedBroker) -> None:
    venue.faults.reject_stops = 1
    venue.submit(new_order("entry", stop="6510.00"), 1)
    venue.submit(new_order("B"), 1)
    venue.submit(new_order("stop", Side.SELL, stop="6490.00"), 2)
    venue.advance(300_000)
    assert statuses(venue) == {"entry": "WORKING", "B": "FILLED", "stop": "REJECTED"}


@pytest.mark.parametrize(
    ("which", "left_over"), [("stop", {"T": "WORKING"}), ("target", {"S": "WORKING"}), ("both", {})]
)
def test_an_entry_can_be_taken_without_its_exits(venue: SimulatedBroker, which: str, left_over: dict[str, str]) -> None:
    venue.faults.refuse_children, venue.faults.which = 1, which
    venue.submit_bracket(new_order("P"), exits(), 1)
    expected = {"P": "FILLED", "S": "REJECTED", "T": "REJECTED", **left_over}
    assert (held(venue), statuses(venue)) == (1, expected)
    assert {each.linked_id for each in venue.records.open_orders()} <= {""}
    venue.submit_bracket(new_order("P2"), exits(names="XY"), 2)
    assert {statuses(venue)[name] for name in "XY"} == {"WORKING"}


def test_links_can_be_left_unhonoured_and_honoured_again(venue: SimulatedBroker) -> None:
    venue.honour_links(False)
    venue.submit_bracket(new_order("P"), exits(), 1)
    venue.on_events([trade("6511.00", 9, Side.BUY, at_us=2)])
    assert (held(venue), statuses(venue)) == (0, {"P": "FILLED", "S": "WORKING", "T": "FILLED"})
    assert named(venue, "S").linked_id == named(venue, "T").server_order_id
    venue.on_events([book(bid="6489.00", ask="6489.25", at_us=3), trade("6489.00", 1, Side.SELL, at_us=3)])
    assert held(venue) == -1
    venue.honour_links(True)
    venue.submit_pair(exits(stop="6480.00", target="6495.00", names="XY"), 4)
    venue.on_events([trade("6496.00", 9, Side.BUY, at_us=5)])
    assert statuses(venue)["X"] == "CANCELLED"
