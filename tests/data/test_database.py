"""One writer, one thread at a time; what the disk says, in our words; a transaction is whole or nothing."""

import os
import shutil
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import DatabaseDamaged, DatabaseLocked, DiskFull, PersistenceError
from data.database import Database
from data.preflight import SCHEMA_VERSION
from tests.data.books import put_empty_database

ADD = text(
    "INSERT INTO run (started_at, alive_at) VALUES ('2026-11-21T09:30:00.000000Z', '2026-11-21T09:30:00.000000Z')"
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(put_empty_database(tmp_path), busy_timeout_ms=30)
    yield opened
    opened.close()


def add(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ADD)


def count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one())


def in_thread(work: Any) -> BaseException | None:
    """Run in another thread to its end; return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="other")
    thread.start()
    thread.join()
    return raised[0] if raised else None


@pytest.mark.row(125)
def test_the_connection_is_as_safe_as_sqlite_can_be(database: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30, "cell_size_check": 1}
    with database.reading() as connection:
        for pragma, value in expected.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value, pragma


def test_what_was_committed_is_there_for_another_connection(database: Database) -> None:
    add(database)
    other = sqlite3.connect(database.path)
    assert other.execute("SELECT count(*) FROM run").fetchone() == (1,)
    other.close()


def test_an_exception_undoes_everything(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute(ADD)
        _ = 1 / 0
    assert count(database) == 0
    add(database)
    assert count(database) == 1


def test_a_failing_second_statement_undoes_the_first(database: Database) -> None:
    with pytest.raises(PersistenceError, match="NOT NULL"), database.transaction() as connection:
        connection.execute(ADD)
        connection.exec_driver_sql("INSERT INTO run (started_at) VALUES (NULL)")
    assert count(database) == 0


def test_a_reader_inside_a_transaction_sees_its_changes(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ADD)
        assert count(database) == 1


def test_transactions_do_not_nest(database: Database) -> None:
    with pytest.raises(AssertionError, match="do not nest"), database.transaction(), database.transaction():
        pass


def test_a_reader_takes_no_lock(database: Database) -> None:
    writer = sqlite3.connect(database.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert count(database) == 0
    writer.execute("ROLLBACK")
    writer.close()


@pytest.mark.row(92)
def test_a_second_writer_is_told_within_the_bounded_wait(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match=r"another program holds it.*nothing was changed"):
        add(database)
    other.execute("ROLLBACK")
    add(database)
    assert count(database) == 1
    other.close()


def test_a_transaction_holds_the_lock_before_its_first_statement(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None, timeout=0.03)
    with database.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_two_databases_on_one_file_take_turns(database: Database, tmp_path: Path) -> None:
    other = Database(database.path, busy_timeout_ms=30)
    with database.transaction() as connection:
        connection.execute(ADD)
        with pytest.raises(DatabaseLocked):
            add(other)
    add(other)
    assert count(database) == 2
    other.close()


@pytest.mark.row(93)
def test_a_full_disk_undoes_the_transaction(database: Database) -> None:
    with database.bare() as driver:
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="no room left"), database.transaction() as connection:
        for _ in range(10_000):
            connection.execute(ADD)
    assert count(database) == 0
    with database.bare() as driver:
        driver.execute("PRAGMA max_page_count = 100000")
    add(database)
    assert count(database) == 1


class FailingCommit(sqlite3.Connection):
    """A disk that fails at the commit; what became of it is for the next reader to find out."""

    failing = False
    effect = False

    def commit(self) -> None:
        if not FailingCommit.failing:
            super().commit()
            return
        if FailingCommit.effect:
            super().commit()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error


@pytest.mark.row(95)
@pytest.mark.parametrize("effect", [False, True])
def test_a_failing_commit_leaves_the_outcome_to_a_fresh_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: bool
) -> None:
    original = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kw: original(*args, **kw, factory=FailingCommit))
    monkeypatch.setattr(FailingCommit, "effect", effect)
    database = Database(put_empty_database(tmp_path))
    monkeypatch.setattr(FailingCommit, "failing", True)
    with pytest.raises(PersistenceError, match="what became of the change is unknown"):
        add(database)
    monkeypatch.setattr(FailingCommit, "failing", False)
    # The old connection is gone; a new one sees what the disk has.
    assert count(database) == int(effect)
    add(database)
    assert count(database) == int(effect) + 1
    database.close()


def test_another_thread_may_not_use_it_unless_it_was_handed_over(database: Database) -> None:
    add(database)
    error = in_thread(lambda: add(database))
    assert isinstance(error, AssertionError) and "MainThread" in str(error)
    assert isinstance(in_thread(database.close), AssertionError)
    database.close()
    assert in_thread(lambda: add(database)) is None
    assert count(database) == 2


def test_the_file_is_closed_after_its_last_user_ended(database: Database) -> None:
    assert in_thread(lambda: add(database)) is None
    database.close()
    assert not Path(f"{database.path}-wal").exists()
    database.close()


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    database = Database(tmp_path / "nowhere.sqlite3")
    with pytest.raises(PersistenceError, match="cannot be opened"):
        add(database)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_called_so(database: Database) -> None:
    add(database)
    database.close()
    content = bytearray(database.path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * 4096 * 4
    database.path.write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="stanchion doctor"):
        database.quick_check()


def test_a_whole_file_passes_the_quick_check(database: Database) -> None:
    database.quick_check()
    assert database.user_version() == SCHEMA_VERSION


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_only_the_user_can_read_the_file_and_its_log(database: Database) -> None:
    os.chmod(database.path, 0o644)
    add(database)
    for file in (database.path, Path(f"{database.path}-wal"), Path(f"{database.path}-shm")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_read_only_connection_cannot_write(database: Database) -> None:
    engine = database.read_only()
    with engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(ADD)
    engine.dispose()


def test_a_reader_beside_the_writer_sees_one_state_until_it_ends(database: Database) -> None:
    engine = database.read_only()
    add(database)
    with engine.connect() as reader:
        for _ in range(3):
            assert reader.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 1
            add(database)
    with engine.connect() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 4
    engine.dispose()


@pytest.mark.row(108)
def test_a_reader_that_stays_holds_no_commit_up_and_its_log_shrinks_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.database._LOG_KEPT_BYTES", 50_000)
    database = Database(put_empty_database(tmp_path), busy_timeout_ms=30)
    log, engine = Path(f"{database.path}-wal"), database.read_only()
    with database.bare() as driver:
        driver.execute("PRAGMA wal_autocheckpoint = 20")
    with engine.connect() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 0
        for _ in range(250):
            add(database)
        assert reader.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 0
        grown = log.stat().st_size
    engine.dispose()
    for _ in range(5):
        add(database)
    assert log.stat().st_size <= 50_000 < grown
    assert count(database) == 255
    database.close()


def test_the_commit_time_is_the_median_of_the_last_hundred(database: Database) -> None:
    assert database.commit_ms() is None
    for _ in range(3):
        add(database)
    latency = database.commit_ms()
    assert latency is not None and 0 < latency < 60_000


def test_a_folder_with_any_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("Händler %20 #1 x=1" if sys.platform == "win32" else "Händler %20 #1 ?x=1")
    folder.mkdir()
    path = folder / "stanchion.sqlite3"
    shutil.copy(put_empty_database(tmp_path), path)
    database = Database(path)
    add(database)
    assert count(database) == 1
    database.close()
