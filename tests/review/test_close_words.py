"""What a close says of its price is written as the contract writes prices."""

from dataclasses import replace
from decimal import Decimal

from core.events import InstrumentReported
from core.model.fill import Side
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.engine import ES, Desk


def test_a_whole_price_keeps_the_decimals_of_its_tick(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = Decimal(6499)
    desk.close()
    desk.tick(1)
    assert "Closed ESZ6 2 @ 6499.00," in desk.operation().text


def test_an_average_between_two_ticks_is_not_rounded_to_one(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    desk.close()
    order = desk.broker.last()
    desk.broker.fill(order, 1, "5000.00")
    desk.broker.fill(order, 1, "5000.25")
    desk.settle()
    desk.tick(1)
    assert "Closed ESZ6 2 @ 5000.125," in desk.operation().text


def test_a_price_in_fractions_is_written_in_fractions(desk: Desk) -> None:
    bond = replace(ES_CONTRACT, tick_size=Decimal(1) / 32, tick_value=Decimal("31.25"), price_format=132)
    desk.handle(InstrumentReported("sim", bond))
    desk.broker.script.market_price = Decimal("110.5")
    desk.press(Side.BUY, 1, key=ES)
    desk.close()
    desk.tick(1)
    assert "Closed ESZ6 1 @ 110'16" in desk.operation().text
