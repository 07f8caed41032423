"""Cuts the time that passes into equal steps. Pure.

What a run sends depends on where market time is cut: reports of a step follow its market data, and the figures of a
session are looked at between steps. Equal steps, however busy the machine is, make it a function of the market and the
requests alone.
"""

from __future__ import annotations

from typing import Final

STEP_S: Final = 0.02
LONGEST_S: Final = 1.0


class Pacer:
    """Counts the steps that are due.

    Attributes:
        step_us: market time of a step.
    """

    def __init__(self, speed: float, now: float) -> None:
        """Begin at a time.

        Args:
            speed: market seconds per second.
            now: monotonic seconds.
        """
        self.step_us = max(round(STEP_S * speed * 1_000_000), 1)
        self._seen = now
        self._owed = 0.0

    def begin(self, now: float) -> None:
        """Forget the time until now."""
        self._seen, self._owed = now, 0.0

    def due(self, now: float) -> int:
        """Return how many steps are due since the last time; of a stretch that was missed, a second's worth."""
        self._owed += min(now - self._seen, LONGEST_S)
        self._seen = now
        steps = int(self._owed / STEP_S)
        self._owed -= steps * STEP_S
        return steps

    def missed(self, now: float) -> bool:
        """Whether so much time has passed since the last time that some of it will be left out."""
        return now - self._seen > LONGEST_S
