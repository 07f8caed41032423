"""Moving stop and target by keys, and the stop to breakeven: each press once, each tick its own press."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import MoveExit, StopToBreakeven
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.feed_watch import FeedWatch
from panels.position_panel import PositionPanel
from panels.terminal_view import TerminalView
from panels.theme import Theme
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import ES_KEY, flat, long_two, position

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(PositionPanel(theme, ids, FeedWatch()))
    return made


@pytest.fixture
def view(theme: Theme, clock: HandClock, ids: ActionIds, bench: Any, qtbot: QtBot) -> Bench:
    made: Bench = bench(TerminalView(theme, clock, ids))
    with qtbot.waitActive(made.widget):
        made.widget.show()
        made.widget.activateWindow()
    return made


def real(mode: Mode, world: Snapshot) -> Snapshot:
    accounts = {key: replace(one, mode=mode) for key, one in world.accounts.items()}
    return replace(world, accounts=MappingProxyType(accounts))


def at_plan() -> Snapshot:
    """Return a long whose stop is where it was planned to be."""
    held = replace(
        position(),
        opened_quantity=Decimal(2),
        opened_value=Decimal("10100.50"),
        initial_risk=Decimal(500),
    )
    return long_two(positions=MappingProxyType({held.key: held}))


def test_breakeven_is_one_action_however_often_it_is_pressed(panel: Bench) -> None:
    panel.show(long_two())
    for _ in range(5):
        panel.press("p2Be")
    assert set(panel.intents) == {StopToBreakeven("A1", ES_KEY)}
    assert panel.spoken("p2Be") == "Stop to breakeven, ESZ5, account Sim1, SIM"


def test_without_a_stop_the_button_says_why_and_without_a_position_it_is_not_there(panel: Bench) -> None:
    panel.show(long_two(orders=MappingProxyType({})))
    assert not panel.find("p2Be").isEnabled()
    assert panel.find("p2Be").toolTip() == "There is no working stop to move."
    panel.show(flat())
    assert not panel.is_shown("p2Be")


def test_breakeven_works_disarmed_and_halted(panel: Bench) -> None:
    panel.show(real(Mode.LIVE, long_two(halted="the database failed")))
    panel.press("p2Be")
    assert panel.intents == [StopToBreakeven("A1", ES_KEY)]


def test_three_quick_presses_are_three_steps(view: Bench) -> None:
    view.show(long_two())
    for _ in range(3):
        QTest.keyClick(view.widget, Qt.Key.Key_Up, BOTH)
    QTest.keyClick(view.widget, Qt.Key.Key_Down, BOTH)
    QTest.keyClick(view.widget, Qt.Key.Key_PageUp, BOTH)
    QTest.keyClick(view.widget, Qt.Key.Key_PageDown, BOTH)
    QTest.keyClick(view.widget, Qt.Key.Key_E, BOTH)
    assert view.intents == [
        MoveExit("A1", ES_KEY, True, 1),
        MoveExit("A2", ES_KEY, True, 1),
        MoveExit("A3", ES_KEY, True, 1),
        MoveExit("A4", ES_KEY, True, -1),
        MoveExit("A5", ES_KEY, False, 1),
        MoveExit("A6", ES_KEY, False, -1),
        StopToBreakeven("A7", ES_KEY),
    ]


def test_while_a_field_has_the_keyboard_nothing_is_moved(view: Bench) -> None:
    view.show(long_two())
    view.find("qtyBox").setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_E):
        QTest.keyClick(view.find("qtyBox"), key, BOTH)
    assert view.intents == []


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_a_stop_beyond_the_planned_risk_is_asked_about_where_the_money_is_real(panel: Bench, mode: Mode) -> None:
    world = real(mode, at_plan())
    panel.show(world)
    panel.widget.moves.press_stop(1)
    assert panel.intents == [MoveExit("A1", ES_KEY, True, 1)]
    panel.widget.moves.press_stop(-1)
    panel.widget.moves.press_stop(-1)
    panel.show(world).show(world, after_s=1)
    assert len(panel.intents) == 1
    assert "more at risk than was planned" in panel.text("confirmText")
    assert panel.find("confirmNo").isDefault()
    panel.press("confirmYes")
    assert panel.intents[1:] == [MoveExit("A2", ES_KEY, True, -1, confirmed=True)]


def test_in_sim_it_is_not_asked_about(panel: Bench) -> None:
    panel.show(at_plan())
    panel.widget.moves.press_stop(-1)
    assert panel.intents == [MoveExit("A1", ES_KEY, True, -1)]
