"""The veil over figures that are no longer true: 60 % of the header colour, and a word on a solid plate."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from panels.theme import Theme, font
from panels.widgets.labels import name_value
from panels.zoomed import zoomed_painter

VEIL_ALPHA = 153


class StaleVeil(QWidget):
    """Lies over its neighbours in the same layout cell; lets clicks through."""

    def __init__(self, theme: Theme):
        super().__init__()
        self.setObjectName("staleVeil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self.text = ""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def show_text(self, text: str) -> None:
        """Lie over the figures with these words; lift when there are none."""
        if text != self.text:
            self.text = text
            name_value(self, "Figures", text)
            self.update()
        self.setVisible(bool(text))
        if text:
            self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint veil and plate."""
        painter, area = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, self._theme.colour("bg.2", VEIL_ALPHA))
        painter.setFont(font("value", bold=True))
        width = painter.fontMetrics().horizontalAdvance(self.text) + 28
        plate = QRectF((area.width() - width) / 2, (area.height() - 30) / 2, width, 30)
        painter.setBrush(self._theme.colour("danger.bg"))
        painter.setPen(QPen(self._theme.colour("danger"), 2))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(self._theme.colour("ink.1"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.text)
