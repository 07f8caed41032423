"""The named crash points of a test run: kill this process, at once, when a step is reached."""

import os
import signal
from collections.abc import Collection, Mapping

from core.crash_points import CRASH_POINTS
from core.errors import ConfigurationError
from core.ports import Checkpoint, passing

VARIABLE = "STANCHION_CRASH_AT"


def checkpoint_from(environment: Mapping[str, str], points: Collection[str] = CRASH_POINTS) -> Checkpoint:
    """Return the checkpoint a test asked for as NAME or NAME:N (at the n-th time), or the one that does nothing.

    Raises:
        ConfigurationError: the name is not one of the exported points.
    """
    wanted = environment.get(VARIABLE, "")
    if not wanted:
        return passing
    name, _, times = wanted.partition(":")
    if name not in points or not (times or "1").isdigit():
        raise ConfigurationError(f"{VARIABLE}={wanted}: expected one of the named points, optionally with :N.")
    left = [int(times or "1")]

    def reached(step: str) -> None:
        if step == name:
            left[0] -= 1
            if left[0] <= 0:
                kill_self()

    return reached


def kill_self() -> None:
    """End this process without any clean-up (SIGKILL; TerminateProcess on Windows)."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
