"""Bytes on their way to the socket, each piece with the token of what it carries.

An order's fate after a broken connection depends on one fact: had its first byte been written? The socket
owner reports how many bytes the socket took, and learns whose bytes those were.
"""

from collections import deque
from dataclasses import dataclass

Token = object


@dataclass(frozen=True, slots=True)
class Written:
    """What one write to the socket did.

    Attributes:
        started: tokens whose first byte was taken by this write, in order.
        completed: tokens whose last byte was taken by this write, in order.
    """

    started: tuple[Token, ...] = ()
    completed: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What is left of the outbox: the token half written, if any, and those the socket never saw."""

    partly: tuple[Token, ...] = ()
    untouched: tuple[Token, ...] = ()


class Outbox:
    """A queue of whole frames; the bytes of one `append` stay together."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[bytes, Token | None]] = deque()
        self._taken = 0  # bytes of the first piece already written
        self._size = 0

    def __len__(self) -> int:
        """Return the number of bytes not yet written."""
        return self._size

    def append(self, data: bytes, token: Token | None = None) -> None:
        """Add bytes behind everything else."""
        self._pieces.append((data, token))
        self._size += len(data)

    def peek(self, limit: int) -> bytes:
        """Return the next bytes, about `limit` of them, without removing any."""
        parts: list[bytes] = []
        room, skip = limit, self._taken
        for data, _ in self._pieces:
            parts.append(data[skip : skip + room])
            room, skip = room - len(parts[-1]), 0
            if room <= 0:
                break
        return b"".join(parts)

    def advance(self, count: int) -> Written:
        """Remove the first `count` bytes, which the socket took, and say whose they were."""
        assert 0 <= count <= self._size, f"{count} bytes written of {self._size}"
        started: list[Token] = []
        completed: list[Token] = []
        self._size -= count
        while count:
            data, token = self._pieces[0]
            if self._taken == 0 and token is not None:
                started.append(token)
            step = min(count, len(data) - self._taken)
            self._taken += step
            count -= step
            if self._taken == len(data):
                self._pieces.popleft()
                self._taken = 0
                if token is not None:
                    completed.append(token)
        return Written(tuple(started), tuple(completed))

    def unwritten(self) -> Unwritten:
        """Return the tokens that are not completely written."""
        tokens = [token for _, token in self._pieces]
        begun = 1 if self._taken else 0
        return Unwritten(
            partly=tuple(t for t in tokens[:begun] if t is not None),
            untouched=tuple(t for t in tokens[begun:] if t is not None),
        )
