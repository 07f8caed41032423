"""A Core statement compiled once, for the few that every fill runs.

SQLAlchemy's own execution costs some 60 microseconds a statement; with five statements to a fill that is longer than a
good disk needs for the commit. Compiled to its text at the first use, with the column types still converting every
value, a statement costs a fifth of that.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, types
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from data.types import DecimalText, UtcDateTime, nullable_decimal_text, nullable_utc_text

_DIALECT: Final = SQLiteDialect_pysqlite(paramstyle="qmark")
# What the types themselves would call, without the wrappers around it.
_TO_TEXT: Final[Mapping[type, Callable[[Any], Any] | None]] = {
    DecimalText: nullable_decimal_text,
    UtcDateTime: nullable_utc_text,
    types.Text: None,
    types.Integer: None,
}


class Prepared:
    """A statement that takes its values from a row, always of the same columns; its errors are the driver's own."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._sql = ""
        self._to_text: tuple[tuple[str, Callable[[Any], Any] | None], ...] = ()

    def execute(self, connection: Connection, row: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run it in the connection's transaction; an INSERT or UPDATE sets the columns the row names."""
        if not self._sql:
            self._compile(row)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        values = [row[name] if to_text is None else to_text(row[name]) for name, to_text in self._to_text]
        return driver.execute(self._sql, values)

    def _compile(self, row: Mapping[str, Any]) -> None:
        compiled = self._statement.compile(dialect=_DIALECT, column_keys=list(row))
        assert isinstance(compiled, SQLCompiler)
        self._to_text = tuple((name, _TO_TEXT[type(compiled.binds[name].type)]) for name in compiled.positiontup or ())
        self._sql = str(compiled)
