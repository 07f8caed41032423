"""The palette: found by words, run by Enter, never more than a key would do."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.commands import SelectAccount, SelectSymbol
from panels.command_palette import CommandPalette
from panels.deed import Deed
from panels.shortcuts import Shortcuts
from panels.theme import Theme
from tests.panels.worlds import ACCOUNT, long_two


class Window(QWidget):
    """A window with a field, three actions and the palette over it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.resize(900, 600)
        self.done: list[str] = []
        self.intents: list[object] = []
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)
        deeds = {
            "close-position": Deed(lambda: self.done.append("close")),
            "close-half": Deed(lambda: self.done.append("half"), lambda: "1 cannot be halved."),
            "buy-market": Deed(lambda: self.done.append("buy")),
            "command-palette": Deed(self.open),
        }
        self.keys = Shortcuts(self, theme, deeds, "linux")
        self.palette_box = CommandPalette(theme, self, self.keys)
        self.palette_box.intent.connect(self.intents.append)

    def open(self) -> None:
        """Put the palette up over a position in ESZ5."""
        self.palette_box.put_up(long_two())

    def type(self, text: str) -> list[str]:
        """Type into the line and return what is listed."""
        self.palette_box.line.clear()
        QTest.keyClicks(self.palette_box.line, text)
        return [one.words for one in self.palette_box.rows]

    def key(self, key: Qt.Key) -> None:
        """Press a key in the line."""
        QTest.keyClick(self.palette_box.line, key)


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Any:
    made = Window(theme)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.field.setFocus()
    return made


def test_control_k_opens_it_from_a_field_and_escape_gives_the_keyboard_back(window: Window, qtbot: QtBot) -> None:
    QTest.keyClick(window.field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_box.isVisible() and window.palette_box.focusWidget() is window.palette_box.line
    window.key(Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible() and window.focusWidget() is window.field


def test_it_finds_by_words_and_runs_on_enter_with_the_keyboard_back_in_its_place(window: Window, qtbot: QtBot) -> None:
    window.open()
    assert window.type("clo pos") == ["Close the position", "Close half of the position"]
    window.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.done == ["close"])
    assert not window.palette_box.isVisible() and window.focusWidget() is window.field


def test_enter_alone_chooses_nothing(window: Window) -> None:
    window.open()
    window.key(Qt.Key.Key_Return)
    assert window.palette_box.isVisible() and window.done == []
    assert window.palette_box.line.accessibleDescription() == "Type a command or choose one with the arrows."


def test_what_cannot_be_done_says_why_and_is_not_done(window: Window, qtbot: QtBot) -> None:
    window.open()
    assert window.type("half") == ["Close half of the position"]
    assert window.palette_box.rows[0].reason == "1 cannot be halved."
    window.key(Qt.Key.Key_Return)
    assert window.palette_box.isVisible() and window.done == []
    assert "1 cannot be halved." in window.palette_box.line.accessibleDescription()


def test_arrows_choose_and_what_is_chosen_is_spoken_with_its_key(window: Window, qtbot: QtBot) -> None:
    window.open()
    window.type("position")
    assert window.palette_box.line.accessibleDescription() == "Close the position, Control Shift X. 1 of 2"
    window.key(Qt.Key.Key_Down)
    assert "not now: 1 cannot be halved" in window.palette_box.line.accessibleDescription()
    window.key(Qt.Key.Key_Up)
    window.key(Qt.Key.Key_Up)
    window.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.done == ["close"])


def test_a_symbol_is_loaded_a_known_one_and_one_nobody_named(window: Window, qtbot: QtBot) -> None:
    window.open()
    assert window.type("symbol esz") == ["Load ESZ5", "Load MESZ5", "Load esz"]
    window.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.intents == [SelectSymbol(ACCOUNT.connection, "ESZ5")])
    window.open()
    assert window.type("symbol ZCH6") == ["Load ZCH6"]
    window.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.intents[1:] == [SelectSymbol(ACCOUNT.connection, "ZCH6")])


def test_accounts_are_listed_with_their_mode_and_shown_not_switched(window: Window, qtbot: QtBot) -> None:
    window.open()
    assert window.type("account sim1") == ["Show account Sim1 · SIM · sim"]
    assert window.palette_box.rows[0].reason == "It is on show." and window.intents == []
    assert not [one for one in window.intents if isinstance(one, SelectAccount)]


def test_what_nobody_called_anything_is_said(window: Window) -> None:
    window.open()
    assert window.type("qqqq") == []
    assert window.palette_box.line.accessibleDescription() == "Nothing is called that."
