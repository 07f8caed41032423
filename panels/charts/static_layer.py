"""The part of a chart that a tick does not change: grid, closed bars, volume, marks, axes; kept as one picture."""

from array import array
from collections.abc import Sequence

from PySide6.QtCore import QLine, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from panels import formatting as f
from panels.charts.candles import paint_shapes, shapes_of
from panels.charts.chart_frame import ChartFrame
from panels.charts.price_axis import price_marks
from panels.charts.scene import Scene
from panels.charts.time_axis import TimeLabel, session_starts, time_labels
from panels.charts.trade_marks import paint_marks
from panels.charts.volume import paint_volume, volume_rects
from panels.theme import font

GRID_ALPHA = 110
HALF_DAY_S = 43_200.0


class StaticLayer:
    """The picture, and what it is of."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()
        self.painted = 0

    def picture(self, scene: Scene, frame: ChartFrame) -> QPixmap:
        """Return the picture of a scene, painted anew where it would look any different."""
        key = (
            frame,
            scene.columns,
            scene.columns.version,
            scene.highest,
            scene.theme,
            scene.instrument,
            scene.interval,
            scene.marks,
            scene.connectors,
        )
        if key != self._key:
            self._key = key
            self._paint(scene, frame)
            self.painted += 1
        return self._picture

    def _paint(self, scene: Scene, frame: ChartFrame) -> None:
        size = (round(frame.width * frame.ratio), round(frame.height * frame.ratio))
        picture = QPixmap(*size)
        picture.fill(scene.theme.colour("bg.1"))
        labels = _labels(scene, frame)
        sessions = _sessions(scene, frame)
        first, end = frame.view.visible(scene.columns.closed)
        painter = QPainter(picture)
        _paint_grid(painter, scene, frame, labels, sessions)
        paint_volume(painter, volume_rects(scene.columns, first, end, scene.highest, frame), scene.theme)
        paint_shapes(painter, shapes_of(scene.columns, first, end, frame), scene.theme)
        painter.fillRect(round(frame.right * frame.ratio), 0, size[0], size[1], scene.theme.colour("bg.1"))
        painter.end()
        picture.setDevicePixelRatio(frame.ratio)
        painter = QPainter(picture)
        painter.setFont(font("label", number=True))
        _paint_axes(painter, scene, frame, labels)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(0, 0, frame.right, frame.bottom)
        paint_marks(painter, scene.marks, scene.connectors, frame, scene.theme)
        painter.end()
        self._picture = picture


def _labels(scene: Scene, frame: ChartFrame) -> list[TimeLabel]:
    columns = scene.columns
    first, end = frame.view.visible(columns.closed)
    times: Sequence[float] = columns.times
    zone = scene.zone
    if scene.is_daily:
        # A bar of a day begins the evening before: half a day later it is that day by the exchange's clock.
        times, zone = array("d", (one + HALF_DAY_S for one in columns.times[first:end])), scene.hours.zone
        return [
            TimeLabel(one.index + first, one.text, one.rank)
            for one in time_labels(times, 0, end - first, frame.per_bar, zone)
        ]
    return time_labels(times, first, end, frame.per_bar, zone)


def _sessions(scene: Scene, frame: ChartFrame) -> list[int]:
    if scene.is_daily:
        return []
    first, end = frame.view.visible(scene.columns.closed)
    return [index for index, _ in session_starts(scene.columns.times, first, end, scene.hours)]


def _paint_grid(
    painter: QPainter, scene: Scene, frame: ChartFrame, labels: Sequence[TimeLabel], sessions: Sequence[int]
) -> None:
    """Paint the lines behind the bars; the painter is in device pixels."""
    right, bottom = round(frame.right * frame.ratio), round(frame.bottom * frame.ratio)
    scale = frame.scale
    painter.setPen(QPen(scene.theme.colour("line", GRID_ALPHA), 0))
    levels = [round(scale.y(float(mark)) * frame.ratio - 0.5) for mark in price_marks(scale, scene.instrument)]
    rows = [QLine(0, y, right, y) for y in levels]
    columns = [round(frame.middle(one.index) * frame.ratio - 0.5) for one in labels]
    painter.drawLines(rows + [QLine(x, 0, x, bottom) for x in columns])
    if sessions:
        # Where a trading day begins, between two bars.
        painter.setPen(QPen(scene.theme.colour("line.strong"), 0, Qt.PenStyle.DashLine))
        painter.drawLines([QLine(x, 0, x, bottom) for x in (round(frame.x(at) * frame.ratio) for at in sessions)])


def _paint_axes(painter: QPainter, scene: Scene, frame: ChartFrame, labels: Sequence[TimeLabel]) -> None:
    theme = scene.theme
    right, bottom = frame.sharp(frame.right), frame.sharp(frame.bottom)
    painter.fillRect(QRectF(0, frame.bottom, frame.width, frame.height - frame.bottom), theme.colour("bg.1"))
    painter.setPen(QPen(theme.colour("line"), 0))
    painter.drawLine(QPointF(right, 0), QPointF(right, frame.height))
    painter.drawLine(QPointF(0, bottom), QPointF(frame.width, bottom))
    for label in labels:
        painter.setPen(theme.colour("ink.1" if label.rank else "ink.2"))
        box = QRectF(frame.middle(label.index) - 50, frame.bottom, 100, frame.height - frame.bottom)
        if box.left() >= -30 and box.right() <= frame.right + 30:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.text)
    _paint_zone(painter, scene, frame)


def _paint_zone(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    """Say which clock the axis goes by, under the price axis."""
    columns = scene.columns
    if scene.is_daily or not len(columns):
        return
    bar = columns.bar(len(columns) - 1)
    if bar is not None:
        painter.setPen(scene.theme.colour("ink.2"))
        box = QRectF(frame.right, frame.bottom, frame.width - frame.right - 8, frame.height - frame.bottom)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, f.zone_label(bar.start, scene.zone))
