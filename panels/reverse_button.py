"""Reverse: the position on show to the other side, at once in SIM, after a question where the money is real."""

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.commands import ReversePosition
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.confirm_dialog import ConfirmDialog
from panels.shown import Shown, entry_refusal, shown_in, shown_of
from panels.theme import Theme
from panels.widgets.controls import button, explain

HINT = "Closes, waits until the broker has said flat, then opens as much on the other side. Ctrl+Shift+R"


def reverse_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why the scope on show cannot be reversed; "" when it can. Pure."""
    if shown.position is None:
        return "Nothing is open."
    if shown.operation is not None and shown.operation.blocks_close:
        return "A close is running."
    return entry_refusal(snapshot, shown)


class ReverseButton(QWidget):
    """The button; there while something is open.

    Signals:
        intent: ReversePosition.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds) -> None:
        super().__init__()
        self._theme, self._ids = theme, ids
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._confirm: ConfirmDialog | None = None
        self.button = button("p2Reverse", "Reverse", "Reverse position")
        self.button.clicked.connect(self.press)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, shown: Shown, monotonic_s: float) -> None:
        """Follow the scope on show."""
        self._snapshot, self._shown = snapshot, shown
        self.setVisible(shown.position is not None)
        refused = reverse_refusal(snapshot, shown)
        self.button.setEnabled(not refused)
        explain(self.button, refused or HINT)
        if shown.key is not None:
            held = "" if shown.position is None else f.held(shown.position.quantity, shown.instrument).lower()
            name = f"Reverse, {shown.key.symbol}, {held}, account {shown.key.account}, {shown.mode_word}"
            self.button.setAccessibleName(name)
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def press(self) -> None:
        """Reverse, or ask first: the button, and its key."""
        shown = self._shown
        if shown.key is None or shown.position is None or reverse_refusal(self._snapshot, shown):
            return
        command = ReversePosition(self._ids.press(f"reverse {shown.key}"), shown.key)
        if shown.mode in (Mode.SIM, Mode.REPLAY):
            self.intent.emit(command)
        elif self._confirm is None:
            self._ask(command, shown)

    def _ask(self, command: ReversePosition, shown: Shown) -> None:
        assert shown.position is not None
        before = f.held(shown.position.quantity, shown.instrument)
        after = f.held(-shown.position.quantity, shown.instrument)
        title = f"Reverse {command.key.symbol} · {command.key.account} · {shown.mode.value}"
        body = (
            f"{before} → {after}, at the market. Working orders of this symbol are cancelled first; no new stop is "
            "placed. If the close fails, nothing opens."
        )
        yes = f"Reverse to {after}"
        self._confirm = ConfirmDialog(self._theme, self.window(), title, body, yes, "Cancel", yes_default=False)
        asked = shown.position.quantity
        self._confirm.agreed.connect(lambda: self._agreed(command, asked))
        self._confirm.finished.connect(self._forget)
        self._confirm.open()

    def _agreed(self, command: ReversePosition, asked: Decimal) -> None:
        """Reverse what was said; where another position is open by now, ask about that one."""
        now = shown_of(self._snapshot, command.key)
        if now.position is not None and now.position.quantity != asked:
            self._ask(command, now)
        else:
            self.intent.emit(command)

    def _forget(self) -> None:
        self._confirm = None
