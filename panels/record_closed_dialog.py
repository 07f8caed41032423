"""Record as closed: the form for a position the broker closed without telling; no order comes of it."""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.commands import RecordClosed
from core.model.instrument import Instrument
from core.model.position import Position
from core.model.recovery import ClosedBy
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.closed_form import TIME_FORM, Typed, effect, read_form
from panels.confirm_dialog import DEAF_S, DIALOG_BAND
from panels.mode_band import ModeBand
from panels.parsing import InputRefused
from panels.theme import Theme, font
from panels.widgets.controls import Choice, button, explain
from panels.widgets.labels import TextLabel

WIDTH = 520


class RecordClosedDialog(QDialog):
    """The form.

    Signals:
        intent: RecordClosed.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, zone: tzinfo | None = None):
        super().__init__(parent)
        self.setObjectName("recordClosedDialog")
        self.setWindowTitle("Record as closed")
        self.setAccessibleName("Record as closed")
        self.setModal(False)
        self._zone: tzinfo = zone or UTC
        self._key: PositionKey | None = None
        self._snapshot = Snapshot()
        self._awake_s = float("inf")
        self._now_s = 0.0
        self.band = ModeBand(theme, DIALOG_BAND, "recordClosedBand")
        self.sentence = TextLabel("recordClosedSentence", "value", bold=True)
        self.effect = TextLabel("recordClosedEffect")
        self.reason = TextLabel("recordClosedReason", bold=True)
        self.price = self._line("recordClosedPrice", "Price; empty if nobody knows it")
        self.time = self._line("recordClosedTime", "Time; empty if nobody knows it")
        self.quantity = self._line("recordClosedQuantity", "Quantity")
        self.costs = self._line("recordClosedCosts", "Costs; empty if nobody knows them")
        self.closed_by = Choice("recordClosedBy", "Closed by", [one.value for one in ClosedBy], width=220)
        self.note = self._line("recordClosedNote", "Note")
        self.symbol = self._line("recordClosedSymbol", "Type the symbol")
        self.symbol_label = TextLabel("recordClosedSymbolLabel", wrap=False)
        self.leave = button("recordClosedCancel", "Cancel", "Cancel: record nothing", "default")
        self.record = button("recordClosedApply", "Record as closed", "Record as closed")
        self.leave.setDefault(True)
        self.leave.clicked.connect(self.reject)
        self.record.clicked.connect(self._record)
        self._lay_out()

    def put_up(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float, key: PositionKey) -> None:
        """Show the form of a scope with what is known filled in."""
        position = snapshot.positions.get(key)
        if position is None:
            return
        self._key = key
        for line in (self.price, self.costs, self.note, self.symbol):
            line.clear()
        self.quantity.setText(f"{abs(position.quantity):f}")
        self.time.setText(now_utc.astimezone(self._zone).strftime(TIME_FORM))
        self._awake_s = monotonic_s + DEAF_S
        self.show()
        self.refresh(snapshot, now_utc, monotonic_s)
        self.price.setFocus()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Follow the scope; the form closes when nothing is open there any more."""
        self._snapshot, self._now_s = snapshot, monotonic_s
        if self._key is None:
            return
        position = snapshot.positions.get(self._key)
        if position is None:
            self.accept()
            return
        self.band.refresh(replace(snapshot, selected_account=self._key.account_key))
        held = f.held(position.quantity, self._instrument())
        told = "the broker says flat" if self._told_flat() else "the broker has not said flat"
        self.sentence.say(f"{self._key.symbol} {self._key.account}: here {held}, {told}.")
        for part in (self.symbol, self.symbol_label):
            part.setVisible(not self._told_flat())
        self.symbol_label.say(f"Type {self._key.symbol}")
        self._check()

    def _instrument(self) -> Instrument:
        assert self._key is not None
        place = (self._key.connection, self._key.symbol)
        return self._snapshot.instruments.get(place, Instrument(self._key.symbol))

    def _told_flat(self) -> bool:
        scope = None if self._key is None else self._snapshot.scopes.get(self._key)
        return scope is not None and scope.broker_quantity == 0

    def _read(self) -> RecordClosed:
        assert self._key is not None
        position: Position = self._snapshot.positions[self._key]
        typed = Typed(
            self.price.text(),
            self.time.text(),
            self.quantity.text(),
            self.costs.text(),
            list(ClosedBy)[max(0, self.closed_by.currentIndex())],
            self.note.text(),
            self.symbol.text(),
        )
        return read_form(self._key, typed, position, self._instrument(), self._told_flat(), self._zone)

    def _check(self) -> None:
        """Say what is wrong, or what recording does."""
        refused, quantity, priced = "", Decimal(0), False
        try:
            form = self._read()
            quantity, priced = form.quantity, form.price is not None
        except InputRefused as error:
            refused = str(error)
        self.reason.say(refused, "caution")
        self.effect.say("" if refused else effect(quantity, priced), "ink2")
        self.record.setEnabled(not refused and self._now_s >= self._awake_s)
        explain(self.record, refused)

    def _typed(self) -> None:
        if self._key is not None and self._key in self._snapshot.positions:
            self._check()

    def _record(self) -> None:
        if self._now_s < self._awake_s:
            return
        try:
            self.intent.emit(self._read())
        except InputRefused:
            self._check()

    def _line(self, object_name: str, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(object_name)
        made.setAccessibleName(name)
        made.setFont(font("body"))
        made.setMaxLength(200)
        made.textChanged.connect(self._typed)
        return made

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        zone = f.zone_label(datetime.now(UTC), self._zone)
        for text, widget in (
            ("Price", self.price),
            (f"Time ({zone})", self.time),
            ("Quantity", self.quantity),
            ("Costs", self.costs),
            ("Closed by", self.closed_by),
            ("Note", self.note),
        ):
            label = TextLabel(wrap=False)
            label.say(text, "ink2")
            form.addRow(label, widget)
        form.addRow(self.symbol_label, self.symbol)
        foot = QHBoxLayout()
        foot.addWidget(self.leave)
        foot.addStretch(1)
        foot.addWidget(self.record)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 12, 16, 16)
        inner.setSpacing(12)
        inner.addWidget(self.sentence)
        inner.addLayout(form)
        inner.addWidget(self.effect)
        inner.addWidget(self.reason)
        inner.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.band)
        layout.addLayout(inner, 1)
        self.setMinimumWidth(WIDTH)
