"""How a price is written and read: decimals, or fractions of a point as the venue's display format says. Pure.

The text uses an ASCII minus; what a screen makes of it is the screen's matter. A price that has no place in its
form, because it lies between two steps of it, is written in full as a decimal.

Source: DTC PriceDisplayFormatEnum. 0-9: decimals; 102 to 356: a denominator + 100; 134, 136, 140: thirty-seconds in
halves, quarters and eighths, whose last digit is the thousandths cut to one (0 1 2 3 5 6 7 8).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_HUNDREDTH = Decimal("0.01")
_EIGHTHS = "01235678"  # the first digit of .000 .125 .250 .375 .500 .625 .750 .875
_TAILS = {f"{part * 125:03d}": Decimal(part) / 8 for part in range(8)}
_DECIMAL = re.compile(r"\d{1,15}(\.\d{1,10})?", re.ASCII)
_OVER = re.compile(r"(\d{1,15})(?:['’′-]|\s+)(\d{1,3})\s?/\s?(\d{1,3})", re.ASCII)
_MARKED = re.compile(r"(\d{1,15})['’′-](\d{1,5})(\+?)", re.ASCII)
_DENOMINATORS = frozenset({2, 4, 8, 16, 32, 64, 128, 256})


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fractional form.

    Attributes:
        denominator: the point is counted in these.
        parts: how far one of them is divided again, shown as one more digit.
        is_named: whether the denominator is written behind the price.
    """

    denominator: int
    parts: int = 1
    is_named: bool = False

    @property
    def width(self) -> int:
        """Digits of the numerator."""
        return len(str(self.denominator - 1))


FRACTIONS: Final[Mapping[int, Fraction]] = MappingProxyType(
    {
        102: Fraction(2, is_named=True),
        104: Fraction(4, is_named=True),
        108: Fraction(8),
        116: Fraction(16, is_named=True),
        132: Fraction(32),
        134: Fraction(32, parts=2),
        136: Fraction(32, parts=4),
        140: Fraction(32, parts=8),
        164: Fraction(64, is_named=True),
        228: Fraction(128, is_named=True),
        356: Fraction(256, is_named=True),
    }
)


class UnreadablePrice(ValueError):
    """A text is no price of its form.

    Attributes:
        near: where the text points to all the same; None when it points nowhere.
    """

    def __init__(self, text: str, near: Decimal | None = None):
        super().__init__(f"{text!r} is not a price")
        self.near = near


@lru_cache(maxsize=1024)
def decimals(step: Decimal) -> int:
    """Return the smallest number of decimals that writes a step exactly: 0.25 → 2, 0.1 → 1, 1 → 0."""
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def write_price(price: Decimal, tick_size: Decimal | None, price_format: int) -> str:
    """Write a price in its form: 110.515625 as "110'165" (134), 5050.5 of a tick of 0.25 as "5050.50"."""
    form = FRACTIONS.get(price_format)
    if form is not None:
        return _in_fractions(price, form) or _in_full(price)
    if tick_size is None or decimals(price) > decimals(tick_size):
        return _in_full(price)
    return f"{price:.{decimals(tick_size)}f}"


def write_average(price: Decimal, tick_size: Decimal | None, price_format: int) -> str:
    """Write an average: as a price where it is one, else with two more digits ("110'16.33", "5050.3333")."""
    form = FRACTIONS.get(price_format)
    if form is not None:
        return _in_fractions(price, form) or _between_fractions(price, form)
    if tick_size is None:
        return _in_full(price)
    places = decimals(tick_size)
    rounded = price.quantize(Decimal(1).scaleb(-(places + 2)), ROUND_HALF_EVEN)
    return f"{rounded:.{max(places, decimals(rounded))}f}"


def read_price(text: str, price_format: int) -> Decimal:
    """Read a price without sign; a decimal is read in every form.

    Raises:
        UnreadablePrice: it is none.
    """
    typed = text.strip()
    if _DECIMAL.fullmatch(typed):
        return Decimal(typed)
    form = FRACTIONS.get(price_format)
    if form is None:
        raise UnreadablePrice(typed)
    if over := _OVER.fullmatch(typed):
        whole, numerator, denominator = (int(part) for part in over.groups())
        if denominator not in _DENOMINATORS:
            raise UnreadablePrice(typed)
        return _joined(typed, whole, Decimal(numerator), denominator)
    marked = _MARKED.fullmatch(typed)
    if marked is None or form.is_named:
        raise UnreadablePrice(typed)
    return _marked(typed, form, int(marked[1]), marked[2], half=bool(marked[3]))


def _marked(typed: str, form: Fraction, whole: int, digits: str, half: bool) -> Decimal:
    """Read what stands behind the mark: the numerator, and in thirty-seconds the part of one."""
    numerator, tail = Decimal(digits[: form.width]), digits[form.width :]
    if len(digits) < form.width or ((tail or half) and form.denominator != 32) or (tail and half):
        raise UnreadablePrice(typed)
    if half:
        return _joined(typed, whole, numerator + Decimal("0.5"), form.denominator)
    part = next((part for full, part in _TAILS.items() if full.startswith(tail)), None)
    if part is None:
        near = whole + min(numerator + Decimal(f"0.{tail}"), Decimal(form.denominator)) / form.denominator
        raise UnreadablePrice(typed, near)
    return _joined(typed, whole, numerator + part, form.denominator)


def _joined(typed: str, whole: int, numerator: Decimal, denominator: int) -> Decimal:
    if numerator >= denominator:
        raise UnreadablePrice(typed, Decimal(whole + 1))
    return whole + numerator / denominator


def _in_fractions(price: Decimal, form: Fraction) -> str:
    """Return the price in the form, or nothing where it lies between two steps of it."""
    units = abs(price) * form.denominator * form.parts
    if units != units.to_integral_value():
        return ""
    whole, rest = divmod(int(units), form.denominator * form.parts)
    numerator, part = divmod(rest, form.parts)
    tail = _EIGHTHS[part * 8 // form.parts] if form.parts > 1 else ""
    return _framed(price, form, whole, f"{numerator:0{form.width}d}{tail}")


def _between_fractions(price: Decimal, form: Fraction) -> str:
    whole, numerator = divmod((abs(price) * form.denominator).quantize(_HUNDREDTH, ROUND_HALF_EVEN), form.denominator)
    return _framed(price, form, int(whole), f"{numerator:0{form.width + 3}.2f}")


def _framed(price: Decimal, form: Fraction, whole: int, numerator: str) -> str:
    return f"{'-' if price < 0 else ''}{whole}'{numerator}{f'/{form.denominator}' if form.is_named else ''}"


def _in_full(price: Decimal) -> str:
    text = f"{price.normalize():f}"
    return "0" if text == "-0" else text
