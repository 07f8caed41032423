"""Alerts, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from core.model.alert import Alert, AlertState
from tests.fakes.guards import Writes


class InMemoryAlertRepository:
    """Alerts; what is of the moment is not kept."""

    def __init__(self, disk: Writes) -> None:
        self._disk = disk
        self._alerts: dict[str, Alert] = {}
        self.causes: list[str] = []

    def save(self, alerts: Sequence[Alert], cause: str) -> None:
        self._disk.write()
        self.causes += [cause] * len(alerts)
        for one in alerts:
            state = AlertState.ACTIVE if one.state is AlertState.NOT_EVALUATED else one.state
            self._alerts[one.alert_id] = replace(one, state=state, reason="")

    def remove(self, alert: Alert) -> None:
        self._disk.write()
        self._alerts.pop(alert.alert_id, None)

    def alerts(self) -> tuple[Alert, ...]:
        return tuple(self._alerts.values())
