"""Reads a sheet as a spreadsheet would: what is a number, and what a text."""

import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(path: Path) -> list[dict[str, str | Decimal]]:
    """Return the rows of the first sheet, by column letters; a formula is an error."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert root.find(f".//{NAMES}f") is None, "a formula"
    return [
        {cell.attrib["r"].rstrip("0123456789"): _value(cell) for cell in row if len(cell)}
        for row in root.iter(f"{NAMES}row")
    ]


def table(path: Path) -> list[dict[str, str | Decimal]]:
    """Return the rows by the names in the first."""
    header, *rows = cells(path)
    return [{str(header[letter]): value for letter, value in row.items()} for row in rows]


def _value(cell: ElementTree.Element) -> str | Decimal:
    if cell.attrib.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{NAMES}t"))
    (value,) = cell.iter(f"{NAMES}v")
    assert cell.attrib.get("t", "n") == "n" and value.text is not None
    return Decimal(value.text)
