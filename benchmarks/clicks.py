"""From the press of Buy to the first byte of the order on the line: through the window's signal and the engine."""

import tempfile
import time
from decimal import Decimal
from pathlib import Path
from threading import Event

from benchmarks.measure import Row, middle, percentile
from core import commands
from core.model.fill import Side
from core.model.order import OrderType
from tests.end_to_end.conftest import World
from tests.end_to_end.engine_process import Driver

COUNT = 100


def rows() -> list[Row]:
    """Measure, with the intent committed and synchronised on the way."""
    sent, moments = Event(), [0.0]
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))

        def reached(name: str) -> None:
            if name == "send.started":
                moments[0] = time.perf_counter()
                sent.set()

        driver = Driver(world.folder, world.address, {}, reached)
        driver.engine.start()
        driver.ready()
        taken = []
        for number in range(COUNT):
            sent.clear()
            side = Side.BUY if number % 2 == 0 else Side.SELL
            start = time.perf_counter()
            driver.engine.post(
                commands.SubmitOrder(f"click-{number}", driver.key, side, OrderType.MARKET, Decimal(1), confirmed=True)
            )
            assert sent.wait(5.0), "the order did not leave"
            taken.append((moments[0] - start) * 1000)
            driver.settle()
        commit = driver.engine.state.snapshot().database.commit_ms
        driver.engine.stop()
        world.close()
    floor = commit or 0.0
    return [
        Row("press → first order byte, p50", middle(taken), "ms", floor, "one commit of the intent"),
        Row("press → first order byte, p99", percentile(taken, 0.99), "ms", floor, "one commit of the intent"),
    ]
