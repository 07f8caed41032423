"""What is read for an export is what the database holds, of one moment, in its order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import ConfigurationError, DatabaseDamaged, PersistenceError, SchemaTooNew
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.scope import PositionKey
from core.sheet import Kind, Value
from data import preflight
from data.export.columns import What
from data.export.reading import Wanted, reading
from data.store import Store
from tests.data.books import ES, START, book, fill, fresh_store, opened

FILLS = Wanted(What.FILLS)


def rows(store: Store, wanted: Wanted = FILLS) -> list[dict[str, Value]]:
    with reading(store.database.path, wanted) as found:
        names = [column.name for column in found.columns]
        assert len(set(names)) == len(names)
        read = [dict(zip(names, row, strict=True)) for row in found.rows]
        assert found.count == len(read)
    return read


def test_a_fill_has_its_exact_price_its_price_as_quoted_and_its_time_twice() -> None:
    with fresh_store() as store:
        opened(store, "2", "5000.5")
        (row,) = rows(store)
    assert (row["price"], row["price_text"], row["qty"], row["side"]) == ("5000.5", "5000.50", "2", "BUY")
    assert row["fill_time_utc"] == "2026-11-20T14:30:00.000000Z"
    # No product of the calendar has this symbol, so its zone is UTC.
    assert (row["fill_time_local"], row["zone"]) == ("2026-11-20T14:30:00.000000+00:00", "UTC")


def test_times_are_in_the_zone_of_the_products_exchange_with_their_offset() -> None:
    key = PositionKey("sim", "Sim1", "ESZ26_FUT_CME")
    with fresh_store() as store:
        book(store.positions, [replace(fill("a", Side.BUY, "1", "5000"), key=key)], Instrument(key.symbol))
        (row,) = rows(store)
    assert (row["fill_time_local"], row["zone"]) == ("2026-11-20T08:30:00.000000-06:00", "America/Chicago")
    assert row["price_text"] == "5000"


def test_a_note_is_written_in_thirty_seconds_beside_its_decimal() -> None:
    key = PositionKey("sim", "Sim1", "ZNZ26_FUT_CME")
    note = Instrument(key.symbol, Decimal("0.015625"), Decimal("15.625"), "USD", price_format=134)
    with fresh_store() as store:
        store.accounts.save_instrument("sim", note, ())
        book(store.positions, [replace(fill("a", Side.BUY, "1", "110.515625"), key=key)], note)
        (row,) = rows(store)
    assert (row["price"], row["price_text"]) == ("110.515625", "110'165")


def test_an_average_is_exact_and_written_as_on_screen() -> None:
    with fresh_store() as store:
        opened(store, "2", "5000")
        book(
            store.positions,
            [fill("b", Side.BUY, "1", "5000.25"), fill("c", Side.SELL, "3", "4999.75", commission="2.10")],
        )
        (row,) = rows(store, Wanted(What.TRADES))
        stored = store.positions.recent_trades(1)[0]
    assert row["entry_price"] == f"{stored.entry_price:f}" and row["entry_price_text"] == "5000.0833"
    assert (row["exit_price_text"], row["realized_pnl"]) == ("4999.75", f"{stored.realized_pnl:f}")
    assert (row["commissions"], row["note"], row["entry_vwap"]) == ("6.3", "", None)


def test_every_row_of_the_audit_log_comes_with_its_hash() -> None:
    with fresh_store() as store:
        opened(store)
        found = rows(store, Wanted(What.AUDIT))
        assert [row["sequence"] for row in found] == list(range(1, len(found) + 1))
        assert all(len(str(row["hash"])) == 64 and row["time_utc"] for row in found)
        assert found[-1]["zone"] == "UTC"


@pytest.mark.parametrize("what", What)
def test_no_column_of_a_table_is_left_out(what: What) -> None:
    with fresh_store() as store, reading(store.database.path, Wanted(what)) as found:
        with store.database.reading() as connection:
            table = {What.TRADES: "trade_record", What.FILLS: "fill_record", What.ORDERS: "order_record"}
            info = connection.exec_driver_sql(f"PRAGMA table_info({table.get(what, 'audit_event')})")
            stored = {row.name for row in info}
        named = {column.name.removesuffix("_utc") for column in found.columns}
        assert {name.removesuffix("_at") for name in stored} <= {name.removesuffix("_at") for name in named}
        locals_ = [column for column in found.columns if column.name.endswith("_local")]
        assert len(locals_) == sum(column.kind is Kind.TIME for column in found.columns)


def test_only_the_account_and_the_days_asked_for_are_read() -> None:
    other = replace(ES, account="Sim2")
    late = START + timedelta(days=1)
    with fresh_store() as store:
        book(store.positions, [fill("a", Side.BUY, "1", "5000"), replace(fill("b", Side.BUY, "1", "5000"), key=other)])
        book(store.positions, [replace(fill("c", Side.BUY, "1", "5000"), fill_time=late)])
        book(store.positions, [replace(fill("d", Side.BUY, "1", "5000"), fill_time=None, received_at=late)])

        def ids(wanted: Wanted) -> list[Value]:
            return [row["execution_id"] for row in rows(store, wanted)]

        assert ids(FILLS) == ["a", "b", "c", "d"]
        assert ids(Wanted(What.FILLS, "Sim2")) == ["b"]
        assert ids(Wanted(What.FILLS, since=late)) == ["c", "d"]
        assert ids(Wanted(What.FILLS, "Sim1", START, late)) == ["a"]


def test_an_unknown_account_is_refused_and_the_known_are_named() -> None:
    with fresh_store() as store:
        with pytest.raises(ConfigurationError, match="there is none yet"):
            rows(store, Wanted(What.FILLS, "Sim9"))
        opened(store)
        with pytest.raises(ConfigurationError, match="'Sim9' in this database; there are Sim1"):
            rows(store, Wanted(What.FILLS, "Sim9"))


def test_what_is_written_meanwhile_is_neither_held_up_nor_seen() -> None:
    with fresh_store() as store:
        opened(store)
        with reading(store.database.path, FILLS) as found:
            book(store.positions, [fill("later", Side.BUY, "1", "5001")])
            assert (found.count, len(list(found.rows))) == (1, 1)
        assert [row["execution_id"] for row in rows(store)] == ["open", "later"]


def test_a_writer_in_the_middle_of_a_transaction_stops_no_export() -> None:
    with fresh_store() as store:
        opened(store)
        with store.database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM open_position")
            assert len(rows(store)) == 1


def test_nothing_is_changed_by_reading() -> None:
    with fresh_store() as store:
        opened(store)
        files = [store.database.path, store.database.path.with_name(f"{store.database.path.name}-wal")]
        before = [file.read_bytes() for file in files]
        rows(store)
        assert [file.read_bytes() for file in files] == before


def test_a_database_that_is_missing_damaged_newer_or_older_is_refused(tmp_path: Path) -> None:
    path = tmp_path / preflight.DATABASE_NAME
    with pytest.raises(ConfigurationError, match="no database yet"), reading(path, FILLS):
        pass
    path.write_bytes(b"no database" * 500)
    with pytest.raises(DatabaseDamaged, match="not a database"), reading(path, FILLS):
        pass
    path.unlink()
    with fresh_store() as store:
        for version, error in ((99, SchemaTooNew), (0, PersistenceError)):
            with store.database.bare() as driver:
                driver.execute(f"PRAGMA user_version = {version}")
            with pytest.raises(error), reading(store.database.path, FILLS):
                pass
            with store.database.bare() as driver:
                driver.execute(f"PRAGMA user_version = {preflight.SCHEMA_VERSION}")


def test_an_older_database_is_refused_with_the_way_to_renew_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_store() as store:
        monkeypatch.setattr(preflight, "SCHEMA_VERSION", preflight.SCHEMA_VERSION + 1)
        with pytest.raises(PersistenceError, match="Start the terminal once"), reading(store.database.path, FILLS):
            pass


def test_a_page_that_is_damaged_ends_the_reading_with_a_sentence() -> None:
    with fresh_store() as store:
        opened(store)
        for number in range(400):
            book(store.positions, [fill(f"x{number}", Side.BUY if number % 2 else Side.SELL, "1", "5000")])
        store.close()
        path = store.database.path
        with store.database.bare() as driver:
            (root,) = driver.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'fill_record'").fetchone()
            (size,) = driver.execute("PRAGMA page_size").fetchone()
        store.close()
        content = bytearray(path.read_bytes())
        content[(root - 1) * size : root * size] = b"\xff" * size
        path.write_bytes(content)
        with pytest.raises(PersistenceError):
            rows(store)
