"""Small painted buttons of a title bar: float, close."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from panels.theme import Theme
from panels.zoomed import px, zoomed_painter

SIDE = 8.0


class Sign(Enum):
    """What a button shows."""

    FLOAT = "float"
    CLOSE = "close"


class TitleButton(QAbstractButton):
    """One of them, 24 × 20 logical pixels; the keyboard reaches it."""

    def __init__(self, theme: Theme, object_name: str, sign: Sign, name: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._theme, self._sign = theme, sign
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(24, 20)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return its one size."""
        return QSize(px(24), px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the sign, the ground it stands on under the pointer, and the ring of the keyboard."""
        painter, area = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(area, self._theme.colour("bg.3"))
        painter.setPen(QPen(self._theme.colour("ink.1" if self.underMouse() else "ink.2"), 1.5))
        middle = area.center()
        left, top = middle.x() - SIDE / 2, middle.y() - SIDE / 2
        if self._sign is Sign.CLOSE:
            painter.drawLine(QPointF(left, top), QPointF(left + SIDE, top + SIDE))
            painter.drawLine(QPointF(left + SIDE, top), QPointF(left, top + SIDE))
        else:
            painter.drawRect(QRectF(left - 1, top + 2, SIDE - 1, SIDE - 1))
            painter.drawPolyline(
                [
                    QPointF(left + 2, top + 2),
                    QPointF(left + 2, top - 1),
                    QPointF(left + SIDE + 1, top - 1),
                    QPointF(left + SIDE + 1, top + SIDE - 3),
                    QPointF(left + SIDE - 2, top + SIDE - 3),
                ]
            )
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
