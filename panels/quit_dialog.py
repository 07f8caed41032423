"""Leaving with something open: what stays, and four ways on, of which Stay is the safe one.

Keep changes nothing at the broker. Cancelling and flattening are carried out first, in view; the program ends only
when every cancel is answered, or flat is proven, and says what is in the way. Stay takes the leaving back at any time;
what was asked for goes on.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.commands import CancelOrder, FlattenAccount
from core.model.order import Order
from core.model.scope import AccountKey, PositionKey
from core.snapshot import Snapshot
from panels import leaving
from panels.action_ids import ActionIds
from panels.confirm_dialog import DEAF_S, DIALOG_BAND, EXPIRES_S
from panels.mode_band import ModeBand
from panels.theme import Theme
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel, set_property
from panels.widgets.room import make_room

NAME = "Stanchion"
# From here on a way out that is not through is called so, and leaving all the same is offered.
CANCEL_TAKES_S = 10.0
FLAT_TAKES_S = 30.0
LINES = 12
KEEP_HINT = "Nothing is closed or cancelled: it stays at the broker as it is."


class Step(Enum):
    """Where the leaving stands."""

    ASKING = auto()
    CANCELLING = auto()
    FLATTENING = auto()


class QuitDialog(QDialog):
    """The question, and the progress of what was chosen.

    Signals:
        intent: CancelOrder, FlattenAccount.
        leave: the program may end.
    """

    intent = Signal(object)
    leave = Signal()

    def __init__(self, theme: Theme, parent: QWidget, ids: ActionIds) -> None:
        super().__init__(parent)
        self.setObjectName("quitDialog")
        self._ids = ids
        self._snapshot = Snapshot()
        self._left = leaving.Left()
        self._step = Step.ASKING
        self._since_s: float | None = None
        self._now_s = 0.0
        self._note = ""
        self._entries: tuple[Order, ...] = ()
        self._accounts: tuple[AccountKey, ...] = ()
        self._scopes: frozenset[PositionKey] = frozenset()
        self.band = ModeBand(theme, DIALOG_BAND, "quitBand")
        self.heading = TextLabel("quitTitle", "value", bold=True)
        self.text = TextLabel("quitText")
        self.progress = TextLabel("quitProgress")
        self.keep = self._button("quitKeep", "Keep and quit", self._keep)
        self.cancel = self._button("quitCancel", "Cancel entries and quit", self._cancel)
        self.flatten = self._button("quitFlatten", "Flatten and quit", self._flatten)
        self.stay = self._button("quitStay", "Stay", self.reject, "default")
        self.stay.setDefault(True)
        explain(self.stay, "The program goes on running.")
        self._lay_out()

    def refresh(self, snapshot: Snapshot, monotonic_s: float) -> None:
        """Show what would be left now, or how far the way out has come; leave when it is through."""
        self._snapshot, self._now_s = snapshot, monotonic_s
        self._left = leaving.left_by(snapshot)
        if self._since_s is None:
            self._since_s = monotonic_s
        self.band.refresh(snapshot)
        if self._step is Step.ASKING:
            self._ask()
        else:
            self._follow()
        if self.accessibleDescription() != self.text.text():
            self.setAccessibleDescription(self.text.text())
        if self.isVisible():
            make_room(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for every word before it is seen."""
        super().showEvent(event)
        make_room(self)

    # -- what the trader chooses ------------------------------------------------------------------------------------

    def _keep(self) -> None:
        self.accept()
        self.leave.emit()

    def _cancel(self) -> None:
        self._entries = self._left.entries
        self._begin(Step.CANCELLING)
        for one in self._entries:
            self.intent.emit(CancelOrder(one.client_order_id))

    def _flatten(self) -> None:
        self._accounts = self._left.accounts
        self._scopes = leaving.scopes_of(self._snapshot, self._accounts)
        self._begin(Step.FLATTENING)
        for key in self._accounts:
            self.intent.emit(FlattenAccount(self._ids.press(f"quit {key}"), key))

    def _begin(self, step: Step) -> None:
        self._step, self._since_s, self._note = step, self._now_s, ""
        self._show_buttons()

    # -- what happens -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask; after a minute without an answer, stay: what was asked about has moved on."""
        if self._passed_s() > EXPIRES_S:
            self.reject()
            return
        left = self._left
        open_ = f" · {left.exposed} open" if left.exposed else ""
        self._say_title(f"Quit {NAME}?{open_}")
        self.text.say(_listed(left.lines) or "Nothing is open any more.")
        self.progress.setVisible(bool(self._note))
        self.progress.say(self._note, "caution")
        self._show_buttons()

    def _follow(self) -> None:
        """Follow what was chosen to its end."""
        if self._step is Step.CANCELLING:
            orders = [self._snapshot.orders.get(one.client_order_id, one) for one in self._entries]
            waiting = [
                f"{leaving.order_words(one, self._snapshot)}: no end reported yet." for one in orders if one.is_alive
            ]
            filled = [
                now
                for before, now in zip(self._entries, orders, strict=True)
                if now.filled_quantity > before.filled_quantity
            ]
            if not waiting and filled:
                self._ask_again(f"{len(filled)} of the entries filled before the cancel came: look what is open now.")
            elif not waiting:
                self._keep()
            else:
                self._report("Cancelling the working entries…", waiting, CANCEL_TAKES_S)
            return
        against = leaving.not_flat(self._snapshot, self._accounts, self._scopes)
        if against:
            self._report("Closing everything; the program ends when flat is proven…", against, FLAT_TAKES_S)
        else:
            self._keep()

    def _ask_again(self, note: str) -> None:
        self._begin(Step.ASKING)
        self._note = note
        self._ask()

    def _report(self, title: str, lines: Sequence[str], limit_s: float) -> None:
        late = self._passed_s() > limit_s
        self._say_title("Not done yet: the program does not end by itself." if late else title)
        self.text.say(_listed(lines))
        self.progress.show()
        waited = f"for {self._passed_s():.0f} s"
        words = f"Waiting {waited}. Stay takes the leaving back; what was asked for goes on."
        if late:
            words = f"Could not be done {waited}. Stay to look, or leave what is named above as it is."
        self.progress.say(words, "caution" if late else "ink2")
        self._show_buttons(late)

    # -- private ----------------------------------------------------------------------------------------------------

    def _show_buttons(self, late: bool = False) -> None:
        asking, left = self._step is Step.ASKING, self._left
        awake = self._passed_s() >= DEAF_S
        count = len(left.entries)
        noun = "entry" if count == 1 else "entries"
        self._say(self.keep, "Quit" if left.is_nothing else "Keep and quit")
        self._say(self.cancel, f"Cancel {count} {noun} and quit")
        self.keep.setVisible(asking or late)
        self.cancel.setVisible(asking and bool(left.entries))
        self.flatten.setVisible(asking and bool(left.exposed))
        explain(self.keep, KEEP_HINT)
        explain(self.cancel, "Cancels the working entries; positions and their exits stay at the broker.")
        names = ", ".join(key.account for key in left.accounts)
        explain(self.flatten, f"Cancels every order and closes every position of {names}; ends when flat is proven.")
        for made in (self.keep, self.cancel, self.flatten, self.stay):
            made.setEnabled(awake)

    def _passed_s(self) -> float:
        return 0.0 if self._since_s is None else self._now_s - self._since_s

    def _say_title(self, title: str) -> None:
        self.heading.say(title)
        if self.windowTitle() != title:
            self.setWindowTitle(title)
            self.setAccessibleName(title)

    @staticmethod
    def _say(pressed: QPushButton, text: str) -> None:
        if pressed.text() != text:
            pressed.setText(text)
            pressed.setAccessibleName(text)

    def _button(self, object_name: str, text: str, act: Callable[[], None], kind: str = "") -> QPushButton:
        made = button(object_name, text, text, kind)
        made.setEnabled(False)
        made.clicked.connect(act)
        return made

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for made in (self.flatten, self.cancel, self.keep, self.stay):
            buttons.addWidget(made)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 12, 16, 16)
        inner.setSpacing(12)
        for part in (self.heading, self.text, self.progress):
            inner.addWidget(part)
        inner.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.band)
        layout.addLayout(inner)
        self.setMinimumWidth(620)
        set_property(self.progress, "tone", "ink2")


def _listed(lines: Sequence[str]) -> str:
    more = [f"And {len(lines) - LINES} more."] if len(lines) > LINES else []
    return "\n".join([*lines[:LINES], *more])
