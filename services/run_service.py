"""The program's own pulse: that it lives, and how its store is doing."""

from core import events
from core.messages import Message
from core.ports import RunRepository, StoreHealth
from core.snapshot import DatabaseStatus
from core.state_manager import StateManager

BEAT_S = 5.0


class RunService:
    """Store a sign of life every few seconds (trading thread)."""

    def __init__(self, runs: RunRepository, health: StoreHealth, state: StateManager) -> None:
        self._runs = runs
        self._health = health
        self._state = state
        self._next_beat_s = 0.0

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Beat, and publish how long commits take."""
        if event.monotonic_s >= self._next_beat_s:
            self._next_beat_s = event.monotonic_s + BEAT_S
            self._runs.beat(event.now)
            status = DatabaseStatus(True, "", self._health.commit_ms())
            self._state.set_database(status)
        return []
