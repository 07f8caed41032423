"""Reverse: the position on show to the other side, at once in SIM, after a question where the money is real."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.model.scope import Mode, PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.questions import Question, Questions, Wish
from panels.shown import Shown, entry_refusal, shown_in, shown_of
from panels.theme import Theme
from panels.widgets.controls import button, explain, on_press

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
        self._ids = ids
        self._questions = Questions(theme, self)
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self.button = button("p2Reverse", "Reverse", "Reverse position")
        on_press(self.button, lambda: self._shown.key, self.press)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._questions.set_theme(theme)

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
        self._questions.refresh(snapshot, monotonic_s)

    def press(self) -> None:
        """Reverse, or ask first: the button, and its key."""
        shown = self._shown
        if shown.key is None or shown.position is None or reverse_refusal(self._snapshot, shown):
            return
        key = shown.key
        from core.commands import ReversePosition

        command = ReversePosition(self._ids.press(f"reverse {key}"), key)
        ask, gone = partial(self._question, key), partial(self._gone, key)
        self._questions.put(Wish(key, ask, lambda confirmed, ticked: self.intent.emit(command), gone))

    def _question(self, key: PositionKey, _again: bool) -> Question | None:
        """Return what to ask before a reversal; a yes is to the position it named."""
        shown = shown_of(self._snapshot, key)
        held = None if shown.position is None else shown.position.quantity
        if held is None or shown.mode in (Mode.SIM, Mode.REPLAY):
            return None
        before, after = f.held(held, shown.instrument), f.held(-held, shown.instrument)
        title = f"Reverse {key.symbol} · {key.account} · {shown.mode.value}"
        body = (
            f"{before} → {after}, at the market. Working orders of this symbol are cancelled first; no new stop is "
            "placed. If the close fails, nothing opens."
        )
        return Question(title, body, f"Reverse to {after}", about=held)

    def _gone(self, key: PositionKey) -> str:
        refused = "" if shown_of(self._snapshot, key).position is not None else "Nothing is open any more."
        return f"{refused} Nothing was reversed." if refused else ""
