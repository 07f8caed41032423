"""The real client of a line, its network thread taken one turn at a time, and the broker the engine sees.

A client dies with its program; the broker's name and what was said of it stay.
"""

import math
import socket
from collections import deque
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import cast

from core.clock import Clock
from core.errors import ConnectionLost
from core.link import Link
from core.messages import Message
from core.model.bracket import Offsets
from core.model.order import Order
from core.model.order_change import Terms
from core.model.scope import AccountKey
from core.ports import Checkpoint
from core.state_manager import StateManager
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.dtc.network_thread import NetworkThread, _Ending
from tests.simulation.pipe import NoSelector, Pipe

Dial = Callable[[], Pipe | None]


class SteppedClient(DtcClient):
    """A client without a thread: `step` does what its thread would do in a turn."""

    def __init__(
        self,
        post: Callable[[Message], None],
        board: StateManager,
        clock: Clock,
        reached: Checkpoint,
        rng: Random,
        dial: Dial,
        connection: str = "sim",
    ) -> None:
        super().__init__(ConnectionSettings(connection, "127.0.0.1", 11099), "", post, board, clock, reached, rng)
        self._clock = clock
        self._dial = dial
        self._selector = NoSelector()
        self._due_s = -math.inf
        self._began_s = 0.0

    def step(self) -> None:
        """Dial when it is time to, else talk."""
        network: NetworkThread = self._network
        network._turn(self._selector, 0.0)
        if network.line is None:
            if network.hurried.is_set() or self._clock.monotonic() >= self._due_s:
                self._try(network)
            return
        ending = network._exchange(network.line)
        if ending is not None:
            self._due_s = network._tell_down(network._lost(ending, self._began_s))

    def die(self) -> None:
        """End as a killed process does."""
        if self._network.line is not None:
            self._network.line._socket.close()
        self._waker.close()

    def _try(self, network: NetworkThread) -> None:
        network._tell(network._link(Link.CONNECTING))
        pipe = self._dial()
        if pipe is None:
            self._due_s = network._tell_down(_Ending("nobody answers"))
            return
        self._began_s = self._clock.monotonic()
        network._begin(cast("socket.socket", pipe), self._selector)


class WireBroker:
    """A Broker whose client comes and goes with the program.

    Attributes:
        out: what the network thread posted and the trading loop has not taken.
        submitted: every order the line took.
    """

    def __init__(self, connection: str) -> None:
        self.connection = connection
        self.out: deque[Message] = deque()
        self.submitted: list[Order] = []
        self.client: SteppedClient | None = None
        self.make: Callable[[], SteppedClient] | None = None

    def connect(self) -> None:
        """Start the client, where none runs."""
        if self.client is None and self.make is not None:
            self.client = self.make()

    def drop(self) -> None:
        """Lose the client with the program."""
        if self.client is not None:
            self.client.die()
            self.client = None

    def submit(self, order: Order) -> None:
        """Hand an order to the line."""
        if self.client is None:
            raise ConnectionLost("The line has not been started.")
        self.client.submit(order)
        self.submitted.append(order)

    def submit_pair(self, first: Order, second: Order) -> None:
        """Hand two linked exits to the line."""
        if self.client is None:
            raise ConnectionLost("The line has not been started.")
        self.client.submit_pair(first, second)
        self.submitted += (first, second)

    def submit_bracket(self, entry: Order, stop: Order, target: Order, offsets: Offsets | None = None) -> None:
        """Hand an entry with its exits to the line."""
        if self.client is None:
            raise ConnectionLost("The line has not been started.")
        self.client.submit_bracket(entry, stop, target, offsets)
        self.submitted += (entry, stop, target)

    def cancel(self, order: Order) -> None:
        """Hand a cancel to the line."""
        if self.client is None:
            raise ConnectionLost("The line has not been started.")
        self.client.cancel(order)

    def replace(self, order: Order, wanted: Terms) -> None:
        """Hand a change to the line."""
        if self.client is None:
            raise ConnectionLost("The line has not been started.")
        self.client.replace(order, wanted)

    def request_snapshot(self, since: datetime) -> None:
        """Ask for everything."""
        if self.client is not None:
            self.client.request_snapshot(since)

    def request_positions(self, key: AccountKey) -> None:
        """Ask for the positions of an account."""
        if self.client is not None:
            self.client.request_positions(key)

    def request_orders(self) -> None:
        """Ask for the open orders."""
        if self.client is not None:
            self.client.request_orders()

    def subscribe(self, symbol: str) -> None:
        """Want a symbol."""
        if self.client is not None:
            self.client.subscribe(symbol)

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Want a symbol's depth, or no more."""
        if self.client is not None:
            self.client.follow_depth(symbol, wanted)

    def reconnect(self) -> None:
        """Try at once."""
        if self.client is not None:
            self.client.reconnect()
