"""`stanchion restore FILE`: put a copy in the place of the database."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from app.data_folder import LOCK_NAME
from core.errors import ConfigurationError, DataFolderBusy
from data.backup import copy_database, sound
from data.head_file import head_path
from data.preflight import DATABASE_NAME
from data.rolling_backup import FOLDER, backups_in


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
            kept = _set_aside(folder / DATABASE_NAME)
            copy_database(source, folder / DATABASE_NAME)
    except Timeout:
        raise DataFolderBusy(f"{folder} is in use by a running Stanchion; end it first.") from None
    sys.stdout.write(f"{folder / DATABASE_NAME}: restored from {source}{kept}\n")
    return 0


def _offered(folder: Path) -> str:
    """Say which backups there are."""
    found = backups_in(folder / FOLDER)
    if not found:
        return f"There are no backups in {folder / FOLDER} either."
    older = f", and {len(found) - 1} older beside it" if len(found) > 1 else ""
    return f"The newest verified backup is {found[0]}{older}."


def _set_aside(database: Path) -> str:
    """Rename the database and what belongs to it; returns what to say of it."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    beside = [database.with_name(f"{database.name}{suffix}") for suffix in ("-wal", "-shm")]
    moved = [path for path in (database, *beside, head_path(database)) if path.exists()]
    for path in moved:
        path.rename(path.with_name(f"{path.name}.before-{stamp}"))
    return f"; the files before are kept as *.before-{stamp}" if moved else ""
