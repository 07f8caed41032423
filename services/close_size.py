"""How much of a close can be sent, in what parts, and at which limit: pure."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.operation import LIMIT_TICKS
from services.close_causes import RefusalCause, cause_of

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w]|[.,]\d)")


def sendable(quantity: Decimal, instrument: Instrument | None) -> Decimal:
    """Return how much of an unsigned quantity the venue's step lets trade; all of it while the contract is unknown."""
    if instrument is None or instrument.quantity_step <= 0:
        return quantity
    step = instrument.quantity_step
    return (quantity / step).to_integral_value(ROUND_FLOOR) * step


def clip_of(quantity: Decimal, refusal: str, instrument: Instrument | None) -> Decimal | None:
    """Return the part to close at once after a refusal of the whole; None where there is no smaller one.

    The largest size the refusal names if it is about size, else half, rounded up to the venue's step.

    Args:
        quantity: what is open, unsigned.
        refusal: the broker's words.
    """
    step = Decimal(1) if instrument is None else instrument.quantity_step
    if cause_of(refusal) is RefusalCause.SIZE:
        named = [sendable(Decimal(one), instrument) for one in _NUMBER.findall(refusal)]
        fitting = [one for one in named if step <= one < quantity]
        if fitting:
            return max(fitting)
    half = (quantity / 2 / step).to_integral_value(ROUND_CEILING) * step
    return half if 0 < half < quantity else None


def marketable(side: Side, quote: Quote | None, instrument: Instrument | None) -> Decimal | None:
    """Return a limit price some ticks through the touch, on the grid; None while there is no price or no grid.

    Args:
        side: of the closing order: a sale goes below the bid, a purchase above the ask.
    """
    if quote is None or instrument is None or instrument.tick_size is None:
        return None
    touch = quote.bid if side is Side.SELL else quote.ask
    touch = quote.last if touch is None else touch
    if touch is None:
        return None
    below, above = instrument.neighbours(touch)
    return (below if side is Side.SELL else above) + side.sign * LIMIT_TICKS * instrument.tick_size
