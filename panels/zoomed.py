"""How large everything is drawn: the zoom of the program, which the application object carries beside its font.

Sizes in the code are those at 100 %. What a widget is given when it is made (fixed sizes, margins, spacings, fonts,
columns) is multiplied from outside, by panels.zoom. What it works out itself later asks here: a size hint, a row that
is added to a height, a painting.
"""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox, QWidget

PROPERTY = "zoom"
# Where Qt keeps the font that a widget has again whenever its sheet is taken off, as on each change of tone.
KEPT_FONT = "_q_styleSheetWidgetFont"


def factor() -> float:
    """Return the zoom, 1.0 at 100 %."""
    app = QCoreApplication.instance()
    found = None if app is None else app.property(PROPERTY)
    return float(found) if found else 1.0


def px(pixels: float) -> int:
    """Return so many pixels at 100 % as they are now."""
    return round(pixels * factor())


def zoomed_painter(widget: QWidget) -> tuple[QPainter, QRectF]:
    """Return a painter that draws in the pixels of 100 %, and the widget's area in them."""
    painter, by = QPainter(widget), factor()
    painter.scale(by, by)
    return painter, QRectF(0, 0, widget.width() / by, widget.height() / by)


def at_100(place: QPointF) -> QPointF:
    """Return where the pointer is, in the pixels of a zoomed painter."""
    return place / factor()


def sizes_itself(widget: QWidget) -> None:
    """Keep the zoom from a widget's own sizes and font: it works them out with `px`."""
    widget.setProperty("sizesItself", True)


def give_font(widget: QWidget, font: QFont) -> None:
    """Set a font on a widget that may be under a style sheet already, so that it and what it is made of keep it."""
    parts = [widget]
    if isinstance(widget, QAbstractScrollArea):
        parts.append(widget.viewport())
    elif isinstance(widget, QComboBox) and (line := widget.lineEdit()) is not None:
        parts.append(line)
    for one in parts:
        one.setFont(font)
        if one.property(KEPT_FONT) is not None:
            one.setProperty(KEPT_FONT, font)
