"""What takes effect later, in the order of market time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

Action = Callable[[int], None]
"""Called with the moment it takes effect."""

AS_SOON_AS_POSSIBLE: Final = 0
"""For a moment that is not known yet: the next one there is."""

_NEVER: Final = 1 << 62
_Entry = tuple[int, int, Action]


class Agenda:
    """Requests on their way to the exchange, and what the calendar brings: ends of orders and of days.

    Of one moment the calendar comes first: at the stroke of the hour the day has begun. Requests keep their order.

    Attributes:
        next_us: when the next thing is due.
    """

    def __init__(self) -> None:
        self.next_us = _NEVER
        self._requests: list[_Entry] = []
        self._calendar: list[_Entry] = []
        self._noted = 0

    def request(self, due_us: int, action: Action) -> None:
        """Note what a client asked for."""
        self._note(self._requests, due_us, action)

    def appoint(self, due_us: int, action: Action) -> None:
        """Note what happens at a moment by itself."""
        self._note(self._calendar, due_us, action)

    def run_next(self, now_us: int) -> None:
        """Let the next thing take effect at its own moment."""
        calendar_first = _due_us(self._calendar) <= _due_us(self._requests)
        self._run(self._calendar if calendar_first else self._requests, now_us)

    def run_request(self, now_us: int) -> bool:
        """Let the next request take effect now, however late it is due; return whether there was one."""
        if not self._requests:
            return False
        _, _, action = heappop(self._requests)
        self._look_ahead()
        action(now_us)
        return True

    def _run(self, entries: list[_Entry], now_us: int) -> None:
        due_us, _, action = heappop(entries)
        self._look_ahead()
        action(due_us or now_us)

    def _note(self, entries: list[_Entry], due_us: int, action: Action) -> None:
        self._noted += 1
        heappush(entries, (due_us, self._noted, action))
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.next_us = min(_due_us(self._requests), _due_us(self._calendar))


def _due_us(entries: list[_Entry]) -> int:
    return entries[0][0] if entries else _NEVER
