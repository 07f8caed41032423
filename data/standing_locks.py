"""The locks on entries that stand in a database file, read without changing a byte, beside a running terminal too."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from core.errors import PersistenceError
from data import preflight
from data.failures import FAILURES, persistence_error
from data.types import utc_text

_STANDING: Final = (
    "SELECT connection, account, kind, reason, created_at, expires_at FROM guard_lock "
    "WHERE released_at IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY id"
)
_BUSY_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class StandingLock:
    """One lock.

    Attributes:
        place: "connection/account"; empty for one of every account.
        kind: what locked it. reason: the trader's sentence.
        until: when it ends by itself, aware UTC; None when somebody has to lift it.
    """

    place: str
    kind: str
    reason: str
    since: datetime
    until: datetime | None


def standing_locks(path: Path, now: datetime) -> tuple[StandingLock, ...]:
    """Return the locks that stand at a moment, oldest first; none of a file a start would have to change first.

    Raises:
        PersistenceError: the file cannot be read.
    """
    if preflight.check(path) != preflight.SCHEMA_VERSION:
        return ()
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)) as connection:
            rows = connection.execute(_STANDING, (utc_text(now),)).fetchall()
    except FAILURES as error:
        raise persistence_error(error, path) from error
    try:
        return tuple(_lock(*row) for row in rows)
    except (TypeError, ValueError) as error:
        raise PersistenceError(f"{path}: a lock cannot be read: {error}") from error


def _lock(connection: str, account: str, kind: str, reason: str, since: str, until: str | None) -> StandingLock:
    place = f"{connection}/{account}" if account else ""
    ends = None if until is None else datetime.fromisoformat(until)
    return StandingLock(place, kind, reason, datetime.fromisoformat(since), ends)
