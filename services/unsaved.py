"""What happens when the database refuses to keep something that must happen all the same.

An exit, a cancel, the broker's answer to either: none of them may wait for a disk. Entries are halted, the trader is
told once, and the engine goes on from memory. What was not stored is found again at the broker at the next start.
"""

import structlog

from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.state_manager import StateManager

_log = structlog.get_logger("store")


class Unsaved:
    """Tell that something goes on unsaved (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._told = False

    def report(self, error: PersistenceError) -> list[Message]:
        """Halt entries; say so the first time."""
        _log.error("goes on unsaved", error=str(error))
        text = f"The database did not store this: {error} New entries are refused; closing goes on unsaved."
        self._state.halt(text)
        if self._told:
            return []
        self._told = True
        return [Announcement(Level.ALARM, text, self._clock.now())]
