"""What a broker's report makes of an order: pure.

A report may be late, repeated or older than a fill we booked. So the filled quantity never falls, a final state stays,
and an order that has fills never looks untouched again, whatever arrives after.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.announcement import Announcement, Level
from core.broker_report import OrderReport, ReportKind
from core.model.order import FINAL, LIFE, Intent, Order, OrderState, advance

REFUSALS = {
    ReportKind.REJECTED: "The broker refused",
    ReportKind.CANCEL_REFUSED: "The broker refused to cancel",
    ReportKind.REPLACE_REFUSED: "The broker refused to change",
}
_SAID_AGAIN = timedelta(days=1)
ANSWERS_TO_CHANGES = (ReportKind.REPLACED, ReportKind.REPLACE_REFUSED)


def reported(order: Order, report: OrderReport, now: datetime) -> Order:
    """Return the order as the report leaves it; unchanged, it is equal to what it was."""
    updated = order
    if report.server_order_id and report.server_order_id != order.server_order_id:
        updated = replace(updated, server_order_id=report.server_order_id)
    if report.quantity is not None and report.quantity > 0 and report.quantity >= order.filled_quantity:
        updated = replace(updated, quantity=report.quantity)
    if report.filled_quantity is not None and report.filled_quantity > updated.filled_quantity:
        updated = replace(updated, filled_quantity=report.filled_quantity)
    # An exit the broker holds for its entry gets its price from him, when that fills.
    if report.kind in (ReportKind.REPLACED, ReportKind.RESTATED) or order.parent_client_order_id:
        updated = replace(
            updated,
            price=report.price if report.price is not None else updated.price,
            trigger_price=report.trigger_price if report.trigger_price is not None else updated.trigger_price,
        )
    if report.waits_for_parent is not order.waits:
        updated = replace(updated, waits=report.waits_for_parent)
    state = _next_state(updated, report)
    if state is not None:
        updated = advance(updated, state, now, report.text if state in FINAL else "")
    return updated if updated == order else replace(updated, updated_at=now)


def adopted(
    report: OrderReport,
    client_order_id: str,
    held: Decimal,
    now: datetime,
    entry: Order | None = None,
    other: Order | None = None,
) -> Order | None:
    """Return an order somebody else sent, to be seen and cancelled; None when too little is known of it.

    Args:
        held: what is open in the scope, signed; against it the order is taken for an exit.
        entry: the one that holds it, if the broker named one we know. other: the exit he links it with.
    """
    if report.side is None or report.type is None or not report.server_order_id or report.quantity is None:
        return None
    against = report.side.sign * held < 0 or (entry is not None and entry.side is not report.side)
    return Order(
        key=report.key,
        client_order_id=client_order_id,
        side=report.side,
        intent=Intent.REDUCE if against else Intent.ADD if held else Intent.OPEN,
        type=report.type,
        quantity=report.quantity,
        created_at=now,
        updated_at=now,
        price=report.price,
        trigger_price=report.trigger_price,
        time_in_force=report.time_in_force,
        state=report.state or OrderState.UNKNOWN,
        filled_quantity=report.filled_quantity or Decimal(0),
        server_order_id=report.server_order_id,
        reason="EXTERNAL",
        external=True,
        parent_client_order_id="" if entry is None else entry.client_order_id,
        oco_client_order_id="" if other is None else other.client_order_id,
        waits=report.waits_for_parent,
    )


def external_id(report: OrderReport) -> str:
    """Return the name we give an order of somebody else."""
    return f"EXT-{report.key.connection}-{report.server_order_id}"


def refusal(order: Order, report: OrderReport) -> str:
    """Return the broker's refusal in a sentence, his own words verbatim; empty when the report is none.

    A cancel of what has ended without filling, as an exit does with its entry, is not refused: it is done.
    """
    what = REFUSALS.get(report.kind)
    gone = report.kind is ReportKind.CANCEL_REFUSED and order.state in (OrderState.CANCELLED, OrderState.EXPIRED)
    if what is None or gone:
        return ""
    return f"{what} {order.side.value} {order.quantity:f} {order.key.symbol}: {report.text or 'no reason given'}"


def surprise(before: Order, after: Order) -> str:
    """Return what must be said of a fill nobody could expect: more than was ordered, or after the end; or nothing."""
    if after.filled_quantity <= before.filled_quantity:
        return ""
    if after.over_filled:
        what = "more than was ordered"
    elif before.is_final and before.state is not OrderState.FILLED:
        what = f"after it was {before.state.value.lower()}"
    else:
        return ""
    return f"{after.key.symbol}: the broker filled an order {what}. The position shown includes it."


def again_at_work(order: Order) -> str:
    """Say that the broker works an order that had ended."""
    what = f"{order.side.value} {order.quantity:f} {order.key.symbol}"
    return f"The broker works {what}, which was {order.state.value.lower()} here."


def unheard(orders: Iterable[Order], now: datetime) -> list[Announcement]:
    """Return what must be said again after an unclean end: it may have come between the booking and the saying.

    Args:
        now: wall time, aware UTC; what an earlier day left is not said any more.
    """
    late = [one for one in orders if one.over_filled and not one.external and one.updated_at > now - _SAID_AGAIN]
    texts = [(surprise(replace(one, filled_quantity=Decimal(0)), one), one.key) for one in late]
    return [Announcement(Level.ALARM, f"Before the unclean end: {text}", now, key) for text, key in texts]


def _next_state(order: Order, report: OrderReport) -> OrderState | None:
    """Return the state to move to; None to stay."""
    state = report.state
    if order.state is OrderState.PENDING_CANCEL and report.kind in ANSWERS_TO_CHANGES and state not in FINAL:
        return None  # the cancel is still to be answered
    if state is OrderState.WORKING and order.filled_quantity > 0:
        state = OrderState.PARTIAL
    return state if state is order.state or state in LIFE[order.state] else None
