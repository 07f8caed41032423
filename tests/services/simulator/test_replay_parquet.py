"""Parquet recordings: the same records as from CSV, whatever the types, without the network."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from services.simulator.errors import UnreadableRecording
from services.simulator.replay_csv import CsvRecording
from services.simulator.replay_parquet import ParquetRecording
from services.simulator.replay_records import RecordedTrade, Terms
from tests.services.simulator.recordings import START_US, moments, rows, write_csv, write_parquet

D = Decimal
TERMS = {"MESZ25": Terms("MESZ25_FUT_CME", D("0.25"))}
UNNAMED = {"": Terms("X", D("0.1"))}


def written(path: Path, select: str) -> ParquetRecording:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {select}) TO '{path}' (FORMAT parquet)")
    return ParquetRecording(path)


def test_it_means_the_same_as_csv(tmp_path: Path) -> None:
    lines = rows(moments(9_000))
    as_csv = CsvRecording(write_csv(tmp_path / "a.csv", lines))
    as_parquet = ParquetRecording(write_parquet(tmp_path / "a.parquet", lines))
    assert as_parquet.symbols() == as_csv.symbols()
    assert repr(list(as_parquet.records(TERMS))) == repr(list(as_csv.records(TERMS)))


@pytest.mark.parametrize(
    "time",
    [
        f"{START_US}::BIGINT",
        "TIMESTAMP '2025-11-20 15:00:00'",
        "TIMESTAMP_NS '2025-11-20 15:00:00'",
        "TIMESTAMP_MS '2025-11-20 15:00:00'",
        "TIMESTAMPTZ '2025-11-20 15:00:00+00'",
        "'2025-11-20T15:00:00Z'",
    ],
)
@pytest.mark.parametrize("price", ["6500.1::DOUBLE", "6500.1::FLOAT", "6500.1::DECIMAL(18,4)", "'6500.1'"])
def test_times_and_prices_may_be_of_any_type(tmp_path: Path, time: str, price: str) -> None:
    recording = written(tmp_path / "t.parquet", f"{time} AS time, {price} AS price, 2 AS size, NULL AS aggressor")
    assert list(recording.records(UNNAMED)) == [RecordedTrade("X", START_US, D("6500.1"), D(2))]


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (f"{START_US} AS time, 'nan'::DOUBLE AS price, 1 AS size", "row 1: price is 'nan'"),
        (f"{START_US} AS time, NULL::DOUBLE AS price, 1 AS size", "row 1: price is ''"),
        ("DATE '2025-11-20' AS time, 5 AS price, NULL AS size", "row 1: size is ''"),
        (f"{START_US} AS time, 5 AS cost", "the columns are time, cost"),
    ],
)
def test_what_is_wrong_is_refused_with_its_row(tmp_path: Path, select: str, words: str) -> None:
    with pytest.raises(UnreadableRecording, match=words):
        list(written(tmp_path / "t.parquet", select).records(UNNAMED))


def test_what_is_no_parquet_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "junk.parquet"
    path.write_bytes(b"PAR1 this is not one PAR1" * 20)
    with pytest.raises(UnreadableRecording, match="cannot be read as Parquet") as refused:
        ParquetRecording(path).symbols()
    assert "\n" not in str(refused.value)
    with pytest.raises(UnreadableRecording, match="no such file"):
        ParquetRecording(tmp_path / "none.parquet").symbols()


def test_a_name_with_stars_and_brackets_is_that_file_and_no_other(tmp_path: Path) -> None:
    first = write_parquet(tmp_path / "a[1].parquet", rows(moments(1)))
    write_parquet(tmp_path / "a1.parquet", rows(moments(3)))
    assert len(list(ParquetRecording(first).records(TERMS))) == 2
