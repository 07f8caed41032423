"""CSV as RFC 4180 has it: UTF-8, a header, commas, CRLF; nothing is an empty field.

A spreadsheet takes a cell that begins with =, +, -, @ or a control character for a formula. A text that is anybody's
words and begins so gets an apostrophe before it; so does one that begins with apostrophes and then so, which makes the
mark reversible: `unguarded` takes it off. Figures and times are ours and never get one.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from core.sheet import Column, Kind, Value

_FORMULA_BEGINS_WITH: Final = frozenset("=+-@\t\r\n")


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows into a new file.

    Raises:
        OSError: it could not be written.
    """
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for row in rows:
            cells = list(row)
            for index in texts:
                cells[index] = guarded(cells[index])
            writer.writerow(cells)


def guarded(value: Value) -> Value:
    """Return a text that no spreadsheet takes for a formula."""
    if isinstance(value, str) and _begins_like_a_formula(value):
        return f"'{value}"
    return value


def unguarded(text: str) -> str:
    """Return the text before it was guarded."""
    return text[1:] if text.startswith("'") and _begins_like_a_formula(text) else text


def _begins_like_a_formula(text: str) -> bool:
    return text.lstrip("'")[:1] in _FORMULA_BEGINS_WITH and bool(text.strip("'"))
