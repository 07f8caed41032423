"""The life of an active connection: when to send a heartbeat, and what silence means.

Any complete message counts as life. One and a half intervals of silence make the link doubtful, more than
two make it dead: a TCP connection can be half open for hours, and an order written into it is an order
nobody reads.
"""

from services.dtc.session_events import LinkAlive, LinkDoubtful, PeerSilent, SessionEvent, Stalled

DOUBTFUL_AFTER = 1.5  # intervals of silence
DEAD_AFTER = 2.0


class Pulse:
    """Heartbeats and silence, from the moment the connection became active.

    Attributes:
        doubtful: nothing was heard for one and a half intervals.
    """

    def __init__(self, interval_s: int, now: float) -> None:
        self.doubtful = False
        self._interval_s = interval_s
        self._heard_at = self._ticked_at = now
        self._beat_due = now + interval_s

    def heard(self, now: float) -> list[SessionEvent]:
        """Note that a message came."""
        self._heard_at = now
        if not self.doubtful:
            return []
        self.doubtful = False
        return [LinkAlive()]

    def beat_is_due(self, now: float) -> bool:
        """Say whether to send a heartbeat now; the next one is then due an interval later."""
        if now < self._beat_due:
            return False
        self._beat_due = now + self._interval_s
        return True

    def weigh(self, now: float) -> list[SessionEvent]:
        """Return what the silence so far means, and whether we ourselves had stopped."""
        events: list[SessionEvent] = []
        stalled, self._ticked_at = now - self._ticked_at, now
        if stalled > self._interval_s:
            events.append(Stalled(stalled))
        silent = now - self._heard_at
        if silent > DEAD_AFTER * self._interval_s:
            due = f"a heartbeat was due every {self._interval_s} s"
            events.append(PeerSilent(f"Nothing heard for {silent:.0f} s; {due}."))
        elif silent >= DOUBTFUL_AFTER * self._interval_s and not self.doubtful:
            self.doubtful = True
            events.append(LinkDoubtful(silent))
        return events
