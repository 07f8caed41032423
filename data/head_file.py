"""A note beside the database of how far its audit log had come, so that an old state cannot come back unnoticed.

A write-ahead log that was deleted, or swapped for another, leaves a database that is whole, consistent, and old. After
every commit the newest audit sequence is written over the one number in this file. The commit was synchronised before,
so the note never says more than the database holds; being a few microseconds and never synchronised itself, it may say
less, which proves nothing and is no fault.
"""

from io import FileIO
from pathlib import Path
from typing import Final

SUFFIX: Final = "-head"
_DIGITS: Final = 20


def noted_head(database: Path) -> int:
    """Return the audit sequence that was noted for a database; 0 where there is no note, or none that can be read."""
    try:
        text = head_path(database).read_bytes()[:_DIGITS]
    except FileNotFoundError:
        return 0
    return int(text) if len(text) == _DIGITS and text.isdigit() else 0


def head_path(database: Path) -> Path:
    """Return where the note of a database lies."""
    return database.with_name(database.name + SUFFIX)


class HeadFile:
    """Writes the note; one thread at a time."""

    def __init__(self, database: Path) -> None:
        self._path = head_path(database)
        self._file: FileIO | None = None

    def write(self, sequence: int) -> None:
        """Note a sequence.

        Never raises: the change it speaks of is committed, and a note that says less than it could is no fault.
        """
        try:
            if self._file is None:
                self._path.touch(mode=0o600)
                self._file = FileIO(self._path, "r+")
            self._file.seek(0)
            self._file.write(b"%0*d\n" % (_DIGITS, sequence))
        except OSError:
            self.close()

    def close(self) -> None:
        """Release the file; the next write opens it again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
