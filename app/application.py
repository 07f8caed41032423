"""The start of the terminal: the shell frame, the position as it is stored, then everything heavy."""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.config import SIMULATOR, Options, StoredSettings, preferences_of, read_settings, to_connect
from app.data_folder import DataFolder
from app.layouts import LayoutFiles
from app.main_window import MainWindow
from panels.layouts import COMPANION, TRADE
from panels.look import Look

ROOT = Path(__file__).resolve().parent.parent


def run(options: Options, folder: DataFolder) -> int:
    """Run the terminal until its window is closed; returns the exit code.

    Raises:
        TerminalError: it cannot start; one sentence says why.
    """
    stored = read_settings(folder.path)
    options = to_connect(options, stored)
    app, window = shell(options, stored)
    from app.first_frame import show_first_frame

    show_first_frame(app, window, options, stored)
    # The child is up in half the time the rest of us takes.
    from app.simulator_child import SimulatorChild

    child = SimulatorChild(folder.path / "simulator", ROOT) if SIMULATOR in options.connect else None
    try:
        from app.log import LogFile

        log = LogFile(folder.path / "logs")
        log.start()
        try:
            from app.terminal import Terminal

            return Terminal(app, window, options, stored, folder, child, log).run()
        finally:
            log.stop()
    finally:
        if child is not None:
            child.stop()


def shell(options: Options, stored: StoredSettings) -> tuple[QApplication, MainWindow]:
    """Show the window, still without its content, and paint it once."""
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("Stanchion")
    app.setQuitOnLastWindowClosed(False)
    preferred = preferences_of(options, stored)
    look = Look(app, preferred)
    if preferred.zoom_percent != 100:
        look.zoom.set_percent(preferred.zoom_percent)
        look.zoom.spread()
    look.theme.begin(app)
    layouts = LayoutFiles(options.data_dir).read(is_safe_start=shift_is_held(), first=first_workspace(options))
    window = MainWindow(look.theme, layouts)
    window.look = look
    look.changed.connect(window.set_theme)
    window.show()
    app.processEvents()
    return app, window


def shift_is_held() -> bool:
    """Return whether the trader asks for a safe start: nothing of what he made of the window."""
    return bool(QGuiApplication.queryKeyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)


def first_workspace(options: Options) -> str:
    """Return what a new window begins in: who comes with a broker of his own looks at charts elsewhere."""
    return TRADE if SIMULATOR in options.connect else COMPANION
