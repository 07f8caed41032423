"""Locks on entries: what stands, and since when. A lock that was lifted stays as a row, with the time of that."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from core.model.guard_lock import GuardLock, LockKind
from data.audit import AuditTrail
from data.database import Database
from data.rows import member
from data.schema import GUARD_LOCK

_ADD: Final = insert(GUARD_LOCK)
# Locks of one account, by its limits or by the trader, are not of this kind: they end by the clock alone.
_STANDING: Final = (
    select(GUARD_LOCK)
    .where(GUARD_LOCK.c.released_at.is_(None), GUARD_LOCK.c.kind == LockKind.PANIC.value)
    .order_by(GUARD_LOCK.c.id)
)
_RELEASE: Final = (
    update(GUARD_LOCK)
    .where(GUARD_LOCK.c.kind == bindparam("of_kind"), GUARD_LOCK.c.released_at.is_(None))
    .values(released_at=bindparam("at"))
)
# A lock of everything names no scope.
_EVERYWHERE: Final = {"connection": "", "account": "", "symbol": "", "expires_at": None, "released_at": None}


class SqliteGuardLockRepository:
    """Locks. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def add(self, lock: GuardLock) -> None:
        """Commit a lock.

        Raises:
            PersistenceError: nothing was changed.
        """
        row = {"kind": lock.kind.value, "reason": lock.reason, "created_at": lock.created_at, **_EVERYWHERE}
        with self._database.transaction() as connection:
            connection.execute(_ADD, row)
            self._audit.write(connection, "lock", lock.reason, key=None, mode=None, cause=lock.kind.value, data={})

    def release(self, kind: LockKind, at: datetime) -> None:
        """Commit that every lock of a kind is lifted.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            connection.execute(_RELEASE, {"of_kind": kind.value, "at": at})
            text = f"the lock by {kind.value.lower()} is lifted"
            self._audit.write(connection, "lock", text, key=None, mode=None, cause="trader", data={})

    def standing(self) -> tuple[GuardLock, ...]:
        """Return the locks that stand, oldest first.

        Raises:
            PersistenceError: they cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_STANDING).all()
        return tuple(GuardLock(member(LockKind, row.kind), row.reason, row.created_at) for row in rows)
