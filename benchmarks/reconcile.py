"""Our books against the broker's list, 50 scopes of each: from the complete answer to what a window draws from.

The broker is another process. The first answer finds 50 positions we never heard of; they are adopted, and every later
one finds 50 that match. Floor: the same 50 rows read by the bare driver and compared as numbers.
"""

import sqlite3
import tempfile
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from benchmarks.feed import serving
from benchmarks.measure import Row, middle, percentile, times_ms
from core import commands, events
from core.messages import Message
from tests.end_to_end.engine_process import Driver

SCOPES = 50
TIMES = 60


def rows() -> list[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder, serving(0, SCOPES) as port:
        driver = Driver(Path(folder), f"dtc://127.0.0.1:{port}?encoding=binary&name=feed", {})
        taken = _timed(driver)
        driver.engine.start()
        driver.ready()
        driver.wait(lambda s: len(s.positions) == SCOPES, f"{SCOPES} positions")
        first, floor = taken[0], []
        taken.clear()
        with closing(sqlite3.connect(Path(folder) / "stanchion.sqlite3")) as reader:
            assert _compared(reader), "the positions were not adopted"
            for number in range(TIMES):
                floor.extend(times_ms(lambda _: _compared(reader), 1, warm=0))
                driver.engine.post(commands.AskBroker(driver.key.connection))
                driver.wait(lambda _, after=number: len(taken) > after, "an answer")  # type: ignore[misc]
        driver.engine.stop()
    base, name = middle(floor), f"{SCOPES} rows read and compared"
    return [
        Row(f"{SCOPES} unknown positions: received → compared → published, once", first, "ms", base, name),
        Row(f"{SCOPES} positions that match: received → compared → published, p50", middle(taken), "ms", base, name),
        Row("… p99", percentile(taken, 0.99), "ms", percentile(floor, 0.99), f"{name}, p99"),
    ]


def _timed(driver: Driver) -> list[float]:
    """Return the list to which the trading thread adds how long it took over each complete answer, in milliseconds."""
    taken: list[float] = []
    handle = driver.engine.loop.handle

    def timed(message: Message) -> None:
        began = time.perf_counter()
        handle(message)
        if isinstance(message, events.SnapshotReceived):
            taken.append((time.perf_counter() - began) * 1000)

    driver.engine.loop.handle = timed  # type: ignore[method-assign]
    return taken


def _compared(reader: sqlite3.Connection) -> bool:
    ours = {symbol: Decimal(qty) for symbol, qty in reader.execute("SELECT symbol, qty FROM open_position")}
    return ours == {f"P{number}": Decimal(1) for number in range(SCOPES)}
