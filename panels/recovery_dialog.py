"""The recovery dialog: what was found at start or after a reconnect, and the trader's decision per scope.

It is live: rows change under it as the broker answers, and a decision names the version of the row it was made on. It
blocks nothing but entries, which the engine holds; reading and closing go on behind it.
"""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.commands import DecideRecovery
from core.model.recovery import Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.confirm_dialog import DEAF_S, DIALOG_BAND
from panels.mode_band import ModeBand
from panels.recovery_words import DONE_WORDS, cells, choice_words, header
from panels.theme import Theme, font
from panels.widgets.controls import Choice, button, explain
from panels.widgets.labels import TextLabel

TITLES = ("Scope", "Local", "Broker", "Exits working", "Situation", "Choice", "")
CHOICE_COLUMN, VERIFY_COLUMN = 5, 6
ROW_HEIGHT, MAX_ROWS_SHOWN = 64, 6


def is_open(row: RecoveryRow) -> bool:
    """Return whether a row can still be decided: never was, or was put off."""
    return row.decided in (None, RecoveryChoice.IGNORE)


class RecoveryDialog(QDialog):
    """Rows, choices, Apply, Decide later.

    Signals:
        intent: DecideRecovery, one per row.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, zone: tzinfo | None = None):
        super().__init__(parent)
        self.setObjectName("recoveryDialog")
        self.setWindowTitle("Recovery")
        self.setAccessibleName("Recovery")
        self.setModal(False)
        self._zone = zone
        self._recovery: Recovery | None = None
        self._drawn: tuple[object, ...] = ()
        self._opened_s: float | None = None
        self._awake = False
        self._taken_up = False
        self._put_off: frozenset[tuple[PositionKey, int]] = frozenset()
        self._chosen: dict[PositionKey, RecoveryChoice] = {}
        self._choices: list[Choice] = []
        self._verifies: list[QPushButton] = []
        self.band = ModeBand(theme, DIALOG_BAND, "recoveryBand")
        self.sentence = TextLabel("recoverySentence", "value", bold=True)
        self.table = QTableWidget(0, len(TITLES))
        self.apply = button("recoveryApply", "Apply", "Apply the choices", "default")
        self.later = button("recoveryLater", "Decide later", "Decide later: ignore all, entries stay locked there")
        self.apply.clicked.connect(self._apply)
        self.later.clicked.connect(self.reject)
        self._lay_out()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the rows as they are now."""
        self.band.refresh(snapshot)
        recovery = snapshot.recovery
        self._recovery = recovery
        if recovery is None:
            return
        self.sentence.say(header(recovery, self._zone))
        self.setAccessibleDescription(self.sentence.text())
        shown = tuple((row.key, row.version, row.situation, row.decided) for row in recovery.rows)
        if shown != self._drawn:
            self._rebuild(recovery)
            self._drawn = shown
        for at, row in enumerate(recovery.rows):
            self._fill(at, cells(row, snapshot, now_utc))
        if self._opened_s is None and self.isVisible():
            self._opened_s = monotonic_s
        self._awake = self._opened_s is not None and monotonic_s - self._opened_s >= DEAF_S
        self._buttons(recovery)

    def is_wanted(self, recovery: Recovery | None) -> bool:
        """Return whether something undecided has come up since the trader last put it off."""
        if recovery is None or not recovery.wants_dialog:
            return False
        return any((row.key, row.version) not in self._put_off for row in recovery.undecided)

    def is_finished(self, recovery: Recovery | None) -> bool:
        """Return whether nothing is left to decide; what was put off counts only where the trader took it up again."""
        if recovery is None:
            return True
        return not (any(map(is_open, recovery.rows)) if self._taken_up else recovery.undecided)

    def put_up(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float, taken_up: bool = False) -> None:
        """Show the dialog; its buttons listen 300 ms later.

        Args:
            taken_up: the trader asked for it, so rows put off earlier are up for decision too.
        """
        self._taken_up = taken_up
        self._opened_s = None
        rows = len(snapshot.recovery.rows) if snapshot.recovery is not None else 0
        self.resize(self.width(), 190 + ROW_HEIGHT * min(max(rows, 2), MAX_ROWS_SHOWN))
        self.show()
        self.refresh(snapshot, now_utc, monotonic_s)
        self._focus_first_row()

    def reject(self) -> None:
        """Decide later, which is Ignore for every row still open; also what Esc means."""
        if not self._awake:
            return
        if self._recovery is not None:
            rows = self._recovery.undecided
            self._put_off = frozenset((row.key, row.version) for row in rows)
            for row in rows:
                self.intent.emit(DecideRecovery(row.key, RecoveryChoice.IGNORE, row.version))
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take the trader's closing for Decide later; the program closing its windows at its end decides nothing."""
        if event.spontaneous():
            super().closeEvent(event)
        else:
            event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """Start deaf."""
        super().showEvent(event)
        self._awake = False

    def _apply(self) -> None:
        if self._recovery is None or not self._awake:
            return
        for row in self._decidable(self._recovery):
            choice = self._chosen.get(row.key, row.choices[0])
            if choice is not row.decided:
                self.intent.emit(DecideRecovery(row.key, choice, row.version))

    def _verify(self, at: int) -> None:
        if self._recovery is not None and self._awake and at < len(self._recovery.rows):
            row = self._recovery.rows[at]
            self.intent.emit(DecideRecovery(row.key, RecoveryChoice.VERIFY, row.version))

    def _choose(self, at: int, index: int) -> None:
        if self._recovery is not None and at < len(self._recovery.rows):
            row = self._recovery.rows[at]
            self._chosen[row.key] = row.choices[index]

    def _decidable(self, recovery: Recovery) -> tuple[RecoveryRow, ...]:
        return tuple(row for row in recovery.rows if is_open(row) and row.key.connection not in recovery.asking)

    def _buttons(self, recovery: Recovery) -> None:
        ready = len(self._decidable(recovery))
        text = f"Apply {ready} {'choice' if ready == 1 else 'choices'}"
        if self.apply.text() != text:
            self.apply.setText(text)
            self.apply.setAccessibleName(text)
        self.apply.setEnabled(self._awake and ready > 0)
        explain(self.apply, "" if ready else "Waiting for the broker's answer.")
        self.later.setEnabled(self._awake)
        for at, row in enumerate(recovery.rows):
            asking = row.key.connection in recovery.asking
            self._choices[at].setEnabled(is_open(row) and not asking)
            self._verifies[at].setEnabled(self._awake and is_open(row) and not asking)

    def _rebuild(self, recovery: Recovery) -> None:
        """Make the controls of the rows; a choice already made for an unchanged situation stays."""
        focus = next((at for at, box in enumerate(self._choices) if box.hasFocus()), None)
        for old in (*self._choices, *self._verifies):
            # Qt deletes it a little later; until then its name must not be found.
            old.setObjectName("")
        self._choices, self._verifies = [], []
        self.table.setRowCount(0)
        self.table.setRowCount(len(recovery.rows))
        kept: dict[PositionKey, RecoveryChoice] = {}
        for at, row in enumerate(recovery.rows):
            for column in range(CHOICE_COLUMN):
                self.table.setItem(at, column, QTableWidgetItem())
            chosen = self._chosen.get(row.key)
            if chosen is not None and chosen in row.choices and self._same_situation(row):
                kept[row.key] = chosen
            self._add_controls(at, row, kept.get(row.key, row.choices[0]))
        self._chosen = kept
        if focus is not None and focus < len(self._choices):
            self._choices[focus].setFocus()

    def _same_situation(self, row: RecoveryRow) -> bool:
        return any(entry[0] == row.key and entry[2] is row.situation for entry in self._before())

    def _before(self) -> tuple[tuple[PositionKey, int, Situation, RecoveryChoice | None], ...]:
        return self._drawn  # type: ignore[return-value]

    def _add_controls(self, at: int, row: RecoveryRow, chosen: RecoveryChoice) -> None:
        name = f"{row.key.symbol}, account {row.key.account}"
        box = Choice(f"recoveryChoice_{at}", f"Choice for {name}")
        verify = button(f"recoveryVerify_{at}", "Verify", f"Ask the broker again for {name}")
        if is_open(row):
            box.addItems([choice_words(choice, row.situation) for choice in row.choices])
            box.setCurrentIndex(row.choices.index(chosen))
            box.currentIndexChanged.connect(lambda index: self._choose(at, index))
        else:
            assert row.decided is not None
            box.addItem(DONE_WORDS[row.decided])
        verify.clicked.connect(lambda: self._verify(at))
        self._choices.append(box)
        self._verifies.append(verify)
        for column, widget in ((CHOICE_COLUMN, box), (VERIFY_COLUMN, verify)):
            holder = QWidget()
            row_layout = QHBoxLayout(holder)
            row_layout.setContentsMargins(4, 0, 4, 0)
            row_layout.addWidget(widget)
            self.table.setCellWidget(at, column, holder)

    def _fill(self, at: int, texts: tuple[str, ...]) -> None:
        """Show a row's texts; a row grows with its longest, so that no fact is cut off."""
        before = self.table.rowHeight(at)
        for column, text in enumerate(texts):
            item = self.table.item(at, column)
            if item is not None and item.text() != text:
                item.setText(text)
                spoken = text.replace("\n", ", ")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{TITLES[column]}: {spoken}")
                item.setToolTip(text)
        wanted = max(ROW_HEIGHT, self.table.sizeHintForRow(at))
        if wanted != before:
            self.table.setRowHeight(at, wanted)

    def _focus_first_row(self) -> None:
        if self._recovery is None:
            return
        waiting = [at for at, row in enumerate(self._recovery.rows) if is_open(row)]
        attention = [at for at in waiting if self._recovery.rows[at].situation is not Situation.MATCH]
        self.table.setFocus()
        for at in (attention or waiting)[:1]:
            self.table.setCurrentCell(at, 0)

    def _lay_out(self) -> None:
        table = self.table
        table.setObjectName("recoveryTable")
        table.setAccessibleName("What was found")
        table.setHorizontalHeaderLabels(list(TITLES))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setFont(font("body"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        columns = table.horizontalHeader()
        columns.setFont(font("label"))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        for at, width in ((0, 152), (1, 164), (2, 152), (3, 236), (CHOICE_COLUMN, 204), (VERIFY_COLUMN, 84)):
            table.setColumnWidth(at, width)
        foot = QHBoxLayout()
        foot.addWidget(self.later)
        foot.addStretch(1)
        foot.addWidget(self.apply)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 12, 16, 16)
        inner.setSpacing(12)
        inner.addWidget(self.sentence)
        inner.addWidget(table, 1)
        inner.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.band)
        layout.addLayout(inner, 1)
        self.setMinimumSize(1120, 300)
        self.resize(1180, 380)
