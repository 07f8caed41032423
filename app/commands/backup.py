"""`stanchion backup [FILE]`: a whole copy of the database, examined; without FILE a rolling one."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from core.errors import ConfigurationError, DataFolderBusy, PersistenceError
from data import preflight
from data.backup import copy_database, sound_copy
from data.rolling_backup import FOLDER, roll

LOCK_NAME = "backups.lock"
_NICER = 10


def backup(arguments: Sequence[str]) -> int:
    """Copy the database, whole, also while a terminal uses it; the copy is examined before it gets its name.

    Raises:
        ConfigurationError: the target exists, or there is nothing to copy.
        DataFolderBusy: a rolling backup is under way.
        PersistenceError: the copy failed or does not add up; there is none.
    """
    parser = OneLineParser(prog="stanchion backup", description="Copy the database, also beside a running terminal.")
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="where to; must not exist yet; without it, into backups/"
    )
    parsed = with_data_folder(parser).parse_args(arguments)
    database = data_folder(parsed) / preflight.DATABASE_NAME
    if preflight.check(database) == 0:
        raise ConfigurationError(f"{database.parent} holds no database yet; there is nothing to copy.")
    if parsed.file is None:
        return _roll(database)
    target: Path = parsed.file.expanduser().resolve()
    if target.exists():
        raise ConfigurationError(f"{target} exists; a backup never replaces a file.")
    copy_database(database, target, accepted=sound_copy)
    sys.stdout.write(f"{target}: a whole copy, examined\n")
    return 0


def _roll(database: Path) -> int:
    if hasattr(os, "nice"):
        os.nice(_NICER)  # whoever trades beside it comes first; on Windows the starter sees to that
    try:
        with FileLock(database.with_name(LOCK_NAME), timeout=0):
            kept = roll(database, datetime.now(UTC))
    except Timeout:
        raise DataFolderBusy(f"A backup into {database.parent / FOLDER} is under way.") from None
    except OSError as error:
        raise PersistenceError(f"{database.parent} cannot be written: {error.strerror or error}.") from error
    stuck = f"; {', '.join(kept.stuck)} could not be deleted" if kept.stuck else ""
    sys.stdout.write(f"{kept.made}: a whole copy, examined; {kept.count} kept{stuck}\n")
    return 0
