"""Requests take time, and what happens in the market on their way decides what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.simulator.broker import SimulatedBroker
from services.simulator.orders import OrderStatus, Side, TimeInForce
from services.simulator.ports import MarketEvent
from services.simulator.reports import OrderReport, Report, Why
from services.simulator.requests import Change, OrderName
from tests.services.simulator.venue import D, MemoryStore, book, broker, new_order, trade

LATENCY_US = 100
C1 = OrderName("", "C1", "Sim1")


@pytest.fixture
def venue() -> SimulatedBroker:
    """A broker 100 µs away, with a bid for 3 resting at its best price behind 10."""
    made = broker(MemoryStore(), latency_us=LATENCY_US)
    made.submit(new_order(limit="6500.00", quantity=3), 0)
    made.advance(LATENCY_US)
    return made


def sold(size: int, at_us: int) -> MarketEvent:
    return trade("6500.00", size, Side.SELL, at_us)


def happened(reports: Sequence[Report]) -> list[tuple[Why, OrderStatus, str]]:
    return [(each.why, each.order.status, each.text) for each in reports if isinstance(each, OrderReport)]


def test_a_cancel_that_comes_after_the_fill_is_too_late(venue: SimulatedBroker) -> None:
    assert venue.cancel(C1, 1_000) == []
    assert happened(venue.on_events([sold(13, 1_050)])) == [(Why.FILLED, OrderStatus.FILLED, "")]
    text = "Order T1-1 is already filled: too late to cancel"
    assert happened(venue.advance(1_100)) == [(Why.CANCEL_REFUSED, OrderStatus.FILLED, text)]


def test_a_cancel_that_comes_before_the_fill_wins(venue: SimulatedBroker) -> None:
    venue.cancel(C1, 1_000)
    reports = venue.on_events([sold(13, 1_100), sold(13, 1_101)])
    assert happened(reports) == [(Why.CANCELLED, OrderStatus.CANCELLED, "Cancelled by the client")]
    assert not list(venue.records.fills)


def test_a_cancel_after_part_of_the_order_leaves_that_part(venue: SimulatedBroker) -> None:
    venue.cancel(C1, 1_000)
    reports = venue.on_events([sold(11, 1_050), sold(13, 1_100)])
    assert happened(reports) == [
        (Why.FILLED, OrderStatus.PARTIAL, ""),
        (Why.CANCELLED, OrderStatus.CANCELLED, "Cancelled by the client"),
    ]
    (order,) = venue.records.orders
    assert (order.filled, order.remaining) == (D(1), D(0))


def test_of_two_cancels_the_second_hears_that_the_first_worked(venue: SimulatedBroker) -> None:
    venue.cancel(C1, 1_000)
    venue.cancel(C1, 1_010)
    assert [why for why, _, _ in happened(venue.advance(1_200))] == [Why.CANCELLED, Why.CANCEL_REFUSED]


def test_a_change_that_comes_after_the_fill_is_too_late(venue: SimulatedBroker) -> None:
    venue.replace(C1, Change(limit_price=D("6499.75")), 1_000)
    venue.on_events([sold(13, 1_050)])
    text = "Order T1-1 is already filled: too late to change"
    assert happened(venue.advance(1_100)) == [(Why.REPLACE_REFUSED, OrderStatus.FILLED, text)]


def test_a_change_of_what_is_partly_filled_keeps_what_is_filled(venue: SimulatedBroker) -> None:
    venue.replace(C1, Change(quantity=D(5), limit_price=D("6500.25")), 1_000)
    reports = venue.on_events([sold(12, 1_050), sold(1, 1_100)])
    assert happened(reports) == [
        (Why.FILLED, OrderStatus.PARTIAL, ""),
        (Why.REPLACED, OrderStatus.PARTIAL, ""),
        (Why.FILLED, OrderStatus.FILLED, ""),
    ]
    assert [each.quantity for each in venue.records.fills] == [D(2), D(3)]


@pytest.mark.parametrize("quantity", [1, 2])
def test_a_change_to_no_more_than_is_filled_meanwhile_is_refused_and_the_order_goes_on(
    venue: SimulatedBroker, quantity: int
) -> None:
    venue.replace(C1, Change(quantity=D(quantity)), 1_000)
    venue.on_events([sold(12, 1_050)])
    text = f"Order quantity {quantity} is not greater than the filled 2"
    assert happened(venue.advance(1_100)) == [(Why.REPLACE_REFUSED, OrderStatus.PARTIAL, text)]
    assert happened(venue.on_events([sold(1, 1_200)])) == [(Why.FILLED, OrderStatus.FILLED, "")]


def test_a_cancel_right_behind_its_order_finds_it(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C2", limit="6490.00"), 1_000)
    venue.cancel(OrderName("", "C2"), 1_000)
    assert [why for why, _, _ in happened(venue.advance(1_100))] == [Why.ACCEPTED, Why.CANCELLED]


def test_a_cancel_that_overtakes_its_order_in_the_file_of_requests_does_not_exist(venue: SimulatedBroker) -> None:
    venue.latency_us = 500
    venue.submit(new_order("C2", limit="6490.00"), 1_000)
    venue.latency_us = 10
    venue.cancel(OrderName("", "C2"), 1_000)
    reports = happened(venue.advance(1_500))
    assert reports[0][0] is Why.CANCELLED
    assert [each.client_order_id for each in venue.records.open_orders()] == ["C1"]


def test_the_longer_the_way_the_worse_the_price_can_be() -> None:
    near, far = (broker(MemoryStore(), latency_us=latency) for latency in (0, 500))
    for venue in (near, far):
        venue.submit(new_order(), 1_000)
        venue.on_events([book(bid="6500.50", ask="6500.75", last="6500.75", at_us=1_250)])
        venue.advance(2_000)
    assert [fill.price for fill in near.records.fills] == [D("6500.25")]
    assert [fill.price for fill in far.records.fills] == [D("6500.75")]


@pytest.mark.parametrize(
    ("lifetime", "quantity", "filled"),
    [(TimeInForce.IOC, 15, D(10)), (TimeInForce.FOK, 15, D(0)), (TimeInForce.FOK, 10, D(10))],
)
def test_an_immediate_order_takes_what_is_there_when_it_arrives(
    lifetime: TimeInForce, quantity: int, filled: object
) -> None:
    venue = broker(MemoryStore(), latency_us=LATENCY_US)
    venue.submit(new_order(limit="6500.25", quantity=quantity, time_in_force=lifetime), 0)
    venue.advance(LATENCY_US)
    (order,) = venue.records.orders
    assert order.filled == filled
    assert order.status is (OrderStatus.FILLED if filled == quantity else OrderStatus.CANCELLED)


def test_what_happens_does_not_depend_on_how_the_market_is_cut_into_pieces() -> None:
    def run(size: int) -> tuple[list[Report], object]:
        store = MemoryStore()
        venue = broker(store, latency_us=70)
        events = [book(str(D(6500) - i % 40), str(D("6500.25") - i % 40), at_us=10 * i) for i in range(400)]
        told: list[Report] = []
        for account in ("Eval50K", "EurSim", "Sim1"):
            told += venue.submit(new_order(account, quantity=4, account=account), 1)
            told += venue.submit(new_order(f"{account}-2", limit="6490.00", account=account), 2)
        for i in range(0, len(events), size):
            told += venue.on_events(events[i : i + size])
        return told, store.load()

    assert run(1) == run(7) == run(400)
