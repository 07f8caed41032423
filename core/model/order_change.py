"""What a working order is to become. Prices in points; a quantity is a total that includes what is filled."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderType
from core.model.position import Position, initial_risk
from core.model.protection import protection_of

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be changed of an order; None is not asked for and stays as it is."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for."""
        return self.quantity is None and self.price is None and self.trigger_price is None

    def over(self, other: "Terms") -> "Terms":
        """Return these terms, with the other's where nothing is asked for here."""
        return Terms(
            other.quantity if self.quantity is None else self.quantity,
            other.price if self.price is None else self.price,
            other.trigger_price if self.trigger_price is None else self.trigger_price,
        )

    def beside(self, other: "Terms") -> "Terms":
        """Return what of these terms is asked for and differs from the other's."""
        return Terms(
            None if self.quantity == other.quantity else self.quantity,
            None if self.price == other.price else self.price,
            None if self.trigger_price == other.trigger_price else self.trigger_price,
        )


def terms_of(order: Order) -> Terms:
    """Return what the broker confirmed of an order."""
    return Terms(order.quantity, order.price, order.trigger_price)


def changed(order: Order, wanted: Terms) -> Order:
    """Return the order as it would be under other terms; its state and what is filled stay."""
    terms = wanted.over(terms_of(order))
    return replace(
        order,
        quantity=order.quantity if terms.quantity is None else terms.quantity,
        price=terms.price,
        trigger_price=terms.trigger_price,
    )


class Effect(Enum):
    """What a change does to what can be lost."""

    EASES = "eases it or leaves it as it is"
    ADDS = "an entry becomes larger or more likely to trade"
    WIDENS = "a stop covers less, or gives more than was planned"


def effect_of(
    order: Order, asked: Order, position: Position | None, others: Iterable[Order], instrument: Instrument
) -> Effect:
    """Return what a change does: a tightened stop eases, a widened one within the planned risk does too.

    Args:
        order: as the broker confirmed it. asked: as it would be.
        position: what is open in the scope. others: the other orders there.
    """
    is_exit = position is not None and order.side is Side.closing(position.quantity) and not order.intent.is_entry
    if position is None or not is_exit:
        return Effect.ADDS if _adds(order, asked) else Effect.EASES
    if order.type not in STOPS:
        return Effect.EASES
    if _beyond_plan(order, asked, position, instrument):
        return Effect.WIDENS
    covered = protection_of(position, [one for one in others if one.client_order_id != order.client_order_id])
    falls_short = covered.stop_quantity + asked.remaining < abs(position.quantity)
    return Effect.WIDENS if falls_short and asked.quantity < order.quantity else Effect.EASES


def _adds(order: Order, asked: Order) -> bool:
    """Say whether an entry gets larger, or closer to trading: a limit that pays more, a trigger that comes earlier."""
    sign = order.side.sign
    pays_more = _moved(order.price, asked.price) * sign > 0
    earlier = _moved(order.trigger_price, asked.trigger_price) * sign < 0
    return asked.quantity > order.quantity or pays_more or earlier


def _beyond_plan(order: Order, asked: Order, position: Position, instrument: Instrument) -> bool:
    """Say whether a stop moves away, to where more is lost than was planned; without a plan any step away is."""
    direction, stop = position.direction, asked.trigger_price
    if stop is None or _moved(order.trigger_price, stop) * direction >= 0:
        return False
    if position.entry_price is not None and (stop - position.entry_price) * direction >= 0:
        return False
    lost, planned = initial_risk(position, stop, instrument), position.initial_risk
    return lost is None or planned is None or lost > planned


def _moved(before: Decimal | None, after: Decimal | None) -> Decimal:
    return Decimal(0) if before is None or after is None else after - before


def breakeven_of(position: Position, instrument: Instrument) -> Decimal | None:
    """Return where a stop loses nothing: the entry price, on the grid, rounded to the side that gives less; or None."""
    if position.entry_price is None or instrument.tick_size is None:
        return None
    snapped, on_grid = instrument.snap(position.entry_price)
    if on_grid:
        return snapped
    below, above = instrument.neighbours(position.entry_price)
    return above if position.direction > 0 else below


def stepped(price: Decimal, ticks: int, instrument: Instrument) -> Decimal:
    """Return the price so many ticks away; from off the grid the first step goes onto it.

    Raises:
        ValueError: the tick size is unknown.
    """
    below, above = instrument.neighbours(price)
    start = above if ticks < 0 else below
    return start + ticks * (instrument.tick_size or Decimal(0))
