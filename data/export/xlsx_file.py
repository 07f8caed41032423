"""XLSX, written row by row.

A spreadsheet knows binary floats only, and shows fifteen digits of them. So a decimal is a number there when it has no
more than that, and a text with all its digits when it has. Texts are written as texts, whatever they begin with, and
times too: a spreadsheet's own times have neither a zone nor microseconds.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from math import isfinite
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigurationError
from core.sheet import Column, Kind, Value

MOST_ROWS: Final = 1_048_575  # and one for the header
MOST_CHARACTERS: Final = 32_767
_WIDTHS: Final = {Kind.TIME: 28, Kind.WRITTEN: 28, Kind.NUMBER: 14, Kind.WHOLE: 8, Kind.TEXT: 18}
_EXACT_WHOLE: Final = 10**15


def check_rows(count: int) -> None:
    """Refuse more rows than a sheet has.

    Raises:
        ConfigurationError: too many.
    """
    if count > MOST_ROWS:
        raise ConfigurationError(
            f"{count} rows do not fit into a sheet, which holds {MOST_ROWS}. Nothing was written. "
            "Take --format csv or parquet, or a part of them with --from and --to."
        )


def write_xlsx(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows into a new file; what does not fit into memory lies beside it meanwhile.

    Raises:
        ConfigurationError: a text is longer than a cell holds.
        OSError: it could not be written.
    """
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

    book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.use_zip64()
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for index, column in enumerate(columns):
        sheet.set_column(index, index, _WIDTHS[column.kind])
        sheet.write_string(0, index, column.name, bold)
    sheet.freeze_panes(1, 0)
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            _write_row(sheet, number, columns, row)
    except BaseException:
        sheet.row_data_fh.close()  # the file of the rows so far, which the writer leaves open
        raise
    sheet.autofilter(0, 0, number, len(columns) - 1)
    try:
        book.close()
    except XlsxWriterException as error:
        raise OSError(str(error)) from error


def _write_row(sheet: Any, number: int, columns: Sequence[Column], row: Sequence[Value]) -> None:
    for index, (column, value) in enumerate(zip(columns, row, strict=True)):
        if value is None or value == "":
            continue
        figure = as_number(value) if column.kind in (Kind.NUMBER, Kind.WHOLE) else None
        if figure is not None:
            sheet.write_number(number, index, figure)
            continue
        text = str(value)
        if len(text) > MOST_CHARACTERS:
            raise ConfigurationError(
                f"Row {number} has a {column.name} of {len(text)} characters; a cell holds {MOST_CHARACTERS}. "
                "Nothing was written. Take --format csv or parquet."
            )
        sheet.write_string(number, index, text)


def as_number(value: str | int) -> float | int | None:
    """Return a figure as a number with which a sheet loses nothing; None when it would."""
    if isinstance(value, int):
        return value if abs(value) < _EXACT_WHOLE else None
    try:
        figure = float(value)
        # Sixteen digits are what is written, fifteen what is shown.
        shown, written = Decimal(f"{figure:.15G}"), Decimal(f"{figure:.16G}")
        return figure if isfinite(figure) and shown == written == Decimal(value) else None
    except (ValueError, InvalidOperation):
        return None
