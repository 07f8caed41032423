"""What takes several steps, against the real simulator on loopback: a close until proven flat, an entry until covered.

The simulator is in this process, the terminal's engine in another. The floor of each is one raw commit for every commit
the procedure makes; the simulator commits too before it answers, and each answer is a round trip.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.feed import ROOT, environment
from benchmarks.measure import Row, middle, percentile
from tests.end_to_end.conftest import World

NAMES = {
    "flat": "Close pressed → flat in the books",
    "confirmed": "Close pressed → flat confirmed by the broker",
    "with exits, flat": "Close pressed, two exits cancelled first → flat in the books",
    "with exits, confirmed": "Close pressed, two exits cancelled first → flat confirmed by the broker",
    "covered": "entry with a bracket pressed → its stop works at the broker",
}


def rows() -> list[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            address = f"dtc://127.0.0.1:{world.venue.port}?encoding=binary&name=venue"
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.procedure_terminal", str(world.folder), address],
                env=environment(),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
                timeout=300,
                check=True,
            )
        finally:
            world.close()
    measured: list[tuple[str, float, int, float]] = json.loads(done.stdout)
    found = []
    for name, what in NAMES.items():
        taken = [took for one, took, _, _ in measured if one == name]
        floor = [raw for one, _, _, raw in measured if one == name]
        commits = f"{middle([made for one, _, made, _ in measured if one == name]):.0f} raw commits"
        found.append(Row(f"{what}, p50", middle(taken), "ms", middle(floor), commits))
        found.append(Row(f"{what}, p99", percentile(taken, 0.99), "ms", percentile(floor, 0.99), f"{commits}, p99"))
    return found
