"""`stanchion doctor`, `backup FILE` and `restore FILE`: look at the books, copy them, put a copy in their place."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.config import OneLineParser, default_data_dir
from app.data_folder import LOCK_NAME
from core.errors import ConfigurationError, DataFolderBusy, PersistenceError
from data.backup import copy_database
from data.head_file import head_path
from data.integrity import examine
from data.preflight import DATABASE_NAME

HEALTHY, UNHEALTHY = 0, 1


def doctor(arguments: Sequence[str]) -> int:
    """Examine the database without changing a byte: one line each; 0 when all is well, 1 when not."""
    parser = OneLineParser(prog="stanchion doctor", description="Examine the database; nothing is changed.")
    path = _folder(parser, arguments) / DATABASE_NAME
    findings = examine(path)
    for finding in findings or (f"{path}: the file, the positions, the trades and the audit chain add up",):
        sys.stdout.write(f"{finding}\n")
    return UNHEALTHY if findings else HEALTHY


def backup(arguments: Sequence[str]) -> int:
    """Copy the database, whole, also while a terminal uses it; the copy is examined before it is called one.

    Raises:
        ConfigurationError: the target exists, or there is nothing to copy.
        PersistenceError: the copy failed or does not add up.
    """
    parser = OneLineParser(prog="stanchion backup", description="Copy the database, also beside a running terminal.")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; must not exist yet")
    folder, target = _folder_and_file(parser, arguments)
    if not (folder / DATABASE_NAME).exists():
        raise ConfigurationError(f"{folder} holds no database yet; there is nothing to copy.")
    if target.exists():
        raise ConfigurationError(f"{target} exists; a backup never replaces a file.")
    copy_database(folder / DATABASE_NAME, target)
    _must_be_sound(target)
    sys.stdout.write(f"{target}: a whole copy, examined\n")
    return HEALTHY


def restore(arguments: Sequence[str]) -> int:
    """Put a backup in the place of the database; the old files are renamed, never deleted.

    Raises:
        ConfigurationError: the backup does not exist.
        DataFolderBusy: a terminal uses the folder.
        PersistenceError: the backup does not add up; nothing was changed.
    """
    parser = OneLineParser(prog="stanchion restore", description="Put a backup in the place of the database.")
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    folder, source = _folder_and_file(parser, arguments)
    if not source.is_file():
        raise ConfigurationError(f"{source} is not there.")
    _must_be_sound(source)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK_NAME, timeout=0):
            kept = _set_aside(folder / DATABASE_NAME)
            copy_database(source, folder / DATABASE_NAME)
    except Timeout:
        raise DataFolderBusy(f"{folder} is in use by a running Stanchion; end it first.") from None
    sys.stdout.write(f"{folder / DATABASE_NAME}: restored from {source}{kept}\n")
    return HEALTHY


def _set_aside(database: Path) -> str:
    """Rename the database and what belongs to it; returns what to say of it."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    beside = [database.with_name(f"{database.name}{suffix}") for suffix in ("-wal", "-shm")]
    moved = [path for path in (database, *beside, head_path(database)) if path.exists()]
    for path in moved:
        path.rename(path.with_name(f"{path.name}.before-{stamp}"))
    return f"; the files before are kept as *.before-{stamp}" if moved else ""


def _must_be_sound(path: Path) -> None:
    findings = examine(path)
    if findings:
        raise PersistenceError(f"{path} does not add up: {findings[0]}.")


def _folder(parser: ArgumentParser, arguments: Sequence[str]) -> Path:
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="the data folder")
    parsed = parser.parse_args(arguments)
    folder: Path = parsed.data_dir or default_data_dir()
    return folder.expanduser().resolve()


def _folder_and_file(parser: ArgumentParser, arguments: Sequence[str]) -> tuple[Path, Path]:
    folder = _folder(parser, arguments)
    file: Path = parser.parse_args(arguments).file
    return folder, file.expanduser().resolve()
