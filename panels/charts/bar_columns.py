"""The bars of a series as columns of floats, for drawing only; each chunk of a series is converted once."""

from array import array
from bisect import bisect_left, bisect_right
from datetime import datetime

from core.model.bar import Bar, BarSeries

# Start in seconds since 1970, and the figures a candle is made of.
Chunk = tuple[Bar, ...]


class BarColumns:
    """What is drawn of a series.

    Attributes:
        times, opens, highs, lows, closes, volumes: of the closed bars, oldest first; times in seconds since 1970, UTC.
        forming: the last bar, which still changes; None where there is none.
        version: rises when a closed bar comes, goes or changes.
        kept: how many closed bars, from the first, the last change left as they were; what came in front counts too.
    """

    def __init__(self) -> None:
        self._series: BarSeries | None = None
        self.version = self.kept = 0
        self.forming: Bar | None = None
        self._clear()

    @property
    def closed(self) -> int:
        """How many closed bars there are."""
        return len(self.times)

    def __len__(self) -> int:
        """Return how many bars there are, the forming one included."""
        return len(self.times) + (self.forming is not None)

    def take(self, series: BarSeries | None) -> int:
        """Follow a series; return how many bars came in front of those known, 0 for another series."""
        before = self._series
        self._series = series
        self.forming = None if series is None else series.forming
        if series is None or before is None or series.key != before.key:
            self._clear()
            self._append(() if series is None else series.chunks)
            self.version += 1
            return 0
        if series.chunks is before.chunks:
            self.kept = self.closed
            return 0
        self.version += 1
        first = self.times[0] if self.times else None
        older = _in_front(before.chunks, series.chunks)
        if older:
            self._prepend(series.chunks[:older])
        self._follow(before.chunks, series.chunks[older:])
        return 0 if first is None else bisect_left(self.times, first)

    def place_of(self, moment: datetime) -> int:
        """Return the place of the last bar that began at or before a moment; -1 when all began later."""
        if self.forming is not None and self.forming.start <= moment:
            return self.closed
        return bisect_right(self.times, moment.timestamp()) - 1

    def bar(self, place: int) -> Bar | None:
        """Return the bar at a place with its exact figures; None where there is none."""
        if self._series is None or not 0 <= place < len(self):
            return None
        return self._series[place]

    def between(self, first: int, end: int) -> list[Bar]:
        """Return bars from one place up to another with their exact figures."""
        return [] if self._series is None else self._series.between(first, end)

    def extremes(self, first: int, end: int) -> tuple["array[float]", "array[float]"]:
        """Return lows and highs of some bars, the forming one among them where it is."""
        lows, highs = self.lows[first:end], self.highs[first:end]
        if self.forming is not None and end > self.closed:
            lows.append(float(self.forming.low))
            highs.append(float(self.forming.high))
        return lows, highs

    def _clear(self) -> None:
        self.kept = 0
        self.times = array("d")
        self.opens, self.highs, self.lows, self.closes = array("d"), array("d"), array("d"), array("d")
        self.volumes = array("d")

    @property
    def _all(self) -> tuple["array[float]", ...]:
        return self.times, self.opens, self.highs, self.lows, self.closes, self.volumes

    def _append(self, chunks: tuple[Chunk, ...]) -> None:
        for chunk in chunks:
            for column, values in zip(self._all, _columns(chunk), strict=True):
                column.extend(values)

    def _prepend(self, chunks: tuple[Chunk, ...]) -> None:
        kept = self._all
        self._clear()
        self._append(chunks)
        for column, values in zip(self._all, kept, strict=True):
            column.extend(values)

    def _follow(self, before: tuple[Chunk, ...], after: tuple[Chunk, ...]) -> None:
        """Keep the chunks that are the same objects, convert the others anew."""
        same = 0
        while same < min(len(before), len(after)) and before[same] is after[same]:
            same += 1
        older = self.closed - sum(map(len, before))
        kept = older + sum(map(len, before[:same]))
        rest = after[same:]
        if rest and same < len(before) and _continues(before[same], rest[0]):
            kept += len(before[same])
            rest = (rest[0][len(before[same]) :], *rest[1:])
        self.kept = kept
        for column in self._all:
            del column[kept:]
        self._append(rest)


def _in_front(before: tuple[Chunk, ...], after: tuple[Chunk, ...]) -> int:
    """Return how many chunks came in front of those before."""
    if not before:
        return 0
    first = before[0]
    for place, chunk in enumerate(after):
        if chunk is first or (len(before) == 1 and _continues(first, chunk)):
            return place
    return 0


def _continues(before: Chunk, after: Chunk) -> bool:
    """Say whether a chunk is one before with bars added; each of them, as history may mend one in the middle."""
    return len(after) >= len(before) > 0 and after[: len(before)] == before


def _columns(bars: Chunk) -> tuple[list[float], ...]:
    return (
        [bar.start.timestamp() for bar in bars],
        [float(bar.open) for bar in bars],
        [float(bar.high) for bar in bars],
        [float(bar.low) for bar in bars],
        [float(bar.close) for bar in bars],
        [float(bar.volume) for bar in bars],
    )
