"""A copy of the database that is a database: made through SQLite, never by copying files."""

import os
import sqlite3
from pathlib import Path

from core.errors import PersistenceError
from data.database import Database, make_private
from data.failures import FAILURES


def back_up(database: Database, destination: Path) -> Path:
    """Copy the whole database into a new file, synchronised before it gets its name.

    Raises:
        PersistenceError: no copy was made.
    """
    part = destination.with_name(destination.name + ".part")
    try:
        if not destination.parent.exists():
            destination.parent.mkdir(parents=True)
            make_private(destination.parent)
        part.unlink(missing_ok=True)
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            make_private(part)
            with database.bare() as driver:
                driver.backup(copy)
            # One file, complete without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, destination)
    except FAILURES as error:
        raise PersistenceError(f"the backup {destination} could not be made: {error}") from error
    return destination
