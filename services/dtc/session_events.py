"""What a session tells its owner about the connection itself, between the messages and in their order."""

from dataclasses import dataclass

from services.dtc.enums import EncodingEnum
from services.dtc.messages.connection import LogonRequest, LogonResponse


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Base of everything a session tells about itself."""


@dataclass(frozen=True, slots=True)
class EncodingAgreed(SessionEvent):
    """From here on both sides speak this encoding."""

    encoding: EncodingEnum


@dataclass(frozen=True, slots=True)
class LogonRequested(SessionEvent):
    """Server only: answer with `accept_logon` or `refuse_logon` before asking for the next message."""

    request: LogonRequest


@dataclass(frozen=True, slots=True)
class LoggedOn(SessionEvent):
    """Client only: the server accepted; its capabilities are in the response."""

    response: LogonResponse


@dataclass(frozen=True, slots=True)
class HeartbeatReceived(SessionEvent):
    """The peer is there.

    Attributes:
        dropped: above zero means that it could not deliver that many messages: a gap.
        peer_time: the peer's clock as it is on the wire; 0 when it did not say.
    """

    dropped: int
    peer_time: int = 0


@dataclass(frozen=True, slots=True)
class LinkDoubtful(SessionEvent):
    """Nothing heard for one and a half intervals; entries are to be refused until `LinkAlive`."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class LinkAlive(SessionEvent):
    """Something was heard after a doubt."""


@dataclass(frozen=True, slots=True)
class Stalled(SessionEvent):
    """We ourselves did not run for longer than an interval; what was missed meanwhile is unknown."""

    stalled_s: float


@dataclass(frozen=True, slots=True)
class Ended(SessionEvent):
    """The session is closed, and not by us.

    Attributes:
        reason: words for the trader, the peer's own where it gave any.
        may_reconnect: False when the peer forbade an automatic reconnect.
    """

    reason: str
    may_reconnect: bool = True


@dataclass(frozen=True, slots=True)
class PeerLeft(Ended):
    """The peer said goodbye, or closed the connection without a word."""


@dataclass(frozen=True, slots=True)
class LogonRefused(Ended):
    """The server refused the logon; `reconnect_address` is host:port where it sends us elsewhere."""

    reconnect_address: str = ""


@dataclass(frozen=True, slots=True)
class PeerSilent(Ended):
    """Nothing heard for more than two intervals: the connection is half open, and dead."""


@dataclass(frozen=True, slots=True)
class AnswerOverdue(Ended):
    """No answer to the encoding or logon request in time."""
