"""A stop for what is open now: its side, its size and whether its price can be one. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.order import Intent
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from services.order_findings import STOPS, passed
from services.price_check import must_be_on_grid

_SURE = (Certainty.CONFIRMED, Certainty.FILLS_ONLY)


@dataclass(frozen=True, slots=True)
class ProtectiveStop:
    """What to place: the quantity is the part of the position that no stop covers."""

    side: Side
    quantity: Decimal
    trigger_price: Decimal
    intent: Intent = Intent.PROTECT


def protective_stop(key: PositionKey, price: Decimal | None, snapshot: Snapshot) -> ProtectiveStop:
    """Return the stop that would protect a scope at a price.

    Raises:
        InvalidOrder: nothing is open, the broker has not confirmed it, all of it is covered, or the price is missing,
            off tick, or where the market has been already: such a stop would fire at once.
    """
    position, scope = snapshot.positions.get(key), snapshot.scopes.get(key)
    if position is None:
        raise InvalidOrder(f"{key.symbol} is flat; a stop would open a position.")
    if scope is None or scope.certainty not in _SURE:
        state = "unverified" if scope is None else scope.certainty.value.lower()
        raise InvalidOrder(f"{key.symbol} is {state}; a stop might open a position. Wait for the broker, or reconcile.")
    side = Side.closing(position.quantity)
    stops = [one for one in snapshot.orders.values() if one.key == key and one.is_alive and one.type in STOPS]
    covered = sum((one.remaining for one in stops if one.side is side and one.can_exit), Decimal(0))
    quantity = abs(position.quantity) - covered
    if quantity <= 0:
        raise InvalidOrder(f"stops for {covered:f} {key.symbol} may still work; another would be too many.")
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    if price is None or not price.is_finite() or price <= 0:
        raise InvalidOrder("a stop needs a price.")
    if instrument is None or instrument.tick_size is None:
        raise InvalidOrder(f"the tick size of {key.symbol} is not known yet, so a price cannot be checked.")
    must_be_on_grid(price, instrument)
    quote = snapshot.quotes.get((key.connection, key.symbol))
    if passed(price, position, quote):
        last = "—" if quote is None or quote.last is None else instrument.written(quote.last)
        raise InvalidOrder(
            f"the price is {last}, beyond a stop at {instrument.written(price)}; it would fire at once. "
            "Choose another price, or close now."
        )
    return ProtectiveStop(side, quantity, price)
