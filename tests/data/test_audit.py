"""The chain: anybody can check it, and nobody can rewrite it unseen."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator

import pytest

from core.errors import DatabaseDamaged
from core.model.fill import Side
from core.model.scope import Mode
from data.store import Store
from tests.data.books import ACCOUNT, StillClock, book, fill, fresh_store, opened


@pytest.fixture
def store() -> Iterator[Store]:
    with fresh_store() as opened_store:
        yield opened_store


def say(store: Store, text: str = "theme is dark", **data: str) -> None:
    store.audit.append("setting", text, key=ACCOUNT, mode=Mode.SIM, cause="menu", data=data)


def rows(store: Store) -> list[dict[str, object]]:
    with store.database.reading() as connection:
        return [
            dict(row) for row in connection.exec_driver_sql("SELECT * FROM audit_event ORDER BY sequence").mappings()
        ]


def tamper(store: Store, *statements: str) -> None:
    """Be somebody with an SQLite tool who knows about the triggers."""
    store.hand_over()
    other = sqlite3.connect(store.database.path, isolation_level=None)
    for verb in ("UPDATE", "DELETE"):
        other.execute(f"DROP TRIGGER audit_event_never_{verb}")
    for statement in statements:
        other.execute(statement)
    other.close()


def test_the_hash_is_what_the_documents_say(store: Store) -> None:
    opened(store)
    say(store, "Ä “quoted” line\nbreak", b="2", a="1")
    previous = "0" * 64
    for number, row in enumerate(rows(store), 1):
        stored = row.pop("hash")
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        assert stored == previous
        assert row["sequence"] == number
    assert store.audit.verify_chain() == len(rows(store)) == 3


def test_an_empty_log_is_whole(store: Store) -> None:
    assert store.audit.verify_chain() == 0
    assert store.audit.verify_chain(newest=5) == 0


def test_an_undone_transaction_leaves_no_gap(store: Store) -> None:
    say(store)
    with pytest.raises(ZeroDivisionError), store.database.transaction() as connection:
        store.audit.write(connection, "fill", "never", key=None, mode=None, cause="test", data={})
        _ = 1 / 0
    say(store)
    assert [row["sequence"] for row in rows(store)] == [1, 2]
    assert store.audit.verify_chain() == 2


def test_the_newest_rows_can_be_checked_alone(store: Store) -> None:
    for _ in range(10):
        say(store)
    assert store.audit.verify_chain(newest=3) == 3
    assert store.audit.verify_chain(newest=10) == 10
    assert store.audit.verify_chain(newest=99) == 10


@pytest.mark.row(107)
@pytest.mark.parametrize("column", ["time", "kind", "connection", "account", "mode", "text", "cause", "data", "hash"])
def test_a_changed_column_shows(store: Store, column: str) -> None:
    for _ in range(5):
        say(store)
    values = {"time": "2030-01-01T00:00:00.000000Z", "mode": "LIVE", "hash": "f" * 64}
    tamper(store, f"UPDATE audit_event SET {column} = '{values.get(column, 'other')}' WHERE sequence = 3")
    with pytest.raises(DatabaseDamaged, match=r"row 3 does not fit"):
        store.audit.verify_chain()
    with pytest.raises(DatabaseDamaged):
        store.audit.verify_chain(newest=3)
    if column != "hash":
        assert store.audit.verify_chain(newest=2) == 2


def test_a_row_taken_out_shows(store: Store) -> None:
    for _ in range(5):
        say(store)
    tamper(store, "DELETE FROM audit_event WHERE sequence = 3")
    with pytest.raises(DatabaseDamaged, match="row 3 is missing before 4"):
        store.audit.verify_chain()
    with pytest.raises(DatabaseDamaged):
        store.audit.verify_chain(newest=2)


def test_closing_the_gap_by_renumbering_shows(store: Store) -> None:
    for _ in range(5):
        say(store)
    tamper(
        store,
        "DELETE FROM audit_event WHERE sequence = 3",
        "UPDATE audit_event SET sequence = sequence - 1 WHERE sequence > 3",
    )
    with pytest.raises(DatabaseDamaged, match="row 3 does not fit"):
        store.audit.verify_chain()


def test_a_row_put_in_shows(store: Store) -> None:
    say(store)
    tamper(
        store,
        "INSERT INTO audit_event SELECT 2, time, kind, connection, account, mode, text, cause, data, hash "
        "FROM audit_event",
    )
    with pytest.raises(DatabaseDamaged, match="row 2 does not fit"):
        store.audit.verify_chain()


@pytest.mark.parametrize(
    "name", ["password", "Password", "api_key", "apiKey", "secret", "client_secret", "token", "passphrase", "pass"]
)
def test_a_secret_is_never_stored(store: Store, name: str) -> None:
    say(store, **{name: "hunter2", "user": "anna"})
    url = "dtc://anna:hunter2@localhost:11099"
    store.audit.append(
        "command", f"connecting to {url}", key=None, mode=None, cause=f"--connect {url}", data={"u": url}
    )
    store.hand_over()
    assert b"hunter2" not in store.database.path.read_bytes()
    stored = rows(store)
    assert json.loads(str(stored[0]["data"])) == {name: "•••", "user": "anna"}
    assert stored[1]["text"] == "connecting to dtc://anna:•••@localhost:11099"


def test_what_only_sounds_like_a_secret_is_kept(store: Store) -> None:
    say(store, "SELL 2: tokenless", passing="yes", symbol="ESZ6", url="dtc://localhost:11099")
    assert json.loads(str(rows(store)[0]["data"])) == {
        "passing": "yes",
        "symbol": "ESZ6",
        "url": "dtc://localhost:11099",
    }


def test_every_fill_says_what_it_did_and_why(store: Store) -> None:
    opened(store)
    book(store.positions, [fill("e2", Side.SELL, "5", "5010.25", order="ST01")])
    row = rows(store)[-1]
    assert (row["kind"], row["account"], row["connection"], row["mode"]) == ("fill", "Sim1", "sim", "SIM")
    assert row["text"] == "SELL 5 ESZ6 at 5010.25: SHORT 3"
    assert row["cause"] == "test"
    assert json.loads(str(row["data"])) == {
        "execution_id": "e2",
        "source": "OURS",
        "before": "2",
        "after": "-3",
        "client_order_id": "ST01",
        "realized_pnl": "1025",
    }


def test_every_kind_of_change_is_explained(store: Store) -> None:
    clock = StillClock()
    store.runs.begin(clock.now())
    opened(store)
    store.accounts.set_fills_anchor(ACCOUNT, clock.now())
    store.runs.beat(clock.now())
    store.runs.end(clock.now())
    assert [row["kind"] for row in rows(store)] == ["run", "instrument", "fill", "account", "run"]
    assert all(row["cause"] for row in rows(store))
