"""What a panic did, one line of JSON for each step, on the disk before the step is taken.

One descriptor that only appends, one `write` for each line: so lines of several connections never mix, and what a kill
leaves is whole lines and at most one cut one, at the end.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from core.clock import Clock
from core.errors import PersistenceError

ORDER: Final = "order"
CANCEL: Final = "cancel"


class Record:
    """The open record; any thread may add to it."""

    def __init__(self, path: Path, act: str, clock: Clock) -> None:
        """Open it.

        Raises:
            PersistenceError: the disk refused.
        """
        self._path = path
        self._act = act
        self._clock = clock
        try:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(path, flags, 0o600)
            if (size := path.stat().st_size) and not _ends_with_a_line(path, size):
                os.write(self._descriptor, b"\n")
        except OSError as error:
            raise PersistenceError(f"{path} cannot be written: {error.strerror or error}.") from error

    def add(self, step: str, **facts: Any) -> None:
        """Put a step on the disk.

        Raises:
            PersistenceError: the disk refused; whether the line is there is not known.
        """
        line = msgspec.json.encode({"at": self._clock.now(), "act": self._act, "step": step, **facts}) + b"\n"
        try:
            os.write(self._descriptor, line)
            os.fsync(self._descriptor)
        except OSError as error:
            raise PersistenceError(f"{self._path} cannot be written: {error.strerror or error}.") from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def last_order_at(path: Path) -> datetime | None:
    """Return when the newest closing order of any panic was recorded, aware UTC; None when there is none.

    Raises:
        PersistenceError: the record cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PersistenceError(f"{path} cannot be read: {error.strerror or error}.") from error
    for line in reversed(lines):
        try:
            row = msgspec.json.decode(line)
            if row["step"] == ORDER:
                return msgspec.convert(row["at"], datetime)
        except (msgspec.MsgspecError, KeyError, TypeError):
            continue  # cut by a kill; what it announced never left
    return None


def _ends_with_a_line(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"
