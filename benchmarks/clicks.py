"""From the press of Buy to the last byte of the order on the line, with the whole window: at rest, and under a feed.

The server is another process. The intent is committed and synchronised on the way, so the floor is that and a write.
"""

import json
import subprocess
import sys
import tempfile

from benchmarks.feed import ROOT, SYMBOLS, environment, serving
from benchmarks.measure import Row, middle, percentile

# Updates a second of all symbols together; a trade is one message and two updates.
MARKETS = {"at rest": 0, "at 5,000 updates/s": 5_000}
FLOOR = "raw commit, then a socket write"


def rows() -> list[Row]:
    """Measure each market in a fresh terminal."""
    found = []
    for market, rate in MARKETS.items():
        # A press needs a price: at rest there is one update of each symbol a second.
        taken, floor = _run(max(SYMBOLS, rate * 2 // 3))
        what = f"press → order on the line, {market}"
        found.append(Row(f"{what}, p50", middle(taken), "ms", middle(floor), FLOOR))
        found.append(Row(f"{what}, p99", percentile(taken, 0.99), "ms", percentile(floor, 0.99), f"{FLOOR}, p99"))
    return found


def _run(rate: int) -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory() as folder, serving(rate) as port:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.click_terminal", folder, port, str(SYMBOLS)],
            env=environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=120,
            check=True,
        )
    taken, floor = json.loads(done.stdout)
    return taken, floor
