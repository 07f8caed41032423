"""Whether the computer slept: its wall clock went on and the monotonic clock did not.

Some systems stop the monotonic clock while they sleep, so no deadline ever notices. Whoever sets the clock forward by
hand looks the same from here, and costs one snapshot.
"""

from datetime import datetime

SLEPT_S = 5.0


class SleepWatch:
    """Compares the two clocks from look to look (trading thread)."""

    def __init__(self, now: datetime, now_s: float) -> None:
        self._now = now
        self._now_s = now_s

    def slept_s(self, now: datetime, now_s: float) -> float:
        """Return for how long the program was not there since the last look, in seconds; 0 in normal running."""
        missing_s = (now - self._now).total_seconds() - (now_s - self._now_s)
        self._now, self._now_s = now, now_s
        return missing_s if missing_s > SLEPT_S else 0.0
