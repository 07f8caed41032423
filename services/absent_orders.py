"""Orders a complete snapshot does not list: evidence is gathered, twice and apart in time, before one is ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.broker_report import BrokerSnapshot
from core.model.order import Order, OrderState

# An order this young may be on its way past the snapshot; and two absences must lie this far apart.
SETTLING = timedelta(seconds=2)


class AbsentOrders:
    """Remember which alive orders complete snapshots lacked (trading thread)."""

    def __init__(self) -> None:
        self._first_absent: dict[str, datetime] = {}

    @property
    def waiting(self) -> bool:
        """True while some order was absent once and a second look is needed."""
        return bool(self._first_absent)

    def weigh(self, orders: Iterable[Order], snapshot: BrokerSnapshot) -> list[str]:
        """Return the client ids whose absence is proven by this snapshot and an earlier one.

        A snapshot without fills proves nothing: an order may be gone because it filled.
        """
        if snapshot.fills is None:
            return []
        listed = {row.client_order_id for row in snapshot.orders} | {row.server_order_id for row in snapshot.orders}
        proven: list[str] = []
        for order in orders:
            if order.is_final or order.state is OrderState.SENT:
                self._first_absent.pop(order.client_order_id, None)
                continue
            young = order.updated_at > snapshot.asked_at - SETTLING or order.created_at < snapshot.fills_since
            if order.client_order_id in listed or (order.server_order_id and order.server_order_id in listed):
                self._first_absent.pop(order.client_order_id, None)
            elif order.client_order_id not in self._first_absent:
                if order.created_at >= snapshot.fills_since:
                    self._first_absent[order.client_order_id] = snapshot.asked_at
            elif not young and snapshot.asked_at - self._first_absent[order.client_order_id] >= SETTLING:
                del self._first_absent[order.client_order_id]
                proven.append(order.client_order_id)
        return proven
