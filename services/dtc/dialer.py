"""Opening a TCP connection without blocking, so that a thread that waits for it can still be woken."""

import errno
import os
import selectors
import socket
from collections.abc import Callable

from core.errors import ConnectionLost

CONNECT_WITHIN_S = 10.0
_UNDER_WAY = frozenset((0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)))


STOPPED = "stopped"


def dial(
    host: str,
    port: int,
    selector: selectors.BaseSelector,
    monotonic: Callable[[], float],
    turn: Callable[[], bool],
) -> socket.socket | None:
    """Return a connected, non-blocking socket, not registered anywhere; None when told to stop.

    Only looking up the host's name may block.

    Args:
        turn: waits a short while on the selector and does what is due; False to give up.

    Raises:
        ConnectionLost: nobody answers there; the text says what the system said.
    """
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionLost(f"The host {host} cannot be found ({error}).") from None
    reason = "it has no address"
    for family, kind, protocol, _, address in places:
        dialed = socket.socket(family, kind, protocol)
        try:
            dialed.setblocking(False)
            dialed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reason = _connect(dialed, address, selector, monotonic, turn)
        except BaseException:
            dialed.close()
            raise
        if not reason:
            return dialed
        dialed.close()
        if reason == STOPPED:
            return None
    raise ConnectionLost(f"No connection to {host}:{port}: {reason}.")


def _connect(
    dialed: socket.socket,
    address: object,
    selector: selectors.BaseSelector,
    monotonic: Callable[[], float],
    turn: Callable[[], bool],
) -> str:
    """Return an empty text when connected, else why not."""
    code = dialed.connect_ex(address)  # type: ignore[arg-type]
    if code not in _UNDER_WAY:
        return _said(code)
    due_s = monotonic() + CONNECT_WITHIN_S
    selector.register(dialed, selectors.EVENT_WRITE, dialed)
    try:
        while True:
            if not turn():
                return STOPPED
            code = dialed.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                return _said(code)
            if _is_connected(dialed):
                return ""
            if monotonic() >= due_s:
                return f"no answer within {CONNECT_WITHIN_S:.0f} s"
    finally:
        selector.unregister(dialed)


def _is_connected(dialed: socket.socket) -> bool:
    try:
        dialed.getpeername()
    except OSError:
        return False
    return True


def _said(code: int) -> str:
    """Return the system's words for an error of a socket; Windows keeps those in a table of its own."""
    words: str = getattr(socket, "errorTab", {}).get(code) or os.strerror(code)
    return words
