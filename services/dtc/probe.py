"""Tries a server once: dial, agree, log on, listen for a moment, log off. For a person who wants to know why not.

Blocking, on the calling thread, with a deadline for everything; the rules of the conversation are the same session a
real line has. Nothing is asked but the list of accounts, so nothing can change, and the name we give is not the
terminal's.
"""

import socket
from collections.abc import Callable
from contextlib import closing, suppress
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
from services.dtc.session import Session
from services.dtc.session_events import Ended, HeartbeatReceived, LoggedOn, LogonRefused, SessionEvent
from services.dtc.session_settings import HEARTBEAT_S, Role, SessionSettings
from services.dtc.wire_time import from_wire

CLIENT_NAME: Final = "Stanchion doctor"
FAREWELL: Final = "The connection test is over."
WITHIN_S: Final = 10.0
BEAT_WITHIN_S: Final = HEARTBEAT_S[0] + 1.0
_LOOK_S: Final = 0.25
_READ_BYTES: Final = 1 << 16
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
    with closing(_dialed(settings, within_s)) as connected:
        visit = _Visit(connected, settings, password, clock)
        try:
            if not visit.until(lambda: visit.logon is not None, began_s + within_s):
                raise ConnectionLost(
                    f"{settings.server} was reached but is silent for {within_s:.0f} s ({visit.session.state.value}): "
                    "is that the port of its DTC server, and is the server not stuck?"
                )
            took_s = clock.monotonic() - began_s
            assert visit.logon is not None
            visit.session.send(TradeAccountsRequest(RequestID=_REQUEST))
            visit.until(lambda: visit.all_accounts, clock.monotonic() + within_s)
            visit.until(lambda: visit.has_beaten, began_s + took_s + beat_within_s)
            visit.leave()
            return visit.found(visit.logon, took_s)
        except RemoteProtocolError as error:
            raise ConnectionLost(
                f"{settings.server} was reached, but: {error} Check the port, and the encoding with "
                "?encoding=binary, json or compact."
            ) from error


def _dialed(settings: ConnectionSettings, within_s: float) -> socket.socket:
    try:
        connected = socket.create_connection((settings.host, settings.port), timeout=within_s)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected
    except (socket.gaierror, UnicodeError) as error:
        raise ConnectionLost(f"The host {settings.host} cannot be found: is its name right?") from error
    except ConnectionRefusedError as error:
        raise ConnectionLost(
            f"Nothing listens at {settings.server}: is it running, is its DTC server switched on, is the port right?"
        ) from error
    except TimeoutError as error:
        raise ConnectionLost(
            f"{settings.server} does not answer within {within_s:.0f} s: is that machine on, and no firewall between?"
        ) from error
    except OSError as error:
        raise ConnectionLost(f"No connection to {settings.server}: {error.strerror or error}.") from error


class _Visit:
    """One conversation, from the first byte to the farewell.

    Attributes:
        logon: what the server let us in with.
        all_accounts: the list is complete. has_beaten: a heartbeat came.
    """

    def __init__(self, connected: socket.socket, settings: ConnectionSettings, password: str, clock: Clock) -> None:
        self.logon: LogonResponse | None = None
        self.all_accounts = False
        self.has_beaten = False
        self._accounts: list[str] = []
        self._ahead_s: float | None = None
        self._socket = connected
        self._server = settings.server
        self._clock = clock
        wishes = SessionSettings(CLIENT_NAME, settings.user, password, "", HEARTBEAT_S[0], settings.encoding)
        self.session = Session(Role.CLIENT, wishes, clock.monotonic())

    def until(self, is_done: Callable[[], bool], due_s: float) -> bool:
        """Talk until something is so, or it is too late for it.

        Raises:
            ConnectionLost: the server ended the conversation.
            RemoteProtocolError: it does not keep to the protocol.
        """
        while not is_done() and self._clock.monotonic() < due_s:
            self._write()
            self._read()
            for item in self.session.messages():
                self._take(item)
            self.session.tick(self._clock.monotonic())
        return is_done()

    def leave(self) -> None:
        """Say goodbye."""
        self.session.log_off(FAREWELL)
        with suppress(ConnectionLost):  # it has told everything it was asked
            self._write()

    def found(self, logon: LogonResponse, took_s: float) -> ServerFound:
        """Return what became known."""
        return ServerFound(
            server=logon.ServerName,
            encoding=self.session.encoding,
            took_s=took_s,
            trading=bool(logon.TradingIsSupported),
            market_data=bool(logon.MarketDataSupported),
            accounts=tuple(self._accounts) if self.all_accounts else None,
            clock_ahead_s=self._ahead_s,
        )

    def _write(self) -> None:
        try:
            while self.session.bytes_to_send:
                data = self.session.data_to_send()
                self._socket.sendall(data)
                self.session.data_sent(len(data))
        except OSError as error:
            raise ConnectionLost(f"{self._server} broke the connection: {error.strerror or error}.") from error

    def _read(self) -> None:
        self._socket.settimeout(_LOOK_S)
        try:
            data = self._socket.recv(_READ_BYTES)
        except TimeoutError:
            return
        except OSError as error:
            raise ConnectionLost(f"{self._server} broke the connection: {error.strerror or error}.") from error
        if not data:
            raise ConnectionLost(
                f"{self._server} closed the connection without a word ({self.session.state.value}): does it let this "
                "machine in, and one client more?"
            )
        self.session.receive_data(data, self._clock.monotonic())

    def _take(self, item: Message | SessionEvent) -> None:
        if isinstance(item, LogonRefused):
            elsewhere = f" It sends us to {item.reconnect_address[:80]}." if item.reconnect_address else ""
            raise ConnectionLost(
                f"{self._server} refused the logon: {item.reason}{elsewhere} Check user and password, and whether it "
                "lets this machine in."
            )
        if isinstance(item, Ended):
            raise ConnectionLost(f"{self._server} ended the connection: {item.reason}")
        if isinstance(item, LoggedOn):
            self.logon = item.response
        elif isinstance(item, HeartbeatReceived):
            self._hear(item)
        elif isinstance(item, TradeAccountResponse) and item.RequestID == _REQUEST:
            if item.TradeAccount:
                self._accounts.append(item.TradeAccount)
            self.all_accounts = item.MessageNumber >= item.TotalNumberMessages

    def _hear(self, beat: HeartbeatReceived) -> None:
        self.has_beaten = True
        theirs = from_wire(beat.peer_time)
        if theirs is not None:
            # Whole seconds on the wire: half of one has passed on average.
            self._ahead_s = (theirs - self._clock.now()).total_seconds() + 0.5
