"""What the event view needs of the store."""

from typing import Protocol

from core.queries import AuditEvent


class EventHistory(Protocol):
    """The audit log, read beside the thread that writes it (query thread)."""

    def events(self, words: str, start: int, count: int) -> tuple[tuple[AuditEvent, ...], int]:
        """Return rows in which every word occurs, newest first, from the `start`-th on; and how many there are in all.

        Raises:
            PersistenceError: the store cannot be read.
        """
        ...


class NoEvents:
    """An audit log without rows."""

    def events(self, words: str, start: int, count: int) -> tuple[tuple[AuditEvent, ...], int]:
        """Return nothing."""
        return (), 0
