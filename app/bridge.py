"""Between the engine and Qt: the only place where a blinker signal and a Qt signal meet.

State is sampled: a 33 ms timer takes one snapshot if anything changed. Happenings are delivered: each announcement
crosses once, in order, through a queued Qt signal emitted from a Python thread.
"""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from core.events import Announcement
from core.state_manager import StateManager

FRAME_MS = 33
WATCH_MS = 500


class Bridge(QObject):
    """Carry snapshots and announcements to the window (lives on the GUI thread).

    Signals:
        frame: (Snapshot, wall time, monotonic seconds) at most once per 33 ms; at least once a second, for ages.
        announced: an Announcement, emitted from the trading thread: connect it queued.
        watched: twice a second, for the supervisor.
    """

    frame = Signal(object, object, float)
    announced = Signal(object)
    watched = Signal()

    def __init__(self, state: StateManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._seen = -1
        self._drawn_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._sample)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self.watched)

    def start(self) -> None:
        """Begin sampling; draws the first frame at once."""
        self._sample()
        self._timer.start()
        self._watch.start()

    def stop(self) -> None:
        """End sampling."""
        self._timer.stop()
        self._watch.stop()

    def receive(self, sender: object, announcement: Announcement) -> None:
        """Take an announcement of the engine (trading thread) across."""
        self.announced.emit(announcement)

    def _sample(self) -> None:
        version, now_s = self._state.version, time.monotonic()
        # Ages and countdowns move though nothing changed: four times a second is enough for them.
        if version == self._seen and now_s - self._drawn_s < 0.25:
            return
        self._seen, self._drawn_s = version, now_s
        self.frame.emit(self._state.snapshot(), datetime.now(UTC), now_s)
