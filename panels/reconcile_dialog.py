"""The reconcile dialog: one scope, what we hold, what its fills add up to, what the broker holds, and what to do.

It never opens by itself: a banner names the difference, and the trader asks. It is live: when the facts change, the
buttons are deaf for a moment again, and when both sides agree there is nothing left to apply.
"""

from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from core.commands import AskBroker, DecideRecovery
from core.model.recovery import RecoveryChoice, RecoveryRow
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import reconcile_words as words
from panels.confirm_dialog import DEAF_S, DIALOG_BAND
from panels.mode_band import ModeBand
from panels.reconcile_columns import ReconcileColumns
from panels.shown import shown_in
from panels.theme import Theme, font
from panels.widgets.controls import Choice, button, explain
from panels.widgets.labels import TextLabel, name_value
from panels.widgets.room import make_room
from panels.widgets.scroller import Strip
from panels.wishes import OpenRecordClosed

# How long an answer of the engine is waited for before the trader may press again.
ANSWER_S = 2.0
WIDTH, AROUND = 940, 24
INDENT = 24


class ReconcileDialog(QDialog):
    """Three columns, the choices with their effects, a reason, Apply.

    Signals:
        intent: DecideRecovery, AskBroker, OpenRecordClosed.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, zone: tzinfo | None = None):
        super().__init__(parent)
        self.setObjectName("reconcileDialog")
        self.setWindowTitle("Reconcile")
        self.setAccessibleName("Reconcile")
        self.setModal(False)
        self._snapshot = Snapshot()
        self._key: PositionKey | None = None
        self._row: RecoveryRow | None = None
        self._had_difference = False
        self._deaf_until_s = float("inf")
        self._now_s = 0.0
        self._sent: tuple[RecoveryRow, RecoveryChoice, float] | None = None
        self._drawn: tuple[object, ...] = ()
        self._scopes: tuple[PositionKey, ...] = ()
        self._radios: list[tuple[RecoveryChoice, QRadioButton, TextLabel]] = []
        self.band = ModeBand(theme, DIALOG_BAND, "reconcileBand")
        self.scope = Choice("reconcileScope", "Scope to reconcile")
        self.sentence = TextLabel("reconcileSentence", "value", bold=True)
        self.columns = ReconcileColumns(zone)
        self.reason = QLineEdit()
        self.reason_label = TextLabel("reconcileReasonLabel")
        self.status = TextLabel("reconcileStatus", bold=True)
        self.ask = button("reconcileAsk", "Ask broker", "Ask the broker again")
        self.record = button("reconcileRecord", "Record as closed…", "Record as closed by hand; no order is sent")
        self.leave = button("reconcileClose", "Close", "Close: decide nothing")
        self.apply = button("reconcileApply", "Apply", "Apply the choice", "default")
        self._connect()
        self._lay_out()

    @property
    def key(self) -> PositionKey | None:
        """The scope on show."""
        return self._key

    def put_up(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float, key: PositionKey | None = None) -> None:
        """Show a scope: the one named, or the one selected if it differs, or the first that does, or the selected."""
        differing = words.differing(snapshot)
        selected = shown_in(snapshot).key
        first = next((one for one in differing if one == selected), next(iter(differing), selected))
        if key is None and first is None:
            return
        self._take_scope(key or first, monotonic_s)
        window = self.parentWidget()
        self.resize(WIDTH if window is None else min(WIDTH, window.width() - AROUND), 0)
        self.show()
        self.refresh(snapshot, now_utc, monotonic_s)
        self._focus_first()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the scope as it is now."""
        self._snapshot, self._now_s = snapshot, monotonic_s
        if self._key is None:
            return
        if self._is_carried_out(snapshot):
            self.accept()
            return
        self.band.refresh(replace(snapshot, selected_account=self._key.account_key))
        self._offer_scopes(words.differing(snapshot))
        row = words.row_of(snapshot, self._key)
        instrument = snapshot.instruments.get((self._key.connection, self._key.symbol))
        drawn = (self._key, row and (row.version, row.choices), instrument)
        if drawn != self._drawn:
            self._draw_choices(row)
            self._drawn = drawn
            self._deaf_until_s = max(self._deaf_until_s, monotonic_s + DEAF_S)
        self._row = row
        self._had_difference |= words.is_different(snapshot, self._key)
        self.columns.show_scope(self._key, snapshot, now_utc)
        self._say(snapshot, now_utc)
        self._buttons()
        make_room(self)

    def _take_scope(self, key: PositionKey | None, monotonic_s: float) -> None:
        self._key, self._row, self._sent, self._drawn = key, None, None, ()
        self._had_difference = False
        self._deaf_until_s = monotonic_s + DEAF_S
        self.reason.clear()

    def _is_carried_out(self, snapshot: Snapshot) -> bool:
        """Say whether the engine has taken what was sent; facts that moved meanwhile are a new question."""
        if self._sent is None or self._key is None:
            return False
        sent, choice, at_s = self._sent
        rows = () if snapshot.recovery is None else snapshot.recovery.rows
        held = next((row for row in rows if row.key == self._key), None)
        if held is None or held.decided is choice:
            return True
        if held.version != sent.version or self._now_s - at_s > ANSWER_S:
            self._sent = None
        return False

    def _chosen(self) -> RecoveryChoice | None:
        return next((choice for choice, radio, _ in self._radios if radio.isChecked()), None)

    def _apply(self) -> None:
        row, choice = self._row, self._chosen()
        if self._key is None or row is None or choice is None or self._refusal() or not self._is_awake:
            return
        self._sent = row, choice, self._now_s
        self.intent.emit(DecideRecovery(self._key, choice, row.version, self.reason.text().strip()))
        self._buttons()

    def _ask(self) -> None:
        if self._key is not None and self._is_awake:
            self.intent.emit(AskBroker(self._key.connection))

    def _record_closed(self) -> None:
        if self._key is not None and self._is_awake:
            self.intent.emit(OpenRecordClosed(self._key))

    @property
    def _is_awake(self) -> bool:
        return self._now_s >= self._deaf_until_s

    def _refusal(self) -> str:
        """Return why nothing can be applied, in a sentence; "" when it can."""
        assert self._key is not None
        if self._row is None:
            different = words.is_different(self._snapshot, self._key)
            return "The broker is being asked; the choices come with his answer." if different else "Nothing to apply."
        if not words.is_alive(self._key, self._snapshot):
            return "The line is down: what the broker holds now is not known."
        if self._sent is not None:
            return "Applying…"
        mode = words.reason_needed(self._key, self._snapshot)
        if mode and len(self.reason.text().strip()) < words.REASON_LETTERS:
            return f"Write a reason, at least {words.REASON_LETTERS} letters ({mode})."
        return ""

    def _say(self, snapshot: Snapshot, now: datetime) -> None:
        assert self._key is not None
        different = words.is_different(snapshot, self._key)
        text = words.headline(self._key, snapshot, now)
        if self._had_difference and not different:
            text = f"The difference is gone. {text}"
        self.sentence.say(text)
        self.setAccessibleDescription(text)
        mode = words.reason_needed(self._key, snapshot)
        self.reason_label.say(f"Reason ({'required: ' + mode if mode else 'optional'})", "ink2")
        name_value(self.reason, "Reason", "required" if mode else "optional")
        for part in (self.reason, self.reason_label, self.apply):
            part.setVisible(self._row is not None or (self._had_difference and part is self.apply))

    def _buttons(self) -> None:
        refusal, choice = self._refusal(), self._chosen()
        text = "Apply"
        if self._row is not None and choice is not None:
            text = f"Apply: {self._words(choice, self._row)}"
        if self.apply.text() != text:
            self.apply.setText(text)
            self.apply.setAccessibleName(text)
        self.apply.setEnabled(self._is_awake and not refusal)
        explain(self.apply, refusal)
        self.status.say(refusal if self._row is not None or self._had_difference else "", "caution")
        self.ask.setEnabled(self._is_awake)
        self.record.setVisible(self._key in self._snapshot.positions)
        self.record.setEnabled(self._is_awake)

    def _words(self, choice: RecoveryChoice, row: RecoveryRow) -> str:
        return words.choice_words(choice, row, self._snapshot.instruments.get((row.key.connection, row.key.symbol)))

    def _draw_choices(self, row: RecoveryRow | None) -> None:
        """Make the choices anew; what was chosen stays while it is offered for the same situation."""
        kept = self._chosen() if row is not None and self._row is not None and self._is_same(row) else None
        had_focus = any(radio.hasFocus() for _, radio, _ in self._radios)
        for _, radio, effect in self._radios:
            for part in (radio, effect):
                # Qt deletes it a little later; until then its name must not be found.
                part.setObjectName("")
                part.hide()
                part.deleteLater()
        self._radios = []
        choices = () if row is None else words.choices_of(row)
        for number, choice in enumerate(choices):
            assert row is not None
            self._add_choice(number, choice, row)
        for choice, radio, _ in self._radios:
            radio.setChecked(choice is (kept if kept in choices else choices[0]))
            radio.toggled.connect(self._buttons)
            if had_focus and radio.isChecked():
                radio.setFocus()

    def _is_same(self, row: RecoveryRow) -> bool:
        return self._row is not None and (row.key, row.situation) == (self._row.key, self._row.situation)

    def _add_choice(self, number: int, choice: RecoveryChoice, row: RecoveryRow) -> None:
        instrument = self._snapshot.instruments.get((row.key.connection, row.key.symbol))
        text = words.choice_words(choice, row, instrument)
        radio = QRadioButton(text)
        radio.setObjectName(f"reconcileChoice_{number}")
        radio.setAccessibleName(text)
        radio.setFont(font("body", bold=True))
        effect = TextLabel(f"reconcileEffect_{number}", "body")
        effect.say(words.effect(choice, row, instrument), "ink2")
        effect.setContentsMargins(INDENT, 0, 0, 4)
        radio.setAccessibleDescription(effect.text())
        self._choices_box.addWidget(radio, 0, Qt.AlignmentFlag.AlignLeft)
        self._choices_box.addWidget(effect)
        for part in (radio, effect):
            part.show()  # what is not shown yet takes no room, and the dialog is fitted at once
        before = self._radios[-1][1] if self._radios else self.columns.last_stop
        self.setTabOrder(before, radio)
        self.setTabOrder(radio, self.reason)
        self._radios.append((choice, radio, effect))

    def _offer_scopes(self, differing: tuple[PositionKey, ...]) -> None:
        """Offer the other scopes that differ."""
        assert self._key is not None
        scopes = tuple(sorted({*differing, self._key}))
        if scopes != self._scopes:
            self._scopes = scopes
            self.scope.blockSignals(True)
            self.scope.clear()
            self.scope.addItems([f"{one.symbol} · {one.account} · {one.connection}" for one in scopes])
            self.scope.blockSignals(False)
        self.scope.setVisible(len(scopes) > 1)
        at = scopes.index(self._key)
        if self.scope.currentIndex() != at:
            self.scope.blockSignals(True)
            self.scope.setCurrentIndex(at)
            self.scope.blockSignals(False)

    def _typed(self) -> None:
        if self._key is not None:
            self._buttons()

    def _change_scope(self, at: int) -> None:
        if 0 <= at < len(self._scopes) and self._scopes[at] != self._key:
            self._take_scope(self._scopes[at], self._now_s)

    def _focus_first(self) -> None:
        """Start on what is chosen, or on the safe button where nothing is to choose."""
        checked = [radio for _, radio, _ in self._radios if radio.isChecked()]
        (checked[0] if checked else self.leave).setFocus()

    def _connect(self) -> None:
        self.apply.clicked.connect(self._apply)
        self.ask.clicked.connect(self._ask)
        self.leave.clicked.connect(self.reject)
        self.record.clicked.connect(self._record_closed)
        self.scope.currentIndexChanged.connect(self._change_scope)
        self.reason.textChanged.connect(self._typed)

    def _lay_out(self) -> None:
        self.reason.setObjectName("reconcileReason")
        self.reason.setFont(font("body"))
        self.reason.setMaxLength(200)
        buttons = QWidget()
        foot = QHBoxLayout(buttons)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(12)
        for part in (self.ask, self.record, self.leave):
            foot.addWidget(part)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.apply)
        why = QHBoxLayout()
        why.setSpacing(12)
        why.addWidget(self.reason_label)
        why.addWidget(self.reason, 1)
        self._choices_box = QVBoxLayout()
        self._choices_box.setSpacing(2)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 12, 16, 16)
        inner.setSpacing(12)
        inner.addWidget(self.scope)
        inner.addWidget(self.sentence)
        inner.addWidget(self.columns, 1)
        inner.addLayout(self._choices_box)
        inner.addLayout(why)
        inner.addWidget(Strip(buttons))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.band)
        layout.addLayout(inner, 1)
        self.setMinimumWidth(760)
