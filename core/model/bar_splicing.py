"""History and what was seen live, made one. Pure.

A bar seen from its first trade to its last is right as it is. One of which trades were missed (it is marked) gives way
to the history's. Where the history's may lack some too (it is marked likewise), one is filled up from the other: the
first price is of the history, the last of what was seen, and the volume the larger of the two, because both counted
mostly the same trades. Such a bar stays marked, and is right once history is asked again after its end.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.model.bar import Bar


def spliced(history: Sequence[Bar], seen: Sequence[Bar]) -> list[Bar]:
    """Return both as one sequence, oldest first.

    Args:
        history: of time, oldest first, every start once.
        seen: likewise.
    """
    whole: list[Bar] = []
    at = 0
    for past in history:
        while at < len(seen) and seen[at].start < past.start:
            whole.append(seen[at])
            at += 1
        if at < len(seen) and seen[at].start == past.start:
            whole.append(_one(past, seen[at]))
            at += 1
        else:
            whole.append(past)
    whole.extend(seen[at:])
    return whole


def spliced_trades(history: Sequence[Bar], seen: Sequence[Bar]) -> list[Bar]:
    """Return bars of trades as one sequence: the history up to the first trade seen, then what was seen.

    How many trades lie between the two is not known: the bars on both sides are marked.
    """
    if not seen or not history:
        return [*history, *seen]
    before = [bar for bar in history if bar.start < seen[0].start]
    if before:
        before[-1] = replace(before[-1], is_gap=True)
    return [*before, *seen]


def complete_from(bars: Sequence[Bar]) -> datetime | None:
    """Return since when no trade is missing: the start of the bars behind the last marked one; None without any."""
    since = None
    for bar in reversed(bars):
        if bar.is_gap:
            break
        since = bar.start
    return since


def _one(past: Bar, seen: Bar) -> Bar:
    if not seen.is_gap:
        return seen
    if not past.is_gap:
        return past
    fuller = past if past.volume >= seen.volume else seen
    return Bar(
        past.start,
        past.open,
        max(past.high, seen.high),
        min(past.low, seen.low),
        seen.close,
        fuller.volume,
        fuller.trades,
        fuller.bid_volume,
        fuller.ask_volume,
        is_gap=True,
    )
