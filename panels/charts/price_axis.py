"""Prices and pixels of a chart: the scale between them, and where the axis writes a price. Pure.

A pixel is a float; a price that leaves here for anything but drawing is a Decimal on the instrument's grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from itertools import count

from core.model.instrument import Instrument
from core.model.price_format import FRACTIONS
from panels import formatting as f

LEAST_GAP = 34.0
_DECIMAL_STEPS = (Decimal(1), Decimal(2), Decimal(5))


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Which prices a stretch of pixels spans.

    Attributes:
        low, high: the prices at its ends, points; low is less than high.
        top, bottom: its ends, pixels from above.
    """

    low: float
    high: float
    top: float
    bottom: float

    def y(self, price: float) -> float:
        """Return where a price lies; outside the stretch where it is beyond its ends."""
        return self.top + (self.high - price) * (self.bottom - self.top) / (self.high - self.low)

    def price(self, y: float) -> float:
        """Return the price at a height."""
        return self.high - (y - self.top) * (self.high - self.low) / (self.bottom - self.top)

    def on_grid(self, y: float, tick: Decimal) -> Decimal:
        """Return the price of the grid nearest to a height."""
        return Decimal(round(self.price(y) / float(tick))) * tick

    def holds(self, price: float) -> bool:
        """Say whether a price is within the ends."""
        return self.low <= price <= self.high


def price_step(span: float, room: float, instrument: Instrument | None, least_gap: float = LEAST_GAP) -> Decimal:
    """Return the distance between two prices of an axis: round, on the tick grid, not closer than `least_gap`.

    Args:
        span: points from end to end, positive.
        room: pixels from end to end, positive.
    """
    needed = Decimal(span * least_gap / room)
    return next(step for step in _round_steps(instrument, needed) if step >= needed)


@lru_cache(maxsize=16)
def price_marks(scale: PriceScale, instrument: Instrument | None) -> tuple[Decimal, ...]:
    """Return the prices the axis writes, from below."""
    step = price_step(scale.high - scale.low, max(1.0, scale.bottom - scale.top), instrument)
    first = (Decimal(scale.low) / step).quantize(Decimal(1), ROUND_CEILING)
    marks: list[Decimal] = []
    for number in count():
        mark = (first + number) * step
        if mark > Decimal(scale.high):
            return tuple(marks)
        marks.append(mark)
    raise AssertionError("an endless count ends")


@lru_cache(maxsize=16)
def price_words(scale: PriceScale, instrument: Instrument | None) -> tuple[tuple[float, str], ...]:
    """Return where the axis writes a price, and which."""
    return tuple((scale.y(float(mark)), f.price(mark, instrument)) for mark in price_marks(scale, instrument))


def widest(scale: PriceScale, instrument: Instrument | None) -> tuple[Decimal, Decimal]:
    """Return the prices at the ends on the grid, as the axis would have to write them."""
    tick = _tick(instrument)
    low, high = ((Decimal(end) / tick).quantize(Decimal(1), ROUND_HALF_EVEN) * tick for end in (scale.low, scale.high))
    return low, high


def _round_steps(instrument: Instrument | None, needed: Decimal) -> Iterator[Decimal]:
    """Yield round distances in rising order, the tick first; each is a whole number of ticks."""
    tick = _tick(instrument)
    yield tick
    if instrument is not None and instrument.price_format in FRACTIONS:
        half = tick * 2
        while half < 1:
            yield half
            half *= 2
    start = min(tick, needed) if needed > 0 else tick
    for exponent in count(start.adjusted()):
        for digit in _DECIMAL_STEPS:
            step = digit.scaleb(exponent)
            if step > tick and step % tick == 0:
                yield step
        # A tick that divides no round number is counted in its own tens.
        ten = tick.scaleb(exponent - tick.adjusted() + 1)
        if exponent >= tick.adjusted() and (Decimal(10).scaleb(exponent) % tick) != 0:
            yield ten


def _tick(instrument: Instrument | None) -> Decimal:
    known = None if instrument is None else instrument.tick_size
    return Decimal("0.01") if known is None else known
