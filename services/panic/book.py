"""What the broker has told a panic so far: orders that work, and whether anything moved since a position was read."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.broker_report import OrderReport, PositionReport
from core.model.fill import Side
from core.model.order import FINAL, OrderState
from core.model.scope import PositionKey


@dataclass(frozen=True, slots=True)
class Closing:
    """A market order to be sent: exactly what is open, on the side that closes it."""

    key: PositionKey
    side: Side
    quantity: Decimal


class Book:
    """Orders by the broker's id for them, and what they filled by.

    Attributes:
        told: the last position the broker stated of each scope, of his own accord.
        refused: his words for orders he refused, by client order id.
    """

    def __init__(self) -> None:
        self.told: dict[PositionKey, Decimal] = {}
        self.refused: dict[str, str] = {}
        self._orders: dict[str, OrderReport] = {}
        self._ended: dict[str, OrderState] = {}
        self._filled: dict[str, Decimal] = {}
        self._since: dict[PositionKey, Decimal] = {}

    def take(self, report: OrderReport) -> None:
        """Take what is said of one order, live or in a list."""
        name = _name(report)
        known = self._orders.get(name)
        self._orders.pop(report.previous_server_order_id, None)
        self._orders[name] = report
        if report.state in FINAL:
            self._ended[report.client_order_id] = self._ended[name] = report.state
            if report.state is OrderState.REJECTED:
                self.refused[report.client_order_id] = report.text or "no reason given"
        side = report.side or (known.side if known is not None else None)
        total = report.filled_quantity
        if total is not None and side is not None:
            more = total - self._filled.get(name, Decimal(0))
            if more > 0:
                self._filled[name] = total
                self._since[report.key] = self._since.get(report.key, Decimal(0)) + side.sign * more

    def list_orders(self, reports: Iterable[OrderReport]) -> None:
        """Take a complete, fresh list of the open orders: what it lacks works no more."""
        rows = list(reports)
        for row in rows:
            if _name(row) not in self._orders and row.filled_quantity is not None:
                self._filled[_name(row)] = row.filled_quantity  # of before: nothing has moved by it now
            self.take(row)
        listed = {_name(row) for row in rows}
        for name in self._orders.keys() - listed:
            self._ended.setdefault(name, OrderState.UNKNOWN)

    def state(self, report: PositionReport) -> None:
        """Take a position the broker states of his own accord."""
        if report.quantity is not None:
            self.told[report.key] = report.quantity

    def working(self, accounts: Iterable[str]) -> tuple[OrderReport, ...]:
        """Return the orders of these accounts that may still trade."""
        wanted = set(accounts)
        alive = (one for name, one in self._orders.items() if name not in self._ended)
        return tuple(one for one in alive if one.key.account in wanted)

    def ended(self, client_order_id: str) -> bool:
        """Say whether the broker said that an order of ours is over."""
        return client_order_id in self._ended

    def begin(self) -> None:
        """Count fills, and positions told, from here on."""
        self._since.clear()
        self.told.clear()

    def filled_since(self) -> dict[PositionKey, Decimal]:
        """Return what orders are reported filled by since `begin`, signed, by scope."""
        return {key: quantity for key, quantity in self._since.items() if quantity}


def surely_open(held: dict[PositionKey, Decimal], expected: dict[PositionKey, Decimal]) -> dict[PositionKey, Decimal]:
    """Return what is open by both accounts of it: the smaller figure, nothing where they name different sides."""
    both = {key: (quantity, expected.get(key, Decimal(0))) for key, quantity in held.items()}
    return {key: min(pair, key=abs) for key, pair in both.items() if pair[0] * pair[1] > 0}


def closing(
    positions: dict[PositionKey, Decimal], stuck: Iterable[OrderReport]
) -> tuple[tuple[Closing, ...], tuple[str, ...]]:
    """Return the orders that make positions flat, and what is left open by them, in words.

    An order that would not be cancelled and stands against the position may still close it: what it may do is not done
    a second time, since both together would leave the account on the other side.
    """
    orders: list[Closing] = []
    left: list[str] = []
    for key, held in sorted(positions.items()):
        if not held:
            continue
        side = Side.closing(held)
        against = [one for one in stuck if one.key == key and one.side in (side, None)]
        covered = sum((_rest(one, held) for one in against), Decimal(0))
        free = max(Decimal(0), abs(held) - covered)
        if covered:
            left.append(
                f"{key.account} {key.symbol}: {min(covered, abs(held)):f} of {abs(held):f} were not closed, because "
                f"{len(against)} order(s) that may close them would not be cancelled."
            )
        if free:
            orders.append(Closing(key, side, free))
    return tuple(orders), tuple(left)


def written(key: PositionKey, quantity: Decimal) -> str:
    """Return an open position in words."""
    return f"{key.account} {key.symbol}: {'LONG' if quantity > 0 else 'SHORT'} {abs(quantity):f} is open"


def described(order: OrderReport) -> str:
    """Return an order in words."""
    side = order.side.value if order.side else "an order"
    size = f" {order.quantity:f}" if order.quantity is not None else ""
    kind = f" {order.type.value}" if order.type else ""
    return f"{order.key.account} {order.key.symbol}: {side}{size}{kind}"


def _rest(order: OrderReport, held: Decimal) -> Decimal:
    if order.quantity is None:
        return abs(held)
    return max(Decimal(0), order.quantity - (order.filled_quantity or Decimal(0)))


def _name(report: OrderReport) -> str:
    return report.server_order_id or report.client_order_id
