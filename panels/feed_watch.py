"""How fresh the market data is, judged by the symbol's own rhythm: a slow market is not a broken feed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from core.model.contract import product_of
from core.model.session import is_open
from panels.shown import Shown

if TYPE_CHECKING:
    from core.model.market import Quote

UPDATES = 200
# Below this many gaps a rhythm is not known; then silence is what would be silence in almost any open market.
ENOUGH = 20
STRANGE_SLOW_S, STRANGE_SILENT_S = 60.0, 300.0
SLOW_S, SILENT_S = 2.0, 5.0
SLOW_GAPS, SILENT_GAPS = 5.0, 10.0


class Freshness(Enum):
    """How the feed of a symbol is."""

    UNKNOWN = "unknown"
    FRESH = "fresh"
    RESTING = "resting"  # the market does not trade, so silence means nothing
    SLOW = "slow"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Feed:
    """A judgement. age_s is that of the latest update, seconds; None before the first."""

    freshness: Freshness
    age_s: float | None


def is_resting(quote: Quote, now: datetime) -> bool:
    """Say whether a market rests: by the venue's word, or else by the product's own hours."""
    from core.model.market import TradingStatus

    if quote.trading is not TradingStatus.UNKNOWN:
        return quote.trading is not TradingStatus.OPEN
    product = product_of(quote.symbol)
    return product is not None and not is_open(now, product.hours)


class FeedWatch:
    """Remembers the gaps between the updates of the symbol on show; one instance serves all panels of a window."""

    def __init__(self) -> None:
        self._place: tuple[str, str] | None = None
        self._latest: datetime | None = None
        self._gaps: deque[float] = deque(maxlen=UPDATES)

    def judge(self, shown: Shown, now: datetime) -> Feed:
        """Return how fresh the quote on show is; call it once or often per frame, it counts an update once."""
        place = (shown.key.connection, shown.key.symbol) if shown.key is not None else None
        return self.judge_quote(place, shown.quote, now)

    def judge_quote(self, place: tuple[str, str] | None, quote: Quote | None, now: datetime) -> Feed:
        """Return how fresh the quote of a place is; of another place than before, its rhythm begins anew."""
        self._note(place, quote)
        if quote is None or quote.received_at is None:
            return Feed(Freshness.UNKNOWN, None)
        age = max(0.0, (now - quote.received_at).total_seconds())
        if quote.stale:
            return Feed(Freshness.SILENT, age)
        if is_resting(quote, now):
            return Feed(Freshness.RESTING, age)
        slow, silent = self._patience()
        if age > silent:
            return Feed(Freshness.SILENT, age)
        return Feed(Freshness.SLOW if age > slow else Freshness.FRESH, age)

    def _patience(self) -> tuple[float, float]:
        """Return after how many seconds the symbol is slow, and silent."""
        if len(self._gaps) < ENOUGH:
            return STRANGE_SLOW_S, STRANGE_SILENT_S
        from statistics import median

        typical = median(self._gaps)
        return max(SLOW_S, SLOW_GAPS * typical), max(SILENT_S, SILENT_GAPS * typical)

    def _note(self, place: tuple[str, str] | None, quote: Quote | None) -> None:
        received = quote.received_at if quote is not None else None
        if place != self._place:
            self._place, self._latest = place, received
            self._gaps.clear()
        elif received is not None and received != self._latest:
            if self._latest is not None:
                self._gaps.append(max(0.0, (received - self._latest).total_seconds()))
            self._latest = received
