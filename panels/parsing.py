"""Reading what the trader typed: strict, exact, and refused with a sentence rather than guessed at."""

import re
from decimal import Decimal

from core.model.instrument import Instrument
from core.model.price_format import FRACTIONS, UnreadablePrice, read_price
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


def parse_risk(text: str) -> Decimal | None:
    """Read "risk 100.00", the money an order may lose; None where something else is typed.

    Raises:
        InputRefused: what follows the word is no amount of more than zero.
    """
    word, _, amount = text.strip().partition(" ")
    return _number(amount, "Risk") if word.casefold() == "risk" else None


def parse_ticks(text: str, name: str) -> Decimal:
    """Read a distance in ticks such as "12t".

    Raises:
        InputRefused: it is not a whole number of ticks, more than zero.
    """
    value = _number(text.strip()[:-1], name)
    if value % 1:
        raise InputRefused(f"{name}: ticks are whole, such as 12t.")
    return value


def parse_amount(text: str, name: str) -> Decimal:
    """Read an amount of money, 0 or more.

    Raises:
        InputRefused: it is not one.
    """
    typed = _unsigned(text, name)
    if not _NUMBER.fullmatch(typed):
        raise InputRefused(f"{name}: {typed[:20]!r} is not an amount like 4.20.")
    return Decimal(typed)


def parse_price(text: str, instrument: Instrument, name: str = "Price") -> Decimal:
    """Read a price on the tick grid, as a decimal or in the instrument's form.

    Raises:
        InputRefused: it is not a positive price on the grid; the two nearest valid prices are named in its form.
    """
    typed = _unsigned(text, name)
    if instrument.tick_size is None:
        raise InputRefused(f"The tick size of {instrument.symbol} is not known yet.")
    try:
        value = read_price(typed, instrument.price_format)
    except UnreadablePrice as unreadable:
        if unreadable.near is None:
            raise InputRefused(f"{name}: {typed[:20]!r} is not a number like {_example(instrument)}.") from None
        raise InputRefused(f"{typed} is not a price: {_nearest(unreadable.near, instrument)}") from None
    below, above = instrument.neighbours(value)
    if below != above:
        raise InputRefused(f"{typed} is between ticks: {_nearest(value, instrument)}")
    if value == 0:
        raise InputRefused(f"{name} must be more than zero.")
    return below


def _nearest(value: Decimal, instrument: Instrument) -> str:
    """Ask which of the two valid prices around a value is meant; none is below the first tick."""
    assert instrument.tick_size is not None
    below, above = instrument.neighbours(value)
    if below == above:
        below -= instrument.tick_size
    if below <= 0:
        below, above = instrument.tick_size, 2 * instrument.tick_size
    return f"{formatting.price(below, instrument)} or {formatting.price(above, instrument)}?"


def _example(instrument: Instrument) -> str:
    is_fractional = instrument.price_format in FRACTIONS
    return formatting.price(Decimal("110.5"), instrument) if is_fractional else "2 or 5050.25"


def _number(text: str, name: str) -> Decimal:
    typed = _unsigned(text, name)
    if not _NUMBER.fullmatch(typed):
        raise InputRefused(f"{name}: {typed[:20]!r} is not a number like 2 or 5050.25.")
    value = Decimal(typed)
    if value == 0:
        raise InputRefused(f"{name} must be more than zero.")
    return value


def _unsigned(text: str, name: str) -> str:
    typed = text.strip()
    if not typed:
        raise InputRefused(f"{name} is missing.")
    if "," in typed:
        raise InputRefused(f"{name}: write the decimal point as a dot, thousands without a sign.")
    if typed[0] in "-−+":
        raise InputRefused(f"{name} is written without a sign.")
    return typed
