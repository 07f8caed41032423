"""The controls of one row of the recovery dialog: what may be chosen, a price where one is asked, and what it does."""

from decimal import Decimal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model.finding import FindingChoice
from core.snapshot import Snapshot
from panels.finding_words import read_stop
from panels.parsing import InputRefused
from panels.recovery_entries import AnyChoice, Entry, FindingEntry
from panels.theme import size
from panels.widgets.controls import Choice, button, explain, field
from panels.widgets.labels import TextLabel, set_property
from panels.zoomed import px

SIDE, GAP = 4, 4
# What the style sheet pads a cell with, left and right.
PADDING = 12


class RowControls(QWidget):
    """The choice of an entry; `verify` stands in a column of its own.

    Signals:
        moved: another choice, or another price.
        asked: Verify was pressed.
    """

    moved = Signal()
    asked = Signal()

    def __init__(self, number: int, entry: Entry, chosen: AnyChoice, typed: str, width: int):
        super().__init__()
        name = f"{entry.key.symbol}, account {entry.key.account}"
        if isinstance(entry, FindingEntry):
            name = f"{entry.finding.kind.value.lower()}, {name}"
        self._width = width - 2 * SIDE - PADDING
        self.entry = entry
        self.refusal = ""
        self.box = Choice(f"recoveryChoice_{number}", f"Choice for {name}", width=self._width)
        self.price = field(f"recoveryPrice_{number}", f"Stop price for {name}", self._width)
        self.price.setPlaceholderText("stop price")
        self.price.setText(typed)
        self.effect = TextLabel(f"recoveryEffect_{number}", "label")
        self.verify = button(f"recoveryVerify_{number}", "Verify", f"Ask the broker again for {name}")
        self._fill(chosen)
        self.box.currentIndexChanged.connect(self._changed)
        self.price.textChanged.connect(self.moved)
        self.verify.clicked.connect(self.asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE, GAP, SIDE, GAP)
        layout.setSpacing(GAP)
        layout.addStretch(1)
        for part in (self.box, self.price, self.effect):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            part.setFixedWidth(self._width)
        layout.addStretch(1)
        self._show_effect()

    @property
    def chosen(self) -> AnyChoice:
        """What is chosen; of a decided row, what was."""
        return self.entry.choices[max(0, self.box.currentIndex())] if self.entry.is_open else self.entry.choices[0]

    @property
    def needs_price(self) -> bool:
        """True while the choice is a stop whose price the trader names."""
        return self.entry.is_open and self.chosen is FindingChoice.CHOOSE_PRICE

    def take(self, entry: Entry) -> None:
        """Take the entry as it is now; its choices are the same."""
        self.entry = entry

    def read_price(self, snapshot: Snapshot) -> Decimal | None:
        """Return the price typed, None where none is asked; `refusal` says what is wrong with it."""
        self.refusal, price = "", None
        if self.needs_price and isinstance(self.entry, FindingEntry):
            quote = snapshot.quotes.get((self.entry.key.connection, self.entry.key.symbol))
            try:
                price = read_stop(self.price.text(), self.entry.finding, self.entry.instrument, quote)
            except InputRefused as refused:
                self.refusal = str(refused)
        set_property(self.price, "tone", "danger" if self.refusal and self.price.text() else "")
        explain(self.price, self.refusal)
        return price

    def listen(self, is_awake: bool, is_asking: bool) -> None:
        """Switch the controls on or off."""
        is_position = not isinstance(self.entry, FindingEntry)
        self.box.setEnabled(self.entry.is_open and not (is_position and is_asking))
        explain(self.box, "Waiting for the broker's answer." if is_position and is_asking else self.effect.text())
        self.verify.setEnabled(is_awake and self.entry.is_open and not is_asking)
        explain(self.verify, "The broker is being asked." if is_asking else "")

    def sizeHint(self) -> QSize:
        """Return the height that shows all of it."""
        shown = [px(size("control"))]
        if self.needs_price:
            shown.append(px(size("control")))
        if self.effect.text():
            shown.append(self.effect.heightForWidth(px(self._width)))
        # One more for the line of the grid.
        return QSize(px(self._width + 2 * SIDE + PADDING), sum(shown) + px(GAP) * (len(shown) + 1) + 1)

    def forget_names(self) -> None:
        """Give up the names: Qt deletes the widgets a little later, and until then they must not be found."""
        for part in (self.box, self.price, self.effect, self.verify):
            part.setObjectName("")

    def _fill(self, chosen: AnyChoice) -> None:
        if self.entry.is_open:
            self.box.addItems([self.entry.choice_words(one) for one in self.entry.choices])
            self.box.setCurrentIndex(list(self.entry.choices).index(chosen))
        else:
            self.box.addItem(self.entry.done_words())

    def _changed(self) -> None:
        self._show_effect()
        self.moved.emit()

    def _show_effect(self) -> None:
        self.effect.say(self.entry.effect(self.chosen) if self.entry.is_open else "", "ink2")
        self.effect.setVisible(bool(self.effect.text()))
        self.price.setVisible(self.needs_price)
        self.updateGeometry()
