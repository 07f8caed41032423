"""Sessions of the program: when it started, when it was last alive, whether it ended by itself."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from core.ports import LastRun
from data.audit import AuditTrail, at_text
from data.database import Database
from data.schema import RUN

_LAST: Final = select(RUN).order_by(RUN.c.id.desc()).limit(1)
_BEGIN: Final = insert(RUN)
_THIS: Final = update(RUN).where(RUN.c.id == bindparam("of_id"))


class SqliteRunRepository:
    """Runs. Trading thread (or main, before and after it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit
        self._run_id: int | None = None

    def begin(self, now: datetime) -> LastRun | None:
        """Commit the start of a run; return how the one before ended, None at the first start.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            before = connection.execute(_LAST).one_or_none()
            last = None if before is None else LastRun(before.ended_at is not None, before.ended_at or before.alive_at)
            self._run_id = 1 if before is None else before.id + 1
            connection.execute(_BEGIN, {"id": self._run_id, "started_at": now, "alive_at": now, "ended_at": None})
            how = "first" if last is None else "after a clean end" if last.clean else "after an unclean end"
            self._explain(connection, f"run {self._run_id} begins, {how}", now)
        return last

    def beat(self, now: datetime) -> None:
        """Commit that the program is alive.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            connection.execute(_THIS, {"of_id": self._current(), "alive_at": now})

    def end(self, now: datetime) -> None:
        """Commit the clean end.

        Raises:
            PersistenceError: nothing was changed; the next start will call this end unclean.
        """
        with self._database.transaction() as connection:
            connection.execute(_THIS, {"of_id": self._current(), "alive_at": now, "ended_at": now})
            self._explain(connection, f"run {self._run_id} ends", now)

    def _explain(self, connection: Connection, text: str, now: datetime) -> None:
        self._audit.write(connection, "run", text, key=None, mode=None, cause="program", data={"at": at_text(now)})

    def _current(self) -> int:
        assert self._run_id is not None, "no run has begun"
        return self._run_id
