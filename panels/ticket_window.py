"""The ticket in a window of its own, under the band and in the frame of the mode it would trade in."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.snapshot import Snapshot
from panels.mode_band import FrameWidget, ModeBand
from panels.panel_dock import DIALOG_BAND
from panels.theme import Theme


class TicketWindow(FrameWidget):
    """Where the ticket is while it is detached; closing it brings the ticket back.

    Signals:
        closed: it was closed; the ticket is wanted in its old place.
    """

    closed = Signal()

    def __init__(self, theme: Theme, ticket: QWidget, parent: QWidget) -> None:
        content = QWidget()
        content.setProperty("kind", "bar")
        super().__init__(theme, content)
        self.setParent(parent, Qt.WindowType.Tool)
        self.setObjectName("ticketWindow")
        self.setWindowTitle("Order ticket")
        self._band = ModeBand(theme, DIALOG_BAND, "ticketBand")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._band)
        layout.addWidget(ticket)

    def refresh(self, snapshot: Snapshot) -> None:
        """Show the mode of the account on show."""
        super().refresh(snapshot)
        self._band.refresh(snapshot)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the ticket back before it goes with this window."""
        self.closed.emit()
        event.accept()
