"""One connection: a socket, its session, and the bytes between them (network thread).

Orders are written one at a time, and those that belong together as one, each only when everything before it has left,
so that what is still in the handover when the line falls is proven unsent. SendStarted is told before the first byte of
an order is offered to the socket.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator

import structlog

from core.clock import Clock
from core.errors import ConnectionLost, InvalidOrder
from core.events import SendFailed, SendStarted
from core.messages import Event
from core.ports import Checkpoint
from services.dtc.conversation import Conversation
from services.dtc.errors import LocalProtocolError
from services.dtc.handover import Handed, Handover
from services.dtc.messages.base import Message
from services.dtc.outbox import Token
from services.dtc.session import Session
from services.dtc.session_events import SessionEvent

READ_BYTES = 1 << 16
SLICE_S = 0.005  # decoding may keep the thread no longer before it writes and looks at the time again
REMEMBERED = 10_000

_log = structlog.get_logger("network")


class Line:
    """A connected socket and its session.

    Attributes:
        session: the rules of the conversation.
        logged_on: the server let us in; set by the owner.
        may_have_sent: client order ids of which a byte left and no report came back.
    """

    def __init__(
        self,
        connected: socket.socket,
        session: Session,
        selector: selectors.BaseSelector,
        conversation: Conversation,
        handover: Handover,
        tell: Callable[[Event], None],
        clock: Clock,
        reached: Checkpoint,
        connection: str,
    ) -> None:
        self.session = session
        self.logged_on = False
        self.may_have_sent: dict[str, None] = {}
        self._socket = connected
        self._selector = selector
        self._conversation = conversation
        self._handover = handover
        self._tell = tell
        self._clock = clock
        self._reached = reached
        self._connection = connection
        self._backlog = False
        self._at_end = False
        self._broken = False
        self._closed = False
        self._watched = selectors.EVENT_READ
        selector.register(connected, self._watched, connected)

    @property
    def backlog(self) -> bool:
        """Whether received messages still wait to be looked at, so that the thread must not sleep."""
        return self._backlog

    def read(self) -> None:
        """Take what the socket has; not while earlier messages wait, so that memory stays bounded."""
        if self._backlog or self._at_end:
            return
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            self._at_end = self._broken
            return
        except OSError as error:
            _log.info("connection broken", connection=self._connection, error=str(error))
            data = b""
        if data:
            self.session.receive_data(data, self._clock.monotonic())
            self._backlog = True
        else:
            self._at_end = True

    def items(self) -> Iterator[Message | SessionEvent]:
        """Yield what the session has, for at most a slice of time.

        Raises:
            RemoteProtocolError: the peer does not keep to the protocol.
        """
        until = time.perf_counter() + SLICE_S
        for item in self.session.messages():
            yield item
            if time.perf_counter() >= until:
                return
        self._backlog = False
        if self._at_end:
            self.session.receive_eof()
            yield from self.session.messages()

    def answered(self, client_order_id: str) -> None:
        """Note that the broker reported on an order: it has it."""
        self.may_have_sent.pop(client_order_id, None)

    def write(self) -> None:
        """Send what the conversation wants sent, then orders one by one, as far as the socket takes them."""
        for message in self._conversation.outgoing:
            try:
                self.session.send(message)
            except (LocalProtocolError, ConnectionLost) as error:
                _log.error("not sent", connection=self._connection, message=type(message).__name__, error=str(error))
        self._conversation.outgoing.clear()
        self._flush()
        while not self.session.bytes_to_send:
            handed = self._handover.next_order()
            if handed is None:
                break
            self._send(handed)
        self._watch()

    def unsent(self) -> list[str]:
        """Return the client order ids of what was begun but of which the socket took nothing."""
        return [name for token in self.session.unwritten().untouched for name in _names(token)]

    def close(self, farewell: str = "") -> None:
        """Say goodbye if there is one to say and the socket takes it, and give the socket back; again is fine."""
        if self._closed:
            return
        self._closed = True
        if farewell:
            self.session.log_off(farewell)
            self._flush()
        self._selector.unregister(self._socket)
        self._socket.close()

    def _send(self, handed: Handed) -> None:
        names = handed.names
        try:
            messages = _messages(self._conversation, handed)
            for name in names:
                self._tell(SendStarted(self._connection, name, self._clock.now()))
            self._reached("send.started")
            self.session.send(*messages, token=None if handed.cancel else names)
        except (InvalidOrder, LocalProtocolError, ConnectionLost) as error:
            for name in () if handed.cancel else names:
                self._tell(SendFailed(self._connection, name, str(error)))
            _log.error("not sent", connection=self._connection, orders=names, cancel=handed.cancel, error=str(error))
            return
        self._flush()

    def _flush(self) -> None:
        """Give the socket what it takes; on a broken one the next read comes to the end, after what it still has."""
        while self.session.bytes_to_send and not self._broken:
            try:
                taken = self._socket.send(self.session.data_to_send())
            except BlockingIOError:
                return
            except OSError as error:
                _log.info("connection broken", connection=self._connection, error=str(error))
                self._broken = True
                return
            written = self.session.data_sent(taken)
            for name in (name for token in written.started for name in _names(token)):
                if len(self.may_have_sent) >= REMEMBERED:
                    self.may_have_sent.pop(next(iter(self.may_have_sent)))
                self.may_have_sent[name] = None
            for _ in written.completed:
                self._reached("send.done")

    def _watch(self) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.session.bytes_to_send else 0)
        if wanted != self._watched:
            self._watched = wanted
            self._selector.modify(self._socket, wanted, self._socket)


def _names(token: Token) -> tuple[str, ...]:
    """Return the client order ids a piece of the outbox carries."""
    assert isinstance(token, tuple), f"a token of {token!r}"
    return token


def _messages(conversation: Conversation, handed: Handed) -> tuple[Message, ...]:
    """Return what is handed over as messages, to be sent with nothing between them.

    Raises:
        InvalidOrder: it cannot be sent; the sentence says why.
    """
    first, *others = handed.orders
    if handed.cancel:
        return (conversation.cancellation(first),)
    if handed.wanted is not None:
        return (conversation.replacement(first, handed.wanted),)
    if not others:
        return (conversation.submission(first),)
    if len(others) == 1:
        return (conversation.pair_submission(first, others[0]),)
    stop, target = others
    return conversation.bracket_submission(first, stop, target, handed.offsets)
