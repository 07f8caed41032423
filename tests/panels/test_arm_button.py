"""Entries of real consequence need a gesture nobody makes by accident."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import ArmAccount, DisarmAccount, SubmitOrder
from core.events import Link
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.arm_button import HOLD_MS, ArmButton
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, flat, in_mode, link_is, long_two


@pytest.fixture
def arm(bench, qtbot: QtBot) -> Bench:  # type: ignore[no-untyped-def]
    made: Bench = bench(ArmButton())
    return made


def live(mode: Mode = Mode.LIVE, armed_s: float | None = None) -> Snapshot:
    armed = {} if armed_s is None else {ACCOUNT: armed_s}
    return flat(accounts=in_mode(mode, flat()).accounts, armed=MappingProxyType(armed))


def hold(arm: Bench, qtbot: QtBot, times: float) -> None:
    """Press, wait for a share of the time to hold, let go."""
    QTest.mousePress(arm.widget, Qt.MouseButton.LeftButton)
    arm.widget._hold.setInterval(1)  # the gesture is the same, the test does not wait for it
    if times < 1:
        QTest.mouseRelease(arm.widget, Qt.MouseButton.LeftButton)
        assert not arm.widget._hold.isActive()
    else:
        arm.widget._hold.start()
        qtbot.waitUntil(lambda: bool(arm.intents), timeout=2000)
        QTest.mouseRelease(arm.widget, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("mode", [Mode.SIM, Mode.REPLAY, None])
def test_it_is_there_only_where_arming_means_something(arm: Bench, mode: Mode | None) -> None:
    arm.show(in_mode(mode, flat()))
    assert arm.widget.isHidden() == (mode is not None)


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_holding_arms_and_one_press_disarms(arm: Bench, qtbot: QtBot, mode: Mode) -> None:
    arm.show(live(mode))
    assert arm.widget.text() == "Hold to arm"
    hold(arm, qtbot, 1)
    assert arm.intents == [ArmAccount(ACCOUNT)]
    arm.intents.clear()
    arm.show(live(mode, armed_s=arm.clock.monotonic() + 1798))
    assert arm.widget.text() == "ARMED 29:58"
    QTest.mouseClick(arm.widget, Qt.MouseButton.LeftButton)
    assert arm.intents == [DisarmAccount(ACCOUNT)]


def test_letting_go_early_does_nothing(arm: Bench, qtbot: QtBot) -> None:
    arm.show(live())
    assert arm.widget._hold.interval() == HOLD_MS
    hold(arm, qtbot, 0.5)
    QTest.mouseClick(arm.widget, Qt.MouseButton.LeftButton)
    assert arm.intents == []


def test_the_keys_arm_only_twice_within_two_seconds(arm: Bench) -> None:
    arm.show(live())
    arm.widget.press_keys()
    arm.show(live(), after_s=2.1)
    arm.widget.press_keys()
    assert arm.intents == []
    arm.show(live(), after_s=1.9)
    arm.widget.press_keys()
    assert arm.intents == [ArmAccount(ACCOUNT)]


def test_the_keys_disarm_at_once(arm: Bench) -> None:
    arm.show(live(armed_s=arm.clock.monotonic() + 5))
    arm.widget.press_keys()
    assert arm.intents == [DisarmAccount(ACCOUNT)]


def test_the_first_of_two_presses_does_not_count_for_another_account(arm: Bench) -> None:
    arm.show(live())
    arm.widget.press_keys()
    arm.show(Snapshot())
    arm.show(live())
    arm.widget.press_keys()
    assert arm.intents == []


def test_what_speaks_against_it_is_said(arm: Bench) -> None:
    arm.show(link_is(Link.OFFLINE, live()))
    assert not arm.widget.isEnabled()
    assert "link down" in arm.widget.accessibleDescription()
    arm.widget.press_keys()
    arm.widget.press_keys()
    assert arm.intents == []


@pytest.mark.row(105)
def test_a_data_folder_that_is_not_fit_for_real_money_is_said_where_it_matters(arm: Bench) -> None:
    why = "The data folder is on a network."
    arm.show(replace(live(), unfit=why))
    assert why in arm.widget.toolTip()
    arm.show(replace(live(Mode.EVAL), unfit=why))
    assert why not in arm.widget.toolTip()


def test_in_the_window_no_key_but_the_gesture_leads_to_an_entry(view: Bench) -> None:
    world = in_mode(Mode.LIVE, long_two())
    view.widget.show()
    view.show(world)
    assert view.text("buyButton") == "Arm to trade"
    assert view.find("sellButton").isEnabled(), "what reduces needs no arming"
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_B):
        for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
            QTest.keyClick(view.find("buyButton"), key, modifier)
    view.press("buyButton")
    assert not [one for one in view.intents if isinstance(one, SubmitOrder)]


def test_an_armed_entry_is_asked_about_and_return_does_not_send_it(view: Bench) -> None:
    world = in_mode(Mode.LIVE, long_two(armed=MappingProxyType({ACCOUNT: 9999.0})))
    view.widget.show()
    view.show(world)
    view.press("buyButton")
    view.show(world)
    assert view.text("confirmTitle") == "BUY 1 ESZ5 · Sim1 · LIVE"
    assert "LONG 3" in view.text("confirmText")
    view.show(world, after_s=1)
    assert view.find("confirmNo").isDefault()
    QTest.keyClick(view.find("confirmDialog"), Qt.Key.Key_Return)
    assert not [one for one in view.intents if isinstance(one, SubmitOrder)]


def test_a_confirmed_entry_goes_once(view: Bench) -> None:
    world = in_mode(Mode.EVAL, flat(armed=MappingProxyType({ACCOUNT: 9999.0})))
    view.widget.show()
    view.show(world)
    view.press("buyButton")
    view.press("buyButton")
    view.show(world)
    view.show(world, after_s=1)
    view.press("confirmYes")
    assert len([one for one in view.intents if isinstance(one, SubmitOrder)]) == 1


def test_what_reduces_is_never_asked_about(view: Bench) -> None:
    view.widget.show()
    view.show(in_mode(Mode.LIVE, long_two()))
    view.press("sellButton")
    assert len([one for one in view.intents if isinstance(one, SubmitOrder)]) == 1
