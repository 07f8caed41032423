"""The VWAP of trading days as it is drawn: a line for each day, from bar to bar, broken where trades may be missing.

In device pixels counted from the first bar of all, as the candles are: panning moves the lines and changes none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from panels.charts.chart_frame import ChartFrame, wick_of
from panels.charts.day_lines import DayLine

# Device pixels from a point to the next, at least: more would cost time and show nothing.
LEAST_STEP = 3.0
# Hairlines side by side: one pen as wide as they are takes ten times as long over many points.
HAIRLINES, APART = 2, 0.6


@dataclass(frozen=True, slots=True)
class DayPath:
    """A stretch of a line, from left to right."""

    points: list[QPointF]
    is_broken: bool

    def between(self, left: float, right: float) -> list[QPointF]:
        """Return its points between two device pixels, and one on either side."""
        first = max(0, bisect_left(self.points, left, key=QPointF.x) - 1)
        return self.points[first : bisect_right(self.points, right, key=QPointF.x) + 1]


def paths_of(lines: Iterable[DayLine], first: int, end: int, frame: ChartFrame) -> tuple[DayPath, ...]:
    """Return the paths of the bars from `first` up to `end`."""
    # Points stand at round places, so that panning chooses no others.
    step = max(1, int(LEAST_STEP / frame.pitch))
    first, end = first - first % step, end + step
    found = []
    for line in lines:
        begin, until = max(line.first, first), min(line.end, end)
        gap = until if line.gap is None else line.gap
        found.append(DayPath(_points(line, begin, min(gap, until), step, frame), False))
        # The broken part goes on from the bar before.
        found.append(DayPath(_points(line, max(begin, gap - 1), until, step, frame), True))
    return tuple(path for path in found if len(path.points) > 1)


def paint_paths(
    painter: QPainter, paths: Sequence[DayPath], left: float, right: float, colour: QColor, ratio: float
) -> None:
    """Paint what lies between two device pixels; the painter is moved to the first bar of all."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for _ in range(ceil(HAIRLINES * ratio)):
        for path in paths:
            points = path.between(left, right)
            if len(points) > 1:
                painter.setPen(QPen(colour, 0, Qt.PenStyle.DashLine if path.is_broken else Qt.PenStyle.SolidLine))
                painter.drawPolyline(points)
        painter.translate(0, APART)
    painter.restore()


def _points(line: DayLine, begin: int, end: int, step: int, frame: ChartFrame) -> list[QPointF]:
    pitch, ratio, scale = frame.pitch, frame.ratio, frame.scale
    places = [at for at in range(begin, end) if at % step == 0 or at in (begin, end - 1)]
    known = [(at, line.prices[at - line.first]) for at in places]
    return [
        QPointF(wick_of(at, pitch) + 0.5, scale.y(float(price)) * ratio) for at, price in known if price is not None
    ]
