"""A clock that stands still until a test moves it; wall and monotonic time move apart when asked to."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


class ManualClock:
    """A Clock moved by hand.

    Attributes:
        wall: wall time, aware UTC.
        mono: monotonic seconds.
    """

    def __init__(self, wall: datetime = START, mono: float = 1000.0) -> None:
        self.wall = wall
        self.mono = mono

    def now(self) -> datetime:
        """Return wall time, aware UTC."""
        return self.wall

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self.mono

    def advance(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        self.wall += timedelta(seconds=seconds)
        self.mono += seconds

    def jump_wall(self, seconds: float) -> None:
        """Set the wall clock, forward or back; no time passes."""
        self.wall += timedelta(seconds=seconds)
