"""The embedded simulator: ready when it says so, started again when it dies, ended with us."""

import signal
import sys
from pathlib import Path

import pytest

from app import simulator_child
from app.application import ROOT
from app.simulator_child import SimulatorChild
from tests.end_to_end.deadlines import until


def test_a_dead_simulator_is_started_again_on_its_port_but_not_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = SimulatorChild(tmp_path, ROOT)
    try:
        port = child.wait_ready()
        child._process.kill()
        until(lambda: child._process.poll() is not None, "it to be dead")
        assert not child.revive(), "one that dies at once is not started again and again"
        monkeypatch.setattr(simulator_child, "REVIVE_AFTER_S", 0.0)
        assert child.revive()
        assert child.port == port
        assert not child.revive(), "it runs"
    finally:
        child.stop()


def test_stopping_ends_it_by_the_end_of_its_input(tmp_path: Path) -> None:
    child = SimulatorChild(tmp_path, ROOT)
    child.wait_ready()
    child.stop()
    assert child._process.returncode == 0
    if sys.platform != "win32":
        assert child._process.returncode != -signal.SIGKILL
