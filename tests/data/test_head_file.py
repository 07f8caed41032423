"""An old state does not come back unnoticed: the log deleted, swapped, or the whole file replaced by an older one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.model.fill import Side
from data import preflight
from data.head_file import HeadFile, head_path, noted_head
from data.integrity import examine
from data.store import open_store
from tests.data.books import ES, StillClock, book, fill, opened


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A folder as a crash leaves it: a position opened and stored, then closed in the log only."""
    living, left = tmp_path / "living", tmp_path / "left"
    store = open_store(living, StillClock())
    opened(store)
    store.close()
    shutil.copytree(living, tmp_path / "before")
    store = open_store(living, StillClock())
    book(store.positions, [fill("e2", Side.SELL, "2", "5010")])
    shutil.copytree(living, left)
    store.close()
    return left


def log(folder: Path) -> Path:
    return folder / f"{preflight.DATABASE_NAME}-wal"


def lose_the_log(folder: Path) -> None:
    log(folder).unlink()


def empty_the_log(folder: Path) -> None:
    log(folder).write_bytes(b"")


def bring_the_log_of_another(folder: Path) -> None:
    other = folder.parent / "other"
    store = open_store(other, StillClock())
    opened(store)
    shutil.copy(log(other), log(folder))
    store.close()


def bring_an_old_copy(folder: Path) -> None:
    lose_the_log(folder)
    shutil.copy(folder.parent / "before" / preflight.DATABASE_NAME, folder)


def lose_the_index(folder: Path) -> None:
    (folder / f"{preflight.DATABASE_NAME}-shm").unlink()


def test_the_state_of_a_crash_is_the_last_one_committed(crashed: Path) -> None:
    store = open_store(crashed, StillClock())
    assert store.positions.get_open_position(ES) is None
    store.close()


@pytest.mark.row(97)
def test_the_index_of_the_log_is_made_anew(crashed: Path) -> None:
    lose_the_index(crashed)
    store = open_store(crashed, StillClock())
    assert store.positions.get_open_position(ES) is None
    store.close()


@pytest.mark.row(97)
@pytest.mark.parametrize("spoil", [lose_the_log, empty_the_log, bring_the_log_of_another, bring_an_old_copy])
def test_an_old_state_is_refused(crashed: Path, spoil: Callable[[Path], None]) -> None:
    spoil(crashed)
    with pytest.raises(DatabaseDamaged, match=r"older than it was: 2 audit rows of 3") as caught:
        open_store(crashed, StillClock())
    assert head_path(crashed / preflight.DATABASE_NAME).name in str(caught.value)
    assert any("older than it was" in finding for finding in examine(crashed / preflight.DATABASE_NAME))


def test_an_old_copy_that_is_meant_is_taken_without_the_note(crashed: Path) -> None:
    bring_an_old_copy(crashed)
    head_path(crashed / preflight.DATABASE_NAME).unlink()
    store = open_store(crashed, StillClock())
    stored = store.positions.get_open_position(ES)
    assert stored is not None and stored.quantity == 2
    store.close()


def test_a_file_that_is_gone_is_not_taken_for_a_first_start(crashed: Path) -> None:
    lose_the_log(crashed)
    (crashed / preflight.DATABASE_NAME).unlink()
    with pytest.raises(DatabaseDamaged, match="To begin anew, delete that too"):
        open_store(crashed, StillClock())


@pytest.mark.parametrize("note", [b"", b"soon", bytes(21), b"7", b"-0000000000000000001\n"])
def test_a_note_that_cannot_be_read_proves_nothing(crashed: Path, note: bytes) -> None:
    head_path(crashed / preflight.DATABASE_NAME).write_bytes(note)
    open_store(crashed, StillClock()).close()


def test_the_note_follows_every_commit_and_no_undone_one(tmp_path: Path) -> None:
    store = open_store(tmp_path, StillClock())
    path = store.database.path
    opened(store)
    assert noted_head(path) == 2
    with pytest.raises(ZeroDivisionError), store.database.transaction() as connection:
        store.audit.write(connection, "fill", "never", key=None, mode=None, cause="test", data={})
        _ = 1 / 0
    assert noted_head(path) == 2
    position = store.positions.get_open_position(ES)
    assert position is not None
    store.positions.update_trade_extremes([position])
    assert noted_head(path) == 2
    store.close()


def test_a_note_that_cannot_be_written_does_not_undo_what_is_committed(tmp_path: Path) -> None:
    store = open_store(tmp_path, StillClock())
    head_path(store.database.path).mkdir()
    opened(store)
    assert store.positions.get_open_position(ES) is not None
    store.close()


def test_a_shorter_number_is_written_over_a_longer_one(tmp_path: Path) -> None:
    note = HeadFile(tmp_path / "any")
    for sequence in (123_456, 7):
        note.write(sequence)
        assert noted_head(tmp_path / "any") == sequence
    note.close()
