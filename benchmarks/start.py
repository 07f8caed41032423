"""From the start of the process to the shell frame, the first real frame and the running engine; memory at rest.

The first real frame is the first one painted with the open position of the database in it. Peer: a bare window. Both
are run turn by turn, and the quickest run of each counts.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Row

ROOT = Path(__file__).resolve().parent.parent
RUNS = 9
TERMINAL = "benchmarks.start_terminal"

BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([""])
window = QMainWindow()
window.show()
app.processEvents()
print(time.time() - float(sys.argv[1]), time.process_time())
"""


def rows() -> list[Row]:
    """Measure, turn by turn; every program's bytecode is compiled, and two contracts are bought, by uncounted runs."""
    bare, runs = [], []
    with tempfile.TemporaryDirectory() as folder:
        _run(["-c", BARE])
        _run(["-m", TERMINAL], folder, "buy")
        for _ in range(RUNS):
            bare.append(_run(["-c", BARE]))
            runs.append(_run(["-m", TERMINAL], folder))
    # The quickest of each: what else the machine does can only add, and adds more to what takes longer.
    floor, floor_cpu = map(min, zip(*bare, strict=True))
    shell, shell_cpu, real, real_cpu, running, running_cpu, memory = map(min, zip(*runs, strict=True))

    def row(name: str, taken: float, cpu: float, target: str = "") -> Row:
        words = f"{cpu * 1000:.0f} ms, {cpu / floor_cpu:.2f} × that of the floor"
        return Row(name, taken * 1000, "ms", floor * 1000, "bare QMainWindow", target, words)

    return [
        row("start → shell frame", shell, shell_cpu, "≤ 2"),
        row("start → first real frame", real, real_cpu, "≤ 4"),
        row("start → engine running behind it", running, running_cpu),
        Row("memory of the terminal at rest", memory, "MiB", 180.0, "the limit we set", "≤ 1"),
    ]


def _run(program: list[str], *arguments: str) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a trader's start finds what the one before has compiled
    command = [sys.executable, *program, str(time.time()), *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]
