"""A client of a fake server, with the engine's end of it: what tests of a line are made on."""

import threading
from datetime import timedelta
from decimal import Decimal
from random import Random

from core.clock import Clock, SystemClock
from core.events import (
    Link,
    LinkChanged,
)
from core.model.fill import Side
from core.model.order import Intent, Order, OrderType
from core.model.scope import PositionKey
from core.state_manager import StateManager
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.dtc.messages.trading import (
    OrderUpdate,
)
from tests.fakes.clock import START, ManualClock
from tests.fakes.dtc_server import FakeDTC
from tests.fakes.engine_end import Inbox

KEY = PositionKey("x", "Sim1", "ES")
SINCE = START - timedelta(days=1)


def order(name: str = "ST1", quantity: str = "1", price: str | None = None) -> Order:
    return Order(
        key=KEY,
        client_order_id=name,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        quantity=Decimal(quantity),
        created_at=START,
        updated_at=START,
        price=None if price is None else Decimal(price),
    )


def report(name: str = "ST1", reason: int = 2, status: int = 4, **said: object) -> OrderUpdate:
    fields = {"TradeAccount": "Sim1", "Symbol": "ES", "ClientOrderID": name, "ServerOrderID": f"S-{name}", "BuySell": 1}
    return OrderUpdate(OrderUpdateReason=reason, OrderStatus=status, **{**fields, **said})  # type: ignore[arg-type]


class Bench:
    """A client, its server, and the engine's end."""

    def __init__(self, server: FakeDTC, clock: Clock | None = None, **options: object) -> None:
        self.server = server
        self.clock = clock or SystemClock()
        self.inbox = Inbox()
        self.state = StateManager()
        self.steps: list[str] = []
        settings = ConnectionSettings("x", "127.0.0.1", server.port, encoding=options.pop("encoding", None))  # type: ignore[arg-type]
        self.client = DtcClient(
            settings,
            "secret",
            self.inbox.post,
            self.state,
            self.clock,
            options.pop("reached", self.steps.append),  # type: ignore[arg-type]
            Random(1),
            look_s=0.01,
            **options,  # type: ignore[arg-type]
        )

    def start(self) -> "Bench":
        self.client.start()
        return self

    def up(self) -> "Bench":
        self.start()
        self.wait_link(Link.SYNCING)
        return self

    def wait_link(self, link: Link, count: int = 1) -> LinkChanged:
        return self.inbox.wait_for(LinkChanged, lambda one: one.link is link, count)

    def links(self) -> list[Link]:
        return [one.link for one in self.inbox.of(LinkChanged)]

    def dialed(self) -> None:
        """Wait until the thread has a connection and waits for the server to speak."""
        for _ in range(1000):
            if self.client._network.line is not None:
                return
            self.settled()
        raise AssertionError("no connection")

    def advance(self, seconds: float) -> None:
        """Let time pass in steps so small that the thread sees it pass, rather than to have slept."""
        assert isinstance(self.clock, ManualClock)
        while seconds > 0:
            step = min(4.0, seconds)
            seconds -= step
            self.clock.advance(step)
            self.settled()

    def settled(self) -> None:
        """Wait until the network thread has gone once round."""
        turned = threading.Event()
        self.client._wish(turned.set)
        assert turned.wait(10)
        turned.clear()
        self.client._wish(turned.set)
        assert turned.wait(10)
