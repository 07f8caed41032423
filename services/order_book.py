"""Every order we know of, by any name it was ever given."""

from collections.abc import Iterator
from datetime import timedelta

from core.broker_report import OrderReport, ReportKind
from core.model.order import FINAL, Order
from core.model.scope import PositionKey
from core.model.trading_day import day_start

# A list may cross the end of an order on its way; after this it does not.
LONG_ENDED = timedelta(seconds=2)


class OrderBook:
    """Orders in memory, by client id and by every server id they ever had (trading thread)."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._by_server_id: dict[tuple[PositionKey, str], str] = {}

    def __iter__(self) -> Iterator[Order]:
        """Iterate over the orders as they are now, oldest first."""
        return iter(tuple(self._orders.values()))

    def __contains__(self, client_order_id: str) -> bool:
        return client_order_id in self._orders

    def get(self, client_order_id: str) -> Order | None:
        """Return the order with this client id."""
        return self._orders.get(client_order_id)

    def keep(self, order: Order) -> None:
        """Hold the order as it is now; an id the broker replaced stays a synonym, since a late fill may carry it."""
        self._orders[order.client_order_id] = order
        name = (order.key, order.server_order_id)
        if order.server_order_id and not (order.is_final and name in self._by_server_id):
            self._by_server_id[name] = order.client_order_id

    def of(self, key: PositionKey) -> list[Order]:
        """Return every order of a scope."""
        return [one for one in self._orders.values() if one.key == key]

    def alive(self, key: PositionKey) -> list[Order]:
        """Return the orders of a scope that may still trade."""
        return [one for one in self._orders.values() if one.key == key and one.is_alive]

    def named(self, key: PositionKey, client_order_id: str, *server_order_ids: str) -> Order | None:
        """Return the order of a scope that goes by one of these names, the client id first."""
        order = self._orders.get(client_order_id)
        if order is not None and order.key == key:
            return order
        names = (self._by_server_id.get((key, one)) for one in server_order_ids if one)
        return next((self._orders[name] for name in names if name is not None), None)

    def find(self, report: OrderReport) -> Order | None:
        """Return the order a report is about; one that lives is not about an order that had ended well before.

        A broker may use the name of an order of an earlier day again, and list one that evidence ended here.
        """
        order = self.named(report.key, report.client_order_id, report.server_order_id, report.previous_server_order_id)
        if order is None or not order.is_final:
            return order
        other = self._by_server_id.get((report.key, report.server_order_id), order.client_order_id)
        lives = report.state is not None and report.state not in FINAL
        if other != order.client_order_id or not lives:
            return self._orders[other]
        if report.client_order_id != order.client_order_id:
            return None if order.updated_at < day_start(report.received_at) else order
        listed = report.kind is ReportKind.RESTATED
        return None if listed and order.updated_at < report.received_at - LONG_ENDED else order
