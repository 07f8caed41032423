"""Whether somebody sits at the window: keys, presses and the wheel, told the engine at most every ten seconds."""

import time

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

TELL_EVERY_S = 10.0
_TOUCHES = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel})


class Activity(QObject):
    """Watches the whole program while something depends on it (GUI thread).

    Signals:
        touched: somebody did something.
    """

    touched = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._watching = False
        self._told_s = 0.0

    def watch(self, wanted: bool) -> None:
        """Watch, or stop: every event of the program passes here while it does."""
        if wanted == self._watching:
            return
        self._watching = wanted
        (self._app.installEventFilter if wanted else self._app.removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a touch and let every event pass."""
        if event.type() in _TOUCHES and time.monotonic() - self._told_s >= TELL_EVERY_S:
            self._told_s = time.monotonic()
            self.touched.emit()
        return False
