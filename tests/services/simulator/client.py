"""A plain DTC client for the simulator's tests: a blocking socket, a session, and patience with an end."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from services.dtc.enums import EncodingEnum
from services.dtc.messages.base import Message
from services.dtc.session import Session, State
from services.dtc.session_events import LogonRefused, SessionEvent
from services.dtc.session_settings import Role, SessionSettings

M = TypeVar("M", bound=Message)
PATIENCE_S = 10.0


class Client:
    """One connection. `received` keeps every application message in order; `events` those of the session."""

    def __init__(self, port: int, encoding: EncodingEnum = EncodingEnum.BINARY_ENCODING, log_on: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.session = Session(Role.CLIENT, SessionSettings(encoding=encoding), time.monotonic())
        self.received: list[Message] = []
        self.events: list[SessionEvent] = []
        self.closed = False
        self._read = 0
        if log_on:
            self.until(lambda: self.session.state is State.ACTIVE)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, *messages: Message) -> None:
        self.session.send(*messages)
        self._flush()

    def next(self, kind: type[M], wanted: Callable[[M], bool] = lambda message: True) -> M:
        """Return the next message of a kind after the one returned last; others are skipped."""
        found: list[M] = []

        def look() -> bool:
            while self._read < len(self.received) and not found:
                message = self.received[self._read]
                self._read += 1
                if isinstance(message, kind) and wanted(message):
                    found.append(message)
            return bool(found)

        self.until(look)
        return found[0]

    def ask(self, question: Message, kind: type[M]) -> list[M]:
        """Send a request and return its whole numbered answer."""
        self.send(question)
        asked = _field(question, "RequestID")
        rows = [self.next(kind, lambda row: _field(row, "RequestID") == asked)]
        total = _field(rows[0], "TotalNumMessages") or _field(rows[0], "TotalNumberMessages")
        while len(rows) < total:
            rows.append(self.next(kind))
        return rows

    def until(self, condition: Callable[[], bool]) -> None:
        """Read and write until a condition holds; fails after a while."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain; last received {self.received[-3:]}"
            assert not self.closed, f"the server closed the connection; {self.events}"
            self._flush()
            self._receive()

    def until_closed(self) -> None:
        """Read until the server has closed the connection."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.closed:
            assert time.monotonic() < deadline, "the server keeps the connection open"
            self._flush()
            self._receive()

    @property
    def refusal(self) -> LogonRefused | None:
        return next((each for each in self.events if isinstance(each, LogonRefused)), None)

    def _flush(self) -> None:
        while not self.closed and (data := self.session.data_to_send()):
            try:
                self.session.data_sent(self.socket.send(data))
            except ConnectionError:
                self.closed = True

    def _receive(self) -> None:
        self.socket.settimeout(0.2)
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            return
        except ConnectionError:
            self.closed = True
            return
        self.closed = not data
        self.session.receive_data(data, time.monotonic())
        for item in self.session.messages():
            (self.events if isinstance(item, SessionEvent) else self.received).append(item)  # type: ignore[arg-type]


def _field(message: Message, name: str) -> int:
    value = getattr(message, name, 0)
    assert isinstance(value, int)
    return value
