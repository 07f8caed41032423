"""Alerts, toasts and sounds in the assembled program, with a market that moves and a process that is killed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[World]:
    """A market whose minutes are seconds."""
    made = World(tmp_path, speed=20.0)
    yield made
    made.close()


def test_an_alert_set_by_its_form_rings_once_and_survives_a_kill(quick: World) -> None:
    steps = ("ready", "alert:2", "alert:-2", "rang:1", "sounded:alert", "facts", "mark", "hang")
    process = quick.engine(*steps, program=WINDOW)
    assert process.stdout is not None
    before = json.loads(process.stdout.readline())
    assert process.stdout.readline() == '{"mark": true}\n'
    process.kill()
    process.wait(20)
    after, later = quick.run("ready", "facts", "pause:2", "facts", "quit", program=WINDOW)
    rang = {name for name, (state, _, _) in before["alerts"].items() if state == "TRIGGERED"}
    assert rang and len(before["alerts"]) == 2
    assert set(after["alerts"]) == set(before["alerts"])
    for name in rang:
        assert before["alerts"][name] == after["alerts"][name] == later["alerts"][name] == ["TRIGGERED", 1, 1]
    said = [text for text in before["notices"] if text.startswith("Alert: ")]
    assert len(said) == len(rang)
    assert invariants.rows(quick.database, "order_record") == [], "no alert trades"
    invariants.check(quick.database)


def test_a_fill_is_one_announcement_one_toast_and_one_sound(world: World) -> None:
    (facts,) = world.run("ready", "buy:1", "sounded:fill", "facts", "quit", program=WINDOW)
    bought = [text for text in facts["notices"] if text.startswith("Bought 1 ")]
    assert len(bought) == 1
    assert [text for text in facts["toasts"] if text.startswith("Bought")] == bought
    assert facts["sounds"].count("fill") == 1
