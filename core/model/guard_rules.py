"""The limits an account is guarded by, as the trader set them. Every one is optional.

What was in force today stays in force until the session reset: a day keeps every set of rules it has seen, each is
judged, and the strictest word counts. So a limit made tighter counts at once, and one made looser in the next session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from types import MappingProxyType


class Guard(Enum):
    """What is watched."""

    DAY_LOSS = "day loss"
    PROFIT_FLOOR = "profit floor"
    PROP_FLOOR = "prop floor"
    TRADES = "trades"
    SIZE = "size"
    FLAT_BY = "flat by"
    NEWS = "news"


class GuardAction(Enum):
    """What follows when a limit is reached: a word, no more entries, or everything closed and no more entries."""

    WARN = "warn"
    BLOCK = "block"
    FLATTEN = "flatten"


class FloorShape(Enum):
    """How a prop firm's floor moves: never, with the best closed day, or with the best moment."""

    STATIC = "static"
    END_OF_DAY = "end of day"
    INTRADAY = "intraday"


@dataclass(frozen=True, slots=True)
class ProfitFloor:
    """What of the day's profit may be given back.

    Attributes:
        give_back: money, positive. Only profit is given back: it is watched once the day was ahead by that much.
        since: the day's profit from which it is watched, money, where that is more.
    """

    give_back: Decimal
    since: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PropFloor:
    """The equity an account must stay above.

    Attributes:
        distance: money between the floor and what it hangs from, positive.
        start: the balance the firm counts from; None: the first equity we saw.
        peak: the highest equity or closing balance before we saw the account; None: none higher than the start.
        freeze: a trailing floor rises to here and no further; None: it never stops.

    Source: Floor distance (prop), E(t) − F(t), with F = start − D, max end-of-day balance − D, or
    min(freeze, max over s ≤ t of E(s) − D).
    """

    shape: FloorShape
    distance: Decimal
    start: Decimal | None = None
    peak: Decimal | None = None
    freeze: Decimal | None = None

    def floor(self, start: Decimal, close_peak: Decimal, peak: Decimal) -> Decimal:
        """Return where the floor is.

        Args:
            start: the first equity we saw. close_peak: the best balance at the end of a day, as far as we saw.
            peak: the best equity, open positions included, as far as we saw.
        """
        return self.top(start, close_peak, peak) - self.distance

    def top(self, start: Decimal, close_peak: Decimal, peak: Decimal) -> Decimal:
        """Return what the floor hangs from: see `floor`."""
        begun = start if self.start is None else self.start
        if self.shape is FloorShape.STATIC:
            return begun
        seen = close_peak if self.shape is FloorShape.END_OF_DAY else peak
        top = max(begun, seen) if self.peak is None else max(begun, seen, self.peak)
        return top if self.freeze is None else min(top, self.freeze + self.distance)


@dataclass(frozen=True, slots=True)
class NewsWindow:
    """A stretch of time without entries, aware UTC; its end is not in it."""

    begins_at: datetime
    ends_at: datetime


def _no_actions() -> Mapping[Guard, GuardAction]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GuardRules:
    """The limits of one account; None, or empty, is no limit.

    Attributes:
        day_loss: money the day may lose, open positions included, positive.
        trades: how many may be begun in a day.
        size: contracts over all symbols, with what working and unknown entries would add.
        flat_by: wall time in Chicago from which nothing should be open.
        actions: what follows, by guard; BLOCK where nothing is said.
    """

    day_loss: Decimal | None = None
    profit_floor: ProfitFloor | None = None
    prop_floor: PropFloor | None = None
    trades: int | None = None
    size: Decimal | None = None
    flat_by: time | None = None
    news: tuple[NewsWindow, ...] = ()
    actions: Mapping[Guard, GuardAction] = field(default_factory=_no_actions)

    def action(self, guard: Guard) -> GuardAction:
        """Return what follows when a limit is reached."""
        return self.actions.get(guard, GuardAction.BLOCK)

    @property
    def is_empty(self) -> bool:
        """True when nothing is limited."""
        limits = (self.day_loss, self.profit_floor, self.prop_floor, self.trades, self.size, self.flat_by)
        return not self.news and all(one is None for one in limits)
