"""Sends notices to the trader's phone or mail on a thread of its own: nothing else ever waits for a network.

What comes while one is under way goes out together in the next, with a pause between: many alarms are one message. What
fails is told once until one works again, and is not sent again: the next happening tries anew. The address is a secret.
It is read when it is needed, handed to the sender, and appears in no text: what a sender raises is put in words of our
own.
"""

from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Protocol

from core.away import message_of

WAITING = 50
LOOK_S = 0.5
PAUSE_S = 10.0
TITLE = "Stanchion"
TEST = "This is a test: notices reach you."


class NoticeFailed(Exception):
    """A notice was not sent. The text is our own and never holds the address."""


class Sender(Protocol):
    """Sends one message, within its own time limits (notices thread)."""

    def send(self, address: str, title: str, body: str) -> None:
        """Send.

        Raises:
            NoticeFailed: it was not taken.
        """
        ...


class Address(Protocol):
    """Where the address is kept (notices thread, and the window's when it is changed)."""

    def read(self) -> str:
        """Return it; empty where none is stored.

        Raises:
            NoticeFailed: it cannot be asked.
        """
        ...


class AwayNotices:
    """The thread and its queue."""

    def __init__(self, sender: Sender, address: Address, told: Callable[[str], None], pause_s: float = PAUSE_S) -> None:
        """Make it; the thread begins with the first notice.

        Args:
            told: called on the notices thread with why notices do not go out; with "" after one did.
        """
        self._sender = sender
        self._address = address
        self._told = told
        self._pause_s = pause_s
        self._waiting: Queue[str] = Queue(WAITING)
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="notices", daemon=True)

    def send(self, line: str) -> None:
        """Have a line sent soon, with others; returns at once. Beyond fifty that wait the newest is dropped."""
        if self._stopping.is_set():
            return
        if self.thread.ident is None:
            self.thread.start()
        try:
            self._waiting.put_nowait(line)
        except Full:
            return  # fifty lines wait already: whoever reads them looks at the window first

    def stop(self, within_s: float = 0.3) -> None:
        """End; what waits is not sent, what is under way is given up with the process."""
        self._stopping.set()
        if self.thread.is_alive():
            self.thread.join(within_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            lines = self._taken()
            if lines:
                told = self._sent(message_of(lines))
                if self._stopping.is_set():
                    return  # whoever was to be told is going, or gone
                self._told(told)
                self._stopping.wait(self._pause_s)

    def _taken(self) -> list[str]:
        lines: list[str] = []
        try:
            lines.append(self._waiting.get(timeout=LOOK_S))
            while True:
                lines.append(self._waiting.get_nowait())
        except Empty:
            return lines

    def _sent(self, body: str) -> str:
        """Send a message; return why it was not sent, "" when it was."""
        try:
            address = self._address.read()
            if not address:
                return "No address is stored for them."
            self._sender.send(address, TITLE, body)
        except NoticeFailed as error:
            return str(error)
        except Exception as error:
            # Whatever a service library raises may hold the address: only the kind of it is told.
            return f"The service failed ({type(error).__name__})."
        return ""
