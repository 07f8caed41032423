"""A file is made whole or not at all; an old one becomes new in one step, with a copy beside it."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged, PersistenceError
from core.model.fill import Side
from core.model.session_marks import NO_MARKS
from data import preflight, schema_upgrade, store
from data.head_file import head_path
from data.integrity import examine
from data.schema_upgrade import create_database
from tests.data.books import StillClock, book, fill, opened

ROOT = Path(__file__).parents[2]

# The version after ours, as a newer program would have it.
HERE = preflight.SCHEMA_VERSION
NEXT = HERE + 1

STEP = """
from alembic import op

revision = "{next}"
down_revision = "{here}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE novelty (id INTEGER PRIMARY KEY) STRICT")
    op.execute("ALTER TABLE run ADD COLUMN note TEXT")
    {more}
    op.execute("PRAGMA user_version = {next}")
"""

# A process that opens the store as a newer program would, and dies at a named step.
PROGRAM = """
import os, signal, sys
from pathlib import Path
from data import preflight, schema_upgrade, store
from tests.data.books import StillClock

folder, migrations, version, point = sys.argv[1:]
preflight.SCHEMA_VERSION = schema_upgrade.SCHEMA_VERSION = int(version)
schema_upgrade._MIGRATIONS = Path(migrations)

def die(name):
    if name == point:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

store.open_store(Path(folder), StillClock(), die).close()
"""


def newer(folder: Path, more: str = "") -> Path:
    """Copy the steps and add one."""
    steps = folder / "migrations"
    shutil.copytree(schema_upgrade._MIGRATIONS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / f"v{NEXT:04}_next.py").write_text(STEP.format(here=HERE, next=NEXT, more=more))
    return steps


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder of the present version with an open position."""
    folder = tmp_path / "data"
    books = store.open_store(folder, StillClock())
    opened(books)
    books.close()
    return folder


@pytest.fixture
def as_newer(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a newer program, started on what the present one left."""
    use(newer(tmp_path), monkeypatch)


def use(steps: Path, monkeypatch: pytest.MonkeyPatch, version: int = NEXT) -> None:
    """Be the program whose steps these are."""
    monkeypatch.setattr(schema_upgrade, "_MIGRATIONS", steps)
    for module in (schema_upgrade, preflight):
        monkeypatch.setattr(module, "SCHEMA_VERSION", version)


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return names


def killed(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == (15 if sys.platform == "win32" else -9), done.stderr.decode()


def test_a_new_file_has_the_newest_schema_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / preflight.DATABASE_NAME
    create_database(path)
    assert preflight.check(path) == preflight.SCHEMA_VERSION
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert examine(path) == ()


def test_the_version_is_the_number_of_steps() -> None:
    steps = sorted((schema_upgrade._MIGRATIONS / "versions").glob("v*.py"))
    assert [int(step.name[1:5]) for step in steps] == list(range(1, preflight.SCHEMA_VERSION + 1))


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_folder_and_file_are_for_the_user_only(old: Path) -> None:
    assert stat.S_IMODE(old.stat().st_mode) == 0o700
    assert stat.S_IMODE((old / preflight.DATABASE_NAME).stat().st_mode) == 0o600


@pytest.mark.row(98)
@pytest.mark.usefixtures("as_newer")
def test_an_older_file_becomes_new_with_a_copy_of_how_it_was(old: Path) -> None:
    path = old / preflight.DATABASE_NAME
    books = store.open_store(old, StillClock())
    assert books.database.user_version() == NEXT
    assert len(books.positions.recover_all_open_positions()) == 1
    books.positions.prove()
    books.close()
    (backup,) = (old / "backups").iterdir()
    assert backup.name == f"stanchion-v{HERE}-{datetime(2026, 11, 20, 14, 30, 1, tzinfo=UTC):%Y%m%dT%H%M%S.%fZ}.sqlite3"
    assert "novelty" in tables(path) and "novelty" not in tables(backup)
    assert sqlite3.connect(backup).execute("SELECT count(*) FROM open_position").fetchone() == (1,)


@pytest.mark.usefixtures("as_newer")
def test_a_file_that_is_new_already_is_left_alone(old: Path) -> None:
    store.open_store(old, StillClock()).close()
    store.open_store(old, StillClock()).close()
    assert len(list((old / "backups").iterdir())) == 1


def test_nothing_heavy_is_imported_when_there_is_nothing_to_do(old: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from data.store import open_store; from core.clock import SystemClock;"
        "open_store(Path(sys.argv[1]), SystemClock()).close(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(old)], check=True, cwd=ROOT)


@pytest.mark.row(98)
@pytest.mark.parametrize(
    "more",
    [
        'raise RuntimeError("the step is wrong")',
        'op.execute("CREATE TABLE novelty (id INTEGER) STRICT")',
        'op.execute("PRAGMA user_version = 4711"); return',
    ],
)
def test_a_step_that_fails_changes_nothing(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    use(newer(tmp_path, more), monkeypatch)
    with pytest.raises((PersistenceError, RuntimeError, AssertionError)):
        store.open_store(old, StillClock())
    assert "novelty" not in tables(old / preflight.DATABASE_NAME)
    monkeypatch.undo()
    assert examine(old / preflight.DATABASE_NAME) == ()


def test_a_reference_that_no_longer_holds_changes_nothing(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan = (
        'op.execute("CREATE TABLE child (of INTEGER REFERENCES novelty (id)) STRICT"); '
        'op.execute("INSERT INTO child VALUES (7)")'
    )
    use(newer(tmp_path, orphan), monkeypatch)
    with pytest.raises(DatabaseDamaged, match="points to no row of novelty"):
        store.open_store(old, StillClock())
    monkeypatch.undo()
    assert examine(old / preflight.DATABASE_NAME) == ()


def test_references_are_watched_again_after_the_steps(old: Path, as_newer: None) -> None:
    books = store.open_store(old, StillClock())
    with books.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    books.close()


@pytest.mark.row(100, 122)
@pytest.mark.parametrize(("point", "reached"), [("migration.before_commit", HERE), ("migration.done", NEXT)])
def test_an_upgrade_killed_midway_is_whole_at_the_next_start(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, reached: int
) -> None:
    steps = newer(tmp_path)
    killed(str(old), str(steps), str(NEXT), point)
    use(steps, monkeypatch)
    path = old / preflight.DATABASE_NAME
    assert preflight.check(path) == reached
    books = store.open_store(old, StillClock())
    assert books.database.user_version() == NEXT
    assert len(books.positions.recover_all_open_positions()) == 1
    books.positions.prove()
    books.close()
    assert examine(path) == ()


@pytest.mark.row(100)
@pytest.mark.parametrize("point", ["migration.before_commit", "migration.done"])
def test_a_first_start_killed_midway_is_a_first_start_again(tmp_path: Path, point: str) -> None:
    folder = tmp_path / "data"
    killed(str(folder), str(schema_upgrade._MIGRATIONS), str(HERE), point)
    path = folder / preflight.DATABASE_NAME
    assert not path.exists()
    books = store.open_store(folder, StillClock())
    opened(books)
    books.close()
    assert {file.name for file in folder.iterdir()} == {path.name, head_path(path).name}
    assert examine(path) == ()


@pytest.mark.usefixtures("as_newer")
def test_no_room_for_the_copy_means_no_upgrade(old: Path) -> None:
    (old / "backups").write_text("a file where the folder should be")
    with pytest.raises(PersistenceError, match="backup"):
        store.open_store(old, StillClock())
    assert "novelty" not in tables(old / preflight.DATABASE_NAME)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PersistenceError, match="data folder"):
        store.open_store(tmp_path / "file" / "data", StillClock())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chmod(folder, 0o500)
    with pytest.raises(PersistenceError):
        create_database(folder / preflight.DATABASE_NAME)
    os.chmod(folder, 0o700)


# -- the steps there are, each over what the version before it left ---------------------------------------------------


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the first version, with a closed trade, an open position and everything around them."""
    folder, now = tmp_path / "first", tmp_path / "now"
    books = store.open_store(now, StillClock())
    opened(books)
    book(books.positions, [fill("e2", Side.SELL, "3", "5010")])
    books.close()
    steps = tmp_path / "first_steps"
    later = shutil.ignore_patterns("__pycache__", *(f"v000{step}*" for step in range(2, 7)))
    shutil.copytree(schema_upgrade._MIGRATIONS, steps, ignore=later)
    folder.mkdir()
    with monkeypatch.context() as patched:
        use(steps, patched, 1)
        create_database(folder / preflight.DATABASE_NAME)
    connection = sqlite3.connect(folder / preflight.DATABASE_NAME, isolation_level=None)
    connection.execute("ATTACH ? AS now", (str(now / preflight.DATABASE_NAME),))
    for table in sorted(tables(folder / preflight.DATABASE_NAME) - {"alembic_version"}):
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
    connection.close()
    shutil.copy(head_path(now / preflight.DATABASE_NAME), head_path(folder / preflight.DATABASE_NAME))
    return folder


@pytest.mark.row(98)
def test_what_the_first_version_left_is_read_by_this_one(first: Path) -> None:
    path = first / preflight.DATABASE_NAME
    assert preflight.check(path) == 1
    assert examine(path) == ()
    books = store.open_store(first, StillClock())
    (position,), (trade,) = books.positions.recover_all_open_positions(), books.positions.recent_trades(9)
    assert said(position.quantity, trade.quantity, trade.realized_pnl) == (-1, 2, 1000)
    books.positions.prove()
    book(books.positions, [fill("e3", Side.BUY, "1", "5000")])
    assert len(books.positions.recent_trades(9)) == 2
    books.close()
    assert examine(path) == ()


def test_what_the_first_version_did_not_measure_stays_unknown(first: Path) -> None:
    books = store.open_store(first, StillClock())
    (trade,) = books.positions.recent_trades(9)
    books.close()
    assert (trade.heat_total_s, trade.heat_max_s, trade.exit_marks) == (None, None, NO_MARKS)


@pytest.mark.row(98)
def test_an_upgraded_file_has_the_schema_of_a_new_one(first: Path, tmp_path: Path) -> None:
    store.open_store(first, StillClock()).close()
    create_database(tmp_path / "fresh.sqlite3")
    assert schema(first / preflight.DATABASE_NAME) == schema(tmp_path / "fresh.sqlite3")


def schema(path: Path) -> set[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = set(connection.execute("SELECT name, sql FROM sqlite_master"))
    connection.close()
    return found


def said(*figures: object) -> tuple[object, ...]:
    return figures
