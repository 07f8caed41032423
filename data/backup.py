"""A copy of the database that is a database: made through SQLite, never by copying files.

A file alone may lack what its log holds; and one that is being written is torn. The source is opened for reading only:
a terminal may go on writing beside it, and what a crash left is copied with its log and stays as it is.

The copy is of one moment, however long it takes: one read transaction is held from its first page to its last. (Without
it SQLite would begin anew whenever somebody wrote.) A slow copy leaves the disk to others between its steps.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import PersistenceError
from core.file_in_place import put_in_place
from data.database import Database, make_private
from data.failures import FAILURES
from data.integrity import examine


@dataclass(frozen=True)
class Pace:
    """How fast a copy is made.

    Attributes:
        pages: so many at a time; -1 is all at once.
        pause_s: what is left to others after each step, once the step lies on the disk.
    """

    pages: int = -1
    pause_s: float = 0.0


AT_ONCE: Final = Pace()
# Two mebibytes at a time: what is synchronised with them keeps a commit beside it waiting for no more than that.
GENTLE: Final = Pace(pages=512, pause_s=0.05)


def anything(path: Path) -> None:
    """Accept a copy without looking at it."""


def sound(path: Path) -> None:
    """Accept a database in which everything adds up.

    Raises:
        PersistenceError: something does not; the text says what.
    """
    findings = examine(path)
    if findings:
        raise PersistenceError(f"{path} does not add up: {findings[0]}.")


def sound_copy(path: Path) -> None:
    """Accept a fresh copy in which everything adds up; what is wrong with it is wrong with what was copied.

    Raises:
        PersistenceError: something does not; the text says what.
    """
    findings = examine(path, in_place=True)
    if findings:
        raise PersistenceError(
            f"The database does not add up: {findings[0]}. Its copy was thrown away; earlier backups stay. "
            "`stanchion doctor` examines the database."
        )


def back_up(database: Database, destination: Path) -> Path:
    """Copy the committed state of a database into a new file: see `copy_database`."""
    return copy_database(database.path, destination)


def copy_database(
    source: Path, destination: Path, *, accepted: Callable[[Path], None] = anything, pace: Pace = AT_ONCE
) -> Path:
    """Copy a whole database, its log applied, into one file that is synchronised before it gets its name.

    Args:
        accepted: looks at the copy before it gets its name, and raises what is wrong with it.

    Raises:
        PersistenceError: no copy was made.
    """
    part = destination.with_name(f"{destination.name}.{os.getpid()}.part")
    try:
        if not destination.parent.exists():
            destination.parent.mkdir(parents=True)
            make_private(destination.parent)
        part.unlink(missing_ok=True)
        _copy(source, part, pace)
        accepted(part)
        put_in_place(part, destination)
    except FAILURES as error:
        raise PersistenceError(f"the backup {destination} could not be made: {error}") from error
    finally:
        # What may be left of the attempt is of no use; that it cannot be removed either changes nothing about it.
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return destination


def _copy(source: Path, part: Path, pace: Pace) -> None:
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as original,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
        part.open("rb+") as file,
    ):
        make_private(part)

        def rest(*_: int) -> None:
            if pace.pause_s:
                os.fsync(file.fileno())
                time.sleep(pace.pause_s)

        original.execute("PRAGMA busy_timeout = 5000")
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        # Half a copy is thrown away, so it needs no journal; what was copied is not kept in memory.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA cache_size = -2048")
        original.backup(copy, pages=pace.pages, progress=rest)
        original.execute("ROLLBACK")
        # One file, complete without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        os.fsync(file.fileno())
