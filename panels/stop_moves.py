"""Moving the exits of the position on show: stop and target by a tick, the stop to breakeven; keys and a button.

Where a press of a key leads is the engine's to say: it counts from the price asked for last. Only a stop that would go
beyond the planned risk is asked about first: where the money is real, or the order would be odd.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.model.order import Order
from core.model.order_change import Terms, stepped
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.change_draft import questions
from panels.questions import Question, Questions, Wish, kinds
from panels.shown import Shown, protection, shown_in, shown_of
from panels.theme import Theme
from panels.widgets.controls import button, explain

if TYPE_CHECKING:
    from core.commands import MoveExit

HINT = "Moves the stop to the entry price. Ctrl+Shift+E"


class StopMoves(QWidget):
    """The button BE, there while something is open, and what the keys do.

    Signals:
        intent: MoveExit, StopToBreakeven.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds) -> None:
        super().__init__()
        self._ids = ids
        self._questions = Questions(theme, self)
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._now = datetime.now(UTC)
        self.button = button("p2Be", "BE", "Stop to breakeven")
        self.button.clicked.connect(self.press_breakeven)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._questions.set_theme(theme)

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
        self._questions.refresh(snapshot, monotonic_s)

    def press_breakeven(self) -> None:
        """Have the stop moved to the entry price: the button, and its key. What is against it the engine says."""
        key = self._shown.key
        if key is not None:
            from core.commands import StopToBreakeven

            self.intent.emit(StopToBreakeven(self._ids.press(f"breakeven {key}"), key))

    def press_stop(self, ticks: int) -> None:
        """Have the stop moved, up in price where positive; each press is a move of its own."""
        shown = self._shown
        if shown.key is None:
            return
        from core.commands import MoveExit

        command = MoveExit(self._ids.each(), shown.key, True, ticks)
        ask, gone = partial(self._question, command), partial(self._gone, command)
        self._questions.put(Wish(command.action_id, ask, partial(self._go, command), gone))

    def press_target(self, ticks: int) -> None:
        """Have the target moved, up in price where positive."""
        if self._shown.key is not None:
            from core.commands import MoveExit

            self.intent.emit(MoveExit(self._ids.each(), self._shown.key, False, ticks))

    def _stop(self, command: MoveExit) -> Order | None:
        position = shown_of(self._snapshot, command.key).position
        return None if position is None else protection(self._snapshot, position).stop

    def _question(self, command: MoveExit, _again: bool) -> Question | None:
        """Return what to ask before the stop goes further than planned; a yes is to a move from the price it named."""
        shown, stop = shown_of(self._snapshot, command.key), self._stop(command)
        instrument = shown.instrument
        if stop is None or stop.trigger_price is None or instrument is None or instrument.tick_size is None:
            return None
        wanted = Terms(trigger_price=stepped(stop.trigger_price, command.ticks, instrument))
        asked = questions(stop, wanted, self._snapshot, self._now)
        if not asked:
            return None
        title = f"Widen stop {command.key.symbol} · {command.key.account} · {shown.mode.value}"
        before = f.price(stop.trigger_price, instrument)
        body = f"Stop price {before}, one tick further from the entry. {' '.join(asked)}"
        return Question(title, body, "Widen", about=stop.trigger_price, odd=kinds(asked))

    def _gone(self, command: MoveExit) -> str:
        return "" if self._stop(command) is not None else "No stop works any more. Nothing was moved."

    def _go(self, command: MoveExit, confirmed: bool, ticked: bool) -> None:
        self.intent.emit(replace(command, confirmed=confirmed))
