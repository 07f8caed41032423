"""The program ends with something open: as the trader chose, or at once when the system asks, never in silence."""

import json
import signal
import sys
from typing import Any

import pytest

from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World

DIALOGS = [(), ("shut",)]


def last_run(world: World) -> dict[str, Any]:
    return invariants.rows(world.database, "run")[-1]


def ended_clean_with_two(world: World) -> None:
    """Check that nothing was closed, that the end is clean, and that the next start confirms the position."""
    assert world.broker_quantity() == 2.0
    assert last_run(world)["ended_at"]
    (position,) = invariants.rows(world.database, "open_position")
    assert position["qty"] == "2"
    invariants.check(world.database)
    (again,) = world.run("ready", "facts", "quit", program=WINDOW)
    assert again["labels"]["p2Side"].startswith("LONG 2")


@pytest.mark.row(132)
@pytest.mark.parametrize("dialog", DIALOGS)
def test_the_end_of_the_session_closes_nothing_asks_nothing_and_is_clean(world: World, dialog: tuple[str, ...]) -> None:
    world.run("ready", "buy:2", *dialog, "end", "hang", program=WINDOW)
    ended_clean_with_two(world)


@pytest.mark.row(132)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal from outside")
@pytest.mark.parametrize("dialog", DIALOGS)
def test_a_polite_kill_is_a_clean_end(world: World, dialog: tuple[str, ...]) -> None:
    process = world.engine("ready", "buy:2", *dialog, "mark", "hang", program=WINDOW)
    assert process.stdin is not None and process.stdout is not None
    assert json.loads(process.stdout.readline()) == {"mark": True}
    process.stdin.write("\n")
    process.stdin.flush()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    ended_clean_with_two(world)


@pytest.mark.row(132)
def test_keeping_leaves_what_is_open_at_the_broker(world: World) -> None:
    world.run("ready", "buy:2", "stop:40", "shut", "press:quitKeep", "hang", program=WINDOW)
    (stop,) = [one for one in world.state()["orders"] if one["side"] == "SELL"]
    assert stop["status"] == "WORKING"
    ended_clean_with_two(world)


@pytest.mark.row(132)
def test_flattening_ends_when_the_broker_is_flat(world: World) -> None:
    world.run("ready", "buy:2", "stop:40", "shut", "press:quitFlatten", "hang", program=WINDOW)
    assert world.broker_quantity() == 0.0
    assert invariants.rows(world.database, "open_position") == [] and last_run(world)["ended_at"]
    assert [one for one in invariants.rows(world.database, "order_record") if one["state"] == "WORKING"] == []
    invariants.check(world.database)


@pytest.mark.row(132)
def test_cancelling_the_entries_leaves_the_position(world: World) -> None:
    world.run("ready", "buy:2", "entry:80", "shut", "press:quitCancel", "hang", program=WINDOW)
    states = {one["type"]: one["state"] for one in invariants.rows(world.database, "order_record")}
    assert states["LIMIT"] == "CANCELLED"
    ended_clean_with_two(world)
