"""The names of the faults: one table for control file and command line, and plain sentences for what is wrong."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigurationError
from services.dtc.enums import LogonStatusEnum
from services.simulator.control import Control
from services.simulator.fault_switches import SWITCHES, VERBS, PlannedFault, planned_fault, summary


@pytest.mark.parametrize("name", VERBS)
def test_the_table_says_what_the_control_takes(name: str) -> None:
    taken = inspect.signature(getattr(Control, f"_{name}")).parameters
    assert set(VERBS[name].takes) == set(taken) - {"self"}
    needed = {each.name for each in taken.values() if each.default is each.empty and each.name != "self"}
    assert set(VERBS[name].needs) == needed


@pytest.mark.parametrize(
    ("words", "verb", "arguments", "after_s"),
    [
        ("drop", "drop", {}, 0.0),
        ("drop:after=20", "drop", {}, 20.0),
        ("drop:reset=yes,after=0.5", "drop", {"reset": True}, 0.5),
        ("reject:count=3,text=Margin", "reject", {"count": 3, "text": "Margin"}, 0.0),
        ("reject:text=No, not today,count=1", "reject", {"text": "No, not today", "count": 1}, 0.0),
        ("reject-stop:text=Too far", "reject_stop", {"text": "Too far"}, 0.0),
        ("reject_child:which=both,count=2", "reject_child", {"which": "both", "count": 2}, 0.0),
        ("no-oco", "no_oco", {}, 0.0),
        ("duplicate:types=301,count=2", "duplicate", {"types": [301], "count": 2}, 0.0),
        ("mute:types=301,POSITION_UPDATE,skip=1", "mute", {"types": [301, 306], "skip": 1}, 0.0),
        ("reorder:types=order_update,behind=2", "reorder", {"types": [301], "behind": 2}, 0.0),
        ("reorder:types=301,unasked=on", "reorder", {"types": [301], "unasked": True}, 0.0),
        ("delay:ms=1500", "delay", {"ms": 1500.0}, 0.0),
        ("half_open:after=30", "half_open", {}, 30.0),
        ("restart:after=60,memory=no", "restart", {"memory": False}, 60.0),
        ("refuse_logon:result=3", "refuse_logon", {"result": LogonStatusEnum.LOGON_ERROR_NO_RECONNECT}, 0.0),
    ],
)
def test_a_fault_of_the_command_line_is_read(words: str, verb: str, arguments: dict[str, Any], after_s: float) -> None:
    assert planned_fault(words) == PlannedFault(verb, arguments, after_s)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("explode", f"there is no such fault; expected one of {', '.join(SWITCHES)}."),
        ("set_position:account=Sim1", "there is no such fault"),
        ("drop:gently=yes", "drop has no 'gently'; expected reset, after."),
        ("drop:gently", "'gently' is not KEY=VALUE."),
        ("drop:reset=maybe", "'maybe' is neither yes nor no."),
        ("drop:after=soon", "after 'soon' cannot be used; expected 0 or more."),
        ("delay", "delay needs ms."),
        ("delay:ms=nan", "ms 'nan' cannot be used"),
        ("delay:ms=-1", "ms '-1' cannot be used"),
        ("reject:count=-1", "'-1' is not a whole number; expected 0 or more."),
        ("mute", "mute needs types."),
        ("mute:types=", "'' is not a message the server sends"),
        ("mute:types=HEARTBEAT", "'HEARTBEAT' is not a message the server sends"),
        ("mute:types=POSITIONS_UPDATE", "such as 306 or POSITION_UPDATE."),
        ("refuse_logon:result=1", "'1' is no refusal; expected 2, 3, 4."),
    ],
)
def test_what_makes_no_sense_is_one_sentence_that_names_it_and_what_is_possible(words: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        planned_fault(words)
    said = str(refusal.value)
    assert said.startswith("--fault ") and told in said
    assert "\n" not in said


def test_the_summary_and_the_page_name_every_switch() -> None:
    page = Path(__file__).resolve().parents[3].joinpath("docs", "simulator.md").read_text(encoding="utf-8")
    for name in SWITCHES:
        assert f"{name}:" in summary() and f'"{name}"' in page
