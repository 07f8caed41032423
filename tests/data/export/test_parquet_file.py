"""Parquet: decimals where every value fits, text where one does not, nothing is not empty, times have a zone."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.sheet import Column, Kind, Value
from data.export.parquet_file import write_parquet

COLUMNS = [
    Column("id", Kind.WHOLE),
    Column("price", Kind.NUMBER),
    Column("average", Kind.NUMBER),
    Column("at_utc", Kind.TIME),
    Column("at_local", Kind.WRITTEN),
    Column("note", Kind.TEXT),
]
AT, LOCAL = "2026-11-20T14:30:00.000001Z", "2026-11-20T08:30:00.000001-06:00"
LONG = "5000.083333333333333333333333"
ROWS: list[list[Value]] = [
    [1, "-99999999999999999999999999.000000000001", LONG, AT, LOCAL, "=1+1\nand \"more\", 'yes' \u2212 \\N"],
    [2, None, None, None, None, ""],
    [3, "0.25", "1", AT, LOCAL, None],
]


def read(path: Path, what: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        return database.execute(f"SELECT {what} FROM read_parquet(?)", [str(path)]).fetchall()


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    path = folder / "a.parquet"
    write_parquet(path, COLUMNS, ROWS)
    found = read(path, "id, price::VARCHAR, average, epoch_us(at_utc), at_local, note")
    at_us = 1_795_185_000_000_001
    assert found == [
        (1, "-99999999999999999999999999.000000000001", LONG, at_us, LOCAL, ROWS[0][5]),
        (2, None, None, None, None, ""),
        (3, "0.250000000000", "1", at_us, LOCAL, None),
    ]
    assert [file.name for file in folder.iterdir()] == ["a.parquet"]


def test_the_types_are_those_of_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, COLUMNS, ROWS)
    with duckdb.connect() as database:
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    types = {row[0]: row[1] for row in described}
    assert types == {
        "id": "BIGINT",
        "price": "DECIMAL(38,12)",
        "average": "VARCHAR",
        "at_utc": "TIMESTAMP WITH TIME ZONE",
        "at_local": "VARCHAR",
        "note": "VARCHAR",
    }


def test_no_rows_are_a_file_with_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, COLUMNS, [])
    assert read(path) == []


def test_the_order_of_many_rows_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, [Column("id", Kind.WHOLE)], ([number] for number in range(150_000)))
    assert [row[0] for row in read(path)] == list(range(150_000))


def test_what_cannot_be_written_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(OSError):
        write_parquet(tmp_path / "a.parquet", COLUMNS, [])
