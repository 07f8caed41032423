"""Keys are taken, and none does nothing in silence."""

import sys
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.snapshot import Snapshot
from panels.actions import ACTIONS
from panels.deed import Deed
from panels.keymap import untried
from panels.shortcuts import Shortcuts, is_typing
from panels.theme import Theme

# It goes to the end of a field there.
OF_FIELDS_ON_X = "Ctrl+E"


class Window(QWidget):
    """A window of a field, a drop-down that is typed into, and a button, with keys that write down what they did."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.done: list[str] = []
        self.told: list[str] = []
        self.kept: list[dict[str, str]] = []
        self.against: dict[str, str] = {}
        self.facts: dict[str, str] = {}
        self.field, self.choice, self.button = QLineEdit(self), QComboBox(self), QPushButton("Go", self)
        self.field.setAccessibleName("Quantity: 2")
        self.choice.setEditable(True)
        self.choice.setAccessibleName("Symbol")
        self.keys = Shortcuts(self, theme, {one.name: self.deed(one.name) for one in ACTIONS}, sys.platform)
        self.keys.told.connect(self.told.append)
        self.keys.chosen_changed.connect(self.kept.append)

    def deed(self, name: str) -> Deed:
        """Return a deed that notes its name."""

        def run() -> str | None:
            self.done.append(name)
            return "It came to nothing." if name == "export" else None

        return Deed(run, lambda: self.against.get(name, ""), lambda: self.facts.get(name, ""))

    def hit(self, key: str, on: QWidget | None = None) -> "Window":
        """Press a key on what has the keyboard."""
        combination = QKeySequence(key)[0]  # type: ignore[index]
        QTest.keyClick(on or self.focusWidget() or self, combination.key(), combination.keyboardModifiers())
        return self


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Any:
    made = Window(theme)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.button.setFocus()
    return made


@pytest.mark.parametrize("where", ["field", "choice"])
def test_every_shipped_key_acts_or_says_why_not_wherever_the_keyboard_is(window: Window, where: str) -> None:
    for one in ACTIONS:
        for key in one.keys:
            window.button.setFocus()
            assert window.hit(key).done[-1:] == [one.name], key
            window.done.clear()
            window.told.clear()
            getattr(window, where).setFocus()
            window.hit(key)
            if one.while_typing:
                assert window.done == [one.name], key
            elif key != OF_FIELDS_ON_X:
                assert "is not taken while" in window.told[0], key
            assert len(window.done) == one.while_typing


def test_a_key_names_the_field_it_is_not_taken_in(window: Window) -> None:
    window.field.setFocus()
    assert window.hit("Ctrl+Shift+R").told == ["Ctrl+Shift+R is not taken while Quantity has the keyboard."]


def test_what_cannot_be_done_is_told_and_not_done(window: Window) -> None:
    window.against["reverse"] = "Nothing is open."
    assert window.hit("Ctrl+Shift+R").told == ["Ctrl+Shift+R: Nothing is open."] and window.done == []
    assert window.hit("Ctrl+E").told[-1] == "Ctrl+E: It came to nothing."


def test_a_key_held_down_is_one_press(window: Window) -> None:
    window.keys.set_keys({"reverse": "F7"})
    assert {one.autoRepeat() for one in window.findChildren(QShortcut)} == {False}


def test_a_changed_key_asks_at_its_first_use_and_never_again(window: Window) -> None:
    window.keys.set_keys({"reverse": "F7"})
    window.hit("Ctrl+Shift+R")
    assert window.done == []
    window.hit("F7")
    dialog = window.findChild(QDialog, "confirmDialog")
    assert dialog is not None and window.done == [] and "Reverse the position" in dialog.windowTitle()
    window.keys.refresh(Snapshot(), 10.0)
    window.keys.refresh(Snapshot(), 10.4)
    no, yes = dialog.findChild(QPushButton, "confirmNo"), dialog.findChild(QPushButton, "confirmYes")
    assert no is not None and no.isDefault() and yes is not None
    no.click()
    assert window.done == [] and window.kept == []
    window.hit("F7")
    again = window.findChildren(QDialog, "confirmDialog")[-1]
    window.keys.refresh(Snapshot(), 20.0)
    window.keys.refresh(Snapshot(), 20.4)
    yes = again.findChild(QPushButton, "confirmYes")
    assert yes is not None
    yes.click()
    assert window.done == ["reverse"] and window.kept == [{"reverse": "F7", "tried.reverse": "F7"}]
    window.hit("F7")
    assert window.done == ["reverse", "reverse"]


def test_a_yes_to_what_a_key_would_do_no_more_is_asked_about_again(window: Window) -> None:
    window.keys.set_keys({"buy-market": "F7"})
    window.facts["buy-market"] = "Buy 1 ESZ5, account Sim1, SIM"
    window.hit("F7")
    window.facts["buy-market"] = "Buy 5 ESZ5, account Sim1, SIM"
    for at in (10.0, 20.0):
        dialog = window.findChildren(QDialog, "confirmDialog")[-1]
        window.keys.refresh(Snapshot(), at)
        window.keys.refresh(Snapshot(), at + 0.4)
        yes = dialog.findChild(QPushButton, "confirmYes")
        assert window.done == [] and yes is not None
        yes.click()
    assert "Buy 5 ESZ5" in dialog.accessibleDescription() and window.done == ["buy-market"]


def test_in_the_test_keys_only_tell_and_trying_one_is_its_first_use(window: Window) -> None:
    window.keys.set_keys({"close-position": "F7"})
    window.keys.is_test = True
    window.against["close-position"] = "Nothing is open in ESZ5."
    window.hit("F7").hit("Ctrl+Shift+F")
    assert window.done == [] and untried(window.kept[-1]) == set()
    assert window.told[0] == "Test: F7 would do “Close the position”. Now it could not: Nothing is open in ESZ5."
    window.keys.is_test = False
    window.against.clear()
    assert window.hit("F7").done == ["close-position"]


def test_a_key_given_twice_does_nothing_and_names_both(window: Window) -> None:
    window.keys.set_keys({"close-position": "F7", "reverse": "F7"})
    window.hit("F7")
    assert window.done == [] and "“Close the position” and “Reverse the position”" in window.told[0]


def test_a_panel_keeps_no_key_for_itself_that_the_map_gives_a_meaning(window: Window, qtbot: QtBot) -> None:
    own = QShortcut(QKeySequence("Ctrl+E"), window.button, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
    own.activated.connect(lambda: window.done.append("own"))
    window.keys.set_keys({})
    for _ in range(3):
        window.hit("Ctrl+E")
    assert window.done == ["export"] * 3
    window.keys.set_keys({"export": "F7"})
    window.button.setFocus()
    assert window.hit("Ctrl+E").done[3:] == ["own"]


def test_the_ways_out_are_heard_in_every_window_of_the_program_and_nothing_else_is(
    window: Window, qtbot: QtBot
) -> None:
    other = QPushButton("elsewhere")
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    for key in ("Ctrl+Shift+X", "Ctrl+Shift+F", "Ctrl+Shift+R", "Ctrl+K"):
        window.hit(key, other)
    assert window.done == ["close-position", "flatten-account"]


def test_a_deed_that_is_not_there_has_no_key(theme: Theme, qtbot: QtBot) -> None:
    bare = QWidget()
    qtbot.addWidget(bare)
    keys = Shortcuts(bare, theme, {"help": Deed(lambda: None)})
    assert [one.name for one in keys.actions] == ["help"] and keys.keymap.holder("Ctrl+Shift+X") == ""


def test_what_takes_text_is_told_from_what_does_not(window: Window) -> None:
    assert is_typing(window.field) and is_typing(window.choice) and not is_typing(window.button)
    window.field.setReadOnly(True)
    window.choice.setEditable(False)
    assert not is_typing(window.field) and not is_typing(window.choice) and not is_typing(None)
    assert is_typing(QPlainTextEdit(window))
