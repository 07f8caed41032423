"""One suite for the line to a DTC server and for its stand-in in memory, so that the stand-in cannot drift.

The real one is the network thread on a loopback socket to the simulator's server; the stand-in says what it says into
a list. What both promise is what the engine builds on: an order that is refused, proven unsent, possibly sent or
answered; a list or snapshot that is complete; a fill that happened while nobody listened.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from core.broker_report import ReportKind
from core.errors import ConnectionLost
from core.events import (
    FillReceived,
    Link,
    LinkChanged,
    OrderReported,
    OrdersListed,
    PositionReported,
    PositionsListed,
    SendStarted,
    SnapshotReceived,
)
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from core.model.order_change import Terms
from core.model.scope import AccountKey, PositionKey
from tests.fakes.broker_desk import Desk, FakeDesk, WireDesk, back, order, said, since, snapshot

ACCOUNT = AccountKey("sim", "Sim1")

T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture(params=["stand-in", "wire"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "stand-in":
        yield FakeDesk()
        return
    wire = WireDesk(tmp_path)
    yield wire
    wire.close()


@pytest.fixture
def up(desk: Desk) -> Desk:
    desk.start()
    said(desk, LinkChanged, lambda one: one.link is Link.SYNCING)
    return desk


def test_a_line_comes_up_as_syncing_and_never_calls_itself_ready(up: Desk) -> None:
    assert up.broker.connection == "sim"
    snapshot(up)
    assert Link.READY not in {one.link for one in up.inbox.of(LinkChanged)}


def test_nothing_is_taken_while_the_line_is_down(desk: Desk) -> None:
    with pytest.raises(ConnectionLost):
        desk.broker.submit(order(desk))
    with pytest.raises(ConnectionLost):
        desk.broker.cancel(order(desk))
    with pytest.raises(ConnectionLost):
        desk.broker.replace(order(desk), Terms(Decimal(1)))
    desk.broker.request_snapshot(since(desk))
    desk.start()
    assert snapshot(desk).orders == ()
    assert len(desk.inbox.of(SnapshotReceived)) == 1


def test_an_order_is_started_then_accepted_under_both_names(up: Desk) -> None:
    up.broker.submit(order(up))
    accepted = said(up, OrderReported).report
    assert said(up, SendStarted).client_order_id == "ST1"
    assert (accepted.client_order_id, accepted.kind, accepted.state) == (
        "ST1",
        ReportKind.ACCEPTED,
        OrderState.WORKING,
    )
    assert accepted.server_order_id
    assert (accepted.side, accepted.type, accepted.price) == (Side.BUY, OrderType.LIMIT, Decimal("6000.25"))
    assert (accepted.quantity, accepted.filled_quantity) == (Decimal(3), Decimal(0))
    kinds = [type(message) for message in up.inbox.messages]
    assert kinds.index(SendStarted) < kinds.index(OrderReported)


def test_a_fill_is_told_after_its_report_and_moves_the_position(up: Desk) -> None:
    up.broker.submit(order(up))
    said(up, OrderReported)
    up.fill("ST1", 2)
    fill = said(up, FillReceived).fill
    assert (fill.client_order_id, fill.side, fill.quantity) == ("ST1", Side.BUY, Decimal(2))
    assert fill.execution_id
    assert fill.fill_time is not None
    report = said(up, OrderReported, lambda one: one.report.kind is ReportKind.PARTLY_FILLED).report
    assert (report.state, report.filled_quantity) == (OrderState.PARTIAL, Decimal(2))
    assert said(up, PositionReported).report.quantity == 2
    up.fill("ST1", 1)
    said(up, FillReceived, count=2)
    done = said(up, OrderReported, lambda one: one.report.kind is ReportKind.FILLED).report
    assert (done.state, done.filled_quantity) == (OrderState.FILLED, Decimal(3))


def test_a_cancel_ends_the_order_once_the_broker_says_so(up: Desk) -> None:
    up.broker.submit(order(up))
    accepted = said(up, OrderReported).report
    named = replace(order(up), server_order_id=accepted.server_order_id)
    up.broker.cancel(named)
    cancelled = said(up, OrderReported, lambda one: one.report.kind is ReportKind.CANCELLED).report
    assert (cancelled.client_order_id, cancelled.state) == ("ST1", OrderState.CANCELLED)
    up.broker.cancel(named)
    refused = said(up, OrderReported, lambda one: one.report.kind is ReportKind.CANCEL_REFUSED).report
    assert refused.text
    assert refused.state in (OrderState.CANCELLED, None)


def test_a_change_is_told_with_the_terms_the_order_has_now(up: Desk) -> None:
    up.broker.submit(order(up))
    accepted = said(up, OrderReported).report
    named = replace(order(up), server_order_id=accepted.server_order_id)
    up.fill("ST1", 1)
    said(up, OrderReported, lambda one: one.report.kind is ReportKind.PARTLY_FILLED)
    up.broker.replace(named, Terms(quantity=Decimal(2), price=Decimal("6000.50")))
    told = said(up, OrderReported, lambda one: one.report.kind is ReportKind.REPLACED).report
    assert (told.client_order_id, told.state, told.type) == ("ST1", OrderState.PARTIAL, OrderType.LIMIT)
    assert (told.quantity, told.filled_quantity, told.price) == (Decimal(2), Decimal(1), Decimal("6000.50"))
    up.broker.replace(replace(named, server_order_id=told.server_order_id), Terms(price=Decimal(6001)))
    again = said(up, OrderReported, lambda one: one.report.kind is ReportKind.REPLACED, count=2).report
    assert (again.quantity, again.price) == (Decimal(2), Decimal(6001))
    assert len([one for one in up.inbox.of(SendStarted) if one.client_order_id == "ST1"]) == 3


def test_a_change_that_comes_too_late_or_below_what_is_filled_is_refused_and_ends_nothing(up: Desk) -> None:
    up.broker.submit(order(up))
    accepted = said(up, OrderReported).report
    named = replace(order(up), server_order_id=accepted.server_order_id)
    up.fill("ST1", 2)
    said(up, OrderReported, lambda one: one.report.kind is ReportKind.PARTLY_FILLED)
    up.broker.replace(named, Terms(quantity=Decimal(1)))
    refused = said(up, OrderReported, lambda one: one.report.kind is ReportKind.REPLACE_REFUSED).report
    assert (refused.state, refused.quantity, refused.filled_quantity) == (OrderState.PARTIAL, Decimal(3), Decimal(2))
    assert refused.text
    up.fill("ST1", 1)
    said(up, OrderReported, lambda one: one.report.kind is ReportKind.FILLED)
    up.broker.replace(named, Terms(price=Decimal("6000.50")))
    late = said(up, OrderReported, lambda one: one.report.kind is ReportKind.REPLACE_REFUSED, count=2).report
    assert (late.state, late.price) == (OrderState.FILLED, Decimal("6000.25"))


def test_a_snapshot_tells_accounts_money_orders_positions_and_fills(up: Desk) -> None:
    up.broker.submit(order(up))
    said(up, OrderReported)
    up.fill("ST1", 1)
    said(up, PositionReported)
    begin = since(up)
    up.broker.request_snapshot(begin)
    told = said(up, SnapshotReceived).snapshot
    assert told.fills_since == begin
    assert told.asked_at <= told.completed_at
    assert ACCOUNT in {account.key for account in told.accounts}
    assert {account.currency for account in told.accounts if account.key == ACCOUNT} == {"USD"}
    assert ACCOUNT in dict(told.balances)
    (working,) = told.orders
    assert (working.kind, working.state, working.filled_quantity) == (
        ReportKind.RESTATED,
        OrderState.PARTIAL,
        Decimal(1),
    )
    assert told.positions is not None
    assert [(row.key.symbol, row.quantity) for row in told.positions] == [(up.symbol, Decimal(1))]
    assert told.fills is not None
    (past,) = told.fills
    assert past.execution_id == said(up, FillReceived).fill.execution_id
    assert (past.client_order_id, past.server_order_id) == ("", working.server_order_id)
    assert past.fill_time is not None
    assert past.fill_time.microsecond == 0


def test_lists_are_of_one_account_and_of_all_open_orders(up: Desk) -> None:
    up.broker.submit(order(up))
    said(up, OrderReported)
    up.fill("ST1", 1)
    said(up, PositionReported)
    up.broker.request_positions(ACCOUNT)
    up.broker.request_orders()
    listed = said(up, PositionsListed)
    assert listed.key == ACCOUNT
    assert [row.quantity for row in listed.rows] == [Decimal(1)]
    orders = said(up, OrdersListed)
    assert [row.client_order_id for row in orders.rows] == ["ST1"]


def test_a_scope_that_went_flat_is_listed_as_an_explicit_zero(up: Desk) -> None:
    up.trade_by_hand(2)
    said(up, PositionReported, lambda one: one.report.quantity == 2)
    up.trade_by_hand(0 if isinstance(up, WireDesk) else -2)
    if isinstance(up, FakeDesk):
        up.fake.positions[PositionKey("sim", "Sim1", up.symbol)] = Decimal(0)
    up.broker.request_positions(ACCOUNT)
    assert [row.quantity for row in said(up, PositionsListed).rows] == [Decimal(0)]


def test_an_order_seen_but_not_answered_may_have_been_sent_and_is_found_again_once(up: Desk) -> None:
    up.drop_at_next_order()
    up.broker.submit(order(up))
    lost = said(up, LinkChanged, lambda one: one.link is Link.OFFLINE)
    assert lost.may_have_sent == ("ST1",)
    assert lost.retry_in_s is not None
    with pytest.raises(ConnectionLost):
        up.broker.submit(order(up, "ST2"))
    back(up)
    assert [row.client_order_id for row in snapshot(up).orders] == ["ST1"]


def test_a_fill_while_away_is_in_the_next_snapshot_under_its_own_id(up: Desk) -> None:
    up.broker.submit(order(up))
    accepted = said(up, OrderReported).report
    up.drop()
    said(up, LinkChanged, lambda one: one.link is Link.OFFLINE)
    up.fill("ST1", 3)
    back(up)
    assert up.inbox.of(FillReceived) == []
    told = snapshot(up)
    assert told.orders == ()
    assert told.fills is not None
    (fill,) = told.fills
    assert (fill.server_order_id, fill.quantity, fill.side) == (accepted.server_order_id, Decimal(3), Side.BUY)
    assert fill.execution_id
    assert told.positions is not None
    assert [row.quantity for row in told.positions] == [Decimal(3)]


def test_a_trade_of_another_program_is_told_like_any_other(up: Desk) -> None:
    up.trade_by_hand(2)
    fill = said(up, FillReceived).fill
    assert (fill.client_order_id, fill.quantity, fill.key.symbol) == ("", Decimal(2), up.symbol)
    assert said(up, PositionReported).report.quantity == 2


def test_depth_can_be_wished_for_at_any_time_and_says_nothing_to_the_engine(desk: Desk) -> None:
    desk.broker.follow_depth("MESZ6", True)
    desk.broker.follow_depth("MESZ6", True)
    desk.start()
    said(desk, LinkChanged, lambda one: one.link is Link.SYNCING)
    desk.broker.follow_depth("MESZ6", False)
    desk.broker.follow_depth("MESZ6", False)
    snapshot(desk)
    kinds = {type(one).__name__ for one in desk.inbox.messages}
    assert not {one for one in kinds if "Depth" in one}
