"""What one side of a DTC conversation brings along."""

from dataclasses import dataclass, field
from enum import Enum

from services.dtc.codec import SUPPORTED, SUPPORTED_WORDS, TEXTUAL
from services.dtc.enums import EncodingEnum
from services.dtc.errors import LocalProtocolError
from services.dtc.messages.connection import LogonRequest

HEARTBEAT_S = (5, 60)  # what the protocol allows


class Role(Enum):
    """Which side of the conversation this is."""

    CLIENT = "client"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How one side wants to talk. The password is never shown.

    Attributes:
        encoding: the wish; None means binary from a client, whatever the client wishes from a server.
        negotiate: False to speak `encoding` (JSON if None) from the first byte, without asking.
        heartbeat_s: a client's wish, 5 to 60 seconds; a server takes the client's where it gives one.
        integer_1: bits of SierraLogonInteger1Flags; only Sierra Chart servers read them.

    Raises:
        LocalProtocolError: an encoding we do not speak, or a heartbeat the protocol does not allow.
    """

    client_name: str = "Stanchion"
    username: str = ""
    password: str = field(default="", repr=False)
    trade_account: str = ""
    heartbeat_s: int = 10
    encoding: EncodingEnum | None = None
    negotiate: bool = True
    integer_1: int = 0

    def __post_init__(self) -> None:
        """Refuse what no session could be held with."""
        low, high = HEARTBEAT_S
        if not low <= self.heartbeat_s <= high:
            raise LocalProtocolError(f"A heartbeat every {self.heartbeat_s} s; {low} to {high} allowed.")
        if self.encoding is not None and self.encoding not in SUPPORTED:
            raise LocalProtocolError(f"Encoding {self.encoding!r} is not supported; {SUPPORTED_WORDS}.")

    @property
    def wished_encoding(self) -> EncodingEnum:
        """What a client asks for."""
        return EncodingEnum.BINARY_ENCODING if self.encoding is None else self.encoding

    @property
    def first_encoding(self) -> EncodingEnum:
        """What is spoken before anything is agreed."""
        if self.negotiate:
            return EncodingEnum.BINARY_ENCODING
        return EncodingEnum.JSON_ENCODING if self.encoding is None else self.encoding

    def answer_to(self, wish: int) -> EncodingEnum:
        """Return what a server chooses for a client with this wish: the nearest it can do."""
        if not self.negotiate:
            return self.first_encoding
        if self.encoding is not None:
            return self.encoding
        return EncodingEnum(wish) if wish in TEXTUAL else EncodingEnum.BINARY_ENCODING

    def logon_request(self) -> LogonRequest:
        """Return the logon of a client with these settings."""
        return LogonRequest(
            Username=self.username,
            Password=self.password,
            Integer_1=self.integer_1,
            HeartbeatIntervalInSeconds=self.heartbeat_s,
            TradeAccount=self.trade_account,
            ClientName=self.client_name,
        )


def allowed_heartbeat(wish_s: int) -> int:
    """Return the allowed interval nearest to a client's wish, in seconds."""
    low, high = HEARTBEAT_S
    return min(max(wish_s, low), high)
