"""The program's own pulse: that it lives, and how its store is doing."""

from core import events
from core.errors import PersistenceError
from core.messages import Message
from core.ports import RunRepository, StoreHealth
from core.snapshot import DatabaseStatus
from core.state_manager import StateManager

BEAT_S = 5.0
# Slow is what the slowest twentieth takes.
SLOW_SHARE = 0.95
# A locked database makes each try wait; meanwhile nothing else is done.
REFUSED_BEAT_S = 10.0


class RunService:
    """Store a sign of life every few seconds (trading thread)."""

    def __init__(self, runs: RunRepository, health: StoreHealth, state: StateManager) -> None:
        self._runs = runs
        self._health = health
        self._state = state
        self._next_beat_s = 0.0

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Beat, and publish how the store is doing.

        Raises:
            PersistenceError: the store began to refuse; that it still does is only published.
        """
        if event.monotonic_s < self._next_beat_s or self._state.snapshot().unsaved.entries:
            return []  # what waits to be stored finds out when the database gives way; a beat would only wait as well
        self._next_beat_s = event.monotonic_s + BEAT_S
        try:
            self._runs.beat(event.now)
        except PersistenceError as error:
            self._next_beat_s = event.monotonic_s + REFUSED_BEAT_S
            began = self._state.snapshot().database.ok
            self._state.set_database(self._status(event, str(error)))
            if began:
                raise
            return []
        self._state.set_database(self._status(event))
        return []

    def _status(self, event: events.ClockTicked, error: str = "") -> DatabaseStatus:
        health = self._health
        return DatabaseStatus(not error, error, health.commit_ms(), health.commit_ms(SLOW_SHARE), event.waiting)
