"""Parquet, written by DuckDB, which needs no network and no other package for it.

The rows go through a file of JSON lines first: so they are never all in memory, nothing and an empty text stay two
things, and it is known which columns of decimals fit before their type is chosen. A column whose every value has at
most 26 digits before the point and 12 behind it is DECIMAL(38,12). One that holds a longer average is text, whole:
a type by the row there is not, and digits are not given away.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from core.sheet import Column, Kind, Value

_FITS: Final = re.compile(r"-?\d{1,26}(\.\d{1,12})?", re.ASCII)
_DECIMAL: Final = "DECIMAL(38,12)"
_TYPES: Final = {Kind.TEXT: "VARCHAR", Kind.WRITTEN: "VARCHAR", Kind.WHOLE: "BIGINT", Kind.TIME: "TIMESTAMPTZ"}
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "256MB",
    "threads": 1,
}


def write_parquet(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows into a new file; what does not fit into memory lies beside it meanwhile.

    Raises:
        OSError: it could not be written.
    """
    import duckdb

    spool = path.with_name(f"{path.name}.jsonl")
    types = _spooled(spool, columns, rows)
    held = ", ".join(f"{_name(column)}: 'VARCHAR'" for column in columns)
    chosen = ", ".join(
        f"CAST({_name(column)} AS {kind}) AS {_name(column)}" for column, kind in zip(columns, types, strict=True)
    )
    source = f"read_json({_text(spool)}, format = 'newline_delimited', columns = {{{held}}})"
    try:
        with duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(path.parent)}) as database:
            database.execute(f"COPY (SELECT {chosen} FROM {source}) TO {_text(path)} (FORMAT parquet)")
    except duckdb.Error as error:
        raise OSError(str(error)) from error
    spool.unlink()


def _spooled(spool: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> list[str]:
    """Write the rows down and return the type of each column."""
    names = [column.name for column in columns]
    fits = {index for index, column in enumerate(columns) if column.kind is Kind.NUMBER}
    with spool.open("x", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")
            fits -= {index for index in fits if not _fit(row[index])}
    return [
        _TYPES.get(column.kind) or (_DECIMAL if index in fits else "VARCHAR") for index, column in enumerate(columns)
    ]


def _fit(value: Value) -> bool:
    return value is None or _FITS.fullmatch(str(value)) is not None


def _name(column: Column) -> str:
    return f'"{column.name}"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
