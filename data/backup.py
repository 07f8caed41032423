"""A copy of the database that is a database: made through SQLite, never by copying files.

A file alone may lack what its log holds; and one that is being written is torn. The source is opened for reading only:
a terminal may go on writing beside it, and what a crash left is copied with its log and stays as it is.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from core.errors import PersistenceError
from data.database import Database, make_private
from data.failures import FAILURES


def back_up(database: Database, destination: Path) -> Path:
    """Copy the committed state of a database into a new file: see `copy_database`."""
    return copy_database(database.path, destination)


def copy_database(source: Path, destination: Path) -> Path:
    """Copy a whole database, its log applied, into one file that is synchronised before it gets its name.

    Raises:
        PersistenceError: no copy was made.
    """
    part = destination.with_name(destination.name + ".part")
    try:
        if not destination.parent.exists():
            destination.parent.mkdir(parents=True)
            make_private(destination.parent)
        part.unlink(missing_ok=True)
        uri = f"{source.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as original,
            closing(sqlite3.connect(part, isolation_level=None)) as copy,
        ):
            make_private(part)
            original.execute("PRAGMA busy_timeout = 5000")
            original.backup(copy)
            # One file, complete without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, destination)
    except FAILURES as error:
        # What may be left of the attempt is of no use; that it cannot be removed either changes nothing about it.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise PersistenceError(f"the backup {destination} could not be made: {error}") from error
    return destination
