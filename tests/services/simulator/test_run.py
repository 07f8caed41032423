"""The simulator as a child process: ready line, end with its parent, a memory that survives being killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.simulator.contracts import listed_contracts
from tests.services.simulator.client import Client

ES = listed_contracts(datetime.now(UTC).date())[0].symbol
PROGRAM = """
import sys
from pathlib import Path
from data.simulator_store import SqliteSimulatorStore
from services.simulator.run import serve
from services.simulator.settings import SimulatorSettings
folder = Path(sys.argv[1])
settings = SimulatorSettings(folder, latency_ms=int(sys.argv[2]))
sys.exit(serve(settings, SqliteSimulatorStore(folder / "simulator.sqlite3"), sys.stdin, sys.stdout))
"""
ROOT = Path(__file__).parents[3]


class Children:
    """Starts simulators and makes sure none is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, latency_ms: int = 0) -> tuple[subprocess.Popen[str], int]:
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.folder), str(latency_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.started.append(child)
        assert child.stdout is not None
        return child, json.loads(child.stdout.readline())["port"]

    def end(self) -> None:
        for child in self.started:
            child.kill()
            child.wait(20)
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    children = Children(tmp_path)
    yield children
    children.end()


def buy(name: str) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(Symbol=ES, TradeAccount="Sim1", ClientOrderID=name, OrderType=1, BuySell=1, Quantity=1)


def test_a_killed_simulator_remembers_every_fill_it_told(children: Children) -> None:
    child, port = children.start()
    with Client(port) as client:
        client.send(buy("C1"))
        told = client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
        child.kill()
        child.wait(20)
    _, port = children.start()
    with Client(port) as client:
        (position,) = client.ask(CurrentPositionsRequest(RequestID=1), PositionUpdate)
        assert (position.Quantity, position.AveragePrice) == (1.0, told.LastFillPrice)
        (fill,) = client.ask(HistoricalOrderFillsRequest(RequestID=2), HistoricalOrderFillResponse)
        assert fill.UniqueExecutionID == told.LastFillExecutionID


def test_it_ends_with_its_parent_and_does_what_was_sent_before(children: Children) -> None:
    child, port = children.start(latency_ms=60_000)
    assert child.stdin is not None
    with Client(port) as client:
        client.send(buy("C1"))
        child.stdin.close()
        assert child.wait(20) == 0
    _, port = children.start()
    with Client(port) as client:
        (position,) = client.ask(CurrentPositionsRequest(RequestID=1), PositionUpdate)
        assert position.Quantity == 1.0
