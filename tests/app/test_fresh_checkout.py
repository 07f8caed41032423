"""The real set-up in an empty folder, with the real network: `./test --long` only."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.setup.layout import Layout, is_ready

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "requirements.lock", "LICENSE", "run", "app", "core", "panels", "services", "data")

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows starts by run.bat"),
]


def wait_for(path: Path, seconds: float = 60) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        pause.wait(0.02)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the repository keeps, in a folder with a space in its name."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


def test_a_set_up_killed_half_way_is_repaired_by_the_next_start_and_skipped_by_the_one_after(checkout: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows starts by run.bat")
    layout = Layout(checkout, windows=False)
    first = subprocess.Popen(
        [checkout / "run", "--help"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(layout.python)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(30)
    assert layout.journal.read_bytes() == b"unfinished"

    second = subprocess.run([checkout / "run", "--help"], capture_output=True, text=True, check=False)
    assert (second.returncode, "usage" in second.stdout.lower()) == (0, True), second.stderr
    assert "Making the environment" in second.stderr
    assert is_ready(layout, checks=False)

    third = subprocess.run([checkout / "run", "--help"], capture_output=True, text=True, check=False)
    assert (third.returncode, third.stderr) == (0, "")
