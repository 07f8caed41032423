"""A service that takes notices, and a keyring; nothing leaves."""

from threading import Event

from services.away_notices import NoticeFailed


class FakeSender:
    """Remembers what was sent.

    Attributes:
        sent: address, title, body. error: raised instead, while set. gate: each waits for it.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.error: Exception | None = None
        self.tries = 0
        self.gate = Event()
        self.gate.set()

    def send(self, address: str, title: str, body: str) -> None:
        self.gate.wait(10)
        self.tries += 1
        if self.error is not None:
            raise self.error
        self.sent.append((address, title, body))


class FakeAddress:
    """Holds an address; refuses while it has an error."""

    def __init__(self, address: str = "") -> None:
        self.address = address
        self.error = ""

    def read(self) -> str:
        if self.error:
            raise NoticeFailed(self.error)
        return self.address

    def write(self, address: str) -> None:
        if self.error:
            raise NoticeFailed(self.error)
        self.address = address
