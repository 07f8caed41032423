"""A screen, a session and the program in it, all of its own, for as long as the tests need them."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "dbus-daemon")
SERVICE = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
END_WITHIN_S = 10.0


def missing() -> str:
    """Return what this machine lacks for a screen reader's view of the program; "" when nothing."""
    if not sys.platform.startswith("linux"):
        return "the accessibility bus is Linux's; elsewhere the same tree is served by the system"
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if not SERVICE.exists():
        lacking.append("at-spi2-core")
    return f"not installed: {', '.join(lacking)}" if lacking else ""


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """End a process when done with it."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Give a display; the server chooses its number."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL, text=True)
    os.close(writing)
    with ended(server), os.fdopen(reading) as numbers:
        yield f":{numbers.readline().strip()}"


@contextlib.contextmanager
def session_bus(environment: dict[str, str]) -> Iterator[str]:
    """Give a session bus; what it starts ends with it."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    bus = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    with ended(bus):
        assert bus.stdout is not None
        yield bus.stdout.readline().strip()


@contextlib.contextmanager
def terminal(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run the real program over a data folder of its own."""
    command = [sys.executable, "-m", "app", "--data-dir", str(folder)]
    log = (folder.parent / "output.txt").open("w")
    program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)
    with log, ended(program):
        yield program
