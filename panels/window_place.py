"""Where a window stands: where it was left, or on a screen there is."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from panels.layouts import Layout, Workspace
from panels.zoomed import px


def place(window: QWidget, workspace: Workspace, kept: Layout | None) -> None:
    """Put a window where the trader left it, or give it the size the workspace begins with."""
    window.setMinimumSize(*workspace.minimum)
    if window.isMaximized() or window.isFullScreen():
        return
    if kept is not None and kept.window is not None:
        window.setGeometry(on_screen(QRect(*kept.window)))
        if kept.maximized:
            window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
        return
    window.resize(*map(px, workspace.size))
    pull_on_screen(window)


def pull_on_screen(window: QWidget) -> None:
    """Bring a window back that stands on no screen, and let it be no larger than the one it stands on."""
    screen = window.screen()
    if screen is None:
        return
    room = screen.availableGeometry()
    if not room.intersects(window.frameGeometry()):
        window.move(room.topLeft())
    window.resize(
        min(window.width(), max(room.width(), window.minimumWidth())),
        min(window.height(), max(room.height(), window.minimumHeight())),
    )


def on_screen(wanted: QRect) -> QRect:
    """Return a place for a window on a screen that exists: where it was, if any of it can be seen there."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not screens or any(room.intersects(wanted) for room in screens):
        return wanted
    return QRect(screens[0].topLeft(), wanted.size().boundedTo(screens[0].size()))
