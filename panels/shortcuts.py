"""The keys of a window: they are taken, looked up, and what they stand for is done or the reason told.

No key does nothing in silence. A key somebody changed asks at its first use, so that a slip of the settings is found
out by a question and not by an order.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from panels.actions import ACTIONS, Action, Effect, action_named, those_of
from panels.confirm_dialog import ConfirmDialog
from panels.deed import Deed, Deeds
from panels.keymap import as_tried, keymap_of, shown_key, untried
from panels.theme import Theme

Asks = Callable[[str, str, str, Callable[[], object]], None]


def is_typing(widget: QWidget | None) -> bool:
    """Return whether what has the keyboard takes text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return widget.isEnabled() and not widget.isReadOnly()
    if isinstance(widget, QAbstractSpinBox):
        return not widget.isReadOnly()
    return isinstance(widget, QComboBox) and widget.isEditable()


def field_name(widget: QWidget | None) -> str:
    """Return what a field is called, for a sentence."""
    return (widget.accessibleName() if widget is not None else "").split(":")[0] or "the field"


class Shortcuts(QObject):
    """The keys of one window (GUI thread).

    Attributes:
        is_test: keys only tell what they would do.
        chosen: the trader's own keys. theme: what questions are asked in.

    Signals:
        told: a sentence for the trader: why a key did nothing, or what it would do.
        chosen_changed: the trader's own keys, to be kept: one was changed, or used for the first time.
    """

    told = Signal(str)
    chosen_changed = Signal(object)

    def __init__(self, window: QWidget, theme: Theme, deeds: Deeds, platform: str = sys.platform) -> None:
        super().__init__(window)
        self._window, self.theme, self.platform = window, theme, platform
        self._deeds = deeds
        self.actions = those_of(deeds)
        self.is_test = False
        self.chosen: Mapping[str, str] = {}
        self._shortcuts: list[QShortcut] = []
        self._overruled: list[QShortcut] = []
        self._question: ConfirmDialog | None = None
        self.keymap = keymap_of(self.actions, {}, platform)
        self._install()

    @property
    def deeds(self) -> Deeds:
        """What stands behind each action."""
        return self._deeds

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self.theme = theme

    def set_keys(self, chosen: Mapping[str, str]) -> None:
        """Take the trader's own keys as they are kept; a key that was never used asks at its first use."""
        self.chosen = dict(chosen)
        self.keymap = keymap_of(self.actions, chosen, self.platform)
        self._install()

    def choose(self, chosen: Mapping[str, str]) -> None:
        """Take the trader's own keys, and have them kept."""
        self.set_keys(chosen)
        self.chosen_changed.emit(self.chosen)

    def refresh(self, snapshot: object, monotonic_s: float) -> None:
        """Let an open question listen, and expire."""
        if self._question is not None:
            self._question.refresh(snapshot, monotonic_s)  # type: ignore[arg-type]

    def run(self, name: str, by: str) -> None:
        """Do what an action stands for, or tell why not.

        Args:
            by: what asked for it, as a sentence begins with it: a key, or the words of the action.
        """
        deed = self._deeds[name]
        reason = deed.refusal() or deed.run()
        if reason:
            self.told.emit(f"{by}: {reason}")

    def press(self, key: str) -> None:
        """Take a press of a key."""
        name = self.keymap.holder(key)
        if key in self.keymap.torn:
            both = " and ".join(f"“{action_named(one).words}”" for one in self.keymap.torn[key])
            self.told.emit(f"{shown_key(key)} stands for {both}, so it does nothing. Change one of them in Settings.")
        elif name:
            self._press(action_named(name), key)

    def _press(self, action: Action, key: str) -> None:
        focus, shown = QApplication.focusWidget(), shown_key(key)
        if self.is_test:
            self._used(action.name)
            self.told.emit(f"Test: {shown} would do “{action.words}”.{_against(self._deeds[action.name])}")
        elif is_typing(focus) and not action.while_typing:
            self.told.emit(f"{shown} is not taken while {field_name(focus)} has the keyboard.")
        elif action.name in untried(self.chosen):
            self._ask_first(action, key)
        else:
            self.run(action.name, shown)

    def _ask_first(self, action: Action, key: str) -> None:
        if self._question is not None:
            return
        deed, shown = self._deeds[action.name], shown_key(key)
        facts = deed.facts() or action.words
        entry = action.effect is Effect.ENTRY
        self._question = ConfirmDialog(
            self.theme,
            self._window.window(),
            f"{shown}: {action.words}",
            f"You changed this key. It will do: {facts}. This is asked once.{_against(deed)}",
            "Do it",
            "Not now",
            yes_default=not entry,
        )
        self._question.agreed.connect(partial(self._agreed, action, key, facts))
        self._question.finished.connect(self._forget_question)
        self._question.open()

    def _agreed(self, action: Action, key: str, facts: str) -> None:
        """Do what was said; where it would be something else by now, that is asked about."""
        if (self._deeds[action.name].facts() or action.words) != facts:
            self._ask_first(action, key)
            return
        self._used(action.name)
        self.run(action.name, shown_key(key))

    def _used(self, name: str) -> None:
        if name in untried(self.chosen):
            self.chosen = as_tried(self.chosen, name)
            self.chosen_changed.emit(self.chosen)

    def _forget_question(self) -> None:
        self._question = None

    def _install(self) -> None:
        for old in self._shortcuts:
            old.setEnabled(False)
            old.deleteLater()
        wanted = [key for one in ACTIONS for key in self.keymap.keys.get(one.name, ())]
        self._shortcuts = [self._made(key) for key in [*wanted, *self.keymap.torn]]
        self._overrule(frozenset([*wanted, *self.keymap.torn]))

    def _overrule(self, keys: frozenset[str]) -> None:
        """Let no panel keep a key for itself that the trader's map gives a meaning; another window has its own."""
        for one in self._overruled:
            one.setEnabled(True)
        others = [one for one in self._window.findChildren(QShortcut) if one not in self._shortcuts and one.isEnabled()]
        form = QKeySequence.SequenceFormat.PortableText
        self._overruled = [one for one in others if one.key().toString(form) in keys and self._is_here(one)]
        for one in self._overruled:
            one.setEnabled(False)

    def _context(self, key: str) -> Qt.ShortcutContext:
        """Return where a key is heard: a way out in every window of the program, all else in this one."""
        name = self.keymap.holder(key)
        is_way_out = bool(name) and action_named(name).effect is Effect.CHANGE and action_named(name).while_typing
        return Qt.ShortcutContext.ApplicationShortcut if is_way_out else Qt.ShortcutContext.WindowShortcut

    def _is_here(self, shortcut: QShortcut) -> bool:
        owner = shortcut.parent()
        if not isinstance(owner, QWidget):
            return False
        floating = (dock.isAncestorOf(owner) for dock in self._window.findChildren(QDockWidget))
        return owner is self._window or self._window.isAncestorOf(owner) or any(floating)

    def _made(self, key: str) -> QShortcut:
        made = QShortcut(QKeySequence(key), self._window, context=self._context(key))
        made.setAutoRepeat(False)
        made.activated.connect(partial(self.press, key))
        # Something else in the window has the key too: the trader's map decides, and not which of them was made first.
        made.activatedAmbiguously.connect(partial(self.press, key))
        return made


def _against(deed: Deed) -> str:
    reason = deed.refusal()
    return f" Now it could not: {reason}" if reason else ""
