"""`stanchion backup FILE`: a whole copy of the database, examined."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app.commands.folder import data_folder, with_data_folder
from app.config import OneLineParser
from core.errors import ConfigurationError, PersistenceError
from data.backup import copy_database
from data.integrity import examine
from data.preflight import DATABASE_NAME


def backup(arguments: Sequence[str]) -> int:
    """Copy the database, whole, also while a terminal uses it; the copy is examined before it is called one.

    Raises:
        ConfigurationError: the target exists, or there is nothing to copy.
        PersistenceError: the copy failed or does not add up.
    """
    parser = OneLineParser(prog="stanchion backup", description="Copy the database, also beside a running terminal.")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; must not exist yet")
    parsed = with_data_folder(parser).parse_args(arguments)
    folder, target = data_folder(parsed), parsed.file.expanduser().resolve()
    if not (folder / DATABASE_NAME).exists():
        raise ConfigurationError(f"{folder} holds no database yet; there is nothing to copy.")
    if target.exists():
        raise ConfigurationError(f"{target} exists; a backup never replaces a file.")
    copy_database(folder / DATABASE_NAME, target)
    must_be_sound(target)
    sys.stdout.write(f"{target}: a whole copy, examined\n")
    return 0


def must_be_sound(path: Path) -> None:
    """Examine a copy.

    Raises:
        PersistenceError: it does not add up.
    """
    findings = examine(path)
    if findings:
        raise PersistenceError(f"{path} does not add up: {findings[0]}.")
