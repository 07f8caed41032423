"""Notices to phone or mail joined to the window: what is announced while nobody is there goes out."""

from collections.abc import Callable
from threading import Thread
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from core.announcement import Announcement
from core.away import ALARM, goes_out, is_away, line_of
from core.preferences import Preferences
from services.away_notices import TEST, Address, AwayNotices, NoticeFailed, Sender


class StoredAddress(Address, Protocol):
    """An address that can be changed."""

    def write(self, address: str) -> None:
        """Store it; an empty one removes it.

        Raises:
            NoticeFailed: it was not stored.
        """
        ...


class Notices(QObject):
    """Whether somebody is there, and what he hears of if not (GUI thread).

    Signals:
        standing: why notices do not go out; "" when they do again. Emitted on the notices thread.
        stored: whether it was an address, and why it was not stored, "" when it was. Emitted on the keyring's thread.
    """

    standing = Signal(str)
    stored = Signal(bool, str)

    def __init__(
        self,
        preferences: Preferences,
        is_minimised: Callable[[], bool],
        now_s: float,
        sender: Sender,
        address: StoredAddress,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._kinds = preferences.notices
        self._is_minimised = is_minimised
        self._touched_s = now_s
        self._address = address
        self._is_stopped = False
        self._away = AwayNotices(sender, address, self.standing.emit)

    @property
    def is_on(self) -> bool:
        """True while the trader wants notices: then it matters whether he is there."""
        return ALARM in self._kinds

    def prefer(self, preferences: Preferences) -> None:
        """Send what the trader wants from now on."""
        self._kinds = preferences.notices

    def touched(self, now_s: float) -> None:
        """Note that somebody is there."""
        self._touched_s = now_s

    def announce(self, notice: Announcement, now_s: float) -> None:
        """Send an announcement if nobody is there to see it."""
        if goes_out(notice, self._kinds) and is_away(self._touched_s, now_s, self._is_minimised()):
            self._away.send(line_of(notice))

    def test(self) -> None:
        """Send one now, whatever is on; `standing` tells what became of it."""
        self._away.send(TEST)

    def store(self, address: str) -> None:
        """Store the address, "" removes it; `stored` tells how it went. A keyring may ask somebody first."""
        Thread(target=self._write, args=(address.strip(),), name="keyring", daemon=True).start()

    def _write(self, address: str) -> None:
        why = ""
        try:
            self._address.write(address)
        except NoticeFailed as error:
            why = str(error)
        if not self._is_stopped:
            self.stored.emit(bool(address), why)

    def stop(self) -> None:
        """End."""
        self._is_stopped = True
        self._away.stop()
