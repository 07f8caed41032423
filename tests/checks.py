"""Every check of the project, one after the other; a summary at the end. Called by `./test` in its environment.

All of them run even when one fails. What is given on the command line goes on to pytest.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Check(NamedTuple):
    """A check: its name in the summary, and the arguments after `python`."""

    name: str
    arguments: tuple[str, ...]


class Outcome(NamedTuple):
    """How a check ended, and how long it took."""

    name: str
    exit_code: int
    seconds: float


def all_checks(for_pytest: Sequence[str]) -> tuple[Check, ...]:
    """List the checks, the quick ones first."""
    contracts = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return (
        Check("ruff check", ("-m", "ruff", "check", "--quiet", ".")),
        Check("ruff format", ("-m", "ruff", "format", "--quiet", "--check", ".")),
        Check("import contracts", ("-c", contracts, "--no-cache", "--no-logo")),
        Check("mypy", ("-m", "mypy")),
        *(Check(f"mypy, {name}", mypy_for(platform)) for name, platform in (("Windows", "win32"), ("macOS", "darwin"))),
        Check("pytest", ("-m", "pytest", "-n", "2", "--dist", "worksteal", *for_pytest)),
    )


def mypy_for(platform: str) -> tuple[str, ...]:
    """Return the arguments of mypy as if run elsewhere; a cache for each, or each would throw away the other's."""
    return ("-m", "mypy", "--platform", platform, "--cache-dir", f".mypy_cache/{platform}")


def run(check: Check) -> Outcome:
    """Run one check in the checkout, without a screen and without input; its output goes where ours goes."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    sys.stdout.write(f"--- {check.name}\n")
    sys.stdout.flush()
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-P", *check.arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    return Outcome(check.name, done.returncode, time.monotonic() - start)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the closing table, a line per check."""
    lines = [
        f"{each.name:<18}{'ok' if each.exit_code == 0 else f'FAILED ({each.exit_code})':<12}{each.seconds:7.1f} s"
        for each in outcomes
    ]
    return "\n".join(["", *lines, ""])


def main(arguments: Sequence[str]) -> int:
    """Run everything; 0 only if everything passed."""
    outcomes = [run(check) for check in all_checks(arguments)]
    sys.stdout.write(summary(outcomes))
    return int(any(each.exit_code != 0 for each in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
