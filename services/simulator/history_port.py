"""The simulator's second port, where history is served: one question a connection, then it is closed.

It shares thread and selector with the server, and keeps out of its way: a client takes a bounded share of each turn,
none keeps the market running, and what does not read is dropped with its heartbeat.
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket as Socket  # noqa: N812 - the class, beside fields called socket
from typing import Final

from services.dtc.errors import RemoteProtocolError
from services.simulator.history_line import HistoryLine

MOST_CLIENTS: Final = 64
SECONDS_A_TURN: Final = 0.005

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Plug:
    socket: Socket
    line: HistoryLine
    waiting: bytes = b""
    watched: int = 0
    on_ready: Callable[[], object] | None = None


class HistoryPort:
    """The listener and its clients; the server's thread uses it.

    Attributes:
        port: where it listens, 0 before `listen`.
    """

    def __init__(self, selector: selectors.BaseSelector, make_line: Callable[[], HistoryLine]) -> None:
        """Prepare; nothing listens yet."""
        self.port = 0
        self._selector = selector
        self._make_line = make_line
        self._listener: Socket | None = None
        self._plugs: list[_Plug] = []

    def listen(self, host: str, port: int) -> int:
        """Open the port and return its number.

        Raises:
            OSError: it cannot be had.
        """
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self.port = int(self._listener.getsockname()[1])
        _log.info("history is served on %s:%s", host, self.port)
        return self.port

    def attend(self, now: float) -> None:
        """Look after every client, once a turn."""
        for plug in list(self._plugs):
            plug.line.tick(now)
            try:
                self._write(plug)
            except OSError as error:
                self._unplug(plug, str(error))
                continue
            if not plug.waiting and (plug.line.is_over or plug.line.session.ended is not None):
                self._unplug(plug, "answered")

    def close(self) -> None:
        """Release every socket; the selector is closed by its owner."""
        for plug in list(self._plugs):
            self._unplug(plug, "the simulator ends")
        if self._listener is not None:
            self._listener.close()

    def _accept(self) -> None:
        assert self._listener is not None, "a connection arrived before listen()"
        try:
            connection, address = self._listener.accept()
        except OSError as error:  # gone again before we looked
            _log.info("no history connection: %s", error)
            return
        if len(self._plugs) >= MOST_CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        plug = _Plug(connection, self._make_line())
        plug.on_ready = lambda: self._on_ready(plug)
        self._plugs.append(plug)
        self._watch(plug, selectors.EVENT_READ)
        _log.info("history line from %s", address)

    def _on_ready(self, plug: _Plug) -> None:
        """Read what there is; room for writing is used by `attend`."""
        if plug not in self._plugs:
            return
        try:
            data = plug.socket.recv(1 << 14)
            if not data:
                self._unplug(plug, "closed by the client")
                return
        except BlockingIOError:
            return
        except OSError as error:
            self._unplug(plug, str(error))
            return
        try:
            plug.line.receive(data, time.monotonic())
        except RemoteProtocolError as error:
            self._unplug(plug, str(error))

    def _write(self, plug: _Plug) -> None:
        until = time.monotonic() + SECONDS_A_TURN
        while time.monotonic() < until:
            plug.waiting = plug.waiting or plug.line.next_bytes()
            if not plug.waiting:
                self._watch(plug, selectors.EVENT_READ)
                return
            try:
                sent = plug.socket.send(plug.waiting)
            except BlockingIOError:
                break
            plug.waiting = plug.waiting[sent:]
        self._watch(plug, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _watch(self, plug: _Plug, wanted: int) -> None:
        if not plug.watched:
            self._selector.register(plug.socket, wanted, plug.on_ready)
        elif wanted != plug.watched:
            self._selector.modify(plug.socket, wanted, plug.on_ready)
        plug.watched = wanted

    def _unplug(self, plug: _Plug, reason: str) -> None:
        self._plugs.remove(plug)
        self._selector.unregister(plug.socket)
        plug.socket.close()
        _log.info("history line closed: %s", reason)
