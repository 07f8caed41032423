"""What the exits of an entry are while it fills: how much of them may trade, and where they stand. Pure.

An exit never has more to trade than its entry has filled, less what the other exit traded. Before the first fill it
shows all it was asked for, and waits. A distance is counted from the average price of the entry's fills, rounded to
the tick: a limit stands on the winning side of it, a stop on the losing one. It follows that average until the exit
itself was reached, traded or moved by the client.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from services.simulator.orders import Order, OrderKind, OrderStatus


def followed(child: Order, parent: Order, tick_size: Decimal, now_us: int) -> Order:
    """Return an exit as what happened to its entry makes it; the same where nothing did."""
    after = replace(child, wanted=min(child.wanted, parent.filled)) if parent.status.is_final else child
    after = replace(after, quantity=exposed(after, parent))
    if parent.filled and after.status is OrderStatus.HELD:
        after = replace(after, status=OrderStatus.WORKING, live_us=now_us)
    after = _priced(after, parent, tick_size)
    return child if after == child else replace(after, updated_us=now_us)


def exposed(child: Order, parent: Order) -> Decimal:
    """Return the quantity an exit has while its entry is filled as far as it is."""
    most = min(child.wanted, parent.filled) if parent.filled else child.wanted
    return max(most - child.taken, child.filled)


def reference_of(parent: Order) -> Decimal | None:
    """Return where an entry is expected to fill."""
    if parent.kind is OrderKind.MARKET:
        return parent.reference_price
    return parent.limit_price if parent.kind is OrderKind.LIMIT else parent.stop_price


def placed(child: Order, parent: Order, at: Decimal) -> Order:
    """Return an exit at its distance from a price of its entry; the limit of a stop-limit moves with the stop."""
    assert child.distance is not None, f"{child.server_order_id} has a price of its own"
    sign = parent.side.sign
    if child.kind is OrderKind.LIMIT:
        return replace(child, limit_price=at + sign * child.distance)
    stop = at - sign * child.distance
    if child.kind is OrderKind.STOP:
        return replace(child, stop_price=stop)
    moved = Decimal(0) if child.stop_price is None else stop - child.stop_price
    return replace(child, stop_price=stop, limit_price=stop if child.limit_price is None else child.limit_price + moved)


def refusal(child: Order, parent: Order) -> str:
    """Return why an order cannot be an exit of an entry, empty if it can."""
    if child.side is parent.side:
        return f"An exit of {parent.server_order_id} has to be on the other side"
    if child.kind is OrderKind.MARKET:
        return "An exit has to be a limit, a stop or a stop-limit"
    if child.wanted > parent.quantity:
        return f"Order quantity {child.wanted} is more than the {parent.quantity} of its parent"
    if child.distance is not None and child.distance <= 0:
        return f"Offset {child.distance} from the parent is not greater than zero"
    if child.distance is not None and reference_of(parent) is None:
        return "Offsets need Price1 of the parent"
    return ""


def _priced(child: Order, parent: Order, tick_size: Decimal) -> Order:
    if child.distance is None or child.triggered or child.filled:
        return child
    at = reference_of(parent)
    if parent.average_price is not None and not child.keeps_price:
        at = (parent.average_price / tick_size).to_integral_value() * tick_size
    return child if at is None else placed(child, parent, at)
