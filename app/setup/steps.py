"""Run one step of the set-up, and say so in one line."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence


class SetupFailed(Exception):
    """The checkout cannot be made ready; the text is the line shown to the user."""


def say(line: str) -> None:
    """Write one line for the user; not to stdout, which belongs to the program."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def execute(command: Sequence[str], doing: str, environment: Mapping[str, str], keeps: Iterable[int] = ()) -> None:
    """Run a step of the set-up in silence; the files it `keeps` open hold the lock even when we are killed.

    Raises:
        SetupFailed: it could not be started or failed; the text ends with the last it said.
    """
    try:
        done = subprocess.run(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            pass_fds=tuple(keeps),
        )
    except OSError as error:
        raise SetupFailed(f"{doing} failed: {error}") from error
    if done.returncode != 0:
        last = done.stdout.decode("utf-8", "replace").strip().splitlines()[-12:]
        raise SetupFailed("\n".join([f"{doing} failed:", *("  " + line for line in last)]))
