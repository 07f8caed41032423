"""Which stops a failed close puts back: pure. The one thing this program ever sends again by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.model.fill import Side
from core.model.market import Quote
from core.model.order import Order, OrderState, OrderType
from core.model.position import Position

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


@dataclass(frozen=True, slots=True)
class PutBack:
    """What protects a position after a close came to nothing.

    Attributes:
        stops: the cancelled stops to place again, each with the quantity it may have.
        bare: the quantity whose stop cannot be placed again because the market has passed it.
    """

    stops: tuple[tuple[Order, Decimal], ...]
    bare: Decimal


def put_back(position: Position, cancelled: Iterable[str], orders: Iterable[Order], quote: Quote | None) -> PutBack:
    """Return the cancelled stops to place again, together never more than the position; working ones count.

    A stop whose trigger the market has passed is left out: placing it would fire it.

    Args:
        cancelled: client ids of the orders the close cancelled.
        quote: the latest of the symbol; None when there is none.
    """
    names = set(cancelled)
    closing = Side.closing(position.quantity)
    stops_here = [one for one in orders if one.key == position.key and one.type in STOPS and one.side is closing]
    # What may still work counts, whether or not the broker has said so: too many stops reverse a position.
    covered = sum((one.remaining for one in stops_here if one.is_alive), Decimal(0))
    room = max(Decimal(0), abs(position.quantity) - covered)
    gone = [one for one in stops_here if one.client_order_id in names and one.state is OrderState.CANCELLED]
    stops: list[tuple[Order, Decimal]] = []
    bare = Decimal(0)
    for stop in reversed(gone):  # the newest had the size that was right last
        quantity = min(stop.remaining, room)
        room -= quantity
        if beyond(stop, quote):
            bare += quantity
        elif quantity > 0:
            stops.append((stop, quantity))
    return PutBack(tuple(stops), bare)


def beyond(stop: Order, quote: Quote | None) -> bool:
    """Say whether the market has passed a stop's trigger."""
    if quote is None or quote.last is None or stop.trigger_price is None:
        return False
    return quote.last <= stop.trigger_price if stop.side is Side.SELL else quote.last >= stop.trigger_price
