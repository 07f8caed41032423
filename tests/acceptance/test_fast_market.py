"""Item 9: in a market of 5,000 updates a second the window answers, and Close leaves at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.feed import ROOT, SYMBOLS, environment, serving

MESSAGES = 5_000 * 2 // 3  # a trade is one message and two updates
LATE_MS, CLOSE_MS = 100, 100


def figures(folder: Path, seconds: float) -> dict[str, list[float]]:
    """Trade for so many seconds with everything open; lateness of the window and times of closes, sorted, ms."""
    with serving(MESSAGES) as port:
        done = subprocess.run(
            [sys.executable, "-m", "tests.acceptance.fast_market", str(folder), port, str(SYMBOLS), str(seconds)],
            env=environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=seconds + 60,
            check=True,
        )
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def test_a_fast_market_is_traded_with_every_panel_open(tmp_path: Path) -> None:
    assert len(figures(tmp_path, 4)["closes"]) >= 3


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ten_minutes_of_a_fast_market_neither_slow_the_window_nor_a_close(tmp_path: Path) -> None:
    found = figures(tmp_path, 600)
    assert len(found["closes"]) > 1000
    assert found["late"][len(found["late"]) * 99 // 100] < LATE_MS
    assert found["closes"][len(found["closes"]) * 99 // 100] <= CLOSE_MS
