"""Brackets and the rules of accounts, sessions, contracts and races: no exit is left behind, and none counts twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.simulator.broker import SimulatedBroker
from services.simulator.orders import Side, TimeInForce
from services.simulator.reports import OrderReport, Report, Statement, Why
from services.simulator.requests import NewPair, OrderName
from tests.services.simulator.venue import ES, MemoryStore, book, broker, exits, new_order, trade

NOON_US = int(datetime(2026, 11, 23, 18, tzinfo=UTC).timestamp()) * 1_000_000
DAY_US = 86_400_000_000


@pytest.fixture
def venue() -> SimulatedBroker:
    made = broker(MemoryStore(), with_book=False)
    made.on_events([book(at_us=NOON_US, bids=(500,), asks=(500,))])
    return made


def statuses(venue: SimulatedBroker) -> dict[str, str]:
    return {each.client_order_id: each.status.value for each in venue.records.orders if each.client_order_id}


def held(venue: SimulatedBroker, account: str = "Sim1") -> int:
    return int(venue.records.position(account, ES).quantity)


def refusals(reports: Sequence[Report]) -> list[str]:
    return [each.text for each in reports if isinstance(each, OrderReport) and each.why is Why.REFUSED]


def margin(reports: Sequence[Report]) -> Decimal:
    return [each.margin for each in reports if isinstance(each, Statement)][-1]


def lasting(pair: NewPair, time_in_force: TimeInForce) -> NewPair:
    first, second = (replace(each, time_in_force=time_in_force) for each in (pair.first, pair.second))
    return replace(pair, first=first, second=second)


# -- margin and size


def test_an_entry_counts_and_its_exits_do_not(venue: SimulatedBroker) -> None:
    entry = new_order("P", quantity=5, account="Eval50K")
    told = venue.submit_bracket(entry, exits(quantity=5, account="Eval50K"), NOON_US)
    assert refusals(told) == []
    assert (held(venue, "Eval50K"), margin(told)) == (5, Decimal(12_500))
    assert [each.status.is_final for each in venue.records.orders] == [True, False, False]


def test_an_entry_too_many_is_refused_with_its_exits(venue: SimulatedBroker) -> None:
    entry = new_order("P", quantity=6, limit="6490.00", account="Eval50K")
    told = venue.submit_bracket(entry, exits(quantity=6, account="Eval50K"), NOON_US)
    text = "Account Eval50K may hold 5 contracts; with this order position and working orders could reach 6"
    assert refusals(told) == [text, f"Refused with the rest: {text}", f"Refused with the rest: {text}"]
    entries = [new_order(f"P{i}", quantity=3, limit="6490.00", account="Eval50K") for i in (1, 2)]
    first = venue.submit_bracket(entries[0], exits(quantity=3, account="Eval50K", names="AB"), NOON_US)
    second = venue.submit_bracket(entries[1], exits(quantity=3, account="Eval50K", names="XY"), NOON_US)
    assert (len(refusals(first)), len(refusals(second))) == (0, 3)


def test_of_a_pair_on_one_side_the_larger_counts_and_on_two_sides_both(venue: SimulatedBroker) -> None:
    venue.submit_pair(exits(quantity=2), NOON_US)
    sim1 = venue.records.accounts.get("Sim1")
    assert sim1 is not None
    assert venue.statement(sim1).margin == 5_000
    breakout = NewPair(
        new_order("A", Side.BUY, 3, stop="6510.00", account="Sim2"),
        new_order("B", Side.SELL, 4, stop="6490.00", account="Sim2"),
    )
    venue.submit_pair(breakout, NOON_US)
    sim2 = venue.records.accounts.get("Sim2")
    assert sim2 is not None
    assert venue.statement(sim2).margin == 10_000
    venue.submit(new_order("L", quantity=2, account="Sim2"), NOON_US)
    assert venue.statement(sim2).margin == 12_500


# -- the broker empties an account


def test_an_account_that_is_lost_is_emptied_with_its_brackets(venue: SimulatedBroker) -> None:
    working = exits(stop="6380.00", quantity=2, account="Eval50K")
    venue.submit_bracket(new_order("P", quantity=2, account="Eval50K"), working, NOON_US)
    waiting = exits(stop="6380.00", quantity=2, account="Eval50K", names="XY")
    venue.submit_bracket(new_order("W", quantity=2, limit="6390.00", account="Eval50K"), waiting, NOON_US)
    venue.on_events([book(bid="6479.00", ask="6479.25", bids=(99,), last="6479.00", at_us=NOON_US + 1)])
    assert (held(venue, "Eval50K"), venue.records.open_orders()) == (0, [])
    assert {statuses(venue)[name] for name in "STWXY"} == {"CANCELLED"}
    venue.on_events([trade("6300.00", 99, Side.SELL, NOON_US + 2), trade("6600.00", 99, Side.BUY, NOON_US + 3)])
    assert held(venue, "Eval50K") == 0


def test_a_bracket_of_a_contract_that_ends_ends_with_it(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), NOON_US)
    venue.on_events([trade("6494.00", 1, Side.SELL, NOON_US + 1)])
    told = venue.expire(ES, Decimal(6494), NOON_US + 2)
    assert (held(venue), venue.records.open_orders()) == (0, [])
    ended = [each.order.client_order_id for each in told if isinstance(each, OrderReport) and each.text == "expired"]
    assert ended == ["P", "S", "T"]


# -- the end of the day


def test_an_entry_that_expires_unfilled_takes_exits_that_would_have_lasted_along(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", limit="6495.00"), lasting(exits(), TimeInForce.GTC), NOON_US)
    venue.advance(NOON_US + DAY_US)
    assert set(statuses(venue).values()) == {"CANCELLED"}


def test_the_rest_of_an_entry_that_expires_leaves_exits_for_what_it_filled(venue: SimulatedBroker) -> None:
    venue.submit_bracket(
        new_order("P", quantity=3, limit="6495.00"), lasting(exits(quantity=3), TimeInForce.GTC), NOON_US
    )
    venue.on_events([trade("6494.00", 1, Side.SELL, NOON_US + 1)])
    venue.advance(NOON_US + DAY_US)
    assert statuses(venue) == {"P": "CANCELLED", "S": "WORKING", "T": "WORKING"}
    assert [int(each.remaining) for each in venue.records.open_orders()] == [1, 1]


def test_the_day_of_an_exit_is_the_one_in_which_it_begins_to_work(venue: SimulatedBroker) -> None:
    entry = new_order("P", limit="6495.00", time_in_force=TimeInForce.GTC)
    venue.submit_bracket(entry, exits(), NOON_US)
    venue.advance(NOON_US + DAY_US)
    assert statuses(venue) == {"P": "WORKING", "S": "HELD", "T": "HELD"}
    venue.on_events([trade("6494.00", 1, Side.SELL, NOON_US + DAY_US)])
    venue.advance(NOON_US + DAY_US + 1)
    assert statuses(venue) == {"P": "FILLED", "S": "WORKING", "T": "WORKING"}
    venue.advance(NOON_US + 2 * DAY_US)
    assert statuses(venue) == {"P": "FILLED", "S": "CANCELLED", "T": "CANCELLED"}


def test_an_immediate_entry_that_finds_a_part_keeps_exits_for_it_and_one_that_finds_none_keeps_none(
    venue: SimulatedBroker,
) -> None:
    venue.on_events([book(asks=(2,), at_us=NOON_US + 1)])
    entry = new_order("P", quantity=5, limit="6500.25", time_in_force=TimeInForce.IOC)
    venue.submit_bracket(entry, exits(quantity=5), NOON_US + 2)
    assert statuses(venue) == {"P": "CANCELLED", "S": "WORKING", "T": "WORKING"}
    assert [int(each.remaining) for each in venue.records.open_orders()] == [2, 2]
    nothing = new_order("Q", quantity=5, limit="6490.00", time_in_force=TimeInForce.FOK)
    venue.submit_bracket(nothing, exits(quantity=5, names="XY"), NOON_US + 3)
    assert {statuses(venue)[name] for name in "QXY"} == {"CANCELLED"}


# -- races


def slow() -> SimulatedBroker:
    return broker(MemoryStore(), latency_us=1_000)


def by_client(name: str) -> OrderName:
    return OrderName("", name, "Sim1")


def test_a_cancel_that_meets_a_filled_entry_is_too_late_and_the_exits_stay() -> None:
    venue = slow()
    venue.submit_bracket(new_order("P", limit="6495.00"), exits(), 0)
    venue.advance(1_000)
    venue.cancel(by_client("P"), 1_500)
    venue.on_events([trade("6494.00", 1, Side.SELL, 2_000)])
    (refused,) = [each for each in venue.advance(2_500) if isinstance(each, OrderReport)]
    assert (refused.why, statuses(venue)) == (Why.CANCEL_REFUSED, {"P": "FILLED", "S": "WORKING", "T": "WORKING"})


def test_a_change_of_an_exit_that_was_cancelled_by_the_other_on_the_way_is_refused() -> None:
    venue = slow()
    venue.submit_pair(exits(), 0)
    venue.advance(1_000)
    venue.cancel(by_client("S"), 1_500)
    venue.on_events([trade("6511.00", 9, Side.BUY, 2_000)])
    (refused,) = [each for each in venue.advance(2_500) if isinstance(each, OrderReport)]
    assert (refused.why, refused.text) == (Why.CANCEL_REFUSED, "Order T1-1 is already cancelled")


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("P", {"P": "CANCELLED", "S": "CANCELLED", "T": "CANCELLED"}),
        ("S", {"P": "WORKING", "S": "CANCELLED", "T": "HELD"}),
    ],
)
def test_a_cancel_that_overtakes_a_bracket_leaves_nothing_stuck(name: str, left: dict[str, str]) -> None:
    venue = slow()
    venue.submit_bracket(new_order("P", limit="6495.00"), exits(), 0)
    venue.latency_us = 0
    venue.cancel(by_client(name), 1)
    venue.advance(1_000)
    assert statuses(venue) == left


def test_a_cancel_that_overtakes_one_of_a_pair_leaves_the_other_to_arrive() -> None:
    venue = slow()
    venue.submit_pair(exits(), 0)
    venue.latency_us = 0
    venue.cancel(by_client("S"), 1)
    venue.advance(1_000)
    assert statuses(venue) == {"S": "CANCELLED", "T": "WORKING"}
