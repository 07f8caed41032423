"""What is refused before anything is opened, and that it is left exactly as it was."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged, PersistenceError, SchemaTooNew
from data import preflight
from data.store import open_store
from tests.data.books import StillClock, opened, put_empty_database


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


def refused(path: Path) -> PersistenceError:
    """Check that preflight and the store refuse the file, and that not a byte of the folder changed."""
    before = contents(path.parent)
    with pytest.raises(PersistenceError) as caught:
        preflight.check(path)
    with pytest.raises(type(caught.value)):
        open_store(path.parent, StillClock())
    assert contents(path.parent) == before
    return caught.value


def set_version(path: Path, version: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def test_no_file_is_a_first_start(tmp_path: Path) -> None:
    assert preflight.check(tmp_path / preflight.DATABASE_NAME) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_ours_tells_its_version(tmp_path: Path) -> None:
    assert preflight.check(put_empty_database(tmp_path)) == preflight.SCHEMA_VERSION


@pytest.mark.row(99)
def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = put_empty_database(tmp_path)
    set_version(path, preflight.SCHEMA_VERSION + 1)
    error = refused(path)
    assert isinstance(error, SchemaTooNew)
    assert "newer Stanchion" in str(error) and str(path) in str(error)


@pytest.mark.row(99)
def test_a_newer_database_is_refused_while_its_version_is_only_in_the_log(tmp_path: Path) -> None:
    living, copied = tmp_path / "living", tmp_path / "copied"
    living.mkdir()
    path = put_empty_database(living)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA user_version = {preflight.SCHEMA_VERSION + 1}")
    shutil.copytree(living, copied)  # as a crash would leave it: the log is there, not yet in the file
    connection.close()
    assert (copied / f"{path.name}-wal").stat().st_size > 0
    assert isinstance(refused(copied / path.name), SchemaTooNew)


@pytest.mark.parametrize(
    "content", [b"", b"SQLite format 3", b"hello, this is no database at all\n" * 50, bytes(4096), b"\xff" * 100]
)
def test_what_is_no_database_is_refused_with_the_ways_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / preflight.DATABASE_NAME
    path.write_bytes(content)
    error = refused(path)
    assert isinstance(error, DatabaseDamaged)
    assert "stanchion doctor" in str(error) and "stanchion restore" in str(error)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / preflight.DATABASE_NAME
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert "not one of Stanchion" in str(refused(path))


@pytest.mark.parametrize("left", [0.3, 0.5, 0.99])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, left: float) -> None:
    path = put_empty_database(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)])
    assert "cut short" in str(refused(path))


def test_a_damaged_page_size_is_refused(tmp_path: Path) -> None:
    path = put_empty_database(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[16:18] = b"\x0f\xff"
    path.write_bytes(whole)
    assert "page size" in str(refused(path))


@pytest.mark.row(97)
def test_a_log_without_its_file_is_not_taken_for_a_first_start(tmp_path: Path) -> None:
    (tmp_path / f"{preflight.DATABASE_NAME}-wal").write_bytes(b"what is left")
    assert "is gone" in str(refused(tmp_path / preflight.DATABASE_NAME))


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / preflight.DATABASE_NAME
    path.mkdir()
    with pytest.raises(DatabaseDamaged, match="cannot be read"):
        preflight.check(path)


def test_a_log_that_is_still_to_be_applied_is_no_damage(tmp_path: Path) -> None:
    living, copied = tmp_path / "living", tmp_path / "copied"
    store = open_store(living, StillClock())
    opened(store)
    shutil.copytree(living, copied)
    store.close()
    assert (copied / f"{preflight.DATABASE_NAME}-wal").stat().st_size > 0
    assert preflight.check(copied / preflight.DATABASE_NAME) == preflight.SCHEMA_VERSION
    found = open_store(copied, StillClock())
    assert len(found.positions.recover_all_open_positions()) == 1
    found.close()


def test_the_question_is_asked_before_anything_heavy_is_imported() -> None:
    program = "import sys, data.preflight; assert not {'sqlalchemy', 'alembic'} & set(sys.modules), 'heavy'"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
