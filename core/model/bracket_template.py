"""Bracket templates: exits as a trader names them, and the bracket they become for one order.

A template says how far: in ticks, points, money or R. R is the distance of the stop; money is that of the whole order,
so that the same template risks the same with one contract or with five. What does not divide is rounded to less: a
distance down to the tick, and of contracts that no share covers evenly the earliest targets get one more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from core.model.bracket import ZERO, Bracket, BracketTarget, ExitPoint
from core.model.errors import InvalidOrder
from core.model.instrument import Instrument

MOST_TARGETS = 4


class Unit(Enum):
    """What a distance is counted in; the value is how it is written behind the amount."""

    TICKS = "t"
    POINTS = " points"
    MONEY = " money"
    R = "R"


@dataclass(frozen=True, slots=True)
class Distance:
    """How far an exit is from its entry; amount positive."""

    amount: Decimal
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount.normalize():f}{self.unit.value}"


@dataclass(frozen=True, slots=True)
class TemplateTarget:
    """A target of a template.

    Attributes:
        share: of the order, more than 0; 1 is all that is left. Ignored where `quantity` says how much leaves there.
    """

    at: Distance
    share: Decimal = Decimal(1)
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BracketTemplate:
    """Exits under a name.

    Attributes:
        stop: in ticks, points or money.
        targets: at most four, nearest first.
        breakeven_after: profit after which the stop goes to the entry price, ticks or R; None never.
        trail: ticks at which the stop follows; None when it does not.
    """

    name: str
    stop: Distance
    targets: tuple[TemplateTarget, ...] = ()
    breakeven_after: Distance | None = None
    trail: Distance | None = None


@dataclass(frozen=True, slots=True)
class BracketBook:
    """The templates there are, and which one a ticket begins with.

    Attributes:
        default: attached to every new entry unless another is chosen; empty for none.
        last: the name used last, by symbol.
    """

    templates: Mapping[str, BracketTemplate] = field(default_factory=dict)
    default: str = ""
    last: Mapping[str, str] = field(default_factory=dict)

    def begins_with(self, symbol: str) -> str:
        """Return the name a new order of a symbol begins with; empty for none."""
        name = self.last.get(symbol, self.default)
        return name if name in self.templates else ""

    def used(self, symbol: str, name: str) -> "BracketBook":
        """Return the book after an order went with a template. None at all holds for that one order only."""
        rest = {place: one for place, one in self.last.items() if place != symbol}
        return replace(self, last={**rest, symbol: name} if name else rest)


@dataclass(frozen=True, slots=True)
class Wish:
    """The exits wanted for one order: a template, and what was typed over it."""

    template: BracketTemplate | None = None
    stop: ExitPoint | None = None
    target: ExitPoint | None = None

    @property
    def is_empty(self) -> bool:
        """True when no exits are wanted."""
        return self.template is None and self.stop is None and self.target is None


def bracket_of(wish: Wish, quantity: Decimal, at: Decimal | None, instrument: Instrument) -> Bracket:
    """Return the bracket of an order.

    Args:
        at: the price it is expected to fill at, points; None unknown.

    Raises:
        InvalidOrder: there is no stop, or a distance comes to less than a tick.
    """
    risked = stop_distance(wish, quantity, at, instrument)
    template = wish.template

    def follows(word: str, distance: Distance | None) -> Decimal | None:
        return None if distance is None else _points(word, distance, quantity, risked, instrument)

    targets: tuple[BracketTarget, ...] = ()
    if wish.target is not None:
        targets = (BracketTarget(quantity, wish.target),)
    elif template is not None:
        sizes = _split(template.targets, quantity, instrument.quantity_step)
        targets = tuple(
            BracketTarget(size, ExitPoint(distance=_points("target", one.at, quantity, risked, instrument)))
            for one, size in zip(template.targets, sizes, strict=True)
            if size > 0
        )
    return Bracket(
        stop=wish.stop or ExitPoint(distance=risked),
        targets=targets,
        breakeven_after=None if template is None else follows("breakeven", template.breakeven_after),
        trail=None if template is None else follows("trail", template.trail),
    )


def stop_distance(wish: Wish, quantity: Decimal, at: Decimal | None, instrument: Instrument) -> Decimal:
    """Return how far the stop is from the entry, points, positive.

    Raises:
        InvalidOrder: there is none, it comes to less than a tick, or the price it is counted from is not known.
    """
    if wish.stop is None:
        if wish.template is None:
            raise InvalidOrder("a target goes with a stop: type one, or choose a bracket.")
        return _points("stop", wish.template.stop, quantity, ZERO, instrument)
    if wish.stop.distance is not None:
        return wish.stop.distance
    if at is None or wish.stop.price is None:
        raise InvalidOrder(f"no price of {instrument.symbol} is known yet, so the stop cannot be checked.")
    return abs(at - wish.stop.price)


def quantity_for(risk: Decimal, wish: Wish, at: Decimal | None, instrument: Instrument) -> Decimal:
    """Return the largest quantity that loses no more than `risk` at its stop, costs apart.

    Raises:
        InvalidOrder: not even the smallest quantity does, or the stop says no distance to size by.
    """
    if wish.is_empty:
        raise InvalidOrder("a size from risk needs a stop: type one, or choose a bracket.")
    if wish.stop is None and wish.template is not None and wish.template.stop.unit is Unit.MONEY:
        raise InvalidOrder(f"the stop of {wish.template.name} is an amount of money already: type a quantity.")
    per_unit = instrument.money(stop_distance(wish, Decimal(1), at, instrument), Decimal(1))
    if per_unit is None:
        raise InvalidOrder(f"what a tick of {instrument.symbol} is worth is not known yet.")
    step = instrument.quantity_step
    quantity = ZERO if not per_unit else (risk / per_unit / step).quantize(Decimal(1), ROUND_FLOOR) * step
    if quantity <= 0:
        least = f"{per_unit * step:.2f} {instrument.currency}".rstrip()
        raise InvalidOrder(f"{risk:.2f} is less than {step.normalize():f} risks there ({least}).")
    return quantity


def _points(word: str, distance: Distance, quantity: Decimal, risked: Decimal, instrument: Instrument) -> Decimal:
    """Return a distance in points, rounded down to the tick."""
    tick, worth = instrument.tick_size, instrument.tick_value
    if tick is None:
        raise InvalidOrder(f"the tick size of {instrument.symbol} is not known yet.")
    if distance.unit is Unit.MONEY:
        if worth is None:
            raise InvalidOrder(f"what a tick of {instrument.symbol} is worth is not known yet.")
        ticks = distance.amount / (worth * quantity)
    elif distance.unit is Unit.TICKS:
        ticks = distance.amount
    else:
        ticks = distance.amount * (risked if distance.unit is Unit.R else Decimal(1)) / tick
    whole = ticks.quantize(Decimal(1), ROUND_FLOOR)
    if whole <= 0:
        raise InvalidOrder(f"the {word} {distance} is less than one tick of {quantity.normalize():f}.")
    return whole * tick


def _split(targets: tuple[TemplateTarget, ...], quantity: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    """Return how much leaves at each target; together never more than the order."""
    shared = [one.share if one.quantity is None and one.share < 1 else ZERO for one in targets]
    sizes = [(quantity * share / step).quantize(Decimal(1), ROUND_FLOOR) * step for share in shared]
    over = (quantity * sum(shared, ZERO) / step).quantize(Decimal(1), ROUND_FLOOR) * step - sum(sizes, ZERO)
    for at, share in enumerate(shared):
        if share and over > 0:
            sizes[at] += step
            over -= step
    left, found = quantity, []
    for one, size in zip(targets, sizes, strict=True):
        wanted = one.quantity if one.quantity is not None else size if one.share < 1 else left
        found.append(min(left, wanted))
        left -= found[-1]
    return tuple(found)
