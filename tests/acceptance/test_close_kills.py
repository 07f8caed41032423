"""Item 3 of the acceptance list: the process is killed at each step of a close, with a real broker that remembers."""

import pytest

from core.crash_points import CRASH_POINTS
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World, world
from tests.end_to_end.test_crash_points import KILLED

__all__ = ["world"]

STEPS = [one for one in CRASH_POINTS if one.startswith("close.")]
SYMBOL = "MESZ26_FUT_CME"


def killed_at(world: World, point: str) -> None:
    """Have a terminal that is long two with a stop die in its close."""
    process = world.engine("ready", "buy:2", "stop:2", "mark", "close", crash_at=f"{point}:1")
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == '{"mark": true}\n'
    if point == "close.setback_committed":
        world.venue.control("reject", count=1, text="Not enough margin")
    process.stdin.write("go\n")
    process.stdin.flush()
    out = process.stdout.read()
    assert process.wait(60) == KILLED, f"it was to die at {point}, and said {out}"


@pytest.mark.row(119)
@pytest.mark.parametrize("point", STEPS)
def test_03_killed_at_any_step_of_a_close_recovery_shows_the_scope_and_nothing_is_lost_or_doubled(
    world: World, point: str
) -> None:
    killed_at(world, point)
    sent = len(closings(world))
    back, flat = world.run("ready", "settle", "facts", "close_if_open", "settle", "facts")
    shown = [row for row in back["recovery"] if row.startswith(SYMBOL)]
    shown += [text for key, text in back["operations"].items() if SYMBOL in key]
    assert shown, "nothing about the scope is shown"
    assert float(flat["quantity"]) == world.broker_quantity() == 0.0
    assert not flat["halted"] and "UNKNOWN" not in flat["orders"].values()
    done = [one for one in closings(world) if float(one["filled"]) > 0]
    assert len(done) == 1, f"of {sent} closing orders sent before the kill and after it, one closes"
    working = [one for one in world.state()["orders"] if one["status"] in ("PENDING", "HELD", "WORKING", "PARTIAL")]
    assert working == [], "an exit of nothing is left"
    names = [one["client_order_id"] for one in world.state()["orders"] if one["client_order_id"]]
    assert len(names) == len(set(names)), "an order was sent twice"
    invariants.check(world.database)


def closings(world: World) -> list[dict[str, str]]:
    """Return the market sales the broker ever took."""
    return [one for one in world.state()["orders"] if one["side"] == "SELL" and one["kind"].upper() == "MARKET"]
