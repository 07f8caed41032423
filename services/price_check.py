"""A price that may be sent or booked is on the tick grid; off it, the two nearest are named. Pure."""

from decimal import Decimal

from core.errors import InvalidOrder
from core.model.instrument import Instrument


def must_be_on_grid(price: Decimal, instrument: Instrument) -> None:
    """Refuse a price off the tick grid of an instrument whose tick is known.

    Raises:
        InvalidOrder: with the two nearest prices.
    """
    if not price.is_finite():
        raise InvalidOrder("a price must be a number.")
    snapped, on_grid = instrument.snap(price)
    if not on_grid or snapped != price:
        below, above = instrument.neighbours(price)
        near = f"{instrument.written(below)} and {instrument.written(above)}"
        raise InvalidOrder(f"{instrument.written(price)} is off tick; the nearest prices are {near}.")
