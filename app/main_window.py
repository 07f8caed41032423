"""The main window: a shell frame at once, the terminal in it when the engine is built, and a careful way out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPainter, QPixmap, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from panels.theme import Theme

if TYPE_CHECKING:
    # The shell is on screen before these are imported.
    from core.snapshot import Snapshot
    from panels.confirm_dialog import ConfirmDialog
    from panels.terminal_view import TerminalView

MINIMUM = (1200, 720)
DEFAULT = (1440, 900)
NAME = "Stanchion"
READING = "Reading position…"


class MainWindow(QMainWindow):
    """The one top-level window.

    Signals:
        leaving: the window was closed and the program is to end.
    """

    leaving = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._snapshot: Snapshot | None = None
        self._monotonic_s = 0.0
        self._may_leave = False
        self._question: ConfirmDialog | None = None
        self.view: TerminalView | None = None
        self.setObjectName("mainWindow")
        self.setWindowTitle(NAME)
        self.setMinimumSize(*MINIMUM)
        self.resize(*DEFAULT)
        waiting = QLabel(READING)
        waiting.setObjectName("shellText")
        waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCentralWidget(waiting)
        self._pull_on_screen()

    def show_terminal(self, view: TerminalView) -> None:
        """Put the real content in place of the shell, and the style sheet over it; once."""
        if self.centralWidget() is view:
            return
        self.view = view
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.setCentralWidget(view)
        app.setStyleSheet(self.theme.sheet())  # after: what is put into a window under a sheet is styled twice
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_F11), self)
        shortcut.activated.connect(self._toggle_full_screen)

    def refresh(self, snapshot: Snapshot, now: datetime, monotonic_s: float) -> None:
        """Draw one frame."""
        self._snapshot, self._monotonic_s = snapshot, monotonic_s
        if self.view is not None:
            self.view.refresh(snapshot, now, monotonic_s)
            if self.windowTitle() != self.view.title():
                self.setWindowTitle(self.view.title())
        if self._question is not None:
            self._question.refresh(snapshot, monotonic_s)

    def leave(self) -> None:
        """Close without asking."""
        self._may_leave = True
        self.close()

    def come_forward(self) -> None:
        """Show this window above others: a second start asked for it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before leaving something open; closing neither flattens nor cancels anything by itself."""
        exposed = "" if self._snapshot is None else exposure_words(self._snapshot)
        if self._may_leave or not exposed:
            event.accept()
            self.leaving.emit()
            return
        event.ignore()
        if self._question is None:
            from panels.confirm_dialog import ConfirmDialog

            body = f"{exposed} It stays at the broker as it is: nothing is closed or cancelled by leaving."
            self._question = ConfirmDialog(self.theme, self, f"Leave {NAME}?", body, "Leave", "Stay", False)
            self._question.agreed.connect(self.leave)
            self._question.finished.connect(self._forget_question)
            self._question.open()

    def picture(self) -> QPixmap:
        """Return the window as it looks now, with every dialog that is open over it."""
        picture = self.grab()
        painter = QPainter(picture)
        for dialog in QApplication.topLevelWidgets():
            if dialog is not self and dialog.isVisible() and dialog.isWindow() and dialog.parent() is not None:
                painter.drawPixmap(self.mapFromGlobal(dialog.frameGeometry().topLeft()), dialog.grab())
        painter.end()
        return picture

    def changeEvent(self, event: QEvent) -> None:
        """Keep the window reachable when the screens change."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self._pull_on_screen()

    def _forget_question(self) -> None:
        self._question = None

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _pull_on_screen(self) -> None:
        screen = self.screen()
        if screen is None:
            return
        room: QRect = screen.availableGeometry()
        if not room.intersects(self.frameGeometry()):
            self.move(room.topLeft())
        self.resize(
            min(self.width(), max(room.width(), MINIMUM[0])), min(self.height(), max(room.height(), MINIMUM[1]))
        )


def exposure_words(snapshot: Snapshot) -> str:
    """Return what would be left behind, in a sentence; empty when nothing would."""
    from core.model.order import OrderState

    parts = [f"{one.side_word} {abs(one.quantity):f} {key.symbol}" for key, one in sorted(snapshot.positions.items())]
    unknown = [one for one in snapshot.orders.values() if one.state is OrderState.UNKNOWN]
    working = [one for one in snapshot.orders.values() if one.is_alive and one.state is not OrderState.UNKNOWN]
    if working:
        parts.append(f"{len(working)} working {'order' if len(working) == 1 else 'orders'}")
    if unknown:
        parts.append(f"{len(unknown)} {'order' if len(unknown) == 1 else 'orders'} with an unknown outcome")
    return f"Open: {', '.join(parts)}." if parts else ""
