"""Socket → painted frame: a DTC server sends trades and quotes of 20 symbols as fast as it is told to.

The server is another process. What is measured in the terminal's process: the CPU it takes, how late its GUI thread is
(a 5 ms timer's lateness), and how many updates reached the board: a trade is two, a tick and a quote.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Row

ROOT = Path(__file__).resolve().parent.parent
RATES = (1_000, 5_000, 20_000, 50_000, 100_000)
SECONDS = 4.0
SYMBOLS = 20


def rows() -> list[Row]:
    """Measure each rate in a fresh terminal."""
    found = []
    for rate in RATES:
        sent, cpu, p50, p99, worst = _run(rate)
        what = f"{rate:,} messages/s sent at most, {sent:,.0f} updates/s reached the board: GUI lateness"
        share = f"{cpu:.0f} % of a core"
        found.append(Row(f"{what}, p99", p99, "ms", 16.0, "one frame", "≤ 1", share))
        found.append(Row(f"{what}, p50", p50, "ms", 16.0, "one frame"))
        found.append(Row(f"{what}, longest", worst, "ms", 100.0, "what an eye forgives"))
    return found


@contextmanager
def serving(rate: int, positions: int = 0) -> Iterator[str]:
    """Run a server that sends so many messages a second and holds so many positions, and give its port."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feed_server", str(rate), str(SYMBOLS), str(positions)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=ROOT,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def _run(rate: int) -> tuple[float, float, float, float, float]:
    with tempfile.TemporaryDirectory() as folder, serving(rate) as port:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.feed_terminal", folder, port, str(SYMBOLS), str(SECONDS)],
            env=environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )
    values = [float(word) for word in done.stdout.split()]
    return values[0], values[1], values[2], values[3], values[4]


def environment() -> dict[str, str]:
    """Return what a program of ours is run in."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    return variables
