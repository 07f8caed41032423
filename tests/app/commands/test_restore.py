"""`stanchion restore`: what it offers when it is given nothing, and a rolling backup put back."""

import os
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.__main__ import main
from core.errors import DatabaseDamaged
from core.model.fill import Side
from data import migrations, preflight
from data.backup import copy_database
from data.integrity import examine
from data.preflight import DATABASE_NAME
from data.rolling_backup import backups_in
from data.store import open_store
from tests.data.books import ES, StillClock, book, fill, opened, put_empty_database


def test_a_file_that_is_not_there_is_answered_with_the_newest_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["restore", str(tmp_path / "nothing"), "--data-dir", str(tmp_path)]
    assert main(arguments) == 2
    assert "There are no backups" in capsys.readouterr().err
    (tmp_path / "backups").mkdir()
    for name in ("stanchion-20261119-220000Z.sqlite3", "stanchion-20261120-220000Z.sqlite3", "stanchion-v1-x.sqlite3"):
        (tmp_path / "backups" / name).touch()
    assert main(arguments) == 2
    newest = tmp_path / "backups" / "stanchion-20261120-220000Z.sqlite3"
    said = f"{tmp_path / 'nothing'} is not there. The newest verified backup is {newest}, and 1 older beside it."
    assert capsys.readouterr().err == f"stanchion: {said}\n"


def test_a_rolling_backup_brings_back_the_position_it_saw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_empty_database(tmp_path)
    store = open_store(tmp_path, StillClock())
    opened(store)
    assert main(["backup", "--data-dir", str(tmp_path)]) == 0
    (made,) = backups_in(tmp_path / "backups")
    assert capsys.readouterr().out == f"{made}: a whole copy, examined; 1 kept\n"
    book(store.positions, [fill("later", Side.SELL, "2")])
    store.close()
    (tmp_path / DATABASE_NAME).write_bytes(b"ruined")
    assert main(["restore", str(made), "--data-dir", str(tmp_path)]) == 0
    again = open_store(tmp_path, StillClock())
    position = again.positions.get_open_position(ES)
    assert position is not None and position.quantity == 2
    again.positions.prove()
    again.close()


def test_a_backup_that_does_not_add_up_is_exit_4_and_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_empty_database(tmp_path)
    store = open_store(tmp_path, StillClock())
    opened(store)
    with store.database.bare() as driver:
        driver.execute("DELETE FROM open_position")
    for target in ([], [str(tmp_path / "copy")]):
        assert main(["backup", *target, "--data-dir", str(tmp_path)]) == 4
        assert "stanchion doctor" in capsys.readouterr().err
    store.close()
    assert backups_in(tmp_path / "backups") == [] and not (tmp_path / "copy").exists()
    assert main(["backup", "--data-dir", str(tmp_path / "empty")]) == 2


def test_a_disk_without_room_for_the_copy_costs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, source = prepared(tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["restore", str(source), "--data-dir", str(folder)]) == 4
    assert "No space left on device" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
    assert not list(folder.glob("*.restored*"))


@pytest.mark.row(122)
@pytest.mark.parametrize("last", range(3))
def test_a_kill_between_two_renames_is_refused_at_the_next_start(
    tmp_path: Path, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, source = prepared(tmp_path)
    renames: list[Path] = []
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if len(renames) == last:
            raise KeyboardInterrupt
        renames.append(self)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    assert main(["restore", str(source), "--data-dir", str(folder)]) == 0  # the command was interrupted
    monkeypatch.undo()
    if last == 0:
        open_store(folder, StillClock()).close()
        return
    with pytest.raises(DatabaseDamaged):
        open_store(folder, StillClock())


def prepared(tmp_path: Path) -> tuple[Path, Path]:
    """Return a data folder in which something was booked after a backup, and the backup."""
    folder, source = tmp_path / "data", tmp_path / "copy"
    folder.mkdir()
    put_empty_database(folder)
    store = open_store(folder, StillClock())
    opened(store)
    copy_database(store.database.path, source)
    book(store.positions, [fill("later", Side.BUY, "1")])
    store.close()
    return folder, source


def test_a_backup_of_an_older_program_is_examined_as_renewed_and_restored_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = tmp_path / "older.sqlite3"
    create_database_of_version(older, "1")
    before = older.read_bytes()
    assert examine(older) == () and older.read_bytes() == before
    assert main(["restore", str(older), "--data-dir", str(tmp_path / "data")]) == 0
    assert "restored from" in capsys.readouterr().out
    assert preflight.check(tmp_path / "data" / DATABASE_NAME) == 1
    open_store(tmp_path / "data", StillClock()).close()
    assert preflight.check(tmp_path / "data" / DATABASE_NAME) == preflight.SCHEMA_VERSION


def create_database_of_version(path: Path, version: str) -> None:
    """Make a database as a program of an earlier version made it."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite+pysqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
