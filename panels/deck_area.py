"""Where the deck lies in the window: it may be larger than that, as it is where everything is drawn large."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea

from panels.deck import Deck


def scrolled(deck: Deck) -> QScrollArea:
    """Return the deck in what lets it be larger than the window."""
    area = QScrollArea()
    area.setObjectName("deckArea")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(deck)
    return area
