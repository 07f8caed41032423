"""One line in which everything can be asked for by name (Ctrl+K): actions with their keys, symbols, accounts.

It does nothing a key or a button would not: what asks before it sends asks from here too. Nothing is chosen before
something was typed or the arrows were used, so Enter alone does nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QVBoxLayout, QWidget

from core.commands import SelectAccount, SelectSymbol
from core.snapshot import Snapshot
from panels.fuzzy import nearest
from panels.keymap import shown_key, spoken_key
from panels.shortcuts import Shortcuts
from panels.shown import shown_in
from panels.theme import Theme, font, size
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView
from panels.zoomed import px

WIDTH, HEIGHT = 760, 420
SYMBOL_WORD = "symbol "
NOTHING = "Nothing is called that."
HINT = "A command, “symbol ES…” or “account …”; arrows choose, Enter does it, Esc leaves."


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list.

    Attributes:
        reason: why it cannot be done now; "" when it can.
        also: further words it is found by.
    """

    name: str
    words: str
    key: str
    reason: str
    also: str
    run: Callable[[], object]


def symbol_entries(snapshot: Snapshot, take: Callable[[object], None]) -> list[Entry]:
    """Return the symbols the selected account's connection has named."""
    key = snapshot.selected_account
    if key is None:
        return []
    names = sorted(symbol for place, symbol in snapshot.instruments if place == key.connection)
    return [_symbol(key.connection, name, take) for name in names]


def account_entries(snapshot: Snapshot, take: Callable[[object], None]) -> list[Entry]:
    """Return the accounts, each with its mode: choosing one shows it and changes nothing else."""
    made = []
    for key, account in sorted(snapshot.accounts.items(), key=lambda one: (one[0].connection, one[0].account)):
        mode = "not classified" if account.mode is None else account.mode.value
        words = f"Show account {key.account} · {mode} · {key.connection}"
        shown = "It is on show." if key == snapshot.selected_account else ""
        made.append(Entry(f"account-{key}", words, "", shown, "select", partial(take, SelectAccount(key))))
    return made


def found(query: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return what fits what was typed; everything while nothing is."""
    return nearest(query, entries, lambda one: one.words, lambda one: one.also)


def _symbol(connection: str, name: str, take: Callable[[object], None]) -> Entry:
    return Entry(f"symbol-{name}", f"Load {name}", "", "", "symbol", partial(take, SelectSymbol(connection, name)))


class CommandPalette(QDialog):
    """The line and the list under it.

    Signals:
        intent: SelectSymbol, SelectAccount.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, shortcuts: Shortcuts) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._owner = parent
        self.setObjectName("commandPalette")
        self.setWindowTitle("Find a command")
        self.setAccessibleName("Find a command")
        self._shortcuts = shortcuts
        self._snapshot = Snapshot()
        self._entries: list[Entry] = []
        self._before: QWidget | None = None
        self.line = QLineEdit()
        self.line.setObjectName("paletteLine")
        self.line.setAccessibleName("Find a command")
        self.line.setAccessibleDescription(HINT)
        self.line.setPlaceholderText(HINT)
        self.line.setFont(font("value"))
        self.line.setMinimumHeight(size("control") + 8)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._find)
        columns: tuple[Column[Entry], ...] = (
            Column("Command", lambda one: one.words, 300, tone=lambda one: "ink2" if one.reason else ""),
            Column("Key", lambda one: shown_key(one.key), 150, spoken=lambda one: spoken_key(one.key)),
            Column("Why not now", lambda one: one.reason, 260, tone=lambda _: "ink2"),
        )
        self._model: RowsModel[Entry] = RowsModel(columns, key=lambda one: one.name)
        self.view: RowsView[Entry] = RowsView("paletteList", "Commands", self._model, theme)
        self.view.horizontalHeader().hide()
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.doubleClicked.connect(lambda _: self._run())
        plate = QFrame()
        plate.setProperty("kind", "panel")
        layout = QVBoxLayout(plate)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.line)
        layout.addWidget(self.view, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(plate)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.view.set_theme(theme)

    def put_up(self, snapshot: Snapshot) -> None:
        """Open over the window, with nothing typed and nothing chosen; once more closes it."""
        if self.isVisible():
            self.reject()
            return
        self._snapshot = snapshot
        window = self._owner.window()
        self._before = window.focusWidget()
        self._entries = [
            *self._actions(),
            *symbol_entries(snapshot, self._emit),
            *account_entries(snapshot, self._emit),
        ]
        self.line.clear()
        self._find("")
        self.resize(min(px(WIDTH), window.width() - 32), min(px(HEIGHT), window.height() - 120))
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 84)))
        self.open()
        self.line.setFocus()

    @property
    def rows(self) -> Sequence[Entry]:
        """What is listed."""
        return self._model.rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move and choose in the list while the line keeps the keyboard."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        key = Qt.Key(event.key())
        if key in steps:
            self._move(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self._run()
        else:
            return super().eventFilter(watched, event)
        return True

    def done(self, result: int) -> None:
        """Close, and give the keyboard back to what had it."""
        super().done(result)
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        self._before = None

    def _actions(self) -> list[Entry]:
        keymap, deeds = self._shortcuts.keymap, self._shortcuts.deeds
        return [
            Entry(
                one.name,
                one.words,
                keymap.first(one.name),
                deeds[one.name].refusal(),
                f"{one.also} {one.group.value}",
                partial(self._shortcuts.run, one.name, one.words),
            )
            for one in self._shortcuts.actions
            if one.name != "command-palette"
        ]

    def _find(self, typed: str) -> None:
        rows = found(typed, self._entries) if typed.strip() else list(self._entries)
        rows.extend(self._unnamed(typed, rows))
        self._model.set_rows(rows)
        self.view.say_when_empty(NOTHING)
        if typed.strip() and rows:
            self.view.setCurrentIndex(self._model.index(0, 0))
            self._speak()
        else:
            self.view.setCurrentIndex(self._model.index(-1, -1))
            if not rows:
                self._say(NOTHING)

    def _unnamed(self, typed: str, rows: Sequence[Entry]) -> list[Entry]:
        """Offer to load a symbol nobody has named yet; the broker knows whether there is one."""
        name = typed[len(SYMBOL_WORD) :].strip() if typed.casefold().startswith(SYMBOL_WORD) else ""
        connection = shown_in(self._snapshot).account_key
        known = any(one.name == f"symbol-{name}" for one in rows)
        return [] if not name or known or connection is None else [_symbol(connection.connection, name, self._emit)]

    def _move(self, by: int) -> None:
        count, at = len(self._model.rows), self.view.currentIndex().row()
        if count:
            first = 0 if by > 0 else count - 1
            self.view.setCurrentIndex(self._model.index(first if at < 0 else max(0, min(count - 1, at + by)), 0))
            self._speak()

    def _run(self) -> None:
        at = self.view.currentIndex().row()
        if not 0 <= at < len(self._model.rows):
            self._say("Type a command or choose one with the arrows.")
            return
        entry = self._model.rows[at]
        if entry.reason:
            self._say(f"Not now: {entry.reason}")
            return
        self.accept()
        QTimer.singleShot(0, entry.run)  # once the window behind has the keyboard again

    def _emit(self, wanted: object) -> None:
        self.intent.emit(wanted)

    def _speak(self) -> None:
        at = self.view.currentIndex().row()
        one = self._model.rows[at]
        reason = f"not now: {one.reason.rstrip('.')}" if one.reason else ""
        parts = [one.words, spoken_key(one.key), reason]
        self._say(f"{', '.join(part for part in parts if part)}. {at + 1} of {len(self._model.rows)}")

    def _say(self, text: str) -> None:
        """Say what is chosen: the keyboard stays in the line, so no screen reader would."""
        self.line.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.line, text))
