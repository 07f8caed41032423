"""The emergency log: where a fact goes that the database refuses, one line each, on the disk before `append` returns.

A line is JSON: the SHA-256 of the entry's bytes, then the entry. What a kill or a power cut left half-written is
recognised by it: at the end of the file it is a line nobody relied upon; anywhere else it is told and kept aside. The
file exists only from a refusal until its lines are in the database; then it is put aside under a name with the time.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from core.clock import Clock
from core.emergency import (
    EmergencyEntry,
    EmergencyLines,
    UnsavedFill,
    UnsavedInstrument,
    UnsavedOperation,
    UnsavedOrder,
)
from core.errors import PersistenceError
from core.file_in_place import put_in_place
from data.database import make_private
from data.preflight import EMERGENCY_NAME

_KINDS: Final[dict[str, type[EmergencyEntry]]] = {
    "fill": UnsavedFill,
    "order": UnsavedOrder,
    "operation": UnsavedOperation,
    "instrument": UnsavedInstrument,
}
_WORDS: Final = {kind: word for word, kind in _KINDS.items()}


class _Line(msgspec.Struct):
    sha256: str
    entry: msgspec.Raw


class _Entry(msgspec.Struct):
    kind: str
    at: str
    value: msgspec.Raw


class FileEmergencyLog:
    """The file in the data folder; one thread at a time (main before any other exists, then trading)."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / EMERGENCY_NAME
        self._clock = clock

    def append(self, entry: EmergencyEntry) -> None:
        """Write one line; when this returns it survives a power cut.

        Raises:
            PersistenceError: it was not written.
        """
        try:
            self._append(encoded(entry, self._clock.now().astimezone(UTC).isoformat()))
        except OSError as error:
            raise PersistenceError(f"{self._path}: {error.strerror or error}") from error

    def read(self) -> EmergencyLines:
        """Return what the file holds; nothing where there is none.

        Raises:
            PersistenceError: it is there and cannot be read.
        """
        lines, torn = _whole_lines(self._bytes())
        entries = [decoded(line) for line in lines]
        good = tuple(one for one in entries if one is not None)
        return EmergencyLines(good, len(entries) - len(good), torn)

    def retire(self, aside: Sequence[EmergencyEntry]) -> None:
        """Put the file aside, its lines being in the database; what could not be merged gets a file of its own.

        Raises:
            PersistenceError: it still lies where it was.
        """
        lines, _ = _whole_lines(self._bytes())
        at = self._clock.now().astimezone(UTC)
        left = [line for line in lines if decoded(line) is None] + [encoded(one, at.isoformat()) for one in aside]
        stem = f"emergency-{at:%Y%m%d-%H%M%SZ}"
        try:
            if left:
                _write_through(self._free_name(stem, "aside"), left)
            if self._path.exists():
                put_in_place(self._path, self._free_name(stem, "merged"))
                _sync_folder(self._path.parent)
        except OSError as error:
            raise PersistenceError(f"{self._path} cannot be put aside: {error.strerror or error}") from error

    def _append(self, line: bytes) -> None:
        made = not self._path.exists()
        with open(self._path, "ab", buffering=0) as file:
            if made:
                make_private(self._path)
            before = file.seek(0, os.SEEK_END)
            # A line cut off by a kill must not swallow the next one.
            whole = line if before == 0 or self._ends_a_line() else b"\n" + line
            try:
                written = file.write(whole)
                if written != len(whole):
                    raise OSError("there is no room for the whole line")
                _sync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
        if made:
            _sync_folder(self._path.parent)

    def _ends_a_line(self) -> bool:
        with open(self._path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"

    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise PersistenceError(f"{self._path} cannot be read: {error.strerror or error}") from error

    def _free_name(self, stem: str, what: str) -> Path:
        path, number = self._path.with_name(f"{stem}.{what}.jsonl"), 1
        while path.exists():
            number += 1
            path = self._path.with_name(f"{stem}-{number}.{what}.jsonl")
        return path


def encoded(entry: EmergencyEntry, at: str) -> bytes:
    """Return the line of an entry, with its end.

    Args:
        at: when it is written, for the reader's eye.
    """
    body = msgspec.json.encode(_Entry(_WORDS[type(entry)], at, msgspec.Raw(msgspec.json.encode(entry))))
    return msgspec.json.encode(_Line(sha256(body).hexdigest(), msgspec.Raw(body))) + b"\n"


def decoded(line: bytes) -> EmergencyEntry | None:
    """Return the entry of a line; None where it is not what was written, or not of this program."""
    try:
        outer = msgspec.json.decode(line, type=_Line)
        if sha256(outer.entry).hexdigest() != outer.sha256:
            return None
        inner = msgspec.json.decode(outer.entry, type=_Entry)
        kind = _KINDS.get(inner.kind)
        return None if kind is None else msgspec.json.decode(inner.value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _whole_lines(content: bytes) -> tuple[list[bytes], bool]:
    """Return the lines, and whether the last one was cut off: without its end nobody was told that it was written."""
    *lines, rest = content.split(b"\n")
    torn = bool(rest)
    if torn and decoded(rest) is not None:  # all of it but its end
        lines.append(rest)
        torn = False
    return [line for line in lines if line.strip()], torn


def _write_through(path: Path, lines: Iterable[bytes]) -> None:
    with open(path, "xb", buffering=0) as file:
        make_private(path)
        file.write(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
        _sync(file.fileno())


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)
    if sys.platform == "darwin":  # fsync leaves it in the drive's own memory there
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file as durable as the file, where a folder can be synchronised."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
