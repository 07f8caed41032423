"""What the event view needs of the store."""

from collections.abc import Callable
from typing import Protocol

from core.queries import EventRows, always


class EventHistory(Protocol):
    """The audit log, read beside the thread that writes it (query thread)."""

    def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
        """Return rows in which every word occurs, newest first, from the `start`-th on; and how many there are in all.

        Args:
            goes_on: asked now and then; where it says no the search stops, and goes on from there when asked again.

        Raises:
            PersistenceError: the store cannot be read.
            QuestionAbandoned: it was stopped.
        """
        ...


class NoEvents:
    """An audit log without rows."""

    def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
        """Return nothing."""
        return EventRows((), 0)
