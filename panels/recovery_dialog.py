"""The recovery dialog: what was found at start or after a reconnect, and the trader's decision about each.

Positions first, then orders and missing stops. It is live: rows change under it as the broker answers, and a decision
names the version of the row it was made on. It blocks nothing but entries, which the engine holds; reading and closing
go on behind it. What came up while trading stands in banners, and is here only when the trader asks for it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.confirm_dialog import DEAF_S, DIALOG_BAND
from panels.mode_band import ModeBand
from panels.recovery_controls import RowControls
from panels.recovery_entries import AnyChoice, Entry, FindingEntry, Identity, PositionEntry, entries_of, gravest_account
from panels.recovery_words import header
from panels.theme import Theme, font
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel
from panels.zoomed import factor, px

TITLES = ("Scope", "Local", "Broker", "Orders working", "Situation", "Choice", "")
SITUATION_COLUMN, CHOICE_COLUMN, VERIFY_COLUMN = 4, 5, 6
WIDTHS = ((0, 150), (1, 146), (2, 146), (3, 172), (CHOICE_COLUMN, 240), (VERIFY_COLUMN, 86))
# What a cell keeps free around its text, both sides together.
PADDING_X, PADDING_Y = 22, 10
ROW_HEIGHT = 56
MORE_BELOW = "There are more rows below."
# The dialog leaves this much of the window it stands over.
AROUND, AROUND_ROWS = 24, 156
LARGEST = (1300, 700)


class RecoveryDialog(QDialog):
    """Rows, choices, Apply, Decide later.

    Signals:
        intent: DecideRecovery and DecideFinding, one per row; AskBroker.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, zone: tzinfo | None = None):
        super().__init__(parent)
        self.setObjectName("recoveryDialog")
        self.setWindowTitle("Recovery")
        self.setAccessibleName("Recovery")
        self.setModal(False)
        self._zone = zone
        self._snapshot = Snapshot()
        self._entries: tuple[Entry, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._opened_s: float | None = None
        self._awake = False
        self._taken_up = False
        self._put_off: frozenset[tuple[Identity, int]] = frozenset()
        self._chosen: dict[Identity, tuple[object, AnyChoice, str]] = {}
        self._rows: list[RowControls] = []
        self.band = ModeBand(theme, DIALOG_BAND, "recoveryBand")
        self.sentence = TextLabel("recoverySentence", "value", bold=True)
        self.table = QTableWidget(0, len(TITLES))
        self.reason = TextLabel("recoveryReason", bold=True)
        self.apply = button("recoveryApply", "Apply", "Apply the choices", "default")
        self.later = button(
            "recoveryLater", "Decide later", "Decide later: positions stay locked for entries, the rest in a banner"
        )
        self.apply.clicked.connect(self._apply)
        self.later.clicked.connect(self.reject)
        self._lay_out()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the rows as they are now."""
        self._snapshot = snapshot
        self._entries = entries_of(snapshot, self._taken_up)
        self.band.refresh(replace(snapshot, selected_account=gravest_account(self._entries, snapshot)))
        self._say()
        shown = tuple((one.identity, one.version, one.kind, one.is_open, one.instrument) for one in self._entries)
        is_new = shown != self._drawn
        if is_new:
            before = {row.entry.identity: row.entry.kind for row in self._rows}
            if any(before.get(one.identity) != one.kind for one in self._entries):
                self._opened_s = None  # a press on its way was not meant for a row that has just come
            self._drawn = shown
            self._rebuild()
        for at, entry in enumerate(self._entries):
            self._rows[at].take(entry)
            self._fill(at, entry.cells(snapshot, now_utc))
        if is_new:
            self._grow()
        if self._opened_s is None and self.isVisible():
            self._opened_s = monotonic_s
        self._awake = self._opened_s is not None and monotonic_s - self._opened_s >= DEAF_S
        self._buttons()

    def is_wanted(self, snapshot: Snapshot) -> bool:
        """Return whether something undecided has come up since the trader last put it off."""
        recovery = snapshot.recovery
        asks = recovery is not None and recovery.wants_dialog
        waiting = (one for one in entries_of(snapshot, False) if one.is_undecided)
        new = [one for one in waiting if (one.identity, one.version) not in self._put_off]
        return any(asks or isinstance(one, FindingEntry) for one in new)

    def is_finished(self, snapshot: Snapshot) -> bool:
        """Return whether nothing is left to decide; what was put off counts only where the trader took it up again."""
        entries = entries_of(snapshot, self._taken_up)
        return not any(one.is_open if self._taken_up else one.is_undecided for one in entries)

    def put_up(
        self,
        snapshot: Snapshot,
        now_utc: datetime,
        monotonic_s: float,
        taken_up: bool = False,
        finding: tuple[PositionKey, str] | None = None,
    ) -> None:
        """Show the dialog; its buttons listen 300 ms later.

        Args:
            taken_up: the trader asked for it, so rows put off earlier and later findings are up for decision too.
            finding: the one to start on; None is the first row that needs attention.
        """
        self._taken_up = taken_up
        self._opened_s = None
        self._drawn = ()
        self.resize(self._room()[0], self.minimumHeight())
        self.show()
        self.refresh(snapshot, now_utc, monotonic_s)
        self._focus_row(None if finding is None else ("finding", *finding))

    def reject(self) -> None:
        """Decide later, which is Ignore for every position still open; also what Esc means."""
        if not self._awake:
            return
        waiting = [one for one in self._entries if one.is_undecided]
        self._put_off = frozenset((one.identity, one.version) for one in waiting)
        for entry in waiting:
            for command in entry.put_off():
                self.intent.emit(command)
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc leave a price that is being typed, before it means Decide later."""
        typing = next((row for row in self._rows if row.price is self.focusWidget()), None)
        if typing is not None and event.key() == Qt.Key.Key_Escape:
            typing.box.setFocus()
        else:
            super().keyPressEvent(event)

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
        if not self._awake or self._refusal():
            return
        for row in self._ready():
            price = row.read_price(self._snapshot)
            self.intent.emit(row.entry.command(row.chosen, price))

    def _verify(self, row: RowControls) -> None:
        if self._awake:
            self.intent.emit(row.entry.verify())

    def _ready(self) -> list[RowControls]:
        return [row for row in self._rows if row.entry.can_decide(row.chosen)]

    def _refusal(self) -> str:
        """Return why the choices cannot be applied, in a sentence; "" when they can."""
        for row in self._rows:
            row.read_price(self._snapshot)
        for row in self._rows:
            if row.refusal:
                return f"{row.entry.key.symbol} {row.entry.key.account}: {row.refusal}"
        if self._ready():
            return ""
        asking = any(one.is_asking for one in self._entries)
        return "Waiting for the broker's answer." if asking else "Nothing new is chosen."

    def _moved(self, row: RowControls) -> None:
        self._chosen[row.entry.identity] = (row.entry.kind, row.chosen, row.price.text())
        self._fit(self._rows.index(row))
        self._buttons()

    def _say(self) -> None:
        undecided = [one for one in self._entries if one.is_undecided]
        found = [one for one in undecided if isinstance(one, FindingEntry)]
        orders = sum(one.finding.order is not None for one in found)
        counted = (len(undecided) - len(found), orders, len(found) - orders)
        put_off = any(one.is_open and isinstance(one, PositionEntry) for one in self._entries)
        self.sentence.say(header(self._snapshot.recovery, self._zone, counted, put_off))
        self.setAccessibleDescription(self.sentence.text())

    def _buttons(self) -> None:
        refusal, ready = self._refusal(), len(self._ready())
        text = f"Apply {ready} {'choice' if ready == 1 else 'choices'}"
        if self.apply.text() != text:
            self.apply.setText(text)
            self.apply.setAccessibleName(text)
        self.apply.setEnabled(self._awake and not refusal)
        explain(self.apply, refusal)
        scroll = self.table.verticalScrollBar()
        self.reason.say(refusal or (MORE_BELOW if scroll.value() < scroll.maximum() else ""), "caution")
        self.later.setEnabled(self._awake)
        for row in self._rows:
            row.listen(self._awake, row.entry.is_asking)

    def _rebuild(self) -> None:
        """Make the controls of the rows; a choice already made for an unchanged situation stays."""
        focus = self._focused()
        for old in self._rows:
            old.forget_names()
        self._rows = []
        self.table.setRowCount(0)
        self.table.setRowCount(len(self._entries))
        identities = {one.identity for one in self._entries}
        self._chosen = {name: kept for name, kept in self._chosen.items() if name in identities}
        for at, entry in enumerate(self._entries):
            for column in range(CHOICE_COLUMN):
                self.table.setItem(at, column, QTableWidgetItem())
            self._add_controls(at, entry)
        self._keep_focus(focus)

    def _add_controls(self, at: int, entry: Entry) -> None:
        kind, chosen, typed = self._chosen.get(entry.identity, (None, entry.preselected, ""))
        if kind != entry.kind or chosen not in entry.choices:
            chosen, typed = entry.preselected, ""
            self._chosen.pop(entry.identity, None)
        row = RowControls(at, entry, chosen, typed, round(self.table.columnWidth(CHOICE_COLUMN) / factor()))
        row.moved.connect(lambda: self._moved(row))
        row.asked.connect(lambda: self._verify(row))
        self._rows.append(row)
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.addWidget(row.verify)
        self.table.setCellWidget(at, CHOICE_COLUMN, row)
        self.table.setCellWidget(at, VERIFY_COLUMN, holder)
        self._chain(row)

    def _chain(self, row: RowControls) -> None:
        """Put a row's controls behind those of the row before, and both buttons of the foot behind all."""
        stops = [row.box, row.price, row.verify, self.later, self.apply]
        before = self._rows[-2].verify if len(self._rows) > 1 else self.table
        for earlier, later in zip([before, *stops[:-1]], stops, strict=True):
            self.setTabOrder(earlier, later)

    def _focused(self) -> tuple[Identity, int] | None:
        for row in self._rows:
            for number, part in enumerate((row.box, row.price, row.verify)):
                if part is self.focusWidget():
                    return row.entry.identity, number
        return None

    def _keep_focus(self, focus: tuple[Identity, int] | None) -> None:
        for row in self._rows:
            if focus is not None and row.entry.identity == focus[0]:
                (row.box, row.price, row.verify)[focus[1]].setFocus()

    def _fill(self, at: int, texts: Iterable[str]) -> None:
        """Show a row's texts."""
        for column, text in enumerate(texts):
            item = self.table.item(at, column)
            if item is not None and item.text() != text:
                item.setText(text)
                spoken = text.replace("\n", ", ")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{TITLES[column]}: {spoken}")
                item.setToolTip(text)
        self._fit(at)

    def _fit(self, at: int) -> None:
        """Give a row the height of its longest text, so that no fact is cut off."""
        wanted = max(px(ROW_HEIGHT), self._rows[at].sizeHint().height())
        metrics, wrapped = self.table.fontMetrics(), int(Qt.TextFlag.TextWordWrap)
        for column in range(CHOICE_COLUMN):
            item = self.table.item(at, column)
            room = QRect(0, 0, self.table.columnWidth(column) - px(PADDING_X), 10_000)
            high = metrics.boundingRect(room, wrapped, item.text() if item else "").height()
            wanted = max(wanted, high + px(PADDING_Y))
        if wanted != self.table.rowHeight(at):
            self.table.setRowHeight(at, wanted)

    def _room(self) -> tuple[int, int]:
        """Return how wide and high the dialog may be over its window."""
        window, (wide, high) = self.parentWidget(), LARGEST
        return (wide, high) if window is None else (min(wide, window.width() - AROUND), window.height() - AROUND)

    def _grow(self) -> None:
        """Make room for rows that have come; room the trader made stays."""
        rows = sum(self.table.rowHeight(at) for at in range(self.table.rowCount()))
        wanted = min(self._room()[1], px(AROUND_ROWS) + rows)
        if self.height() < wanted:
            self.resize(self.width(), wanted)

    def _focus_row(self, wanted: Identity | None) -> None:
        waiting = [at for at, one in enumerate(self._entries) if one.is_open]
        meant = [at for at in waiting if self._entries[at].identity == wanted]
        urgent = [at for at in waiting if self._entries[at].is_urgent]
        self.table.setFocus()
        for at in (meant or urgent or waiting)[:1]:
            self.table.setCurrentCell(at, 0)

    def _lay_out(self) -> None:
        table = self.table
        table.setObjectName("recoveryTable")
        table.setAccessibleName("What was found")
        table.setHorizontalHeaderLabels(list(TITLES))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setFont(font("body"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        columns = table.horizontalHeader()
        columns.setFont(font("label"))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(SITUATION_COLUMN, QHeaderView.ResizeMode.Stretch)
        columns.setMinimumSectionSize(min(width for _, width in WIDTHS))
        for at, width in WIDTHS:
            table.setColumnWidth(at, width)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.later)
        foot.addWidget(self.reason, 1)
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
        self.setMinimumSize(1120, 240)
