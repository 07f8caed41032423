"""The first look: the same values the store gives, without a trace on the disk, and nothing where there is doubt."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import Account, Mode, PositionKey
from data import first_look as looked
from data import preflight, schema
from data.first_look import first_look
from data.store import Store, open_store
from data.types import DecimalText, UtcDateTime
from tests.data.books import ACCOUNT, ES, ES_CONTRACT, START, StillClock, book, fill

BTC = PositionKey("sim", "Sim1", "BTCUSD")
TABLES = (schema.OPEN_POSITION, schema.ORDER_RECORD, schema.ACCOUNT, schema.INSTRUMENT)


def stop(name: str, state: OrderState) -> Order:
    return Order(
        ES, name, Side.SELL, Intent.PROTECT, OrderType.STOP, Decimal(2), START, START, trigger_price=Decimal("4990.25"),
        state=state, server_order_id="7",
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path, StillClock())
    made.accounts.save(Account(ACCOUNT, Mode.SIM, "USD"))
    made.accounts.save_instrument("sim", ES_CONTRACT, ())
    book(made.positions, [fill("a", Side.BUY, "3", "5000.25"), fill("b", Side.SELL, "1", "5001.75")])
    book(made.positions, [fill("c", Side.SELL, "0.125", None, key=BTC, commission=None)], Instrument(BTC.symbol))
    made.orders.save(stop("working", OrderState.WORKING), Mode.SIM, "test")
    made.orders.save(stop("gone", OrderState.CANCELLED), Mode.SIM, "test")
    return made


def files(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.iterdir() if file.is_file() and file.stat().st_size}


def test_it_says_what_the_store_says(store: Store, tmp_path: Path) -> None:
    expected = (
        store.positions.recover_all_open_positions(),
        store.orders.alive(),
        store.accounts.accounts(),
        store.accounts.instruments(),
    )
    store.close()

    look = first_look(tmp_path / preflight.DATABASE_NAME)

    assert look is not None
    assert (look.positions, look.orders, look.accounts, look.instruments) == expected
    assert [position.quantity for position in look.positions] == [Decimal("-0.125"), Decimal(2)]


def test_it_sees_what_a_crash_left_in_the_log(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / f"{preflight.DATABASE_NAME}-wal").stat().st_size
    look = first_look(tmp_path / preflight.DATABASE_NAME)
    assert look is not None
    assert look.positions == store.positions.recover_all_open_positions()
    store.close()


def test_it_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    store.close()
    before = files(tmp_path)
    assert first_look(tmp_path / preflight.DATABASE_NAME) is not None
    left = {name: size for name, size in files(tmp_path).items() if not name.endswith("-shm")}
    assert left == before


def test_there_is_none_where_there_is_no_database(tmp_path: Path) -> None:
    assert first_look(tmp_path / preflight.DATABASE_NAME) is None
    assert list(tmp_path.iterdir()) == []


def test_there_is_none_while_something_lies_in_the_emergency_log(store: Store, tmp_path: Path) -> None:
    store.close()
    (tmp_path / preflight.EMERGENCY_NAME).touch()
    assert first_look(tmp_path / preflight.DATABASE_NAME) is None


@pytest.mark.parametrize("version", [0, preflight.SCHEMA_VERSION + 1])
def test_there_is_none_of_another_schema(store: Store, tmp_path: Path, version: int) -> None:
    with store.database.bare() as driver:
        driver.execute(f"PRAGMA user_version = {version}")
    store.close()
    assert first_look(tmp_path / preflight.DATABASE_NAME) is None


def test_there_is_none_of_a_damaged_file(store: Store, tmp_path: Path) -> None:
    store.close()
    path = tmp_path / preflight.DATABASE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    assert first_look(path) is None


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_the_values_of_every_column_are_those_of_its_type(table: Table) -> None:
    for column in table.c:
        assert (column.name in looked.FIGURES) == isinstance(column.type, DecimalText), column.name
        assert (column.name in looked.TIMES) == isinstance(column.type, UtcDateTime), column.name


def test_it_asks_for_the_orders_of_the_index() -> None:
    assert str(schema.ALIVE) in looked._ALIVE_ORDERS


def test_it_does_not_import_sqlalchemy() -> None:
    script = "import sys, data.first_look; sys.exit('sqlalchemy' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
