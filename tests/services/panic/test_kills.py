"""A panic process killed at any step: the next one finishes the work, and nothing is done twice."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from services.panic import errand
from services.panic.steps import PANIC_POINTS
from tests.services.panic.conftest import MES, Panic, Venue

ROOT = Path(__file__).resolve().parents[3]
PROCESS = Path(__file__).with_name("panic_process.py")
KILLED = -9 if os.name == "posix" else 15
SELL, STOP = 2, 3
ALONE = [point for point in PANIC_POINTS if point != "panic.requested"]


def killed_at(point: str, panic: Panic, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STANCHION_CRASH_AT": point}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    assert done.returncode == KILLED
    assert not panic.files.somebody_acts(), "the claim is free again, however its holder ended"


def sold(venue: Venue) -> float:
    fills = venue.control("state")["fills"]
    return sum(float(one["quantity"]) for one in fills if one["side"] == "SELL")


@pytest.fixture(autouse=True)
def held(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand, "ON_ITS_WAY", timedelta(seconds=0.5))
    venue.hold("Sim1", MES, 2)
    venue.order("Sim1", MES, SELL, STOP, 2, -200)


@pytest.mark.parametrize("point", ALONE)
def test_the_panic_after_a_kill_finishes_the_work_and_doubles_nothing(venue: Venue, panic: Panic, point: str) -> None:
    killed_at(point, panic, str(PROCESS), str(panic.files.folder), str(venue.settings.port))
    assert panic.act() == []
    assert venue.positions() == {} and venue.working() == []
    assert sold(venue) == 2.0


def test_a_kill_right_after_the_request_leaves_the_request(venue: Venue, panic: Panic) -> None:
    address = f"dtc://127.0.0.1:{venue.settings.port}?name=venue"
    words = ("--yes", "--connect", address, "--data-dir", str(panic.files.folder))
    killed_at("panic.requested", panic, "-P", "-m", "app", "panic", *words)
    request = panic.files.request()
    assert request is not None and request.on("venue") and not request.on("other")
    assert venue.positions() == {("Sim1", MES): 2.0}
    assert panic.act() == []
    assert sold(venue) == 2.0
