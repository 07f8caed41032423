"""The memory of the simulated broker: one small SQLite file, apart from the terminal's.

It satisfies the simulator's `SimulatorStore` port by its shape: rows are plain mappings of column to text,
so neither side imports the other. WAL with `synchronous=FULL`: what `commit` returned from survives a power
cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import DatabaseDamaged, DatabaseLocked, DiskFull, PersistenceError, SchemaTooNew

VERSION: Final = 3

_BUSY_TIMEOUT_MS: Final = 5_000

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders": (
        "server_order_id",
        "client_order_id",
        "account",
        "symbol",
        "side",
        "kind",
        "quantity",
        "limit_price",
        "stop_price",
        "time_in_force",
        "expires_us",
        "status",
        "filled",
        "filled_value",
        "triggered",
        "sequence",
        "received_us",
        "updated_us",
        "text",
        "free_text",
        "parent_id",
        "linked_id",
        "cancels_linked",
        "wanted",
        "taken",
        "distance",
        "keeps_price",
        "reference_price",
        "live_us",
    ),
    "fills": (
        "execution_id",
        "server_order_id",
        "client_order_id",
        "account",
        "symbol",
        "side",
        "quantity",
        "price",
        "commission",
        "at_us",
    ),
    "positions": ("account", "symbol", "quantity", "cost", "entry_us"),
    "accounts": ("name", "currency", "cash", "realized", "commissions", "day_us", "day_equity"),
    "evaluations": (
        "account",
        "drawdown",
        "floor_stops_at",
        "daily_loss",
        "max_contracts",
        "peak",
        "locked",
        "locked_at_us",
        "locked_below",
    ),
    "values": ("name", "value"),
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders": ("server_order_id",),
    "fills": ("execution_id",),
    "positions": ("account", "symbol"),
    "accounts": ("name",),
    "evaluations": ("account",),
    "values": ("name",),
}


class SqliteSimulatorStore:
    """The broker's tables in a file. One thread at a time uses it; it may be handed to another thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it and its folder if needed.

        Raises:
            SchemaTooNew: a newer program wrote the file; it was not touched.
            PersistenceError: the file cannot be opened or is not a database.
        """
        self._path = path
        with _translated(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with _translated(path):
                self._prepare()
        except PersistenceError:
            self._connection.close()
            raise

    def load(self) -> dict[str, list[dict[str, str]]]:
        """Return every table, rows in the order they were first added."""
        with _translated(self._path):
            return {table: self._rows(table) for table in _COLUMNS}

    def commit(
        self,
        changed: Mapping[str, Sequence[Mapping[str, str]]],
        removed: Mapping[str, Sequence[Mapping[str, str]]],
    ) -> None:
        """Replace or add rows, then remove rows by their key, in one transaction that is on the disk when
        this returns.

        Raises:
            PersistenceError: nothing was changed.
        """
        with _translated(self._path), self._transaction():
            for table, rows in changed.items():
                self._connection.executemany(_upsert(table), [_values(table, row) for row in rows])
            for table, rows in removed.items():
                keys = _KEYS[table]
                statement = f'DELETE FROM "{table}" WHERE ' + " AND ".join(f"{key} = ?" for key in keys)
                self._connection.executemany(statement, [tuple(row[key] for key in keys) for row in rows])

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _prepare(self) -> None:
        run = self._connection.execute
        run(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        version = int(run("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise SchemaTooNew(f"{self._path} has version {version}; this program knows {VERSION}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if version == VERSION:
            return
        with self._transaction():
            for statement in _steps_from(version):
                run(statement)
            run(f"PRAGMA user_version = {VERSION}")

    def _rows(self, table: str) -> list[dict[str, str]]:
        columns = _COLUMNS[table]
        found = self._connection.execute(f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY rowid')
        return [dict(zip(columns, row, strict=True)) for row in found]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _create(table: str) -> str:
    columns = ", ".join(f"{column} TEXT NOT NULL" for column in _COLUMNS[table])
    return f'CREATE TABLE "{table}" ({columns}, PRIMARY KEY ({", ".join(_KEYS[table])})) STRICT'


def _steps_from(version: int) -> list[str]:
    """Return what a file of a version lacks, everything where it is new."""
    if version == 0:
        return [_create(table) for table in _COLUMNS]
    return [*(_evaluations() if version < 2 else ()), *_brackets()]


def _evaluations() -> list[str]:
    """Return what version 1 lacks: the money a trading day began with (0: not known yet), and evaluations."""
    return [_added("accounts", column, "0") for column in ("day_us", "day_equity")] + [_create("evaluations")]


def _brackets() -> list[str]:
    """Return what version 2 lacks: what ties an exit to its entry and to the other exit."""
    numbers = ("cancels_linked", "wanted", "taken", "keeps_price", "live_us")
    texts = ("parent_id", "linked_id", "distance", "reference_price")
    return [_added("orders", column, "0") for column in numbers] + [_added("orders", column, "") for column in texts]


def _added(table: str, column: str, default: str) -> str:
    return f"""ALTER TABLE "{table}" ADD COLUMN {column} TEXT NOT NULL DEFAULT '{default}'"""


def _upsert(table: str) -> str:
    columns, keys = _COLUMNS[table], _KEYS[table]
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in keys)
    places = ", ".join("?" for _ in columns)
    return (
        f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({places}) '
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {updates}"
    )


def _values(table: str, row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[column] for column in _COLUMNS[table])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into the error tree, with the file's name."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise _ERRORS.get(code, PersistenceError)(f"{path}: {error}") from error
    except OSError as error:
        raise PersistenceError(f"{path}: {error}") from error


_ERRORS: Final[Mapping[int, type[PersistenceError]]] = {
    sqlite3.SQLITE_BUSY: DatabaseLocked,
    sqlite3.SQLITE_LOCKED: DatabaseLocked,
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
