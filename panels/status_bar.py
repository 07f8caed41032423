"""The status bar: cells in words, each a button; amber and red by words and colour, hidden only when all is well."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolTip, QWidget

from core.model.contract import product_of
from core.model.session import GLOBEX_EQUITY_INDEX
from core.snapshot import Snapshot
from panels.feed_watch import FeedWatch
from panels.shown import Shown, shown_in
from panels.status_words import (
    Status,
    account_status,
    alerts_status,
    certainty_status,
    clock_status,
    data_status,
    database_status,
    orders_status,
    ui_status,
)
from panels.theme import font, size
from panels.ui_lag import UiLag
from panels.widgets.controls import button, explain
from panels.widgets.labels import name_value, set_property

if TYPE_CHECKING:
    from core.model.guards import AccountGuards

NAMES = {
    "statusOrders": "Orders link",
    "statusData": "Data link",
    "statusAccount": "Account",
    "statusCertainty": "Certainty",
    "statusDb": "Database",
    "statusUi": "Window",
    "statusClock": "Clock",
    "statusAlerts": "Alerts",
}


class StatusBar(QWidget):
    """The cells.

    Signals:
        account_pressed, alerts_pressed: that cell was pressed, with the cell; the others tell their details by
            themselves.
        intent: OpenRecovery, OpenReconcile: a cell was pressed that waits for a decision.
    """

    intent = Signal(object)
    account_pressed = Signal(QWidget)
    alerts_pressed = Signal(QWidget)

    def __init__(self, feed: FeedWatch, zone: tzinfo | None = None):
        super().__init__()
        self.setObjectName("statusBar")
        self.setProperty("kind", "bar")
        self.setAccessibleName("Status")
        self._feed, self._zone = feed, zone
        self.setFixedHeight(size("statusBar"))
        self._lag = UiLag(self)
        self._wishes: dict[str, object] = {}
        self.cells = {name: button(name, "", words, "status") for name, words in NAMES.items()}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for name, cell in self.cells.items():
            cell.setFont(font("label", number=name in ("statusClock",)))
            cell.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
            if name == "statusUi":
                layout.addStretch(1)
            layout.addWidget(cell)
            cell.clicked.connect(lambda _checked=False, pressed=cell: self._press(pressed))

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Say how everything is."""
        shown = shown_in(snapshot)
        connection = shown.connection or next(iter(snapshot.connections.values()), None)
        self._show("statusOrders", orders_status(connection, now_utc, monotonic_s))
        self._show("statusData", data_status(self._feed.judge(shown, now_utc), shown))
        self._show("statusAccount", account_status(shown, _guards(snapshot, shown)))
        self._show("statusCertainty", certainty_status(snapshot, now_utc))
        self._show("statusDb", database_status(snapshot.database, snapshot.unsaved))
        ahead = None if connection is None else snapshot.clock_ahead.get(connection.connection)
        product = None if shown.key is None else product_of(shown.key.symbol)
        hours = GLOBEX_EQUITY_INDEX if product is None else product.hours
        self._show("statusClock", clock_status(now_utc, self._zone, ahead, hours))
        late = ui_status(self._lag.worst_ms())
        self.cells["statusUi"].setVisible(bool(late.text))
        self._show("statusUi", late)
        self._show("statusAlerts", alerts_status(snapshot))

    def showEvent(self, event: QShowEvent) -> None:
        """Measure how late the window is while it is seen."""
        super().showEvent(event)
        self._lag.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure no more."""
        super().hideEvent(event)
        self._lag.stop()

    def sizeHint(self) -> QSize:
        """Return the width of the cells and the height that is fixed: what it is put into may ask."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """Return the least width of the cells, and the same height."""
        return QSize(super().minimumSizeHint().width(), self.minimumHeight())

    def focus_first(self) -> None:
        """Put the keyboard on the first cell."""
        self.cells["statusOrders"].setFocus()

    def _press(self, cell: QPushButton) -> None:
        if cell is self.cells["statusAccount"]:
            self.account_pressed.emit(cell)
        elif cell is self.cells["statusAlerts"]:
            self.alerts_pressed.emit(cell)
        elif (wish := self._wishes.get(cell.objectName())) is not None:
            self.intent.emit(wish)
        else:
            _tell(cell)

    def _show(self, name: str, status: Status) -> None:
        cell, self._wishes[name] = self.cells[name], status.wish
        if cell.text() != status.text:
            cell.setText(status.text)
        name_value(cell, NAMES[name], status.text)
        explain(cell, status.detail)
        set_property(cell, "tone", status.tone)


def _guards(snapshot: Snapshot, shown: Shown) -> AccountGuards | None:
    return None if shown.account_key is None else snapshot.guards.get(shown.account_key)


def _tell(cell: QPushButton) -> None:
    """Show a cell's details at once, for those who press instead of waiting."""
    QToolTip.showText(cell.mapToGlobal(QPoint(0, -8)), cell.toolTip(), cell)
