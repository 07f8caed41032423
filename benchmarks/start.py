"""From the start of the process to the shell frame and to the first real frame; memory at rest. Peer: a bare window."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Row, middle

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5

BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([""])
window = QMainWindow()
window.show()
app.processEvents()
print(time.time() - float(sys.argv[1]))
"""

# The terminal as it is, told by its own frame signal when it first shows an account.
TERMINAL = """
import sys, time
started, folder = float(sys.argv[1]), sys.argv[2]
from app import application
from app.config import parse_options
from app.data_folder import occupied

def resident_mib():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
    except OSError:
        return 0.0

marks = {}
paint = application.shell

def shell(options, stored):
    made = paint(options, stored)
    marks["shell"] = time.time() - started
    import app.terminal as assembled
    connect = assembled.Terminal._connect

    def connected(terminal):
        connect(terminal)

        def frame(snapshot, now, monotonic_s):
            if snapshot.accounts and "real" not in marks:
                terminal._app.processEvents()
                marks["real"] = time.time() - started
                QTimer.singleShot(3000, done)

        def done():
            print(marks["shell"], marks["real"], resident_mib(), flush=True)
            terminal.window.leave()

        from PySide6.QtCore import QTimer
        terminal.bridge.frame.connect(frame)

    assembled.Terminal._connect = connected
    return made

application.shell = shell
options = parse_options(["--data-dir", folder])
with occupied(options.data_dir) as held:
    application.run(options, held)
"""


def rows() -> list[Row]:
    """Measure; every program's bytecode is compiled by an uncounted first run."""
    bare, shell, real, memory = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS + 1):
            (one,) = _run(BARE)
            first, second, resident = _run(TERMINAL, folder)
            if number:
                bare.append(one)
                shell.append(first)
                real.append(second)
                memory.append(resident)
    peer = middle(bare) * 1000
    return [
        Row("start → shell frame", middle(shell) * 1000, "ms", peer, "bare QMainWindow", "≤ 2"),
        Row("start → first real frame", middle(real) * 1000, "ms", peer, "bare QMainWindow", "≤ 4"),
        Row("memory of the terminal at rest", middle(memory), "MiB", 180.0, "the limit we set", "≤ 1"),
    ]


def _run(program: str, *arguments: str) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-c", program, str(time.time()), *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]
