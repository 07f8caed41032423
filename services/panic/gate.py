"""Between the order service and a line: nothing is sent while a panic trades there, nor before we know what it did.

A terminal that was hung or stopped wakes with books of before, and with closes half done. What it would send now is
what the panic has sent already. So the claim is looked at immediately before each order is handed over (one `stat`),
and from the claim on orders are refused until the broker's state has been read anew on that line. Cancels pass: they
open nothing.
"""

from datetime import datetime
from typing import Protocol

from core.errors import ConnectionLost, PersistenceError
from core.model.bracket import Offsets
from core.model.order import Order
from core.model.order_change import Terms
from core.model.scope import AccountKey
from core.ports import Broker
from services.panic.files import Act


class Claims(Protocol):
    """Where a panic process leaves its claim."""

    def act(self) -> Act | None:
        """Return the last act of a panic process; raises PersistenceError when it cannot be read."""
        ...


class PanicGate:
    """A Broker that lets orders through unless a panic has claimed the line (trading thread).

    Attributes:
        digested: the name of the act whose effect our books hold by now.
    """

    def __init__(self, broker: Broker, files: Claims) -> None:
        self.digested = ""
        self._broker = broker
        self._files = files

    @property
    def connection(self) -> str:
        """The stable slug of this connection."""
        return self._broker.connection

    @property
    def claim(self) -> Act | None:
        """The act that keeps orders from this line; None when none does."""
        try:
            act = self._files.act()
        except PersistenceError:
            return None  # the service that reads it twice a second says so; an exit must not wait for a file
        if act is None or act.name == self.digested or self.connection not in act.connections:
            return None
        return act

    def submit(self, order: Order) -> None:
        """Hand an order to the line.

        Raises:
            ConnectionLost: a panic has the line, or the line is down; nothing was queued.
        """
        self._must_be_free()
        self._broker.submit(order)

    def submit_pair(self, first: Order, second: Order) -> None:
        """Hand two linked exits to the line; raises as `submit`."""
        self._must_be_free()
        self._broker.submit_pair(first, second)

    def submit_bracket(self, entry: Order, stop: Order, target: Order, offsets: Offsets | None = None) -> None:
        """Hand an entry with its exits to the line; raises as `submit`."""
        self._must_be_free()
        self._broker.submit_bracket(entry, stop, target, offsets)

    def replace(self, order: Order, wanted: Terms) -> None:
        """Ask for other terms of an order, which may trade by them at once; raises as `submit`."""
        self._must_be_free()
        self._broker.replace(order, wanted)

    def cancel(self, order: Order) -> None:
        """Ask to cancel an order; raises as the line does."""
        self._broker.cancel(order)

    def request_snapshot(self, since: datetime) -> None:
        """Ask for everything."""
        self._broker.request_snapshot(since)

    def request_positions(self, key: AccountKey) -> None:
        """Ask for the positions of one account."""
        self._broker.request_positions(key)

    def request_orders(self) -> None:
        """Ask for the open orders."""
        self._broker.request_orders()

    def subscribe(self, symbol: str) -> None:
        """Ask for a symbol."""
        self._broker.subscribe(symbol)

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Have a symbol's depth told, or no more."""
        self._broker.follow_depth(symbol, wanted)

    def reconnect(self) -> None:
        """Try the line at once."""
        self._broker.reconnect()

    def _must_be_free(self) -> None:
        act = self.claim
        if act is not None:
            raise ConnectionLost(
                f"Panic acts on {self.connection} since {act.at:%H:%M:%S} UTC; nothing is sent from here until that is "
                "over and the broker's state has been read again."
            )
