"""The real database in memory: it outlives the program that uses it, as a disk does, and refuses when told to.

Each life of the program opens a connection of its own; when it dies, what it had not committed is gone. An anchor keeps
the memory alive and reads what is committed, past every line of the code under test.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction

from core.clock import Clock
from core.ports import Checkpoint, passing
from data.database import Database
from data.head_file import HeadFile
from data.store import Store, compose
from tests.data.books import put_empty_database

_names = count(1)


class Refusal(Enum):
    """How the disk says no."""

    LOCKED = sqlite3.SQLITE_BUSY  # before the first statement
    FULL = sqlite3.SQLITE_FULL  # at the commit, nothing kept
    FAILED = sqlite3.SQLITE_IOERR  # at the commit, nothing kept; the program is not told so
    KEPT = sqlite3.SQLITE_IOERR + 256  # at the commit, which took effect all the same


class Disk:
    """What lasts from one life to the next.

    Attributes:
        refusal: how every transaction fails from now on; None: they succeed.
        commits: how many took effect.
        anchor: reads what is committed.
    """

    def __init__(self) -> None:
        self.refusal: Refusal | None = None
        self.commits = 0
        self.name = f"file:simulated-{next(_names)}?mode=memory&cache=shared"
        self.anchor = sqlite3.connect(self.name, uri=True, isolation_level=None)
        _empty().backup(self.anchor)

    def open(self, clock: Clock, checkpoint: Checkpoint = passing) -> Store:
        """Open the store as a start does, with the checks a start makes."""
        database = MemoryDatabase(self, checkpoint)
        store = compose(database, clock)
        store.audit.verify_chain(newest=100)
        return store

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Return what is committed."""
        return self.anchor.execute(select).fetchall()

    def close(self) -> None:
        """Lose it all."""
        self.anchor.close()


class MemoryDatabase(Database):
    """The program's connection to a disk."""

    def __init__(self, disk: Disk, checkpoint: Checkpoint) -> None:
        super().__init__(Path("simulated.sqlite3"), checkpoint)
        self._disk = disk
        self._head = _NoHead(self.path)
        self._engine = _shared().engine_for(self._engine)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run a block as one transaction, unless the disk refuses it."""
        with self._mapped():
            if self._disk.refusal is Refusal.LOCKED:
                raise _error(Refusal.LOCKED)
        with super().transaction() as connection:
            yield connection

    def _commit(self, transaction: RootTransaction) -> None:
        refusal = self._disk.refusal
        if refusal in (Refusal.FULL, Refusal.FAILED):
            self._drop()
            raise _error(refusal)
        super()._commit(transaction)
        self._disk.commits += 1
        if refusal is Refusal.KEPT:
            self._drop()
            raise _error(refusal)

    def _use(self) -> Connection:
        _shared().disk = self._disk
        return super()._use()

    def _open_for_writing(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            _shared().disk.name, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


class _NoHead(HeadFile):
    """The note beside a file; memory has no beside."""

    def write(self, sequence: int) -> None:
        """Note nothing."""


def _error(refusal: Refusal) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(f"simulated: {refusal.name}")
    error.sqlite_errorcode = refusal.value & 0xFF
    return error


class _Shared:
    """One engine for all lives: what a statement is in SQL does not depend on the disk it is run on.

    Attributes:
        disk: that on which the next connection is opened.
    """

    disk: Disk

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def engine_for(self, made: Engine) -> Engine:
        """Return the engine of the first life."""
        self._engine = self._engine or made
        return self._engine


@cache
def _shared() -> _Shared:
    return _Shared()


@cache
def _empty() -> sqlite3.Connection:
    """Return a fresh database, made once."""
    with TemporaryDirectory() as folder:
        stored = sqlite3.connect(put_empty_database(Path(folder)))
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        stored.backup(memory)
        stored.close()
        return memory
