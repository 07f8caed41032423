"""What reaches the trader beside the window: sounds, and notices to phone or mail while he is away."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.notice_sending import AppriseSender, KeyringAddress
from app.notices import Notices, StoredAddress
from app.sound_output import SilentOutput, SoundOutput, output_of
from app.sounds import Sounds
from app.windows_desktop import is_locked
from core.announcement import Announcement, Level
from core.preferences import Preferences
from core.snapshot import Snapshot
from panels.sounds.sound import Sound
from panels.wishes import PlaySound, StoreNoticeAddress, TryNotice
from services.away_notices import Sender

NOTICES = "notices"
TAKEN = "The test notice was taken by its service."
# Platforms of Qt that show a window to nobody.
UNSEEN = ("offscreen", "minimal")


class Attention(QObject):
    """Sounds and notices, joined (GUI thread).

    Signals:
        standing: a cause of ours, and what stands of it; an empty text when it is over.
        told: an Announcement, once.
        tried: whether an address was stored or a test taken, and the sentence; for whoever asked.
    """

    standing = Signal(str, str)
    told = Signal(object)
    tried = Signal(bool, str)

    def __init__(
        self,
        app: QApplication,
        window: QWidget,
        folder: Path,
        preferences: Preferences,
        output: SoundOutput | None = None,
        sender: Sender | None = None,
        address: StoredAddress | None = None,
    ) -> None:
        super().__init__(app)
        is_seen = app.platformName() not in UNSEEN
        output = output or (output_of(sys.platform) if is_seen else SilentOutput())
        self.sounds = Sounds(app, folder / "sounds", preferences.sounds, output)
        self.notices = Notices(
            preferences,
            lambda: window.isMinimized() or is_locked(),
            time.monotonic(),
            sender or AppriseSender(),
            address or KeyringAddress(),
        )
        self._is_testing = False
        self.sounds.failed.connect(self._not_heard, Qt.ConnectionType.QueuedConnection)
        self.notices.standing.connect(self._sent, Qt.ConnectionType.QueuedConnection)
        self.notices.stored.connect(self._stored, Qt.ConnectionType.QueuedConnection)

    @property
    def wants_presence(self) -> bool:
        """True while it matters whether somebody touches the window."""
        return self.notices.is_on

    def prefer(self, preferences: Preferences) -> None:
        """Do as the trader prefers from now on."""
        self.sounds.prefer(preferences.sounds)
        self.notices.prefer(preferences)
        if not self.notices.is_on:
            self.standing.emit(NOTICES, "")

    def touched(self) -> None:
        """Note that somebody is there."""
        self.notices.touched(time.monotonic())

    def announce(self, notice: Announcement) -> None:
        """Let an announcement be heard, and sent to somebody who is away."""
        now_s = time.monotonic()
        self.sounds.announce(notice, now_s)
        self.notices.announce(notice, now_s)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, now_s: float) -> None:
        """Follow what is on show."""
        self.sounds.refresh(snapshot, now_utc, now_s)

    def take(self, wish: object) -> bool:
        """Answer a wish; say whether it is one of these."""
        if isinstance(wish, PlaySound):
            self.sounds.test(Sound(wish.name))
        elif isinstance(wish, StoreNoticeAddress):
            self.notices.store(wish.address)
        elif isinstance(wish, TryNotice):
            self._is_testing = True
            self.notices.test()
        else:
            return False
        return True

    def stop(self) -> None:
        """End."""
        self.sounds.stop()
        self.notices.stop()

    def _stored(self, is_address: bool, why: str) -> None:
        done = "The address is in the system's keyring." if is_address else "The address is gone."
        self.standing.emit(NOTICES, f"The address was not stored. {why}" if why else "")
        self.tried.emit(not why, why or done)
        if not why:
            self._tell(Level.INFO, done)

    def _not_heard(self, why: str) -> None:
        self._tell(Level.CAUTION, f"Sounds are not heard: {why}. A beep stands in.")

    def _sent(self, why: str) -> None:
        """Tell what became of a notice: a failure stands until one goes out, or until they are off."""
        tested, self._is_testing = self._is_testing, False
        self.standing.emit(NOTICES, f"Notices do not go out. {why}" if why else "")
        if tested:
            self.tried.emit(not why, why or TAKEN)
        if tested and not why:
            self._tell(Level.SUCCESS, TAKEN)

    def _tell(self, level: Level, text: str) -> None:
        self.told.emit(Announcement(level, text, datetime.now(UTC)))
