"""What can be wrong with the lines on purpose; the broker's own faults are `broker_faults.BrokerFaults`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from services.dtc.enums import LogonStatusEnum
from services.dtc.messages.base import Message

# One put behind others that never come is told all the same; longer is what `mute` is for.
_BEHIND_FOR_S: Final = 5.0


@dataclass(slots=True)
class Picked:
    """Which messages of a number are meant: after `skip` of them, the next `count`.

    Attributes:
        unasked: an answer to a request is not counted.
        behind: how many others go before one that is put in another order.
    """

    count: int
    skip: int = 0
    unasked: bool = False
    behind: int = 0

    def picks(self, message: Message) -> bool:
        """Count a message and return whether it is meant."""
        if self.unasked and getattr(message, "RequestID", 0) != 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        return self.count >= 0


@dataclass(slots=True)
class LineFaults:
    """Switches for tests, read by every line.

    Attributes:
        silent: sockets stay open, nothing is read, written or accepted: a half-open line.
        refuse_connections: a new connection is closed at once.
        back_at: until this monotonic second the server is away: connections are closed at once, time stands still.
        refuse_logons: how many of the next logons are refused, with `logon_text` and `logon_result`.
        ack_delay_s: how long account messages (2xx to 4xx, 6xx) are held back; infinity until it is changed.
        delay_s: how long every message is held back, unless `delays_s` tells another time for its number.
        mute: by message number, which of the next ones are not sent.
        duplicate: by message number, which of the next ones are sent twice.
        reorder: by message number, which of the next ones others go before.
        feed_down: the server has no market data itself; `feeds_down` of these symbols.
    """

    silent: bool = False
    refuse_connections: bool = False
    back_at: float = 0.0
    refuse_logons: int = 0
    logon_text: str = "Logon refused"
    logon_result: LogonStatusEnum = LogonStatusEnum.LOGON_ERROR
    ack_delay_s: float = 0.0
    delay_s: float = 0.0
    delays_s: dict[int, float] = field(default_factory=dict)
    mute: dict[int, Picked] = field(default_factory=dict)
    duplicate: dict[int, Picked] = field(default_factory=dict)
    reorder: dict[int, Picked] = field(default_factory=dict)
    feed_down: bool = False
    feeds_down: set[str] = field(default_factory=set)

    def has_feed(self, symbol: str) -> bool:
        """Whether there is market data of a symbol."""
        return not self.feed_down and symbol not in self.feeds_down

    def copies(self, message: Message) -> int:
        """Return how often a message is to be sent, and count it."""
        if message.TYPE in self.mute and self.mute[message.TYPE].picks(message):
            return 0
        return 2 if message.TYPE in self.duplicate and self.duplicate[message.TYPE].picks(message) else 1

    def behind(self, message: Message) -> int:
        """Return how many others go before a message, and count it."""
        picked = self.reorder.get(message.TYPE)
        return picked.behind if picked is not None and picked.picks(message) else 0

    def held_s(self, message: Message) -> float:
        """Return how long a message is held back."""
        own = self.delays_s.get(message.TYPE, self.delay_s)
        return max(own, self.ack_delay_s) if _is_account_matter(message) else own


@dataclass(slots=True)
class _Displaced:
    """A message that others go before."""

    message: Message
    left: int
    until: float


class FaultyOutlet:
    """The way out of one line, where messages are lost, doubled, put in another order and held back, in this order.

    Messages of one number stay in their order however long they are held back; only `reorder` lets one overtake.
    """

    def __init__(self, faults: LineFaults, put: Callable[[Message], None]) -> None:
        """Let everything through to `put` that no fault is meant for."""
        self._faults = faults
        self._put = put
        self._displaced: list[_Displaced] = []
        self._held: dict[int, deque[tuple[int, float, Message]]] = {}
        self._number = 0

    def tell(self, messages: Iterable[Message], now: float) -> None:
        """Send messages, as far as the faults let them through.

        Args:
            now: monotonic seconds.
        """
        self.release(now)
        for message in messages:
            for _ in range(self._faults.copies(message)):
                if behind := self._faults.behind(message):
                    self._displaced.append(_Displaced(message, behind, now + _BEHIND_FOR_S))
                else:
                    self._hold(message, now)
                    self._step_past(message, now)

    def release(self, now: float) -> None:
        """Send what was held back long enough, in the order in which it was told."""
        for each in [each for each in self._displaced if each.until <= now]:
            self._displaced.remove(each)
            self._hold(each.message, now)
        while due := [queue for queue in self._held.values() if self._is_due(queue, now)]:
            queue = min(due, key=lambda each: each[0][0])
            self._put(queue.popleft()[2])
        for number in [number for number, queue in self._held.items() if not queue]:
            del self._held[number]

    def _hold(self, message: Message, now: float) -> None:
        if message.TYPE not in self._held and not self._faults.held_s(message):
            self._put(message)
            return
        self._number += 1
        self._held.setdefault(message.TYPE, deque()).append((self._number, now, message))

    def _is_due(self, queue: deque[tuple[int, float, Message]], now: float) -> bool:
        return bool(queue) and queue[0][1] + self._faults.held_s(queue[0][2]) <= now

    def _step_past(self, message: Message, now: float) -> None:
        """Note that a message went before those of its kind that are put behind others."""
        for each in list(self._displaced):
            if _is_account_matter(each.message) is _is_account_matter(message):
                each.left -= 1
                if each.left <= 0:
                    self._displaced.remove(each)
                    self._hold(each.message, now)


def _is_account_matter(message: Message) -> bool:
    return 200 <= message.TYPE < 500 or 600 <= message.TYPE < 700
