"""The part of a chart that a tick does not change: grid, bars, volume, VWAP, marks, axes; kept as one picture."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from math import ceil

from PySide6.QtCore import QLine, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from panels import formatting as f
from panels.charts.candles import Shapes, between, paint_shapes, shapes_of
from panels.charts.chart_frame import ChartFrame
from panels.charts.colours import faint
from panels.charts.day_paths import Path, hairlines, paint_paths, paths_of
from panels.charts.price_axis import price_marks, price_words
from panels.charts.scene import Scene
from panels.charts.tags import price_box
from panels.charts.time_axis import TimeLabel, session_starts, time_labels
from panels.charts.trade_marks import paint_marks
from panels.charts.volume import paint_volume, volume_rects
from panels.display_zone import DisplayZone
from panels.theme import font

GRID_SHARE = 0.43
HALF_DAY_S = 43_200.0


@dataclass(frozen=True, slots=True)
class Stock:
    """What is drawn of the bars from `first` up to `end`, in view or beside it.

    Attributes:
        sessions: the bars at which a trading day begins. paths: VWAP of the days.
    """

    first: int
    end: int
    shapes: Shapes
    volume: tuple[list[QRect], list[QRect]]
    labels: tuple[TimeLabel, ...]
    sessions: tuple[int, ...]
    paths: tuple[Path, ...]


class StaticLayer:
    """The picture, and what it is of.

    Attributes:
        painted: how often its content was painted.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, ...] = ()
        self._last: tuple[object, ...] = ()
        self._picture = QPixmap()
        self._stock_key: tuple[object, ...] = ()
        self._stock: Stock | None = None
        self.painted = 0

    def paint(self, painter: QPainter, scene: Scene, frame: ChartFrame, screen: float) -> None:
        """Paint a scene: from the picture that is kept, which is painted anew where it would look any different.

        While the view moves nothing is kept, as the next frame is another: painted straight it costs a quarter less.

        Args:
            painter: of the widget, in its pixels. screen: device pixels to one of them.
        """
        key = (frame.view, *_looks(scene, frame))
        if key != self._kept:
            moves = key[1:] == self._last[1:] and key[0] != self._last[0]
            self._last = key
            self.painted += 1
            if moves and screen.is_integer():
                painter.save()
                painter.scale(1 / screen, 1 / screen)
                self._paint(painter, scene, frame)
                painter.restore()
                return
            self._keep(key, scene, frame, screen)
        painter.drawPixmap(0, 0, self._picture)

    def _keep(self, key: tuple[object, ...], scene: Scene, frame: ChartFrame, screen: float) -> None:
        size = QSize(round(frame.width * frame.ratio), round(frame.height * frame.ratio))
        if self._picture.size() != size:
            self._picture = QPixmap(size)
        self._picture.setDevicePixelRatio(1)
        painter = QPainter(self._picture)
        self._paint(painter, scene, frame)
        painter.end()
        self._picture.setDevicePixelRatio(screen)
        self._kept = key

    def _paint(self, painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
        """Paint all of it; the painter is in device pixels."""
        width, height = round(frame.width * frame.ratio), round(frame.height * frame.ratio)
        theme, stock = scene.theme, self._in_stock(scene, frame)
        painter.setClipRect(0, 0, width, height)
        painter.fillRect(0, 0, width, height, theme.colour("bg.1"))
        _paint_grid(painter, scene, frame, stock)
        painter.save()
        painter.translate(-frame.offset, 0)
        left, right = frame.offset - ceil(frame.pitch), frame.offset + width
        paint_volume(painter, tuple(between(bars, left, right) for bars in stock.volume), theme)
        paint_shapes(painter, stock.shapes.between(left, right), theme)
        paint_paths(painter, stock.paths, left, right, theme.colour("chart.vwap"), hairlines(frame.ratio))
        painter.restore()
        painter.fillRect(round(frame.right * frame.ratio), 0, width, height, theme.colour("bg.1"))
        painter.scale(frame.ratio, frame.ratio)
        painter.setFont(font("label", number=True))
        _paint_axes(painter, scene, frame, stock.labels)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(0, 0, frame.right, frame.bottom))
        paint_marks(painter, scene.marks, scene.connectors, frame, theme)

    def _in_stock(self, scene: Scene, frame: ChartFrame) -> Stock:
        """Return what is drawn of the bars in view and of some beside it; it stays the same while one pans."""
        columns = scene.columns
        first, end = frame.view.visible(columns.closed)
        key = (
            columns,
            columns.version,
            frame.pitch,
            frame.scale,
            frame.ratio,
            frame.bottom,
            scene.highest,
            scene.interval,
            scene.hours,
            stands_for(scene),
        )
        stock = self._stock
        if stock is None or key != self._stock_key or not (stock.first <= first and end <= stock.end):
            # Whoever pans at the same scale goes on panning: next time there is something in stock.
            beside = (end - first) // 2 if key == self._stock_key else 0
            stock = _made(scene, frame, max(0, first - beside), min(columns.closed, end + beside))
            self._stock_key, self._stock = key, stock
        return stock


def _looks(scene: Scene, frame: ChartFrame) -> tuple[object, ...]:
    """Return all that the picture depends on, but for which bars are in view."""
    return (
        (frame.width, frame.height, frame.ratio, frame.axis, frame.low, frame.high, frame.view.count),
        scene.columns,
        scene.columns.version,
        scene.highest,
        scene.theme,
        scene.instrument,
        scene.interval,
        stands_for(scene),
        scene.marks,
        scene.connectors,
    )


def stands_for(scene: Scene) -> tzinfo | None:
    """Return the zone times are shown in now; the trader may choose another while it is the same object."""
    return scene.zone.zone if isinstance(scene.zone, DisplayZone) else scene.zone


def _made(scene: Scene, frame: ChartFrame, first: int, end: int) -> Stock:
    columns = scene.columns
    return Stock(
        first,
        end,
        shapes_of(columns, first, end, frame),
        volume_rects(columns, first, end, scene.highest, frame),
        tuple(_labels(scene, frame, first, end)),
        () if scene.is_daily else tuple(at for at, _ in session_starts(columns.times, first, end, scene.hours)),
        () if scene.is_daily else paths_of(scene.days.between(first, end), first, end, frame),
    )


def _labels(scene: Scene, frame: ChartFrame, first: int, end: int) -> list[TimeLabel]:
    columns = scene.columns
    if not scene.is_daily:
        return time_labels(columns.times, first, end, frame.per_bar, scene.zone)
    # A bar of a day begins the evening before: half a day later it is that day by the exchange's clock.
    days = array("d", (one + HALF_DAY_S for one in columns.times[first:end]))
    found = time_labels(days, 0, end - first, frame.per_bar, scene.hours.zone)
    return [TimeLabel(one.index + first, one.text, one.rank) for one in found]


def _paint_grid(painter: QPainter, scene: Scene, frame: ChartFrame, stock: Stock) -> None:
    """Paint the lines behind the bars; the painter is in device pixels."""
    right, bottom = round(frame.right * frame.ratio), round(frame.bottom * frame.ratio)
    scale = frame.scale
    painter.setPen(QPen(faint(scene.theme, "line", GRID_SHARE), 0))
    levels = [round(scale.y(float(mark)) * frame.ratio - 0.5) for mark in price_marks(scale, scene.instrument)]
    rows = [QLine(0, y, right, y) for y in levels]
    columns = [round(frame.middle(one.index) * frame.ratio - 0.5) for one in stock.labels]
    painter.drawLines(rows + [QLine(x, 0, x, bottom) for x in columns])
    if stock.sessions:
        # Where a trading day begins, between two bars.
        painter.setPen(QPen(scene.theme.colour("line.strong"), 0, Qt.PenStyle.DashLine))
        painter.drawLines([QLine(x, 0, x, bottom) for x in (round(frame.x(at) * frame.ratio) for at in stock.sessions)])


def _paint_axes(painter: QPainter, scene: Scene, frame: ChartFrame, labels: Sequence[TimeLabel]) -> None:
    theme = scene.theme
    right, bottom = frame.sharp(frame.right), frame.sharp(frame.bottom)
    painter.fillRect(QRectF(0, frame.bottom, frame.width, frame.height - frame.bottom), theme.colour("bg.1"))
    painter.setPen(QPen(theme.colour("line"), 0))
    painter.drawLine(QPointF(right, 0), QPointF(right, frame.height))
    painter.drawLine(QPointF(0, bottom), QPointF(frame.width, bottom))
    strong, weak = theme.colour("ink.1"), theme.colour("ink.2")
    painter.setPen(weak)
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for y, words in price_words(frame.scale, scene.instrument):
        painter.drawText(price_box(frame, y), flags, words)
    for label in () if frame.is_low else labels:
        painter.setPen(strong if label.rank else weak)
        box = QRectF(frame.middle(label.index) - 50, frame.bottom, 100, frame.height - frame.bottom)
        if box.left() >= -30 and box.right() <= frame.right + 30:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.text)
    _paint_zone(painter, scene, frame)


def _paint_zone(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    """Say which clock the axis goes by, under the price axis."""
    columns = scene.columns
    if scene.is_daily or frame.is_low or not len(columns):
        return
    bar = columns.bar(len(columns) - 1)
    if bar is not None:
        painter.setPen(scene.theme.colour("ink.2"))
        box = QRectF(frame.right, frame.bottom, frame.width - frame.right - 8, frame.height - frame.bottom)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, f.zone_label(bar.start, scene.zone))
