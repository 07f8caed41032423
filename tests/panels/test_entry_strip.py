"""An entry with its exits is followed in the live trade until it is over, loudly where something is in doubt."""

from typing import Any

import pytest

from core.model.entry import ENTRY_ENDS, EntryStep
from panels.action_ids import ActionIds
from panels.feed_watch import FeedWatch
from panels.position_panel import PositionPanel
from panels.theme import Theme
from tests.panels.bracketed import entering, entry_operation
from tests.panels.conftest import Bench
from tests.panels.worlds import MES_KEY, flat, long_two


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(PositionPanel(theme, ids, FeedWatch()))
    return made


@pytest.mark.parametrize(
    ("step", "text", "tone"),
    [
        (EntryStep.PREPARING, "Preparing entry 1.2 s", ""),
        (EntryStep.ENTRY_PLACED, "Entry placed 1.2 s", ""),
        (EntryStep.STOP_PENDING, "Stop pending 1.2 s", "caution"),
        (EntryStep.ROLLING_BACK, "Rolling back 1.2 s", "danger"),
    ],
)
def test_each_step_has_its_words_and_its_tone(panel: Bench, step: EntryStep, text: str, tone: str) -> None:
    panel.show(entering(entry_operation(step)))
    assert panel.text("entryText") == text
    assert panel.is_shown("entryState")
    assert panel.tone("entryState") == tone
    assert panel.spoken("entryState") == f"Entry: {text}"


def test_the_time_moves_on(panel: Bench) -> None:
    world = entering(entry_operation(EntryStep.STOP_PENDING))
    panel.show(world)
    panel.show(world, 1.0)
    assert panel.text("entryText") == "Stop pending 2.2 s"
    panel.show(world, 120)
    assert panel.text("entryText") == "Stop pending 2:02"


def test_what_is_in_doubt_is_said_beside_its_sentence_in_danger(panel: Bench) -> None:
    operation = entry_operation(EntryStep.ENTRY_PLACED, text="BUY 1 sent.", doubt="no answer for 10 s.")
    panel.show(entering(operation))
    assert panel.text("entryText") == "Entry placed 1.2 s  BUY 1 sent.  No answer for 10 s."
    assert panel.tone("entryState") == "danger"


@pytest.mark.parametrize("step", [one for one in EntryStep if one in ENTRY_ENDS])
def test_what_is_over_is_gone(panel: Bench, step: EntryStep) -> None:
    panel.show(entering(entry_operation(EntryStep.STOP_PENDING)))
    panel.show(entering(entry_operation(step)))
    assert not panel.is_shown("entryState")


def test_another_symbol_is_no_concern_of_this_one(panel: Bench) -> None:
    panel.show(entering(entry_operation(EntryStep.STOP_PENDING, key=MES_KEY)))
    assert not panel.is_shown("entryState")
    panel.show(flat())
    assert not panel.is_shown("entryState")


def test_of_several_the_loudest_stands_first_and_the_rest_is_counted(panel: Bench) -> None:
    panel.show(
        entering(
            entry_operation(EntryStep.ENTRY_PLACED, "A1", 9),
            entry_operation(EntryStep.ROLLING_BACK, "A2", 5),
            entry_operation(EntryStep.STOP_PENDING, "A3", 2),
            world=long_two(),
        )
    )
    assert panel.text("entryText").split("\n") == ["Rolling back 5.0 s", "Stop pending 2.0 s", "and 1 more"]
    assert panel.tone("entryState") == "danger"
