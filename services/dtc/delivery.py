"""Handing events to the trading thread without ever waiting for it.

Its inbox is bounded. When it is full, what concerns accounts is parked here, in order, and tried again before
anything newer; the line is marked as syncing, since what the trader sees is behind. When this list is full too, the
newest are lost, counted, and told as a gap as soon as there is room: only a fresh snapshot makes up for them. Ticks
are not parked, they wait on the board; only their wake-up is kept.
"""

from collections import deque
from collections.abc import Callable

import structlog

from core.errors import EngineBusy
from core.events import GapDetected, LinkChanged, SendFailed, TicksWaiting
from core.messages import Event, Message

PARKED_LIMIT = 10_000
NEVER_LOST = (LinkChanged, SendFailed)  # few, and nothing else tells them again

_log = structlog.get_logger("network")


class Delivery:
    """The way from one line to the trading thread (network thread).

    Attributes:
        lost: events that fitted nowhere, not yet told.
    """

    def __init__(self, connection: str, post: Callable[[Message], None], behind: Callable[[], Event | None]) -> None:
        """Make an empty one.

        Args:
            behind: returns what to tell first when the inbox was found full; None for nothing.
        """
        self.lost = 0
        self._connection = connection
        self._post = post
        self._behind = behind
        self._parked: deque[Event] = deque()
        self._ticks_waiting = False

    @property
    def parked(self) -> int:
        """How many events wait for room."""
        return len(self._parked)

    def put(self, event: Event) -> None:
        """Hand over an event, behind everything parked."""
        if not self._parked and not self.lost and self._posted(event):
            return
        if not self._parked:
            _log.warning("inbox full", connection=self._connection)
            first = self._behind()
            if first is not None:
                self._parked.append(first)
        if isinstance(event, NEVER_LOST) or (not self.lost and len(self._parked) < PARKED_LIMIT):
            self._parked.append(event)
        else:
            self.lost += 1

    def wake_for_ticks(self) -> None:
        """Have the trading thread drain the board."""
        self._ticks_waiting = not self._posted(TicksWaiting())

    def retry(self) -> None:
        """Hand over what is parked, as far as there is room; call once per turn."""
        if self._ticks_waiting:
            self.wake_for_ticks()
        while self._parked and self._posted(self._parked[0]):
            self._parked.popleft()
        if self.lost and not self._parked:
            text = f"The engine could not take {self.lost} messages of the broker."
            if self._posted(GapDetected(self._connection, text)):
                _log.warning("messages lost", connection=self._connection, count=self.lost)
                self.lost = 0

    def _posted(self, event: Event) -> bool:
        try:
            self._post(event)
        except EngineBusy:
            return False
        return True
