"""Reading what the trader typed: strict, exact, and refused with a sentence rather than guessed at."""

import re
from decimal import Decimal

from core.model.instrument import Instrument
from panels import formatting

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,10})?", re.ASCII)


class InputRefused(ValueError):
    """What was typed cannot be used; the text says why and what would be accepted."""


def parse_quantity(text: str, step: Decimal = Decimal(1)) -> Decimal:
    """Read a quantity.

    Raises:
        InputRefused: it is not a positive multiple of `step`.
    """
    value = _number(text, "Quantity")
    if value % step:
        raise InputRefused(f"Quantity goes in steps of {formatting.quantity(step)}.")
    return value


def parse_price(text: str, instrument: Instrument, name: str = "Price") -> Decimal:
    """Read a price on the tick grid.

    Raises:
        InputRefused: it is not a positive price on the grid; the two nearest valid prices are named.
    """
    value = _number(text, name)
    if instrument.tick_size is None:
        raise InputRefused(f"The tick size of {instrument.symbol} is not known yet.")
    below, above = instrument.neighbours(value)
    if below != above:
        low, high = formatting.price(below, instrument), formatting.price(above, instrument)
        raise InputRefused(f"{text.strip()} is between ticks: {low} or {high}?")
    return below


def _number(text: str, name: str) -> Decimal:
    typed = text.strip()
    if not typed:
        raise InputRefused(f"{name} is missing.")
    if "," in typed:
        raise InputRefused(f"{name}: write the decimal point as a dot, thousands without a sign.")
    if typed[0] in "-−+":
        raise InputRefused(f"{name} is written without a sign.")
    if not _NUMBER.fullmatch(typed):
        raise InputRefused(f"{name}: {typed[:20]!r} is not a number like 2 or 5050.25.")
    value = Decimal(typed)
    if value == 0:
        raise InputRefused(f"{name} must be more than zero.")
    return value
