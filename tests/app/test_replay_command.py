"""`stanchion simulate --replay` as it is run: what it says, where it keeps things, how it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.dtc.messages.market_data import MarketDataRequest, MarketDataUpdateTrade
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OrderUpdate,
    PositionUpdate,
)
from tests.services.simulator.client import Client
from tests.services.simulator.recordings import (
    SECOND_US,
    START_US,
    moments,
    rows,
    scid_records,
    write_csv,
    write_parquet,
    write_scid,
)

ROOT = Path(__file__).resolve().parents[2]
MES = "MESZ25_FUT_CME"


class Replays:
    """Starts replays and makes sure none is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "app", "simulate", "--port", "0", *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        home = {**os.environ, "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        process = subprocess.Popen(command, cwd=ROOT, encoding="utf-8", env=home, **pipes)  # type: ignore[call-overload]
        self._started.append(process)
        return process  # type: ignore[no-any-return]

    def open(self, *arguments: str) -> tuple[subprocess.Popen[str], int, str]:
        """Start one that will serve; return its port and what it said."""
        process = self.start(*arguments)
        assert process.stdout is not None
        assert process.stderr is not None
        return process, json.loads(process.stdout.readline())["port"], process.stderr.readline()

    def refused(self, *arguments: str) -> str:
        """Return the one line that refuses."""
        process = self.start(*arguments)
        out, said = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, ""), said
        assert said.startswith("stanchion: ")
        assert said.count("\n") == 1, said
        return said

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate(timeout=20)


@pytest.fixture
def replays(tmp_path: Path) -> Iterator[Replays]:
    replays = Replays(tmp_path / "home")
    yield replays
    replays.end()


def buy(name: str) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(Symbol=MES, TradeAccount="Sim1", ClientOrderID=name, OrderType=1, BuySell=1, Quantity=2)


@pytest.mark.parametrize("kind", ["csv", "parquet", "scid"])
def test_a_recording_is_served_with_its_own_time_and_orders_fill_in_it(
    replays: Replays, tmp_path: Path, kind: str
) -> None:
    made, file = moments(3_000), tmp_path / f"MESZ25.{kind}"
    if kind == "scid":
        write_scid(file, scid_records(made))
    else:
        (write_csv if kind == "csv" else write_parquet)(file, rows(made))
    _, port, said = replays.open("--replay", str(file), "--speed", "10")
    assert f"replaying {MES} from 2025-11-20 15:00:00 UTC at ×10" in said
    with Client(port) as client:
        client.send(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=MES))
        trade = client.next(MarketDataUpdateTrade)
        assert trade.DateTime is not None
        assert START_US <= trade.DateTime * SECOND_US < START_US + 300 * SECOND_US
        client.send(buy("C1"))
        fill = client.next(OrderUpdate, lambda each: each.LastFillExecutionID != "")
        assert fill.LastFillPrice is not None
        assert START_US <= fill.LastFillDateTime * 1_000 < START_US + 300 * SECOND_US


def test_it_waits_for_a_client_goes_on_where_it_stood_and_begins_again_when_told(
    replays: Replays, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "MESZ25.csv", rows(moments(6_000)))
    folder = tmp_path / "kept"
    options = ("--replay", str(file), "--speed", "50", "--data-dir", str(folder))
    process, port, _ = replays.open(*options)
    with Client(port) as client:
        client.send(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=MES))
        client.next(MarketDataUpdateTrade)
        client.send(buy("C1"))
        told = client.next(OrderUpdate, lambda each: each.LastFillExecutionID != "")
    process.kill()
    process.wait(20)
    _, port, said = replays.open(*options)
    assert "from 2025-11-20 15:00:00 UTC" not in said
    with Client(port) as client:
        (position,) = client.ask(CurrentPositionsRequest(RequestID=1), PositionUpdate)
        (fill,) = client.ask(HistoricalOrderFillsRequest(RequestID=2, NumberOfDays=1), HistoricalOrderFillResponse)
        assert (position.Quantity, fill.UniqueExecutionID) == (2.0, told.LastFillExecutionID)
    assert "end it first" in replays.refused(*options, "--again")
    replays.end()
    _, port, said = replays.open(*options, "--again")
    assert "from 2025-11-20 15:00:00 UTC" in said
    with Client(port) as client:
        (nothing,) = client.ask(CurrentPositionsRequest(RequestID=1), PositionUpdate)
        assert nothing.NoPositions == 1
    assert (folder / "earlier" / "1" / "simulator.sqlite3").exists()


def test_a_recording_that_is_wrong_further_on_ends_the_run_with_its_line(replays: Replays, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "MESZ25.csv", [*rows(moments(6_000, 1_000)), "and so on"])
    process, port, _ = replays.open("--replay", str(file), "--speed", "50")
    with Client(port) as client:
        client.until_closed()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said == "stanchion: MESZ25.csv, line 12002: there are 1 values; expected 10.\n"


def test_every_recording_has_a_folder_of_its_own(replays: Replays, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "MESZ25.csv", rows(moments(50)))
    said = [replays.open("--replay", str(file), *more)[2] for more in ((), ("--symbol", "MESZ5"))]
    folders = [Path(each.rpartition("kept in ")[2].strip()) for each in said]
    assert len(set(folders)) == 2
    assert {folder.parent.name for folder in folders} == {"replays"}


def test_a_folder_keeps_one_thing(replays: Replays, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "MESZ25.csv", rows(moments(50)))
    other = write_csv(tmp_path / "ESZ25.csv", rows(moments(50), "ESZ25"))
    replay, ordinary = str(tmp_path / "replay"), str(tmp_path / "ordinary")
    replays.open("--replay", str(first), "--data-dir", replay)
    process = replays.start("--data-dir", ordinary)
    assert process.stdout is not None
    process.stdout.readline()
    assert "keeps another replay" in replays.refused("--replay", str(other), "--data-dir", replay)
    assert "keeps a replay" in replays.refused("--data-dir", replay)
    assert "keeps an ordinary simulator" in replays.refused("--replay", str(first), "--data-dir", ordinary)


def test_what_cannot_be_replayed_is_one_line_and_leaves_nothing(replays: Replays, tmp_path: Path) -> None:
    dax = write_csv(tmp_path / "FDAXZ25.csv", [f"{START_US},24000,1"], "time,price,size")
    facts = ("--tick-size", "1", "--tick-value", "25", "--currency", "EUR")
    assert "--again is for a replay" in replays.refused("--again")
    assert "there is no such file" in replays.refused("--replay", str(tmp_path / "none.csv"))
    assert not list(replays.folder.glob("**/replays"))
    assert "--tick-size --tick-value --currency" in replays.refused("--replay", str(dax))
    assert "--tick-size" in replays.refused("--replay", str(dax), "--tick-size", "one")
    assert "nothing to replay" in replays.refused("--replay", str(dax), *facts, "--from", "2026-01-01")
    assert "--from soon" in replays.refused("--replay", str(dax), *facts, "--from", "soon")
    assert "FDAXZ25" in replays.open("--replay", str(dax), *facts)[2]
