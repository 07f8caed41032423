"""Candles: what is drawn of some bars, gathered into a few calls of the painter.

A rising bar is hollow and a falling one solid, so that colour is not alone; where a bar has too few pixels to be a
candle, a line shows its range, or that of so many bars as share a pixel. Everything is in whole device pixels, counted
from the first bar of all, so that panning moves the shapes and changes none of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QPainter, QPen

from panels.charts.bar_columns import BarColumns
from panels.charts.chart_frame import ChartFrame
from panels.theme import Theme

LEAST_CANDLE = 4.0
LEAST_HOLLOW = 5


@dataclass(slots=True)
class Shapes:
    """What is drawn in the colour of rising bars, and what in that of falling ones.

    Attributes:
        hollow: the bodies of rising bars are outlines.
    """

    rising: list[QRect] = field(default_factory=list)
    falling: list[QRect] = field(default_factory=list)
    rising_wicks: list[QLine] = field(default_factory=list)
    falling_wicks: list[QLine] = field(default_factory=list)
    hollow: bool = False

    def between(self, left: int, right: int) -> "Shapes":
        """Return what lies between two device pixels, counted from the first bar of all."""
        return Shapes(
            between(self.rising, left, right),
            between(self.falling, left, right),
            _lines_between(self.rising_wicks, left, right),
            _lines_between(self.falling_wicks, left, right),
            self.hollow,
        )


def between(boxes: list[QRect], left: int, right: int) -> list[QRect]:
    """Return the boxes that begin between two device pixels; they are given from left to right."""
    return boxes[bisect_left(boxes, left, key=QRect.x) : bisect_right(boxes, right, key=QRect.x)]


def _lines_between(lines: list[QLine], left: int, right: int) -> list[QLine]:
    return lines[bisect_left(lines, left, key=QLine.x1) : bisect_right(lines, right, key=QLine.x1)]


def shapes_of(columns: BarColumns, first: int, end: int, frame: ChartFrame) -> Shapes:
    """Return the shapes of the closed bars from `first` up to `end`."""
    if frame.pitch < LEAST_CANDLE:
        return _ranges(columns, first, end, frame)
    part = slice(first, end)
    return candles(
        range(first, end),
        (columns.opens[part], columns.highs[part], columns.lows[part], columns.closes[part]),
        frame,
    )


def candles(places: range, figures: tuple[Sequence[float], ...], frame: ChartFrame) -> Shapes:
    """Return the candles of bars given as opens, highs, lows and closes."""
    pitch = frame.pitch
    width = body_width(pitch)
    half = width // 2
    base, slope = _heights(frame)
    shapes = Shapes(hollow=width >= LEAST_HOLLOW)
    edge = int(shapes.hollow)
    rising, falling = shapes.rising, shapes.falling
    up_wicks, down_wicks = shapes.rising_wicks, shapes.falling_wicks
    for place, opened, high, low, closed in zip(places, *figures, strict=True):
        middle = round((place + 0.5) * pitch - 0.5)
        top, foot = round(base - high * slope), round(base - low * slope)
        if closed >= opened:
            y = round(base - closed * slope)
            body = max(1, round(base - opened * slope) - y)
            # An outline is painted a pixel wider and higher than what it encloses.
            rising.append(QRect(middle - half, y, width - edge, max(1, body - edge)))
            # The wick of a hollow body does not run through it.
            if top < y:
                up_wicks.append(QLine(middle, top, middle, y - 1))
            if foot > y + body:
                up_wicks.append(QLine(middle, y + body, middle, foot))
        else:
            y = round(base - opened * slope)
            falling.append(QRect(middle - half, y, width, max(1, round(base - closed * slope) - y)))
            down_wicks.append(QLine(middle, top, middle, foot))
    return shapes


def body_width(pitch: float) -> int:
    """Return how wide a body is: odd, so that the wick is in its middle, with a gap to the next."""
    width = max(1, int(pitch * 0.72))
    return width if width % 2 else width - 1


def shared(pitch: float) -> int:
    """Return how many bars share a line: as many as fit into a pixel, one at least."""
    return max(1, int(1 / pitch))


def _ranges(columns: BarColumns, first: int, end: int, frame: ChartFrame) -> Shapes:
    """Return a line for each bar, or for each group of them: from the lowest to the highest."""
    pitch = frame.pitch
    base, slope = _heights(frame)
    shapes = Shapes()
    rising, falling = shapes.rising_wicks, shapes.falling_wicks
    opens, highs, lows, closes = columns.opens, columns.highs, columns.lows, columns.closes
    group = shared(pitch)
    if group == 1:
        part = slice(first, end)
        figures = zip(range(first, end), opens[part], highs[part], lows[part], closes[part], strict=True)
        for at, opened, high, low, closed in figures:
            x = round((at + 0.5) * pitch - 0.5)
            line = QLine(x, round(base - high * slope), x, round(base - low * slope))
            (rising if closed >= opened else falling).append(line)
        return shapes
    # Groups begin at round places, so that panning groups no bars anew.
    for at in range(first - first % group, end, group):
        after = min(at + group, end)
        x = round((at + 0.5) * pitch - 0.5)
        low, high = min(lows[at:after]), max(highs[at:after])
        line = QLine(x, round(base - high * slope), x, round(base - low * slope))
        (rising if closes[after - 1] >= opens[at] else falling).append(line)
    return shapes


def _heights(frame: ChartFrame) -> tuple[float, float]:
    """Return what a price of 0 would be at, and device pixels to a point: y = base - price * slope."""
    scale = frame.scale
    slope = (scale.bottom - scale.top) / (scale.high - scale.low) * frame.ratio
    return scale.top * frame.ratio + scale.high * slope, slope


def paint_shapes(painter: QPainter, shapes: Shapes, theme: Theme, background: str = "bg.1") -> None:
    """Paint shapes; the painter is in device pixels, moved to the first bar of all."""
    for bodies, wicks, token in (
        (shapes.rising, shapes.rising_wicks, "up"),
        (shapes.falling, shapes.falling_wicks, "down"),
    ):
        colour = theme.colour(token)
        painter.setPen(QPen(colour, 0))
        if wicks:
            painter.drawLines(wicks)
        if not bodies:
            continue
        if token == "up" and shapes.hollow:
            painter.setBrush(theme.colour(background))
            painter.drawRects(bodies)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRects(bodies)
