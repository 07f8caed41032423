"""How far a venue's clock is from this computer's, measured by what it stamps and when that arrives.

A stamp is older by its way here, and some are cut to the second, so of all that arrived in half a minute the one that
seems youngest comes nearest to the truth. Nothing is decided by the difference: ledgers and races go by arrival. But it
moves trading days, resets and the times shown, so it is published, and where two measurements agree that it is more
than half a second, it is said. A market that is replayed lives in another time altogether and is not measured.
"""

from datetime import datetime, timedelta

from core import events
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.state_manager import StateManager

WINDOW_S = 30.0
# Fewer stamps than this measure nothing.
STAMPS = 5
TOLERATED = timedelta(milliseconds=500)
AGREE = timedelta(milliseconds=250)
ANOTHER_TIME = timedelta(hours=1)

Place = tuple[str, str]


class ClockWatch:
    """Compare clocks (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._ends_s = clock.monotonic() + WINDOW_S
        self._arrived: dict[Place, datetime] = {}
        self._stamps: dict[str, list[timedelta]] = {}
        self._before: dict[str, timedelta] = {}
        self._said: set[str] = set()

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Measure a line anew when it was interrupted."""
        if event.link in (Link.OFFLINE, Link.REFUSED):
            self._stamps.pop(event.connection, None)
            self._before.pop(event.connection, None)
            self._publish(event.connection, None)
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Look at the newest stamps, and twice a minute at what they say together."""
        for place, quote in self._state.snapshot().quotes.items():
            at = quote.received_at
            if at is None or quote.last is None or quote.stale or at == self._arrived.get(place):
                continue
            self._arrived[place] = at
            self._stamps.setdefault(place[0], []).append(quote.ahead)
        if event.monotonic_s < self._ends_s:
            return []
        self._ends_s = event.monotonic_s + WINDOW_S
        stamps, self._stamps = self._stamps, {}
        enough = {connection: max(ahead) for connection, ahead in stamps.items() if len(ahead) >= STAMPS}
        return [said for connection, ahead in enough.items() for said in self._measured(connection, ahead)]

    def _measured(self, connection: str, ahead: timedelta) -> list[Message]:
        if abs(ahead) > ANOTHER_TIME:
            self._before.pop(connection, None)
            self._publish(connection, None)
            return []
        before, self._before[connection] = self._before.get(connection), ahead
        if before is None or abs(ahead - before) > AGREE:
            return []  # a clock that was just set, a burst that came late: the next half minute tells
        self._publish(connection, ahead)
        if abs(ahead) <= TOLERATED:
            self._said.discard(connection)
            return []
        if connection in self._said:
            return []
        self._said.add(connection)
        seconds, way = abs(ahead).total_seconds(), "ahead of" if ahead > timedelta(0) else "behind"
        text = (
            f"What {connection} stamps is {seconds:.1f} s {way} this computer's clock. Orders go by arrival; days, "
            "resets and the times shown go by the clock. Set it, or have the line looked at if what arrives is late."
        )
        return [Announcement(Level.ALARM, text, self._clock.now())]

    def _publish(self, connection: str, ahead: timedelta | None) -> None:
        if self._state.snapshot().clock_ahead.get(connection) != ahead:
            self._state.set_clock_ahead(connection, ahead)
