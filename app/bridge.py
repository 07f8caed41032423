"""Between the engine and Qt: the only place where a blinker signal and a Qt signal meet.

State is sampled: a 33 ms timer takes one snapshot if anything changed, and shows it if that can be seen. Happenings are
delivered: each announcement crosses once, in order, through a queued Qt signal emitted from a Python thread.
"""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from core.events import Announcement
from core.snapshot import Snapshot
from core.state_manager import StateManager
from panels.changed import looks_changed

FRAME_MS = 33
IDLE_S = 0.25
WATCH_MS = 500


class Bridge(QObject):
    """Carry snapshots and announcements to the window (lives on the GUI thread).

    Signals:
        frame: (Snapshot, wall time, monotonic seconds) at most once per 33 ms; at least four times a second, for ages.
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
        self._drawn, self._drawn_s = Snapshot(), 0.0
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
        is_due = now_s - self._drawn_s >= IDLE_S
        if version == self._seen and not is_due:
            return
        self._seen, snapshot = version, self._state.snapshot()
        if is_due or looks_changed(self._drawn, snapshot):
            self._drawn, self._drawn_s = snapshot, now_s
            self.frame.emit(snapshot, datetime.now(UTC), now_s)
