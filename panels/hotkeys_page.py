"""The page of keys: every action with its key, another key by pressing it, what it would be in the way of, and a test.

A key is pressed, not typed. Nothing is taken over before its clashes were read: the press shows them, a button takes
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from panels.actions import Action
from panels.keymap import Clash, Weight, clashes, read_key, shown_key, spoken_key, untried, with_key
from panels.shortcuts import Shortcuts
from panels.theme import Theme, font, size
from panels.widgets.controls import Tick, button, explain
from panels.widgets.labels import TextLabel, name_value
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView

PRESS = "Press the new key"
IDLE = "Choose an action, then press “Change key”."
TESTING = "Test: keys say here what they would do, and do nothing."
REPLACES = {Weight.TAKEN: "It would lose it."}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One action and its keys, as listed."""

    action: Action
    keys: tuple[str, ...]
    note: str


class KeyBox(QPushButton):
    """While it listens, every key is a key to it and to nothing else; Esc and Tab leave.

    Signals:
        pressed_key: the key, in portable form.
        left: it listens no more.
    """

    pressed_key = Signal(str)
    left = Signal()
    is_listening = False

    def __init__(self, object_name: str, name: str) -> None:
        super().__init__("")
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setAutoDefault(False)
        self.setFont(font("body", number=True))
        self.setFixedHeight(size("control"))

    def listen(self) -> None:
        """Take the next keys."""
        self.is_listening = True
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Keep what is pressed from being a shortcut while listening."""
        if self.is_listening and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell the key."""
        if not self.is_listening:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.leave()
            return
        plain = event.keyCombination().keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = read_key(QKeySequence(plain.value | event.key()).toString(QKeySequence.SequenceFormat.PortableText))
        if key and not event.isAutoRepeat():
            self.pressed_key.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Listen no more once the keyboard is elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.leave()

    def leave(self) -> None:
        """Listen no more."""
        if self.is_listening:
            self.is_listening = False
            self.left.emit()


class HotkeysPage(QWidget):
    """The list, and what is done with it. Changes go through the Shortcuts, which has them kept."""

    def __init__(self, theme: Theme, shortcuts: Shortcuts) -> None:
        super().__init__()
        self.setObjectName("hotkeysPage")
        self.setAccessibleName("Keys")
        self._shortcuts = shortcuts
        self._wanted = ""
        self.test = Tick("hotkeysTest", "Test mode", TESTING)
        self.reset_all = button("hotkeysResetAll", "Reset all", "Reset all keys to those it ships with")
        columns: tuple[Column[KeyRow], ...] = (
            Column("Action", lambda row: row.action.words, 270),
            Column("Key", _keys, 180, spoken=lambda row: ", ".join(spoken_key(key) for key in row.keys) or "no key"),
            Column("Group", lambda row: row.action.group.value, 140, tone=lambda _: "ink2"),
            Column("In the way of", lambda row: row.note, 240, tone=lambda row: "caution" if row.note else ""),
        )
        self._model: RowsModel[KeyRow] = RowsModel(columns, key=lambda row: row.action.name)
        self.view: RowsView[KeyRow] = RowsView("hotkeysTable", "Actions and their keys", self._model, theme)
        self.change = button("hotkeysChange", "Change key", "Change the key of the chosen action")
        self.remove = button("hotkeysRemove", "No key", "Take the key away from the chosen action")
        self.reset = button("hotkeysReset", "Reset", "Give the chosen action the key it ships with")
        self.box = KeyBox("hotkeysBox", "The key that was pressed")
        self.take = button("hotkeysTake", "Take it", "Give the chosen action this key")
        self.said = TextLabel("hotkeysSaid")
        self.said.say(IDLE, "ink2")
        self.setFocusProxy(self.view)
        self._lay_out()
        self._connect()
        self.show_keys()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.view.set_theme(theme)

    def show_keys(self) -> None:
        """List every action with its keys, and what they are in the way of."""
        shortcuts = self._shortcuts
        fresh = untried(shortcuts.chosen)
        rows = []
        for one in shortcuts.actions:
            keys = shortcuts.keymap.keys.get(one.name, ())
            notes = [self._torn_words(one)] if self._torn_words(one) else []
            notes += [clash.text for key in keys for clash in self._clashes(key, one)]
            notes += ["Asks at its first use."] if one.name in fresh else []
            notes += ["Its key in the settings cannot be read."] if one.name in shortcuts.keymap.unread else []
            rows.append(KeyRow(one, keys, " ".join(notes)))
        self._model.set_rows(rows)
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        """List the keys as they are by now."""
        super().showEvent(event)
        self.show_keys()

    def hideEvent(self, event: QHideEvent) -> None:
        """End the test with the page."""
        self.test.setChecked(False)
        super().hideEvent(event)

    def focus_first(self) -> None:
        """Put the keyboard on the list."""
        self.view.setFocus()
        if not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self._model.index(0, 0))

    @property
    def chosen(self) -> Action | None:
        """The action of the row that is chosen."""
        at = self.view.currentIndex().row()
        return self._model.rows[at].action if 0 <= at < len(self._model.rows) else None

    def _clashes(self, key: str, action: Action) -> Sequence[Clash]:
        shortcuts = self._shortcuts
        return clashes(key, action, shortcuts.actions, shortcuts.keymap, shortcuts.platform)

    def _torn_words(self, action: Action) -> str:
        for key, names in self._shortcuts.keymap.torn.items():
            if action.name in names:
                return f"{shown_key(key)} was given to {len(names)} actions and does nothing."
        return ""

    def _listen(self) -> None:
        if self.chosen is not None:
            self._offer("")
            self.box.listen()
            self._say(f"{PRESS} for “{self.chosen.words}”. Esc leaves.")

    def _pressed(self, key: str) -> None:
        """Take a pressed key: tell what it would do in the test, else what it would be in the way of."""
        if self.test.isChecked():
            self._test(key)
            return
        action = self.chosen
        if action is None:
            return
        found = self._clashes(key, action)
        refused = any(one.weight is Weight.REFUSED for one in found)
        self._offer("" if refused else key)
        words = [f"{one.text} {REPLACES.get(one.weight, '')}".strip() for one in found]
        own = key in self._shortcuts.keymap.keys.get(action.name, ())
        fits = f"{shown_key(key)} is {'its key already' if own else 'free'}. It asks once, at its first use."
        self._say(" ".join(words) or fits, "danger" if refused else "caution" if words else "ok")

    def _test(self, key: str) -> None:
        keymap = self._shortcuts.keymap
        if keymap.holder(key) or key in keymap.torn:
            self._shortcuts.press(key)
        else:
            self._say(f"Test: {shown_key(key)} does nothing.")
        self.show_keys()

    def _take(self) -> None:
        action, key = self.chosen, self._wanted
        if action is None or not key:
            return
        chosen = with_key(self._shortcuts.chosen, action.name, key)
        for name in [one for one, text in chosen.items() if one != action.name and read_key(text) == key]:
            chosen = with_key(chosen, name, None)  # a key it only ships with goes by itself, and comes back
        self._keep(chosen, f"{shown_key(key)} is “{action.words}” now. It asks once, at its first use.")

    def _remove(self) -> None:
        if (action := self.chosen) is not None:
            self._keep(with_key(self._shortcuts.chosen, action.name, ""), f"“{action.words}” has no key now.")

    def _reset(self) -> None:
        if (action := self.chosen) is not None:
            self._keep(with_key(self._shortcuts.chosen, action.name, None), f"“{action.words}” is as it was shipped.")

    def _keep(self, chosen: dict[str, str], words: str) -> None:
        self._offer("")
        self._shortcuts.choose(chosen)
        self.show_keys()
        self._say(words, "ok")
        self.view.setFocus()

    def _begin_test(self, on: bool) -> None:
        self._shortcuts.is_test = on
        self._offer("")
        self._say(TESTING if on else IDLE, "caution" if on else "ink2")
        self._follow()
        if on:
            self.box.listen()
        else:
            self.box.leave()

    def _offer(self, key: str) -> None:
        self._wanted = key
        self.box.setText(shown_key(key) if key else "")
        name_value(self.box, "The key that was pressed", spoken_key(key) if key else "none")
        self.take.setEnabled(bool(key))
        explain(self.take, "" if key else "No key was pressed that could be taken.")

    def _follow(self) -> None:
        able = self.chosen is not None and not self.test.isChecked()
        for one in (self.change, self.remove, self.reset):
            one.setEnabled(able)
            explain(one, "" if able else "Not in the test." if self.test.isChecked() else IDLE)

    def _say(self, text: str, tone: str = "ink1") -> None:
        self.said.say(text, tone)
        self.box.setAccessibleDescription(text)

    def _connect(self) -> None:
        self.change.clicked.connect(self._listen)
        self.remove.clicked.connect(self._remove)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(lambda: self._keep({}, "Every key is as it was shipped."))
        self.take.clicked.connect(self._take)
        self.box.clicked.connect(self._listen)
        self.box.pressed_key.connect(self._pressed)
        self.test.toggled.connect(self._begin_test)
        self.view.selectionModel().currentChanged.connect(self._chosen_changed)
        self.view.doubleClicked.connect(lambda _: self._listen())
        self._shortcuts.told.connect(self._told)

    def _chosen_changed(self) -> None:
        self._offer("")
        self._follow()
        at = self.view.currentIndex().row()
        if 0 <= at < len(self._model.rows) and not self.test.isChecked():
            note = self._model.rows[at].note
            self._say(note or IDLE, "caution" if note else "ink2")

    def _told(self, text: str) -> None:
        if self.test.isChecked():
            self._say(text)

    def _lay_out(self) -> None:
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.test)
        top.addStretch(1)
        top.addWidget(self.reset_all)
        self.box.setMinimumWidth(170)
        foot.setSpacing(8)
        for one in (self.change, self.box, self.take, self.remove, self.reset):
            foot.addWidget(one)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addLayout(foot)
        layout.addWidget(self.said)


def _keys(row: KeyRow) -> str:
    return "  ".join(shown_key(key) for key in row.keys)
