"""A blocking conversation with a DTC server, on the calling thread: for a command that has no engine.

The rules of the conversation are the same session a real line has; here are only the socket, its deadlines, and words
for a person who wants to know why it did not work.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from core.clock import Clock
from core.errors import ConnectionLost
from services.dtc.address import ConnectionSettings
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.session import Session
from services.dtc.session_events import Ended, HeartbeatReceived, LoggedOn, LogonRefused, SessionEvent
from services.dtc.session_settings import HEARTBEAT_S, Role, SessionSettings

_LOOK_S: Final = 0.25
_READ_BYTES: Final = 1 << 16


def dialed(settings: ConnectionSettings, within_s: float) -> socket.socket:
    """Return a connected socket.

    Raises:
        ConnectionLost: nobody answers there; the text says why, and what to do.
    """
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


class Visit:
    """One conversation, from the first byte to the farewell.

    Attributes:
        logon: what the server let us in with; None before.
        session: the rules of the conversation.
    """

    def __init__(
        self,
        connected: socket.socket,
        settings: ConnectionSettings,
        password: str,
        clock: Clock,
        client_name: str,
        take: Callable[[Any], None],
    ) -> None:
        """Begin; `take` is given every message and heartbeat that arrives after the logon, in order."""
        self.logon: LogonResponse | None = None
        self._take = take
        self._socket = connected
        self._server = settings.server
        self._clock = clock
        wishes = SessionSettings(client_name, settings.user, password, "", HEARTBEAT_S[0], settings.encoding)
        self.session = Session(Role.CLIENT, wishes, clock.monotonic())

    def log_on(self, within_s: float, due_s: float) -> LogonResponse:
        """Talk until the server has let us in.

        Raises:
            ConnectionLost: it does not.
            RemoteProtocolError: it does not keep to the protocol.
        """
        if not self.until(lambda: self.logon is not None, due_s):
            raise ConnectionLost(
                f"{self._server} was reached but is silent for {within_s:.0f} s ({self.session.state.value}): "
                "is that the port of its DTC server, and is the server not stuck?"
            )
        assert self.logon is not None
        return self.logon

    def until(self, is_done: Callable[[], bool], due_s: float) -> bool:
        """Talk until something is so, or it is too late for it.

        Raises:
            ConnectionLost: the server ended the conversation.
            RemoteProtocolError: it does not keep to the protocol.
        """
        while not is_done() and (now_s := self._clock.monotonic()) < due_s:
            self.write()
            self._read(min(_LOOK_S, due_s - now_s))
            self._digest()
        return is_done()

    def drain(self) -> None:
        """Take what has arrived already, without waiting for more.

        Raises:
            ConnectionLost: the server ended the conversation.
            RemoteProtocolError: it does not keep to the protocol.
        """
        while self._read(0.0):
            self._digest()

    def send(self, *messages: Message) -> None:
        """Send whole frames; the system has taken them when this returns.

        Raises:
            ConnectionLost: the connection broke; what was sent of it is not known.
        """
        self.session.send(*messages)
        self.write()

    def leave(self, farewell: str) -> None:
        """Say goodbye."""
        self.session.log_off(farewell)
        with suppress(ConnectionLost):  # it has told everything it was asked
            self.write()

    def write(self) -> None:
        """Hand to the socket what waits for it.

        Raises:
            ConnectionLost: the connection broke.
        """
        self._socket.settimeout(_LOOK_S * 8)
        try:
            while self.session.bytes_to_send:
                data = self.session.data_to_send()
                self._socket.sendall(data)
                self.session.data_sent(len(data))
        except OSError as error:
            raise ConnectionLost(f"{self._server} broke the connection: {error.strerror or error}.") from error

    def _read(self, wait_s: float) -> bool:
        """Read what there is; False when there was nothing."""
        self._socket.settimeout(wait_s)
        try:
            data = self._socket.recv(_READ_BYTES)
        except (TimeoutError, BlockingIOError):
            return False
        except OSError as error:
            raise ConnectionLost(f"{self._server} broke the connection: {error.strerror or error}.") from error
        if not data:
            raise ConnectionLost(
                f"{self._server} closed the connection without a word ({self.session.state.value}): does it let this "
                "machine in, and one client more?"
            )
        self.session.receive_data(data, self._clock.monotonic())
        return True

    def _digest(self) -> None:
        for item in self.session.messages():
            self._sort(item)
        self.session.tick(self._clock.monotonic())

    def _sort(self, item: Message | SessionEvent) -> None:
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
        elif isinstance(item, (Message, HeartbeatReceived)):
            self._take(item)
