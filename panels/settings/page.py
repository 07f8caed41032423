"""A page of the settings: named rows in sections, each found by the words it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.preferences import Preferences
from core.settings_facts import SettingsFacts
from core.snapshot import Snapshot
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Choice, Tick
from panels.widgets.labels import TextLabel
from panels.wishes import ChangePreferences

LABEL_WIDTH = 148
# Of a snapshot, what pages show.
LOOKED_AT = (
    *("settings", "limits", "desk", "guards", "accounts", "one_click", "resettable"),
    *("connections", "positions", "orders", "selected_account"),
)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SettingsState:
    """What the pages show."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    preferences: Preferences = field(default_factory=Preferences)
    facts: SettingsFacts = field(default_factory=SettingsFacts)
    now: datetime = BEGINNING

    def differs(self, other: SettingsState) -> bool:
        """Return whether anything a page shows is another; prices are not among it."""
        if self.preferences is not other.preferences or self.facts is not other.facts:
            return True
        return any(getattr(self.snapshot, name) is not getattr(other.snapshot, name) for name in LOOKED_AT)


class Row(QWidget):
    """A label, a control beside it, or under it where that is wide, and room for a word on it.

    Attributes:
        words: what a search looks at, in small letters.
    """

    def __init__(self, title: str, control: QWidget, note: str = "", also: str = "", is_wide: bool = False) -> None:
        super().__init__()
        self.words = f"{title} {note} {also} {control.accessibleName()}".casefold()
        label = TextLabel(wrap=True)
        label.say(title, "ink2")
        if not is_wide:
            label.setFixedWidth(LABEL_WIDTH)
        label.setBuddy(control)
        beside = QVBoxLayout()
        beside.setSpacing(2)
        line = QHBoxLayout()
        line.addWidget(control)
        line.addStretch(1)
        beside.addLayout(line)
        self.note = TextLabel(step="label")
        self.note.say(note, "ink3")
        self.note.setVisible(bool(note))
        beside.addWidget(self.note)
        self.beside = beside
        layout = QVBoxLayout(self) if is_wide else QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4 if is_wide else 12)
        layout.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(beside, 1)
        if isinstance(control, TypedField):
            beside.addWidget(control.cause)

    def say(self, text: str, tone: str = "ink3") -> None:
        """Say something under the control; nothing for an empty text."""
        self.note.say(text, tone)
        self.note.setVisible(bool(text))


class Page(QScrollArea):
    """One page.

    Attributes:
        title: as the list of pages has it. words: by which it is found besides its rows, in small letters.

    Signals:
        intent: a command, or a wish to the window.
    """

    title = ""
    also = ""
    intent = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"settingsPage_{name}")
        self.setAccessibleName(f"Settings, {self.title}")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.seen = SettingsState()
        self.rows: list[Row] = []
        self._body = QWidget()
        self.layout_ = QVBoxLayout(self._body)
        self.layout_.setContentsMargins(4, 0, 16, 16)
        self.layout_.setSpacing(8)
        self.heading(self.title, "value")
        self.build()
        self.layout_.addStretch(1)
        self.setWidget(self._body)

    # -- for a page to say ------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Put the rows in place; called once."""

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Draw what differs. `is_new`: the page has just been opened, so nothing is being typed."""

    # -- for a page to use ------------------------------------------------------------------------------------------

    def heading(self, text: str, step: str = "body") -> TextLabel:
        """Begin a section."""
        label = TextLabel(step=step, bold=True)
        label.say(text)
        label.setContentsMargins(0, 10 if self.rows else 0, 0, 2)
        self.layout_.addWidget(label)
        return label

    def text(self, text: str = "", tone: str = "ink2", step: str = "body") -> TextLabel:
        """Add a sentence."""
        label = TextLabel(step=step)
        label.say(text, tone)
        self.layout_.addWidget(label)
        return label

    def row(self, title: str, control: QWidget, note: str = "", also: str = "", is_wide: bool = False) -> Row:
        """Add a control with its label."""
        made = Row(title, control, note, also, is_wide)
        self.rows.append(made)
        self.layout_.addWidget(made)
        return made

    def part(self, widget: QWidget) -> None:
        """Add something across the page."""
        self.layout_.addWidget(widget)

    def prefer(self, **changes: Any) -> None:
        """Ask for other preferences, unless they are those there are."""
        wanted = replace(self.seen.preferences, **changes)
        if wanted != self.seen.preferences:
            self.intent.emit(ChangePreferences(wanted))

    # -- for the window ---------------------------------------------------------------------------------------------

    def take(self, seen: SettingsState, *, is_new: bool = False) -> None:
        """Show a state; nothing is drawn where what a page shows is what is on show."""
        differs = is_new or seen.differs(self.seen)
        self.seen = seen
        if differs:
            self.show_state(seen, is_new=is_new)

    def search(self, words: Iterable[str]) -> bool:
        """Show the rows that say every one of these words, or all where the page itself does; return whether any."""
        wanted = [word.casefold() for word in words]
        own = f"{self.title} {self.also}".casefold()
        whole = all(word in own for word in wanted)
        hits = [all(word in f"{own} {row.words}" for word in wanted) for row in self.rows]
        for row, hit in zip(self.rows, hits, strict=True):
            row.setVisible(whole or hit)
        return whole or any(hits)

    def focus_first(self) -> None:
        """Give the first control the keyboard."""
        for row in self.rows:
            found = next(
                (one for one in row.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus), None
            )
            if found is not None and not row.isHidden() and found.isEnabled():
                found.setFocus(Qt.FocusReason.TabFocusReason)
                return


def choice_of(
    object_name: str, name: str, words: dict[Any, str], chosen: Callable[[Any], None], width: int = 240
) -> Choice:
    """Make a drop-down of values by the words they are shown by; only what the trader chooses is told."""
    made = Choice(object_name, name, words.values(), width)
    values = list(words)
    made.activated.connect(lambda at: chosen(values[at]))
    return made


def show_choice(choice: Choice, words: dict[Any, str], value: Enum | Any) -> None:
    """Show a value in a drop-down."""
    at = list(words).index(value) if value in words else -1
    if choice.currentIndex() != at:
        with QSignalBlocker(choice):
            choice.setCurrentIndex(at)


def show_tick(tick: Tick, on: bool) -> None:
    """Show whether a box is ticked, without telling."""
    if tick.isChecked() != on:
        with QSignalBlocker(tick):
            tick.setChecked(on)
