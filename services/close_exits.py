"""Which exits a close that came to nothing puts back: pure. The one thing this program ever sends again by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.model.bracket import waits_for_entry
from core.model.fill import Side
from core.model.market import Quote
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ExitAgain:
    """An exit to place again with the quantity it may have; a stop and a target where the two were linked."""

    quantity: Decimal
    stop: Order | None = None
    target: Order | None = None


@dataclass(frozen=True, slots=True)
class PutBack:
    """What protects a position after a close came to nothing.

    Attributes:
        exits: the cancelled ones to place again, stops first.
        bare: the quantity whose stop cannot be placed again because the market has passed it.
    """

    exits: tuple[ExitAgain, ...] = ()
    bare: Decimal = ZERO


def put_back(
    position: Position, cancelled: Collection[str], orders: Mapping[str, Order], quote: Quote | None
) -> PutBack:
    """Return the cancelled exits to place again, each kind together never more than the position; working ones count.

    A stop whose trigger the market has passed is left out: placing it would fire it. An exit whose entry never filled
    exited nothing and is not put back.

    Args:
        cancelled: client ids of the orders the close cancelled.
        orders: all that are known, by client order id, oldest first.
        quote: the latest of the symbol; None when there is none.
    """
    closing = Side.closing(position.quantity)
    here = [one for one in orders.values() if one.key == position.key and one.side is closing]
    # The newest had the size that was right last.
    gone = [one for one in reversed(here) if _is_gone(one, cancelled, orders)]
    stops, targets = [one for one in gone if one.type in STOPS], [one for one in gone if _is_target(one)]
    # What may still work counts, whether or not the broker has said so: too many exits reverse a position.
    alive = [one for one in here if one.is_alive and not waits_for_entry(one, orders)]
    room = _room(position, [one for one in alive if one.type in STOPS])
    room_of_targets = _room(position, [one for one in alive if _is_target(one)])
    exits: list[ExitAgain] = []
    bare = ZERO
    for stop in stops:
        quantity = min(stop.remaining, room)
        room -= quantity
        if beyond(stop, quote):
            bare += quantity
        elif quantity > 0:
            target = next((one for one in targets if _linked(stop, one) and room_of_targets >= quantity), None)
            if target is not None:
                targets.remove(target)
                room_of_targets -= quantity
            exits.append(ExitAgain(quantity, stop, target))
    for target in targets:
        quantity = min(target.remaining, room_of_targets)
        room_of_targets -= quantity
        if quantity > 0:
            exits.append(ExitAgain(quantity, None, target))
    return PutBack(tuple(exits), bare)


def beyond(stop: Order, quote: Quote | None) -> bool:
    """Say whether the market has passed a stop's trigger."""
    if quote is None or quote.last is None or stop.trigger_price is None:
        return False
    return quote.last <= stop.trigger_price if stop.side is Side.SELL else quote.last >= stop.trigger_price


def _room(position: Position, working: list[Order]) -> Decimal:
    return max(ZERO, abs(position.quantity) - sum((one.remaining for one in working), ZERO))


def _is_target(order: Order) -> bool:
    return order.type is OrderType.LIMIT and order.intent in (Intent.REDUCE, Intent.PROTECT)


def _is_gone(order: Order, cancelled: Collection[str], orders: Mapping[str, Order]) -> bool:
    """Say whether the close cancelled an exit that exited something."""
    entry = orders.get(order.parent_client_order_id) if order.parent_client_order_id else None
    did_nothing = entry is not None and entry.filled_quantity == 0
    return order.client_order_id in cancelled and order.state is OrderState.CANCELLED and not did_nothing


def _linked(stop: Order, target: Order) -> bool:
    names = (stop.oco_client_order_id, target.oco_client_order_id)
    return target.client_order_id == names[0] or stop.client_order_id == names[1]
