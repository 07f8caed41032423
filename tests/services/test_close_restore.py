"""Exits come back as they were: a linked pair as a pair where the broker holds links, no larger than what is open."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from core.commands import PlaceExit, PlaceExitPair
from core.link import Link
from core.model.fill import Side
from core.model.market import Quote
from core.model.operation import CloseOperation, CloseStep
from core.model.order import Intent, Order, OrderState, OrderType, TimeInForce
from core.snapshot import Certainty, ConnectionStatus, ScopeStatus, Snapshot
from services.close_plan import Facts
from services.close_restore import Restored, restore
from tests.fakes.clock import START
from tests.fakes.engine import ES, seen
from tests.services.test_close_exits import position

STOP = Order(
    ES,
    "S",
    Side.SELL,
    Intent.PROTECT,
    OrderType.STOP,
    Decimal(2),
    START,
    START,
    trigger_price=Decimal(4980),
    time_in_force=TimeInForce.GTC,
    state=OrderState.CANCELLED,
    oco_client_order_id="T",
)
TARGET = replace(
    STOP,
    client_order_id="T",
    intent=Intent.REDUCE,
    type=OrderType.LIMIT,
    trigger_price=None,
    price=Decimal(5020),
    oco_client_order_id="S",
)


def restored(
    *orders: Order,
    held: int = 2,
    broker: int | None = None,
    oco: bool = True,
    certainty: Certainty = Certainty.CONFIRMED,
    last: int = 5000,
) -> Restored:
    """Return what a close that cancelled these orders puts back."""
    names: Iterator[int] = iter(range(1, 99))
    line = ConnectionStatus("sim", Link.READY, START, oco_supported=oco)
    quantity = Decimal(held if broker is None else broker)
    told = ScopeStatus(ES, certainty, quantity, broker_time=START + timedelta(1))
    snapshot = Snapshot(
        connections=MappingProxyType({"sim": line}),
        positions=MappingProxyType({ES: position(held)}),
        scopes=MappingProxyType({ES: told}),
        orders=MappingProxyType({one.client_order_id: one for one in orders}),
        quotes=MappingProxyType({("sim", ES.symbol): Quote(ES.symbol, last=Decimal(last))}),
    )
    facts = Facts(ES, snapshot, None, START, lambda: f"N{next(names)}")
    cancelled = tuple(one.client_order_id for one in orders)
    return restore(CloseOperation("close", ES, CloseStep.SENT, START, START, cancelled=cancelled), facts)


def test_a_linked_pair_comes_back_as_a_pair_at_its_old_prices_and_time_in_force() -> None:
    back = restored(STOP, TARGET)
    (pair,) = back.messages
    assert isinstance(pair, PlaceExitPair)
    assert seen(pair.stop.type, pair.stop.trigger_price, pair.stop.intent) == (OrderType.STOP, 4980, Intent.PROTECT)
    assert seen(pair.target.type, pair.target.price, pair.target.intent) == (OrderType.LIMIT, 5020, Intent.REDUCE)
    assert pair.stop.quantity == pair.target.quantity == 2
    assert {pair.stop.time_in_force, pair.target.time_in_force} == {TimeInForce.GTC}
    assert back.stop_ids == (pair.stop.client_order_id,)
    assert back.text == " Stop and target are being placed again at their old prices."


def test_a_pair_is_made_no_larger_than_what_is_open() -> None:
    (pair,) = restored(STOP, TARGET, held=1).messages
    assert isinstance(pair, PlaceExitPair)
    assert pair.stop.quantity == pair.target.quantity == 1


def test_where_the_broker_holds_no_links_the_stop_goes_before_the_target() -> None:
    back = restored(TARGET, STOP, oco=False)
    assert [one.type for one in back.messages if isinstance(one, PlaceExit)] == [OrderType.STOP, OrderType.LIMIT]
    assert len(back.messages) == 2


@pytest.mark.parametrize("order", [(STOP, TARGET), (TARGET, STOP)])
def test_one_side_that_names_the_other_is_enough_for_a_link(order: tuple[Order, Order]) -> None:
    first = replace(order[0], oco_client_order_id="")
    assert [type(one) for one in restored(first, order[1]).messages] == [PlaceExitPair]


def test_two_that_were_not_linked_are_not_linked_now() -> None:
    alone = [replace(one, oco_client_order_id="") for one in (STOP, TARGET)]
    assert [type(one) for one in restored(*alone).messages] == [PlaceExit, PlaceExit]


def test_two_pairs_come_back_as_two_pairs() -> None:
    others = (
        replace(STOP, client_order_id="S2", quantity=Decimal(1), oco_client_order_id="T2"),
        replace(TARGET, client_order_id="T2", quantity=Decimal(1), oco_client_order_id="S2", price=Decimal(5030)),
    )
    back = restored(STOP, TARGET, *others, held=3)
    pairs = [(one.stop.quantity, one.target.price) for one in back.messages if isinstance(one, PlaceExitPair)]
    assert seen(*pairs) == ((1, 5030), (2, 5020)) and len(back.messages) == 2


def test_of_a_pair_whose_stop_the_market_has_passed_only_the_target_comes_back() -> None:
    back = restored(STOP, TARGET, last=4979)
    (target,) = back.messages
    assert isinstance(target, PlaceExit) and target.type is OrderType.LIMIT
    assert back.text == (
        " The target is being placed again at its old price. Price is beyond old stop – UNPROTECTED 2."
    )


def test_a_target_that_still_works_counts() -> None:
    working = replace(TARGET, client_order_id="W", state=OrderState.WORKING, oco_client_order_id="")
    back = restored(STOP, TARGET, working)
    assert [one.type for one in back.messages if isinstance(one, PlaceExit)] == [OrderType.STOP]


def test_exits_of_an_entry_that_never_filled_are_no_exits_of_this_position() -> None:
    entry = replace(STOP, client_order_id="E", side=Side.BUY, intent=Intent.OPEN, type=OrderType.LIMIT)
    waited = [replace(one, parent_client_order_id="E") for one in (STOP, TARGET)]
    assert restored(entry, *waited).messages == ()
    filled = replace(entry, filled_quantity=Decimal(2), state=OrderState.FILLED)
    assert [type(one) for one in restored(filled, *waited).messages] == [PlaceExitPair]


@pytest.mark.parametrize(("broker", "sizes"), [(0, []), (1, [1]), (2, [2])])
def test_no_more_comes_back_than_the_broker_says_is_open(broker: int, sizes: list[int]) -> None:
    back = restored(STOP, TARGET, broker=broker, certainty=Certainty.PENDING)
    assert [one.stop.quantity for one in back.messages if isinstance(one, PlaceExitPair)] == sizes
    assert ("may be gone already" in back.text) is (broker < 2)
