"""What the doctor finds, and that no damage of the file is ever more than a refusal."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.errors import PersistenceError, TerminalError
from core.model.fill import Side
from core.model.operation import CloseOperation, CloseStep
from data import preflight
from data.integrity import examine
from data.store import open_store
from tests.contracts.test_repositories import an_order
from tests.data.books import ACCOUNT, ES, START, StillClock, book, fill, opened, put_empty_database


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed database with something in every table."""
    folder = tmp_path_factory.mktemp("lived-in")
    put_empty_database(folder)
    store = open_store(folder, StillClock())
    store.runs.begin(START)
    opened(store)
    for number in range(40):
        side = Side.BUY if number % 2 else Side.SELL
        store.orders.save(an_order(f"ST{number}"), None, "test")
        book(store.positions, [fill(f"e{number}", side, "3", f"50{number:02}.25", order=f"ST{number}")])
    store.operations.save(CloseOperation("press-1", ES, CloseStep.SENT, START, START), None)
    store.accounts.set_fills_anchor(ACCOUNT, START)
    store.close()
    return folder / preflight.DATABASE_NAME


@pytest.fixture
def file(lived_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(lived_in, tmp_path))


def by_hand(file: Path, *statements: str) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    for name in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        other.execute(f"DROP TRIGGER {name[0]}")
    other.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        other.execute(statement)
    other.close()


def test_a_database_that_is_well_gives_nothing_to_say(file: Path) -> None:
    before = file.read_bytes()
    assert examine(file) == ()
    assert file.read_bytes() == before


def test_a_database_in_use_can_be_examined(tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    store = open_store(tmp_path, StillClock())
    opened(store)
    assert examine(store.database.path) == ()
    store.close()


def test_no_database_is_a_finding(tmp_path: Path) -> None:
    (finding,) = examine(tmp_path / "nowhere.sqlite3")
    assert "does not exist" in finding


def test_a_file_that_is_no_database_is_a_finding(file: Path) -> None:
    file.write_bytes(b"something else")
    (finding,) = examine(file)
    assert "not a database" in finding


@pytest.mark.row(107)
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE open_position SET qty = '1E+3'", "CHECK constraint failed"),
        ("DELETE FROM fill_record WHERE id = 7", "gaps: 80 rows, the last is number 81"),
        ("UPDATE open_position SET entry_price = '1'", "entry_price 1, the ledger gives"),
        ("DELETE FROM trade_record WHERE id = 2", "39 are stored"),
        ("UPDATE trade_record SET realized_pnl = '5' WHERE id = 2", "trade 2 of ESZ6·Sim1@sim says realized_pnl 5"),
        ("UPDATE trade_record SET exit_price = '5' WHERE id = 3", "trade 3 of ESZ6·Sim1@sim says exit_price 5"),
        ("UPDATE trade_record SET account = 'Sim9' WHERE id = 1", "trade 1 is one of ESZ6·Sim9@sim"),
        ("UPDATE audit_event SET text = 'nothing' WHERE sequence = 9", "row 9 does not fit"),
        ("UPDATE fill_record SET price = 'five' WHERE id = 81", "'five' where a number belongs"),
    ],
)
def test_what_is_wrong_is_said(file: Path, statement: str, words: str) -> None:
    by_hand(file, statement)
    findings = examine(file)
    assert any(words in finding for finding in findings), findings


def test_every_check_is_run_even_when_the_first_fails(file: Path) -> None:
    by_hand(
        file,
        "UPDATE open_position SET qty = '7.0'",
        "DELETE FROM audit_event WHERE sequence = 3",
        "DELETE FROM trade_record WHERE id = 1",
    )
    assert len(examine(file)) >= 4


def use(folder: Path) -> None:
    """Do everything a start does, and a little more."""
    store = open_store(folder, StillClock(), busy_timeout_ms=50)
    try:
        store.positions.prove()
        store.positions.recover_all_open_positions()
        store.positions.recent_fills(500)
        store.positions.recent_trades(500)
        store.orders.alive()
        store.operations.unfinished()
        store.accounts.accounts()
        store.accounts.instruments()
        store.accounts.fills_anchor(ACCOUNT)
        store.audit.verify_chain()
        store.runs.begin(START)
    finally:
        store.close()


def spoilt(content: bytes, seed: int) -> bytes:
    """Flip a byte anywhere, a byte of a page's head, or overwrite a stretch."""
    chance = random.Random(seed)
    spoiled = bytearray(content)
    kind = chance.randrange(3)
    place = chance.randrange(len(spoiled))
    if kind == 1:
        place = place // 4096 * 4096 + chance.randrange(16)
    length = 1 if kind < 2 else chance.randrange(1, 3000)
    for position in range(place, min(place + length, len(spoiled))):
        spoiled[position] ^= chance.randrange(1, 256)
    return bytes(spoiled)


@pytest.mark.row(96)
@pytest.mark.parametrize("batch", range(6))
def test_a_spoilt_byte_is_never_more_than_a_refusal(lived_in: Path, tmp_path: Path, batch: int) -> None:
    content = lived_in.read_bytes()
    for seed in range(batch * 40, batch * 40 + 40):
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / preflight.DATABASE_NAME).write_bytes(spoilt(content, seed))
        try:
            use(folder)
        except TerminalError as error:
            assert isinstance(error, PersistenceError) and len(str(error)) > 20
        examine(folder / preflight.DATABASE_NAME)
        shutil.rmtree(folder)


@pytest.mark.row(96)
def test_a_file_cut_anywhere_is_refused_and_kept(lived_in: Path, tmp_path: Path) -> None:
    content = lived_in.read_bytes()
    for part in range(100):
        folder = tmp_path / str(part)
        folder.mkdir()
        path = folder / preflight.DATABASE_NAME
        path.write_bytes(content[: len(content) * part // 100])
        with pytest.raises(PersistenceError):
            use(folder)
        assert path.read_bytes() == content[: len(content) * part // 100]


@pytest.mark.row(97, 125)
def test_a_damaged_log_loses_at_most_what_it_held(lived_in: Path, tmp_path: Path) -> None:
    """A log that does not check out is not applied, as after a torn write; the file before it is still whole."""
    for seed in range(30):
        living, cut = tmp_path / f"living{seed}", tmp_path / f"cut{seed}"
        living.mkdir()
        shutil.copy(lived_in, living)
        store = open_store(living, StillClock())
        book(store.positions, [fill(f"late{number}", Side.SELL, "1") for number in range(3)])
        shutil.copytree(living, cut)
        store.close()
        log = cut / f"{preflight.DATABASE_NAME}-wal"
        log.write_bytes(spoilt(log.read_bytes(), seed))
        try:
            use(cut)
        except TerminalError as error:
            assert isinstance(error, PersistenceError)
        assert cut.exists()
