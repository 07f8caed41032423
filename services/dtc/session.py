"""One DTC connection as a value: bytes and the time go in, messages and bytes come out.

The session has no socket, no thread, no clock and no lock; whoever owns the socket owns those, and guards
the session with them. It keeps the rules of the conversation: which encoding is spoken, whether the peer
has logged on, when a heartbeat is due, when silence means death. Client and server are the same machine
with two tables.

    state      what we wait for            client leaves it on    server leaves it on
    ENCODING   the encoding to be agreed   encoding response      encoding request, or a logon without one
    LOGON      the logon                   logon response         logon request
    DECIDING   our owner's decision        -                      accept_logon, refuse_logon
    ACTIVE     whatever comes              logoff, silence        logoff, silence
    CLOSED     nothing; bytes are ignored  -                      -

A session-level message that has no entry for the state in the tables at the end of this file is an error of
the peer. Application messages pass: to a client in every state, since servers push account data around the
logon, to a server only when ACTIVE.

How the owner drives it, once per turn and in this order:

    session.receive_data(chunk, now)            what the socket had; reading first, so that a stall of our own
    for item in session.messages(): ...         is not mistaken for silence of the peer
    session.tick(now)                           heartbeats and deadlines; about once a second
    written = session.data_sent(socket.send(session.data_to_send()))

`messages` yields application messages and session events in the order they happened. After an `Ended` event
or a RemoteProtocolError the state is CLOSED, for good; a new connection is a new session.

The encoding. A client asks for one, binary unless told otherwise, and then follows the answer. A server
with a fixed encoding is recognised by its first bytes and followed too. With `negotiate=False` nothing is
asked: a client begins with its logon, a server speaks its one encoding from the first byte. The first bytes
also tell a peer that does not speak DTC at all. They do not tell JSON from compact JSON; since both are read in
either, each side then writes what it was told to.

Life: see `pulse.py`.
"""

from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from core.errors import ConnectionLost
from services.dtc import opening
from services.dtc.codec import SUPPORTED, TEXTUAL, Decoder, encode
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.messages.base import Message
from services.dtc.messages.connection import (
    EncodingRequest,
    EncodingResponse,
    Heartbeat,
    Logoff,
    LogonRequest,
    LogonResponse,
)
from services.dtc.outbox import Outbox, Token, Unwritten, Written
from services.dtc.pulse import Pulse
from services.dtc.session_events import (
    AnswerOverdue,
    EncodingAgreed,
    Ended,
    HeartbeatReceived,
    LoggedOn,
    LogonRefused,
    LogonRequested,
    PeerLeft,
    SessionEvent,
)
from services.dtc.session_settings import Role, SessionSettings, allowed_heartbeat

ANSWER_WITHIN_S = 20.0
OUTBOX_LIMIT = 8 << 20

JSON = EncodingEnum.JSON_ENCODING


class State(Enum):
    """Where the conversation stands; see the module's table."""

    ENCODING = "waiting for the encoding"
    LOGON = "waiting for the logon"
    DECIDING = "deciding about the logon"
    ACTIVE = "active"
    CLOSED = "closed"


class Session:
    """One connection, from its first byte to its last. Made when the socket is connected.

    Attributes:
        state: see the module's table.
        encoding: what is spoken now.
        heartbeat_s: seconds between heartbeats.
        logon: what the server answered, or was told to answer; None before.
        ended: why the session is closed; None while open, and when it was we who left.
        dropped: messages we could not deliver, told to the peer with each heartbeat; set by the owner.
        decoder: counts unknown and malformed messages.
    """

    def __init__(self, role: Role, settings: SessionSettings, now: float) -> None:
        self.role = role
        self.state = State.ENCODING
        self.encoding = settings.first_encoding
        self.heartbeat_s = settings.heartbeat_s
        self.logon: LogonResponse | None = None
        self.ended: Ended | None = None
        self.dropped = 0
        self.decoder = Decoder(self.encoding)
        self._settings = settings
        self._outbox = Outbox()
        self._ready: deque[Message | SessionEvent] = deque()
        self._pulse: Pulse | None = None
        self._recognised = False
        self._frames = 0
        self._received_at = now
        self._answer_due = now + ANSWER_WITHIN_S
        if role is Role.CLIENT and settings.negotiate:
            self._put(EncodingRequest(Encoding=settings.wished_encoding))
        elif role is Role.CLIENT:
            self._ask_to_log_on()

    @property
    def doubtful(self) -> bool:
        """Whether silence has lasted for one and a half heartbeat intervals."""
        return self._pulse is not None and self._pulse.doubtful

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> None:
        """Add bytes from the socket; they are parsed by `messages`. Ignored when CLOSED."""
        if self.state is not State.CLOSED:
            self._received_at = now
            self.decoder.feed(data)

    def receive_eof(self) -> None:
        """Tell that the peer closed the connection; call after the last `messages`."""
        if self.state is not State.CLOSED:
            self._end(PeerLeft(f"The peer closed the connection without a logoff ({self.state.value})."))

    def messages(self) -> Iterator[Message | SessionEvent]:
        """Yield complete application messages and session events, in order.

        Raises:
            RemoteProtocolError: the peer does not keep to the protocol; the session is CLOSED.
        """
        more = True
        while more:
            more = self.state is not State.CLOSED and self._step()
            while self._ready:
                yield self._ready.popleft()

    def tick(self, now: float) -> None:
        """Do what the time demands: heartbeats, doubt, death, overdue answers. About once a second."""
        if self.state is State.CLOSED:
            return
        if self._pulse is None:
            if now >= self._answer_due:
                self._end(AnswerOverdue(f"No answer within {ANSWER_WITHIN_S:.0f} s ({self.state.value})."))
            return
        if self._pulse.beat_is_due(now):
            self._put(Heartbeat(NumDroppedMessages=self.dropped))
        for event in self._pulse.weigh(now):
            if isinstance(event, Ended):
                self._end(event)
            else:
                self._ready.append(event)

    def send(self, *messages: Message, token: Token | None = None) -> None:
        """Queue messages as one uninterrupted run of whole frames; all of them or none.

        Raises:
            LocalProtocolError: not ACTIVE, not an application message, or a value does not fit.
            ConnectionLost: the peer has not read for so long that the outbox is full; nothing was queued.
        """
        if self.state is not State.ACTIVE:
            raise LocalProtocolError(f"Nothing can be sent now ({self.state.value}).")
        for message in messages:
            if type(message) in SESSION_LEVEL:
                raise LocalProtocolError(f"{type(message).__name__} is sent by the session itself.")
        data = b"".join(encode(message, self.encoding) for message in messages)
        if len(self._outbox) + len(data) > OUTBOX_LIMIT:
            raise ConnectionLost(f"The peer has left {len(self._outbox)} bytes unread; nothing was queued.")
        self._outbox.append(data, token)

    def data_to_send(self, limit: int = 1 << 16) -> bytes:
        """Return the next bytes for the socket; they stay queued until `data_sent`. Also when CLOSED."""
        return self._outbox.peek(limit)

    def data_sent(self, count: int) -> Written:
        """Tell how many bytes the socket took; returns whose messages began and ended among them."""
        return self._outbox.advance(count)

    @property
    def bytes_to_send(self) -> int:
        """How many bytes wait for the socket."""
        return len(self._outbox)

    def unwritten(self) -> Unwritten:
        """Return whose messages the socket never took, or took in part; for the end of a connection."""
        return self._outbox.unwritten()

    def log_off(self, reason: str, *, do_not_reconnect: bool = False) -> None:
        """Say goodbye and close; flush `data_to_send` before closing the socket."""
        if self.state in (State.LOGON, State.DECIDING, State.ACTIVE):
            self._put(Logoff(Reason=reason, DoNotReconnect=int(do_not_reconnect)))
        self.state = State.CLOSED

    def accept_logon(self, response: LogonResponse) -> None:
        """Let the client in; the response carries the server's name and capabilities.

        Raises:
            LocalProtocolError: no logon is waiting, or the response is a refusal.
        """
        if response.Result != LogonStatusEnum.LOGON_SUCCESS:
            raise LocalProtocolError(f"A logon is accepted with result 1, not {response.Result}.")
        self._answer_logon(response)
        self._activate(response)

    def refuse_logon(
        self,
        reason: str,
        result: LogonStatusEnum = LogonStatusEnum.LOGON_ERROR,
        reconnect_address: str = "",
    ) -> None:
        """Turn the client away and close; flush `data_to_send` before closing the socket.

        Raises:
            LocalProtocolError: no logon is waiting, or the result is success.
        """
        if result is LogonStatusEnum.LOGON_SUCCESS:
            raise LocalProtocolError("A logon cannot be refused with success.")
        self._answer_logon(LogonResponse(Result=result, ResultText=reason, ReconnectAddress=reconnect_address))
        self.state = State.CLOSED

    def _answer_logon(self, response: LogonResponse) -> None:
        if self.state is not State.DECIDING:
            raise LocalProtocolError(f"No logon waits for an answer ({self.state.value}).")
        self._put(response)

    def _step(self) -> bool:
        """Take one message from the stream and handle it; False when more bytes are needed."""
        try:
            if not self._recognised and not self._recognise():
                return False
            message = self.decoder.next_message()
            if self.decoder.frames != self._frames:  # unknown and malformed ones are signs of life too
                self._frames = self.decoder.frames
                if self._pulse is not None:
                    self._ready.extend(self._pulse.heard(self._received_at))
            if message is not None:
                self._handle(message)
        except RemoteProtocolError as error:
            self.ended = Ended(str(error))
            self.state = State.CLOSED
            raise
        return message is not None

    def _recognise(self) -> bool:
        """Find out what the peer speaks; False while too few bytes are there."""
        client = self.role is Role.CLIENT
        expected = opening.SERVERS_BEGIN_WITH if client else opening.CLIENTS_BEGIN_WITH
        spoken = opening.recognise(self.decoder.waiting, expected)
        if spoken is None:
            return False
        self._recognised = True
        if spoken is JSON and self.encoding in TEXTUAL:
            spoken = self.encoding
        self.decoder.switch(spoken)
        if client or self._settings.negotiate:
            self.encoding = spoken
        if self.state is State.LOGON:  # a client that did not negotiate now knows what it talks to
            self._ready.append(EncodingAgreed(spoken))
        return True

    def _handle(self, message: Message) -> None:
        client = self.role is Role.CLIENT
        if self.state is State.ACTIVE and type(message) not in SESSION_LEVEL:
            self._ready.append(message)
            return
        unasked = client and self.state is State.ENCODING and self.encoding is JSON
        if unasked and not isinstance(message, EncodingResponse):  # a server fixed to JSON
            self._agree(JSON)
        handler = (_CLIENT if client else _SERVER).get((self.state, type(message)))
        if handler is not None:
            handler(self, message)
        elif client and type(message) not in SESSION_LEVEL:
            self._ready.append(message)
        else:
            raise RemoteProtocolError(f"Unexpected {type(message).__name__} ({self.state.value}).")

    def _on_encoding_response(self, message: EncodingResponse) -> None:
        _require_dtc(message.ProtocolType)
        if message.Encoding not in SUPPORTED:
            raise RemoteProtocolError(f"The server chose encoding {message.Encoding}; 0, 2 and 3 are spoken here.")
        self._agree(EncodingEnum(message.Encoding))

    def _on_encoding_repeated(self, message: EncodingResponse) -> None:
        if message.Encoding in TEXTUAL and self.encoding in TEXTUAL:
            self.encoding = EncodingEnum(message.Encoding)
            self.decoder.switch(self.encoding)
        elif message.Encoding != self.encoding:
            raise RemoteProtocolError(f"The server changed to encoding {message.Encoding} after it had begun.")

    def _on_encoding_request(self, message: EncodingRequest) -> None:
        _require_dtc(message.ProtocolType)
        chosen = self._settings.answer_to(message.Encoding)
        self._put(EncodingResponse(Encoding=chosen))  # still in the encoding before the change
        self._agree(chosen)

    def _agree(self, encoding: EncodingEnum) -> None:
        self.encoding = encoding
        self.decoder.switch(encoding)
        self._ready.append(EncodingAgreed(encoding))
        self.state = State.LOGON
        self._answer_due = self._received_at + ANSWER_WITHIN_S
        if self.role is Role.CLIENT:
            self._ask_to_log_on()

    def _ask_to_log_on(self) -> None:
        self.state = State.LOGON
        self._put(self._settings.logon_request())

    def _on_logon_response(self, message: LogonResponse) -> None:
        """Also when ACTIVE: a server that answers again tells new capabilities, or throws us out."""
        if message.Result == LogonStatusEnum.LOGON_SUCCESS:
            self._activate(message)
            self._ready.append(LoggedOn(message))
            return
        self._end(
            LogonRefused(
                reason=message.ResultText or f"The server refused the logon (result {message.Result}).",
                may_reconnect=message.Result != LogonStatusEnum.LOGON_ERROR_NO_RECONNECT,
                reconnect_address=message.ReconnectAddress,
            )
        )

    def _on_logon_request(self, message: LogonRequest) -> None:
        if self.state is State.ENCODING:  # a client that skipped the encoding request
            if self.decoder.encoding is not self.encoding:
                raise RemoteProtocolError(
                    f"A logon in {self.decoder.encoding.name}; this server speaks {self.encoding.name} only."
                )
            self._agree(self.encoding)
        if message.HeartbeatIntervalInSeconds > 0:
            self.heartbeat_s = allowed_heartbeat(message.HeartbeatIntervalInSeconds)
        self.state = State.DECIDING
        self._ready.append(LogonRequested(message))

    def _activate(self, response: LogonResponse) -> None:
        self.logon = response
        if self.state is not State.ACTIVE:
            self.state = State.ACTIVE
            self._pulse = Pulse(self.heartbeat_s, self._received_at)

    def _on_heartbeat(self, message: Heartbeat) -> None:
        self._ready.append(HeartbeatReceived(message.NumDroppedMessages, message.CurrentDateTime))

    def _on_logoff(self, message: Logoff) -> None:
        reason = message.Reason or "The peer logged off without a reason."
        self._end(PeerLeft(reason, may_reconnect=not message.DoNotReconnect))

    def _end(self, event: Ended) -> None:
        self.ended = event
        self.state = State.CLOSED
        self._ready.append(event)

    def _put(self, message: Message) -> None:
        self._outbox.append(encode(message, self.encoding))


def _require_dtc(protocol: str) -> None:
    if protocol != "DTC":
        raise RemoteProtocolError(f"The peer speaks protocol {protocol[:16]!r}, not DTC.")


SESSION_LEVEL = frozenset((LogonRequest, LogonResponse, Heartbeat, Logoff, EncodingRequest, EncodingResponse))

Handler = Callable[[Session, Any], None]  # the message class of its table entry

_BOTH: dict[tuple[State, type[Message]], Handler] = {
    (state, message): handler
    for state in (State.ENCODING, State.LOGON, State.DECIDING, State.ACTIVE)
    for message, handler in ((Heartbeat, Session._on_heartbeat), (Logoff, Session._on_logoff))
}
_CLIENT: dict[tuple[State, type[Message]], Handler] = {
    **_BOTH,
    (State.ENCODING, EncodingResponse): Session._on_encoding_response,
    (State.LOGON, EncodingResponse): Session._on_encoding_repeated,
    (State.LOGON, LogonResponse): Session._on_logon_response,
    (State.ACTIVE, LogonResponse): Session._on_logon_response,
}
_SERVER: dict[tuple[State, type[Message]], Handler] = {
    **_BOTH,
    (State.ENCODING, EncodingRequest): Session._on_encoding_request,
    (State.ENCODING, LogonRequest): Session._on_logon_request,
    (State.LOGON, LogonRequest): Session._on_logon_request,
}
