"""Memory over millions of trades, and what a chart costs the trading thread for each.

A process of its own puts trades on the board and drains them as the trading thread does: studies, and charts of three
intervals, one of which (of ten trades) has all the bars it may hold after the first million. What is resident then
stands beside what is after ten times as many; wanted is no more than a tenth above.

Floor of the time: adding to a sum of volume by price, as for the studies.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random

from benchmarks.measure import Row
from core.chart_commands import ShowChart
from core.clock import SystemClock
from core.events import TicksWaiting
from core.model.bar import ChartKey, Interval
from core.model.market import Aggressor, Tick
from core.state_manager import StateManager
from services.chart_service import ChartService
from services.market_data_service import MarketDataService
from tests.fakes.broker import FakeBroker

SYMBOL = "ESZ26_FUT_CME"
MILLION = 1_000_000
TIMES = 10
BATCH = 400  # of a fifth of the 10 ms a busy trading thread waits, at 20,000 trades a second
INTERVALS = ("10t", "1s", "1m")


def rows() -> list[Row]:
    """Measure."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory_ticks"],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    seen = f"{TIMES} million trades, {len(INTERVALS)} charts of {found['bars']:,} bars"
    return [
        Row(f"memory after {seen}", found["after"], "MB", found["before"], "after one million", "≤ 1.1"),
        Row("trade → 3 charts", found["charted"], "µs", found["floor"], "sum of volume by price", cpu=found["share"]),
        Row("trade → 1 chart", found["one"], "µs", found["floor"], "sum of volume by price"),
    ]


def main() -> None:
    """Run as the process of its own; one JSON line."""
    state, clock = StateManager(), SystemClock()
    broker = FakeBroker(clock)
    charts = ChartService({"sim": broker}, {}, None, state, clock)
    market = MarketDataService({"sim": broker}, state, (charts.on_ticks,))
    keys = [ChartKey("sim", SYMBOL, Interval.parse(text)) for text in INTERVALS]
    for key in keys:
        charts.on_show(ShowChart(key))
    trades = _trades()
    spent = 0.0
    resident = []
    for million in range(TIMES):
        for _ in range(MILLION // BATCH):
            for tick in islice(trades, BATCH):
                state.put_tick("sim", tick)
            began = time.perf_counter()
            market.on_ticks_waiting(TicksWaiting())
            spent += time.perf_counter() - began
        if million in (0, TIMES - 1):
            gc.collect()
            resident.append(_resident_mb())
    bars = sum(len(state.snapshot().charts[key]) for key in keys)
    charted, one, floor = _folding(keys)
    share = f"{20_000 * charted / 1e4:.0f} % of a core at 20,000/s"
    found = {"before": resident[0], "after": resident[1], "bars": bars, "floor": floor}
    sys.stdout.write(json.dumps({**found, "charted": charted, "one": one, "share": share}) + "\n")


def _trades() -> Iterator[Tick]:
    """Yield trades without end, 1,000 a second: a price that wanders, its numbers shared as those of the wire are."""
    rng, moment, step = Random(1), datetime(2026, 11, 20, 14, 30, tzinfo=UTC), timedelta(milliseconds=1)
    prices = [Decimal(26_000 + tick) / 4 for tick in range(-200, 201)]
    sizes, sides = [Decimal(size) for size in range(1, 10)], (Aggressor.BUYER, Aggressor.SELLER)
    at, number = 200, 0
    while True:
        number += 1
        at = min(max(at + rng.choice((-1, 0, 0, 1)), 0), 400)
        yield Tick(SYMBOL, prices[at], sizes[number % 9], sides[number % 2], moment, moment, number)
        moment += step


def _folding(keys: list[ChartKey]) -> tuple[float, float, float]:
    """Return microseconds a trade for all charts, for one of a minute, and of the floor."""
    from core.market_board import TickBatch
    from services.chart_series import ChartBars

    source = _trades()
    batches = [TickBatch("sim", SYMBOL, tuple(islice(source, BATCH)), 0) for _ in range(250)]
    every, one = [ChartBars(key) for key in keys], ChartBars(keys[-1])
    volumes: dict[Decimal, Decimal] = {}
    took = []
    for bars in (every, [one]):
        began = time.perf_counter()
        for batch in batches:
            for chart in bars:
                chart.fold(batch)
        took.append((time.perf_counter() - began) / (BATCH * len(batches)) * 1e6)
    began = time.perf_counter()
    for batch in batches:
        for tick in batch.ticks:
            volumes[tick.price] = volumes.get(tick.price, Decimal(0)) + tick.volume
    return took[0], took[1], (time.perf_counter() - began) / (BATCH * len(batches)) * 1e6


def _resident_mb() -> float:
    """Return what is in memory now, in MB; where the system does not say, the most there ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
