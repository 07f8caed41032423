"""The menu that sets an alert on a figure of the position on show or of its account; by right click or the menu key."""

from datetime import UTC, datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.alert_readings import value_of
from core.model.alert import ZERO, Alert, AlertKind, Way
from core.preferences import PnlMark
from core.snapshot import Snapshot
from panels.alert_draft import KIND_WORDS, shown
from panels.shown import shown_in
from panels.wishes import OpenAlertForm

OF_POSITION = (AlertKind.PRICE, AlertKind.OPEN_PNL, AlertKind.R, AlertKind.TIME_IN_TRADE)
OF_ACCOUNT = (AlertKind.LIMIT,)
GROSS = (AlertKind.OPEN_PNL, AlertKind.R)


class AlertMenu(QMenu):
    """One entry for each figure, with how it stands.

    Signals:
        intent: OpenAlertForm.
    """

    intent = Signal(object)

    def __init__(self, panel: QWidget, kinds: tuple[AlertKind, ...] = OF_POSITION) -> None:
        """Make the menu and let a panel open it."""
        super().__init__(panel)
        self.setObjectName("alertMenu")
        self.setAccessibleName("Set an alert")
        self._kinds = kinds
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)
        panel.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        panel.customContextMenuRequested.connect(
            lambda at: self.open_for(self._snapshot, self._now, panel.mapToGlobal(at))
        )

    def refresh(self, snapshot: Snapshot, now_utc: datetime) -> None:
        """Know how the figures stand."""
        self._snapshot, self._now = snapshot, now_utc

    def open_for(self, snapshot: Snapshot, now: datetime, at: QPoint) -> None:
        """Offer the figures of the scope on show at a place of the screen; nothing without one."""
        key = shown_in(snapshot).key
        if key is None:
            return
        self.clear()
        for kind in self._kinds:
            alert = Alert("", kind, key, Way.ABOVE, ZERO, now)
            value = value_of(alert, snapshot, now)
            # Alerts follow each single trade: where the window marks otherwise, theirs is another figure.
            gross = ", gross" if kind in GROSS and snapshot.pnl_mark is not PnlMark.GROSS else ""
            figure = f"{_small(KIND_WORDS[kind])}{gross}"
            action = self.addAction(f"Alert on {figure}…\t{shown(alert, value, snapshot)}")
            action.setObjectName(f"alertOn_{kind.name.lower()}")
            wish = OpenAlertForm(key, kind, value)
            action.triggered.connect(lambda _checked=False, wanted=wish: self.intent.emit(wanted))
        self.popup(at)


def _small(words: str) -> str:
    """Return words as they stand inside a sentence: "open P&L", "R"; the ampersand is doubled, or a menu eats it."""
    return (words[0].lower() + words[1:] if len(words) > 1 else words).replace("&", "&&")
