"""Two exits of one position both fill: the position they made together is asked about at once, and loudly."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core.events import Level
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Order, OrderType
from tests.fakes.engine import Desk

D = Decimal


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5010")
    yield desk


def fill(desk: Desk, order: Order, price: str) -> None:
    desk.broker.fill(desk.broker.find(order.client_order_id), None, D(price))


@pytest.mark.row(155)
def test_a_stop_that_fills_beside_the_target_is_an_overshoot_to_be_closed(desk: Desk) -> None:
    stop, target = desk.orders()[-2:]
    fill(desk, target, "5010")
    fill(desk, stop, "4990")
    desk.settle()
    assert desk.quantity() == -2
    assert desk.heard("Now SHORT 2, expected flat.", Level.ALARM)
    asked = desk.operation()
    assert (asked.step, asked.branch, asked.choices[0]) == (CloseStep.ASKING, "B5", CloseChoice.CLOSE_REST)
    sent = len(desk.broker.received)
    desk.sell(1)
    assert len(desk.broker.received) == sent, "no entry passes meanwhile"
    desk.answer(CloseChoice.CLOSE_REST)
    desk.tick(3)
    assert desk.quantity() == 0
    assert desk.broker.positions[desk.operation().key] == 0


@pytest.mark.row(155)
def test_two_exits_that_fill_while_we_are_away_are_asked_about_too(desk: Desk) -> None:
    stop, target = desk.orders()[-2:]
    desk.kill()
    fill(desk, target, "5010")
    fill(desk, stop, "4990")
    desk.clock.advance(60)
    desk.start()
    desk.tick(2)
    assert desk.quantity() == -2
    assert desk.operation().branch == "B5"


def test_an_exit_that_closes_its_position_is_no_overshoot(desk: Desk) -> None:
    stop = desk.orders()[-2]
    fill(desk, stop, "4990")
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 0
    assert not desk.snapshot.operations


def test_what_two_exits_made_is_asked_about_although_an_older_question_stands(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    desk.close()
    desk.broker.connect()
    desk.settle()
    older = desk.operation()
    assert CloseChoice.CLOSE_NOW in older.choices
    stop, target = desk.orders()[-2:]
    desk.broker.fill(desk.broker.find(target.client_order_id), 1, D("5010"))
    desk.settle()
    fill(desk, stop, "4990")
    desk.settle()
    assert desk.quantity() == -1
    assert desk.heard("Now SHORT 1, expected flat.", Level.ALARM)
    assert desk.operation().branch == "B5"
    desk.restart()
    assert desk.operation().operation_id != older.operation_id, "what is not asked any more was asked again"
