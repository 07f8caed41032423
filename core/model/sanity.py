"""Is this order what its sender meant? Five limits before an entry, each soft (say it again) and some hard (never).

Size; the distance of its price from the market; what a move of one percent would cost beside the account's equity;
the same order twice within seconds; and a price on show that is history. What reduces a position is never measured. A
figure that is not known breaks no limit: other guards refuse what is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.scope import PositionKey

_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SanityLimits:
    """Where an order becomes odd, and where it is refused.

    Attributes:
        quantity_soft, quantity_hard: units of one order.
        distance_soft, distance_hard: of its price from the last trade, as a share of that.
        move_soft, move_hard: the cost of a move of one percent, as a share of equity.
        repeat_within: how long the same order counts as the same.
    """

    quantity_soft: Decimal = Decimal(10)
    quantity_hard: Decimal = Decimal(100)
    distance_soft: Decimal = Decimal("0.02")
    distance_hard: Decimal = Decimal("0.20")
    move_soft: Decimal = Decimal("0.25")
    move_hard: Decimal = Decimal("1.00")
    repeat_within: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry as it would be sent; prices in points, quantity positive."""

    key: PositionKey
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    trigger_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an order is measured by.

    Attributes:
        last: the last trade, points; None unknown.
        equity: of the account, in its currency; None unknown.
        currency: the account's; money of another is not compared.
        orders: those sent before.
        now: wall time.
        stale: the feed behind the last trade is gone.
    """

    instrument: Instrument | None
    last: Decimal | None
    equity: Decimal | None
    currency: str
    orders: Iterable[Order]
    now: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that is passed, in a sentence; `is_hard` when no word of the trader lets the order through."""

    text: str
    is_hard: bool = False


def breaches(wanted: Wanted, around: Surroundings, limits: SanityLimits) -> tuple[Breach, ...]:
    """Return every limit an entry passes, hard ones first."""
    found = [
        _size(wanted, limits),
        _distance(wanted, around, limits),
        _cost_of_a_move(wanted, around, limits),
        _repeat(wanted, around, limits),
        Breach("The price on show is old: its feed is silent.") if around.stale else None,
    ]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: not one.is_hard))


def _size(wanted: Wanted, limits: SanityLimits) -> Breach | None:
    if wanted.quantity > limits.quantity_hard:
        return Breach(f"{wanted.quantity:f} is more than one order may have here ({limits.quantity_hard:f}).", True)
    if wanted.quantity > limits.quantity_soft:
        return Breach(f"{wanted.quantity:f} is a large order (more than {limits.quantity_soft:f}).")
    return None


def _distance(wanted: Wanted, around: Surroundings, limits: SanityLimits) -> Breach | None:
    price = wanted.price if wanted.price is not None else wanted.trigger_price
    if price is None or around.last is None or around.last <= 0:
        return None
    share = abs(price - around.last) / around.last
    if share <= limits.distance_soft:
        return None
    instrument = around.instrument or Instrument(wanted.key.symbol)
    ticks = instrument.ticks(abs(price - around.last))
    counted = "" if ticks is None else f"{ticks:.0f} ticks, "
    text = (
        f"{instrument.written(price)} is {counted}{share / _PERCENT:.1f} % away from the last trade "
        f"{instrument.written(around.last)}."
    )
    return Breach(text, share > limits.distance_hard)


def _cost_of_a_move(wanted: Wanted, around: Surroundings, limits: SanityLimits) -> Breach | None:
    instrument, last = around.instrument, around.last
    if instrument is None or last is None or around.equity is None or instrument.currency != around.currency:
        return None
    cost = instrument.money(abs(last) * _PERCENT, wanted.quantity)
    if cost is None:
        return None
    share = cost / around.equity if around.equity > 0 else limits.move_hard + 1
    if share <= limits.move_soft:
        return None
    beside = f"{share / _PERCENT:.0f} % of equity" if around.equity > 0 else "and nothing is left in the account"
    return Breach(f"A move of 1 % would cost {cost:.2f} {around.currency}, {beside}.", share > limits.move_hard)


def _repeat(wanted: Wanted, around: Surroundings, limits: SanityLimits) -> Breach | None:
    for order in around.orders:
        refused = order.state in (OrderState.REJECTED, OrderState.DENIED)
        same = (order.key, order.side, order.type, order.quantity, order.price, order.trigger_price) == (
            wanted.key,
            wanted.side,
            wanted.type,
            wanted.quantity,
            wanted.price,
            wanted.trigger_price,
        )
        age = around.now - order.created_at
        if same and not refused and not order.external and timedelta(0) <= age < limits.repeat_within:
            return Breach(f"The same order was sent {age.total_seconds():.0f} s ago.")
    return None
