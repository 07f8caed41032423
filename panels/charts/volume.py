"""Volume under the candles: a bar each, or the greatest of those that share a pixel. In whole device pixels."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from panels.charts.bar_columns import BarColumns
from panels.charts.candles import body_width, shared
from panels.charts.chart_frame import ChartFrame, wick_of
from panels.charts.colours import faint
from panels.theme import Theme

SHARE = 0.38


def highest_volume(columns: BarColumns, first: int, end: int) -> float:
    """Return the greatest volume of some bars, the forming one among them where it is; 0 without any."""
    highest = max(columns.volumes[first:end], default=0.0)
    if columns.forming is not None and end > columns.closed:
        highest = max(highest, float(columns.forming.volume))
    return highest


def volume_rects(
    columns: BarColumns, first: int, end: int, highest: float, frame: ChartFrame
) -> tuple[list[QRect], list[QRect]]:
    """Return the bars of volume of closed bars: of rising ones, and of falling ones."""
    if highest <= 0:
        return [], []
    pitch = frame.pitch
    foot, slope = _heights(highest, frame)
    rising: list[QRect] = []
    falling: list[QRect] = []
    opens, closes, volumes = columns.opens, columns.closes, columns.volumes
    group = shared(pitch)
    if group > 1:
        for at in range(first - first % group, end, group):
            after = min(at + group, end)
            tall = round(max(volumes[at:after]) * slope)
            box = QRect(round((at + 0.5) * pitch - 0.5), foot - tall, 1, tall)
            (rising if closes[after - 1] >= opens[at] else falling).append(box)
        return rising, falling
    width = body_width(pitch)
    half = width // 2
    part = slice(first, end)
    for at, opened, closed, volume in zip(range(first, end), opens[part], closes[part], volumes[part], strict=True):
        tall = round(volume * slope)
        box = QRect(round((at + 0.5) * pitch - 0.5) - half, foot - tall, width, tall)
        (rising if closed >= opened else falling).append(box)
    return rising, falling


def volume_box(place: int, volume: float, highest: float, frame: ChartFrame) -> QRect:
    """Return the bar of volume of one bar."""
    if highest <= 0:
        return QRect()
    foot, slope = _heights(highest, frame)
    width, tall = body_width(frame.pitch), round(volume * slope)
    return QRect(wick_of(place, frame.pitch) - width // 2, foot - tall, width, tall)


def paint_volume(painter: QPainter, rects: tuple[list[QRect], ...], theme: Theme) -> None:
    """Paint volume of rising bars and of falling ones, fainter than the candles; the painter is as for those."""
    painter.setPen(Qt.PenStyle.NoPen)
    for bars, token in zip(rects, ("up", "down"), strict=True):
        if bars:
            painter.setBrush(faint(theme, token, SHARE))
            painter.drawRects(bars)


def _heights(highest: float, frame: ChartFrame) -> tuple[int, float]:
    """Return the foot of all bars, and device pixels to a contract."""
    return round(frame.bottom * frame.ratio), (frame.bottom - frame.volume_top) * frame.ratio / highest
