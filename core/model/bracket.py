"""A bracket: the exits an entry is sent with, and how much of an exit can trade while its entry still fills.

The exits of one entry are a pair: a stop, and a target beside it. An entry with several targets is therefore several
entries, each with its own pair, so that the broker can hold all of it and link what belongs together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.model.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Offsets:
    """Exits as distances from the price their entry fills at, points, positive.

    Attributes:
        reference: the price the entry carries on the wire where it is a market order (DTC 208 Price1 beside UseOffsets
            of 201).
    """

    stop: Decimal
    target: Decimal
    reference: Decimal


@dataclass(frozen=True, slots=True)
class ExitPoint:
    """Where an exit goes: at a price, or so far from where its entry fills; exactly one of them, points."""

    price: Decimal | None = None
    distance: Decimal | None = None

    def of(self, entry_price: Decimal, side: Side, losing: bool, instrument: Instrument) -> Decimal:
        """Return the price on the tick grid, for an entry of a side that filled at a price.

        Args:
            losing: the exit is a stop; else a target.

        Raises:
            InvalidOrder: the tick size is not known.
        """
        if self.price is not None:
            return self.price
        if instrument.tick_size is None:
            raise InvalidOrder(f"the tick size of {instrument.symbol} is not known yet.")
        sign = -side.sign if losing else side.sign
        below, above = instrument.neighbours(entry_price + sign * (self.distance or ZERO))
        # Between two ticks a stop keeps its risk, and a target asks for no more than was wanted.
        return above if (side is Side.BUY and losing) or (side is Side.SELL and not losing) else below


@dataclass(frozen=True, slots=True)
class BracketTarget:
    """One target: how much leaves there; positive."""

    quantity: Decimal
    at: ExitPoint


@dataclass(frozen=True, slots=True)
class Bracket:
    """The exits of an entry.

    Attributes:
        stop: where it is stopped.
        targets: none, or one or several whose quantities together are at most the entry's.
        breakeven_after: profit in points after which the stop goes to the entry price; None never.
        trail: distance in points at which the stop follows the best price; None when it does not.
    """

    stop: ExitPoint
    targets: tuple[BracketTarget, ...] = ()
    breakeven_after: Decimal | None = None
    trail: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry with its own exits; quantity positive."""

    quantity: Decimal
    stop: ExitPoint
    target: ExitPoint | None


def legs_of(bracket: Bracket, quantity: Decimal) -> tuple[Leg, ...]:
    """Return the entries a bracket is sent as: one for each target, and one for what has only the stop.

    Raises:
        InvalidOrder: a target has no quantity, or together they are more than the entry.
    """
    if any(not target.quantity.is_finite() or target.quantity <= 0 for target in bracket.targets):
        raise InvalidOrder("each target needs a quantity of more than zero.")
    rest = quantity - sum((target.quantity for target in bracket.targets), ZERO)
    if rest < 0:
        raise InvalidOrder(f"the targets together are {quantity - rest:f}, more than the order's {quantity:f}.")
    legs = [Leg(target.quantity, bracket.stop, target.at) for target in bracket.targets]
    return (*legs, Leg(rest, bracket.stop, None)) if rest else tuple(legs)


def check_exits(bracket: Bracket, side: Side, at: Decimal, instrument: Instrument) -> None:
    """Refuse a bracket whose exits would be on the wrong side of its entry.

    Args:
        at: the price the entry is expected to fill at, points.

    Raises:
        InvalidOrder: which exit is wrong, in a sentence.
    """
    points = [("stop", bracket.stop, True), *(("target", target.at, False) for target in bracket.targets)]
    for word, point, losing in points:
        if (point.price is None) is (point.distance is None):
            raise InvalidOrder(f"a {word} needs a price or a distance.")
        if point.distance is not None and not (point.distance.is_finite() and point.distance > 0):
            raise InvalidOrder(f"the distance of a {word} must be more than zero.")
        price = point.of(at, side, losing, instrument)
        if (price - at) * side.sign * (-1 if losing else 1) <= 0:
            where = "below" if (side is Side.BUY) is losing else "above"
            raise InvalidOrder(
                f"the {word} {instrument.written(price)} must be {where} the entry at {instrument.written(at)}."
            )
    moves = [value for value in (bracket.breakeven_after, bracket.trail) if value is not None]
    if any(not value.is_finite() or value <= 0 for value in moves):
        raise InvalidOrder("the distances of breakeven and trail must be more than zero.")


def waits_for_entry(order: Order, orders: Mapping[str, Order]) -> bool:
    """Say whether an order is an exit whose entry has not begun to fill: it exits nothing, and that is right."""
    return live_quantity(order, orders) == 0 and order.remaining > 0


def live_quantity(order: Order, orders: Mapping[str, Order]) -> Decimal:
    """Return how much of an order could trade now, unsigned.

    An exit that is held by its entry is live as far as that has filled, unless the broker says that it still waits.
    Once the entry has ended, all of it is.

    Args:
        orders: by client order id; an entry that is not among them has ended long ago.
    """
    entry = orders.get(order.parent_client_order_id) if order.parent_client_order_id else None
    if entry is not None and order.waits and entry.filled_quantity > 0:
        return ZERO
    if entry is None or entry.is_final:
        return order.remaining
    return min(order.remaining, max(ZERO, entry.filled_quantity - order.filled_quantity))


def as_live(order: Order, orders: Mapping[str, Order]) -> Order:
    """Return an order as large as what of it could trade now; its remaining quantity is the live one."""
    live = live_quantity(order, orders)
    return order if live == order.remaining else replace(order, quantity=order.filled_quantity + live)
