"""Half of a position is closed by one press, and its stop follows at a distance, or says why neither can be."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.commands import ReducePosition, TrailStop
from core.events import Link
from core.model.operation import CloseStep
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.feed_watch import FeedWatch
from panels.position_panel import PositionPanel
from panels.theme import Theme
from tests.panels.bracketed import BOOK
from tests.panels.conftest import Bench
from tests.panels.worlds import ES, ES_KEY, closing, flat, in_mode, link_is, long_two, position

D = Decimal


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(PositionPanel(theme, ids, FeedWatch()))
    return made


def holding(quantity: str, **changes: Any) -> Snapshot:
    return long_two(positions=MappingProxyType({ES_KEY: position(quantity=quantity)}), **changes)


def trailing(points: str) -> Snapshot:
    return long_two(trails=MappingProxyType({ES_KEY: D(points)}))


def menu(panel: Bench) -> dict[str, Any]:
    """Open the menu of distances and return its entries by their text."""
    parts = panel.widget.parts
    parts.menu.aboutToShow.emit()
    return {action.text(): action for action in parts.menu.actions()}


@pytest.mark.parametrize(("held", "half"), [("2", 1), ("5", 2), ("-4", 2), ("-3", 1)])
def test_half_is_rounded_down_to_whole_contracts(panel: Bench, held: str, half: int) -> None:
    panel.show(holding(held))
    panel.press("p2Half")
    assert panel.intents == [ReducePosition("A1", ES_KEY, D(half))]
    assert panel.spoken("p2Half") == f"Close half, {half}, ESZ5, account Sim1, SIM"


def test_half_of_what_comes_in_fractions_goes_in_steps_of_the_venue(panel: Bench) -> None:
    fine = replace(ES, quantity_step=D("0.001"))
    panel.show(holding("0.005", instruments=MappingProxyType({("sim", "ESZ5"): fine})))
    panel.press("p2Half")
    assert panel.intents == [ReducePosition("A1", ES_KEY, D("0.002"))]


@pytest.mark.row(126)
def test_a_shaking_hand_halves_once(panel: Bench) -> None:
    panel.show(holding("8"))
    for _ in range(10):
        panel.clock.seconds += 0.05
        panel.press("p2Half")
    assert set(panel.intents) == {ReducePosition("A1", ES_KEY, D(4))}


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (holding("1"), "1 cannot be halved."),
        (closing(CloseStep.CANCELLING), "A close is running."),
        (link_is(Link.OFFLINE, long_two()), "The line is down: nothing can be sent."),
    ],
)
def test_what_cannot_be_halved_says_why(panel: Bench, world: Snapshot, says: str) -> None:
    panel.show(world)
    assert not panel.find("p2Half").isEnabled()
    assert panel.find("p2Half").accessibleDescription() == says
    panel.press("p2Half")
    assert panel.intents == []


def test_halving_needs_no_arming(panel: Bench) -> None:
    panel.show(in_mode(Mode.LIVE, replace(long_two(), locked="Locked by panic.")))
    panel.press("p2Half")
    assert panel.intents == [ReducePosition("A1", ES_KEY, D(1))]


def test_the_menu_has_the_usual_distances_and_those_of_the_brackets(panel: Bench) -> None:
    panel.show(long_two())
    assert list(menu(panel)) == ["Off", "4t", "8t", "12t", "20t"]
    panel.widget.parts.offer(replace(BOOK, templates={"a": replace(BOOK.templates["20t + 1R/2R"], trail=None)}))
    assert list(menu(panel)) == ["Off", "4t", "8t", "12t", "20t"]
    tight = replace(BOOK.templates["20t + 1R/2R"].targets[0].at, amount=D(6))
    trail = replace(tight, unit=BOOK.templates["10t"].stop.unit)
    panel.widget.parts.offer(replace(BOOK, templates={"a": replace(BOOK.templates["10t"], trail=trail)}))
    assert list(menu(panel)) == ["Off", "4t", "6t", "8t", "12t", "20t"]


def test_a_distance_is_asked_for_in_points(panel: Bench) -> None:
    panel.show(long_two())
    menu(panel)["8t"].trigger()
    menu(panel)["Off"].trigger()
    assert panel.intents == [TrailStop("A1", ES_KEY, D(2)), TrailStop("A2", ES_KEY, None)]


def test_the_button_says_at_what_distance_the_stop_follows(panel: Bench) -> None:
    panel.show(long_two())
    assert panel.text("p2Trail") == "Trail ▾"
    assert panel.spoken("p2Trail") == "Trail stop, ESZ5, account Sim1, SIM: off"
    assert [text for text, action in menu(panel).items() if action.isChecked()] == ["Off"]
    panel.show(trailing("2.00"))
    assert panel.text("p2Trail") == "Trail 8t ▾"
    assert panel.spoken("p2Trail") == "Trail stop, ESZ5, account Sim1, SIM: 8t"
    assert [text for text, action in menu(panel).items() if action.isChecked()] == ["8t"]


def test_without_a_stop_there_is_nothing_to_trail_but_it_can_be_ended(panel: Bench) -> None:
    bare: dict[str, Any] = {"orders": MappingProxyType({})}
    panel.show(long_two(**bare))
    assert not panel.find("p2Trail").isEnabled()
    assert panel.find("p2Trail").accessibleDescription() == "There is no working stop to trail."
    panel.show(replace(trailing("2.00"), **bare))
    assert panel.find("p2Trail").isEnabled()


def test_nothing_of_it_is_there_while_nothing_is_open(panel: Bench) -> None:
    panel.show(flat())
    assert not panel.is_shown("p2Half") and not panel.is_shown("p2Trail")
