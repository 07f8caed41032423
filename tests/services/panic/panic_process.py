"""A panic that acts alone, as a process to be killed: `python panic_process.py FOLDER PORT`."""

import os
import sys
from pathlib import Path

from app.checkpoint import checkpoint_from
from core.clock import SystemClock
from services.dtc.address import ConnectionSettings
from services.panic.alone import Alone
from services.panic.files import PanicFiles, Request
from services.panic.steps import PANIC_POINTS

if __name__ == "__main__":
    clock = SystemClock()
    files = PanicFiles(Path(sys.argv[1]))
    alone = Alone(
        files, Request("r", clock.now()), {}, "TEST", clock, lambda _: None, checkpoint_from(os.environ, PANIC_POINTS)
    )
    sys.exit(bool(alone.act([ConnectionSettings("venue", "127.0.0.1", int(sys.argv[2]))])))
