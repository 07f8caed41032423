"""Which bars a chart shows: zoom, pan, following the last one; and which prices it shows for them. Pure.

Bars are counted by their place in the series, not by time: where a market rests there is nothing to look at. A bar
`i` reaches from i to i + 1, so that its middle is i + 0.5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

LEAST_BARS, MOST_BARS = 10.0, 20_000.0
BEGIN_BARS = 120.0
# What stays empty behind the last bar while the chart follows it: the tags of orders stand there.
MARGIN_SHARE = 0.06
PAD_SHARE = 0.06
# How far own lines may widen the range before they are told of at the edge instead.
STRETCH = 3.5


@dataclass(frozen=True, slots=True)
class ViewRange:
    """The bars on show.

    Attributes:
        right: where the right edge is, in bars from the first.
        count: how many bars fit, also parts of one.
        follows: the right edge moves with the last bar.
    """

    right: float = BEGIN_BARS
    count: float = BEGIN_BARS
    follows: bool = True

    @property
    def left(self) -> float:
        """Where the left edge is, in bars from the first; negative where there is nothing."""
        return self.right - self.count

    def visible(self, total: int) -> tuple[int, int]:
        """Return the first bar of which anything shows, and the first after the last; the same where none does."""
        first = min(max(0, int(self.left)), total)
        return first, max(first, min(total, int(self.right) + 1))

    def zoomed(self, factor: float, total: int, anchor: float | None = None) -> "ViewRange":
        """Return the view of `factor` times as many bars.

        Args:
            anchor: what stays where it is, share of the width, 0 left to 1 right; None is the last bar while the view
                follows it, else the middle.
        """
        bars = min(max(self.count * factor, LEAST_BARS), MOST_BARS)
        if anchor is None and self.follows:
            return replace(self, count=bars).followed(total)
        share = 0.5 if anchor is None else anchor
        fixed = self.left + share * self.count
        zoomed = replace(self, right=fixed + (1 - share) * bars, count=bars, follows=False)._held(total)
        return replace(zoomed, follows=self.follows and zoomed.right >= end_of(bars, total))

    def panned(self, bars: float, total: int) -> "ViewRange":
        """Return the view so many bars later; negative is earlier. It follows where it reaches the last bar."""
        moved = replace(self, right=self.right + bars, follows=False)._held(total)
        return replace(moved, follows=bars > 0 and moved.right >= end_of(moved.count, total))

    def followed(self, total: int) -> "ViewRange":
        """Return the view of the last bar and what is before it."""
        return replace(self, right=end_of(self.count, total), follows=True)

    def grown(self, total: int) -> "ViewRange":
        """Return the view after bars were added at the end."""
        return self.followed(total) if self.follows else self

    def shifted(self, bars: int) -> "ViewRange":
        """Return the view of the same bars after others came in front of them."""
        return replace(self, right=self.right + bars)

    def from_start(self, total: int) -> "ViewRange":
        """Return the view of the first bars."""
        return replace(self, right=self.count, follows=False)._held(total)

    def _held(self, total: int) -> "ViewRange":
        """Keep something in view: never past the end, and a tenth of the width at least on the first bars."""
        last = end_of(self.count, total)
        return replace(self, right=max(min(self.right, last), min(last, self.count * 0.1)))


def end_of(count: float, total: int) -> float:
    """Return where the right edge is when the last bar is in view, with the margin behind it."""
    return total + max(1.0, count * MARGIN_SHARE)


def price_range(
    lows: Sequence[float], highs: Sequence[float], own: Iterable[float] = (), least: float = 0.0
) -> tuple[float, float] | None:
    """Return the prices a chart shows for some bars; None without any.

    Own lines are included as long as the bars stay readable; one that is further away is left out.

    Args:
        own: prices of entry, exits and orders.
        least: points that bars are taken to span at least, or the first bar of a day would leave no room for a stop.
    """
    if not lows:
        return None
    low, high = min(lows), max(highs)
    span = max(high - low, least) or max(abs(high) * 1e-4, 1e-9)
    for price in sorted(own, key=lambda one: max(low - one, one - high)):
        if max(high, price) - min(low, price) <= span * STRETCH:
            low, high = min(low, price), max(high, price)
    pad = ((high - low) or span) * PAD_SHARE
    return low - pad, high + pad


def is_settled(shown: tuple[float, float], wanted: tuple[float, float]) -> bool:
    """Say whether the range on show still serves for the one wanted: nothing is cut off, little is empty.

    A range that moved with every tick would redraw every bar with every tick.
    """
    pad = (wanted[1] - wanted[0]) * PAD_SHARE / 2
    holds = shown[0] <= wanted[0] + pad and shown[1] >= wanted[1] - pad
    return holds and (shown[1] - shown[0]) <= (wanted[1] - wanted[0]) * 1.4
