"""Reads what is exported: row by row, through a connection that cannot write, all of it from one moment.

The whole export is one read transaction. A terminal that goes on writing beside it is neither held up nor seen; its log
only grows by what it writes meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from core.errors import ConfigurationError, PersistenceError
from core.sheet import Column, Value
from data import preflight
from data.database import Database
from data.export.columns import SOURCES, Source, What, planned
from data.export.words import Words
from data.failures import persistence_error
from data.proof import stored_instruments
from data.types import utc_text


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the books.

    Attributes:
        account: rows of this account only, on whatever connection; empty for all.
        since, until: aware; rows from the first moment on and before the second.
    """

    what: What
    account: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Export:
    """Rows to be written; valid while the reading lasts.

    Attributes:
        count: how many there are.
        rows: once, in the order of the database, a value for each column.
    """

    columns: tuple[Column, ...]
    count: int
    rows: Iterator[list[Value]]


@contextmanager
def reading(path: Path, wanted: Wanted) -> Iterator[Export]:
    """Open what is wanted for reading.

    Raises:
        ConfigurationError: there is no database, or no such account in it.
        SchemaTooNew: written by a newer program.
        DatabaseDamaged: it is not whole.
        PersistenceError: it cannot be read, or an older program wrote it.
    """
    version = preflight.check(path)
    if version == 0:
        raise ConfigurationError(f"{path.parent} holds no database yet; there is nothing to export.")
    if version < preflight.SCHEMA_VERSION:
        raise PersistenceError(
            f"{path} was written by an older Stanchion (schema {version}, this one reads {preflight.SCHEMA_VERSION}). "
            "Start the terminal once: it makes a backup and brings the database up to date."
        )
    try:
        with Database(path).read_only().connect() as connection, connection.begin():
            if wanted.account:
                _must_be_known(connection, wanted.account)
            yield _opened(connection, wanted)
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:  # not the trouble of whoever writes them
        raise persistence_error(error, path) from error


def _opened(connection: Connection, wanted: Wanted) -> Export:
    source = SOURCES[wanted.what]
    plan = planned(source, Words(stored_instruments(connection)))
    where, values = _condition(source, wanted)
    table = f"{source.table.name}{where}"
    count = int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}", values).scalar_one())
    names = ", ".join(column.name for column in source.table.c)
    query = f"SELECT {names} FROM {table} ORDER BY {source.order}"
    makes = [make for _, make in plan]

    def rows() -> Iterator[list[Value]]:
        # As it lies in the file, text for text: the driver's own rows, one at a time.
        with connection.exec_driver_sql(query, values) as found:
            for row in found:
                yield [make(row) for make in makes]

    return Export(tuple(column for column, _ in plan), count, rows())


def _condition(source: Source, wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    """Return the WHERE of what is wanted; times are of one width, so their texts compare as they do."""
    parts = [
        ("account = ?", wanted.account),
        (f"{source.moment} >= ?", "" if wanted.since is None else utc_text(wanted.since)),
        (f"{source.moment} < ?", "" if wanted.until is None else utc_text(wanted.until)),
    ]
    asked = [(text, value) for text, value in parts if value]
    where = " AND ".join(text for text, _ in asked)
    return (f" WHERE {where}" if asked else ""), tuple(value for _, value in asked)


def _must_be_known(connection: Connection, account: str) -> None:
    """Refuse a name that is in no table: an empty file would look like an account without trades."""
    tables = "SELECT name FROM account UNION SELECT account FROM fill_record UNION SELECT account FROM order_record"
    names = [str(name) for (name,) in connection.exec_driver_sql(f"{tables} ORDER BY 1")]
    if account not in names:
        known = f"there are {', '.join(names)}" if names else "there is none yet"
        raise ConfigurationError(f"No account {account!r} in this database; {known}.")
