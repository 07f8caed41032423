"""Moving the exits of the position on show: stop and target by a tick, the stop to breakeven; keys and a button.

Where a press of a key leads is the engine's to say: it counts from the price asked for last. Only a stop that would go
beyond the planned risk is asked about first: where the money is real, or the order would be odd.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.commands import MoveExit, StopToBreakeven
from core.model.order_change import Terms, stepped
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.change_draft import questions
from panels.confirm_dialog import ConfirmDialog
from panels.shown import Shown, protection, shown_in
from panels.theme import Theme
from panels.widgets.controls import button, explain

HINT = "Moves the stop to the entry price. Ctrl+Shift+E"


class StopMoves(QWidget):
    """The button BE, there while something is open, and what the keys do.

    Signals:
        intent: MoveExit, StopToBreakeven.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds) -> None:
        super().__init__()
        self._theme, self._ids = theme, ids
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._now = datetime.now(UTC)
        self._confirm: ConfirmDialog | None = None
        self.button = button("p2Be", "BE", "Stop to breakeven")
        self.button.clicked.connect(self.press_breakeven)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, shown: Shown, now_utc: datetime, monotonic_s: float) -> None:
        """Follow the scope on show."""
        self._snapshot, self._shown, self._now = snapshot, shown, now_utc
        self.setVisible(shown.position is not None)
        has_stop = shown.position is not None and protection(snapshot, shown.position).stop is not None
        self.button.setEnabled(has_stop)
        explain(self.button, HINT if has_stop else "There is no working stop to move.")
        if shown.key is not None:
            name = f"Stop to breakeven, {shown.key.symbol}, account {shown.key.account}, {shown.mode_word}"
            if self.button.accessibleName() != name:
                self.button.setAccessibleName(name)
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def press_breakeven(self) -> None:
        """Have the stop moved to the entry price: the button, and its key. What is against it the engine says."""
        key = self._shown.key
        if key is not None:
            self.intent.emit(StopToBreakeven(self._ids.press(f"breakeven {key}"), key))

    def press_stop(self, ticks: int) -> None:
        """Have the stop moved, up in price where positive; each press is a move of its own."""
        shown = self._shown
        if shown.key is None:
            return
        command = MoveExit(self._ids.each(), shown.key, True, ticks)
        facts = self._questions(ticks)
        if facts:
            self._ask(command, facts)
        else:
            self.intent.emit(command)

    def press_target(self, ticks: int) -> None:
        """Have the target moved, up in price where positive."""
        if self._shown.key is not None:
            self.intent.emit(MoveExit(self._ids.each(), self._shown.key, False, ticks))

    def _questions(self, ticks: int) -> tuple[str, ...]:
        """Return what is to be agreed to before the stop goes some ticks from where the broker has it."""
        position, instrument = self._shown.position, self._shown.instrument
        stop = None if position is None else protection(self._snapshot, position).stop
        if stop is None or stop.trigger_price is None or instrument is None or instrument.tick_size is None:
            return ()
        wanted = Terms(trigger_price=stepped(stop.trigger_price, ticks, instrument))
        return questions(stop, wanted, self._snapshot, self._now)

    def _ask(self, command: MoveExit, facts: Sequence[str]) -> None:
        """Ask before a stop goes beyond the planned risk; further presses meanwhile ask nothing more."""
        if self._confirm is not None:
            return
        shown = self._shown
        assert shown.position is not None
        stop = protection(self._snapshot, shown.position).stop
        before = f.UNKNOWN if stop is None else f.price(stop.trigger_price, shown.instrument)
        title = f"Widen stop {command.key.symbol} · {command.key.account} · {shown.mode.value}"
        body = f"Stop price {before}, one tick further from the entry. {' '.join(facts)}"
        self._confirm = ConfirmDialog(self._theme, self.window(), title, body, "Widen", "Cancel", yes_default=False)
        self._confirm.agreed.connect(lambda: self._agreed(command))
        self._confirm.finished.connect(self._forget)
        self._confirm.open()

    def _agreed(self, command: MoveExit) -> None:
        self.intent.emit(MoveExit(command.action_id, command.key, command.stop, command.ticks, confirmed=True))

    def _forget(self) -> None:
        self._confirm = None
