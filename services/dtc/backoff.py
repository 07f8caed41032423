"""How long to wait before the next try of a line: doubling, capped, jittered, for ever.

A line that stays up for a while has proven itself, and the next loss begins again at the shortest wait. One that is
accepted and dropped within seconds has not, so a flapping line is tried less and less often.
"""

from random import Random

FIRST_S = 1.0
CAP_S = 30.0
PROVEN_AFTER_S = 30.0


class Backoff:
    """Counts failed tries and says how long to wait; pure but for the random numbers given to it.

    Attributes:
        attempt: tries since the line was last proven.
    """

    def __init__(self, rng: Random) -> None:
        self.attempt = 0
        self._rng = rng

    def next_wait_s(self, up_s: float = 0.0) -> float:
        """Count a lost or refused line; return the seconds to wait: half to all of the doubled time.

        Args:
            up_s: how long the line had been up, in seconds; 0 when it never was.
        """
        if up_s >= PROVEN_AFTER_S:
            self.attempt = 0
        ceiling = min(CAP_S, FIRST_S * 2.0 ** min(self.attempt, 10))
        self.attempt += 1
        return ceiling * self._rng.uniform(0.5, 1.0)
