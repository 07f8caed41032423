"""What a fill costs where no protocol says it: per unit and side, by connection or account, and product."""

from decimal import Decimal

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from core.model.scope import AccountKey
from core.settings_commands import ChangeCommissions
from panels.settings.checks import amount, plain
from panels.settings.page import SettingsState
from panels.settings.typed_field import TypedField
from panels.theme import font
from panels.widgets.controls import Choice, button, explain
from panels.widgets.labels import TextLabel


class CommissionsBox(QWidget):
    """The rates there are, and a line to add or change one.

    Signals:
        intent: ChangeCommissions.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Commissions")
        self._seen = SettingsState()
        self._places: list[str] = []
        self._listed: list[tuple[str, str]] = []
        self.list = QListWidget()
        self.list.setObjectName("settingsRates")
        self.list.setAccessibleName("Rates")
        self.list.setFont(font("body", number=True))
        self.list.setFixedHeight(96)
        self.list.currentRowChanged.connect(self._show_buttons)
        self.place = Choice("settingsRatePlace", "Connection or account", (), 200)
        self.root = TypedField("settingsRateRoot", "Product, such as ES", 72, _product, in_form=True)
        self.root.setPlaceholderText("ES")
        self.rate = TypedField("settingsRate", "Money per unit and side", 84, amount("The rate"), in_form=True)
        self.rate.setPlaceholderText("2.25")
        self.add = button("settingsRateAdd", "Set rate", "Set the rate of this product")
        self.drop = button("settingsRateDrop", "Remove", "Remove the rate that is chosen")
        self.add.clicked.connect(self._add)
        self.drop.clicked.connect(self._remove)
        self.note = TextLabel("settingsRatesNote", "label")
        line = QHBoxLayout()
        for part in (self.place, self.root, self.rate, self.add, self.drop):
            line.addWidget(part)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        layout.addLayout(line)
        layout.addWidget(self.note)
        for one in (self.root, self.rate):
            layout.addWidget(one.cause)
            one.textEdited.connect(self._show_buttons)

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the rates."""
        self._seen = seen
        rates = seen.snapshot.settings.rates
        listed = [(place, root) for place in sorted(rates) for root in sorted(rates[place])]
        texts = [f"{place} · {root} · {plain(rates[place][root])}" for place, root in listed]
        if texts != [self.list.item(at).text() for at in range(self.list.count())]:
            self._listed = listed
            self.list.clear()
            self.list.addItems(texts)
        places = [*sorted(seen.snapshot.connections), *sorted(place_of(key) for key in seen.snapshot.accounts)]
        if places != self._places:
            self._places = places
            with QSignalBlocker(self.place):
                self.place.clear()
                self.place.addItems(places)
        ours = "The built-in simulator's own rates hold where nothing is said." if seen.snapshot.resettable else ""
        self.note.say(f"An account goes before its connection. What is unknown is shown as —. {ours}".strip(), "ink3")
        if is_new:
            for one in (self.root, self.rate):
                one.show_text("", is_new=True)
        self._show_buttons()

    def _show_buttons(self) -> None:
        wrong = "" if self._places else "No connection yet."
        wrong = wrong or _product(self.root.value) or amount("The rate")(self.rate.value)
        self.add.setEnabled(not wrong)
        explain(self.add, wrong)
        chosen = 0 <= self.list.currentRow() < len(self._listed)
        self.drop.setEnabled(chosen)
        explain(self.drop, "" if chosen else "Choose a rate in the list first.")

    def _add(self) -> None:
        rates = {place: dict(products) for place, products in self._seen.snapshot.settings.rates.items()}
        place = self._places[self.place.currentIndex()]
        rates.setdefault(place, {})[self.root.value.upper()] = Decimal(self.rate.value)
        self.intent.emit(ChangeCommissions(rates))
        for one in (self.root, self.rate):
            one.show_text("", is_new=True)
        self._show_buttons()

    def _remove(self) -> None:
        place, root = self._listed[self.list.currentRow()]
        rates = {one: dict(products) for one, products in self._seen.snapshot.settings.rates.items()}
        del rates[place][root]
        self.intent.emit(ChangeCommissions({one: products for one, products in rates.items() if products}))


def place_of(key: AccountKey) -> str:
    """Return an account as the settings name it."""
    return f"{key.connection}/{key.account}"


def _product(text: str) -> str:
    if not text:
        return "Which product? The letters before month and year, such as ES."
    return "" if text.isascii() and text.isalnum() and len(text) <= 8 else f"{text[:20]!r} is not a product such as ES."
