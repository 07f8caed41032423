"""Recordings as CSV: a line of column names, then one record a line; see `replay_rows` for the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from services.simulator.errors import UnreadableRecording
from services.simulator.replay_records import Record, Terms
from services.simulator.replay_rows import NUMBERED_ROW, Columns, RowReader

LINES_FOR_SYMBOLS: Final = 10_000
"""The symbols of a file are looked for in so many of its first lines."""


class CsvRecording:
    """A CSV file; it is read as it is needed, in UTF-8 with or without a mark."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def symbols(self) -> Mapping[str, int]:
        """Return the symbols named in the first lines."""
        reader, rows = self._open()
        return reader.symbols(islice(rows, LINES_FOR_SYMBOLS))

    def records(self, terms: Mapping[str, Terms], from_us: int = 0) -> Iterator[Record]:
        """Yield the records from a time on."""
        reader, rows = self._open()
        yield from reader.records(rows, terms, from_us)

    def _open(self) -> tuple[RowReader, Iterator[NUMBERED_ROW]]:
        rows = self._rows()
        _, header = next(rows, (1, ()))
        return RowReader(Columns(header, self.path.name), self.path.name, "line"), rows

    def _rows(self) -> Iterator[NUMBERED_ROW]:
        """Yield the rows that are not empty, with the line each ends on."""
        line = 0
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file)
                for row in reader:
                    line = reader.line_num
                    if row:
                        yield line, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableRecording(
                f"{self.path.name}, after line {line}: {error}; expected CSV in UTF-8."
            ) from error
        except OSError as error:
            raise UnreadableRecording(f"{self.path} cannot be read: {error.strerror or error}.") from error
