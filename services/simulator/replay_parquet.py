"""Recordings as Parquet: the columns of `replay_rows`, of any type that has a text; times also as timestamps.

Every value is asked for as text, so that CSV and Parquet mean the same and are checked by the same code: a double is
written with as many digits as it needs, a 32-bit float too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.simulator.errors import UnreadableRecording
from services.simulator.replay_csv import LINES_FOR_SYMBOLS
from services.simulator.replay_records import Record, Terms
from services.simulator.replay_rows import NUMBERED_ROW, Columns, RowReader

if TYPE_CHECKING:
    import duckdb

_AT_ONCE: Final = 4_096
_OFFLINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,  # rows come as fast as they are asked for, and one thread is ours anyway
}


class ParquetRecording:
    """A Parquet file; it is read as it is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def symbols(self) -> Mapping[str, int]:
        """Return the symbols named in the first rows."""
        reader, rows = self._open()
        return reader.symbols(islice(rows, LINES_FOR_SYMBOLS))

    def records(self, terms: Mapping[str, Terms], from_us: int = 0) -> Iterator[Record]:
        """Yield the records from a time on."""
        reader, rows = self._open()
        yield from reader.records(rows, terms, from_us)

    def _open(self) -> tuple[RowReader, Iterator[NUMBERED_ROW]]:
        import duckdb

        connection = duckdb.connect(config=_OFFLINE)
        try:
            if not self.path.is_file():
                raise UnreadableRecording(f"{self.path} cannot be read: there is no such file.")
            table = connection.read_parquet(_literally(self.path))
            reader = RowReader(Columns(table.columns, self.path.name), self.path.name, "row")
            # Executed by itself and not by the relation, which would read all rows into memory first.
            running = connection.execute(table.select(*_texts(table)).sql_query())
        except (duckdb.Error, RuntimeError, ValueError) as error:  # damaged names are no error of its own to it
            raise self._unreadable(error) from error
        return reader, self._rows(running)

    def _rows(self, running: duckdb.DuckDBPyConnection) -> Iterator[NUMBERED_ROW]:
        import duckdb

        read = 0
        try:
            while batch := running.fetchmany(_AT_ONCE):
                for number, row in enumerate(batch, read + 1):
                    yield number, ["" if value is None else value for value in row]
                read += len(batch)
        except (duckdb.Error, RuntimeError, ValueError) as error:
            raise self._unreadable(error) from error
        finally:
            running.close()

    def _unreadable(self, error: Exception) -> UnreadableRecording:
        first = str(error).partition("\n")[0]
        return UnreadableRecording(f"{self.path} cannot be read as Parquet: {first[:200]}.")


def _texts(table: duckdb.DuckDBPyRelation) -> list[duckdb.Expression]:
    """Return every column as text, timestamps as microseconds since 1970."""
    from duckdb import ColumnExpression, FunctionExpression

    def text(name: str, kind: str) -> duckdb.Expression:
        column = ColumnExpression(name)
        if kind.startswith("TIMESTAMP"):
            whole = column if kind == "TIMESTAMP WITH TIME ZONE" else column.cast("TIMESTAMP")
            column = FunctionExpression("epoch_us", whole)
        return column.cast("VARCHAR")

    return [text(name, str(kind)) for name, kind in zip(table.columns, table.types, strict=True)]


def _literally(path: Path) -> str:
    """Return a path in which no character stands for other files."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
