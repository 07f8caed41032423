"""The embedded simulator: a second process of the same program, a broker with a memory of its own.

It is told to end by the end of its standard input, so it ends when this process does, however that happens. It commits
before each reply; a kill of the terminal leaves its orders, positions and fills where they were.
"""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from core.errors import ConfigurationError

READY_WITHIN_S = 20.0
# One that dies at once is not started again and again.
REVIVE_AFTER_S = 5.0


class SimulatorChild:
    """A running simulator process.

    Attributes:
        port: where it listens on loopback, once `wait_ready` has returned. history_port: of historical prices.
    """

    def __init__(self, folder: Path, root: Path, extra: tuple[str, ...] = ()) -> None:
        self.port = self.history_port = 0
        self._folder = folder
        self._root = root
        self._extra = extra
        self._process = self._spawn()

    def wait_ready(self) -> int:
        """Return the port the child listens on.

        Raises:
            ConfigurationError: it ended or stayed silent; the text carries its own words.
        """
        lines: SimpleQueue[str] = SimpleQueue()
        out = self._process.stdout
        assert out is not None
        Thread(target=lambda: lines.put(out.readline()), name="simulator-ready", daemon=True).start()
        try:
            line = lines.get(timeout=READY_WITHIN_S)
        except Empty:
            line = ""
        if not line.strip():
            self.stop()
            raise ConfigurationError(
                "The built-in simulator did not start; its log is in the data folder's simulator/."
            )
        ready = json.loads(line)
        self.port, self.history_port = int(ready["port"]), int(ready["history_port"])
        return self.port

    def revive(self) -> bool:
        """Start it again on its port if it has ended; True when it had."""
        if self._process.poll() is None or not self.port or time.monotonic() - self._born_s < REVIVE_AFTER_S:
            return False
        self._close_pipes()
        self._process = self._spawn()
        return True

    def stop(self) -> None:
        """Close its standard input and wait for it to end by itself; end it if it does not."""
        if self._process.stdin is not None:
            with suppress(OSError):  # it may have ended with something unread
                self._process.stdin.close()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5.0)
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _spawn(self) -> subprocess.Popen[str]:
        self._born_s = time.monotonic()
        command = [sys.executable, "-P", "-m", "app", "simulate", "--child"]
        ports = ["--port", str(self.port), "--history-port", str(self.history_port)]
        return subprocess.Popen(
            [*command, *ports, "--data-dir", str(self._folder), *self._extra],
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
