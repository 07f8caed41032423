"""The assembled engine as a process, the simulator as its broker, and a line between them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.end_to_end.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
ENGINE = Path(__file__).with_name("engine_process.py")
WINDOW = Path(__file__).with_name("window_process.py")


class World:
    """A broker, a line to it, and the terminal's data folder.

    Attributes:
        venue: the simulator, in this process; it outlives every terminal.
        line: what terminals connect through.
    """

    def __init__(self, folder: Path, multipliers: Mapping[str, Decimal] | None = None, speed: float = 1.0) -> None:
        self.folder = folder / "terminal"
        self.folder.mkdir()
        settings = SimulatorSettings(
            folder / "venue",
            keep_running=True,
            ends_with_stdin=False,
            seed=11,
            speed=speed,
            price_multipliers=multipliers or {},
        )
        settings.data_dir.mkdir()
        self._store = SqliteSimulatorStore(settings.data_dir / "simulator.sqlite3")
        self.venue = SimulatorServer(settings, self._store)
        self.venue.start()
        self.line = Proxy(self.venue.port)
        self._running: list[subprocess.Popen[str]] = []

    @property
    def database(self) -> Path:
        """The terminal's database."""
        return self.folder / "stanchion.sqlite3"

    @property
    def address(self) -> str:
        """Where terminals connect."""
        return f"dtc://127.0.0.1:{self.line.port}?encoding=binary&name=venue"

    def engine(self, *steps: str, crash_at: str = "", program: Path = ENGINE) -> subprocess.Popen[str]:
        """Start an engine process, or the whole terminal, that takes these steps."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "STANCHION_CRASH_AT": crash_at}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        process = subprocess.Popen(
            [sys.executable, str(program), str(self.folder), self.address, *steps],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        self._running.append(process)
        return process

    def run(self, *steps: str, program: Path = ENGINE) -> list[dict[str, Any]]:
        """Run an engine, or the whole terminal, to its clean end; return the facts it wrote."""
        process = self.engine(*steps, program=program)
        out, _ = process.communicate(timeout=90)
        facts = [json.loads(line) for line in out.splitlines()]
        assert process.returncode == 0, facts
        return facts

    def state(self) -> dict[str, Any]:
        """Return what the broker holds."""
        return self.venue.control("state")

    def broker_quantity(self, account: str = "Sim1") -> float:
        """Return the broker's position in the one symbol that is traded."""
        return sum(float(row["quantity"]) for row in self.state()["positions"] if row["account"] == account)

    def close(self) -> None:
        """End everything."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self.line.close()
        self.venue.stop()
        self._store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()
