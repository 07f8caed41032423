"""An exported file: whole under its name, or not there."""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from data.export.columns import Column, Value
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
    # A folder of its own beside the target: what the writers put down on their way goes with it, whatever happens.
    with tempfile.TemporaryDirectory(prefix=".stanchion-export-", dir=target.parent) as folder:
        part = Path(folder) / "part"
        _WRITERS[form](part, export.columns, export.rows)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists():
            raise FileExistsError(f"{target} was made by somebody else meanwhile")
        os.replace(part, target)
