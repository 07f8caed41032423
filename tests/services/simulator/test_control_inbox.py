"""Verbs from wherever they come: planned ones at their time, asked ones answered, the file read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.simulator.control_inbox import ControlInbox
from services.simulator.errors import BadControl
from services.simulator.fault_switches import PlannedFault
from services.simulator.settings import SimulatorSettings


class Done:
    """What was carried out."""

    def __init__(self) -> None:
        self.verbs: list[str] = []

    def __call__(self, verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if verb == "explode":
            raise BadControl("no such verb")
        self.verbs.append(verb)
        return dict(arguments)


def test_planned_faults_come_each_at_its_time_and_once(tmp_path: Path) -> None:
    faults = (PlannedFault("drop", {}, after_s=20.0), PlannedFault("reject", {"text": "Margin"}))
    inbox, done = ControlInbox(SimulatorSettings(tmp_path, faults=faults)), Done()
    inbox.begin(done, 100.0)
    assert done.verbs == ["reject"]
    inbox.run(done, 119.9)
    assert (done.verbs, inbox.is_watching) == (["reject"], True)
    inbox.run(done, 120.0)
    inbox.run(done, 150.0)
    assert (done.verbs, inbox.is_watching) == (["reject", "drop"], False)


def test_who_asked_hears_the_result_or_what_was_wrong_and_the_rest_goes_on(tmp_path: Path) -> None:
    inbox, done = ControlInbox(SimulatorSettings(tmp_path)), Done()
    bad, good = inbox.ask("explode", {}), inbox.ask("state", {"id": 7})
    inbox.run(done, 0.0)
    with pytest.raises(BadControl, match="no such verb"):
        bad.result(0)
    assert good.result(0) == {"id": 7}


def test_the_file_is_read_in_its_turn(tmp_path: Path) -> None:
    inbox, done = ControlInbox(SimulatorSettings(tmp_path, control_file=True)), Done()
    (tmp_path / "control.jsonl").write_text('{"verb": "drop"}\n', encoding="utf-8")
    inbox.run(done, 1.0)
    assert (done.verbs, inbox.is_watching) == (["drop"], True)
