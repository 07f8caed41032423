"""What the table panels share: a strip that dates the list while the line is down, and the table."""

from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.link import Link
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import ALIVE_LINKS, LINK_WORDS
from panels.widgets.labels import TextLabel
from panels.widgets.table import Row, RowsView

WAITING = "Waiting for broker list…"


def age_of_lists(snapshot: Snapshot, zone: tzinfo | None) -> str:
    """Return since when the lists of which connections are old; "" while all lines are up."""
    old = [
        f"{name}: list as of {f.zoned(status.since, zone)} – {LINK_WORDS[status.link]}"
        for name, status in sorted(snapshot.connections.items())
        if status.link not in ALIVE_LINKS
    ]
    return "   ".join(old)


def is_explicit(snapshot: Snapshot) -> bool:
    """Return whether every connection has answered, so that an empty list means there is nothing."""
    return bool(snapshot.connections) and all(one.link is Link.READY for one in snapshot.connections.values())


class TablePanel(QWidget):
    """A table under its strip.

    Signals:
        intent: what the panel's rows can ask for.
    """

    intent = Signal(object)

    def __init__(self, view: RowsView[Row], zone: tzinfo | None):
        super().__init__()
        self.view = view
        self.zone = zone
        self.strip = QFrame()
        self.strip.setProperty("kind", "notice")
        self.strip.setProperty("tone", "caution")
        self.strip_text = TextLabel(f"{view.objectName()}Strip", "label", bold=True, wrap=False)
        inner = QHBoxLayout(self.strip)
        inner.setContentsMargins(8, 2, 8, 2)
        inner.addWidget(self.strip_text)
        self.strip.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(view, 1)
        self.setFocusProxy(view)

    def focus_first(self) -> None:
        """Put the keyboard on the table, on its first row when none is chosen."""
        self.view.setFocus()
        if not self.view.currentIndex().isValid() and self.view.rows_model.rows:
            self.view.setCurrentIndex(self.view.rows_model.index(0, 0))

    def show_age(self, snapshot: Snapshot) -> None:
        """Date the list while a line is down."""
        text = age_of_lists(snapshot, self.zone)
        self.strip.setVisible(bool(text))
        self.strip_text.say(text)
