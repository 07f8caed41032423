"""The emergency log in memory; it outlives the program that wrote it, as a file does."""

from collections.abc import Sequence

from core.emergency import EmergencyEntry, EmergencyLines
from core.errors import PersistenceError


class InMemoryEmergencyLog:
    """An EmergencyLog.

    Attributes:
        entries: what waits. merged, aside: what was put aside, of every merge so far.
        error: raised by every write while set.
    """

    def __init__(self) -> None:
        self.entries: list[EmergencyEntry] = []
        self.merged: list[EmergencyEntry] = []
        self.aside: list[EmergencyEntry] = []
        self.error: PersistenceError | None = None

    def append(self, entry: EmergencyEntry) -> None:
        """Keep one entry."""
        if self.error is not None:
            raise self.error
        self.entries.append(entry)

    def read(self) -> EmergencyLines:
        """Return what waits."""
        return EmergencyLines(tuple(self.entries))

    def retire(self, aside: Sequence[EmergencyEntry]) -> None:
        """Put everything aside."""
        if self.error is not None:
            raise self.error
        self.aside += aside
        self.merged += self.entries
        self.entries.clear()
