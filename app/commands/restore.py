"""`stanchion restore FILE`: put a copy in the place of the database."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from app.data_folder import LOCK_NAME
from core.errors import ConfigurationError, DataFolderBusy, PersistenceError
from data.backup import copy_database, sound
from data.head_file import head_path
from data.preflight import DATABASE_NAME
from data.rolling_backup import FOLDER, backups_in
from data.schema_upgrade import synchronise_folder


def restore(arguments: Sequence[str]) -> int:
    """Put a backup in the place of the database; the old files are renamed, never deleted.

    Raises:
        ConfigurationError: the backup does not exist.
        DataFolderBusy: a terminal uses the folder.
        PersistenceError: the backup does not add up; nothing was changed.
    """
    parser = OneLineParser(prog="stanchion restore", description="Put a backup in the place of the database.")
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parsed = with_data_folder(parser).parse_args(arguments)
    folder, source = data_folder(parsed), parsed.file.expanduser().resolve()
    if not source.is_file():
        raise ConfigurationError(f"{source} is not there. {_offered(folder)}")
    sound(source)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK_NAME, timeout=0):
            copied = copy_database(source, folder / f"{DATABASE_NAME}.restored")
            kept = _put_in_place(copied, folder / DATABASE_NAME)
    except Timeout:
        raise DataFolderBusy(f"{folder} is in use by a running Stanchion; end it first.") from None
    except OSError as error:
        raise PersistenceError(f"{folder} cannot be written: {error.strerror or error}.") from error
    sys.stdout.write(f"{folder / DATABASE_NAME}: restored from {source}{kept}\n")
    return 0


def _offered(folder: Path) -> str:
    """Say which backups there are."""
    found = backups_in(folder / FOLDER)
    if not found:
        return f"There are no backups in {folder / FOLDER} either."
    older = f", and {len(found) - 1} older beside it" if len(found) > 1 else ""
    return f"The newest verified backup is {found[0]}{older}."


def _put_in_place(copied: Path, database: Path) -> str:
    """Rename the database and what belongs to it, and the copy to its name; returns what to say of it.

    The note of how far the audit log had come goes last. A kill between two renames leaves it, and with it the next
    start refuses what it finds, instead of making a new database or taking an old one for the latest.
    """
    ending = f".before-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    moved = [
        _renamed(path, ending)
        for path in (database, *(database.with_name(f"{database.name}{suffix}") for suffix in ("-wal", "-shm")))
    ]
    copied.rename(database)
    moved.append(_renamed(head_path(database), ending))
    synchronise_folder(database.parent)
    return f"; the files before are kept as *{ending}" if any(moved) else ""


def _renamed(path: Path, ending: str) -> bool:
    if not path.exists():
        return False
    path.rename(path.with_name(f"{path.name}{ending}"))
    return True
