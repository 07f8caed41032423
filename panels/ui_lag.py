"""How late the window's own thread is: a timer that should ring ten times a second, and when it does."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

EVERY_MS = 100
# A window that has just been made is late, and everybody sees why.
SETTLES_S = 3.0
# The worst of so long is what is told: a single hitch can be read.
REMEMBERED_S = 2.0


class UiLag(QObject):
    """Measures while it is running (GUI thread)."""

    def __init__(self, parent: QObject, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._due_s = self._from_s = 0.0
        self._late: deque[tuple[float, float]] = deque(maxlen=int(REMEMBERED_S * 1000 / EVERY_MS) + 1)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.ring)

    def start(self) -> None:
        """Measure from now on."""
        self._late.clear()
        now_s = self._monotonic()
        self._from_s, self._due_s = now_s + SETTLES_S, now_s + EVERY_MS / 1000
        self._timer.start()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()

    def ring(self) -> None:
        """Note how late this is."""
        now_s = self._monotonic()
        if now_s >= self._from_s:
            self._late.append((now_s, max(0.0, now_s - self._due_s)))
        self._due_s = now_s + EVERY_MS / 1000

    def worst_ms(self) -> float:
        """Return the worst lateness of the last two seconds, milliseconds."""
        since_s = self._monotonic() - REMEMBERED_S
        return 1000 * max((late_s for at_s, late_s in self._late if at_s >= since_s), default=0.0)
