"""Alerts: what the trader wants to hear of, and what has become of it.

That an alert cannot be evaluated now is of the moment and not stored; whether it was armed is, so that what crossed
while the program did not run is known at the first price after.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.model.alert import Alert, AlertKind, AlertState, Way
from core.model.guard_rules import Guard
from data.audit import AuditTrail
from data.database import Database
from data.rows import member, scope_of, scope_row
from data.schema import ALERT

_NEW: Final = upsert(ALERT)
_SAVE: Final = _NEW.on_conflict_do_update(
    index_elements=["alert_id"],
    set_={name: _NEW.excluded[name] for name in ("state", "armed", "fired_at", "fired_value", "fired", "unread")},
)
_REMOVE: Final = delete(ALERT).where(ALERT.c.alert_id == bindparam("gone"))


class SqliteAlertRepository:
    """Alerts (trading thread, or main before it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def save(self, alerts: Sequence[Alert], cause: str) -> None:
        """Commit alerts as they are now, all or none.

        Args:
            cause: what is told in the audit; empty for what is no event, such as arming.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            for alert in alerts:
                connection.execute(_SAVE, _row(alert))
                if cause:
                    self._audit.write(connection, "alert", _text(alert), key=None, mode=None, cause=cause, data={})

    def remove(self, alert: Alert) -> None:
        """Commit that an alert is gone.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            connection.execute(_REMOVE, {"gone": alert.alert_id})
            self._audit.write(connection, "alert", _text(alert), key=None, mode=None, cause="removed", data={})

    def alerts(self) -> tuple[Alert, ...]:
        """Return every alert, oldest first.

        Raises:
            DatabaseDamaged: one cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(ALERT).order_by(ALERT.c.id)).all()
        return tuple(_alert(row) for row in rows)


def _text(alert: Alert) -> str:
    what = alert.key.symbol or alert.key.account
    return f"alert on {what}: {alert.kind.value.lower()} {alert.way.value.lower()} {alert.level:f}"


def _row(alert: Alert) -> dict[str, Any]:
    stored = AlertState.ACTIVE if alert.state is AlertState.NOT_EVALUATED else alert.state
    return {
        "alert_id": alert.alert_id,
        "kind": alert.kind.value,
        **scope_row(alert.key),
        "way": alert.way.value,
        "level": alert.level,
        "repeats": int(alert.repeats),
        "guard": None if alert.limit is None else alert.limit.value,
        "note": alert.note,
        "state": stored.value,
        "armed": None if alert.armed is None else int(alert.armed),
        "fired_at": alert.fired_at,
        "fired_value": alert.fired_value,
        "fired": alert.fired,
        "unread": alert.unread,
        "created_at": alert.created_at,
    }


def _alert(row: Any) -> Alert:
    return Alert(
        alert_id=row.alert_id,
        kind=member(AlertKind, row.kind),
        key=scope_of(row),
        way=member(Way, row.way),
        level=row.level,
        created_at=row.created_at,
        repeats=bool(row.repeats),
        limit=None if row.guard is None else member(Guard, row.guard),
        note=row.note,
        state=member(AlertState, row.state),
        armed=None if row.armed is None else bool(row.armed),
        fired_at=row.fired_at,
        fired_value=row.fired_value,
        fired=row.fired,
        unread=row.unread,
    )
