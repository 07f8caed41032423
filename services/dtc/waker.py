"""Waking a thread that sleeps in a selector: a pair of sockets, the one thing every platform can select on."""

import socket


class Waker:
    """A bell: `ring` from any thread, `silence` by the thread that listens."""

    def __init__(self) -> None:
        self.listener, self._bell = socket.socketpair()
        self.listener.setblocking(False)
        self._bell.setblocking(False)

    def ring(self) -> None:
        """Wake the listener, or its next sleep; any thread, never blocks."""
        try:
            self._bell.send(b"\0")
        except BlockingIOError:
            return  # so many rings wait unheard that one more adds nothing
        except OSError:
            if self._bell.fileno() >= 0:
                raise
            # closed: the thread has ended and hears nothing any more

    def silence(self) -> None:
        """Forget every ring so far (listening thread)."""
        try:
            while len(self.listener.recv(4096)) == 4096:
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give both sockets back; after the thread has ended."""
        self._bell.close()
        self.listener.close()
