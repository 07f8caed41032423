"""A line between terminal and broker that can be cut, or lose the orders that pass through it."""

import selectors
import socket
from contextlib import suppress
from threading import Event, Thread

from tests.end_to_end.deadlines import until

ORDER_TYPES = frozenset({201, 203, 204, 208, 209})


class Proxy:
    """Forward loopback connections to a port; one thread.

    Attributes:
        port: where clients connect.
        swallow: drop order messages on their way to the broker (binary encoding).
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.swallow = False
        self.swallowed = 0
        self._refusing = Event()
        self._ending = Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._pending: dict[socket.socket, bytes] = {}
        self._thread = Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self._refusing.set()
        for pair in tuple(self._pairs):
            self._drop(pair)

    def mend(self) -> None:
        """Accept connections again."""
        self._refusing.clear()

    def close(self) -> None:
        """End the thread."""
        self._ending.set()
        until(lambda: not self._thread.is_alive(), "the proxy to end")
        self.cut()
        self._listener.close()

    def _run(self) -> None:
        while not self._ending.is_set():
            with selectors.DefaultSelector() as selector:
                selector.register(self._listener, selectors.EVENT_READ)
                for client, server in tuple(self._pairs):
                    with suppress(ValueError, KeyError):
                        selector.register(client, selectors.EVENT_READ, (client, server))
                        selector.register(server, selectors.EVENT_READ, (server, client))
                for ready, _ in selector.select(0.02):
                    if ready.fileobj is self._listener:
                        self._accept()
                    else:
                        self._forward(*ready.data)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self._refusing.is_set():
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 2.0)
        except OSError:
            client.close()
            return
        self._pending[client] = b""
        self._pairs.append((client, server))

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        try:
            data = source.recv(65536)
            if source in self._pending and data:
                data = self._without_orders(source, data)
            if data:
                target.sendall(data)
                return
            if self._pending.get(source):
                return
        except OSError:
            data = b""
        if not data and not (source in self._pending and self.swallowed and self._alive(source)):
            self._drop(next((pair for pair in self._pairs if source in pair), (source, target)))

    def _alive(self, source: socket.socket) -> bool:
        """Say whether the client is still there: all it sent may just have been swallowed."""
        with suppress(OSError):
            source.setblocking(False)
            try:
                return source.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                return True
            finally:
                source.setblocking(True)
        return False

    def _without_orders(self, client: socket.socket, data: bytes) -> bytes:
        held, passed = self._pending[client] + data, b""
        while len(held) >= 4:
            size, kind = int.from_bytes(held[:2], "little"), int.from_bytes(held[2:4], "little")
            if len(held) < size:
                break
            frame, held = held[:size], held[size:]
            if self.swallow and kind in ORDER_TYPES:
                self.swallowed += 1
            else:
                passed += frame
        self._pending[client] = held
        return passed

    def _drop(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with suppress(ValueError):
            self._pairs.remove(pair)
        for one in pair:
            self._pending.pop(one, None)
            with suppress(OSError):
                one.close()
