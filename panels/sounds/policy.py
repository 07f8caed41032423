"""When which sound is heard: by what an announcement is about, and by what the trader prefers.

An order's fills sound twice at most: at the first, and when it is complete. An alarm comes back every five seconds
until somebody was there, six times in all.
"""

from datetime import time

from core.announcement import About, Announcement, Level
from core.model.scope import Mode
from core.preferences import SoundPreferences
from core.snapshot import Snapshot
from panels.sounds.sound import Sound

ALARM_EVERY_S, ALARM_TIMES = 5.0, 6
# The same bad news told by several parts of the program is one.
SAME_WITHIN_S = 2.0
ORDERS_REMEMBERED = 200
OF_FILLS = {About.FILL: Sound.FILL, About.TARGET: Sound.TARGET, About.STOP: Sound.STOP}
OF_STATES = {
    About.REJECT: Sound.REJECT,
    About.LINE: Sound.STALE,
    About.LIMIT_NEAR: Sound.LIMIT_NEAR,
    About.LIMIT_HIT: Sound.LIMIT_HIT,
    About.ALERT: Sound.ALERT,
}


def sound_of(notice: Announcement) -> Sound | None:
    """Return the sound of an announcement; most have none."""
    if notice.about in OF_FILLS:
        return OF_FILLS[notice.about]
    if notice.level is Level.ALARM:
        return Sound.MISMATCH if notice.about is About.MISMATCH else Sound.ALARM
    return None if notice.about is None else OF_STATES.get(notice.about)


def is_heard(sound: Sound, mode: Mode, preferences: SoundPreferences, at: time) -> bool:
    """Return whether a sound is played now.

    Args:
        mode: of the account it is about. at: local wall time.
    """
    if preferences.volume == 0 or sound.value in preferences.muted:
        return False
    return not preferences.is_quiet(at) or (sound is Sound.ALARM and mode is Mode.LIVE)


def mode_of(notice: Announcement, snapshot: Snapshot) -> Mode:
    """Return the mode of what an announcement is about; of what names no account, LIVE if any account is."""
    if notice.key is not None and (account := snapshot.accounts.get(notice.key.account_key)) is not None:
        return account.acting_mode
    modes = {one.acting_mode for one in snapshot.accounts.values()}
    return Mode.LIVE if Mode.LIVE in modes or not modes else next(iter(modes))


class SoundPolicy:
    """Remembers what has sounded (GUI thread)."""

    def __init__(self) -> None:
        self._begun: dict[str, None] = {}
        self._sounded_s: dict[Sound, float] = {}
        self._alarm_mode = Mode.LIVE
        self._alarms_left = 0
        self._next_alarm_s = 0.0

    @property
    def is_alarming(self) -> bool:
        """True while an alarm comes back until somebody was there."""
        return self._alarms_left > 0

    def hear(self, notice: Announcement, snapshot: Snapshot, now_s: float) -> tuple[Sound, Mode] | None:
        """Return what an announcement sounds like, before the trader's preferences; None: nothing."""
        sound, mode = sound_of(notice), mode_of(notice, snapshot)
        if sound is None or (notice.about in OF_FILLS and not self._counts(notice)):
            return None
        if sound is Sound.ALARM:
            self._alarms_left, self._next_alarm_s = ALARM_TIMES - 1, now_s + ALARM_EVERY_S
            self._alarm_mode = mode
        elif notice.about not in OF_FILLS and not self.is_news(sound, now_s):
            return None
        return sound, mode

    def is_news(self, sound: Sound, now_s: float) -> bool:
        """Return whether a sound has not just been heard, and note it."""
        before_s = self._sounded_s.get(sound)
        self._sounded_s[sound] = now_s
        return before_s is None or now_s - before_s >= SAME_WITHIN_S

    def again(self, now_s: float) -> tuple[Sound, Mode] | None:
        """Return the alarm when it is time for it to come back."""
        if not self._alarms_left or now_s < self._next_alarm_s:
            return None
        self._alarms_left -= 1
        self._next_alarm_s = now_s + ALARM_EVERY_S
        return Sound.ALARM, self._alarm_mode

    def seen(self) -> None:
        """Let the alarm rest: somebody is there."""
        self._alarms_left = 0

    def _counts(self, fill: Announcement) -> bool:
        """Return whether a fill is the first of its order, or the last."""
        if not fill.cause:
            return True
        is_first = fill.cause not in self._begun
        if fill.is_last:
            self._begun.pop(fill.cause, None)
            return True
        self._begun[fill.cause] = None
        while len(self._begun) > ORDERS_REMEMBERED:
            del self._begun[next(iter(self._begun))]
        return is_first
