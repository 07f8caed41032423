"""What the trades of a session add up to: VWAP, cumulative delta, point of control. Pure; for one symbol.

- VWAP: Σ price × volume ÷ Σ volume. The sums are exact; the quotient carries 28 digits.
- Cumulative delta: volume of trades in which the buyer was the aggressor, less that in which the seller was. Volume of
  which neither is known is counted apart: the delta is uncertain by that much in either direction.
- Point of control: the price at which the most volume was traded. Of several, the one nearest to the VWAP; of two as
  near, the lower.

A session is the product's trading day (`core.model.session`) by the venue's clock; of a symbol that is no product of
ours, the day of UTC. Only what was seen can be counted: a session that was running before the first trade was seen, or
of which trades were missed, is not complete. What was missed shows when trades go on, so the gap is dated by the first
trade after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from itertools import chain
from types import MappingProxyType
from typing import Final

from core.model.contract import product_of
from core.model.market import Aggressor, Tick
from core.model.session import AROUND_THE_CLOCK, day_ends, trading_day
from core.model.session_marks import SessionMarks

_ZERO: Final = Decimal(0)
# A session of no trades: the first trade begins another.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A trade of the session before may be told this late; one that is older means that the venue's clock was set back.
_LATE: Final = timedelta(hours=1)
# A date the wire can tell and the calendar cannot reckon with is no date.
_CALENDAR_ENDS: Final = datetime(9999, 1, 1, tzinfo=UTC)
# What a venue tells of a fill and of the trade behind it may differ in time by this much.
_SAME_MOMENT: Final = timedelta(seconds=5)
# Wide enough for price × volume summed over any session without rounding.
_EXACT: Final = Context(prec=80)


@dataclass(frozen=True, slots=True)
class SessionStudies:
    """The figures of a session so far; volumes in contracts or coins, prices in points, times the venue's, aware UTC.

    Attributes:
        day: the trading day. until: when the next begins. ends_at: the same by our clock, as late as trades are told.
        since, at: the first and the last trade counted.
        ticks: how many trades are counted.
        bought, sold: volume by the side of the aggressor.
        poc: point of control.
        is_whole: counted from the session's beginning, with nothing missed.
        missed_at: the first trade after the last gap; None without one.
        is_cut: trades may be missed since the last one.
    """

    day: date
    since: datetime
    until: datetime
    ends_at: datetime
    at: datetime
    ticks: int
    volume: Decimal
    bought: Decimal
    sold: Decimal
    vwap: Decimal
    poc: Decimal
    is_whole: bool
    missed_at: datetime | None
    is_cut: bool

    @property
    def delta(self) -> Decimal | None:
        """Cumulative delta, signed; None where no trade told its aggressor."""
        return self.bought - self.sold if self.bought or self.sold else None

    @property
    def marks(self) -> SessionMarks:
        """The figures as they are kept."""
        return SessionMarks(self.vwap, self.delta, self.poc)

    @property
    def sideless(self) -> Decimal:
        """Volume of which no aggressor is known."""
        return self.volume - self.bought - self.sold

    def hold_at(self, moment: datetime) -> bool:
        """Say whether these are the figures of a moment: nothing was missed up to it, and trading has not gone on."""
        began, is_over = self.since <= moment + _SAME_MOMENT, self.at > moment + _SAME_MOMENT
        return began and not is_over and moment < self.until and not self.is_cut

    def missed_after(self, moment: datetime) -> bool:
        """Say whether trades after a moment were missed."""
        return self.is_cut or (self.missed_at is not None and self.missed_at >= moment)


class SessionCount:
    """Counts the trades of a symbol, session after session; not thread-safe."""

    def __init__(self, symbol: str) -> None:
        product = product_of(symbol)
        self._hours = AROUND_THE_CLOCK if product is None else product.hours
        self._missed = True  # before the first trade nobody looked
        self._begin(_NEVER, is_whole=False)

    def add(self, ticks: Iterable[Tick]) -> None:
        """Count trades in their order."""
        waiting = iter(ticks)
        tick = next(waiting, None)
        while tick is not None:
            tick = self._count(chain((tick,), waiting) if self._takes(tick.time) else waiting)

    def miss(self) -> bool:
        """Note that trades may be missed until the next one that is counted; return whether that is news."""
        known, self._missed = self._missed, True
        return not known

    def volumes(self) -> Mapping[Decimal, Decimal]:
        """Return the volume traded at each price of the session so far, as far as it was seen."""
        return MappingProxyType(dict(self._volumes))

    def studies(self) -> SessionStudies | None:
        """Return the figures so far; None before the first trade."""
        if not self._ticks:
            return None
        volume = self._bought + self._sold + self._sideless
        vwap = self._turnover / volume
        last = self._last
        assert last is not None
        return SessionStudies(
            day=self._day,
            since=self._since,
            until=self._until,
            ends_at=last.received_at + (self._until - last.time),
            at=last.time,
            ticks=self._ticks,
            volume=volume,
            bought=self._bought,
            sold=self._sold,
            vwap=vwap,
            poc=_nearest(self._peaks, vwap),
            is_whole=self._is_whole and self._missed_at is None and not self._missed,
            missed_at=self._missed_at,
            is_cut=self._missed,
        )

    def _begin(self, moment: datetime, *, is_whole: bool) -> None:
        self._day = trading_day(moment, self._hours)
        self._since, self._until = moment, day_ends(self._day, self._hours)
        self._last: Tick | None = None
        self._is_whole = is_whole
        self._missed_at: datetime | None = None
        self._ticks = 0
        self._turnover = self._bought = self._sold = self._sideless = _ZERO
        self._volumes: dict[Decimal, Decimal] = {}
        self._peak = _ZERO
        self._peaks: list[Decimal] = []

    def _takes(self, moment: datetime) -> bool:
        """Say whether a trade of that time counts, having begun its session if it is another one."""
        if self._since <= moment < self._until and not self._missed:
            return True
        if moment >= _CALENDAR_ENDS:
            return False
        if not self._ticks:
            self._begin(moment, is_whole=False)
        elif trading_day(moment, self._hours) == self._day:
            self._since = min(self._since, moment)
        elif self._since - _LATE < moment < self._since:
            return False
        else:
            self._begin(moment, is_whole=not self._missed and moment > self._since)
        if self._missed:
            self._missed, self._missed_at = False, moment if self._ticks else None
        return True

    def _count(self, ticks: Iterable[Tick]) -> Tick | None:
        """Count up to the first trade out of the session, and return that one.

        Names of its own rather than attributes: this is what every trade of every symbol runs through.
        """
        since, until, volumes = self._since, self._until, self._volumes
        turnover, bought, sold, sideless = self._turnover, self._bought, self._sold, self._sideless
        peak, peaks, number, last = self._peak, self._peaks, self._ticks, self._last
        buyer, seller, fma = Aggressor.BUYER, Aggressor.SELLER, _EXACT.fma
        outside = None
        for tick in ticks:
            if not since <= tick.time < until:
                outside = tick
                break
            last = tick
            price, volume, side = tick.price, tick.volume, tick.aggressor
            number += 1
            turnover = fma(price, volume, turnover)
            if side is buyer:
                bought += volume
            elif side is seller:
                sold += volume
            else:
                sideless += volume
            volumes[price] = here = volumes.get(price, _ZERO) + volume
            if here > peak:
                peak, peaks = here, [price]
            elif here == peak:
                peaks.append(price)
        self._turnover, self._bought, self._sold, self._sideless = turnover, bought, sold, sideless
        self._peak, self._peaks, self._ticks, self._last = peak, peaks, number, last
        return outside


def _nearest(prices: Sequence[Decimal], vwap: Decimal) -> Decimal:
    return min(prices, key=lambda price: (abs(price - vwap), price))
