"""The daily Sharpe ratio on a scale from −3 to +3: a bar from zero, its figure beside it, marks under it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from panels.theme import Theme, font

END = 3.0
MARKS = (-3, -2, -1, 0, 1, 2, 3)
BAR = 8


class SharpeBar(QWidget):
    """A painted bar; the figure is told by the label beside it, this is its picture."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("p3SharpeBar")
        self.setAccessibleName("Sharpe ratio on a scale from minus 3 to 3")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._value: float | None = None
        self._is_grey = True

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def show_value(self, value: float | None, is_grey: bool) -> None:
        """Show a ratio; grey while it rests on too few days."""
        if (value, is_grey) != (self._value, self._is_grey):
            self._value, self._is_grey = value, is_grey
            self.setAccessibleDescription("unknown" if value is None else f"{value:.2f}")
            self.update()

    def sizeHint(self) -> QSize:
        """Return a bar and its marks."""
        return QSize(240, BAR + 20)

    def minimumSizeHint(self) -> QSize:
        """Return the least at which the marks do not touch."""
        return QSize(160, BAR + 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, bar and marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("bg.3"))
        painter.drawRoundedRect(QRectF(0, 2, self.width(), BAR), 3, 3)
        if self._value is not None:
            tone = "ink.3" if self._is_grey else "up" if self._value > 0 else "down"
            painter.setBrush(self._theme.colour(tone))
            zero, end = self._x(0), self._x(max(-END, min(END, self._value)))
            painter.drawRect(QRectF(min(zero, end), 2, max(2.0, abs(end - zero)), BAR))
        painter.setFont(font("label", number=True))
        painter.setPen(self._theme.colour("ink.2"))
        for mark in MARKS:
            x = self._x(mark)
            painter.drawLine(int(x), 2, int(x), BAR + 4)
            place = QRectF(max(0.0, min(self.width() - 24.0, x - 12)), BAR + 4, 24, 15)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{mark}".replace("-", "−"))

    def _x(self, value: float) -> float:
        return 2 + (value + END) / (2 * END) * (self.width() - 4)
