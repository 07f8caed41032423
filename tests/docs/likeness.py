"""How alike two pictures are, and where they are not; tolerant of what another machine smooths otherwise."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter

# A picture is compared in squares of this side, logical pixels: a word that moved by a hair is the same picture.
SQUARE = 12
DIFFERS = 24
# Of a picture's squares, how many may differ: what a caret, a hinted glyph or a rounded corner costs.
SPARE = 0.004


@dataclass(frozen=True)
class Likeness:
    """What was found.

    Attributes:
        share: of the squares that differ, 0 to 1. places: their middles, logical pixels, at most twenty.
        size_differs: the pictures have not the same size.
        difference: what differs, bright on black.
    """

    share: float
    places: tuple[tuple[int, int], ...]
    size_differs: bool
    difference: QImage

    @property
    def is_same(self) -> bool:
        """Whether one would take them for the same picture."""
        return not self.size_differs and self.share <= SPARE

    def __str__(self) -> str:
        """Say in a line how far apart they are, and where."""
        if self.size_differs:
            return "the pictures have different sizes"
        where = ", ".join(f"{x},{y}" for x, y in self.places)
        return f"{self.share:.1%} of the squares differ (at most {SPARE:.1%}), around {where}"


def likeness(stored: QImage, drawn: QImage) -> Likeness:
    """Compare a stored picture with one drawn now."""
    if stored.size() != drawn.size():
        return Likeness(1.0, (), True, drawn)
    difference = stored.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(difference)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(QPoint(0, 0), drawn.convertToFormat(QImage.Format.Format_RGB32))
    painter.end()
    small = difference.scaled(
        max(1, difference.width() // SQUARE),
        max(1, difference.height() // SQUARE),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    places = [
        (x * SQUARE + SQUARE // 2, y * SQUARE + SQUARE // 2)
        for y in range(small.height())
        for x in range(small.width())
        if _brightest(small.pixelColor(x, y)) > DIFFERS
    ]
    share = len(places) / (small.width() * small.height())
    return Likeness(share, tuple(places[:: max(1, len(places) // 20)][:20]), False, difference)


def _brightest(colour: QColor) -> int:
    return max(colour.red(), colour.green(), colour.blue())
