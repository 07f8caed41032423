"""An exported file: whole under its name, or not there."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from core.file_in_place import put_in_place
from core.sheet import Column, Sheet, Value
from data.export.csv_file import write_csv
from data.export.parquet_file import write_parquet
from data.export.reading import Export
from data.export.xlsx_file import check_rows, write_xlsx

Writer = Callable[[Path, Sequence[Column], Iterable[Sequence[Value]]], None]


class Format(Enum):
    """The form of an exported file."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


_WRITERS: Final[Mapping[Format, Writer]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
    Format.PARQUET: write_parquet,
}


def write_export(export: Export, form: Format, target: Path) -> None:
    """Write an export beside its target, synchronise it, and rename it: there is never half a file.

    Raises:
        ConfigurationError: the rows do not fit into the format.
        FileExistsError: the target is there; it is left alone.
        PersistenceError: the books could not be read to their end.
        OSError: it could not be written.
    """
    if form is Format.XLSX:
        check_rows(export.count)
    _write(_WRITERS[form], target, export.columns, export.rows)


def write_sheet(sheet: Sheet, form: Format, target: Path) -> None:
    """Write what a window shows; an older file of that name is replaced, whole for whole.

    Raises:
        ConfigurationError: the rows do not fit into the format.
        OSError: it could not be written; the older file is as it was.
    """
    if form is Format.XLSX:
        check_rows(len(sheet.rows))
    _write(_WRITERS[form], target, sheet.columns, sheet.rows, may_replace=True)


def write_whole(target: Path, content: bytes) -> None:
    """Write bytes; an older file of that name is replaced, whole for whole.

    Raises:
        OSError: it could not be written; the older file is as it was.
    """
    with _beside(target, may_replace=True) as part:
        part.write_bytes(content)


def _write(
    writer: Writer,
    target: Path,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    may_replace: bool = False,
) -> None:
    with _beside(target, may_replace) as part:
        writer(part, columns, rows)


@contextmanager
def _beside(target: Path, may_replace: bool) -> Iterator[Path]:
    """Give a name to write under; what was written is synchronised and gets the name of the target."""
    # A folder of its own beside the target: what the writers put down on their way goes with it, whatever happens.
    with tempfile.TemporaryDirectory(prefix=".stanchion-export-", dir=target.parent) as folder:
        part = Path(folder) / "part"
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists() and not may_replace:
            raise FileExistsError(f"{target} was made by somebody else meanwhile")
        put_in_place(part, target)
