"""The equity curve: closed equity in steps, and a thin line of marked equity while in a trade.

What is painted is laid out once per curve and size, with at most four points per pixel column, so a paint costs the
same for ten trades and for ten thousand. Money becomes a float only here, to be a pixel.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.model.equity import EquityKind, EquityPoint, thinned
from panels.theme import Theme
from panels.zoomed import px

MARGIN = 6.0
MINIMUM_HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn.

    Attributes:
        points: closed equity, oldest first; each holds until the next, the last until `until`.
        marked: equity with open positions, oldest first, while in a trade.
    """

    points: tuple[EquityPoint, ...]
    marked: tuple[EquityPoint, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Plot:
    """A curve in pixels of a widget of some size.

    Attributes:
        start_y: where the curve began, for the line of no change.
        moved: where money was set anew.
    """

    steps: QPolygonF
    marked: QPolygonF
    start_y: float
    moved: tuple[QPointF, ...]


def plot_of(curve: Curve, width: int, height: int) -> Plot | None:
    """Return the curve in pixels; None when there is nothing to draw, or no room."""
    if not curve.points or width < 4 * MARGIN or height < 4 * MARGIN:
        return None
    columns = max(1, int(width - 2 * MARGIN))
    points, marked = thinned(curve.points, columns), thinned(curve.marked, columns)
    every = [float(one.cash) for one in (*points, *marked)]
    low, high = min(every), max(every)
    pad = (high - low) * 0.04 or max(1.0, abs(high) * 1e-4)
    begin, end = points[0].at, max(curve.until, points[-1].at)
    span = (end - begin).total_seconds() or 1.0
    x_scale, y_scale = columns / span, (height - 2 * MARGIN) / (high - low + 2 * pad)

    def x_of(at: datetime) -> float:
        return MARGIN + max(0.0, (at - begin).total_seconds()) * x_scale

    def y_of(cash: Decimal) -> float:
        return MARGIN + (high + pad - float(cash)) * y_scale

    places = [QPointF(x_of(one.at), y_of(one.cash)) for one in points]
    steps = QPolygonF()
    for before, place in zip([places[0], *places], places, strict=False):
        steps.append(QPointF(place.x(), before.y()))
        steps.append(place)
    steps.append(QPointF(x_of(end), places[-1].y()))
    line = QPolygonF([QPointF(x_of(one.at), y_of(one.cash)) for one in marked])
    moved = tuple(place for place, one in zip(places, points, strict=True) if one.kind is EquityKind.RESET)
    return Plot(steps, line, places[0].y(), moved)


class EquityCurve(QWidget):
    """Paints a Curve; the pointer, or the arrow keys, choose a moment.

    Signals:
        looked_at: the EquityPoint in force at the moment chosen, at that moment; None when none is.
    """

    looked_at = Signal(object)

    def __init__(self, theme: Theme):
        super().__init__()
        self.setObjectName("p1Curve")
        self._theme = theme
        self._curve: Curve | None = None
        self._plot: Plot | None = None
        self._chosen: datetime | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def show_curve(self, curve: Curve | None) -> None:
        """Draw another curve; the moment chosen stays."""
        if curve == self._curve:
            return
        self._curve = curve
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        """Return what a curve needs to be read."""
        return QSize(px(120), px(MINIMUM_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the curve out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose the moment under the pointer."""
        self._choose(self._moment(event.position().x()))

    def leaveEvent(self, event: object) -> None:
        """Choose none."""
        self._choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from point to point by the arrow keys; Escape chooses none."""
        points = self._all_points()
        if not points or event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape):
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self._choose(None)
            return
        times = [one.at for one in points]
        at = len(times) if self._chosen is None else bisect_right(times, self._chosen) - 1
        step = 1 if event.key() == Qt.Key.Key_Right else -1
        self._choose(times[min(max(at + step, 0), len(times) - 1)])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line of no change, the steps, the marked line, the marks, and the moment chosen."""
        painter = QPainter(self)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        plot = self._plot
        if plot is None:
            return
        painter.setPen(QPen(self._theme.colour("line.strong"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(MARGIN, plot.start_y), QPointF(self.width() - MARGIN, plot.start_y))
        # Steps are upright and level: without smoothing they are sharp, and ten times as fast.
        painter.setPen(QPen(self._theme.colour("ink.1"), 2))
        painter.drawPolyline(plot.steps)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("chart.vwap"), 1))
        painter.drawPolyline(plot.marked)
        painter.setBrush(self._theme.colour("bg.1"))
        painter.setPen(QPen(self._theme.colour("ink.1"), 1.5))
        for place in plot.moved:
            painter.drawPolygon(_diamond(place))
        self._paint_chosen(painter)

    def _paint_chosen(self, painter: QPainter) -> None:
        point = None if self._chosen is None else self._in_force(self._chosen)
        curve = self._curve
        if point is None or curve is None or not curve.points:
            return
        begin, end = curve.points[0].at, max(curve.until, curve.points[-1].at)
        share = (point.at - begin).total_seconds() / ((end - begin).total_seconds() or 1.0)
        x = MARGIN + share * (self.width() - 2 * MARGIN)
        painter.setPen(QPen(self._theme.colour("ink.2"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _lay_out(self) -> None:
        self._plot = None if self._curve is None else plot_of(self._curve, self.width(), self.height())
        self.update()

    def _choose(self, moment: datetime | None) -> None:
        self._chosen = moment
        self.looked_at.emit(None if moment is None else self._in_force(moment))
        self.update()

    def _moment(self, x: float) -> datetime | None:
        curve = self._curve
        if curve is None or not curve.points:
            return None
        begin, end = curve.points[0].at, max(curve.until, curve.points[-1].at)
        share = (x - MARGIN) / max(1.0, self.width() - 2 * MARGIN)
        return begin + (end - begin) * min(max(share, 0.0), 1.0)

    def _in_force(self, moment: datetime) -> EquityPoint | None:
        """Return the equity at a moment: the marked one where there is one, else the last closed one before it."""
        points = self._all_points()
        at = bisect_right([one.at for one in points], moment) - 1
        return None if at < 0 else EquityPoint(moment, points[at].cash, points[at].kind)

    def _all_points(self) -> Sequence[EquityPoint]:
        curve = self._curve
        return () if curve is None else sorted((*curve.points, *curve.marked), key=lambda one: one.at)


def _diamond(place: QPointF) -> QPolygonF:
    box = QRectF(place.x() - 4, place.y() - 4, 8, 8)
    return QPolygonF(
        [
            QPointF(box.center().x(), box.top()),
            QPointF(box.right(), box.center().y()),
            QPointF(box.center().x(), box.bottom()),
            QPointF(box.left(), box.center().y()),
        ]
    )
