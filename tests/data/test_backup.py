"""A copy is a database of its own, whole, whatever the original was doing."""

import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from core.errors import PersistenceError
from core.model.fill import Side
from data import preflight
from data.backup import back_up, copy_database, sound_copy
from data.integrity import examine
from data.store import open_store
from tests.data.books import ES, StillClock, book, fill, opened


@pytest.mark.row(106)
def test_a_backup_of_a_store_in_use_is_a_whole_database(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    opened(store)
    copy = tmp_path / "elsewhere" / preflight.DATABASE_NAME
    assert back_up(store.database, copy) == copy
    book(store.positions, [fill("later", Side.SELL, "1")])
    store.close()
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]
    assert examine(copy) == ()
    restored = open_store(copy.parent, StillClock())
    stored = restored.positions.get_open_position(ES)
    assert stored is not None and stored.quantity == 2
    assert not restored.positions.has_fill(ES.account_key, "later")
    restored.positions.prove()
    restored.close()


def test_a_backup_in_the_middle_of_a_transaction_holds_what_was_committed(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    opened(store)
    copy = tmp_path / preflight.DATABASE_NAME
    with store.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM open_position")
        back_up(store.database, copy)
    store.close()
    assert examine(copy) == ()


def test_what_a_crash_left_is_copied_with_its_log_and_stays_as_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    opened(store)
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path / "data", crashed)
    store.close()
    files = [crashed / preflight.DATABASE_NAME, crashed / f"{preflight.DATABASE_NAME}-wal"]
    before = [file.read_bytes() for file in files]
    copy = copy_database(files[0], tmp_path / "copy" / preflight.DATABASE_NAME)
    assert [file.read_bytes() for file in files] == before
    found = open_store(copy.parent, StillClock())
    assert found.positions.get_open_position(ES) is not None
    found.close()


@pytest.mark.row(122)
def test_a_copy_that_fails_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"no database" * 500)
    for source in ("nowhere", "broken"):
        with pytest.raises(PersistenceError, match="could not be made"):
            copy_database(tmp_path / source, tmp_path / "copies" / "copy")
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_a_copy_is_for_the_user_only(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    copy = back_up(store.database, tmp_path / "copies" / "copy")
    store.close()
    assert copy.stat().st_mode & 0o777 == 0o600 and copy.parent.stat().st_mode & 0o777 == 0o700


def test_a_copy_is_examined_where_it_lies_as_thoroughly_as_any_file_and_stays_as_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    opened(store)
    copy = back_up(store.database, tmp_path / "copy")
    store.close()
    before = copy.read_bytes()
    sound_copy(copy)
    assert copy.read_bytes() == before and {path.name for path in copy.parent.iterdir()} == {"data", "copy"}
    other = sqlite3.connect(copy, isolation_level=None)
    other.execute("PRAGMA ignore_check_constraints = ON")
    other.execute("UPDATE instrument SET tick_size = '0.50'")
    other.close()
    assert examine(copy) == examine(copy, in_place=True) != ()
    with pytest.raises(PersistenceError, match="earlier backups stay"):
        sound_copy(copy)
