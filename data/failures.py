"""What SQLite said, in the words of the error tree: one function, deciding by the error code."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.errors import DatabaseDamaged, DatabaseLocked, DiskFull, PersistenceError

_ERRORS: Final[Mapping[int, tuple[type[PersistenceError], str]]] = {
    sqlite3.SQLITE_BUSY: (DatabaseLocked, "another program holds it; nothing was changed"),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, "another program holds it; nothing was changed"),
    sqlite3.SQLITE_FULL: (DiskFull, "no room left on the disk; nothing was changed"),
    sqlite3.SQLITE_CORRUPT: (DatabaseDamaged, "the file is damaged; `stanchion doctor` examines it"),
    sqlite3.SQLITE_NOTADB: (DatabaseDamaged, "this is not a database; `stanchion doctor` examines it"),
    sqlite3.SQLITE_READONLY: (PersistenceError, "the file or its folder cannot be written"),
    sqlite3.SQLITE_CANTOPEN: (PersistenceError, "the file cannot be opened"),
    sqlite3.SQLITE_IOERR: (PersistenceError, "the disk failed; what became of the change is unknown"),
}


# What reaching into the file may raise; the driver decodes SQLite's own messages, which quote what is damaged.
FAILURES: Final = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError)


def sqlite_error(error: BaseException) -> sqlite3.Error | None:
    """Return the driver's own error behind one that SQLAlchemy wrapped."""
    inner = error.orig if isinstance(error, DBAPIError) else error
    return inner if isinstance(inner, sqlite3.Error) else None


def persistence_error(error: Exception, path: Path) -> PersistenceError:
    """Return the error of our tree for whatever the driver, SQLAlchemy or the system raised."""
    if isinstance(error, UnicodeDecodeError):
        return DatabaseDamaged(f"{path}: a text in it is not UTF-8; `stanchion doctor` examines it ({error})")
    inner = sqlite_error(error)
    if inner is None:
        return PersistenceError(f"{path}: {error}")
    # The extended code holds the primary one in its low byte.
    code = getattr(inner, "sqlite_errorcode", None)
    if code is None and "decode" in str(inner):
        return DatabaseDamaged(f"{path}: a text in it is not UTF-8; `stanchion doctor` examines it ({inner})")
    kind, words = _ERRORS.get((code or 0) & 0xFF, (PersistenceError, "the change was refused"))
    return kind(f"{path}: {words} ({inner})")


def is_unique_violation(error: BaseException) -> bool:
    """Say whether a row with the same unique key is there already."""
    inner = sqlite_error(error)
    return inner is not None and getattr(inner, "sqlite_errorcode", 0) in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    )
