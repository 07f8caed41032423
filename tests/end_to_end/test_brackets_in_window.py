"""A bracket through the whole terminal: chosen, sized, sent, halved, closed, and remembered at the next start."""

import tomllib

from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World

HALVES = "20t + 1R/2R"


def test_a_bracket_is_sent_halved_closed_and_remembered_by_the_window(world: World) -> None:
    steps = (f"set:bracketBox={HALVES}", "buy:4", "says:p2StopFigures_1=SERVER", "says:p2TargetFigures_1=SERVER")
    then = ("press:p2Half", "says:p2Side=LONG 2", "says:p2StopFigures_0=2 · ", "close", "facts", "quit")
    (facts,) = world.run("ready", *steps, *then, program=WINDOW)
    assert facts["quantity"] == "0"
    assert not facts["halted"]
    assert world.broker_quantity() == 0.0
    orders = invariants.rows(world.database, "order_record")
    exits = [one for one in orders if one["intent"] in ("PROTECT", "REDUCE") and one["type"] != "MARKET"]
    assert sorted(one["type"] for one in exits) == ["LIMIT", "LIMIT", "STOP", "STOP"]
    assert {one["state"] for one in exits} == {"CANCELLED"}
    invariants.check(world.database)
    settings = tomllib.loads((world.folder / "settings.toml").read_text(encoding="utf-8"))
    assert list(settings["bracket"]["last"].values()) == [HALVES]
    world.run("ready", f"says:bracketBox={HALVES}", "quit", program=WINDOW)


def test_a_size_from_risk_and_a_typed_stop_reach_the_broker(world: World) -> None:
    steps = ("set:stopBox=10t", "set:qtyBox=risk 30", "press:buyButton", "says:p2Side=LONG 2")
    # Ten ticks of a micro are 12.50: two of them risk no more than thirty.
    (facts,) = world.run("ready", *steps, "says:p2StopFigures_0=2 · ", "close", "facts", "quit", program=WINDOW)
    assert facts["quantity"] == "0"
    invariants.check(world.database)
