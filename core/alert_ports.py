"""What the alerts need of storage."""

from collections.abc import Sequence
from typing import Protocol

from core.model.alert import Alert


class AlertRepository(Protocol):
    """Alerts (trading thread). A method that writes returns only when it is committed, and raises PersistenceError."""

    def save(self, alerts: Sequence[Alert], cause: str) -> None:
        """Commit alerts as they are now, all or none.

        Args:
            cause: what is told in the audit; empty for what is no event, such as arming.
        """
        ...

    def remove(self, alert: Alert) -> None:
        """Commit that an alert is gone."""
        ...

    def alerts(self) -> tuple[Alert, ...]:
        """Return every alert, oldest first."""
        ...
