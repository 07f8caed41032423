"""Prices on the wire and prices on the screen.

    shown = wire x multiplier        wire = shown / multiplier

The multiplier (DTC DisplayPriceMultiplier) is 0.01 for a server that sends ES 4000.50 as 400050; losing it moves an
order by a factor of a hundred. It travels as a float32 and arrives as 0.00999999977, and so do many prices. Two
things make exact decimals of them again: `tidy` finds the shortest decimal that is the same float32, and a price
within a millionth of a tick of the grid is put onto the grid. Anything else is kept exact and is off tick.
"""

import struct
from decimal import Decimal, InvalidOperation

from core.errors import InvalidOrder
from core.model.instrument import Instrument
from services.dtc.refusal import ABSURD, Refused

MEMO_SIZE = 8192
_SINGLE = struct.Struct("<f")
_WHOLE_BELOW = 2.0**53


def exact(value: float) -> Decimal:
    """Return the shortest decimal that reads back as this double; for averages, profits and balances."""
    if value.is_integer() and abs(value) < _WHOLE_BELOW:
        return Decimal(int(value))
    return Decimal(repr(value))


def tidy(value: float) -> Decimal:
    """Return the decimal a number was before it went through a float32, if it did; else as `exact`."""
    if value.is_integer() and abs(value) < _WHOLE_BELOW:
        return Decimal(int(value))
    single = _single(value)
    if single != value:
        text = repr(value)
        if single is None or len(text.lstrip("-0.").replace(".", "")) < 8:
            return Decimal(text)
        # JSON servers print a float32 with nine digits: 0.00999999977 is neither the single nor what was meant.
        shortest = _shortest_single(single)
        meant = len(shortest.as_tuple().digits) <= 5 and abs(Decimal(text) / shortest - 1) < Decimal("5e-8")
        return shortest if meant else Decimal(text)
    return _shortest_single(value)


class PriceScale:
    """One symbol's prices in both directions. Used by the network thread only.

    Attributes:
        instrument: whose tick grid holds, in shown points.
        multiplier: shown price per wire price; positive.
    """

    def __init__(self, instrument: Instrument, multiplier: Decimal = Decimal(1)) -> None:
        self.instrument = instrument
        self.multiplier = multiplier
        self._memo: dict[float, tuple[Decimal, bool]] = {}

    def shown(self, wire: float) -> tuple[Decimal, bool]:
        """Return a traded or quoted price in points, and whether it is on the tick grid.

        Raises:
            Refused: no price can be that large.
        """
        known = self._memo.get(wire)
        if known is None:
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            known = self._memo[wire] = self._shown(wire)
        return known

    def average(self, wire: float) -> Decimal | None:
        """Return an average price in points, exact, never put onto the grid; None when no price can be that large."""
        return None if abs(wire) > ABSURD else exact(wire) * self.multiplier

    def wire(self, shown: Decimal) -> float:
        """Return a price for an order; what the server reads back is this price again.

        Raises:
            InvalidOrder: the price is not on the grid, or would not come back the same.
        """
        try:
            _, on_grid = self.instrument.snap(shown)
            wire = float(shown / self.multiplier)
            same = self.shown(wire)[0] == shown
        except (Refused, ArithmeticError):
            on_grid = same = False
        if not on_grid or not same:
            raise InvalidOrder(f"{self.instrument.symbol}: {shown} is not a price on the tick grid.")
        return wire

    def _shown(self, wire: float) -> tuple[Decimal, bool]:
        if abs(wire) > ABSURD:
            raise Refused("a price is absurd")
        try:
            price, on_grid = self.instrument.snap(exact(wire) * self.multiplier)
            if on_grid and self.instrument.tick_size is not None:
                return price, True
            return self.instrument.snap(tidy(wire) * self.multiplier)
        except InvalidOperation:  # more ticks than 28 digits can count
            raise Refused("a price is absurd") from None


def _single(value: float) -> float | None:
    try:
        return float(_SINGLE.unpack(_SINGLE.pack(value))[0])
    except OverflowError:
        return None


def _shortest_single(value: float) -> Decimal:
    text = ""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if _single(float(text)) == value:
            break
    return Decimal(text)
