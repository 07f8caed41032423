"""CSV: anybody's words become no formula, figures stay figures, and what was written is what is read."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheet import Column, Kind, Value
from data.export.csv_file import guarded, unguarded, write_csv

COLUMNS = [Column("qty", Kind.NUMBER), Column("at", Kind.WRITTEN), Column("note", Kind.TEXT)]


def test_figures_are_as_stored_and_texts_cannot_be_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows: list[list[Value]] = [
        ["-1.25", "-5.00", "=1+1"],
        ["0.1", None, "@SUM(A1)"],
        [None, "", "plain, with\r\nlines"],
    ]
    write_csv(path, COLUMNS, rows)
    assert path.read_bytes().startswith(b"qty,at,note\r\n-1.25,-5.00,'=1+1\r\n0.1,,'@SUM(A1)\r\n,,")
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file))
    assert [unguarded(row[2]) for row in read[1:]] == ["=1+1", "@SUM(A1)", "plain, with\r\nlines"]


@pytest.mark.parametrize("text", ["=x", "+1", "-2", "@a", "\tx", "\rx", "'=x", "''-"])
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ESZ26_FUT_CME", "'", "''", "'a", "a=b", " =x"])
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.text(alphabet="'=+-@\ta1"))
def test_the_guard_can_be_taken_off_and_never_begins_a_formula(text: str) -> None:
    written = guarded(text)
    assert isinstance(written, str)
    assert unguarded(written) == text and written[:1] not in set("=+-@\t\r\n")


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write_csv(path, COLUMNS, [])
    assert path.read_text() == "mine"
