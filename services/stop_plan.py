"""Where the stop of a position was to be: remembered while nobody here gave it up, so that its loss is told. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal

from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from core.model.position import Position
from core.model.protection import protection_of


def planned_stop(position: Position, order: Order, before: Order | None, taken: Collection[str]) -> Decimal | None:
    """Return where the stop was to be, after an order of the scope moved; None where it was given up.

    Args:
        taken: client ids of orders a close took away.
    """
    if before is not None and before.waits:
        return position.stop_price  # an exit that waits for its entry has stopped nothing yet
    if before is not None and before.is_final:
        return position.stop_price  # late news of one that ended before tells nothing of the stop there is now
    if _ended_as_wanted(position, order, before, taken):
        return None
    return _stop_before(position, before) if position.stop_price is None else position.stop_price


def with_working_exits(position: Position, orders: Iterable[Order]) -> Position:
    """Return the position with its nearest working exits; a stop that is gone leaves where it was."""
    exits = protection_of(position, orders)
    working = None if exits.stop is None else exits.stop.trigger_price
    stop = position.stop_price if working is None else working
    target = None if exits.target is None else exits.target.price
    if (stop, target) == (position.stop_price, position.target_price):
        return position
    return replace(position, stop_price=stop, target_price=target)


def _ended_as_wanted(position: Position, order: Order, before: Order | None, taken: Collection[str]) -> bool:
    """Say whether the stop is gone because it did its work or because the trader took it away.

    What a close took away is not given up: should the close come to nothing, the stop is wanted again. Neither is it by
    an entry that rests, nor by another stop than the one that is remembered.
    """
    if order.type not in (OrderType.STOP, OrderType.STOP_LIMIT) or not order.is_final:
        return False
    if not order.can_exit or order.side is not Side.closing(position.quantity):
        return False
    known = {order.trigger_price, order.trigger_price if before is None else before.trigger_price}
    if position.stop_price is not None and position.stop_price not in known:
        return False
    if order.client_order_id in taken:
        return False
    asked = before is not None and before.state is OrderState.PENDING_CANCEL
    return order.state is OrderState.FILLED or asked


def _stop_before(position: Position, before: Order | None) -> Decimal | None:
    """Return where an order stopped the position until now; the annotation may have died with the program."""
    stop = None if before is None else protection_of(position, [before]).stop
    return None if stop is None else stop.trigger_price
