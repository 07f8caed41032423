"""Only a terminal can be asked to type; the answer decides whether a start waits for a password or says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from app import keyboard

ROOT = Path(__file__).resolve().parents[2]
ASK = "import sys; from app import keyboard; sys.exit(keyboard.is_there())"


@pytest.mark.parametrize("given", [subprocess.DEVNULL, subprocess.PIPE])
def test_nobody_types_into_a_pipe_or_the_null_device(given: int) -> None:
    assert subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, stdin=given, check=False, timeout=60).returncode == 0


def test_somebody_types_at_a_terminal() -> None:
    if sys.platform == "win32":
        pytest.skip("this system has no pseudo terminals")
    import os
    import pty

    ours, theirs = pty.openpty()
    try:
        assert subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, stdin=theirs, check=False).returncode == 1
    finally:
        os.close(ours)
        os.close(theirs)


def test_without_any_input_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert not keyboard.is_there()
