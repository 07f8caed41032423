"""The strip that shows where a close stands and asks what only the trader can answer."""

from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton

from core.model.instrument import Instrument
from core.model.operation import LIMIT_TICKS, CloseChoice, CloseOperation, CloseStep
from core.model.position import Position
from panels import formatting as f
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel, name_value, set_property

# An answer that takes the place of another is not heard for so long: the hand meant the one before.
DEAF = timedelta(seconds=0.25)
# How long the end of a close stays readable when it asks nothing.
END_SHOWN_S = 30.0
STEP_WORDS = {
    CloseStep.WAITING: "Waiting for the order in flight…",
    CloseStep.ASKING: "The close needs your answer.",
    CloseStep.CANCELLING: "Cancelling the working orders…",
    CloseStep.SENT: "Closing order sent…",
    CloseStep.UNKNOWN: "The broker has not answered; the order is being looked for and is not sent again.",
    CloseStep.VERIFYING: "Filled. Waiting for the broker to confirm flat…",
    CloseStep.UNVERIFIED: "Unverified: broker has not confirmed flat.",
    CloseStep.DONE: "Closed.",
    CloseStep.REJECTED: "The broker rejected the closing order.",
    CloseStep.STOPPED: "The close was stopped; nothing more is sent.",
    CloseStep.LINK_DOWN: "The line is down: nothing was sent and nothing is queued.",
}
TONES = {
    CloseStep.ASKING: "caution",
    CloseStep.UNKNOWN: "caution",
    CloseStep.UNVERIFIED: "caution",
    CloseStep.REJECTED: "danger",
    CloseStep.LINK_DOWN: "danger",
    CloseStep.DONE: "ok",
}
# The branch of a close by the broker's figure: it may end with something left on our own books.
BY_BROKER = "MISMATCH"
# Loud whatever the step: rejected (B3) and overshoot (B5).
LOUD = frozenset({"B3", "B5"})
# An end with bad news stays while the position it concerns is open.
LASTING = frozenset({CloseStep.REJECTED, CloseStep.LINK_DOWN})
COPY, RECONCILE = "Copy desk details", "Open reconcile"
# What the window itself answers, beside what the engine asks.
BESIDE = {"B3": (COPY,), "B7": (RECONCILE,)}
# More answers than this stand below the sentence.
BESIDE_THE_TEXT = 3


def choice_words(
    choice: CloseChoice, operation: CloseOperation, instrument: Instrument | None = None, long: bool = True
) -> str:
    """Return the text of an answer button, quantities to the venue's step.

    Args:
        long: the position is; its close goes below the bid, and that of a short one above the ask.
    """
    amount = "" if operation.quantity is None else f" {f.quantity(operation.quantity, instrument)}"
    clip = "" if operation.clip is None else f" of {f.quantity(operation.clip, instrument)}"
    return {
        CloseChoice.CLIPS: f"Close in clips{clip}",
        CloseChoice.LIMIT: f"Limit at {f'bid {f.MINUS}' if long else 'ask +'} {LIMIT_TICKS} ticks",
        CloseChoice.KEEP: "Keep",
        CloseChoice.CLOSE_NOW: f"Close{amount} now",
        CloseChoice.ASK_BROKER: "Ask broker",
        CloseChoice.CLOSE_BROKER_QUANTITY: f"Close broker quantity{amount}",
        CloseChoice.KEEP_WAITING: "Keep waiting",
        CloseChoice.SEND_ANYWAY: f"Send close for{amount} anyway" if amount else "Send close anyway",
        CloseChoice.LEAVE_PROTECTED: "Leave protected",
        CloseChoice.RETRY: "Retry",
        CloseChoice.CANCEL: "Cancel",
        CloseChoice.CLOSE_REST: f"Close{amount}" if operation.branch == "B5" else "Close rest",
        CloseChoice.VERIFY_NOW: "Verify now",
        CloseChoice.DISMISS: "Dismiss",
        CloseChoice.REMIND_AT_OPEN: "Remind me at open",
    }[choice]


def strip_text(operation: CloseOperation | None, now: datetime, has_position: bool) -> str:
    """Return the sentence to show for the latest close of a scope; "" when there is nothing to say any more."""
    if operation is None:
        return ""
    text = operation.text or STEP_WORDS[operation.step]
    if not operation.is_over or operation.choices:
        return text
    if (operation.step in LASTING or operation.branch == "B10") and has_position:
        return text
    if operation.step is CloseStep.DONE and has_position and operation.branch != BY_BROKER:
        return ""  # what is open now is another position
    recent = (now - operation.step_since).total_seconds() < END_SHOWN_S
    return text if recent else ""


class CloseStrip(QFrame):
    """Sentence and answers of the latest close of the scope on show.

    Signals:
        intent: AnswerClose, OpenReconcile.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("closeState")
        self.setProperty("kind", "notice")
        self._asked: tuple[object, ...] = ()
        self._details = ""
        self._buttons: list[QPushButton] = []
        self._changed_at: datetime | None = None
        self._text = TextLabel("closeText")
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._text, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._layout.addLayout(self._row)
        self.hide()

    def refresh(
        self,
        operation: CloseOperation | None,
        now: datetime,
        position: Position | None,
        instrument: Instrument | None = None,
        details: str = "",
    ) -> None:
        """Show an operation, or nothing.

        Args:
            details: what to tell the broker's desk, to be copied where a close was refused.
        """
        self._details = details
        text = strip_text(operation, now, position is not None)
        if operation is None or not text:
            self.setVisible(False)
            return
        loud = operation.branch in LOUD and operation.step is not CloseStep.DONE
        set_property(self, "tone", "danger" if loud else TONES.get(operation.step, ""))
        self._text.say(text)
        name_value(self, "Close", text)
        self._offer(operation, answers(operation, instrument, position is None or position.quantity > 0), now)
        # Neither longer than that, nor until a clock that was set back has come so far again.
        is_deaf = self._changed_at is not None and timedelta(0) <= now - self._changed_at < DEAF
        for made in self._buttons:
            made.setEnabled(not is_deaf)
        self.setVisible(True)

    @property
    def has_answers(self) -> bool:
        """True while the trader is asked something."""
        return bool(self._buttons)

    def focus_first(self) -> None:
        """Put the keyboard on the safe answer."""
        if self._buttons:
            self._buttons[0].setFocus()

    def _offer(self, operation: CloseOperation, offered: list[tuple[str, CloseChoice | None]], now: datetime) -> None:
        asked = (operation.operation_id, offered)
        if asked == self._asked:
            return
        self._asked = asked
        self._changed_at = now if self._buttons else None
        for old in self._buttons:
            self._row.removeWidget(old)
            old.hide()
            # Qt deletes it a little later; until then its name must not be found.
            old.setObjectName("")
            old.deleteLater()
        below = len(offered) > BESIDE_THE_TEXT
        directions = QBoxLayout.Direction
        self._layout.setDirection(directions.TopToBottom if below else directions.LeftToRight)
        self._buttons = [
            self._answer(number, words, choice, operation) for number, (words, choice) in enumerate(offered)
        ]
        for made in self._buttons:
            self._row.addWidget(made)

    def _answer(self, number: int, words: str, choice: CloseChoice | None, operation: CloseOperation) -> QPushButton:
        kind = "" if number else "default"
        made = button(f"closeAction_{number}", words, f"{words}, {operation.key.symbol}", kind)
        if choice is not None:
            from core.commands import AnswerClose

            command = AnswerClose(operation.operation_id, choice)
            made.clicked.connect(lambda: self.intent.emit(command))
        elif words == COPY:
            made.clicked.connect(self._copy)
        else:
            from panels.wishes import OpenReconcile

            made.clicked.connect(lambda: self.intent.emit(OpenReconcile(operation.key)))
        return made

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)


def answers(
    operation: CloseOperation, instrument: Instrument | None, long: bool
) -> list[tuple[str, CloseChoice | None]]:
    """Return the buttons of a question in their order: what the engine asks, and before the last what we add."""
    offered: list[tuple[str, CloseChoice | None]] = [
        (choice_words(choice, operation, instrument, long), choice) for choice in operation.choices
    ]
    if not offered or operation.step is CloseStep.STOPPED:
        return offered
    return [*offered[:-1], *((words, None) for words in BESIDE.get(operation.branch, ())), offered[-1]]
