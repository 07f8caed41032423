"""The whole store: opened, handed from the main thread to the trading thread, closed, opened again."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.model.fill import Side
from core.ports import LastRun
from data import preflight
from data.integrity import examine
from data.store import Store, open_store
from tests.data.books import ES, START, StillClock, book, fill, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "the user's data"


def trade_in_a_thread(store: Store) -> list[BaseException]:
    """Be the trading thread: book a close, and leave the connection to whoever comes next."""
    raised: list[BaseException] = []

    def trade() -> None:
        try:
            book(store.positions, [fill("e2", Side.SELL, "2", "5010")])
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=trade, name="trading")
    thread.start()
    thread.join()
    return raised


def test_a_first_start_makes_the_folder_and_the_file(folder: Path) -> None:
    store = open_store(folder, StillClock())
    assert store.runs.begin(START) is None
    assert store.positions.recover_all_open_positions() == ()
    store.close()
    assert {file.name for file in folder.iterdir()} == {preflight.DATABASE_NAME, f"{preflight.DATABASE_NAME}-head"}


def test_what_was_open_is_there_at_the_next_start(folder: Path) -> None:
    store = open_store(folder, StillClock())
    store.runs.begin(START)
    position = opened(store)
    store.runs.beat(START + timedelta(minutes=1))
    store.close()
    store = open_store(folder, StillClock())
    assert store.runs.begin(START + timedelta(hours=1)) == LastRun(False, START + timedelta(minutes=1))
    store.positions.prove()
    assert store.positions.recover_all_open_positions() == (position,)
    store.close()


def test_the_trading_thread_takes_over_what_the_main_thread_hands_over(folder: Path) -> None:
    store = open_store(folder, StillClock())
    opened(store)
    store.hand_over()
    assert trade_in_a_thread(store) == []
    # The trading thread has ended; the main thread ends the run and closes.
    assert store.positions.get_open_position(ES) is None
    store.close()
    assert examine(folder / preflight.DATABASE_NAME) == ()


def test_the_trading_thread_may_not_start_before_that(folder: Path) -> None:
    store = open_store(folder, StillClock())
    opened(store)
    (error,) = trade_in_a_thread(store)
    assert isinstance(error, AssertionError) and "has not closed it" in str(error)
    assert store.positions.get_open_position(ES) is not None
    store.close()


def test_a_store_that_is_refused_leaves_the_file_closed(folder: Path) -> None:
    store = open_store(folder, StillClock())
    opened(store)
    store.close()
    path = folder / preflight.DATABASE_NAME
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="stanchion doctor"):
        open_store(folder, StillClock())
    path.rename(folder / "aside")  # Windows would not rename an open file
    assert (folder / "aside").read_bytes() == bytes(content)


@pytest.mark.parametrize("refusal", ["damage", "a changed audit row"])
def test_a_store_that_is_refused_leaves_file_and_log_as_they_were(folder: Path, tmp_path: Path, refusal: str) -> None:
    store = open_store(folder, StillClock())
    opened(store)
    with store.database.reading() as connection:
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'guard_lock'").scalar_one()
    store.close()
    store = open_store(folder, StillClock())
    book(store.positions, [fill("late", Side.SELL, "1")])
    if refusal != "damage":
        with store.database.transaction() as connection:
            connection.exec_driver_sql("DROP TRIGGER audit_event_never_UPDATE")
            connection.exec_driver_sql("UPDATE audit_event SET text = 'nothing happened' WHERE sequence = 2")
    crashed = tmp_path / "crashed"
    shutil.copytree(folder, crashed)
    store.close()
    path = crashed / preflight.DATABASE_NAME
    if refusal == "damage":
        content = bytearray(path.read_bytes())
        content[4096 * (root - 1) : 4096 * root] = bytes(4096)
        path.write_bytes(content)
    files = [path, crashed / f"{path.name}-wal"]
    before = [file.read_bytes() for file in files]
    assert len(before[1]) > 0
    with pytest.raises(DatabaseDamaged):
        open_store(crashed, StillClock())
    assert [file.read_bytes() for file in files] == before
