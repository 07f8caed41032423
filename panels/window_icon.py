"""The program's own sign in task bar and title bar: a post between two candles, in the colours of the theme."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap

from panels.theme import Theme

SIZES = (16, 24, 32, 48, 64, 128, 256)
# Left, top, width and height of each part, in sixteenths, and its colour.
PARTS = (
    ((3.5, 5.0, 2.0, 7.0), "down"),
    ((7.0, 2.5, 2.0, 11.0), "ink.1"),
    ((10.5, 4.0, 2.0, 6.0), "up"),
)


def window_icon(theme: Theme) -> QIcon:
    """Return the icon in every size a desktop asks for."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(_drawn(theme, size))
    return icon


def _drawn(theme: Theme, size: int) -> QPixmap:
    picture, part = QPixmap(size, size), size / 16
    picture.fill(theme.colour("bg.0", 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("bg.0"))
    painter.drawRoundedRect(QRectF(0, 0, size, size), 3 * part, 3 * part)
    for place, token in PARTS:
        painter.setBrush(theme.colour(token))
        painter.drawRect(QRectF(*(one * part for one in place)))
    painter.end()
    return picture
