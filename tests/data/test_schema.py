"""The tables as the outside relies on them, and what they refuse."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.model.alert import AlertKind, Way
from core.model.fill import FillSource, Side
from core.model.order import Held, Intent, OrderState, OrderType, TimeInForce
from core.model.scope import Mode
from data.schema import METADATA
from tests.data.books import fresh_store, opened, put_empty_database

PROMISED = {
    "open_position": "id connection account symbol mode qty side entry_price entry_time target_price stop_price "
    "entry_vwap entry_cum_delta entry_poc trade_min_price trade_max_price realized_pnl commissions mae mfe "
    "extremes_complete heat_total_s heat_max_s initial_risk max_qty currency created_at updated_at",
    "trade_record": "id connection account symbol mode side qty entry_price exit_price entry_time exit_time "
    "realized_pnl commissions initial_risk r_multiple mae mfe efficiency currency entry_vwap entry_cum_delta "
    "entry_poc exit_vwap exit_cum_delta exit_reason source note",
    "fill_record": "id connection account symbol mode execution_id leg client_order_id server_order_id side qty price "
    "commission fill_time received_at source",
    "order_record": "client_order_id server_order_id connection account symbol mode side intent type qty filled_qty "
    "price trigger_price tif state held reason parent_client_order_id oco_client_order_id created_at updated_at",
    "account": "connection name mode currency",
    "instrument": "connection symbol",
    "operation": "operation_id",
    "guard_lock": "id",
    "run": "id started_at ended_at",
    "equity_point": "id connection account",
    "audit_event": "sequence time kind account mode text cause data hash",
}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(put_empty_database(tmp_path), isolation_level=None)
    yield connection
    connection.close()


def squeezed(sql: str) -> str:
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))


def test_the_migrations_make_what_the_program_expects(file: sqlite3.Connection) -> None:
    dialect = sqlite.dialect()
    tables = METADATA.tables.values()
    expected = {table.name: squeezed(str(CreateTable(table).compile(dialect=dialect))) for table in tables}
    for index in [index for table in tables for index in table.indexes]:
        expected[str(index.name)] = squeezed(str(CreateIndex(index).compile(dialect=dialect)))
    made = {
        name: squeezed(sql)
        for name, sql in file.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
        if sql is not None and name != "alembic_version"
    }
    assert made == expected


def test_every_promised_column_is_there(file: sqlite3.Connection) -> None:
    for table, columns in PROMISED.items():
        present = {row[1] for row in file.execute(f"PRAGMA table_info({table})")}
        assert set(columns.split()) <= present, table


def test_every_table_is_strict_and_every_column_text_or_integer(file: sqlite3.Connection) -> None:
    for _, name, kind, _, _, strict in file.execute("PRAGMA table_list").fetchall():
        if kind == "table" and not name.startswith("sqlite_") and name != "alembic_version":
            assert strict == 1, name
            assert {row[2] for row in file.execute(f"PRAGMA table_info({name})")} <= {"TEXT", "INTEGER"}, name


def test_every_word_of_the_domain_can_be_stored(file: sqlite3.Connection) -> None:
    for table, column, words in (
        ("fill_record", "side", Side),
        ("fill_record", "source", FillSource),
        ("trade_record", "source", FillSource),
        ("order_record", "state", OrderState),
        ("order_record", "type", OrderType),
        ("order_record", "tif", TimeInForce),
        ("order_record", "intent", Intent),
        ("order_record", "held", Held),
        ("order_record", "mode", Mode),
        ("alert", "kind", AlertKind),
        ("alert", "way", Way),
    ):
        sql = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        found = re.search(rf"CHECK \({column} IN \(([^)]*)\)", sql)
        assert found is not None
        assert set(re.findall(r"'([^']+)'", found.group(1))) == {word.value for word in words}, (table, column)


def change(column: str, value: object) -> None:
    """Write one column of a stored position behind the program's back."""
    with fresh_store() as store:
        opened(store)
        store.hand_over()
        other = sqlite3.connect(store.database.path, isolation_level=None)
        try:
            other.execute(f"UPDATE open_position SET {column} = ?", (value,))
        finally:
            other.close()


@pytest.mark.row(109)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("qty", "1E+3"),
        ("qty", "NaN"),
        ("qty", "2.0"),
        ("qty", "-0"),
        ("qty", "0"),
        ("qty", ""),
        ("qty", " 2"),
        ("qty", "-2"),  # LONG with a minus
        ("qty", None),
        ("qty", b"2"),
        ("entry_price", "Infinity"),
        ("entry_price", "5000."),
        ("entry_price", "five"),
        ("max_qty", "-2"),
        ("side", "SHORT"),
        ("side", "FLAT"),
        ("mode", "live"),
        ("entry_time", "2026-11-21 09:30:00"),
        ("entry_time", "2026-11-21T09:30:00.000000+00:00"),
        ("extremes_complete", 2),
        ("heat_total_s", "long"),
        ("heat_total_s", 1.5),
        ("currency", None),
    ],
)
def test_a_value_that_was_not_written_by_us_is_refused(column: str, value: object) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        change(column, value)


@pytest.mark.parametrize(("column", "value"), [("qty", "3.5"), ("entry_price", "-12.25"), ("mode", None)])
def test_a_value_as_we_write_it_is_taken(column: str, value: object) -> None:
    change(column, value)


@pytest.mark.parametrize("table", ["fill_record", "audit_event"])
def test_what_only_grows_refuses_to_be_changed(table: str) -> None:
    with fresh_store() as store:
        opened(store)
        store.hand_over()
        other = sqlite3.connect(store.database.path, isolation_level=None)
        try:
            for statement in (f"UPDATE {table} SET mode = NULL", f"DELETE FROM {table}"):
                with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                    other.execute(statement)
        finally:
            other.close()


def test_the_orders_that_are_alive_are_found_through_their_index(file: sqlite3.Connection) -> None:
    plan = file.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM order_record WHERE state NOT IN "
        "('FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'DENIED') ORDER BY id"
    ).fetchall()
    assert "order_alive" in str(plan)
