"""Everything the program keeps, opened: what `app` hands to the services."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.clock import Clock
from core.errors import PersistenceError
from core.ports import Checkpoint, passing
from data import preflight
from data.account_repository import SqliteAccountRepository
from data.alert_repository import SqliteAlertRepository
from data.audit import AuditTrail
from data.database import BUSY_TIMEOUT_MS, Database, make_private
from data.entry_repository import SqliteEntryRepository
from data.event_repository import SqliteEventRepository
from data.guard_lock_repository import SqliteGuardLockRepository
from data.guard_repository import SqliteGuardRepository
from data.limit_repository import SqliteLimitRepository
from data.operation_repository import SqliteOperationRepository
from data.order_repository import SqliteOrderRepository
from data.position_repository import SqlitePositionRepository
from data.run_repository import SqliteRunRepository
from data.schema_upgrade import create_database, upgrade_database
from data.trade_repository import SqliteTradeRepository

# The whole chain is the doctor's work; a start looks at what was written last.
_AUDIT_ROWS_CHECKED: Final = 1_000


@dataclass(frozen=True)
class Store:
    """The database and its repositories.

    Attributes:
        database: also tells how the store is doing (StoreHealth).
        trades, events: only read, on a connection of their own, for another thread.
    """

    database: Database
    positions: SqlitePositionRepository
    orders: SqliteOrderRepository
    operations: SqliteOperationRepository
    entries: SqliteEntryRepository
    accounts: SqliteAccountRepository
    runs: SqliteRunRepository
    guard_locks: SqliteGuardLockRepository
    guards: SqliteGuardRepository
    limits: SqliteLimitRepository
    alerts: SqliteAlertRepository
    trades: SqliteTradeRepository
    events: SqliteEventRepository
    audit: AuditTrail

    def hand_over(self) -> None:
        """Close this thread's connection; the thread that uses the store next opens its own."""
        self.database.close()

    def close(self) -> None:
        """Close the file: by the thread that used it last, or by any once that thread has ended."""
        self.database.close()

    def abandon(self) -> None:
        """Close books that are refused (what was read does not add up), leaving file and log as they are."""
        self.database.abandon()


def open_store(
    folder: Path, clock: Clock, checkpoint: Checkpoint = passing, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS
) -> Store:
    """Open the database of a data folder: checked, made if missing, brought to the newest schema. Main thread.

    That the positions are the fold of the ledger is proven by `positions.prove()`, which loading calls.

    Raises:
        SchemaTooNew: written by a newer program; nothing was touched.
        DatabaseDamaged: it is not whole; nothing was touched.
        PersistenceError: the folder or file cannot be used.
    """
    path = folder / preflight.DATABASE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_private(folder)
    except OSError as error:
        raise PersistenceError(f"{folder} cannot be used as data folder: {error}") from error
    version = preflight.check(path)
    if version == 0:
        create_database(path, checkpoint)
    database = Database(path, checkpoint, busy_timeout_ms=busy_timeout_ms)
    try:
        database.quick_check()
        if 0 < version < preflight.SCHEMA_VERSION:
            upgrade_database(database, folder / "backups", clock.now())
        store = compose(database, clock)
        store.audit.check_head()
        store.audit.verify_chain(newest=_AUDIT_ROWS_CHECKED)
    except BaseException:
        database.abandon()
        raise
    return store


def compose(database: Database, clock: Clock) -> Store:
    """Put the repositories on an open database."""
    audit = AuditTrail(database, clock)
    return Store(
        database=database,
        positions=SqlitePositionRepository(database, audit, clock),
        orders=SqliteOrderRepository(database, audit),
        operations=SqliteOperationRepository(database, audit),
        entries=SqliteEntryRepository(database, audit),
        accounts=SqliteAccountRepository(database, audit, clock),
        runs=SqliteRunRepository(database, audit),
        guard_locks=SqliteGuardLockRepository(database, audit),
        guards=SqliteGuardRepository(database, audit, clock),
        limits=SqliteLimitRepository(database, clock),
        alerts=SqliteAlertRepository(database, audit),
        trades=SqliteTradeRepository(database),
        events=SqliteEventRepository(database),
        audit=audit,
    )
