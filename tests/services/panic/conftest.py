"""A broker in this process, somebody who trades there, and a panic process without the process."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.clock import SystemClock
from core.ports import Checkpoint, passing
from data.simulator_store import SqliteSimulatorStore
from services.dtc.address import ConnectionSettings
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.visit import Visit, dialed
from services.panic.alone import Alone
from services.panic.files import PanicFiles, Request
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings

MES, ES = "MESZ26_FUT_CME", "ESZ26_FUT_CME"


class Venue:
    """The practice broker, and an outsider who trades there."""

    def __init__(self, folder: Path) -> None:
        settings = SimulatorSettings(folder, keep_running=True, ends_with_stdin=False, seed=11)
        folder.mkdir()
        self._store = SqliteSimulatorStore(folder / "simulator.sqlite3")
        self.server = SimulatorServer(settings, self._store)
        self.server.start()
        self.settings = ConnectionSettings("venue", "127.0.0.1", self.server.port)
        self._socket = dialed(self.settings, 5.0)
        self._visit = Visit(self._socket, self.settings, "", SystemClock(), "Outsider", lambda _: None)
        self._visit.log_on(5.0, time.monotonic() + 5.0)
        self._orders = 0

    def control(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Carry out a verb."""
        return self.server.control(verb, **arguments)

    def hold(self, account: str, symbol: str, quantity: int) -> None:
        """Have the broker hold a position."""
        self.control("set_position", account=account, symbol=symbol, quantity=quantity)

    def order(self, account: str, symbol: str, side: int, kind: int, quantity: int, away: float) -> str:
        """Place an order away from the market; returns our name for it once it works."""
        self._orders += 1
        name = f"OUT{self._orders}"
        price = float(Decimal(str(self.control("state")["last"][symbol]))) + away
        self._visit.send(
            SubmitNewSingleOrder(
                Symbol=symbol, TradeAccount=account, ClientOrderID=name, OrderType=kind, BuySell=side,
                Price1=round(price * 4) / 4, Quantity=float(quantity), TimeInForce=1,
            )
        )  # fmt: skip
        self.until(lambda: self.status(name) == "WORKING", f"{name} to work")
        return name

    def until(self, is_so: Callable[[], bool], what: str, within_s: float = 10.0) -> None:
        """Wait until something is so at the broker."""
        due_s = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < due_s, (what, self.control("state"))
            self._visit.until(lambda: False, time.monotonic() + 0.02)

    def status(self, name: str) -> str:
        """Return the status of an order."""
        found = [one["status"] for one in self.control("state")["orders"] if one["client_order_id"] == name]
        return str(found[0]) if found else ""

    def working(self) -> list[dict[str, Any]]:
        """Return the orders that work."""
        return [one for one in self.control("state")["orders"] if one["status"] in ("WORKING", "PARTIAL")]

    def positions(self) -> dict[tuple[str, str], float]:
        """Return what is open."""
        rows = self.control("state")["positions"]
        return {(one["account"], one["symbol"]): float(one["quantity"]) for one in rows if float(one["quantity"])}

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self.server.stop()
        self._store.close()


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path / "venue")
    yield made
    made.close()


class Panic:
    """A panic that acts alone, in this process."""

    def __init__(self, folder: Path, *lines: ConnectionSettings) -> None:
        folder.mkdir(exist_ok=True)
        self.files = PanicFiles(folder)
        self.said: list[str] = []
        self.lines = lines
        self.reached: Checkpoint = passing

    def act(self, *accounts: str) -> list[str]:
        """Do it; returns what is left."""
        clock = SystemClock()
        request = Request("r", clock.now(), (), accounts)
        return Alone(self.files, request, {}, "TEST", clock, self.said.append, self.reached).act(self.lines)

    @property
    def record(self) -> str:
        """What was written."""
        return (self.files.folder / "panic.jsonl").read_text()


@pytest.fixture
def panic(tmp_path: Path, venue: Venue) -> Panic:
    return Panic(tmp_path / "terminal", venue.settings)
