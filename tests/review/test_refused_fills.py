"""A fill the database refuses is shown as UNSAVED, kept on the disk beside it, and booked when it gives way."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import PersistenceError
from core.events import FillReceived, Level
from core.model.fill import Side
from tests.fakes.engine import ES, Desk


@pytest.mark.row(92)
def test_a_fill_the_database_refused_for_a_while_is_booked_when_it_gives_way(desk: Desk) -> None:
    desk.broker.script.lists_positions = False  # nobody else will ever tell
    desk.broker.script.lists_fills = False
    desk.buy(2)
    desk.memory.disk.error = PersistenceError("locked by another program")
    desk.broker.by_hand(ES, Side.SELL, 1, price="5001")
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 2, price="5002")
    desk.settle()
    desk.unsaved = True
    assert desk.quantity() == -1 and desk.snapshot.halted and len(desk.snapshot.unsaved.fills) == 2
    desk.memory.disk.error = None
    desk.tick(10)
    assert desk.quantity() == -1 and not desk.snapshot.unsaved.entries
    assert desk.store.positions.recent_fills(9) == desk.snapshot.fills
    assert [one.price for one in desk.snapshot.fills] == [Decimal(5000), Decimal(5001), Decimal(5002), Decimal(5002)]


@pytest.mark.row(95)
def test_a_fill_whose_commit_failed_with_effect_is_shown_once_it_is_known(desk: Desk) -> None:
    desk.buy(2)
    record = desk.memory.positions.record

    def recorded_and_failed(*args: object) -> None:
        record(*args)  # type: ignore[arg-type]
        raise PersistenceError("the disk failed; what became of the change is unknown")

    desk.after.clear()  # between the two, what is shown is not what is stored, and nobody can know
    desk.memory.positions.record = recorded_and_failed  # type: ignore[method-assign,assignment]
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    desk.memory.positions.record = record  # type: ignore[method-assign]
    desk.tick(10)
    assert desk.quantity() == 1
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    desk.tick(1)
    assert desk.quantity() == 0


def test_a_refused_fill_is_merged_at_the_next_start_and_booked_once_though_told_again(desk: Desk) -> None:
    desk.buy(2)
    desk.memory.disk.error = PersistenceError("no")
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    fill = next(one for one in reversed(desk.broker.fills))
    desk.kill()
    desk.memory.disk.error = None
    desk.clock.advance(60)
    desk.start()
    assert desk.quantity() == 1
    desk.handle(FillReceived(replace(fill, received_at=desk.clock.now())))
    assert desk.quantity() == 1


def test_an_execution_id_used_again_for_another_order_is_an_alarm(desk: Desk) -> None:
    desk.broker.script.tells_positions = False  # nobody else would notice
    desk.broker.script.market_price = None
    for _ in range(2):
        desk.press(Side.BUY, 1)
        desk.broker.fill(desk.broker.last(), 1, "5000", execution_id="E-1")
        desk.settle()
    assert desk.heard("told execution E-1 twice", Level.ALARM)
