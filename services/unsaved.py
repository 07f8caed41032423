"""What happens when the database refuses to keep something that must happen all the same.

An exit, a cancel, the broker's answer to either, a fill: none of them may wait for a disk. Entries are halted, the
trader is told once, and from then on everything goes to the emergency log, in order, and not to the database first: a
locked database would make each step of a close wait. What is kept is shown, marked UNSAVED. The database is tried again
every few seconds, and less often the longer it refuses; when it gives way, what waits is written in the order it came
and the log is put aside. What the program left behind is merged before anything else at the next start.

When not even the emergency log can be written, exits still go: what happens is in memory only, under a standing alarm,
and is written out as soon as there is room.
"""

from collections.abc import Callable

import structlog

from core import events
from core.announcement import About
from core.clock import Clock
from core.emergency import EmergencyEntry, unsaved_work
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.ports import Checkpoint, EmergencyLog
from core.state_manager import StateManager
from core.unsaved_work import UnsavedWork
from services.emergency_merge import EmergencyMerge

TRY_AGAIN_S = 5.0
TRY_AGAIN_MAX_S = 10.0

_log = structlog.get_logger("store")


class Unsaved:
    """Keeps what the database refused until it takes it (trading thread; `load` on the main thread before it)."""

    def __init__(
        self, log: EmergencyLog, merge: EmergencyMerge, state: StateManager, clock: Clock, reached: Checkpoint
    ) -> None:
        self._emergency = log
        self._merge = merge
        self._state = state
        self._clock = clock
        self._reached = reached
        self._waiting: list[EmergencyEntry] = []
        self._unlogged: list[EmergencyEntry] = []
        self._aside: list[EmergencyEntry] = []
        self._written = 0
        self._noted = -1
        self._unreadable = 0
        self._active = False
        self._pause_s = TRY_AGAIN_S
        self._next_try_s = 0.0
        self._told: set[str] = set()

    @property
    def active(self) -> bool:
        """True while something waits for the database, which is then not written past what waits."""
        return self._active

    def load(self) -> list[Message]:
        """Merge what an earlier life left behind; before anything else is read of the database.

        Raises:
            PersistenceError: the database refuses, or the log cannot be read; it stays where it is.
        """
        left = self._emergency.read()
        if not left.entries and not left.unreadable and not left.torn:
            return []
        self._waiting, self._unreadable, self._active = list(left.entries), left.unreadable, True
        try:
            return self._write_all("What the database did not take in the last session is in it now")
        except PersistenceError as error:
            if self._waiting:
                raise
            return self._still_there(error)

    def store(self, entry: EmergencyEntry, write: Callable[[], None]) -> list[Message]:
        """Have an entry written, or keep it."""
        if self._active:
            return self.keep(entry)
        try:
            write()
        except PersistenceError as error:
            return self.keep(entry, error)
        return []

    def keep(self, entry: EmergencyEntry, error: PersistenceError | None = None) -> list[Message]:
        """Keep what was not stored; when this returns it is on the disk, or the trader is told that it is not.

        Args:
            error: what the database said; None when it was not asked.
        """
        if not self._active:
            self._active = True
            self._next_try_s = self._clock.monotonic() + self._pause_s
        self._waiting.append(entry)
        self._unlogged.append(entry)
        follow = [] if error is None else self.report(error)
        follow += self._write_out()
        self._publish()
        return follow

    def report(self, error: PersistenceError) -> list[Message]:
        """Halt entries; say so the first time."""
        _log.error("goes on unsaved", error=str(error))
        text = (
            f"The database did not store this: {error} New entries are refused; closing goes on unsaved, "
            "kept in the emergency log."
        )
        self._state.halt(text)
        return self._once("refused", Level.ALARM, text)

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Try the database again when it is time."""
        if not self._active or event.monotonic_s < self._next_try_s:
            return []
        follow = self._write_out()
        try:
            follow += self._write_all("The database takes writes again")
        except PersistenceError as error:
            _log.warning("still unsaved", entries=len(self._waiting), error=str(error))
            if not self._waiting:
                follow += self._still_there(error)
            self._pause_s = min(2 * self._pause_s, TRY_AGAIN_MAX_S)
            self._next_try_s = self._clock.monotonic() + self._pause_s
            self._publish()
        return follow

    def _write_out(self) -> list[Message]:
        """Append what the log lacks, in order."""
        try:
            while self._unlogged:
                self._emergency.append(self._unlogged[0])
                self._unlogged.pop(0)
                self._reached("emergency.written")
        except PersistenceError as error:
            _log.error("emergency log not written", error=str(error))
            text = (
                f"The emergency log cannot be written either: {error} What happens now is in memory only. Exits still "
                "go. Make room on the disk, and do not end the program before this alarm has gone."
            )
            return self._once("not logged", Level.ALARM, text)
        self._told.discard("not logged")
        return []

    def _write_all(self, done: str) -> list[Message]:
        """Write what waits, in order, and put the log aside.

        Raises:
            PersistenceError: the database refuses; what is not written still waits.
        """
        follow: list[Message] = []
        while self._waiting:
            entry = self._waiting[0]
            why = self._merge.write(entry)
            self._waiting.pop(0)
            self._unlogged = [one for one in self._unlogged if one is not entry]
            self._written += 1
            if why:
                self._aside.append(entry)
                follow.append(self._said(Level.ALARM, f"{why}. What the log says of it was kept aside."))
            self._reached("emergency.merged_one")
        return [*follow, *self._finish(done)]

    def _finish(self, done: str) -> list[Message]:
        """Put the log aside.

        Raises:
            PersistenceError: it still lies there: what follows must go through it, or the next start would undo it.
        """
        if self._noted != self._written:
            self._merge.end(self._written, len(self._aside), self._unreadable)
            self._noted = self._written
        self._emergency.retire(self._aside)
        self._reached("emergency.renamed")
        follow = [self._said(Level.CAUTION, f"{done}: {counted(self._written)} of the emergency log.")]
        if self._unreadable:
            text = f"{self._unreadable} lines of the emergency log could not be read; they were kept aside."
            follow.append(self._said(Level.ALARM, text))
        self._aside, self._written, self._noted, self._unreadable = [], 0, -1, 0
        self._active, self._pause_s = False, TRY_AGAIN_S
        self._told.clear()
        self._publish()
        return list(follow)

    def _still_there(self, error: PersistenceError) -> list[Message]:
        text = f"Everything is in the database, but {error} It is tried again; until then every write goes through it."
        return self._once("not put aside", Level.CAUTION, text)

    def _publish(self) -> None:
        work = unsaved_work(self._waiting, len(self._unlogged)) if self._active else UnsavedWork()
        if work != self._state.snapshot().unsaved:
            self._state.set_unsaved(work)

    def _once(self, cause: str, level: Level, text: str) -> list[Message]:
        if cause in self._told:
            return []
        self._told.add(cause)
        return [self._said(level, text)]

    def _said(self, level: Level, text: str) -> Announcement:
        return Announcement(level, text, self._clock.now(), about=About.STORE if level is Level.ALARM else None)


def counted(entries: int) -> str:
    """Return how many entries, in words."""
    return "1 entry" if entries == 1 else f"{entries} entries"
