"""Which working orders protect a position, read from orders and linkage, never from price alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.model.bracket import live_quantity
from core.model.fill import Side
from core.model.order import Order, OrderType
from core.model.position import Position


@dataclass(frozen=True, slots=True)
class Protection:
    """The exits that work for a position.

    Attributes:
        stop, target: the nearest of each kind; None when there is none.
        stop_quantity, target_quantity: what is covered, unsigned.
        exits: every one with what it could trade now, stops first, the nearest of each kind first.
    """

    stop: Order | None
    target: Order | None
    stop_quantity: Decimal
    target_quantity: Decimal
    exits: tuple[tuple[Order, Decimal], ...] = ()

    def unprotected(self, position: Position) -> Decimal:
        """Return the quantity no working stop covers, unsigned."""
        return max(Decimal(0), abs(position.quantity) - self.stop_quantity)


def protection_of(position: Position, orders: Iterable[Order]) -> Protection:
    """Return the exits of a position among the orders: worked by the broker, same scope, on the closing side.

    An order that was sent and not acknowledged, or whose outcome is unknown, protects nothing yet; neither does one
    that waits for its entry, nor an entry that rests on the other side of the market.
    """
    closing = Side.closing(position.quantity)
    scope = {one.client_order_id: one for one in orders if one.key == position.key}
    working = [one for one in scope.values() if one.is_working and one.side is closing and one.can_exit]
    exits = [one for one in working if live_quantity(one, scope) > 0]
    stops = [one for one in exits if one.type in (OrderType.STOP, OrderType.STOP_LIMIT)]
    targets = [one for one in exits if one.type is OrderType.LIMIT]
    # The stop of a long is below: the highest is nearest. Its target is above: the lowest is nearest.
    stops.sort(key=lambda one: _distance(one.trigger_price, -position.direction))
    targets.sort(key=lambda one: _distance(one.price, position.direction))
    every = tuple((one, live_quantity(one, scope)) for one in (*stops, *targets))
    return Protection(
        stop=stops[0] if stops else None,
        target=targets[0] if targets else None,
        stop_quantity=sum((live_quantity(one, scope) for one in stops), Decimal(0)),
        target_quantity=sum((live_quantity(one, scope) for one in targets), Decimal(0)),
        exits=every,
    )


def _distance(price: Decimal | None, direction: int) -> tuple[bool, Decimal]:
    """Return what sorts the nearest first; an order whose price we were not told comes last."""
    return (True, Decimal(0)) if price is None else (False, price * direction)
