"""The floor gauge: a prop floor, what the account is worth, and its peak, on one bar."""

from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.model.guards import FloorGauge, GuardLevel
from panels import formatting as f
from panels.theme import Theme, font
from panels.widgets.labels import name_value
from panels.zoomed import zoomed_painter

HEIGHT = 46
BAR = 8
TONES = {GuardLevel.OK: "ink.2", GuardLevel.AMBER: "caution"}


def shares_of(gauge: FloorGauge) -> tuple[float, float, float]:
    """Return where floor, current and peak lie on the bar, 0 to 1.

    The bar runs from a little below the lower of floor and current to the peak, so that a breach is seen as one.
    """
    high = max(gauge.peak, gauge.current, gauge.floor)
    low = min(gauge.floor, gauge.current)
    span = (high - low) or Decimal(1)
    return tuple(float((one - low) / span) for one in (gauge.floor, gauge.current, gauge.peak))  # type: ignore[return-value]


def distance_words(gauge: FloorGauge) -> str:
    """Return "Distance 640.00 = 256 ticks at 2 MESZ6"."""
    words = f"Distance {f.money(gauge.distance)}"
    if gauge.ticks is None:
        return words
    return f"{words} = {int(gauge.ticks)} ticks at {gauge.held}"


class FloorBar(QWidget):
    """Paints a FloorGauge; its accessible name says the same in words."""

    def __init__(self, theme: Theme):
        super().__init__()
        self.setObjectName("p1Floor")
        self._theme = theme
        self._gauge: FloorGauge | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def show_gauge(self, gauge: FloorGauge) -> None:
        """Show where the account stands between floor and peak."""
        if gauge == self._gauge:
            return
        self._gauge = gauge
        figures = f"floor {f.money(gauge.floor)}, now {f.money(gauge.current)}, peak {f.money(gauge.peak)}"
        name_value(self, "Floor", f"{figures}, {distance_words(gauge)}, {gauge.rule}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bar, what is left of it, the three marks and their figures."""
        gauge = self._gauge
        if gauge is None:
            return
        painter, area = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        floor, current, peak = (share * (area.width() - 2) + 1 for share in shares_of(gauge))
        top = (area.height() - BAR) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("bg.3"))
        painter.drawRoundedRect(QRectF(0, top, area.width(), BAR), 2, 2)
        painter.setBrush(self._theme.colour(TONES.get(gauge.level, "danger")))
        painter.drawRect(QRectF(QPointF(min(floor, current), top), QPointF(max(floor, current), top + BAR)))
        for place, token, over in ((floor, "danger", 4), (peak, "ink.2", 4), (current, "ink.1", 6)):
            painter.setBrush(self._theme.colour(token))
            painter.drawRect(QRectF(min(max(0.0, place - 1.5), area.width() - 3), top - over, 3, BAR + 2 * over))
        self._figures(painter, area, gauge, current)

    def _figures(self, painter: QPainter, area: QRectF, gauge: FloorGauge, current: float) -> None:
        painter.setFont(font("label", number=True))
        metrics = painter.fontMetrics()
        now = f"now {f.money(gauge.current)}"
        width = metrics.horizontalAdvance(now)
        left = min(max(0.0, current - width / 2), area.width() - width)
        painter.setPen(self._theme.colour("ink.1"))
        painter.drawText(QRectF(left, 0, width + 1, 13), Qt.AlignmentFlag.AlignLeft, now)
        below = QRectF(0, area.height() - 14, area.width(), 14)
        painter.setPen(self._theme.colour("danger"))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"floor {f.money(gauge.floor)}")
        painter.setPen(self._theme.colour("ink.2"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"peak {f.money(gauge.peak)}")
