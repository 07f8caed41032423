"""The rolling backups of a running terminal: when one is due a child process makes it, and this thread waits for it.

A copy of a large database and its examination take a minute of reading and computing. In a process of its own, with a
lower priority and a read transaction of its own, that costs trading neither the interpreter nor the disk: the fills
booked meanwhile go into the log. The child is `stanchion backup` without a FILE; should this program be killed, it
finishes by itself.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

import structlog

from core.clock import Clock
from core.events import Announcement, Level
from data.preflight import DATABASE_NAME
from data.rolling_backup import FOLDER, backups_in, is_due, newest_at

ROOT = Path(__file__).resolve().parent.parent
FIRST_LOOK_S = 20.0  # the start comes first
LOOK_S = 60.0
AGAIN_S = 3600.0
BUSY = 3  # the exit code of a backup when another is under way
_LOOK_AT_CHILD_S = 0.25

_log = structlog.get_logger("backups")


class Backups:
    """Watches over the backups of a data folder.

    Attributes:
        thread: the one that waits; it reads a folder, and nothing else.
    """

    def __init__(
        self,
        folder: Path,
        announce: Callable[[Announcement], None],
        clock: Clock,
        command: Sequence[str] = (sys.executable, "-P", "-m", "app", "backup"),
        first_look_s: float = FIRST_LOOK_S,
        look_s: float = LOOK_S,
        again_s: float = AGAIN_S,
    ) -> None:
        """Prepare.

        Args:
            announce: called on the thread of this object, without any lock.
            command: makes one backup, with `--data-dir` and the folder behind it.
        """
        self._folder = folder
        self._announce = announce
        self._clock = clock
        self._command = (*command, "--data-dir", str(folder))
        self._first_look_s = first_look_s
        self._look_s = look_s
        self._again_s = again_s
        self._failed = False
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Start the thread; called once."""
        self.thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread, and a backup that is under way; any thread may call, and twice."""
        self._stopping.set()
        if self.thread.is_alive():
            self.thread.join(timeout_s)

    def _run(self) -> None:
        wait_s = self._first_look_s
        while not self._stopping.wait(wait_s):
            wait_s = self._look()

    def _look(self) -> float:
        """Have a backup made if one is due; return the seconds until the next look."""
        try:
            names = [path.name for path in backups_in(self._folder / FOLDER)]
            if not is_due(newest_at(names, self._clock.now()), self._clock.now()):
                return self._look_s
            code, said = self._made()
        except OSError as error:
            code, said = -1, f"{error.strerror or error}."
        except Exception as error:
            _log.critical("backup fault", error=repr(error), exc_info=True)
            code, said = -1, f"an unexpected fault ({type(error).__name__}); the log has the details."
        if self._stopping.is_set() or code == BUSY:
            return self._look_s
        self._tell(code == 0, said)
        return self._look_s if code == 0 else self._again_s

    def _made(self) -> tuple[int, str]:
        """Run the child to its end; return its exit code, and what it said of a failure."""
        process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        with process:
            while process.poll() is None:
                if self._stopping.wait(_LOOK_AT_CHILD_S):
                    process.kill()
                    break
            said = process.stderr.read() if process.stderr is not None else ""
        lines = said.strip().splitlines()
        return process.wait(), lines[-1].removeprefix("stanchion: ") if lines else "it ended without a word."

    def _tell(self, is_made: bool, said: str) -> None:
        """Say of a failure once, and of the end of failing; a backup like every day's is no news."""
        if is_made:
            _log.info("backup made")
            if self._failed:
                self._say(Level.INFO, "A backup was made and examined again.")
        else:
            _log.error("no backup", reason=said)
            if not self._failed:
                self._say(
                    Level.ERROR,
                    f"No backup was made: {said} Trading goes on, and {DATABASE_NAME} was only read. It is tried again "
                    "every hour; `stanchion doctor` examines everything.",
                )
        self._failed = not is_made

    def _say(self, level: Level, text: str) -> None:
        self._announce(Announcement(level, text, self._clock.now()))
