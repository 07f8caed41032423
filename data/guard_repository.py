"""What the limits of accounts must remember over a restart: marks and rules of the day, and locks until the reset.

The rules lie as the settings have them, the marks as texts; both are for a person to read. A lock is a row of
`guard_lock` of one account with the time of its end; nothing lifts it before.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.clock import Clock
from core.errors import DatabaseDamaged
from core.model.guard_day import AccountLock, GuardState
from core.model.guard_lock import LockKind
from core.model.guard_rules import Guard
from core.model.guard_texts import rules_from_texts, rules_to_texts
from core.model.scope import AccountKey, Mode
from data.audit import AuditTrail, at_text
from data.database import Database
from data.rows import member
from data.schema import GUARD_LOCK, GUARD_STATE
from data.types import nullable_decimal_text

_NEW: Final = upsert(GUARD_STATE)
_SAVE: Final = _NEW.on_conflict_do_update(
    index_elements=["connection", "account"],
    set_={name: _NEW.excluded[name] for name in ("day", "state", "updated_at")},
)
_ADD_LOCK: Final = insert(GUARD_LOCK)
_LOCKS: Final = (
    select(GUARD_LOCK)
    .where(
        GUARD_LOCK.c.kind.in_([*(guard.value for guard in Guard), LockKind.SESSION.value]),
        GUARD_LOCK.c.expires_at > bindparam("now"),
        GUARD_LOCK.c.released_at.is_(None),
    )
    .order_by(GUARD_LOCK.c.id)
)
_MARKS: Final = ("carried", "best", "start", "close_peak", "peak")


class SqliteGuardRepository:
    """States and locks. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def save(self, key: AccountKey, state: GuardState, lock: AccountLock | None, mode: Mode | None) -> None:
        """Commit where an account stands, and with it a lock.

        Raises:
            PersistenceError: nothing was changed.
        """
        row = {
            "connection": key.connection,
            "account": key.account,
            "day": state.day,
            "state": _text(state),
            "updated_at": self._clock.now(),
        }
        with self._database.transaction() as connection:
            connection.execute(_SAVE, row)
            if lock is None:
                return
            connection.execute(_ADD_LOCK, _lock_row(lock))
            facts = {"until": at_text(lock.until)}
            cause = lock.guard.value
            self._audit.write(connection, "lock", lock.reason, key=key, mode=mode, cause=cause, data=facts)

    def states(self) -> dict[AccountKey, GuardState]:
        """Return where every guarded account stood.

        Raises:
            DatabaseDamaged: one cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(GUARD_STATE).order_by(GUARD_STATE.c.id)).all()
        return {AccountKey(row.connection, row.account): _state(row.day, row.state) for row in rows}

    def locks(self, now: datetime) -> tuple[AccountLock, ...]:
        """Return the locks that have not ended, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_LOCKS, {"now": now}).all()
        return tuple(
            AccountLock(
                AccountKey(row.connection, row.account),
                LockKind.SESSION if row.kind == LockKind.SESSION.value else member(Guard, row.kind),
                row.reason,
                row.created_at,
                row.expires_at,
            )
            for row in rows
        )


def _lock_row(lock: AccountLock) -> dict[str, Any]:
    return {
        "connection": lock.key.connection,
        "account": lock.key.account,
        "symbol": "",
        "kind": lock.guard.value,
        "reason": lock.reason,
        "created_at": lock.created_at,
        "expires_at": lock.until,
        "released_at": None,
    }


def _text(state: GuardState) -> str:
    content = {
        "rules": [rules_to_texts(rules) for rules in state.rules],
        **{name: nullable_decimal_text(getattr(state, name)) for name in _MARKS},
        "trades": state.trades,
        "to_flatten": sorted(state.to_flatten),
        "flattened": sorted(state.flattened),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _state(day: datetime, text: str) -> GuardState:
    try:
        held = json.loads(text)
        marks = {name: None if held[name] is None else Decimal(held[name]) for name in _MARKS}
        return GuardState(
            day=day,
            rules=tuple(rules_from_texts(table) for table in held["rules"]),
            carried=marks["carried"],
            best=marks["best"] or Decimal(0),
            trades=int(held["trades"]),
            start=marks["start"],
            close_peak=marks["close_peak"],
            peak=marks["peak"],
            to_flatten=frozenset(held["to_flatten"]),
            flattened=frozenset(held["flattened"]),
        )
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise DatabaseDamaged(f"a guard's state cannot be read: {error!r}") from error
