"""The dialogs over the window: each made when it is first wanted, kept, and shown what the window is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.preferences import Preferences
from core.settings_facts import SettingsFacts
from core.snapshot import Snapshot
from panels.theme import Theme
from panels.wishes import OpenAlertForm, OpenAlerts, OpenReconcile, OpenRecordClosed, OpenRecovery, OpenSettings

if TYPE_CHECKING:
    from panels.alert_form import AlertForm
    from panels.alerts_panel import AlertsBox
    from panels.reconcile_dialog import ReconcileDialog
    from panels.record_closed_dialog import RecordClosedDialog
    from panels.recovery_dialog import RecoveryDialog
    from panels.settings.settings_window import SettingsWindow

Dialog = TypeVar("Dialog", bound="RecoveryDialog | ReconcileDialog | RecordClosedDialog")


class WindowDialogs(QObject):
    """What stands over the window when it is asked for, or when something needs the trader.

    Attributes:
        settings_pages: what makes the pages of the settings that other parts of the window fill, by their names.

    Signals:
        intent: what any of them asks for; a wish to open another may be among it.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, owner: QWidget, zone: tzinfo | None) -> None:
        super().__init__(owner)
        self._theme, self._owner, self._zone = theme, owner, zone
        self.settings_pages: dict[str, Callable[[], QWidget]] = {}
        self._snapshot = Snapshot()
        self._now: datetime | None = None
        self._now_s = 0.0
        self._preferences, self._facts = Preferences(), SettingsFacts()

    @cached_property
    def recovery(self) -> RecoveryDialog:
        """What was found at the start and after, with its choices."""
        from panels.recovery_dialog import RecoveryDialog

        return self._joined(RecoveryDialog(self._theme, self._owner, self._zone))

    @cached_property
    def reconcile(self) -> ReconcileDialog:
        """One difference with the broker, side by side."""
        from panels.reconcile_dialog import ReconcileDialog

        return self._joined(ReconcileDialog(self._theme, self._owner, self._zone))

    @cached_property
    def record_closed(self) -> RecordClosedDialog:
        """A close the trader knows of, to be written down."""
        from panels.record_closed_dialog import RecordClosedDialog

        return self._joined(RecordClosedDialog(self._theme, self._owner, self._zone))

    @cached_property
    def alerts(self) -> AlertsBox:
        """What the trader asked to hear of."""
        from panels.alerts_panel import AlertsBox

        made = AlertsBox(self._theme, self._owner, self._zone)
        made.intent.connect(self.intent)
        return made

    @cached_property
    def alert_form(self) -> AlertForm:
        """The form that sets an alert."""
        from panels.action_ids import ActionIds
        from panels.alert_form import AlertForm

        made = AlertForm(ActionIds(time.monotonic), self._owner)
        made.intent.connect(self.intent)
        return made

    @cached_property
    def settings(self) -> SettingsWindow:
        """The settings: a window of their own, beside which everything goes on."""
        from panels.settings.settings_window import SettingsWindow

        made = SettingsWindow(self._owner)
        made.intent.connect(self.intent)
        made.set_preferences(self._preferences)
        made.set_facts(self._facts)
        for name, page in self.settings_pages.items():
            made.fill(name, page())
        return made

    def set_preferences(self, preferences: Preferences) -> None:
        """Show in the settings what is preferred now."""
        self._preferences = preferences
        if "settings" in vars(self):
            self.settings.set_preferences(preferences)

    def set_facts(self, facts: SettingsFacts) -> None:
        """Show in the settings what stands outside the engine."""
        self._facts = facts
        if "settings" in vars(self):
            self.settings.set_facts(facts)

    def set_theme(self, theme: Theme) -> None:
        """Make those to come in another theme; those there are children of the window."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, now: datetime, monotonic_s: float) -> None:
        """Show those that are open a snapshot, and put up what needs the trader."""
        self._snapshot, self._now, self._now_s = snapshot, now, monotonic_s
        for name in ("alerts", "alert_form"):
            made: AlertsBox | AlertForm | None = vars(self).get(name)
            if made is not None:
                made.refresh(snapshot, now, monotonic_s)
        for name in ("reconcile", "record_closed"):
            asked: ReconcileDialog | RecordClosedDialog | None = vars(self).get(name)
            if asked is not None and asked.isVisible():
                asked.refresh(snapshot, now, monotonic_s)
        if "settings" in vars(self) and self.settings.isVisible():
            self.settings.refresh(snapshot, now, monotonic_s)
        if "recovery" not in vars(self) and snapshot.recovery is None and not snapshot.findings:
            return
        dialog = self.recovery
        if dialog.isVisible():
            if dialog.is_finished(snapshot):
                dialog.accept()
            else:
                dialog.refresh(snapshot, now, monotonic_s)
        elif dialog.is_wanted(snapshot) and self._owner.isVisible():
            dialog.put_up(snapshot, now, monotonic_s)

    def open(self, wish: object, monotonic_s: float) -> bool:
        """Open what a panel wishes to see; say whether it is one of these. Before the first snapshot nothing opens."""
        now = self._now
        if isinstance(wish, OpenAlerts | OpenAlertForm):
            self._open_alerts(wish)
            return True
        if not isinstance(wish, OpenRecovery | OpenReconcile | OpenRecordClosed | OpenSettings):
            return False
        if now is not None:
            if isinstance(wish, OpenSettings):
                self.settings.refresh(self._snapshot, now, monotonic_s)
                self.settings.open_page(wish.page)
            elif isinstance(wish, OpenRecovery):
                self.recovery.put_up(self._snapshot, now, monotonic_s, True, wish.finding)
            elif isinstance(wish, OpenReconcile):
                self.reconcile.put_up(self._snapshot, now, monotonic_s, wish.key)
            else:
                self.record_closed.put_up(self._snapshot, now, monotonic_s, wish.key)
        return True

    def _open_alerts(self, wish: OpenAlerts | OpenAlertForm) -> None:
        if self._now is None:
            return
        if isinstance(wish, OpenAlertForm):
            self.alert_form.put_up(self._snapshot, self._now, wish.key, wish.kind, wish.value)
        elif (cell := self._owner.findChild(QWidget, "statusAlerts")) is not None:
            self.alerts.open_over(cell)
            self.alerts.refresh(self._snapshot, self._now, self._now_s)

    def _joined(self, dialog: Dialog) -> Dialog:
        dialog.intent.connect(self.intent)
        return dialog
