"""The strip that shows where a close stands and asks what only the trader can answer."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from core.commands import AnswerClose
from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from panels import formatting as f
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel, name_value, set_property

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


def choice_words(choice: CloseChoice, operation: CloseOperation, instrument: Instrument | None = None) -> str:
    """Return the text of an answer button, quantities to the venue's step."""
    amount = "" if operation.quantity is None else f" {f.quantity(operation.quantity, instrument)}"
    return {
        CloseChoice.ASK_BROKER: "Ask broker",
        CloseChoice.CLOSE_BROKER_QUANTITY: f"Close broker quantity{amount}",
        CloseChoice.KEEP_WAITING: "Keep waiting",
        CloseChoice.SEND_ANYWAY: f"Send close for{amount} anyway" if amount else "Send close anyway",
        CloseChoice.LEAVE_PROTECTED: "Leave protected",
        CloseChoice.RETRY: "Retry",
        CloseChoice.CANCEL: "Cancel",
        CloseChoice.CLOSE_REST: "Close rest",
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
    if operation.step in LASTING and has_position:
        return text
    if operation.step is CloseStep.DONE and has_position and operation.branch != BY_BROKER:
        return ""  # what is open now is another position
    recent = (now - operation.step_since).total_seconds() < END_SHOWN_S
    return text if recent else ""


class CloseStrip(QFrame):
    """Sentence and answers of the latest close of the scope on show.

    Signals:
        intent: AnswerClose.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("closeState")
        self.setProperty("kind", "notice")
        self._asked: tuple[object, ...] = ()
        self._instrument: Instrument | None = None
        self._buttons: list[QPushButton] = []
        self._text = TextLabel("closeText")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._text, 1)
        self.hide()

    def refresh(
        self,
        operation: CloseOperation | None,
        now: datetime,
        has_position: bool,
        instrument: Instrument | None = None,
    ) -> None:
        """Show an operation, or nothing."""
        self._instrument = instrument
        text = strip_text(operation, now, has_position)
        if operation is None or not text:
            self.setVisible(False)
            return
        loud = operation.branch in LOUD and operation.step is not CloseStep.DONE
        set_property(self, "tone", "danger" if loud else TONES.get(operation.step, ""))
        self._text.say(text)
        name_value(self, "Close", text)
        self._offer(operation)
        self.setVisible(True)

    @property
    def has_answers(self) -> bool:
        """True while the trader is asked something."""
        return bool(self._buttons)

    def focus_first(self) -> None:
        """Put the keyboard on the safe answer."""
        if self._buttons:
            self._buttons[0].setFocus()

    def _offer(self, operation: CloseOperation) -> None:
        asked = (operation.operation_id, operation.choices, operation.quantity, self._instrument)
        if asked == self._asked:
            return
        self._asked = asked
        for old in self._buttons:
            self._layout.removeWidget(old)
            old.hide()
            # Qt deletes it a little later; until then its name must not be found.
            old.setObjectName("")
            old.deleteLater()
        self._buttons = [self._answer(number, choice, operation) for number, choice in enumerate(operation.choices)]
        for made in self._buttons:
            self._layout.addWidget(made)

    def _answer(self, number: int, choice: CloseChoice, operation: CloseOperation) -> QPushButton:
        words = choice_words(choice, operation, self._instrument)
        kind = "" if number else "default"
        made = button(f"closeAction_{number}", words, f"{words}, {operation.key.symbol}", kind)
        command = AnswerClose(operation.operation_id, choice)
        made.clicked.connect(lambda: self.intent.emit(command))
        return made
