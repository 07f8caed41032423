"""What a broker promises about linked exits and an entry with its exits, held to the stand-in and to the real line."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.broker_report import OrderReport, ReportKind
from core.errors import ConnectionLost
from core.events import Link, LinkChanged, OrderReported, PositionReported, SendStarted
from core.model.bracket import Offsets
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.order_change import Terms
from tests.fakes.broker_desk import Desk, FakeDesk, WireDesk, back, order, said, snapshot

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture(params=["stand-in", "wire"])
def up(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    desk = FakeDesk() if request.param == "stand-in" else WireDesk(tmp_path)
    desk.start()
    said(desk, LinkChanged, lambda one: one.link is Link.SYNCING)
    yield desk
    if isinstance(desk, WireDesk):
        desk.close()


def exits(desk: Desk, quantity: int = 3) -> tuple[Order, Order]:
    """Return a stop below and a target above `order`, which rests at 6000.25."""
    out = replace(order(desk, quantity=quantity), side=Side.SELL, intent=Intent.PROTECT)
    stop = replace(
        out,
        client_order_id="ST10",
        type=OrderType.STOP,
        price=None,
        trigger_price=Decimal(5990),
        oco_client_order_id="ST11",
    )
    return stop, replace(out, client_order_id="ST11", price=Decimal(7020), oco_client_order_id="ST10")


def bracket(desk: Desk, offsets: Offsets | None = None) -> dict[str, OrderReport]:
    """Place an entry for 3 with its exits; return the first report of each."""
    stop, target = exits(desk)
    desk.broker.submit_bracket(order(desk), stop, target, offsets)
    return {name: becomes(desk, name) for name in ("ST1", "ST10", "ST11")}


def pair(desk: Desk) -> dict[str, OrderReport]:
    """Place two linked exits of 3."""
    desk.broker.submit_pair(*exits(desk))
    return {name: becomes(desk, name) for name in ("ST10", "ST11")}


def becomes(desk: Desk, name: str, where: Callable[[OrderReport], bool] = lambda _: True) -> OrderReport:
    """Wait until an order is reported in some shape; return the report."""
    return said(desk, OrderReported, lambda one: one.report.client_order_id == name and where(one.report)).report


def works(quantity: int) -> Callable[[OrderReport], bool]:
    return lambda one: one.state is OrderState.WORKING and not one.waits_for_parent and one.quantity == quantity


def ended(state: OrderState) -> Callable[[OrderReport], bool]:
    return lambda one: one.state is state


def cancel(desk: Desk, report: OrderReport) -> None:
    desk.broker.cancel(replace(order(desk, report.client_order_id), server_order_id=report.server_order_id))


def test_the_line_says_that_the_broker_holds_linked_orders(up: Desk) -> None:
    told = said(up, LinkChanged, lambda one: one.link is Link.SYNCING)
    assert (told.oco_supported, told.brackets_supported) == (True, True)


def test_no_linked_order_is_taken_while_the_line_is_down(up: Desk) -> None:
    up.drop()
    said(up, LinkChanged, lambda one: one.link is Link.OFFLINE)
    with pytest.raises(ConnectionLost):
        up.broker.submit_pair(*exits(up))
    with pytest.raises(ConnectionLost):
        up.broker.submit_bracket(order(up), *exits(up))
    back(up)
    assert snapshot(up).orders == ()
    assert up.inbox.of(SendStarted) == []


def test_an_entry_is_accepted_with_exits_that_wait_for_it_and_know_each_other(up: Desk) -> None:
    told = bracket(up)
    assert {one.kind for one in told.values()} == {ReportKind.ACCEPTED}
    assert [one.waits_for_parent for one in told.values()] == [False, True, True]
    assert {one.state for one in told.values()} == {OrderState.WORKING}
    entry, stop, target = told.values()
    assert (stop.parent_server_order_id, target.parent_server_order_id) == (entry.server_order_id,) * 2
    assert (stop.oco_server_order_id, target.oco_server_order_id) == (target.server_order_id, stop.server_order_id)
    assert (entry.parent_server_order_id, entry.oco_server_order_id) == ("", "")
    assert (stop.type, stop.side, stop.trigger_price) == (OrderType.STOP, Side.SELL, Decimal(5990))
    assert (target.type, target.side, target.price) == (OrderType.LIMIT, Side.SELL, Decimal(7020))
    assert {one.client_order_id for one in up.inbox.of(SendStarted)} == set(told)


def test_the_exits_begin_to_work_with_the_entry_and_grow_with_its_fills(up: Desk) -> None:
    bracket(up)
    up.fill("ST1", 1)
    assert becomes(up, "ST10", works(1)).trigger_price == Decimal(5990)
    assert becomes(up, "ST11", works(1)).price == Decimal(7020)
    up.fill("ST1", 2)
    becomes(up, "ST10", works(3))
    becomes(up, "ST11", works(3))


def test_a_full_fill_of_one_exit_cancels_the_other(up: Desk) -> None:
    bracket(up)
    up.fill("ST1", 3)
    becomes(up, "ST11", works(3))
    up.fill("ST11", 3)
    becomes(up, "ST10", ended(OrderState.CANCELLED))
    becomes(up, "ST11", ended(OrderState.FILLED))
    assert said(up, PositionReported, lambda one: one.report.quantity == 0).report.quantity == 0
    assert snapshot(up).orders == ()


def test_a_partial_fill_of_one_exit_reduces_the_other(up: Desk) -> None:
    pair(up)
    up.fill("ST11", 1)
    becomes(up, "ST11", lambda one: one.state is OrderState.PARTIAL and one.filled_quantity == 1)
    becomes(up, "ST10", works(2))
    up.fill("ST11", 2)
    becomes(up, "ST10", ended(OrderState.CANCELLED))


def test_what_is_left_of_an_entry_adds_to_exits_that_have_begun_to_fill(up: Desk) -> None:
    bracket(up)
    up.fill("ST1", 2)
    becomes(up, "ST11", works(2))
    up.fill("ST11", 1)
    becomes(up, "ST10", works(1))
    up.fill("ST1", 1)
    becomes(up, "ST10", works(2))
    becomes(
        up,
        "ST11",
        lambda one: one.state is OrderState.PARTIAL and (one.quantity, one.filled_quantity) == (Decimal(3), Decimal(1)),
    )


def test_the_exit_that_closed_all_an_entry_had_filled_ends_the_rest_of_it(up: Desk) -> None:
    bracket(up)
    up.fill("ST1", 1)
    becomes(up, "ST10", works(1))
    up.fill("ST10", 1)
    becomes(up, "ST11", ended(OrderState.CANCELLED))
    assert becomes(up, "ST1", ended(OrderState.CANCELLED)).filled_quantity == 1
    assert snapshot(up).orders == ()


def test_a_cancelled_entry_takes_the_exits_that_wait_for_it_along(up: Desk) -> None:
    cancel(up, bracket(up)["ST1"])
    for name in ("ST1", "ST10", "ST11"):
        becomes(up, name, ended(OrderState.CANCELLED))
    assert snapshot(up).orders == ()


def test_a_partly_filled_entry_that_is_cancelled_leaves_exits_for_what_it_filled(up: Desk) -> None:
    told = bracket(up)
    up.fill("ST1", 1)
    becomes(up, "ST10", works(1))
    cancel(up, told["ST1"])
    becomes(up, "ST1", ended(OrderState.CANCELLED))
    left = {one.client_order_id: one for one in snapshot(up).orders}
    assert {name: one.quantity for name, one in left.items()} == {"ST10": 1, "ST11": 1}
    up.fill("ST10", 1)
    becomes(up, "ST11", ended(OrderState.CANCELLED))


def test_all_of_a_group_are_refused_together_with_the_reason(up: Desk) -> None:
    up.refuse_next()
    told = bracket(up)
    assert {(one.kind, one.state) for one in told.values()} == {(ReportKind.REJECTED, OrderState.REJECTED)}
    assert all("Margin" in one.text for one in told.values())
    assert not any(one.waits_for_parent for one in told.values())
    assert snapshot(up).orders == ()


@pytest.mark.parametrize("late", [False, True])
def test_an_entry_can_lose_its_stop_alone_and_goes_on_with_its_target(up: Desk, late: bool) -> None:
    up.refuse_stop(late)
    bracket(up)
    up.fill("ST1", 3)
    refused = becomes(up, "ST10", ended(OrderState.REJECTED))
    assert refused.kind is ReportKind.REJECTED
    assert refused.text
    left = becomes(up, "ST11", lambda one: works(3)(one) and not one.oco_server_order_id)
    assert [one.server_order_id for one in snapshot(up).orders] == [left.server_order_id]
    assert said(up, PositionReported, lambda one: one.report.quantity == 3)


def test_a_broker_that_does_not_honour_links_leaves_the_other_exit_as_it_is(up: Desk) -> None:
    up.ignore_links()
    bracket(up)
    up.fill("ST1", 3)
    becomes(up, "ST10", works(3))
    up.fill("ST11", 3)
    becomes(up, "ST11", ended(OrderState.FILLED))
    (left,) = snapshot(up).orders
    assert (left.client_order_id, left.state, left.quantity) == ("ST10", OrderState.WORKING, Decimal(3))


def test_an_exit_that_is_cancelled_leaves_the_other_working_alone(up: Desk) -> None:
    cancel(up, pair(up)["ST11"])
    becomes(up, "ST11", ended(OrderState.CANCELLED))
    becomes(up, "ST10", lambda one: works(3)(one) and not one.oco_server_order_id)
    (left,) = snapshot(up).orders
    assert (left.client_order_id, left.quantity, left.oco_server_order_id) == ("ST10", Decimal(3), "")


def test_an_exit_that_waits_can_be_moved_and_keeps_waiting(up: Desk) -> None:
    stop = bracket(up)["ST10"]
    named = replace(exits(up)[0], server_order_id=stop.server_order_id)
    up.broker.replace(named, Terms(trigger_price=Decimal(5980)))
    moved = becomes(up, "ST10", lambda one: one.kind is ReportKind.REPLACED)
    assert (moved.trigger_price, moved.waits_for_parent, moved.quantity) == (Decimal(5980), True, Decimal(3))
    up.fill("ST1", 2)
    assert becomes(up, "ST10", works(2)).trigger_price == Decimal(5980)


def test_the_exits_of_an_entry_follow_its_new_terms_while_they_wait(up: Desk) -> None:
    entry = bracket(up, Offsets(Decimal("10.25"), Decimal("1019.5"), Decimal(6001)))["ST1"]
    named = replace(order(up), server_order_id=entry.server_order_id)
    up.broker.replace(named, Terms(quantity=Decimal(2), price=Decimal(6002)))
    becomes(up, "ST1", lambda one: one.kind is ReportKind.REPLACED and one.quantity == 2)
    stop = becomes(up, "ST10", lambda one: one.quantity == 2)
    target = becomes(up, "ST11", lambda one: one.quantity == 2)
    assert stop.waits_for_parent and target.waits_for_parent
    assert (stop.trigger_price, target.price) == (Decimal("5991.75"), Decimal("7021.5"))


def test_an_exit_never_covers_more_than_its_entry_has_filled(up: Desk) -> None:
    stop = bracket(up)["ST10"]
    up.fill("ST1", 1)
    becomes(up, "ST10", works(1))
    named = replace(exits(up, 1)[0], server_order_id=stop.server_order_id)
    up.broker.replace(named, Terms(quantity=Decimal(3)))
    assert becomes(up, "ST10", lambda one: one.kind is ReportKind.REPLACED).quantity == 1
    up.fill("ST1", 1)
    becomes(up, "ST10", works(2))


def test_exits_at_a_distance_stand_off_the_price_of_the_entry(up: Desk) -> None:
    bracket(up, Offsets(Decimal("10.25"), Decimal("1019.5"), Decimal(6001)))
    up.fill("ST1", 3)
    assert becomes(up, "ST10", works(3)).trigger_price is not None
    left = {one.client_order_id: one for one in snapshot(up).orders}
    entered = up.entered_at("ST1")
    assert left["ST10"].trigger_price == entered - Decimal("10.25")
    assert left["ST11"].price == entered + Decimal("1019.5")


def test_two_linked_exits_work_at_once_and_know_each_other(up: Desk) -> None:
    stop, target = pair(up).values()
    assert (stop.waits_for_parent, target.waits_for_parent) == (False, False)
    assert (stop.parent_server_order_id, target.parent_server_order_id) == ("", "")
    assert (stop.oco_server_order_id, target.oco_server_order_id) == (target.server_order_id, stop.server_order_id)
    assert {stop.quantity, target.quantity} == {Decimal(3)}


def test_a_snapshot_tells_who_waits_for_whom(up: Desk) -> None:
    told = bracket(up)
    rows = {one.client_order_id: one for one in snapshot(up).orders}
    assert set(rows) == set(told)
    for name, first in told.items():
        row = rows[name]
        assert row.kind is ReportKind.RESTATED
        assert (row.waits_for_parent, row.parent_server_order_id, row.oco_server_order_id) == (
            first.waits_for_parent,
            first.parent_server_order_id,
            first.oco_server_order_id,
        )


def test_linked_orders_seen_but_not_answered_may_all_have_been_sent_and_are_found_again(up: Desk) -> None:
    up.drop_at_next_order()
    up.broker.submit_bracket(order(up), *exits(up))
    lost = said(up, LinkChanged, lambda one: one.link is Link.OFFLINE)
    assert set(lost.may_have_sent) == {"ST1", "ST10", "ST11"}
    back(up)
    rows = {one.client_order_id: one for one in snapshot(up).orders}
    assert {name: one.waits_for_parent for name, one in rows.items()} == {"ST1": False, "ST10": True, "ST11": True}
