"""The audit log, only to be read: paged and searched (query thread).

Rows are numbered without a gap, so that a page without words is where its numbers say. A search looks from the newest
row down, in blocks, and no further than it must: to the end of its page, and to as many matches as are worth counting.
What it has found it keeps: asked again it looks only at what was written since, turned to older pages it goes on where
it stopped, and interrupted between two blocks it loses nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, and_, func, or_, select, true

from core.errors import QuestionAbandoned
from core.queries import AuditEvent, EventRows, always
from data.database import Database
from data.failures import FAILURES, persistence_error
from data.schema import AUDIT_EVENT

_A: Final = AUDIT_EVENT.c
_SEARCHED: Final = (_A.text, _A.kind, _A.cause, _A.account, _A.mode, _A.data)
_ESCAPE: Final = "\\"
# Each by itself is found at once; asked for together they cost a look at every row.
_ENDS: Final = select(*(select(end(_A.sequence)).scalar_subquery() for end in (func.max, func.min)))
# Some ten milliseconds: so soon a search gives way.
BLOCK_ROWS: Final = 20_000
# Five pages; beyond it a number says little, and would cost a look at every row.
COUNTED: Final = 1_000
_AT_ONCE: Final = 500


@dataclass
class _Search:
    """How far a search has come.

    Attributes:
        top, bottom: the newest row looked at, and the oldest.
        found: the numbers of the rows that fit, newest first.
    """

    words: tuple[str, ...]
    top: int
    bottom: int
    found: list[int]


class SqliteEventRepository:
    """Reads the audit log through a connection that cannot write."""

    def __init__(self, database: Database) -> None:
        self._engine = database.read_only()
        self._path = database.path
        self._search: _Search | None = None

    def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
        """Return rows in which every word occurs, newest first, from the `start`-th on; and how many there are in all.

        Raises:
            PersistenceError: the file cannot be read.
            QuestionAbandoned: `goes_on` said no before it was through.
        """
        ((newest, oldest),) = self._read(_ENDS)
        if newest is None:
            return EventRows((), 0)
        if not words.split():
            until = newest - start
            page = select(AUDIT_EVENT).where(_A.sequence <= until, _A.sequence > until - count)
            rows = self._read(page.order_by(_A.sequence.desc()))
            return EventRows(tuple(map(_event, rows)), newest - oldest + 1)
        search = self._searched(tuple(words.split()), newest)
        while search.bottom > oldest and len(search.found) < max(start + count, COUNTED):
            below = max(oldest, search.bottom - BLOCK_ROWS)
            search.found += self._fitting(search.words, below, search.bottom)
            search.bottom = below
            if search.bottom > oldest and not goes_on():
                raise QuestionAbandoned("somebody else waits, or nobody for this any more")
        page_rows = self._rows(search.found[start : start + count])
        return EventRows(tuple(page_rows), len(search.found), is_whole=search.bottom <= oldest)

    def _searched(self, words: tuple[str, ...], newest: int) -> _Search:
        """Return the search for these words, with what was written since it was asked last."""
        search = self._search
        if search is None or search.words != words or newest < search.top:
            search = self._search = _Search(words, newest, newest + 1, [])
        if newest > search.top:
            search.found[:0] = self._fitting(words, search.top + 1, newest + 1)
            search.top = newest
        return search

    def _fitting(self, words: Iterable[str], first: int, end: int) -> list[int]:
        """Return the numbers of the rows from the first up to the end in which every word occurs, newest first."""
        fits = and_(true(), *(_has(word) for word in words))
        within = and_(_A.sequence >= first, _A.sequence < end)
        return [one for (one,) in self._read(select(_A.sequence).where(within, fits).order_by(_A.sequence.desc()))]

    def _rows(self, numbers: Sequence[int]) -> Iterator[AuditEvent]:
        for at in range(0, len(numbers), _AT_ONCE):
            some = numbers[at : at + _AT_ONCE]
            wanted = select(AUDIT_EVENT).where(_A.sequence.in_(some)).order_by(_A.sequence.desc())
            yield from map(_event, self._read(wanted))

    def _read(self, statement: Executable) -> Sequence[Any]:
        """Read in a transaction of its own: the log of the database is not kept from being taken in."""
        try:
            with self._engine.connect() as connection, connection.begin():
                return connection.execute(statement).all()
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
