"""No sequence of keys without the arm gesture sends an entry where the money is real: drawn by chance, at length.

Every action has a key, also those that ship without one; keys are exchanged meanwhile, questions are answered with yes,
the palette is asked for everything, and figures are typed into the ticket. Only the gesture itself is left out.
"""

import random
from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.commands import ArmAccount, OpenWithBracket, ReversePosition, SetOneClick, SubmitOrder
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.actions import ACTIONS
from panels.command_palette import CommandPalette
from panels.keymap import as_tried, with_key
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, flat, in_mode, long_two

STEPS = 90
PLAIN = [
    "Return",
    "Enter",
    "Space",
    "Tab",
    "Shift+Tab",
    "Esc",
    "Up",
    "Down",
    "Left",
    "Right",
    "Del",
    "B",
    "1",
    "9",
    "F2",
]
KEYS = [*(f"F{number}" for number in range(13, 25)), *(f"Ctrl+Alt+{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
KEYS += [f"Ctrl+Alt+Shift+{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
TYPED = {
    "qtyBox": ("1", "2", "risk 100"),
    "priceBox": ("5050.25", "9"),
    "triggerBox": ("5052.25", ""),
    "stopBox": ("", "10t"),
    "targetBox": ("", "20t"),
}
GESTURE = "arm"
# What opens windows of its own, or leaves this one, sends nothing and would only take the keyboard away.
ELSEWHERE = (GESTURE, "full-screen", "help", "settings", "hotkeys", "detach-ticket")


class Fingers:
    """Hands on the keyboard of one view, drawing what to do by chance."""

    def __init__(self, view: Bench, seed: int) -> None:
        self.view, self.dice = view, random.Random(seed)
        actions = [one.name for one in view.widget.keys.actions if one.name not in ELSEWHERE]
        spare = self.dice.sample(KEYS, len(actions))
        chosen: dict[str, str] = {GESTURE: ""}
        for name, key in zip(actions, spare, strict=True):
            chosen = with_key(chosen, name, key)
            chosen = as_tried(chosen, name) if self.dice.random() < 0.8 else chosen
        self.actions, self.chosen = actions, chosen
        view.widget.keys.set_keys(chosen)

    def step(self, world: Snapshot) -> None:
        """Do one thing, and let the window draw."""
        ways = (
            *(self._key,) * 8,
            *(self._plain, self._answer, self._palette, self._type, self._leave) * 2,
            self._exchange,
        )
        is_asked = QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None
        self.dice.choice((self._answer, self._answer, self._leave, self._plain) if is_asked else ways)()
        self.view.show(world, after_s=0.4)
        if QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None:
            self.view.widget.activateWindow()  # as a window manager does when a question has gone
        QApplication.processEvents()

    def _focus(self) -> QWidget:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup
        window: QWidget = QApplication.activeModalWidget() or self.view.widget
        return window.focusWidget() or window

    def _hit(self, key: str) -> None:
        pressed = QKeySequence(key)[0]  # type: ignore[index]
        focus = self._focus()
        QTest.keyPress(focus, pressed.key(), pressed.keyboardModifiers())
        if isValid(focus):  # the press may have closed what it was in
            QTest.keyRelease(focus, pressed.key(), pressed.keyboardModifiers())

    def _key(self) -> None:
        self._hit(self.chosen[self.dice.choice(self.actions)])

    def _plain(self) -> None:
        for _ in range(self.dice.randint(1, 4)):
            self._hit(self.dice.choice(PLAIN))

    def _answer(self) -> None:
        for one in QApplication.topLevelWidgets():
            if not isValid(one) or not one.isVisible():
                continue
            if isinstance(one, QDialog):
                fields = one.findChildren(QLineEdit, "confirmField")
                for each in fields:
                    QTest.keyClicks(each, self.dice.choice(("1", "2", "LOCK")))
                yes = one.findChild(QPushButton, "confirmYes")
                if yes is not None:
                    QTest.keyClick(yes, Qt.Key.Key_Space)
            elif isinstance(one, QMenu):
                QTest.keyClick(one, Qt.Key.Key_Down)
                QTest.keyClick(one, Qt.Key.Key_Return)

    def _leave(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for one in QApplication.topLevelWidgets():
            if isValid(one) and one.isVisible() and isinstance(one, QDialog | QMenu):
                QTest.keyClick(one, Qt.Key.Key_Escape)

    def _palette(self) -> None:
        self._hit(self.chosen["command-palette"])
        box = self.view.widget.findChild(CommandPalette)
        if box is not None and box.isVisible():
            words = [one.words for one in ACTIONS if one.name != GESTURE and one.name in self.actions]
            QTest.keyClicks(box.line, self.dice.choice(["buy", "sell", "send", "reverse", *words]))
            QTest.keyClick(box.line, Qt.Key.Key_Return)

    def _exchange(self) -> None:
        one, other = self.dice.sample(self.actions, 2)
        both = {one: self.chosen[other], other: self.chosen[one]}
        self.chosen = {**self.chosen, **both}
        self.view.widget.keys.choose(self.chosen)

    def _type(self) -> None:
        for name, texts in TYPED.items():
            self.view.find(name).setText(self.dice.choice(texts))


def entries(view: Bench) -> list[object]:
    """Return what would open or add."""
    return [one for one in view.intents if isinstance(one, SubmitOrder | OpenWithBracket | ReversePosition)]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL, None])
def test_no_keys_without_the_gesture_send_an_entry(view: Bench, mode: Mode | None, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    worlds = [in_mode(mode, flat()), in_mode(mode, long_two())]
    view.show(worlds[0])
    for seed in range(2):
        fingers = Fingers(view, seed)
        for _ in range(STEPS):
            fingers.step(worlds[seed])
    reducing = [one for one in entries(view) if isinstance(one, SubmitOrder) and one.side.sign < 0]
    assert [one for one in entries(view) if one not in reducing] == []
    assert not [one for one in view.intents if isinstance(one, ArmAccount)]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_same_keys_do_send_entries_once_the_gesture_was_made(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    armed = MappingProxyType({ACCOUNT: 9_999.0})
    world = replace(in_mode(Mode.LIVE, flat()), armed=armed, one_click=MappingProxyType({ACCOUNT: True}))
    view.show(world)
    fingers = Fingers(view, 1)
    for _ in range(6 * STEPS):
        fingers.step(world)
        if entries(view):
            break
    assert entries(view)
    assert not [one for one in view.intents if isinstance(one, SetOneClick) and one.on]
