"""A TCP connection without a network: bytes arrive in order, when and in what pieces chance has it, or never."""

import selectors
from typing import Any


class Pipe:
    """One connection; the client's end behaves like a non-blocking socket.

    Attributes:
        to_server, to_client: sent and not yet arrived.
        frozen: half-open: nothing moves, and nobody is told.
        room: how many bytes the client's system takes at once.
    """

    def __init__(self) -> None:
        self.to_server = bytearray()
        self.to_client = bytearray()
        self.frozen = False
        self.room = 1 << 16
        self._arrived = bytearray()
        self._reset = False
        self._ended = False
        self._gone = False

    @property
    def client_gone(self) -> bool:
        """Whether the client has closed, or died; what it had sent may still arrive."""
        return self._gone

    # -- the client's end -------------------------------------------------------------------------------------------

    def send(self, data: bytes | memoryview) -> int:
        """Take bytes, as many as there is room for."""
        if self._reset:
            raise ConnectionResetError("simulated")
        free = self.room - len(self.to_server)
        if free <= 0:
            raise BlockingIOError
        self.to_server += data[:free]
        return min(free, len(data))

    def recv(self, size: int) -> bytes:
        """Return what arrived; nothing at all at the end."""
        if self._arrived:
            data = bytes(self._arrived[:size])
            del self._arrived[:size]
            return data
        if self._reset:
            raise ConnectionResetError("simulated")
        if self._ended:
            return b""
        raise BlockingIOError

    def close(self) -> None:
        """Close the client's end."""
        self._gone = True

    # -- the network ------------------------------------------------------------------------------------------------

    def carry_to_client(self, size: int) -> None:
        """Let bytes arrive at the client."""
        self._arrived += self.to_client[:size]
        del self.to_client[:size]

    def carry_to_server(self, size: int) -> bytes:
        """Let bytes arrive at the server; return them."""
        data = bytes(self.to_server[:size])
        del self.to_server[:size]
        return data

    def end(self) -> None:
        """The server closed: what it had sent still arrives, then the end."""
        self._arrived += self.to_client
        self.to_client.clear()
        self._ended = True

    def reset(self) -> None:
        """Break: what is on its way is lost."""
        self.to_client.clear()
        self.to_server.clear()
        self._reset = True


class NoSelector(selectors.BaseSelector):
    """Waits for nothing: whoever drives the line knows when something has arrived."""

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch nothing."""
        return selectors.SelectorKey(fileobj, 0, events, data)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch nothing."""
        return self.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch nothing."""
        return self.register(fileobj, 0)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return nothing, at once."""
        return []

    def get_map(self) -> dict[Any, selectors.SelectorKey]:
        """Return nothing."""
        return {}
