"""The system ends the session, or asks the program to end: it ends at once, asks nothing, and closes nothing.

Qt tells of the end of a session (`commitDataRequest`: Windows, X11); a signal tells of it elsewhere, of a shutdown of
Linux or a terminal that was closed. Either is answered in the event loop, never in the middle of drawing. Where the
system takes the shutdown back, the program has ended all the same. A console of Windows that is closed tells a thread
of its own, and ends the program when that returns: it is kept until the end has been made.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QSessionManager

from app.windows_desktop import listen_to_console

# What systems give a program is five seconds and more; what the engine needs is a fraction of one.
WITHIN_S = 1.6
CONSOLE_HELD_S = 4.5
NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


class SessionEnd(QObject):
    """Listens for the end (main thread).

    Signals:
        came: who asks, in a word.
    """

    came = Signal(str)
    _signalled = Signal(str)

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__()
        self._before: dict[int, Any] = {}
        self._forget_console: Callable[[], None] = lambda: None
        self._signalled.connect(self.came, Qt.ConnectionType.QueuedConnection)
        app.commitDataRequest.connect(self._commit)

    def listen(self) -> None:
        """Take the system's signals, but those that are ignored on purpose."""
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        self._forget_console = listen_to_console(self._console_closes)

    def forget(self) -> None:
        """Put back what was there before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        self._forget_console()

    def _commit(self, _manager: QSessionManager) -> None:
        self.came.emit("session")

    def _console_closes(self) -> None:
        """Tell it, and keep the system waiting while the program ends (a thread of the system)."""
        self._signalled.emit("console")
        time.sleep(CONSOLE_HELD_S)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._signalled.emit(signal.Signals(number).name)
