"""The file and the one connection that writes it.

One SQLAlchemy engine, one connection, one thread at a time. The main thread migrates and loads, closes, and the
trading thread opens its own by simply beginning to work: who uses the database first after a close owns it until the
next close. Nobody else writes, and nobody else checkpoints; the query thread has a read-only connection of its own.

Write-ahead log with `synchronous=FULL`: when `transaction()` has returned, the change survives a power cut. Every
transaction starts with BEGIN IMMEDIATE, so it either has the write lock from its first statement or fails at once
after the bounded wait; there is no upgrade from reading to writing in the middle, which SQLite could only answer with
an error.
"""

import os
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from core.errors import DatabaseDamaged
from core.ports import Checkpoint, passing
from data.failures import FAILURES, persistence_error
from data.head_file import HeadFile

BUSY_TIMEOUT_MS: Final = 5_000

_COMMITS_REMEMBERED: Final = 100
# A reader that stays long lets the log grow; this is what is kept of it once the reader is gone.
_LOG_KEPT_BYTES: Final = 64 * 1024 * 1024
_FOR_READING: Final = "for_reading"


class Database:
    """The terminal's database file.

    Attributes:
        path: the file; it must exist (`data.schema_upgrade` makes it).
        checkpoint: called at the named steps inside transactions.
    """

    def __init__(
        self,
        path: Path,
        checkpoint: Checkpoint = passing,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        create: bool = False,
    ) -> None:
        """Prepare; the file is opened by the first use.

        Args:
            busy_timeout_ms: how long a transaction waits for another program's lock.
            create: make the file where there is none; otherwise its absence is an error.
        """
        self.path = path
        self.checkpoint = checkpoint
        self._busy_timeout_ms = busy_timeout_ms
        self._mode = "rwc" if create else "rw"
        self._engine = create_engine("sqlite+pysqlite://", creator=self._open_for_writing, poolclass=NullPool)
        event.listen(self._engine, "begin", _begin)
        self._connection: Connection | None = None
        self._owner: threading.Thread | None = None
        self._head = HeadFile(path)
        self._head_reached = 0
        self._commit_s: deque[float] = deque(maxlen=_COMMITS_REMEMBERED)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run a block as one transaction: committed and synchronised at its end, or rolled back whole.

        Raises:
            DatabaseLocked: another program held the file longer than the wait; nothing was changed.
            DiskFull: nothing was changed.
            DatabaseDamaged: the file does not add up.
            PersistenceError: nothing was changed, or (an I/O error at the commit) the outcome is unknown; the
                connection was dropped and the next use opens the file anew.
        """
        with self._mapped():
            connection = self._use()
            assert not connection.in_transaction(), "transactions of one connection do not nest"
            transaction = connection.begin()
            self._head_reached = 0
            try:
                yield connection
            except BaseException:
                self._roll_back(transaction)
                raise
            self._commit(transaction)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block against one consistent state; inside a transaction it sees that transaction's changes.

        Raises:
            PersistenceError: the file cannot be read.
        """
        with self._mapped():
            connection = self._use()
            if connection.in_transaction():
                yield connection
                return
            connection.info[_FOR_READING] = True
            try:
                transaction = connection.begin()
            finally:
                connection.info.pop(_FOR_READING)
            try:
                yield connection
            finally:
                self._roll_back(transaction)

    @contextmanager
    def bare(self) -> Iterator[sqlite3.Connection]:
        """Lend the driver's connection outside of a transaction, for what SQLite does only there."""
        with self._mapped():
            connection = self._use()
            assert not connection.in_transaction(), "a transaction is open"
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            yield driver

    def read_only(self) -> Engine:
        """Return an engine that can only read, for another thread; any thread may ask.

        Each `connect` opens the file anew; what is read through one until its end is one consistent state.
        """
        engine = create_engine("sqlite+pysqlite://", creator=self._open_for_reading, poolclass=NullPool)
        event.listen(engine, "begin", _begin_reading)
        return engine

    def note_head(self, sequence: int) -> None:
        """Say which audit row this transaction ends with; noted beside the file once it is committed."""
        self._head_reached = sequence

    def user_version(self) -> int:
        """Return the schema version of the file."""
        with self.reading() as connection:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())

    def quick_check(self) -> None:
        """Walk the file's structure, at start.

        Raises:
            DatabaseDamaged: with what SQLite found first.
        """
        with self.reading() as connection:
            answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if answer != "ok":
            raise DatabaseDamaged(f"{self.path} is damaged: {answer}. `stanchion doctor` examines it")

    def commit_ms(self, share: float = 0.5) -> float | None:
        """Return within how many milliseconds a share of the last hundred commits was done; None before the first."""
        times = sorted(self._commit_s)
        if not times:
            return None
        return 1000 * (median(times) if share == 0.5 else times[min(len(times) - 1, int(share * len(times)))])

    def close(self) -> None:
        """Close the connection; whichever thread uses the database next opens and owns the next one.

        Called by the owning thread, or by any once that thread has ended.
        """
        if self._connection is None:
            return
        self._check_owner()
        connection, self._connection, self._owner = self._connection, None, None
        self._head.close()
        with self._mapped():
            connection.close()

    def abandon(self) -> None:
        """Close a file that is refused, leaving it and its log as they are: no checkpoint.

        SQLite applies the log when the last connection closes, unless that one can only read.
        """
        try:
            last = self._open("ro")
        except sqlite3.Error:
            self.close()
            return
        with closing(last):
            # Damage may show even here; what counts is that the log has been opened.
            with suppress(*FAILURES):
                last.execute("PRAGMA user_version").fetchone()
            self.close()

    def _use(self) -> Connection:
        if self._connection is not None and self._owner is not threading.current_thread():
            self.close()
        if self._connection is None:
            self._connection = self._engine.connect()
            self._owner = threading.current_thread()
        return self._connection

    def _check_owner(self) -> None:
        owner = self._owner
        if owner is not None and owner is not threading.current_thread() and owner.is_alive():
            raise AssertionError(
                f"the database is used by thread {owner.name}, which has not closed it; "
                f"{threading.current_thread().name} must not"
            )

    def _commit(self, transaction: RootTransaction) -> None:
        started = perf_counter()
        try:
            transaction.commit()
        except BaseException:
            self._drop()
            raise
        self._commit_s.append(perf_counter() - started)
        if self._head_reached:
            self._head.write(self._head_reached)

    def _roll_back(self, transaction: RootTransaction) -> None:
        try:
            transaction.rollback()
        except SQLAlchemyError:
            # Closing rolls back too; what could not even be rolled back is not used again.
            self._drop()

    def _drop(self) -> None:
        """Close a connection whose state is in doubt; nothing is asked of it any more."""
        connection, self._connection, self._owner = self._connection, None, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            raise persistence_error(error, self.path) from error

    def _open_for_writing(self) -> sqlite3.Connection:
        connection = self._open(self._mode)
        try:
            # Before the first access: the log and its index get the file's mode when they are made.
            make_private(self.path)
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "fullfsync = ON",
                "checkpoint_fullfsync = ON",
                f"journal_size_limit = {_LOG_KEPT_BYTES}",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_for_reading(self) -> sqlite3.Connection:
        connection = self._open("ro")
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _open(self, mode: str) -> sqlite3.Connection:
        # The owner is checked here, by us: a thread that has ended may be followed by another.
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=self._busy_timeout_ms / 1000,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")
        connection.execute("PRAGMA cell_size_check = ON")
        return connection


def make_private(path: Path) -> None:
    """Let only the user read a file or folder, where the system has modes."""
    if sys.platform != "win32":
        os.chmod(path, 0o700 if path.is_dir() else 0o600)


def _begin(connection: Connection) -> None:
    """Begin as we mean it: the driver would begin at the first write, and without the lock."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    # Asked of the driver itself: SQLAlchemy's own way makes a result nobody reads, in a tenth of the time of a commit.
    driver.execute("BEGIN" if connection.info.get(_FOR_READING) else "BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
