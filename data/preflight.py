"""Is this file ours to open? Asked before anything heavy is imported and before a single byte is written.

Standard library only. The answer comes from the file's first hundred bytes. Only when a write-ahead log lies beside
it, whose pages are newer than the file's, is SQLite asked, through a read-only connection. What is refused here is
left exactly as it was: `stanchion doctor` explains it, `stanchion restore` alone moves the old file away.

The header, big endian (SQLite file format, section 1.3):

    offset  bytes  meaning
         0     16  "SQLite format 3", NUL
        16      2  page size; 1 means 65536
        24      4  change counter
        28      4  file size in pages, valid when 92 equals 24
        60      4  user version: the schema
        68      4  application id: ours
        92      4  change counter the size is valid for
"""

import sqlite3
from pathlib import Path
from typing import Final

from core.errors import DatabaseDamaged, SchemaTooNew
from data.head_file import head_path

DATABASE_NAME: Final = "stanchion.sqlite3"
EMERGENCY_NAME: Final = "emergency.jsonl"
SCHEMA_VERSION: Final = 6
# "STNC"; tells our files from any other SQLite database.
APPLICATION_ID: Final = 0x53544E43

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_WAYS_OUT: Final = (
    "Nothing was changed. `stanchion doctor` examines it, `stanchion restore FILE` puts a backup in its place."
)


def check(path: Path) -> int:
    """Return the schema version of the database, 0 when there is no file yet.

    Raises:
        SchemaTooNew: a newer Stanchion wrote it.
        DatabaseDamaged: unreadable, cut short, or not a database of ours.
    """
    log = path.with_name(path.name + "-wal")
    try:
        if not path.exists():
            left = next((file for file in (log, head_path(path)) if _has_content(file)), None)
            if left is not None:
                raise DatabaseDamaged(
                    f"{path} is gone, but {left.name} beside it is still there. {_WAYS_OUT} "
                    f"To begin anew, delete that too."
                )
            return 0
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        size = path.stat().st_size
        logged = _has_content(log)
    except OSError as error:
        raise DatabaseDamaged(f"{path} cannot be read ({error.strerror}). {_WAYS_OUT}") from error
    _check_header(path, header, size, logged)
    application, version = _number(header, 68), _number(header, 60)
    if logged:
        application, version = _ask_sqlite(path)
    if application != APPLICATION_ID or version == 0:
        raise DatabaseDamaged(f"{path} is a database, but not one of Stanchion. {_WAYS_OUT}")
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{path} was written by a newer Stanchion (schema {version}, this one knows {SCHEMA_VERSION}). "
            f"Start the newer program. {_WAYS_OUT}"
        )
    return version


def _check_header(path: Path, header: bytes, size: int, logged: bool) -> None:
    """Refuse what is no database, or shorter than it says it is."""
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise DatabaseDamaged(f"{path} is not a database, or its beginning is damaged. {_WAYS_OUT}")
    page = _number(header, 16, 2)
    page = 65536 if page == 1 else page
    if page < 512 or page & (page - 1):
        raise DatabaseDamaged(f"{path} has a damaged header (page size {page}). {_WAYS_OUT}")
    # A checkpoint cut off by a power failure may leave a short file, whole again once its log is replayed.
    if not logged and _number(header, 92) == _number(header, 24) and size < _number(header, 28) * page:
        raise DatabaseDamaged(f"{path} was cut short ({size} of {_number(header, 28) * page} bytes). {_WAYS_OUT}")


def _ask_sqlite(path: Path) -> tuple[int, int]:
    """Return application id and version as they are with the log applied."""
    connection = None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 5000")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except (sqlite3.Error, UnicodeError) as error:
        raise DatabaseDamaged(f"{path} cannot be read ({error}). {_WAYS_OUT}") from error
    finally:
        if connection is not None:
            connection.close()
    return int(application), int(version)


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _number(header: bytes, offset: int, length: int = 4) -> int:
    return int.from_bytes(header[offset : offset + length], "big")
