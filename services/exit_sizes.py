"""How large the exits of a position should be: pure.

Stops and targets are alternatives, so each kind is measured on its own: together no more than the position, less what
is about to leave it. Too many are made smaller from the pair whose target is nearest, as if that had been reached; a
stop that is short is made larger where it has no target, else where the target is furthest. Only orders of this
installation are touched, and no entry that rests on the other side: that is not to fit anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.commands import CancelOrder, ChangeOrder
from core.model.bracket import live_quantity
from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from core.model.order_change import STOPS
from core.model.position import Position

ZERO = Decimal(0)
AT_WORK = (OrderState.WORKING, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Resize:
    """An exit that is to have another total quantity; zero is to be cancelled."""

    order: Order
    quantity: Decimal

    @property
    def command(self) -> CancelOrder | ChangeOrder:
        """What is asked of the broker; the same wish is the same action."""
        name = self.order.client_order_id
        if self.quantity == 0:
            return CancelOrder(name)
        action = f"{name}-{self.order.updated_at.timestamp():.6f}-{self.quantity:f}"
        return ChangeOrder(action, name, quantity=self.quantity, confirmed=True, by_rule=True)


def excess(position: Position, leaving: Decimal, orders: Mapping[str, Order], stops: bool) -> Decimal:
    """Return how much more exits of a kind could trade than the position will have, unsigned.

    Args:
        leaving: what is about to leave the position by another order.
        orders: of the scope, by client order id.
    """
    live = sum((live_quantity(one, orders) for one in _exits(position, orders, stops)), ZERO)
    return max(ZERO, live - (abs(position.quantity) - leaving))


def smaller(position: Position, leaving: Decimal, orders: Mapping[str, Order]) -> list[Resize]:
    """Return what makes the exits fit; a kind of which something is being changed already waits for that."""
    resizes: list[Resize] = []
    for stops in (True, False):
        too_much = excess(position, leaving, orders, stops)
        exits = _exits(position, orders, stops)
        if too_much == 0 or _is_moving(exits):
            continue
        mine = [one for one in exits if one.state in AT_WORK and not one.external]
        for order in sorted(mine, key=lambda one: (not _is_idle(one, orders), _rank(one, position, orders))):
            cut = order.remaining if _is_idle(order, orders) else min(live_quantity(order, orders), max(ZERO, too_much))
            too_much -= cut
            if cut > 0:
                resizes.append(Resize(order, ZERO if cut == order.remaining else order.quantity - cut))
    return resizes


def larger(position: Position, leaving: Decimal, orders: Mapping[str, Order]) -> Resize | None:
    """Return the stop that is to cover what no stop does; None when all is covered, or no stop can be enlarged."""
    stops = _exits(position, orders, stops=True)
    short = abs(position.quantity) - leaving - sum((live_quantity(one, orders) for one in stops), ZERO)
    if short <= 0 or _is_moving(stops):
        return None
    mine = [one for one in stops if one.state in AT_WORK and not one.external and live_quantity(one, orders) > 0]
    if not mine:
        return None
    order = max(mine, key=lambda one: _rank(one, position, orders))
    return Resize(order, order.quantity + short)


def _exits(position: Position, orders: Mapping[str, Order], stops: bool) -> list[Order]:
    closing = Side.closing(position.quantity)
    kinds = STOPS if stops else (OrderType.LIMIT,)
    alive = [one for one in orders.values() if one.is_alive and one.side is closing and one.type in kinds]
    return [one for one in alive if one.can_exit]


def _is_idle(order: Order, orders: Mapping[str, Order]) -> bool:
    """Say whether an exit has nothing to exit: its entry ended and filled no more than it has exited."""
    entry = orders.get(order.parent_client_order_id) if order.parent_client_order_id else None
    return entry is not None and entry.is_final and entry.filled_quantity <= order.filled_quantity


def _is_moving(exits: list[Order]) -> bool:
    return any(one.state not in AT_WORK for one in exits)


def _rank(order: Order, position: Position, orders: Mapping[str, Order]) -> tuple[bool, Decimal, str]:
    """Return what sorts the exits of the nearest target first, and those without one last."""
    target = order if order.type is OrderType.LIMIT else orders.get(order.oco_client_order_id)
    if target is None or target.price is None:
        return True, ZERO, order.client_order_id
    return False, target.price * position.direction, order.client_order_id
