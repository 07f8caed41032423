"""What a drag in the ladder asks for."""

from decimal import Decimal

from core.model.order import OrderType
from core.model.order_change import Terms
from panels.dom_orders import moved_to
from tests.panels.worlds import order

D = Decimal


def test_a_stop_takes_its_trigger_and_a_limit_its_price() -> None:
    assert moved_to(order(1), D("5046.00")) == Terms(trigger_price=D("5046.00"))
    limit = order(2, type=OrderType.LIMIT, trigger_price=None, price=D("5055.00"))
    assert moved_to(limit, D("5056.00")) == Terms(price=D("5056.00"))


def test_the_limit_of_a_stop_limit_keeps_its_distance() -> None:
    both = order(3, type=OrderType.STOP_LIMIT, price=D("5044.75"))
    assert moved_to(both, D("5046.00")) == Terms(price=D("5045.50"), trigger_price=D("5046.00"))


def test_an_order_let_go_where_it_stands_asks_for_nothing() -> None:
    assert moved_to(order(4), D("5045.25")).is_empty
