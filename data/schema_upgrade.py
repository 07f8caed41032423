"""Makes a new database file, and brings an old one to the newest schema; both by the same steps.

A file is made under another name and renamed when it is whole, so that a kill in the middle leaves nothing that looks
like a database. An old file is first copied into `backups/`, then changed in one transaction, all steps together: it
has the new schema or the old one, never something between. Alembic is imported here only, when there is something to
do.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from core.errors import DatabaseDamaged, PersistenceError
from core.file_in_place import put_in_place
from core.ports import Checkpoint, passing
from data.backup import back_up
from data.database import Database
from data.preflight import SCHEMA_VERSION

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def create_database(path: Path, checkpoint: Checkpoint = passing) -> None:
    """Make the file with the newest schema.

    Raises:
        PersistenceError: it cannot be made; nothing is left under its name.
    """
    making = path.with_name(path.name + ".new")
    try:
        for leftover in (making, Path(f"{making}-wal"), Path(f"{making}-shm")):
            leftover.unlink(missing_ok=True)
        database = Database(making, checkpoint, create=True)
        try:
            _run(database)
        finally:
            database.close()
        put_in_place(making, path)
        synchronise_folder(path.parent)
    except OSError as error:
        raise PersistenceError(f"{path} cannot be made: {error}") from error


def upgrade_database(database: Database, backups: Path, now: datetime) -> Path:
    """Bring an older file to the newest schema and return the backup made before.

    Raises:
        DatabaseDamaged: a reference between tables does not hold after the steps; nothing was changed.
        PersistenceError: nothing was changed.
    """
    version = database.user_version()
    name = f"{database.path.stem}-v{version}-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}{database.path.suffix}"
    saved = back_up(database, backups / name)
    _run(database)
    return saved


def _run(database: Database) -> None:
    # A step that rebuilds a table would trip over references to it; the pragma does nothing inside a transaction.
    with database.bare() as driver:
        driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with database.transaction() as connection:
            take_steps(connection, database.path)
            database.checkpoint("migration.before_commit")
        database.checkpoint("migration.done")
    finally:
        # The next use opens the file anew, with references watched again.
        database.close()


def take_steps(connection: Connection, path: Path) -> None:
    """Bring an open database to the newest schema, in the transaction it is in.

    Raises:
        DatabaseDamaged: a reference between tables does not hold after the steps.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseDamaged(f"{path}: a row of {broken[0]} points to no row of {broken[2]}")
    reached = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    assert reached == SCHEMA_VERSION, f"the steps lead to version {reached}, not {SCHEMA_VERSION}"


def synchronise_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows does so by itself and cannot open folders."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
