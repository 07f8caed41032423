"""A DTC server on a real loopback socket that does what a test scripts.

It has a thread of its own, which alone touches sockets and sessions; the verbs run there and return when they are done.
It answers requests from its `book`, has no clock, and sends nothing on its own: a heartbeat is a verb too.
"""

import selectors
import socket
import struct
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Any, TypeVar

import msgspec

from services.dtc.codec import encode
from services.dtc.enums import LogonStatusEnum
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.accounts import (
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.base import Message
from services.dtc.messages.connection import Heartbeat, LogonResponse
from services.dtc.messages.symbols import (
    SecurityDefinitionForSymbolRequest,
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
)
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested, SessionEvent
from services.dtc.session_settings import Role, SessionSettings
from services.dtc.waker import Waker

WITHIN_S = 10.0

T = TypeVar("T")
M = TypeVar("M", bound=Message)
Answer = Callable[[Any], Sequence[Message]]
Rule = Callable[[list[Message]], list[Message]]


@dataclass
class Book:
    """What the server answers with; numbered and addressed when it does."""

    accounts: list[str] = field(default_factory=lambda: ["Sim1"])
    definitions: dict[str, SecurityDefinitionResponse] = field(default_factory=dict)
    orders: list[OrderUpdate] = field(default_factory=list)
    positions: list[PositionUpdate] = field(default_factory=list)
    fills: list[HistoricalOrderFillResponse] = field(default_factory=list)
    cash: float = 100_000.0


def definition(symbol: str, multiplier: float = 1.0, tick: float = 0.25) -> SecurityDefinitionResponse:
    """Return the definition of a future like ES."""
    return SecurityDefinitionResponse(
        Symbol=symbol,
        Description="E-mini",
        MinPriceIncrement=tick,
        CurrencyValuePerIncrement=12.5,
        DisplayPriceMultiplier=multiplier,
        Currency="USD",
        IsFinalMessage=1,
    )


@dataclass
class _Peer:
    """One connection of a client."""

    socket: socket.socket
    session: Session
    frozen: bool = False


class FakeDTC:
    """The server.

    Attributes:
        port: where it listens.
        book: what it answers with.
        answers: what replaces the book's answer to a request; an empty list is silence.
        rules: what is done to the messages of an answer, by their class: drop, duplicate, reorder.
        refusal: how a logon is refused; None lets everybody in.
        logon: what a logon is answered with.
        greeting: bytes sent as soon as a client connects, instead of DTC.
        mute: nothing is answered at all, not even a logon.
        split: how many bytes a write has at most.
        received: every message of every client, in order. bytes_read: how much it took from them.
    """

    def __init__(self, settings: SessionSettings | None = None, port: int = 0) -> None:
        self.book = Book(definitions={"ES": definition("ES")})
        self.answers: dict[type[Message], Answer] = {}
        self.rules: dict[type[Message], Rule] = {}
        self.refusal: tuple[str, LogonStatusEnum, str] | None = None
        self.logon = LogonResponse(ServerName="Fake", TradingIsSupported=1, SecurityDefinitionsSupported=1)
        self.greeting = b""
        self.mute = False
        self.split = 1 << 16
        self.received: list[Message] = []
        self.connections = self.bytes_read = 0
        self.logons = 0
        self._settings = settings or SessionSettings(client_name="Fake")
        self._changed = Condition()
        self._verbs: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._peers: list[_Peer] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._waker = Waker()
        self._stopping = False
        self._thread = Thread(target=self._run, name="fake-dtc", daemon=True)

    def __enter__(self) -> "FakeDTC":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._waker.ring()
        self._thread.join(WITHIN_S)
        self._waker.close()

    # -- verbs ------------------------------------------------------------------------------------------------------

    def send(self, *messages: Message) -> None:
        """Send messages to the newest client."""
        self._do(lambda: self._send(self._peers[-1], messages))

    def send_bytes(self, raw: bytes) -> None:
        """Send bytes as they are to the newest client."""
        self._do(lambda: self._write(self._peers[-1], raw))

    def truncate(self, message: Message, length: int) -> None:
        """Send the first bytes of a message, then close."""

        def cut() -> None:
            peer = self._peers[-1]
            peer.session.send(message)
            self._write(peer, peer.session.data_to_send()[:length])
            self._drop(peer)

        self._do(cut)

    def heartbeat(self, dropped: int = 0) -> None:
        """Send a heartbeat."""

        def beat() -> None:
            peer = self._peers[-1]
            self._write(peer, encode(Heartbeat(NumDroppedMessages=dropped), peer.session.encoding))

        self._do(beat)

    def log_off(self, reason: str, do_not_reconnect: bool = False) -> None:
        """Say goodbye to the newest client and close."""

        def leave() -> None:
            peer = self._peers[-1]
            peer.session.log_off(reason, do_not_reconnect=do_not_reconnect)
            self._flush(peer)
            self._drop(peer)

        self._do(leave)

    def close(self, reset: bool = False) -> None:
        """Close the newest connection without a word; with a reset, so that even what was sent may be lost."""

        def drop() -> None:
            peer = self._peers[-1]
            if reset:
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._drop(peer)

        self._do(drop)

    def half_open(self) -> None:
        """Stop reading and writing, and keep the socket: nobody is told."""

        def freeze() -> None:
            peer = self._peers[-1]
            peer.frozen = True
            self._selector.unregister(peer.socket)

        self._do(freeze)

    # -- what a test waits for --------------------------------------------------------------------------------------

    def wait_for(self, kind: type[M], count: int = 1) -> list[M]:
        """Wait until so many messages of a kind have arrived; return all of that kind."""

        def of_kind() -> list[M]:
            return [message for message in self.received if isinstance(message, kind)]

        self.wait_until(lambda: len(of_kind()) >= count, f"{count} {kind.__name__}")
        return of_kind()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(condition, WITHIN_S), f"no {what} within {WITHIN_S} s"

    # -- the server's thread ----------------------------------------------------------------------------------------

    def _do(self, verb: Callable[[], T]) -> T:
        done: Future[T] = Future()
        self._verbs.put((verb, done))
        self._waker.ring()
        return done.result(WITHIN_S)

    def _run(self) -> None:
        with selectors.DefaultSelector() as self._selector:
            self._selector.register(self._listener, selectors.EVENT_READ, None)
            self._selector.register(self._waker.listener, selectors.EVENT_READ, None)
            while not self._stopping:
                for key, _ in self._selector.select():
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.data is not None and key.data in self._peers and not key.data.frozen:
                        self._hear(key.data)
                self._waker.silence()
                self._run_verbs()
                with self._changed:
                    self._changed.notify_all()
            for peer in self._peers:
                peer.socket.close()
            self._listener.close()

    def _run_verbs(self) -> None:
        while True:
            try:
                verb, done = self._verbs.get_nowait()
            except Empty:
                return
            try:
                done.set_result(verb())
            except Exception as error:
                done.set_exception(error)

    def _accept(self) -> None:
        connected, _ = self._listener.accept()
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = _Peer(connected, Session(Role.SERVER, self._settings, time.monotonic()))
        self._peers.append(peer)
        self.connections += 1
        self._selector.register(connected, selectors.EVENT_READ, peer)
        if self.greeting:
            self._write(peer, self.greeting)

    def _hear(self, peer: _Peer) -> None:
        try:
            data = peer.socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        self.bytes_read += len(data)
        if self.mute or self.greeting:
            return
        peer.session.receive_data(data, time.monotonic())
        try:
            for item in peer.session.messages():
                self._handle(peer, item)
        except RemoteProtocolError:
            self._drop(peer)
            return
        if peer in self._peers:
            self._flush(peer)

    def _handle(self, peer: _Peer, item: Message | SessionEvent) -> None:
        if isinstance(item, LogonRequested):
            if self.refusal is None:
                self.logons += 1
                peer.session.accept_logon(self.logon)
            else:
                peer.session.refuse_logon(*self.refusal)
                self._flush(peer)
                self._drop(peer)
        elif isinstance(item, Message):
            self.received.append(item)
            answer = self.answers.get(type(item)) or self._from_book
            self._send(peer, answer(item))

    def _send(self, peer: _Peer, messages: Sequence[Message]) -> None:
        for kind, rule in self.rules.items():
            chosen = [message for message in messages if type(message) is kind]
            if chosen:
                messages = rule(chosen)
        for message in messages:
            peer.session.send(message)
        self._flush(peer)

    def _flush(self, peer: _Peer) -> None:
        while peer.session.bytes_to_send:
            data = peer.session.data_to_send()
            self._write(peer, data)
            peer.session.data_sent(len(data))

    def _write(self, peer: _Peer, data: bytes) -> None:
        try:
            for start in range(0, len(data), self.split):
                peer.socket.sendall(data[start : start + self.split])
        except OSError:
            self._drop(peer)

    def _drop(self, peer: _Peer) -> None:
        if peer in self._peers:
            self._peers.remove(peer)
            if not peer.frozen:
                self._selector.unregister(peer.socket)
            peer.socket.close()

    def _from_book(self, request: Message) -> Sequence[Message]:
        book = self.book
        if isinstance(request, TradeAccountsRequest):
            return numbered(
                request.RequestID,
                [TradeAccountResponse(TradeAccount=name) for name in book.accounts],
                TradeAccountResponse(),
            )
        if isinstance(request, AccountBalanceRequest):
            money = AccountBalanceUpdate(
                TradeAccount=request.TradeAccount, CashBalance=book.cash, AccountCurrency="USD"
            )
            return numbered(request.RequestID, [money], money)
        if isinstance(request, HistoricalOrderFillsRequest):
            fills = [fill for fill in book.fills if fill.TradeAccount == request.TradeAccount]
            return numbered(request.RequestID, fills, HistoricalOrderFillResponse(NoOrderFills=1))
        if isinstance(request, CurrentPositionsRequest):
            positions = [one for one in book.positions if one.TradeAccount == request.TradeAccount]
            return numbered(request.RequestID, positions, PositionUpdate(NoPositions=1))
        if isinstance(request, OpenOrdersRequest):
            return numbered(request.RequestID, book.orders, OrderUpdate(NoOrders=1, OrderUpdateReason=1))
        if isinstance(request, SecurityDefinitionForSymbolRequest):
            known = book.definitions.get(request.Symbol)
            if known is None:
                return [SecurityDefinitionReject(RequestID=request.RequestID, RejectText="unknown symbol")]
            return [msgspec.structs.replace(known, RequestID=request.RequestID)]
        return []


def numbered(request_id: int, rows: Sequence[Message], empty: Message) -> list[Message]:
    """Return the rows as parts of one answer, or the message that says there are none."""
    total = "TotalNumMessages" if isinstance(empty, OrderUpdate) else "TotalNumberMessages"
    parts = list(rows) or [empty]
    return [
        msgspec.structs.replace(row, RequestID=request_id, MessageNumber=number, **{total: len(parts)})
        for number, row in enumerate(parts, 1)
    ]
