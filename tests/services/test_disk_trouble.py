"""A disk that is full or a file somebody holds, at any moment: trading ends flat and the books end as the broker's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import DiskFull
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from data import preflight
from data.store import open_store
from tests.data.books import put_empty_database
from tests.fakes.engine import ES, Desk

# A day of one position writes this often, and a few times more when something fails.
WRITES = 45


@pytest.mark.row(93)
@pytest.mark.parametrize("lasting", [1, 1000])
def test_a_disk_that_is_full_from_any_write_on_lets_the_position_be_closed_and_loses_nothing(lasting: int) -> None:
    failed = 0
    for number in range(WRITES):
        desk = Desk().start()
        writes, write = [0], desk.memory.disk.write

        def full(
            writes: list[int] = writes, write: object = write, first: int = number, last: int = number + lasting
        ) -> None:
            writes[0] += 1
            if first < writes[0] <= last:
                raise DiskFull("no room left.")
            write()  # type: ignore[operator]

        desk.memory.disk.write = full  # type: ignore[method-assign]
        desk.buy(2)
        if desk.broker.received:
            desk.press(Side.SELL, 2, OrderType.STOP, "4990")
            desk.tick(1)
            desk.close()
            desk.tick(2)
        assert desk.broker.positions.get(ES, 0) == 0, f"write {number}: closing works from memory"
        assert not any(one.alive for one in desk.broker.orders.values())
        failed += writes[0] > number
        assert desk.snapshot.halted or writes[0] <= number, f"write {number}: it is said"
        desk.memory.disk.write = write  # type: ignore[method-assign]
        desk.tick(20)
        assert desk.quantity() == 0 and not desk.snapshot.unsaved.entries
        assert {one.execution_id for one in desk.store.positions.recent_fills(99)} == {
            one.execution_id for one in desk.broker.fills
        }
        assert not desk.orders(OrderState.UNKNOWN)
    assert failed > 10


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file as another program would."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.row(92)
def test_while_another_program_holds_the_database_fills_are_shown_exits_go_and_entries_wait(tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    desk = Desk(opened=lambda clock, reached: open_store(tmp_path, clock, reached, busy_timeout_ms=20)).start()
    desk.buy(2)
    with held(tmp_path / preflight.DATABASE_NAME):
        desk.sell(1)
        assert desk.quantity() == 1 and desk.snapshot.unsaved.holds(ES)
        desk.buy(1)
        assert [one.side for one in desk.broker.received] == [Side.BUY, Side.SELL]
    desk.tick(10)
    stored = desk.store.positions.get_open_position(ES)
    assert stored is not None and stored.quantity == 1 and not desk.snapshot.unsaved.entries
    desk.stop()
