"""The three columns of the reconcile dialog: what we hold, the fills it was made by, what the broker holds."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.model.fill import Fill
from core.model.instrument import Instrument
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels import reconcile_words as words
from panels.finding_words import orders_of
from panels.theme import font, size
from panels.widgets.labels import TextLabel
from panels.zoomed import px, sizes_itself

TITLES = ("Time", "Side", "Qty", "Price", "Source")
WIDTHS = (88, 56, 68, 112, 104)
FIGURES = frozenset({0, 2, 3})
SIDE_WIDTH, FILLS_SHOWN = 200, 5


@dataclass(frozen=True, slots=True)
class _Labels:
    """The labels of one column, top to bottom."""

    figure: TextLabel
    detail: TextLabel


class ReconcileColumns(QWidget):
    """Local | Fills | Broker."""

    def __init__(self, zone: tzinfo | None):
        super().__init__()
        self.setObjectName("reconcileColumns")
        self._zone = zone
        self._drawn: tuple[tuple[Fill, ...], Instrument | None] | None = None
        self.fills = QTableWidget(0, len(TITLES))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        self._local = self._column(layout, "Local", "reconcileLocal")
        self._sum = self._fills_column(layout)
        self._broker = self._column(layout, "Broker", "reconcileBroker")

    @property
    def last_stop(self) -> QWidget:
        """What the keyboard leaves the columns from."""
        return self.fills

    def show_scope(self, key: PositionKey, snapshot: Snapshot, now: datetime) -> None:
        """Show a scope as it is now."""
        instrument = snapshot.instruments.get((key.connection, key.symbol))
        self._show_local(key, snapshot, instrument, now)
        self._show_broker(key, snapshot, instrument, now)
        trade = words.since_flat(snapshot, key)
        self._sum.say(words.sum_words(trade, words.here(snapshot, key), instrument))
        if self._drawn != (trade.fills, instrument):
            self._drawn = (trade.fills, instrument)
            self._show_fills(trade.fills, instrument)

    def _show_local(self, key: PositionKey, snapshot: Snapshot, instrument: Instrument | None, now: datetime) -> None:
        position = snapshot.positions.get(key)
        self._local.figure.say(f.held(words.here(snapshot, key), instrument))
        lines = []
        if position is not None:
            lines.append(f"@ {f.average(position.entry_price, instrument)}")
            began = position.entry_time
            lines.append("entry time unknown" if began is None else f"since {f.clock(began, self._zone)}")
        orders = orders_of(snapshot, key)
        lines += ["Orders working:", *orders] if orders else ["No orders working"]
        self._local.detail.say("\n".join(lines), "ink2")

    def _show_broker(self, key: PositionKey, snapshot: Snapshot, instrument: Instrument | None, now: datetime) -> None:
        status, row = snapshot.scopes.get(key), words.row_of(snapshot, key)
        told = words.there(snapshot, key)
        self._broker.figure.say("not said" if told is None else f.held(told, instrument))
        price = None if status is None else status.broker_price
        if price is None and row is not None:
            price = row.broker_price
        lines = [] if price is None or not told else [f"@ {f.average(price, instrument)}"]
        if status is not None and status.broker_time is not None:
            lines.append(f"said at {f.zoned(status.broker_time, self._zone)}")
            lines.append(words.ago(status.broker_time, now))
        else:
            lines.append("time of the report unknown" if told is not None else "No report yet")
        if not words.is_alive(key, snapshot):
            lines.append("Line down: not current")
        self._broker.detail.say("\n".join(lines), "ink2")

    def _show_fills(self, fills: tuple[Fill, ...], instrument: Instrument | None) -> None:
        """Show the fills, newest at the foot and in sight."""
        self.fills.setRowCount(len(fills))
        for at, fill in enumerate(fills):
            for column, text in enumerate(words.fill_words(fill, instrument, self._zone)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{TITLES[column]}: {text}")
                if column in FIGURES:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    item.setFont(font("body", number=True))
                self.fills.setItem(at, column, item)
        row = px(size("rowTable"))
        shown = max(1, min(FILLS_SHOWN, len(fills)))
        self.fills.setFixedHeight(self.fills.horizontalHeader().sizeHint().height() + shown * row + 2)
        self.fills.setVisible(bool(fills))
        self.fills.scrollToBottom()

    def _column(self, layout: QHBoxLayout, title: str, name: str) -> _Labels:
        frame, box = _framed(title)
        labels = _Labels(TextLabel(f"{name}Figure", "subhero", bold=True), TextLabel(f"{name}Detail"))
        frame.setMinimumWidth(SIDE_WIDTH)
        box.addWidget(labels.figure)
        box.addWidget(labels.detail)
        box.addStretch(1)
        layout.addWidget(frame, 1)
        return labels

    def _fills_column(self, layout: QHBoxLayout) -> TextLabel:
        frame, box = _framed("Fills")
        frame.setFixedWidth(sum(WIDTHS) + 40)
        table = self.fills
        table.setObjectName("reconcileFills")
        sizes_itself(table)
        table.setAccessibleName("Fills since flat")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setFont(font("body"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(size("rowTable"))
        table.horizontalHeader().setFont(font("label"))
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)
        for at, width in enumerate(WIDTHS):
            table.setColumnWidth(at, width)
            side = Qt.AlignmentFlag.AlignRight if at in FIGURES else Qt.AlignmentFlag.AlignLeft
            heading = QTableWidgetItem(TITLES[at])
            heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(at, heading)
        table.hide()  # until there are fills
        total = TextLabel("reconcileSum")
        box.addWidget(table)
        box.addWidget(total)
        box.addStretch(1)
        layout.addWidget(frame)
        return total


def _framed(title: str) -> tuple[QFrame, QVBoxLayout]:
    frame = QFrame()
    frame.setProperty("kind", "panel")
    box = QVBoxLayout(frame)
    box.setContentsMargins(12, 8, 12, 8)
    box.setSpacing(4)
    heading = TextLabel("", "label", bold=True)
    heading.say(title, "ink2")
    box.addWidget(heading)
    return frame, box
