"""The audit log, only to be read: paged and searched (query thread)."""

import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from core.queries import AuditEvent
from data.database import Database
from data.failures import FAILURES, persistence_error
from data.schema import AUDIT_EVENT

_A: Final = AUDIT_EVENT.c
_SEARCHED: Final = (_A.text, _A.kind, _A.cause, _A.account, _A.mode, _A.data)
_ESCAPE: Final = "\\"


class SqliteEventRepository:
    """Reads the audit log through a connection that cannot write."""

    def __init__(self, database: Database) -> None:
        self._engine = database.read_only()
        self._path = database.path

    def events(self, words: str, start: int, count: int) -> tuple[tuple[AuditEvent, ...], int]:
        """Return rows in which every word occurs, newest first, from the `start`-th on; and how many there are in all.

        Raises:
            PersistenceError: the file cannot be read.
        """
        fits = and_(true(), *(_has(word) for word in words.split()))
        page: Select[Any] = select(AUDIT_EVENT).where(fits).order_by(_A.sequence.desc()).offset(start).limit(count)
        try:
            with self._engine.connect() as connection, connection.begin():
                total = int(connection.execute(select(func.count()).select_from(AUDIT_EVENT).where(fits)).scalar_one())
                return tuple(_event(row) for row in connection.execute(page)), total
        except FAILURES as error:
            raise persistence_error(error, self._path) from error


def _has(word: str) -> ColumnElement[bool]:
    """Return the condition that a word occurs somewhere in a row, whatever its case."""
    plain = word.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    return or_(*(column.like(f"%{plain}%", escape=_ESCAPE) for column in _SEARCHED))


def _event(row: Any) -> AuditEvent:
    return AuditEvent(
        row.sequence,
        row.time,
        row.kind,
        row.connection or "",
        row.account or "",
        row.mode or "",
        row.text,
        row.cause,
        {str(name): str(value) for name, value in json.loads(row.data or "{}").items()},
    )
