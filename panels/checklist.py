"""The first steps: a line under the toolbar that says what is left to be set up, each with the way to it.

A step is ticked off by what is the case, not by having been looked at, except the keys, which one can only look at. In
SIM a sample trade shows the two presses everything is about. It is put away for good with one button.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.link import Link
from core.model.scope import Mode
from core.preferences import Preferences
from core.snapshot import Snapshot
from panels.shown import shown_in
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel, name_value
from panels.widgets.scroller import Strip
from panels.wishes import ChangePreferences, OpenSettings, PointAt

CONNECTION, ACCOUNTS, LIMITS, HOTKEYS, SAMPLE = "connection", "accounts", "limits", "hotkeys", "sample"
NAMES: Final = (CONNECTION, ACCOUNTS, LIMITS, HOTKEYS, SAMPLE)
TICKED: Final = "✓"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        words: of its button while it is to be done, and after the tick when it is.
        why: one sentence.
        wish: what its button asks for.
    """

    name: str
    words: str
    why: str
    is_done: bool
    wish: object


def steps(snapshot: Snapshot, preferences: Preferences) -> tuple[Step, ...]:
    """Return the steps as they stand; the sample trade only while an account in SIM is on show. Pure."""
    ready = [name for name, status in snapshot.connections.items() if status.link is Link.READY]
    unsaid = [key.account for key in sorted(snapshot.accounts) if snapshot.accounts[key].mode is None]
    shown = shown_in(snapshot)
    if shown.is_unclassified and shown.account_key is not None:
        unsaid.insert(0, shown.account_key.account)  # the one on show first
    found = [
        Step(
            CONNECTION,
            f"Connected: {', '.join(ready)}" if ready else "Connect…",
            "Which broker to connect to; without one it is the built-in simulator.",
            bool(ready),
            OpenSettings("connections"),
        ),
        Step(
            ACCOUNTS,
            f"Say what {unsaid[0]} is…" if unsaid else "Accounts classified",
            "Real money, a firm's evaluation or practice: entries are guarded by it.",
            bool(snapshot.accounts) and not unsaid,
            OpenSettings("accounts"),
        ),
        Step(
            LIMITS,
            "Limits set" if snapshot.settings.guards else "Set limits…",
            "What a day may lose, and what follows when it is reached.",
            bool(snapshot.settings.guards),
            OpenSettings("risk"),
        ),
        Step(
            HOTKEYS,
            "Keys seen" if HOTKEYS in preferences.dismissed else "See the keys…",
            "Every key, and how to change it.",
            HOTKEYS in preferences.dismissed,
            OpenSettings("hotkeys"),
        ),
    ]
    sample = _sample(snapshot)
    return (*found, sample) if sample is not None else tuple(found)


def _sample(snapshot: Snapshot) -> Step | None:
    shown = shown_in(snapshot)
    if shown.key is None or shown.mode is not Mode.SIM or shown.is_unclassified:
        return None
    why = "A trade in the simulator, with no money: one press opens it, one closes it."
    if shown.position is not None:
        return Step(SAMPLE, "Sample trade: now press Close", why, False, PointAt("p2Close"))
    if snapshot.trades:
        return Step(SAMPLE, "Sample trade made", why, True, PointAt("p2Close"))
    return Step(SAMPLE, "Sample trade: press BUY, then Close", why, False, PointAt("buyButton"))


class Checklist(QFrame):
    """The line of steps; hidden until it is begun, once everything is done, and once it was put away.

    Signals:
        intent: OpenSettings, PointAt, ChangePreferences.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("checklist")
        self.setAccessibleName("First steps")
        self.setProperty("kind", "notice")
        self._preferences: Preferences | None = None
        self._drawn: tuple[Step, ...] = ()
        title = TextLabel("checklistTitle", "label", bold=True, wrap=False)
        title.say("First steps")
        self.buttons: dict[str, QPushButton] = {}
        self.ticks: dict[str, TextLabel] = {}
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(12)
        layout.addWidget(title)
        for name in NAMES:
            made = self.buttons[name] = button(f"checklist_{name}", "", name)
            tick = self.ticks[name] = TextLabel(f"checklistTick_{name}", "label", wrap=False)
            made.clicked.connect(partial(self._press, name))
            made.hide()
            tick.hide()
            layout.addWidget(made)
            layout.addWidget(tick)
        layout.addStretch(1)
        self.away = button("checklistAway", "Put away", "Put the first steps away for good")
        self.away.clicked.connect(lambda: self._dismiss(*NAMES))
        layout.addWidget(self.away)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Strip(row))
        self.hide()

    def set_preferences(self, preferences: Preferences) -> None:
        """Begin, or follow what was put away."""
        self._preferences = preferences
        self._drawn = ()

    def refresh(self, snapshot: Snapshot) -> None:
        """Show what is left."""
        if self._preferences is None:
            return
        found = steps(snapshot, self._preferences)
        if found == self._drawn:
            return
        self._drawn = found
        left = [one for one in found if not one.is_done and one.name not in self._preferences.dismissed]
        self.setVisible(bool(left))
        named = {one.name: one for one in found}
        for name in NAMES:
            self._show(name, named.get(name))

    def focus_first(self) -> None:
        """Give the first step that is left the keyboard."""
        for made in self.buttons.values():
            if made.isVisibleTo(self):
                made.setFocus()
                return

    def _show(self, name: str, step: Step | None) -> None:
        made, tick = self.buttons[name], self.ticks[name]
        made.setVisible(step is not None and not step.is_done)
        tick.setVisible(step is not None and step.is_done)
        if step is None:
            return
        if step.is_done:
            tick.say(f"{TICKED} {step.words}", "ink2")
            tick.setAccessibleName(f"Done: {step.words}")
        else:
            made.setText(step.words)
            name_value(made, step.words.rstrip("…"))
            explain(made, step.why)

    def _press(self, name: str) -> None:
        step = next((one for one in self._drawn if one.name == name), None)
        if step is None:
            return
        self.intent.emit(step.wish)
        if name == HOTKEYS:
            self._dismiss(HOTKEYS)

    def _dismiss(self, *names: str) -> None:
        if self._preferences is not None:
            dismissed = self._preferences.dismissed | set(names)
            self.intent.emit(ChangePreferences(replace(self._preferences, dismissed=dismissed)))
