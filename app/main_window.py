"""The main window: a shell frame at once, the terminal in it when the engine is built, and a careful way out."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from panels.layouts import WORKSPACES, Layouts
from panels.theme import Theme
from panels.window_place import place, pull_on_screen

if TYPE_CHECKING:
    # The shell is on screen before these are imported.
    from core.snapshot import Snapshot
    from panels.look import Look
    from panels.quit_dialog import QuitDialog
    from panels.terminal_view import TerminalView

FIRST_LAYOUTS = Layouts()
NAME = "Stanchion"
READING = "Reading position…"


class MainWindow(QMainWindow):
    """The one top-level window.

    Signals:
        leaving: the window was closed and the program is to end.
        intent: what is wanted before it ends: CancelOrder, FlattenAccount.
    """

    leaving = Signal()
    intent = Signal(object)

    def __init__(self, theme: Theme, layouts: Layouts = FIRST_LAYOUTS) -> None:
        """Make the shell, where and as large as the trader left it."""
        super().__init__()
        self.theme, self.layouts = theme, layouts
        self.look: Look | None = None
        self._snapshot: Snapshot | None = None
        self._monotonic_s = 0.0
        self._may_leave = False
        self._question: QuitDialog | None = None
        self.view: TerminalView | None = None
        self.setObjectName("mainWindow")
        self.setWindowTitle(NAME)
        waiting = QLabel(READING)
        waiting.setObjectName("shellText")
        waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCentralWidget(waiting)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.screenRemoved.connect(self._screens_changed)
        place(self, WORKSPACES[layouts.current], layouts.kept.get(layouts.current))

    def set_theme(self, theme: Theme) -> None:
        """Ask, and lay the style sheet over what is to come, in another theme."""
        self.theme = theme

    def show_terminal(self, view: TerminalView) -> None:
        """Put the real content in place of the shell, and the style sheet over it; once."""
        if self.centralWidget() is view:
            return
        self.view = view
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.setCentralWidget(view)
        self.setMinimumSize(view.minimumSize())
        app.setStyleSheet(self.theme.sheet())  # after: what is put into a window under a sheet is styled twice

    def refresh(self, snapshot: Snapshot, now: datetime, monotonic_s: float) -> None:
        """Draw one frame."""
        self._snapshot, self._monotonic_s = snapshot, monotonic_s
        view, question = self.view, self._question
        try:
            if view is not None:
                view.refresh(snapshot, now, monotonic_s)
        finally:  # what could not be drawn keeps neither the title from being true nor the way out from being asked
            if view is not None and self.windowTitle() != view.title():
                self.setWindowTitle(view.title())
            if question is not None:
                question.refresh(snapshot, monotonic_s)

    def leave(self) -> None:
        """Close without asking."""
        self.ask_no_more()
        self.close()

    def ask_no_more(self) -> None:
        """Let whatever closes this window close it."""
        self._may_leave = True

    def come_forward(self) -> None:
        """Show this window above others: a second start asked for it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before leaving something open; closing neither flattens nor cancels anything by itself."""
        if self._may_leave or self._snapshot is None or not self._leaves_something(self._snapshot):
            event.accept()
            self.leaving.emit()
            return
        event.ignore()
        if self._question is None:
            self._ask(self._snapshot)

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
            self._screens_changed()

    @staticmethod
    def _leaves_something(snapshot: Snapshot) -> bool:
        from panels.leaving import left_by

        return not left_by(snapshot).is_nothing

    def _ask(self, snapshot: Snapshot) -> None:
        from panels.action_ids import ActionIds
        from panels.quit_dialog import QuitDialog

        self._question = QuitDialog(self.theme, self, ActionIds(time.monotonic))
        self._question.intent.connect(self.intent)
        self._question.leave.connect(self.leave)
        self._question.finished.connect(self._forget_question)
        self._question.refresh(snapshot, self._monotonic_s)
        self._question.open()

    def _forget_question(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
        self._question = None

    def _screens_changed(self) -> None:
        """Bring everything back that stands where no screen is any more."""
        pull_on_screen(self)
        if self.view is not None:
            self.view.deck.pull_on_screen()
