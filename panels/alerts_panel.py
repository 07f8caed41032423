"""The trader's alerts: what is watched, how it stands, what rang. Opened by the alerts' cell of the status bar."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.alert_commands import MarkAlertsRead, RemoveAlert, SwitchAlert
from core.alert_readings import value_of
from core.alert_words import described
from core.model.alert import Alert, AlertKind, AlertState
from core.snapshot import Snapshot
from panels import formatting as f
from panels.alert_draft import shown
from panels.shown import shown_in
from panels.theme import Theme
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView
from panels.wishes import OpenAlertForm

TONES = {AlertState.TRIGGERED: "caution", AlertState.NOT_EVALUATED: "danger", AlertState.OFF: "ink2"}
NONE_YET = "No alerts. Set one here, or by a right click on a price."


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as the list shows it. to_go: how far the figure is from the level; empty where that is not known."""

    alert: Alert
    watched: str
    at: str
    to_go: str
    last: str
    fired_at: datetime | None

    @property
    def short(self) -> str:
        """What is watched, with signs for the words of the way."""
        return self.watched.replace(" at or above ", " ≥ ").replace(" at or below ", " ≤ ")

    @property
    def state(self) -> str:
        """The state in words, with why where it is not evaluated."""
        alert = self.alert
        if alert.state is AlertState.NOT_EVALUATED:
            return f"NOT EVALUATED: {alert.reason}"
        waits = alert.is_watched and alert.armed is False
        return f"{alert.state.value} · waits for it to come back" if waits else alert.state.value


def unread(snapshot: Snapshot) -> int:
    """Return how often alerts rang since the trader looked."""
    return sum(one.unread for one in snapshot.alerts)


def rows_of(snapshot: Snapshot, now: datetime) -> tuple[AlertRow, ...]:
    """Return the rows, what rang last first, then the newest."""
    rows = [_row(one, snapshot, now) for one in snapshot.alerts]
    oldest = datetime.min.replace(tzinfo=now.tzinfo)
    return tuple(sorted(rows, key=lambda row: (row.fired_at or oldest, row.alert.created_at), reverse=True))


def columns(zone: tzinfo | None) -> tuple[Column[AlertRow], ...]:
    """Return the columns."""
    return (
        Column("New", lambda row: str(row.alert.unread or ""), 44, number=True, tone=lambda row: "caution"),
        Column("Watching", lambda row: row.short, 336, spoken=lambda row: row.watched),
        Column("Now", lambda row: row.at, 92, number=True),
        Column("To go", lambda row: row.to_go, 76, number=True),
        Column("State", lambda row: row.state, 236, tone=lambda row: TONES.get(row.alert.state, "ink1")),
        Column("Rang", lambda row: f.zoned(row.fired_at, zone) if row.fired_at else "", 112, number=True),
        Column("At", lambda row: row.last, 92, number=True),
        Column("Times", lambda row: str(row.alert.fired or ""), 56, number=True),
        Column("Note", lambda row: row.alert.note, 100),
    )


def _row(alert: Alert, snapshot: Snapshot, now: datetime) -> AlertRow:
    value: Decimal | None = value_of(alert, snapshot, now) if alert.is_watched else None
    last = "" if alert.fired_value is None else shown(alert, alert.fired_value, snapshot)
    watched = described(alert, snapshot).replace("-", f.MINUS)
    to_go = "" if value is None else _distance(alert, abs(alert.level - value), snapshot)
    return AlertRow(alert, watched, shown(alert, value, snapshot), to_go, last, alert.fired_at)


def _distance(alert: Alert, distance: Decimal, snapshot: Snapshot) -> str:
    """Write how far a figure is from its level: a price in ticks, others as themselves."""
    instrument = snapshot.instruments.get(alert.place)
    ticks = None if alert.kind is not AlertKind.PRICE or instrument is None else instrument.ticks(distance)
    return shown(alert, distance, snapshot) if ticks is None else f.ticks(ticks)


class AlertsPanel(QWidget):
    """The list and what can be done with a row: Space switches it, Delete removes it, Insert sets another.

    Attributes:
        snapshot: what was shown last.

    Signals:
        intent: RemoveAlert, SwitchAlert, MarkAlertsRead; OpenAlertForm, which stays in the window.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.setObjectName("alertsPanel")
        self.snapshot = Snapshot()
        self._model: RowsModel[AlertRow] = RowsModel(columns(zone), key=lambda row: row.alert.alert_id)
        self.view = RowsView("alertsView", "Alerts", self._model, theme)
        self.view.say_when_empty(NONE_YET)
        self.view.selectionModel().currentRowChanged.connect(self._follow)
        self.add = button("alertAdd", "Set an alert…", "Set an alert")
        self.switch = button("alertSwitch", "Switch off", "Switch off")
        self.remove = button("alertRemove", "Remove", "Remove the alert")
        self.hint = TextLabel("alertHint", "label", wrap=False)
        self.hint.say("Space on or off · Delete removes · Insert sets one", "ink2")
        self.add.clicked.connect(self._add)
        self.switch.clicked.connect(self._switch)
        self.remove.clicked.connect(self._remove)
        for keys, act in (
            (Qt.Key.Key_Space, self._switch),
            (Qt.Key.Key_Delete, self._remove),
            (Qt.Key.Key_Insert, self._add),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(8)
        for widget in (self.add, self.switch, self.remove):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addLayout(foot)
        self.setFocusProxy(self.view)
        self._follow()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the alerts as they stand."""
        self.snapshot = snapshot
        if not self.isVisible() and self.window().isVisible():
            return
        self._model.set_rows(rows_of(snapshot, now_utc))
        self._follow()

    def focus_first(self) -> None:
        """Put the keyboard on the list, on its first row when none is chosen."""
        self.view.setFocus()
        if not self.view.currentIndex().isValid() and self._model.rows:
            self.view.setCurrentIndex(self._model.index(0, 0))

    @property
    def chosen(self) -> Alert | None:
        """The alert of the current row."""
        index = self.view.currentIndex()
        return self._model.rows[index.row()].alert if index.isValid() and index.row() < len(self._model.rows) else None

    def _follow(self) -> None:
        alert = self.chosen
        words = "Switch off" if alert is None or alert.is_watched else "Watch again"
        if self.switch.text() != words:
            self.switch.setText(words)
            self.switch.setAccessibleName(words)
        for made in (self.switch, self.remove):
            made.setEnabled(alert is not None)
            explain(made, "" if alert is not None else "Choose an alert first.")

    def _add(self) -> None:
        shown_now = shown_in(self.snapshot)
        if shown_now.key is not None:
            last = None if shown_now.quote is None else shown_now.quote.last
            self.intent.emit(OpenAlertForm(shown_now.key, value=last))

    def _switch(self) -> None:
        if (alert := self.chosen) is not None:
            self.intent.emit(SwitchAlert(alert.alert_id, not alert.is_watched))

    def _remove(self) -> None:
        if (alert := self.chosen) is not None:
            self.intent.emit(RemoveAlert(alert.alert_id))


class AlertsBox(QDialog):
    """The list in a small window over the status bar; what it showed counts as read once it is closed.

    Signals:
        intent: what the list asks for, and MarkAlertsRead.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, zone: tzinfo | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alertsBox")
        self.setWindowTitle("Alerts")
        self.setAccessibleName("Alerts")
        self.setModal(False)
        self.panel = AlertsPanel(theme, zone)
        self.panel.intent.connect(self.intent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        self.resize(1160, 300)

    def open_over(self, cell: QWidget) -> None:
        """Open above a cell of the status bar, inside the window."""
        window = cell.window()
        corner = cell.mapTo(window, QPoint(cell.width(), -8))
        left = max(8, min(corner.x(), window.width() - 8) - self.width())
        self.move(window.mapToGlobal(QPoint(left, corner.y() - self.height())))
        self.show()
        self.raise_()
        self.activateWindow()
        self.panel.focus_first()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the alerts as they stand, while this is open."""
        if self.isVisible():
            self.panel.refresh(snapshot, now_utc, monotonic_s)

    def hideEvent(self, event: QHideEvent) -> None:
        """Take what was shown for read."""
        super().hideEvent(event)
        if unread(self.panel.snapshot):
            self.intent.emit(MarkAlertsRead())
