"""Tries a server once: dial, agree, log on, listen for a moment, log off. For a person who wants to know why not.

Blocking, on the calling thread, with a deadline for everything; the rules of the conversation are the same session a
real line has. Nothing is asked but the list of accounts, so nothing can change, and the name we give is not the
terminal's.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from core.clock import Clock
from core.errors import ConnectionLost
from services.dtc.address import ConnectionSettings
from services.dtc.enums import EncodingEnum
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.accounts import TradeAccountResponse, TradeAccountsRequest
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.session_events import HeartbeatReceived
from services.dtc.session_settings import HEARTBEAT_S
from services.dtc.visit import Visit, dialed
from services.dtc.wire_time import from_wire

CLIENT_NAME: Final = "Stanchion doctor"
FAREWELL: Final = "The connection test is over."
WITHIN_S: Final = 10.0
BEAT_WITHIN_S: Final = HEARTBEAT_S[0] + 1.0
_REQUEST: Final = 1


@dataclass(frozen=True, slots=True)
class ServerFound:
    """What a server said of itself.

    Attributes:
        took_s: from the first dial to the accepted logon.
        accounts: None when it did not answer that question.
        clock_ahead_s: how far its clock is ahead of ours, to about half a second; None when it did not say.
    """

    server: str
    encoding: EncodingEnum
    took_s: float
    trading: bool
    market_data: bool
    accounts: tuple[str, ...] | None
    clock_ahead_s: float | None


def probe(
    settings: ConnectionSettings,
    password: str,
    clock: Clock,
    within_s: float = WITHIN_S,
    beat_within_s: float = BEAT_WITHIN_S,
) -> ServerFound:
    """Return what the server says of itself.

    Args:
        within_s: for the dial and the logon, and again for the accounts.
        beat_within_s: how long after the logon to wait for a heartbeat, which tells the server's clock.

    Raises:
        ConnectionLost: it cannot be used; the text says why, and what to do.
    """
    began_s = clock.monotonic()
    answers = _Answers(clock)
    with closing(dialed(settings, within_s)) as connected:
        visit = Visit(connected, settings, password, clock, CLIENT_NAME, answers.take)
        try:
            logon = visit.log_on(within_s, began_s + within_s)
            took_s = clock.monotonic() - began_s
            visit.send(TradeAccountsRequest(RequestID=_REQUEST))
            visit.until(lambda: answers.all_accounts, clock.monotonic() + within_s)
            visit.until(lambda: answers.has_beaten, began_s + took_s + beat_within_s)
            visit.leave(FAREWELL)
            return answers.found(logon, visit.session.encoding, took_s)
        except RemoteProtocolError as error:
            raise ConnectionLost(
                f"{settings.server} was reached, but: {error} Check the port, and the encoding with "
                "?encoding=binary, json or compact."
            ) from error


class _Answers:
    """What the server said of itself, as it comes.

    Attributes:
        all_accounts: the list is complete. has_beaten: a heartbeat came.
    """

    def __init__(self, clock: Clock) -> None:
        self.all_accounts = False
        self.has_beaten = False
        self._accounts: list[str] = []
        self._ahead_s: float | None = None
        self._clock = clock

    def take(self, item: Message | HeartbeatReceived) -> None:
        """Take one message or heartbeat."""
        if isinstance(item, HeartbeatReceived):
            self._hear(item)
        elif isinstance(item, TradeAccountResponse) and item.RequestID == _REQUEST:
            if item.TradeAccount:
                self._accounts.append(item.TradeAccount)
            self.all_accounts = item.MessageNumber >= item.TotalNumberMessages

    def found(self, logon: LogonResponse, encoding: EncodingEnum, took_s: float) -> ServerFound:
        """Return what became known."""
        return ServerFound(
            server=logon.ServerName,
            encoding=encoding,
            took_s=took_s,
            trading=bool(logon.TradingIsSupported),
            market_data=bool(logon.MarketDataSupported),
            accounts=tuple(self._accounts) if self.all_accounts else None,
            clock_ahead_s=self._ahead_s,
        )

    def _hear(self, beat: HeartbeatReceived) -> None:
        self.has_beaten = True
        theirs = from_wire(beat.peer_time)
        if theirs is not None:
            # Whole seconds on the wire: half of one has passed on average.
            self._ahead_s = (theirs - self._clock.now()).total_seconds() + 0.5
