"""The VWAP of trading days as it is drawn: a line for each day, from bar to bar, broken where trades may be missing.

In device pixels counted from the first bar of all, as the candles are: panning moves the lines and changes none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from panels.charts.chart_frame import ChartFrame, wick_of
from panels.charts.day_lines import DayLine

# Device pixels from a point to the next, at least: more would cost time and show nothing.
LEAST_STEP, DASH = 3.0, 7.0
# Hairlines side by side: one pen as wide as they are takes ten times as long over many points.
HAIRLINES, APART = 2, 0.6

Path = list[QPointF]


def paths_of(lines: Iterable[DayLine], first: int, end: int, frame: ChartFrame) -> tuple[Path, ...]:
    """Return the paths of the bars from `first` up to `end`, each from left to right."""
    # Points and dashes stand at round places, so that panning chooses no others.
    step = max(1, int(LEAST_STEP / frame.pitch))
    dash = step * max(1, round(DASH / frame.pitch / step))
    first, end = first - first % step, end + step
    found = []
    for line in lines:
        begin, until = max(line.first, first), min(line.end, end)
        gap = until if line.gap is None else line.gap
        found.append(_points(line, begin, min(gap, until), step, frame))
        for start, stop in _dashes(max(begin, gap - 1), until, dash):
            found.append(_points(line, start, stop, step, frame))
    return tuple(path for path in found if len(path) > 1)


def paint_paths(painter: QPainter, paths: Sequence[Path], left: float, right: float, colour: QColor, wide: int) -> None:
    """Paint what lies between two device pixels; the painter is moved to the first bar of all.

    Args:
        wide: hairlines side by side.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 0))
    seen = [points for path in paths if len(points := _between(path, left, right)) > 1]
    for _ in range(wide):
        for points in seen:
            painter.drawPolyline(points)
        painter.translate(0, APART)
    painter.restore()


def hairlines(ratio: float) -> int:
    """Return how many hairlines side by side look the same at every scale."""
    return ceil(HAIRLINES * ratio)


def _between(path: Path, left: float, right: float) -> Path:
    """Return the points between two device pixels, and one on either side."""
    first = max(0, bisect_left(path, left, key=QPointF.x) - 1)
    return path[first : bisect_right(path, right, key=QPointF.x) + 1]


def _dashes(begin: int, end: int, dash: int) -> Iterator[tuple[int, int]]:
    """Yield the bars of every other stretch."""
    for start in range(begin - begin % (2 * dash), end, 2 * dash):
        yield max(begin, start), min(end, start + dash + 1)


def _points(line: DayLine, begin: int, end: int, step: int, frame: ChartFrame) -> Path:
    pitch, ratio, scale = frame.pitch, frame.ratio, frame.scale
    places = [at for at in range(begin, end) if at % step == 0 or at in (begin, end - 1)]
    known = [(at, line.prices[at - line.first]) for at in places]
    return [
        QPointF(wick_of(at, pitch) + 0.5, scale.y(float(price)) * ratio) for at, price in known if price is not None
    ]
