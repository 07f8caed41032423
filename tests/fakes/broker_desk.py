"""A broker and a hand on its other end: the stand-in, or the line on a socket and the simulator behind it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

from core.broker_report import BrokerSnapshot
from core.clock import Clock, SystemClock
from core.events import (
    FillReceived,
    InstrumentReported,
    Link,
    LinkChanged,
    SendStarted,
    SnapshotReceived,
)
from core.messages import Message
from core.model.fill import Side
from core.model.order import Intent, Order, OrderType
from core.model.scope import PositionKey
from core.ports import Broker
from core.state_manager import StateManager
from data.simulator_store import SqliteSimulatorStore
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.simulator.contracts import listed_contracts
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.fakes.broker import FakeBroker, Fate
from tests.fakes.engine_end import Inbox

T = TypeVar("T")


class Desk(Protocol):
    """A broker, what it said, and a hand on its other end."""

    broker: Broker
    clock: Clock
    inbox: Inbox
    symbol: str

    def start(self) -> None:
        """Have the line come up for the first time."""

    def settle(self) -> None:
        """Let what was said arrive, as far as the stand-in needs it."""

    def drop(self) -> None:
        """Cut the line."""

    def refuse_next(self) -> None:
        """Have the broker refuse the next order."""

    def refuse_stop(self, late: bool = False) -> None:
        """Have the broker refuse the stop of the next entry and take the rest; late, after it was accepted."""

    def ignore_links(self) -> None:
        """Have the broker leave linked orders as they are, whatever one of them trades."""

    def drop_at_next_order(self) -> None:
        """Let the next order arrive, and cut the line before it is answered."""

    def fill(self, client_order_id: str, quantity: int) -> None:
        """Execute part of an order."""

    def entered_at(self, client_order_id: str) -> Decimal:
        """Return the price of the last execution of an order, points."""
        filled = self.inbox.wait_for(FillReceived, lambda one: one.fill.client_order_id == client_order_id).fill
        assert filled.price is not None
        return filled.price

    def trade_by_hand(self, quantity: int) -> None:
        """Buy, or sell, in another program."""


class FakeDesk(Desk):
    """The stand-in."""

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()
        self.fake = FakeBroker(self.clock)
        self.broker: Broker = self.fake
        self.inbox = Inbox()
        self.symbol = self.fake.contracts[0].symbol

    def start(self) -> None:
        self.fake.connect()

    def settle(self) -> None:
        while self.fake.out:
            self.inbox.post(self.fake.out.popleft())

    def drop(self) -> None:
        self.fake.drop()

    def refuse_next(self) -> None:
        self.fake.script.refuse.append("Margin")

    def refuse_stop(self, late: bool = False) -> None:
        if late:
            self.fake.script.refuse_stop = "Refused after all"
        else:
            self.fake.script.refuse_exits = frozenset({OrderType.STOP})

    def ignore_links(self) -> None:
        self.fake.script.no_oco = True

    def drop_at_next_order(self) -> None:
        self.fake.script.fate = Fate.SEEN

    def fill(self, client_order_id: str, quantity: int) -> None:
        self.fake.fill(self.fake.find(client_order_id), quantity)

    def trade_by_hand(self, quantity: int) -> None:
        self.fake.by_hand(PositionKey("sim", "Sim1", self.symbol), Side.BUY, quantity)


class WireDesk(Desk):
    """The line on a socket, and the simulator behind it."""

    def __init__(self, folder: Path) -> None:
        store = SqliteSimulatorStore(folder / "simulator.sqlite3")
        self.server = SimulatorServer(SimulatorSettings(folder, ends_with_stdin=False), store)
        self.clock: Clock = SystemClock()
        self.inbox = Inbox()
        self.symbol = listed_contracts(datetime.now(UTC).date())[0].symbol
        settings = ConnectionSettings("sim", "127.0.0.1", self.server.start())
        self.server.control("freeze")
        self.client = DtcClient(settings, "", self.post, StateManager(), self.clock, rng=Random(1), look_s=0.01)
        self.broker: Broker = self.client
        self._dropping = False

    def post(self, message: Message) -> None:
        self.inbox.post(message)

    def start(self) -> None:
        self.client.subscribe(self.symbol)
        self.client.start()
        self.inbox.wait_for(InstrumentReported)

    def settle(self) -> None:
        if self._dropping:
            self._dropping = False
            self.inbox.wait_for(SendStarted)
            self.inbox.wait_until(lambda: bool(self.server.control("state")["orders"]))
            self.drop()
            self.server.control("hold_acks", ms=0)

    def drop(self) -> None:
        self.server.control("drop")
        self.inbox.wait_for(LinkChanged, lambda one: one.link is Link.OFFLINE)

    def refuse_next(self) -> None:
        self.server.control("reject", text="Margin")

    def refuse_stop(self, late: bool = False) -> None:
        self.server.control("reject_stop" if late else "reject_child")

    def ignore_links(self) -> None:
        self.server.control("no_oco")

    def drop_at_next_order(self) -> None:
        self.server.control("hold_acks")
        self._dropping = True

    def fill(self, client_order_id: str, quantity: int) -> None:
        self.server.control("fill_now", client_order_id=client_order_id, quantity=quantity)

    def trade_by_hand(self, quantity: int) -> None:
        self.server.control("set_position", account="Sim1", symbol=self.symbol, quantity=quantity)

    def close(self) -> None:
        self.client.stop()
        self.server.stop()


def said(desk: Desk, kind: type[T], where: Callable[[T], bool] = lambda _: True, count: int = 1) -> T:
    """Wait for what the broker said."""
    desk.settle()
    return desk.inbox.wait_for(kind, where, count)


def order(desk: Desk, name: str = "ST1", quantity: int = 3) -> Order:
    """Return a bid far below the market, which rests."""
    now = desk.clock.now()
    return Order(
        key=PositionKey("sim", "Sim1", desk.symbol),
        client_order_id=name,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.LIMIT,
        quantity=Decimal(quantity),
        created_at=now,
        updated_at=now,
        price=Decimal("6000.25"),
    )


def since(desk: Desk) -> datetime:
    return desk.clock.now() - timedelta(minutes=5)


def snapshot(desk: Desk, count: int = 1) -> BrokerSnapshot:
    desk.broker.request_snapshot(since(desk))
    return said(desk, SnapshotReceived, count=count).snapshot


def back(desk: Desk) -> None:
    """Come up again."""
    desk.broker.reconnect()
    said(desk, LinkChanged, lambda one: one.link is Link.SYNCING, count=2)
