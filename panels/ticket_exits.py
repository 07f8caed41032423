"""The exits of the ticket: which bracket goes with an entry, and a stop and a target typed over it for one order."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.model.bracket_template import BracketBook, BracketTemplate
from panels.bracket_draft import STOP_BOX, TARGET_BOX, Exits, read_exits
from panels.shown import Shown
from panels.widgets.controls import Choice, explain, field
from panels.widgets.labels import TextLabel
from panels.widgets.wordings import Wordings

NONE = "none"
TYPED_HINT = "A price, or a distance such as 12t."
# A hand that shakes presses again within a quarter of a second: until then the order stays as it was sent.
SETTLES_S = 0.5


class TicketExits(QWidget):
    """A row of the ticket.

    Attributes:
        book: the templates, and what was used last; kept by whoever ends the program.
        risk: what the exits are worth; the ticket has it beside this row.

    Signals:
        changed: another bracket, or something else was typed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.book = BracketBook()
        self._symbol = ""
        self._was_sent = self._was_without = False
        self._sent_s: float | None = None
        self.bracket = Choice("bracketBox", "Bracket", [NONE], width=152)
        self.stop = field(STOP_BOX, "Stop of the order", 92)
        self.target = field(TARGET_BOX, "Target of the order", 92)
        self.risk = Wordings("ticketRisk", "Risk of the order")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for word, box in (("Bracket", self.bracket), ("Stop", self.stop), ("Target", self.target)):
            label = TextLabel(wrap=False)
            label.say(word, "ink2")
            row.addWidget(label)
            row.addWidget(box)
        self.bracket.currentIndexChanged.connect(self._choose)
        self.bracket.activated.connect(self.keep)
        for edit in self.boxes:
            edit.textChanged.connect(self.changed)
            edit.textEdited.connect(self.keep)
        self._choose()

    @property
    def boxes(self) -> tuple[QLineEdit, ...]:
        """The boxes that can hold something unusable."""
        return (self.stop, self.target)

    @property
    def template(self) -> BracketTemplate | None:
        """The chosen bracket."""
        return self.book.templates.get(self.bracket.currentText())

    def offer(self, book: BracketBook) -> None:
        """List the brackets there are."""
        self.book = book
        with QSignalBlocker(self.bracket):
            self.bracket.clear()
            self.bracket.addItems([NONE, *book.templates])
        self._begin()

    def load(self, symbol: str) -> None:
        """Begin a new order of a symbol: what was typed belongs to the one before."""
        self._symbol = symbol
        self._begin()

    def read(self, shown: Shown) -> Exits:
        """Read what is chosen and typed."""
        return read_exits(self.template, self.stop.text(), self.target.text(), shown)

    def sent(self, is_without: bool = False) -> None:
        """Remember what went; a new order begins once the hand has come to rest.

        Args:
            is_without: it went from elsewhere and without these exits: they stay for the order they are meant for.
        """
        if not is_without:
            name = self.bracket.currentText()
            self.book = self.book.used(self._symbol, name if name in self.book.templates else "")
        self._was_sent, self._was_without = True, is_without

    def keep(self) -> None:
        """Leave everything as it stands: the trader is writing the next order already."""
        self._was_sent, self._sent_s = False, None

    def settle(self, monotonic_s: float) -> bool:
        """Begin a new order half a second after the last was sent; say whether that is now."""
        if self._was_sent:
            self._was_sent, self._sent_s = False, monotonic_s
        elif self._sent_s is not None and monotonic_s - self._sent_s >= SETTLES_S:
            if self._was_without:
                self.keep()
            else:
                self._begin()
            return True
        return False

    def _begin(self) -> None:
        self._was_sent, self._sent_s = False, None
        # In one step: on the way there is a target without a stop, which disables a button that may have the keyboard.
        quiet = [QSignalBlocker(box) for box in (*self.boxes, self.bracket)]
        for box in self.boxes:
            box.clear()
        self.bracket.setCurrentText(self.book.begins_with(self._symbol) or NONE)
        for blocker in quiet:
            blocker.unblock()
        self._choose()

    def _choose(self) -> None:
        """Show in the empty boxes what the bracket says."""
        template = self.template
        targets = () if template is None else template.targets
        self.stop.setPlaceholderText("" if template is None else str(template.stop))
        self.target.setPlaceholderText("/".join(str(one.at) for one in targets))
        words = "No exits go with an entry." if template is None else f"Stop {template.stop}"
        if targets:
            words += f", target {' and '.join(str(one.at) for one in targets)}"
        explain(self.bracket, words)
        self.changed.emit()
