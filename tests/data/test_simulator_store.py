"""The simulated broker's file remembers exactly what was committed."""

import sqlite3
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged, PersistenceError, SchemaTooNew
from data.simulator_store import VERSION, SqliteSimulatorStore

ACCOUNT = {
    "name": "Sim1",
    "currency": "USD",
    "cash": "100000.10",
    "realized": "0",
    "commissions": "0",
    "day_us": "0",
    "day_equity": "0",
}
VALUE = {"name": "orders", "value": "7"}


def test_a_new_file_is_empty(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "deep" / "simulator.sqlite3")
    assert set(store.load()) == {"orders", "fills", "positions", "accounts", "evaluations", "values"}
    assert not any(store.load().values())
    store.close()


def test_committed_rows_are_there_after_reopening_digit_by_digit(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite3"
    store = SqliteSimulatorStore(path)
    store.commit({"accounts": [ACCOUNT], "values": [VALUE]}, {})
    store.commit({"accounts": [{**ACCOUNT, "cash": "99.990"}]}, {"values": [VALUE]})
    store.close()
    reopened = SqliteSimulatorStore(path)
    assert reopened.load()["accounts"] == [{**ACCOUNT, "cash": "99.990"}]
    assert reopened.load()["values"] == []
    reopened.close()


def test_rows_come_back_in_the_order_of_their_first_appearance(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
    for name in ("b", "a", "c", "b"):
        store.commit({"values": [{"name": name, "value": ""}]}, {})
    assert [row["name"] for row in store.load()["values"]] == ["b", "a", "c"]
    store.close()


def test_a_commit_is_all_or_nothing(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
    broken = {**VALUE, "name": None}
    with pytest.raises(PersistenceError):
        store.commit({"accounts": [ACCOUNT], "values": [broken]}, {})  # type: ignore[list-item]
    assert not any(store.load().values())
    store.commit({"accounts": [ACCOUNT]}, {})
    assert store.load()["accounts"] == [ACCOUNT]
    store.close()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match=str(VERSION + 1)):
        SqliteSimulatorStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    path.write_bytes(b"no database at all, but long enough to look at" * 50)
    with pytest.raises(DatabaseDamaged, match=r"s\.sqlite3"):
        SqliteSimulatorStore(path)


def test_the_disk_is_asked_to_keep_what_was_committed(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
    pragma = store._connection.execute
    assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
    assert pragma("PRAGMA synchronous").fetchone() == (2,)
    store.close()


def test_a_file_of_the_first_version_keeps_its_rows_and_gains_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    columns = ("name", "currency", "cash", "realized", "commissions")
    with sqlite3.connect(path) as connection:
        for table, names in {
            "orders": ("server_order_id",),
            "fills": ("execution_id",),
            "positions": ("account", "symbol"),
            "accounts": columns,
            "values": ("name", "value"),
        }.items():
            typed = ", ".join(f"{name} TEXT NOT NULL" for name in names)
            connection.execute(f'CREATE TABLE "{table}" ({typed}, PRIMARY KEY ({names[0]})) STRICT')
        connection.execute('INSERT INTO "accounts" VALUES (?, ?, ?, ?, ?)', tuple(ACCOUNT[name] for name in columns))
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    for _ in range(2):
        store = SqliteSimulatorStore(path)
        assert store._rows("accounts") == [ACCOUNT]
        assert store._rows("evaluations") == []
        store.close()


def test_a_file_of_the_second_version_keeps_its_orders_tied_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    tied = {"parent_id", "linked_id", "cancels_linked", "wanted", "taken"}
    tied |= {"distance", "keeps_price", "reference_price", "live_us"}
    SqliteSimulatorStore(path).close()
    with sqlite3.connect(path) as connection:
        for column in tied:
            connection.execute(f'ALTER TABLE "orders" DROP COLUMN {column}')
        names = [row[1] for row in connection.execute('PRAGMA table_info("orders")')]
        marks = ", ".join("?" for _ in names)
        connection.execute(f'INSERT INTO "orders" VALUES ({marks})', [f"<{name}>" for name in names])
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    store = SqliteSimulatorStore(path)
    (row,) = store.load()["orders"]
    assert {name: row[name] for name in names} == {name: f"<{name}>" for name in names}
    texts = {"parent_id", "linked_id", "distance", "reference_price"}
    assert {name: row[name] for name in tied} == {name: "" if name in texts else "0" for name in tied}
    store.close()
