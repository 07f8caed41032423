"""The form that sets an alert; opened with a price from chart, DOM and watchlist, with a figure from the position."""

from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.model.alert import NOTE_CHARACTERS, Alert, AlertKind, Way
from core.model.guard_rules import Guard
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.alert_draft import ANY_LIMIT, HINTS, KIND_WORDS, WAY_WORDS, Draft, now_words, read_draft, shown
from panels.parsing import InputRefused
from panels.widgets.controls import Choice, Tick, button, explain, field
from panels.widgets.labels import TextLabel

KINDS, GUARDS = tuple(KIND_WORDS), tuple(Guard)
FIELD = 220
BY_ITSELF = "reaches"
WAYS = (None, Way.ABOVE, Way.BELOW)


class AlertForm(QDialog):
    """The form. It asks for nothing but an alert, and an alert trades nothing.

    Signals:
        intent: AddAlert.
    """

    intent = Signal(object)

    def __init__(self, ids: ActionIds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alertForm")
        self.setWindowTitle("Set an alert")
        self.setAccessibleName("Set an alert")
        self.setModal(False)
        self._ids = ids
        self._key: PositionKey | None = None
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)
        self.sentence = TextLabel("alertNow")
        self.kind = Choice("alertKind", "What is watched", KIND_WORDS.values(), width=FIELD)
        self.limit = Choice("alertLimit", "Which limit", [ANY_LIMIT, *(one.value for one in Guard)], width=FIELD)
        self.way = Choice("alertWay", "From which side", [BY_ITSELF, *WAY_WORDS.values()], width=FIELD)
        self.value = field("alertValue", "Value", FIELD)
        self.repeats = Tick("alertRepeats", "Each time, not only once", "It rings again once the figure has come back.")
        self.note = QLineEdit()
        self.note.setObjectName("alertNote")
        self.note.setAccessibleName("Note, said when it rings")
        self.note.setMaxLength(NOTE_CHARACTERS)
        self.note.setFixedWidth(FIELD)
        self.reason = TextLabel("alertReason")
        self.set = button("alertSet", "Set alert", "Set alert", "default")
        self.leave = button("alertCancel", "Cancel", "Cancel: set no alert")
        self._limit_label = TextLabel(wrap=False)
        self._lay_out()
        self.set.setDefault(True)
        self.set.clicked.connect(self._send)
        self.leave.clicked.connect(self.reject)
        self.kind.currentIndexChanged.connect(self._other_kind)
        for choice in (self.limit, self.way):
            choice.currentIndexChanged.connect(self._check)
        for line in (self.value, self.note):
            line.textChanged.connect(self._check)

    def put_up(
        self,
        snapshot: Snapshot,
        now_utc: datetime,
        key: PositionKey,
        kind: AlertKind = AlertKind.PRICE,
        value: Decimal | None = None,
    ) -> None:
        """Show the form for a scope, with a figure filled in where one was pointed at."""
        self._key, self._snapshot, self._now = key, snapshot, now_utc
        self.kind.setCurrentIndex(KINDS.index(kind))
        self.way.setCurrentIndex(0)
        self.repeats.setChecked(False)
        self.note.clear()
        alert = Alert("", kind, key, Way.ABOVE, Decimal(0), now_utc)
        self.value.setText("" if value is None else shown(alert, value, snapshot).removesuffix("R").removesuffix(" %"))
        self.show()
        self.raise_()
        self._other_kind()
        self.value.setFocus()
        self.value.selectAll()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Follow the figure."""
        self._snapshot, self._now = snapshot, now_utc
        if self.isVisible():
            self._check()

    def _draft(self) -> Draft:
        assert self._key is not None
        which = self.limit.currentIndex()
        return Draft(
            self._key,
            KINDS[max(0, self.kind.currentIndex())],
            self.value.text(),
            WAYS[max(0, self.way.currentIndex())],
            self.repeats.isChecked(),
            None if which <= 0 else GUARDS[which - 1],
            self.note.text(),
        )

    def _other_kind(self) -> None:
        if self._key is None:
            return
        kind = self._draft().kind
        self.value.setPlaceholderText(HINTS[kind])
        self.limit.setVisible(kind is AlertKind.LIMIT)
        self._limit_label.setVisible(kind is AlertKind.LIMIT)
        only_up = kind in (AlertKind.TIME_IN_TRADE, AlertKind.LIMIT)
        self.way.setEnabled(not only_up)
        explain(self.way, "It only grows." if kind is AlertKind.TIME_IN_TRADE else "")
        if only_up:
            self.way.setCurrentIndex(0)
        self._check()

    def _check(self) -> None:
        """Say what is wrong, or from which side the alert would ring."""
        if self._key is None:
            return
        draft, refused, tone = self._draft(), "", "ink2"
        try:
            command = read_draft(draft, self._snapshot, "", self._now)
            said = f"Rings when it {WAY_WORDS[command.way]} {draft.value.strip()}. Nothing is traded."
        except InputRefused as error:
            refused = said = str(error)
            tone = "caution" if draft.value.strip() else "ink2"
        self.sentence.say(now_words(draft, self._snapshot, self._now), "ink2")
        self.reason.say(said, tone)
        self.set.setEnabled(not refused)
        explain(self.set, refused)

    def _send(self) -> None:
        try:
            command = read_draft(self._draft(), self._snapshot, self._ids.each(), self._now)
        except InputRefused:
            self._check()
            return
        self.accept()
        self.intent.emit(command)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for text, widget in (("Watch", self.kind), ("It", self.way), ("Value", self.value), ("Note", self.note)):
            label = TextLabel(wrap=False)
            label.say(text, "ink2")
            form.addRow(label, widget)
        self._limit_label.say("Limit", "ink2")
        form.insertRow(1, self._limit_label, self.limit)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.set)
        foot.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.sentence)
        layout.addLayout(form)
        layout.addWidget(self.repeats)
        layout.addWidget(self.reason)
        layout.addLayout(foot)
        self.setMinimumWidth(400)
