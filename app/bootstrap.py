"""Make a checkout ready to run, then hand over to the program in it.

Standard library only: this is run by whatever Python the machine has (`run`, `run.bat`), before anything is installed.
This file, unlike those in `app.setup`, is kept readable to an older Python, so that it can be told why it is refused.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)
EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Make ready what is not ready, then hand over; returns an exit code only where it cannot."""
    refusal = python_refusal(sys.version_info)
    if refusal:
        sys.stderr.write(refusal + "\n")
        return EXIT_REFUSED
    return start(Path(__file__).resolve().parent.parent, arguments)


def python_refusal(version: Sequence[object]) -> str:
    """Return the line for a Python that is too old, or nothing."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ""
    return "Stanchion needs Python 3.11 or newer; this is {}.{}.".format(*version[:2])


def start(root: Path, arguments: Sequence[str]) -> int:
    """Set up the checkout at `root` where its stamp is missing, then become the program."""
    sys.path.insert(0, str(root))
    from app.setup import layout as layouts

    request = layouts.request_from(arguments)
    layout = layouts.Layout(root, sys.platform == "win32")
    if not layouts.is_ready(layout, request.checks):
        from app.setup.environment import set_up
        from app.setup.steps import SetupFailed

        try:
            set_up(layout, request.checks)
        except SetupFailed as error:
            sys.stderr.write(f"{error}\n")
            return EXIT_REFUSED
        except KeyboardInterrupt:
            sys.stderr.write("The set-up was interrupted; the next start begins it again.\n")
            return EXIT_INTERRUPTED
    return hand_over(layouts.hand_over_command(layout, request), layout.windows)


def hand_over(command: Sequence[str], windows: bool) -> int:
    """Become the program; Windows has no such call, so there it is waited for and its exit code returned."""
    if not windows:
        os.execv(command[0], list(command))
    with subprocess.Popen(list(command)) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:  # the program got it too, and decides
                continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
