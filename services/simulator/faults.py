"""What can be wrong with the lines on purpose; the broker's own faults are `broker.BrokerFaults`."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.dtc.enums import LogonStatusEnum
from services.dtc.messages.base import Message


@dataclass(slots=True)
class Picked:
    """Which messages of a number are meant: after `skip` of them, the next `count`."""

    count: int
    skip: int = 0

    def picks(self) -> bool:
        """Count a message and return whether it is meant."""
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
        refuse_logons: how many of the next logons are refused, with `logon_text` and `logon_result`.
        ack_delay_s: how long account messages (2xx to 4xx, 6xx) are held back; infinity until it is changed.
        mute: by message number, which of the next ones are not sent.
        duplicate: by message number, which of the next ones are sent twice.
        feed_down: the server has no market data itself; `feeds_down` of these symbols.
    """

    silent: bool = False
    refuse_connections: bool = False
    refuse_logons: int = 0
    logon_text: str = "Logon refused"
    logon_result: LogonStatusEnum = LogonStatusEnum.LOGON_ERROR
    ack_delay_s: float = 0.0
    mute: dict[int, Picked] = field(default_factory=dict)
    duplicate: dict[int, Picked] = field(default_factory=dict)
    feed_down: bool = False
    feeds_down: set[str] = field(default_factory=set)

    def has_feed(self, symbol: str) -> bool:
        """Whether there is market data of a symbol."""
        return not self.feed_down and symbol not in self.feeds_down

    def copies(self, message: Message) -> int:
        """Return how often a message is to be sent, and count it."""
        if message.TYPE in self.mute and self.mute[message.TYPE].picks():
            return 0
        return 2 if message.TYPE in self.duplicate and self.duplicate[message.TYPE].picks() else 1
