"""The engine's end of a line, for tests of a line: an inbox that can be full."""

from collections.abc import Callable
from threading import Condition
from typing import TypeVar

from core.errors import EngineBusy
from core.messages import Message

WITHIN_S = 10.0

T = TypeVar("T")


class Inbox:
    """Takes what a network thread posts.

    Attributes:
        messages: in order of arrival.
        full: whether `post` refuses.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.full = False
        self.refused = 0
        self._changed = Condition()

    def post(self, message: Message) -> None:
        """Take a message, as TradingLoop.post does."""
        with self._changed:
            if self.full:
                self.refused += 1
                self._changed.notify_all()
                raise EngineBusy("full")
            self.messages.append(message)
            self._changed.notify_all()

    def of(self, kind: type[T]) -> list[T]:
        """Return the messages of a kind so far."""
        with self._changed:
            return [message for message in self.messages if isinstance(message, kind)]

    def wait_for(self, kind: type[T], where: Callable[[T], bool] = lambda _: True, count: int = 1) -> T:
        """Wait for the n-th message of a kind that satisfies a condition; return it."""

        def found() -> list[T]:
            return [message for message in self.messages if isinstance(message, kind) and where(message)]

        with self._changed:
            arrived = self._changed.wait_for(lambda: len(found()) >= count, WITHIN_S)
            assert arrived, f"no {kind.__name__} within {WITHIN_S} s among {self.messages}"
            return found()[count - 1]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(condition, WITHIN_S)
