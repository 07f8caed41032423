"""What other threads hand to the network thread: orders, and everything else it is asked to do.

One mutex guards it, held for list operations only. An order is taken only while the line is logged on, and whatever
is still here when the line falls was never sent, not one byte of it: that is the proof a SendFailed rests on. Nothing
survives into the next connection.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from core.errors import ConnectionLost
from core.model.bracket import Offsets
from core.model.order import Order
from core.model.order_change import Terms


@dataclass(frozen=True, slots=True)
class Handed:
    """An order to be submitted, to be cancelled, or to have other terms; or several that go together or not at all.

    Attributes:
        orders: one order; two linked exits; or an entry, its stop and its target.
        offsets: of the exits of an entry.
    """

    orders: tuple[Order, ...]
    cancel: bool = False
    wanted: Terms | None = None
    offsets: Offsets | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Client order ids, in the order they are sent."""
        return tuple(order.client_order_id for order in self.orders)


class Handover:
    """The queue between the threads."""

    def __init__(self) -> None:
        self._mutex = Lock()
        self._open = False
        self._why_closed = "It is not connected."
        self._orders: deque[Handed] = deque()
        self._wishes: deque[Callable[[], None]] = deque()

    def put_order(self, handed: Handed) -> None:
        """Queue an order for this connection.

        Raises:
            ConnectionLost: the line is down; nothing was queued.
        """
        with self._mutex:
            if not self._open:
                raise ConnectionLost(f"The line to the broker is down; nothing was sent. {self._why_closed}")
            self._orders.append(handed)

    def put_wish(self, wish: Callable[[], None]) -> None:
        """Have the network thread do something, whatever the line's state."""
        with self._mutex:
            self._wishes.append(wish)

    def open(self) -> None:
        """Take orders from now on: the line is logged on."""
        with self._mutex:
            self._open = True

    def close(self, why: str) -> list[Handed]:
        """Take orders no more; return those that were never sent."""
        with self._mutex:
            self._open = False
            self._why_closed = why
            unsent = list(self._orders)
            self._orders.clear()
            return unsent

    def next_order(self) -> Handed | None:
        """Take the oldest order (network thread)."""
        with self._mutex:
            return self._orders.popleft() if self._orders else None

    def wishes(self) -> list[Callable[[], None]]:
        """Take every wish so far (network thread)."""
        with self._mutex:
            taken = list(self._wishes)
            self._wishes.clear()
            return taken
