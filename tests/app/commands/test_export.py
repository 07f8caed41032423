"""`stanchion export` beside a running engine: the same numbers in every format, a whole file or none, one line."""

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Event

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.__main__ import main
from app.commands.export import day_begins
from app.config import StoredSettings
from app.engine import Engine, EngineSettings
from core import events
from core.clock import SystemClock
from core.model.contract import PRODUCTS, Product
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.scope import PositionKey
from data.export.words import Words
from data.store import open_store
from panels import formatting
from tests.data.books import StillClock, put_empty_database
from tests.data.export.sheet import table

WITHIN_S = 20.0
KEY = PositionKey("sim", "Sim1", "ESZ26_FUT_CME")
CONTRACT = Instrument(KEY.symbol, Decimal("0.25"), Decimal("12.5"), "USD", price_format=2)
PRICES = ("6500.25", "6500.5", "6501", "6502.75", "6503", "6503.25")  # thirds: an average no float holds
SIDES = (Side.BUY, Side.BUY, Side.BUY, Side.SELL, Side.SELL, Side.SELL)


def fill(number: int) -> Fill:
    now = datetime(2026, 11, 20, 14, 30, number, tzinfo=UTC)
    return Fill(KEY, f"=x{number}", SIDES[number], Decimal(1), Decimal(PRICES[number]), now, now, Decimal("2.1"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the data folder of an engine that runs and has booked a trade of six fills."""
    folder = tmp_path_factory.mktemp("running")
    put_empty_database(folder)
    engine = Engine(EngineSettings(folder, StoredSettings(installation="TEST"), ()), SystemClock())
    changed = Event()

    def hear(sender: object) -> None:
        changed.set()

    def wait(condition: Callable[[], bool]) -> None:
        while not condition():
            assert changed.wait(WITHIN_S), "nothing changed"
            changed.clear()

    with engine.state.changed.connected_to(hear):
        engine.start()
        engine.post(events.InstrumentReported(KEY.connection, CONTRACT))
        for number in range(len(PRICES)):
            engine.post(events.FillReceived(fill(number)))
        wait(lambda: len(engine.state.snapshot().trades) == 1)
        yield folder
    assert engine.state.snapshot().halted == ""
    engine.stop()


def exported(folder: Path, what: str, form: str, target: Path, *more: str) -> int:
    return main(["export", "--what", what, "--format", form, str(target), "--data-dir", str(folder), *more])


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_format_holds_the_numbers_of_the_database(
    running: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "xlsx", "parquet"):
        target = tmp_path / f"fills.{form}"
        assert exported(running, "fills", form, target) == 0
        assert capsys.readouterr() == (f"{target}: 6 fills, {form}\n", "")
    rows, cells = read_csv(tmp_path / "fills.csv"), table(tmp_path / "fills.xlsx")
    with duckdb.connect() as database:
        query = "SELECT execution_id, price::VARCHAR, price_text, epoch_us(fill_time_utc) FROM read_parquet(?)"
        packed = database.execute(query, [str(tmp_path / "fills.parquet")]).fetchall()
    for number, row in enumerate(rows):
        booked = fill(number)
        assert booked.fill_time is not None
        assert (row["execution_id"], row["price"]) == (f"'{booked.execution_id}", PRICES[number])
        assert row["price_text"] == f"{booked.price:.2f}" == cells[number]["price_text"]
        assert (cells[number]["execution_id"], cells[number]["price"]) == (booked.execution_id, booked.price)
        execution, price, text, at_us = packed[number]
        assert (execution, Decimal(price), text) == (booked.execution_id, booked.price, row["price_text"])
        assert at_us == int(booked.fill_time.timestamp()) * 1_000_000
        assert row["fill_time_local"].endswith("-06:00") and row["zone"] == "America/Chicago"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fills.csv", "fills.parquet", "fills.xlsx"]


def test_a_trade_has_its_result_and_its_average_to_the_last_digit_in_every_format(
    running: Path, tmp_path: Path
) -> None:
    for form in ("csv", "xlsx", "parquet"):
        assert exported(running, "trades", form, tmp_path / f"t.{form}") == 0
    (row,), (cell,) = read_csv(tmp_path / "t.csv"), table(tmp_path / "t.xlsx")
    with duckdb.connect() as database:
        query = "SELECT entry_price, realized_pnl::VARCHAR FROM read_parquet(?)"
        (packed,) = database.execute(query, [str(tmp_path / "t.parquet")]).fetchall()
    bought, sold = sum(Decimal(price) for price in PRICES[:3]), sum(Decimal(price) for price in PRICES[3:])
    assert Decimal(row["realized_pnl"]) == (sold - bought) * 50 == cell["realized_pnl"] == Decimal(packed[1])
    assert Decimal(row["entry_price"]) == bought / 3
    assert row["entry_price"] == cell["entry_price"] == packed[0]
    assert row["entry_price_text"] == "6500.5833"


@pytest.mark.parametrize("what", ["orders", "audit"])
def test_orders_and_the_audit_log_are_exported_too(
    running: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "xlsx", "parquet"):
        assert exported(running, what, form, tmp_path / f"a.{form}") == 0
    said = capsys.readouterr().out.splitlines()
    assert len(read_csv(tmp_path / "a.csv")) == len(table(tmp_path / "a.xlsx")) == int(said[0].split()[1])


def test_days_are_trading_days_as_in_the_window(running: Path, tmp_path: Path) -> None:
    assert day_begins(date(2026, 11, 20)) == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert day_begins(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    for day, count in (("2026-11-19", 0), ("2026-11-20", 6), ("2026-11-21", 0)):
        target = tmp_path / day
        assert exported(running, "fills", "csv", target, "--from", day, "--to", day, "--account", "Sim1") == 0
        assert len(read_csv(target)) == count


def test_what_cannot_be_is_one_line_and_exit_2(
    running: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    cases: list[tuple[list[object], str]] = [
        ([taken], "never replaces a file"),
        ([tmp_path / "no" / "folder"], "make it first"),
        ([tmp_path / "a", "--account", "Nobody"], "there are Sim1"),
        ([tmp_path / "a", "--from", "20.11.2026"], "expected a day as 2026-11-20"),
        ([tmp_path / "a", "--to", "0001-01-01"], "no trading day"),
        ([tmp_path / "a", "--from", "2026-11-21", "--to", "2026-11-20"], "is after"),
        ([tmp_path / "a", "--data-dir", tmp_path], "nothing to export"),
    ]
    for more, words in cases:
        target, *options = [str(one) for one in more]
        assert exported(running, "fills", "csv", Path(target), *options) == 2, more
        out, said = capsys.readouterr()
        assert out == "" and words in said and len(said.splitlines()) == 1
    assert main(["export", "--what", "secrets", "--format", "csv", str(tmp_path / "a")]) == 2
    assert taken.read_text() == "mine" and [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_damaged_database_is_exit_4_and_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stanchion.sqlite3").write_bytes(b"junk" * 1000)
    assert exported(tmp_path, "fills", "csv", tmp_path / "a.csv") == 4
    assert "stanchion doctor" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["stanchion.sqlite3"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_disk_that_refuses_is_exit_1_and_leaves_no_half_file(
    running: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    assert exported(running, "fills", form, tmp_path / "a") == 1
    out, said = capsys.readouterr()
    assert out == "" and "No space left on device" in said and "Nothing was left there" in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_somebody_makes_meanwhile_is_left_alone(
    running: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.csv"

    def somebody(*_: object) -> None:
        target.write_text("mine")

    monkeypatch.setattr(os, "fsync", somebody)
    assert exported(running, "fills", "csv", target) == 1
    assert target.read_text() == "mine" and "meanwhile" in capsys.readouterr().err


def test_a_database_a_crash_left_is_exported_with_what_its_log_holds(running: Path, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"
    shutil.copytree(running, crashed)
    assert exported(crashed, "fills", "csv", tmp_path / "a.csv") == 0
    assert len(read_csv(tmp_path / "a.csv")) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_an_export_is_for_the_user_only(running: Path, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "parquet"):
        assert exported(running, "fills", form, tmp_path / form) == 0
        assert (tmp_path / form).stat().st_mode & 0o077 == 0


def test_an_empty_database_gives_a_header_and_no_row(tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    open_store(tmp_path, StillClock()).close()
    for form in ("csv", "xlsx", "parquet"):
        assert exported(tmp_path, "fills", form, tmp_path / form) == 0
    assert read_csv(tmp_path / "csv") == [] == table(tmp_path / "xlsx")


@pytest.mark.parametrize("contract", PRODUCTS.values(), ids=lambda product: product.root)
@settings(max_examples=30)
@given(st.integers(-4000, 400_000), st.sampled_from(["1", "3", "7"]))
def test_a_price_reads_as_in_the_window_but_for_its_minus(contract: Product, ticks: int, parts: str) -> None:
    symbol = contract.root
    known = Instrument(symbol, contract.tick_size, contract.tick_value, "USD", price_format=contract.price_format)
    words = Words({("sim", symbol): known})
    price = contract.tick_size * ticks
    average = price + contract.tick_size / Decimal(parts)
    assert words.price(f"{price:f}", "sim", symbol) == formatting.price(price, known).replace("−", "-")
    assert words.average(f"{average:f}", "sim", symbol) == formatting.average(average, known).replace("−", "-")
