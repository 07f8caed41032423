"""The CPU of a terminal nobody touches: beside its own simulator, and under a live market of 20 symbols."""

import subprocess
import sys
import tempfile

from benchmarks.feed import ROOT, environment, serving
from benchmarks.measure import Row
from benchmarks.rest_terminal import SYMBOLS

SECONDS = 10.0
# Updates a second of all symbols together: a trade is one message and two updates.
RATES = (100, 2_000)
LIMIT = 5.0


def rows() -> list[Row]:
    """Measure each in a fresh terminal."""
    found = [_row("beside its own simulator, 13 markets", _run())]
    for rate in RATES:
        with serving(rate * 2 // 3) as port:
            share = _run("--connect", f"dtc://127.0.0.1:{port}?encoding=binary&name=feed", "--symbol", "S0")
        found.append(_row(f"{SYMBOLS} symbols, {rate:,} updates/s in all", share))
    return found


def _row(what: str, share: float) -> Row:
    return Row(f"CPU at rest: {what}", share, "% of a core", LIMIT, "the limit we set", "≤ 1")


def _run(*words: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.rest_terminal", str(SECONDS), "--data-dir", folder, *words]
        done = subprocess.run(
            command, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=90, check=True
        )
    return float(done.stdout)
