"""The simulated broker: what it answers, in which order, and that it remembers before it tells."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from core.errors import PersistenceError
from services.simulator.accounts import Position
from services.simulator.broker import SimulatedBroker
from services.simulator.market import SyntheticMarket
from services.simulator.orders import OrderStatus, Side, TimeInForce
from services.simulator.ports import Batch
from services.simulator.reports import OrderReport, PositionReport, Report, Statement, UnknownOrderReport, Why
from services.simulator.requests import Change, OrderName
from tests.services.simulator.venue import ES, MES, D, MemoryStore, book, broker, contracts, new_order, trade, trading


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def venue(store: MemoryStore) -> SimulatedBroker:
    return broker(store)


def whys(reports: Sequence[Report]) -> list[tuple[Why, OrderStatus]]:
    return [(each.why, each.order.status) for each in reports if isinstance(each, OrderReport)]


def texts(reports: Sequence[Report]) -> list[str]:
    return [each.text for each in reports if isinstance(each, OrderReport | UnknownOrderReport)]


def by_client(name: str) -> OrderName:
    return OrderName("", name, "Sim1")


def test_a_market_order_is_accepted_then_filled_then_position_then_money(venue: SimulatedBroker) -> None:
    accepted, filled, position, money = venue.submit(new_order(quantity=2), 5)
    assert whys([accepted, filled]) == [
        (Why.ACCEPTED, OrderStatus.WORKING),
        (Why.FILLED, OrderStatus.FILLED),
    ]
    assert isinstance(filled, OrderReport) and filled.fill is not None
    assert (filled.fill.price, filled.fill.commission, filled.fill.at_us) == (D("6500.25"), D("4.50"), 5)
    assert isinstance(position, PositionReport) and position.position.quantity == 2
    assert isinstance(money, Statement) and money.account.cash == D("99995.50")
    assert money.margin == 5000
    assert money.open_profit == D("-25.00")


def test_a_partial_fill_says_so_and_the_last_part_completes_it(venue: SimulatedBroker) -> None:
    reports = venue.submit(new_order(quantity=15), 1)
    assert whys(reports) == [
        (Why.ACCEPTED, OrderStatus.WORKING),
        (Why.FILLED, OrderStatus.PARTIAL),
        (Why.FILLED, OrderStatus.FILLED),
    ]
    last = reports[-3]
    assert isinstance(last, OrderReport)
    assert last.order.average_price == (10 * D("6500.25") + 5 * D("6500.50")) / 15


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"symbol": "XXX"}, "Symbol XXX is unknown"),
        ({"account": "Sim9"}, "Trade account Sim9 is unknown"),
        ({"limit": "6500.10"}, "Price 6500.10 is not a multiple of the tick size 0.25"),
        ({"quantity": "0"}, "Order quantity 0 is not greater than zero"),
        ({"quantity": "-1"}, "Order quantity -1 is not greater than zero"),
        ({"quantity": "1E+300"}, "Order quantity 1E+300 is more than the largest order of 500"),
        ({"quantity": "1.5"}, "Order quantity 1.5 is not a whole number of contracts"),
        ({"quantity": "41"}, "Margin 102500.00 is more than the account value 100000.00 USD"),
        ({"stop": "6499.00"}, "Buy stop price 6499.00 is not above the last trade 6500.00"),
        ({"limit": "-1"}, "Price -1 is not greater than zero"),
    ],
)
def test_an_order_that_cannot_work_is_refused_with_the_reason(
    venue: SimulatedBroker, asked: dict[str, str], text: str
) -> None:
    reports = venue.submit(new_order(**asked), 1)  # type: ignore[arg-type]
    assert whys(reports) == [(Why.REFUSED, OrderStatus.REJECTED)]
    assert texts(reports) == [text]


def test_a_client_order_id_is_accepted_once(venue: SimulatedBroker) -> None:
    venue.submit(new_order(limit="6490.00"), 1)
    reports = venue.submit(new_order(limit="6490.00"), 2)
    assert whys(reports) == [(Why.REFUSED, OrderStatus.REJECTED)]
    assert "was used before" in texts(reports)[0]
    assert [each.server_order_id for each in venue.records.open_orders()] == ["T1-1"]


def test_closing_is_never_refused_for_margin(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", quantity=40), 1)
    venue.on_events([book(bid="6400.00", ask="6400.25", bids=(99,), last="6400.00")])
    reports = venue.submit(new_order("C2", Side.SELL, quantity=40), 2)
    assert whys(reports)[-1] == (Why.FILLED, OrderStatus.FILLED)


def test_cancel_ends_a_working_order_and_is_refused_with_the_true_status_afterwards(venue: SimulatedBroker) -> None:
    venue.submit(new_order(limit="6490.00"), 1)
    assert whys(venue.cancel(by_client("C1"), 2)) == [(Why.CANCELLED, OrderStatus.CANCELLED)]
    assert whys(venue.cancel(by_client("C1"), 3)) == [(Why.CANCEL_REFUSED, OrderStatus.CANCELLED)]
    venue.submit(new_order("C2"), 4)
    refused = venue.cancel(by_client("C2"), 5)
    assert whys(refused) == [(Why.CANCEL_REFUSED, OrderStatus.FILLED)]
    assert texts(refused) == ["Order T1-2 is already filled: too late to cancel"]
    (unknown,) = venue.cancel(OrderName("T1-99", "C99"), 6)
    assert unknown == UnknownOrderReport(Why.CANCEL_REFUSED, OrderName("T1-99", "C99"), "Order T1-99 is unknown")


def test_a_replaced_order_takes_its_new_terms(venue: SimulatedBroker) -> None:
    venue.submit(new_order(limit="6490.00", quantity=2), 1)
    reports = venue.replace(by_client("C1"), Change(quantity=D(3), limit_price=D("6500.25")), 2)
    assert whys(reports) == [(Why.REPLACED, OrderStatus.WORKING), (Why.FILLED, OrderStatus.FILLED)]
    assert whys(venue.replace(by_client("C1"), Change(quantity=D(9)), 3)) == [(Why.REPLACE_REFUSED, OrderStatus.FILLED)]


def test_a_replace_to_what_is_filled_already_or_off_the_grid_is_refused(venue: SimulatedBroker) -> None:
    venue.submit(new_order(limit="6500.25", quantity=12), 1)
    for change in (Change(quantity=D(10)), Change(limit_price=D("6500.10"))):
        assert whys(venue.replace(by_client("C1"), change, 2)) == [(Why.REPLACE_REFUSED, OrderStatus.PARTIAL)]


def test_a_replace_that_overtakes_its_order_is_refused(store: MemoryStore) -> None:
    venue = broker(store, latency_us=1000)
    venue.submit(new_order(limit="6490.00"), 0)
    venue.latency_us = 0
    (told,) = venue.replace(by_client("C1"), Change(limit_price=D("6491.00")), 1)
    assert isinstance(told, OrderReport) and told.why is Why.REPLACE_REFUSED
    venue.advance(1000)
    assert [order.limit_price for order in venue.records.open_orders()] == [D("6490.00")]


def test_requests_take_effect_after_the_latency_and_are_remembered_meanwhile(store: MemoryStore) -> None:
    venue = broker(store, latency_us=1000)
    assert venue.submit(new_order(limit="6490.00"), 5_000) == []
    assert [row["status"] for row in store.load()["orders"]] == ["PENDING"]
    assert venue.cancel(by_client("C1"), 5_500) == []
    assert whys(venue.advance(6_000)) == [(Why.ACCEPTED, OrderStatus.WORKING)]
    assert whys(venue.on_events([book(at_us=6_499)])) == []
    assert whys(venue.on_events([book(at_us=6_500)])) == [(Why.CANCELLED, OrderStatus.CANCELLED)]


def test_what_was_received_settles_when_the_last_line_is_gone(store: MemoryStore) -> None:
    venue = broker(store, latency_us=10_000_000)
    venue.submit(new_order(), 1)
    assert whys(venue.settle(2))[-1] == (Why.FILLED, OrderStatus.FILLED)


def test_flatten_closes_the_position_of_one_symbol_and_has_nothing_to_do_when_flat(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", Side.SELL, quantity=3), 1)
    venue.submit(new_order("C2", symbol=MES), 1)
    venue.flatten(ES, by_client("C3"), 2)
    assert venue.records.position("Sim1", ES).quantity == 0
    assert venue.records.position("Sim1", MES).quantity == 1
    reports = venue.flatten(ES, by_client("C4"), 3)
    assert whys(reports) == [(Why.REFUSED, OrderStatus.REJECTED)]
    assert texts(reports) == [f"There is no position in {ES} to flatten"]


def test_an_order_with_an_end_expires(venue: SimulatedBroker) -> None:
    venue.submit(new_order(limit="6490.00", time_in_force=TimeInForce.GTD, expires_us=50), 1)
    assert venue.advance(49) == []
    assert whys(venue.advance(50)) == [(Why.CANCELLED, OrderStatus.CANCELLED)]


def test_the_two_accounts_are_kept_apart(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", account="Sim1", quantity=2), 1)
    venue.submit(new_order("C2", Side.SELL, account="Sim2", quantity=1), 1)
    assert venue.records.position("Sim1", ES).quantity == 2
    assert venue.records.position("Sim2", ES).quantity == -1
    cash = {account.name: account.cash for account in venue.records.accounts}
    assert cash == {"Eval50K": D(50_000), "EurSim": D(50_000)} | {"Sim1": D("99995.50"), "Sim2": D("99997.75")}


def test_everything_is_committed_before_it_is_told(venue: SimulatedBroker, store: MemoryStore) -> None:
    def refuse(changed: Batch, removed: Batch) -> None:
        raise PersistenceError("disk full")

    store.commit = refuse  # type: ignore[method-assign]
    with pytest.raises(PersistenceError):
        venue.submit(new_order(), 1)
    assert not store.load()["fills"]


@pytest.mark.row(91)
def test_a_restart_keeps_orders_positions_fills_money_and_counts(store: MemoryStore) -> None:
    venue = broker(store)
    venue.submit(new_order("C1", quantity=12), 1)
    venue.submit(new_order("C2", Side.SELL, quantity=5, limit="6510.00"), 2)
    venue.submit(new_order("C3", Side.SELL, quantity=7, stop="6480.00"), 2)
    before = store.load()
    again = broker(store, with_book=False)
    assert store.load() == before
    assert [each.client_order_id for each in again.records.open_orders()] == ["C2", "C3"]
    again.on_events([book(bid="6509.75", ask="6510.00", last="6509.75", asks=(1,))])
    again.on_events([trade("6510.00", 3, Side.BUY, at_us=9)])
    (sold,) = [each for each in again.records.fills if each.client_order_id == "C2"]
    assert (sold.quantity, sold.price, sold.execution_id) == (D(2), D("6510.00"), "T1-F3")
    (_, filled, *_) = again.submit(new_order("C4"), 10)
    assert isinstance(filled, OrderReport) and filled.order.server_order_id == "T1-4"


@pytest.mark.row(91)
def test_an_order_received_but_not_yet_at_the_exchange_survives_a_restart(store: MemoryStore) -> None:
    broker(store, latency_us=1_000_000).submit(new_order(), 1)
    again = broker(store)
    assert whys(again.advance(2)) == []
    assert [each.status for each in again.records.orders] == [OrderStatus.FILLED]


def test_the_same_requests_on_the_same_seed_give_the_same_bytes_twice() -> None:
    def run() -> bytes:
        store = MemoryStore()
        venue, market = broker(store, latency_us=20_000, with_book=False), SyntheticMarket(contracts(), 3, 0)
        venue.on_events(trading(market.opening()))
        told: list[Report] = []
        for second in range(60):
            told += venue.on_events(trading(market.step(1_000_000)))
            side = Side.BUY if second % 2 else Side.SELL
            limit = None if second % 3 else str(market.opening()[0].bids[0][0])  # type: ignore[union-attr]
            told += venue.submit(new_order(f"C{second}", side, second % 7 + 1, limit), market.now_us)
        return repr((told, store.load())).encode()

    assert run() == run()


def test_a_fill_can_be_forced_whatever_the_market_says(venue: SimulatedBroker) -> None:
    venue.submit(new_order(quantity=3, limit="6400.00"), 1)
    assert whys(venue.fill_now(by_client("C1"), D(1), D("6400.00"), 2)) == [(Why.FILLED, OrderStatus.PARTIAL)]
    assert whys(venue.cancel(by_client("C1"), 3)) == [(Why.CANCELLED, OrderStatus.CANCELLED)]
    late = venue.fill_now(by_client("C1"), D(1), D("6400.00"), 4)
    assert whys(late) == [(Why.FILLED, OrderStatus.CANCELLED)]
    assert venue.records.position("Sim1", ES).quantity == 2
    with pytest.raises(KeyError, match="C9"):
        venue.fill_now(by_client("C9"), D(1), D(6400), 5)
    venue.submit(new_order("C8", account="Nobody"), 6)
    with pytest.raises(KeyError, match="unknown symbol or account"):
        venue.fill_now(by_client("C8"), D(1), D(6400), 7)


def test_what_was_forced_can_not_trade_again(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", quantity=3, limit="6400.00"), 1)
    venue.submit(new_order("C2", quantity=1, limit="6400.00"), 1)
    venue.fill_now(by_client("C1"), D(1), D("6400.00"), 2)
    venue.fill_now(by_client("C2"), D(1), D("6400.00"), 2)
    venue.on_events([book(bid="6390.00", ask="6390.25", asks=(99,), last="6390.00")])
    assert [(each.client_order_id, each.filled) for each in venue.records.orders] == [("C1", D(3)), ("C2", D(1))]


@pytest.mark.parametrize("with_fill", [True, False])
def test_a_position_can_change_as_if_traded_elsewhere(venue: SimulatedBroker, with_fill: bool) -> None:
    venue.submit(new_order(quantity=3), 1)
    venue.trade_elsewhere(Position("Sim1", ES, D(-2), D(-2) * D(6510), 2), D(6510), 2, with_fill)
    held = venue.records.position("Sim1", ES)
    assert (held.quantity, held.average_price) == (D(-2), Decimal(6510))
    elsewhere = [each for each in venue.records.fills if not each.client_order_id]
    assert [(each.side, each.quantity) for each in elsewhere] == ([(Side.SELL, D(5))] if with_fill else [])


def test_forgotten_orders_are_unknown_and_the_position_stays(venue: SimulatedBroker, store: MemoryStore) -> None:
    venue.submit(new_order("C1"), 1)
    venue.submit(new_order("C2", limit="6490.00"), 1)
    venue.forget_orders(fills_too=True, now_us=2)
    assert store.load()["orders"] == store.load()["fills"] == []
    assert texts(venue.cancel(by_client("C2"), 3)) == ["Order C2 is unknown"]
    assert venue.on_events([trade("6400.00", 99, Side.SELL)]) == []
    assert venue.records.position("Sim1", ES).quantity == 1


def test_the_next_orders_can_be_refused_with_a_text(venue: SimulatedBroker) -> None:
    venue.faults.refuse_next, venue.faults.refuse_text = 1, "Not today"
    assert texts(venue.submit(new_order("C1"), 1)) == ["Not today"]
    assert whys(venue.submit(new_order("C2"), 2))[0] == (Why.ACCEPTED, OrderStatus.WORKING)


@pytest.mark.parametrize("works", [True, False])
def test_a_cancel_can_be_swallowed_with_or_without_effect(venue: SimulatedBroker, works: bool) -> None:
    venue.submit(new_order(limit="6490.00"), 1)
    venue.faults.answers_cancels, venue.faults.swallowed_cancels_work = False, works
    assert venue.cancel(by_client("C1"), 2) == []
    assert bool(venue.records.open_orders()) is not works
