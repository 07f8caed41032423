"""Kill the engine at every named step, with the broker having seen the message or not; start again; nothing is lost.

The loop runs over the exported list: a new crash point without a story here fails the first test.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.crash_points import CRASH_POINTS
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World

KILLED = -9


@dataclass(frozen=True)
class Story:
    """What the engine does before and when it is killed.

    Attributes:
        before: steps of a run that is killed from outside while it holds what they made; empty for none.
        steps: of the run that dies at the point; after `mark` the broker may stop seeing orders.
        times: at which passing of the point.
        both: the story also runs with the broker not seeing what is sent after `mark`.
        moved: the broker's position is changed by hand, without fills, between the two runs.
        refused: the broker refuses the first order after `mark`.
    """

    steps: tuple[str, ...]
    before: tuple[str, ...] = ()
    times: int = 1
    both: bool = False
    moved: str = ""
    betrayed: str = ""
    refused: bool = False


BUY = Story(("ready", "mark", "buy:2"), both=True)
BOOKED = Story(("ready", "mark", "buy:2"))
ENTER = Story(("ready", "mark", "enter:2"), both=True)
UNSTOPPED = Story(("ready", "mark", "enter:2"), betrayed="stop")
CLOSE = Story(("ready", "buy:2", "mark", "close"), times=2)
CLOSE_WITH_STOP = Story(("ready", "buy:2", "stop:2", "mark", "close"), both=True)
CLOSE_ORDER = Story(("ready", "buy:2", "mark", "close"), both=True)
CHANGE = Story(("ready", "buy:2", "stop:2", "mark", "move_stop"), both=True)
FIRST_START = Story(("ready", "mark"))
HELD = ("ready", "buy:2", "mark", "hang")
# What the database did not take of a close lies in the emergency log of a program that was killed.
LEFT = ("ready", "buy:2", "stop:2", "full", "close", "mark", "hang")

STORIES: dict[str, tuple[Story, ...]] = {
    "order.before_intent": (BUY,),
    "order.intent_committed": (BUY,),
    "order.handed_over": (BUY,),
    "send.started": (BUY,),
    "send.done": (BUY,),
    "order.report_received": (BOOKED,),
    "order.report_committed": (BOOKED,),
    "change.intent_committed": (CHANGE,),
    "change.handed_over": (CHANGE,),
    "fill.received": (BOOKED, CLOSE),
    "fill.ledger_written": (BOOKED, CLOSE),
    "fill.position_written": (BOOKED, CLOSE),
    "fill.trade_written": (Story(("ready", "buy:2", "mark", "close")),),
    "fill.committed": (BOOKED, CLOSE),
    "fill.published": (BOOKED, CLOSE),
    "close.requested": (CLOSE_ORDER,),
    "close.operation_committed": (CLOSE_ORDER,),
    "close.cancel_sent": (CLOSE_WITH_STOP,),
    "close.order_committed": (CLOSE_ORDER,),
    "close.order_handed_over": (CLOSE_ORDER,),
    "close.setback_committed": (Story(("ready", "buy:2", "stop:2", "mark", "close"), refused=True),),
    "close.verified": (Story(("ready", "buy:2", "mark", "close")),),
    "entry.operation_committed": (ENTER,),
    "entry.entry_placed": (ENTER,),
    "entry.stop_pending": (Story(("ready", "mark", "enter:2")),),
    "entry.rolling_back": (UNSTOPPED,),
    "entry.rolled_back": (UNSTOPPED,),
    "entry.active": (Story(("ready", "mark", "enter:2")),),
    "entry.failed": (Story(("ready", "mark", "enter:2"), betrayed="order"),),
    "recovery.loaded": (Story(("ready",), HELD),),
    "recovery.snapshot_received": (Story(("ready",), HELD),),
    "recovery.digested": (Story(("ready",), HELD),),
    "recovery.correction_committed": (Story(("ready",), HELD, moved="3"), Story(("ready",), HELD, moved="0")),
    "emergency.written": (
        Story(("ready", "buy:2", "mark", "full", "close")),
        Story(("ready", "buy:2", "mark", "full", "close"), times=5),
    ),
    "emergency.merged_one": (Story(("ready",), LEFT), Story(("ready",), LEFT, times=6)),
    "emergency.renamed": (Story(("ready",), LEFT),),
    "migration.before_commit": (FIRST_START,),
    "migration.done": (FIRST_START,),
}

CASES = [
    pytest.param(name, story, seen, id=f"{name}-{index}-{'seen' if seen else 'unseen'}")
    for name, stories in STORIES.items()
    for index, story in enumerate(stories)
    for seen in ((True, False) if story.both else (True,))
]


@pytest.mark.row(110, 111, 112, 113, 114, 115, 116, 119, 120, 122)
def test_every_exported_crash_point_has_a_story() -> None:
    assert set(STORIES) == set(CRASH_POINTS)


@pytest.mark.row(110, 111, 112, 113, 114, 115, 116, 119, 120, 122)
@pytest.mark.parametrize(("name", "story", "seen"), CASES)
def test_a_kill_loses_nothing_and_doubles_nothing(world: World, name: str, story: Story, seen: bool) -> None:
    if story.before:
        hold(world, story.before)
    if story.moved:
        world.venue.control(
            "set_position", account="Sim1", symbol="MESZ26_FUT_CME", quantity=story.moved, with_fills=False
        )
    if story.betrayed:
        world.venue.control("reject_stop" if story.betrayed == "stop" else "reject", count=9)
    die(world, story, f"{name}:{story.times}", seen)
    if story.betrayed:
        world.venue.control("reject_stop" if story.betrayed == "stop" else "reject", count=0)
    before_close, after_close = world.run("ready", "settle", "facts", "close_if_open", "settle", "facts")
    assert not before_close["halted"]
    assert not after_close["halted"]
    assert before_close["links"] == {"venue": "READY"}
    assert float(after_close["quantity"]) == 0.0
    assert world.broker_quantity() == 0.0
    invariants.check(world.database)
    names = [order["client_order_id"] for order in world.state()["orders"] if order["client_order_id"]]
    assert len(names) == len(set(names)), "I4: a client order id was sent twice"
    assert "UNKNOWN" not in after_close["orders"].values()


def hold(world: World, steps: tuple[str, ...]) -> None:
    """Run an engine until it holds what the steps made, then kill it from outside."""
    process = world.engine(*steps)
    assert process.stdout is not None
    assert process.stdout.readline() == '{"mark": true}\n'
    process.kill()
    process.wait(20)


def die_in(world: World, steps: tuple[str, ...], crash_at: str, program: Path) -> int:
    """Run a program into its crash point and return its exit code."""
    process = world.engine(*steps, crash_at=crash_at, program=program)
    process.communicate(timeout=90)
    return process.returncode


def die(world: World, story: Story, crash_at: str, seen: bool) -> None:
    """Run an engine into its crash point."""
    process = world.engine(*story.steps, crash_at=crash_at)
    assert process.stdout is not None and process.stdin is not None
    if "mark" in story.steps and process.stdout.readline():
        world.line.swallow = not seen
        if story.refused:
            world.venue.control("reject", count=1, text="Margin")
        process.stdin.write("go\n")
        process.stdin.flush()
    out = process.stdout.read()
    assert process.wait(60) == KILLED, f"it was to die at {crash_at}, and said {out}"
    world.line.swallow = False
