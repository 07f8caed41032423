"""VWAP and point of control of a trading day, as far as its bars tell them. Pure.

A bar does not tell at which of its prices how much was traded, so both are approximations, the better the shorter the
bars (what was counted trade by trade is in `session_studies`):

- VWAP: Σ typical price × volume ÷ Σ volume; the typical price of a bar is (high + low + close) ÷ 3.
- Point of control: the price with the most volume, where a bar's volume is spread evenly from its low to its high. Of
  several, the one nearest to the VWAP; of two as near, the lower. Prices are counted in steps of whole ticks, about
  0.002 % of the price, so that a market of small ticks costs no more than another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.model.bar import Bar

_ZERO: Final = Decimal(0)
_STEP_SHARE: Final = Decimal("0.00002")


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of a day so far, points; None while nothing was traded, or where no tick is known to count in."""

    vwap: Decimal | None = None
    poc: Decimal | None = None


class DayTotals:
    """Adds up the bars of one trading day, oldest first; not thread-safe."""

    def __init__(self, tick: Decimal | None) -> None:
        """Begin a day.

        Args:
            tick: of the instrument, points; without it there is no point of control.
        """
        self._tick = tick
        self._step: Decimal | None = None
        # Three times the turnover: the third of a sum is exact more often than a sum of thirds.
        self._thrice = self._volume = _ZERO
        self._volumes: dict[int, Decimal] = {}
        self._most = _ZERO
        self._peaks: list[int] = []

    @property
    def vwap(self) -> Decimal | None:
        """The VWAP of the bars added."""
        return self._vwap_with(None)

    def add(self, bar: Bar) -> None:
        """Add a closed bar."""
        self._thrice += (bar.high + bar.low + bar.close) * bar.volume
        self._volume += bar.volume
        for place, volume in self._spread(bar):
            self._volumes[place] = volume
            if volume > self._most:
                self._most, self._peaks = volume, [place]
            elif volume == self._most:
                self._peaks.append(place)

    def figures(self, forming: Bar | None = None) -> DayFigures:
        """Return the figures, of the bar that forms too; that one is not added, as it still changes."""
        vwap = self._vwap_with(forming)
        most, peaks = self._most, self._peaks
        for place, volume in () if forming is None else self._spread(forming):
            if volume > most:
                most, peaks = volume, [place]
            elif volume == most:
                peaks = [*peaks, place]
        if vwap is None or self._step is None or not peaks:
            return DayFigures(vwap)
        # The middle of a step, on the grid.
        tick, step = self._tick or self._step, self._step
        prices = [place * step + step // tick // 2 * tick for place in peaks]
        return DayFigures(vwap, min(prices, key=lambda one: (abs(one - vwap), one)))

    def _vwap_with(self, bar: Bar | None) -> Decimal | None:
        thrice, volume = self._thrice, self._volume
        if bar is not None:
            thrice += (bar.high + bar.low + bar.close) * bar.volume
            volume += bar.volume
        return thrice / (3 * volume) if volume > 0 else None

    def _spread(self, bar: Bar) -> Iterator[tuple[int, Decimal]]:
        """Yield the steps a bar reached, with what was traded there then."""
        if self._tick is None or bar.volume <= 0:
            return
        if self._step is None:
            self._step = self._tick * max(1, int(abs(bar.close) * _STEP_SHARE / self._tick))
        first, last = int(bar.low // self._step), int(bar.high // self._step)
        share = bar.volume / (last - first + 1)
        for place in range(first, last + 1):
            yield place, self._volumes.get(place, _ZERO) + share
