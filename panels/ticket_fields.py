"""The fields and buttons of the ticket, and where they stand; what they mean is the ticket's business."""

from decimal import Decimal
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.model.order import OrderType, TimeInForce
from panels import formatting as f
from panels.parsing import InputRefused, parse_quantity
from panels.session_strip import SessionStrip
from panels.theme import size
from panels.ticket_draft import TYPES
from panels.ticket_exits import TicketExits
from panels.widgets.controls import Choice, button, field
from panels.widgets.labels import TextLabel
from panels.widgets.wordings import Wordings

PRESETS = (1, 2, 5)
DEFAULT_QUANTITY = "1"
# "risk 1250.00" is typed here too.
QUANTITY_WIDTH = 112


class QuantityBox(QLineEdit):
    """Up and down change the quantity by one, and leave an amount of risk alone; the wheel never does anything."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step on up and down."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if not step or self._is_risk:
            super().keyPressEvent(event)
        else:
            self.step(step)

    @property
    def _is_risk(self) -> bool:
        return self.text().strip().casefold().startswith("risk")

    def step(self, step: int) -> None:
        """Make the quantity larger or smaller; an amount of risk stays as it is."""
        if self._is_risk:
            return
        try:
            value = parse_quantity(self.text()) + step
        except InputRefused:
            value = Decimal(1)
        if value > 0:
            self.setText(f.quantity(value))


SPACE = 16


class SymbolBox(Choice):
    """The symbol field.

    Signals:
        left: Escape was pressed: what was typed is not wanted.
    """

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if Qt.Key(event.key()) is Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class TicketFields(QWidget):
    """Two rows: the order and its buttons; its exits, and beside them what it would do, in two lines."""

    def __init__(self) -> None:
        super().__init__()
        self._make_fields()
        self._lay_out()

    @property
    def boxes(self) -> tuple[QLineEdit, ...]:
        """The boxes that can hold something unusable."""
        return (self.quantity, self.price, self.trigger, *self.exits.boxes)

    @property
    def order_type(self) -> OrderType:
        """The chosen type."""
        return TYPES[self.type.currentText()]

    @property
    def price_box(self) -> QLineEdit | None:
        """The box of the price the chosen type needs; None at market."""
        return {OrderType.LIMIT: self.price, OrderType.STOP: self.trigger}.get(self.order_type)

    def show_price_box(self) -> None:
        """Show only the price the chosen type needs."""
        self.prices.setCurrentIndex(list(TYPES.values()).index(self.order_type))

    def _make_fields(self) -> None:
        self.symbol = SymbolBox("symbolBox", "Symbol", width=160)
        self.symbol.setEditable(True)
        self.symbol.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        # What is typed stays what was typed: completing it in place would load another symbol than the eye reads.
        self.symbol.setCompleter(None)  # type: ignore[arg-type]
        self.type = Choice("typeBox", "Order type", TYPES, width=88)
        self.quantity = QuantityBox(DEFAULT_QUANTITY)
        model = field("qtyBox", "Quantity", QUANTITY_WIDTH)
        self.quantity.setObjectName("qtyBox")
        self.quantity.setAccessibleName("Quantity")
        self.quantity.setFont(model.font())
        self.quantity.setAlignment(model.alignment())
        self.quantity.setFixedSize(QUANTITY_WIDTH, size("control"))
        self.exits = TicketExits()
        self.presets = [self._preset(amount) for amount in PRESETS]
        self.price = field("priceBox", "Limit price", 100)
        self.trigger = field("triggerBox", "Stop price", 100)
        self.tif = Choice("tifBox", "Time in force", [tif.value for tif in TimeInForce], width=72)
        self.buy = button("buyButton", "BUY", "Buy", "buy")
        self.sell = button("sellButton", "SELL", "Sell", "sell")
        self.flatten = button("flattenButton", "FLATTEN", "Flatten account", "flatten")
        self.preview = Wordings("ticketPreview", "What the ticket would do")
        self.session = SessionStrip()
        self.reason = Wordings("ticketReason", "Not possible", number=False, bold=True)

    def _preset(self, amount: int) -> QPushButton:
        made = button(f"qtyPreset_{amount}", str(amount), f"Quantity {amount}", "preset")
        made.setFixedWidth(28)
        made.clicked.connect(lambda: self.quantity.setText(str(amount)))
        return made

    def _lay_out(self) -> None:
        market = TextLabel("atMarket", wrap=False)
        market.say("at market", "ink2")
        self.prices = QStackedWidget()
        self.prices.setFixedSize(100, size("control"))
        for page in (market, self.price, self.trigger):
            self.prices.addWidget(page)
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        for part in (self.symbol, self.type, self.prices, self.quantity):
            row.addWidget(part)
        presets = QHBoxLayout()
        presets.setSpacing(4)
        for preset in self.presets:
            presets.addWidget(preset)
        row.addLayout(presets)
        row.addWidget(self.tif)
        row.addSpacing(8)
        row.addWidget(self.buy)
        row.addSpacing(4)
        row.addWidget(self.sell)
        row.addStretch(1)
        row.addSpacing(16)
        row.addWidget(self.flatten)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addLayout(self._second_row())
        # What goes with an order is said before it is sent.
        for first, then in pairwise((self.tif, self.exits.bracket, *self.exits.boxes, self.buy, self.sell)):
            QWidget.setTabOrder(first, then)

    def _second_row(self) -> QHBoxLayout:
        first, second = QHBoxLayout(), QHBoxLayout()
        for line, parts in ((first, (self.exits.risk, self.reason)), (second, (self.preview, self.session))):
            line.setSpacing(SPACE)
            for part in parts:
                line.addWidget(part)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(first)
        words.addLayout(second)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 2)
        row.setSpacing(SPACE)
        row.addWidget(self.exits)
        row.addLayout(words, 1)
        return row
