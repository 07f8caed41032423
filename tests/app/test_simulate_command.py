"""`stanchion simulate --fault …` as it is run: it goes wrong as told, and refuses what it does not know."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.trading import OrderUpdate
from services.simulator.contracts import listed_contracts
from services.simulator.fault_switches import SWITCHES
from tests.services.simulator.client import Client

ROOT = Path(__file__).resolve().parents[2]
ES = listed_contracts(datetime.now(UTC).date())[0].symbol
Start = Callable[..., int]


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "app", "simulate", "--port", "0", "--data-dir", str(folder), *words]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a simulator and return its port."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> int:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command(tmp_path / "data", *words), cwd=ROOT, encoding="utf-8", **pipes)  # type: ignore[call-overload]
        started.append(process)
        return int(json.loads(process.stdout.readline())["port"])

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=20)


def buy(name: str) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(Symbol=ES, TradeAccount="Sim1", ClientOrderID=name, OrderType=1, BuySell=1, Quantity=1)


def test_faults_hold_from_the_start_and_end_when_they_are_used_up(start: Start) -> None:
    port = start("--fault", "reject:count=1,text=Margin, not enough", "--fault", "duplicate:types=ORDER_UPDATE")
    with Client(port) as client:
        client.send(buy("C1"), buy("C2"))
        told = [client.next(OrderUpdate) for _ in range(4)]
    assert [(each.ClientOrderID, each.InfoText) for each in told[:2]] == [("C1", "Margin, not enough")] * 2
    assert [(each.ClientOrderID, each.OrderUpdateReason) for each in told[2:]] == [("C2", 2), ("C2", 4)]


def test_a_fault_can_come_after_a_while(start: Start) -> None:
    port = start("--fault", "restart:after=0.3,ms=60000,memory=no")
    for _ in range(2):
        with Client(port, log_on=False) as dropped_or_refused:
            dropped_or_refused.until_closed()


def test_what_is_unknown_is_one_line_that_names_what_there_is_and_nothing_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = subprocess.run(
        command(folder, "--fault", "dorp"), check=False, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("stanchion: --fault dorp: there is no such fault; expected one of drop, half_open, ")
    assert not folder.exists()


def test_the_help_lists_every_fault() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "simulate", "--help"], check=True, cwd=ROOT, capture_output=True, timeout=60
    )
    said = done.stdout.decode(errors="replace")
    assert [name for name in SWITCHES if f"{name}:" not in said] == []
