"""Sounds joined to the window: what is announced is heard, as the trader prefers it."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from app.sound_output import SoundOutput, output_of
from app.sound_player import SoundPlayer
from core.announcement import Announcement
from core.model.scope import Mode
from core.preferences import SoundPreferences
from core.snapshot import Snapshot
from panels.feed_watch import FeedWatch, Freshness
from panels.shown import shown_in
from panels.sounds.policy import SoundPolicy, is_heard
from panels.sounds.sound import Sound

_SEEN = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel})


class Sounds(QObject):
    """Policy and player (GUI thread).

    Signals:
        failed: why sounds are not heard, once per cause; emitted on the sounds thread.
    """

    failed = Signal(str)
    _beeps = Signal()

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        preferences: SoundPreferences,
        output: SoundOutput | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        super().__init__(app)
        self._app = app
        self._preferences = preferences
        self._wall = wall
        self._policy = SoundPolicy()
        self._feed, self._was = FeedWatch(), Freshness.UNKNOWN
        self._watching = False
        self._snapshot = Snapshot()
        self._player = SoundPlayer(folder, output or output_of(sys.platform), self._not_heard)
        self._beeps.connect(QApplication.beep, Qt.ConnectionType.QueuedConnection)

    def prefer(self, preferences: SoundPreferences) -> None:
        """Play as the trader prefers it from now on."""
        self._preferences = preferences

    def announce(self, notice: Announcement, now_s: float) -> None:
        """Let an announcement be heard."""
        if (heard := self._policy.hear(notice, self._snapshot, now_s)) is not None:
            self._play(*heard)
            self._watch()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, now_s: float) -> None:
        """Follow the market of the symbol on show, and repeat an alarm nobody has seen."""
        self._snapshot = snapshot
        shown = shown_in(snapshot)
        fresh = self._feed.judge(shown, now_utc).freshness
        fell = fresh is Freshness.SILENT and self._was in (Freshness.FRESH, Freshness.SLOW)
        if fell and self._policy.is_news(Sound.STALE, now_s):
            self._play(Sound.STALE, shown.mode)
        self._was = fresh
        if (again := self._policy.again(now_s)) is not None:
            self._play(*again)
        self._watch()

    def test(self, sound: Sound) -> None:
        """Play a sound whatever is muted, at the volume that is set."""
        self._player.play(sound, self._preferences.volume, self._preferences.device)

    def stop(self) -> None:
        """End."""
        self._policy.seen()
        self._watch()
        self._player.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take any touch for somebody being there."""
        if event.type() in _SEEN:
            self._policy.seen()
            self._watch()
        return False

    def _play(self, sound: Sound, mode: Mode) -> None:
        if is_heard(sound, mode, self._preferences, self._wall().time()):
            self._player.play(sound, self._preferences.volume, self._preferences.device)

    def _watch(self) -> None:
        """Look at every event of the program only while an alarm waits to be seen."""
        if self._policy.is_alarming != self._watching:
            self._watching = self._policy.is_alarming
            (self._app.installEventFilter if self._watching else self._app.removeEventFilter)(self)

    def _not_heard(self, why: str) -> None:
        self._beeps.emit()
        if why:
            self.failed.emit(why)
