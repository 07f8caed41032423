"""Orders a complete snapshot does not list: evidence is gathered, twice and apart in time, before one is ended."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from core.broker_report import BrokerSnapshot
from core.model.fill import Fill, FillSource
from core.model.order import Order, OrderState

# An order this young may be on its way past the snapshot; and two absences must lie this far apart.
SETTLING_S = 2.0


class AbsentOrders:
    """Remember which alive orders complete snapshots lacked (trading thread)."""

    def __init__(self) -> None:
        self._absent_since_s: dict[str, float] = {}

    @property
    def waiting(self) -> bool:
        """True while some order was absent once and a second look is needed."""
        return bool(self._absent_since_s)

    def weigh(self, orders: Iterable[Order], snapshot: BrokerSnapshot, now_s: float) -> list[str]:
        """Return the client ids whose absence is proven by this snapshot and an earlier one.

        A snapshot without fills proves nothing, because an order may be gone because it filled; neither does one whose
        fills do not reach back to the order's birth, or cannot all be read in its scope, or one that does not name the
        order's account.

        Args:
            orders: every order of the connection.
            now_s: monotonic seconds.
        """
        if snapshot.fills is None:
            return []
        listed = {row.client_order_id for row in snapshot.orders} | {row.server_order_id for row in snapshot.orders}
        named = {one.key for one in snapshot.accounts}
        theirs = [one for one in orders if one.key.account_key in named]
        absent = {one.client_order_id: one for one in theirs if _is_absent(one, listed, snapshot)}
        since = {name: self._absent_since_s.get(name, now_s) for name in absent}
        young = snapshot.asked_at - timedelta(seconds=SETTLING_S)
        proven = [
            name
            for name, one in absent.items()
            # A change in a time to come was made before the clock was set back.
            if now_s - since[name] >= SETTLING_S and not young < one.updated_at <= snapshot.completed_at
        ]
        self._absent_since_s = {name: seen_s for name, seen_s in since.items() if name not in proven}
        return proven


def resolution(order: Order, filled: Decimal, fills: Iterable[Fill]) -> tuple[OrderState, str]:
    """Return what an order is whose absence is proven, and why.

    A correction on its side since it was born may be what it did, and so may a fill that names no order: then nobody
    may call it never placed.

    Args:
        filled: what the ledger has of it.
        fills: those booked lately.
    """
    if filled >= order.quantity:
        return OrderState.FILLED, "Its fills are booked."
    if filled > 0 or order.server_order_id or order.state is not OrderState.UNKNOWN:
        return OrderState.CANCELLED, f"{filled:f} of {order.quantity:f} filled; the broker works it no more."
    mine = [one for one in fills if one.key == order.key and one.side is order.side]
    since = [one for one in mine if one.received_at >= order.created_at]
    if any(one.source in (FillSource.RECON, FillSource.MANUAL) for one in since):
        return OrderState.CANCELLED, "The broker works it no more; the correction booked since may be its fill."
    if any(not one.client_order_id for one in since):
        return OrderState.CANCELLED, "The broker works it no more; a fill that names no order may be its own."
    return OrderState.DENIED, "The broker has neither the order nor a fill of it: it was not placed."


def _is_absent(order: Order, listed: set[str], snapshot: BrokerSnapshot) -> bool:
    if order.is_final or order.state is OrderState.SENT or order.created_at < snapshot.fills_since:
        return False
    if order.key in snapshot.unread:
        return False
    return order.client_order_id not in listed and not (order.server_order_id and order.server_order_id in listed)
