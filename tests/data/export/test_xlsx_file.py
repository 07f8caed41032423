"""XLSX: a number only where nothing is lost, a text always a text, and never more than a sheet holds."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.sheet import Column, Kind, Value
from data.export.xlsx_file import MOST_ROWS, as_number, check_rows, write_xlsx
from data.types import decimal_text
from tests.data.export.sheet import table

COLUMNS = [Column("id", Kind.WHOLE), Column("price", Kind.NUMBER), Column("note", Kind.TEXT)]
LONG = "5000.083333333333333333333333"


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows: list[list[Value]] = [
        [1, "-5000.25", "=1+1"],
        [2, LONG, "+cmd"],
        [3, None, ""],
        [2**60, "0", "http://a.b\x01<&>"],
    ]
    write_xlsx(path, COLUMNS, rows)
    assert table(path) == [
        {"id": Decimal(1), "price": Decimal("-5000.25"), "note": "=1+1"},
        {"id": Decimal(2), "price": LONG, "note": "+cmd"},
        {"id": Decimal(3)},
        {"id": str(2**60), "price": Decimal(0), "note": "http://a.b_x0001_<&>"},
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_a_number_in_a_sheet_is_the_decimal_to_its_last_digit(value: Decimal) -> None:
    text = decimal_text(value) if abs(value.adjusted()) < 90 and len(value.as_tuple().digits) < 50 else "0"
    figure = as_number(text)
    if figure is not None:
        assert Decimal(f"{figure:.15G}") == Decimal(f"{figure:.16G}") == Decimal(text)


@pytest.mark.parametrize("text", ["0.1", "5000.25", "-0.015625", "123456789012345", "0.00000001"])
def test_prices_and_amounts_are_numbers(text: str) -> None:
    assert as_number(text) == float(text)


@pytest.mark.parametrize("text", [LONG, "1234567890.1234567", "12345678901234567", "1E999", "nan", "inf", "junk"])
def test_what_a_float_would_change_is_none(text: str) -> None:
    assert as_number(text) is None


def test_more_rows_than_a_sheet_has_are_refused_before_anything_is_written() -> None:
    check_rows(MOST_ROWS)
    with pytest.raises(ConfigurationError, match=r"1048576 rows do not fit.*csv or parquet"):
        check_rows(MOST_ROWS + 1)


def test_a_text_too_long_for_a_cell_is_refused_and_nothing_stays_open(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a cell holds 32767"):
        write_xlsx(tmp_path / "a.xlsx", COLUMNS, [[1, "1", "x" * 32_768]])
    assert not (tmp_path / "a.xlsx").exists()
