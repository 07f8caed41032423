"""Volume under the candles: a bar each, or the greatest of each column of pixels. In device pixels, whole ones."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from panels.charts.bar_columns import BarColumns
from panels.charts.candles import LEAST_CANDLE, body_width
from panels.charts.chart_frame import ChartFrame
from panels.theme import Theme

ALPHA = 96


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
    per, left = frame.per_bar * frame.ratio, frame.view.left
    foot = round(frame.bottom * frame.ratio)
    slope = (frame.bottom - frame.volume_top) * frame.ratio / highest
    rising: list[QRect] = []
    falling: list[QRect] = []
    opens, closes, volumes = columns.opens, columns.closes, columns.volumes
    if per < LEAST_CANDLE:
        at = first
        while at < end:
            x = int((at - left) * per)
            after = at + 1 if per >= 1 else min(end, max(at + 1, int(left + (x + 1) / per) + 1))
            tall = round((volumes[at] if after == at + 1 else max(volumes[at:after])) * slope)
            (rising if closes[after - 1] >= opens[at] else falling).append(QRect(x, foot - tall, 1, tall))
            at = after
        return rising, falling
    width = body_width(per)
    half = width // 2
    for at in range(first, end):
        tall = round(volumes[at] * slope)
        box = QRect(round((at + 0.5 - left) * per - 0.5) - half, foot - tall, width, tall)
        (rising if closes[at] >= opens[at] else falling).append(box)
    return rising, falling


def volume_box(place: int, volume: float, highest: float, frame: ChartFrame) -> QRect:
    """Return the bar of volume of one bar."""
    per, foot = frame.per_bar * frame.ratio, round(frame.bottom * frame.ratio)
    width = body_width(per)
    tall = round(volume * (frame.bottom - frame.volume_top) * frame.ratio / highest) if highest > 0 else 0
    return QRect(round((place + 0.5 - frame.view.left) * per - 0.5) - width // 2, foot - tall, width, tall)


def paint_volume(painter: QPainter, rects: tuple[list[QRect], list[QRect]], theme: Theme) -> None:
    """Paint volume, fainter than the candles; the painter is in device pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    for bars, token in zip(rects, ("up", "down"), strict=True):
        if bars:
            painter.setBrush(theme.colour(token, ALPHA))
            painter.drawRects(bars)
