"""A client's socket and its line."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket as Socket  # noqa: N812 - the class, beside a field called socket

from services.simulator.line import Line


@dataclass(slots=True, eq=False)
class Plug:
    """One connection of the server.

    Attributes:
        on_ready: called when the socket has something to read or room to write.
    """

    socket: Socket
    line: Line
    on_ready: Callable[[], object] | None = None
    _watched: int = 0

    def write(self) -> None:
        """Write as much as the socket takes now.

        Raises:
            OSError: the connection is broken.
        """
        session = self.line.session
        while data := session.data_to_send():
            try:
                sent = self.socket.send(data)
            except BlockingIOError:
                return
            session.data_sent(sent)

    def watch(self, selector: selectors.BaseSelector, reading: bool) -> None:
        """Have the selector wait for what matters now; nothing at all without `reading`."""
        wanted = selectors.EVENT_READ if reading else 0
        if reading and self.line.session.bytes_to_send:
            wanted |= selectors.EVENT_WRITE
        if wanted == self._watched:
            return
        if not self._watched:
            selector.register(self.socket, wanted, self.on_ready)
        elif not wanted:
            selector.unregister(self.socket)
        else:
            selector.modify(self.socket, wanted, self.on_ready)
        self._watched = wanted
