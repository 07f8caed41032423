"""The files a panic and a terminal speak through, in the data folder: a hung program hears nothing else.

    panic.json          the request: what is to be flat. Stands until it is lifted, and with it the lock on entries.
    panic-answer.json   the terminal's answer to it, renewed while it works on it: its beat shows that it is alive
    panic-acting.json   the claim: from here on a panic process trades on these connections, and no terminal may
    panic.lock          held by the system for the process that acts; free again however that process ends
    panic-lift.json     the wish that the lock be lifted
    panic.jsonl         the record of everything a panic process sent

Each is replaced whole and synchronised, so that a reader sees the old one or the new one; none is ever half.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from filelock import FileLock, Timeout

from core.errors import PersistenceError
from core.file_in_place import put_in_place

REQUEST: Final = "panic.json"
ANSWER: Final = "panic-answer.json"
ACT: Final = "panic-acting.json"
LIFT: Final = "panic-lift.json"
LOCK: Final = "panic.lock"
RECORD: Final = "panic.jsonl"
LIFT_WITH: Final = "stanchion panic --lift"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """That everything be flat.

    Attributes:
        name: unique to it.
        at: when it was made, aware UTC.
        connections, accounts: which; empty means all.
    """

    name: str
    at: datetime
    connections: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    def covers(self, connection: str, account: str) -> bool:
        """Say whether an account is meant."""
        return self.on(connection) and (not self.accounts or account in self.accounts)

    def on(self, connection: str) -> bool:
        """Say whether a connection is meant."""
        return not self.connections or connection in self.connections


@dataclass(frozen=True, slots=True)
class Answer:
    """What a terminal makes of a request.

    Attributes:
        request: whose answer it is.
        beat: rises while the terminal works on it.
        connections: those it takes care of; the others it has not, or they are down.
        said: how each scope stands. left: what is not flat, or still works; empty when all is well.
        is_over: nothing more happens by itself.
    """

    request: str
    beat: int
    connections: tuple[str, ...]
    said: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """That a panic process trades, or has traded, by itself.

    Attributes:
        name: unique to this act; a second panic has another.
        connections: where it trades.
        text: what came of it; empty until it is over.
    """

    name: str
    request: str
    at: datetime
    pid: int
    connections: tuple[str, ...]
    text: str = ""


class PanicFiles:
    """The files of one data folder. A reader remembers what it read until the file is another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int, int], Any]] = {}

    def request(self) -> Request | None:
        """Return the request that stands.

        Raises:
            PersistenceError: there is one, and it cannot be read.
        """
        return self._content(REQUEST, Request)

    def answer(self) -> Answer | None:
        """Return the terminal's answer; raises as `request`."""
        return self._content(ANSWER, Answer)

    def act(self) -> Act | None:
        """Return the last act of a panic process; raises as `request`."""
        return self._content(ACT, Act)

    def wants_lift(self) -> bool:
        """Say whether the lock is to be lifted."""
        return (self.folder / LIFT).exists()

    def write(self, content: Request | Answer | Act) -> None:
        """Replace the file of that kind; a request withdraws the wish to lift the lock of the one before it.

        Raises:
            PersistenceError: the disk refused; the old one stands.
        """
        if isinstance(content, Request):
            self._take_away(LIFT)
        names: dict[type, str] = {Request: REQUEST, Answer: ANSWER, Act: ACT}
        self._replace(names[type(content)], msgspec.json.encode(content))

    def ask_to_lift(self) -> None:
        """Leave the wish that the lock be lifted; raises as `write`."""
        self._replace(LIFT, b"{}")

    def clear(self) -> None:
        """Take away all but the record: the lock is lifted. The wish for it goes last.

        Raises:
            PersistenceError: the disk refused.
        """
        self._take_away(REQUEST, ANSWER, ACT, LIFT)

    @contextmanager
    def acting(self, within_s: float) -> Iterator[bool]:
        """Hold the claim to act; yields False when another panic holds it for longer than this.

        Where the disk lets nobody hold it, nobody is kept from getting flat.
        """
        lock = FileLock(self.folder / LOCK)
        try:
            lock.acquire(timeout=within_s)
        except Timeout:
            yield False
            return
        except OSError:
            yield True
            return
        try:
            yield True
        finally:
            lock.release()

    def somebody_acts(self) -> bool:
        """Say whether a panic process holds the claim at this moment."""
        with self.acting(0) as free:
            return not free

    def _content(self, name: str, kind: type[T]) -> T | None:
        path = self.folder / name
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
            known = self._read.get(name)
            if known is None or known[0] != stamp:
                known = self._read[name] = stamp, msgspec.json.decode(path.read_bytes(), type=kind)
            content: T = known[1]
            return content
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise PersistenceError(f"{path} cannot be read ({error}); entries stay refused.") from error

    def _take_away(self, *names: str) -> None:
        try:
            for name in names:
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise PersistenceError(f"{error.filename} cannot be deleted: {error.strerror or error}.") from error

    def _replace(self, name: str, content: bytes) -> None:
        path = self.folder / name
        draft = path.with_name(f"{name}.{os.getpid()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(draft, path)
            _synchronised(path.parent)
        except OSError as error:
            raise PersistenceError(f"{path} cannot be written: {error.strerror or error}.") from error


def _synchronised(path: Path) -> None:
    """Make a new name survive a power cut, where a folder can be synchronised."""
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
