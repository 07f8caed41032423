"""The page of keys: press, read what it would be in the way of, take it; and a test in which nothing is done."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from panels.actions import ACTIONS
from panels.deed import Deed
from panels.hotkeys_page import HotkeysPage
from panels.shortcuts import Shortcuts
from panels.theme import Theme


class Desk:
    """The page, the keys behind it, and what was done and kept."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        self.done: list[str] = []
        self.kept: list[dict[str, str]] = []
        deeds = {one.name: Deed(lambda name=one.name: self.done.append(name)) for one in ACTIONS}  # type: ignore[misc]
        self.keys = Shortcuts(window, theme, deeds, "linux")
        self.keys.chosen_changed.connect(self.kept.append)
        self.page = HotkeysPage(theme, self.keys)

    def choose(self, name: str) -> "Desk":
        """Choose the row of an action."""
        at = next(at for at, row in enumerate(self.page.view.rows_model.rows) if row.action.name == name)
        self.page.view.setCurrentIndex(self.page.view.rows_model.index(at, 0))
        return self

    def press(self, key: str) -> str:
        """Press a key in the box, and return what the page says."""
        pressed = QKeySequence(key)[0]  # type: ignore[index]
        QTest.keyClick(self.page.box, pressed.key(), pressed.keyboardModifiers())
        return self.page.said.text()

    def key_of(self, name: str) -> str:
        """Return the key the list shows beside an action."""
        (row,) = [row for row in self.page.view.rows_model.rows if row.action.name == name]
        return row.keys[0] if row.keys else ""


@pytest.fixture
def desk(theme: Theme, qtbot: QtBot) -> Any:
    window = QWidget()
    qtbot.addWidget(window)
    made = Desk(window, theme)
    qtbot.addWidget(made.page)
    made.page.resize(940, 560)
    with qtbot.waitActive(made.page):
        made.page.show()
        made.page.activateWindow()
    return made


def test_a_free_key_is_taken_by_pressing_it_and_asks_at_its_first_use(desk: Desk) -> None:
    desk.choose("buy-market").page.change.click()
    assert desk.press("Ctrl+Alt+B") == "Ctrl+Alt+B is free. It asks once, at its first use."
    assert desk.kept == []
    desk.page.take.click()
    assert desk.kept == [{"buy-market": "Ctrl+Alt+B"}] and desk.key_of("buy-market") == "Ctrl+Alt+B"
    assert desk.keys.keymap.holder("Ctrl+Alt+B") == "buy-market" and desk.done == []


def test_a_key_of_another_action_is_named_and_taken_from_it_only_on_a_second_press(desk: Desk) -> None:
    desk.choose("reverse").page.change.click()
    assert "is “Close the position” now. It would lose it." in desk.press("Ctrl+Shift+X")
    assert desk.key_of("close-position") == "Ctrl+Shift+X"
    desk.page.take.click()
    assert (desk.key_of("reverse"), desk.key_of("close-position")) == ("Ctrl+Shift+X", "")
    assert desk.kept == [{"reverse": "Ctrl+Shift+X"}]
    desk.choose("reverse").page.reset.click()
    assert (desk.key_of("reverse"), desk.key_of("close-position")) == ("Ctrl+Shift+R", "Ctrl+Shift+X")


def test_a_key_somebody_else_was_given_goes_back_to_what_that_ships_with(desk: Desk) -> None:
    desk.keys.choose({"reverse": "F7"})
    desk.choose("close-position").page.change.click()
    desk.press("F7")
    desk.page.take.click()
    assert (desk.key_of("close-position"), desk.key_of("reverse")) == ("F7", "Ctrl+Shift+R")


@pytest.mark.parametrize("key", ["Alt+F4", "Return", "Space", "Ctrl+Alt+F1"])
def test_a_key_of_the_system_cannot_be_taken(desk: Desk, key: str) -> None:
    desk.choose("reverse").page.change.click()
    desk.press(key)
    assert not desk.page.take.isEnabled()
    assert desk.page.said.property("tone") == "danger" and desk.kept == []


def test_no_key_and_reset_and_reset_all(desk: Desk) -> None:
    desk.choose("reverse").page.remove.click()
    assert desk.kept[-1] == {"reverse": ""} and desk.key_of("reverse") == ""
    desk.page.reset.click()
    assert desk.kept[-1] == {} and desk.key_of("reverse") == "Ctrl+Shift+R"
    desk.page.remove.click()
    desk.page.reset_all.click()
    assert desk.kept[-1] == {}


def test_in_the_test_keys_tell_what_they_would_do_and_do_nothing(desk: Desk) -> None:
    desk.page.test.click()
    assert desk.press("Ctrl+Shift+X") == "Test: Ctrl+Shift+X would do “Close the position”."
    assert desk.press("Ctrl+Alt+J") == "Test: Ctrl+Alt+J does nothing."
    assert desk.done == [] and not desk.page.change.isEnabled()
    desk.page.hide()
    assert not desk.keys.is_test


def test_the_list_names_keys_in_the_way_torn_ones_and_untried_ones(desk: Desk) -> None:
    desk.keys.choose({"reverse": "F7", "close-position": "F7", "help": "Ctrl+C", "log": "???"})
    desk.page.show_keys()
    notes = {row.action.name: row.note for row in desk.page.view.rows_model.rows}
    assert "F7 was given to 2 actions" in notes["reverse"] and "copies" in notes["help"]
    assert "Asks at its first use." in notes["help"] and "cannot be read" in notes["log"]


def test_escape_leaves_the_box_and_nothing_is_changed(desk: Desk) -> None:
    desk.choose("reverse").page.change.click()
    desk.press("F7")
    desk.press("Esc")
    assert not desk.page.box.is_listening and desk.kept == []


def test_tab_leaves_the_box_for_the_button_that_takes_the_key(desk: Desk) -> None:
    desk.choose("reverse").page.change.click()
    desk.press("F7")
    desk.press("Tab")
    assert not desk.page.box.is_listening and desk.page.focusWidget() is desk.page.take
    QTest.keyClick(desk.page.take, Qt.Key.Key_Space)
    assert desk.key_of("reverse") == "F7" and desk.done == []


def test_every_cell_of_the_key_column_is_said_in_words(desk: Desk) -> None:
    model = desk.page.view.rows_model
    said = [model.index(at, 1).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(model.rowCount())]
    assert "Key: Control Shift X" in said and "Key: no key" in said
