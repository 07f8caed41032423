"""A client and a server session wired to each other, with a clock that is moved by hand."""

from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested, SessionEvent
from services.dtc.session_settings import Role, SessionSettings

Item = Message | SessionEvent


class Pair:
    """Both ends of one connection. Bytes travel only in `exchange`, in slices of `slice_bytes`."""

    def __init__(
        self,
        client: SessionSettings | None = None,
        server: SessionSettings | None = None,
        *,
        answer: LogonResponse | None = None,
        slice_bytes: int = 1 << 16,
    ) -> None:
        self.now = 1000.0
        self.client = Session(Role.CLIENT, client or SessionSettings(), self.now)
        self.server = Session(Role.SERVER, server or SessionSettings(), self.now)
        self.client_saw: list[Item] = []
        self.server_saw: list[Item] = []
        self.to_client = bytearray()  # everything that ever travelled
        self.to_server = bytearray()
        self._answer = answer or LogonResponse(ServerName="Test server")
        self._slice_bytes = slice_bytes

    def exchange(self) -> None:
        """Carry bytes both ways until nothing moves any more."""
        while self.client.bytes_to_send or self.server.bytes_to_send:
            self._carry(self.client, self.server, self.to_server, self.server_saw)
            self._carry(self.server, self.client, self.to_client, self.client_saw)

    def wait(self, seconds: float) -> None:
        """Let time pass on both sides, second by second, without carrying anything."""
        for _ in range(int(seconds)):
            self.now += 1.0
            self.client.tick(self.now)
            self.server.tick(self.now)
        self.client_saw += list(self.client.messages())
        self.server_saw += list(self.server.messages())

    def _carry(self, source: Session, target: Session, log: bytearray, saw: list[Item]) -> None:
        while data := source.data_to_send(self._slice_bytes):
            source.data_sent(len(data))
            log += data
            target.receive_data(data, self.now)
            for item in target.messages():
                saw.append(item)
                if isinstance(item, LogonRequested):
                    target.accept_logon(self._answer)


def logged_on(
    client: SessionSettings | None = None, server: SessionSettings | None = None, *, slice_bytes: int = 1 << 16
) -> Pair:
    """Return a pair on which the logon has been exchanged."""
    pair = Pair(client, server, slice_bytes=slice_bytes)
    pair.exchange()
    return pair
