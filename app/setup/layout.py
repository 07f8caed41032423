"""Where the set-up keeps things, how a finished one is recognised, and what follows it. Decides, does nothing.

A set-up is finished when its stamp, a hash of the lock file, the Python and the place, lies in `.venv`.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    """What was asked of `run`: the program or the checks, and the arguments that go on to it."""

    checks: bool
    arguments: tuple[str, ...]


class Layout(NamedTuple):
    """Where things lie in the checkout at `root`; `windows` because an environment looks different there."""

    root: Path
    windows: bool

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if self.windows else "bin/python")

    @property
    def pointer(self) -> Path:
        """The file by which an environment of Windows finds the checkout, as the installation of it is called."""
        return self.venv / "Lib" / "site-packages" / "_stanchion.pth"

    @property
    def journal(self) -> Path:
        return self.root / ".setup.lock"

    def lock_file(self, checks: bool) -> Path:
        return self.root / ("requirements-test.lock" if checks else "requirements.lock")

    def stamp(self, checks: bool) -> Path:
        return self.venv / ("test.stamp" if checks else "run.stamp")


def request_from(arguments: Sequence[str]) -> Request:
    """Tell `./test` (a leading `--checks`) from `./run`; everything else is passed on untouched."""
    if arguments[:1] == ["--checks"]:
        return Request(True, tuple(arguments[1:]))
    return Request(False, tuple(arguments))


def fingerprint(lock_content: bytes, version: Sequence[object], platform: str, root: Path) -> str:
    """Return what a stamp must hold for the environment to fit this lock, this Python and this place."""
    place = "{}.{} {} {}".format(*version[:2], platform, root)
    # A checkout on Windows may have turned the line ends.
    return hashlib.sha256(lock_content.replace(b"\r\n", b"\n") + place.encode()).hexdigest()


def hand_over_command(layout: Layout, request: Request) -> list[str]:
    """Return the command that replaces this process; `-P` keeps a folder named `data` where the user is out of it."""
    what = [str(layout.root / "tests" / "checks.py")] if request.checks else ["-m", "app"]
    return [str(layout.python), "-P", *what, *request.arguments]


def fingerprint_here(layout: Layout, checks: bool) -> str:
    """Return the fingerprint for the Python that runs this."""
    return fingerprint(layout.lock_file(checks).read_bytes(), sys.version_info, sys.platform, layout.root)


def is_ready(layout: Layout, checks: bool) -> bool:
    """Say whether an earlier set-up finished for exactly this lock file, Python and place."""
    try:
        stamp = layout.stamp(checks).read_text(encoding="ascii")
        return stamp == fingerprint_here(layout, checks) and layout.python.exists()
    except (OSError, UnicodeDecodeError):
        return False
