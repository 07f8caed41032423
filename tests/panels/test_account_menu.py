"""Locking the session: asked in SIM, typed where the money is real, and said with its end before it is done."""

from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import LockSession, ResetAccount
from core.model.guards import AccountGuards
from core.model.scope import Mode
from core.snapshot import Snapshot
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ago, flat, in_mode, long_two

KEYS = (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
REASON = "Sim1 is locked by you for this session."


def locked() -> Snapshot:
    guards = AccountGuards(ACCOUNT, (), ago(-3600), locked=REASON, locked_until=ago(-3600))
    return flat(guards=MappingProxyType({ACCOUNT: guards}))


@pytest.fixture
def view(view: Bench, qtbot: QtBot) -> Bench:
    """The whole view, on top and with the keyboard."""
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    return view


def asked(view: Bench, world: Snapshot) -> Bench:
    """Press Ctrl+Shift+L and wait until the question listens."""
    view.show(world)
    QTest.keyClick(view.widget, *KEYS)
    return view.show(world).show(world, after_s=0.4)


def test_the_question_says_what_follows_and_when_it_ends(view: Bench) -> None:
    asked(view, flat())
    assert view.text("confirmTitle") == "Lock trading · Sim1 · SIM"
    words = view.text("confirmText")
    for part in ("until the session reset, 17:00 in Chicago", "disarmed", "Nothing lifts or shortens it", "Closing"):
        assert part in words
    assert view.text("confirmYes") == "Lock until 17:00 in Chicago"


@pytest.mark.parametrize("mode", [Mode.SIM, Mode.REPLAY])
def test_without_real_consequence_a_press_is_enough(view: Bench, mode: Mode) -> None:
    asked(view, in_mode(mode, flat()))
    view.press("confirmYes")
    assert view.intents == [LockSession(ACCOUNT)]


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL, None])
def test_where_the_money_is_real_the_word_is_typed(view: Bench, mode: Mode | None) -> None:
    world = in_mode(mode, flat())
    asked(view, world)
    field = view.find("confirmField")
    for wrong in ("", "lock", "LOC"):
        field.setText(wrong)
        assert not view.show(world).find("confirmYes").isEnabled(), wrong
    field.setText("LOCK")
    view.show(world).press("confirmYes")
    assert view.intents == [LockSession(ACCOUNT)]


def test_enter_after_the_word_does_not_lock(view: Bench) -> None:
    world = in_mode(Mode.LIVE, flat())
    asked(view, world)
    view.find("confirmField").setText("LOCK")
    view.show(world)
    QTest.keyClick(view.find("confirmField"), Qt.Key.Key_Return)
    assert view.intents == []


def test_nothing_is_locked_by_cancelling_or_without_an_account(view: Bench) -> None:
    asked(view, flat()).press("confirmNo")
    view.show(Snapshot())
    QTest.keyClick(view.widget, *KEYS)
    assert view.intents == []


def test_two_presses_of_the_keys_are_one_question(view: Bench) -> None:
    asked(view, flat())
    view.widget.account_menu.press_lock()
    assert view.find("confirmDialog")


@pytest.mark.qt_log_ignore(r"does not support (raise|grabbing)")
def test_the_account_cell_opens_the_menu(view: Bench) -> None:
    view.show(locked())
    view.press("statusAccount")
    menu = view.widget.account_menu
    assert menu.isVisible()
    view.show(locked())
    assert [one.text() for one in menu.actions() if one.text() and one.isVisible()] == [
        "Sim1 on sim · SIM",
        "Lock trading for this session…\tCtrl+Shift+L",
    ]
    assert menu.lock.toolTip() == REASON
    menu.close()


def test_the_status_bar_and_the_ticket_say_that_it_is_locked(view: Bench) -> None:
    view.show(locked())
    assert view.text("statusAccount") == "Sim1 · SIM · locked for session"
    assert view.tone("statusAccount") == "caution" and not view.find("buyButton").isEnabled()
    assert view.find("buyButton").accessibleDescription() == REASON


# -- reset -------------------------------------------------------------------------------------------------------------

OURS = frozenset({"sim"})


def menu_of(view: Bench, world: Snapshot) -> Any:
    view.show(world)
    menu = view.widget.account_menu
    menu._redraw()
    return menu


def test_an_account_of_the_built_in_simulator_is_reset_after_a_question(view: Bench) -> None:
    world = flat(resettable=OURS)
    menu = menu_of(view, world)
    assert menu.reset.isVisible() and menu.reset.isEnabled()
    menu.reset.trigger()
    view.show(world).show(world, after_s=0.4)
    assert view.text("confirmTitle") == "Reset account · Sim1 · SIM"
    words = view.text("confirmText")
    assert "It has 50 123.45 USD now." in words.replace("\u2009", " ") and "statistics" in words
    assert view.find("confirmNo").isDefault()
    view.press("confirmYes")
    assert view.intents == [ResetAccount(ACCOUNT)]


def test_what_is_open_or_works_keeps_it_from_being_reset(view: Bench) -> None:
    menu = menu_of(view, long_two(resettable=OURS))
    assert menu.reset.isVisible() and not menu.reset.isEnabled()
    assert menu.reset.toolTip() == "Sim1 has an open position; close it first."


@pytest.mark.parametrize("mode", [Mode.SIM, Mode.LIVE])
def test_no_other_account_offers_it(view: Bench, mode: Mode) -> None:
    assert not menu_of(view, in_mode(mode, flat())).reset.isVisible()
