"""An account under evaluation: where its floor is, what happens when it is reached, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from services.simulator.account_specs import DEFAULT_ACCOUNTS
from services.simulator.broker import SimulatedBroker
from services.simulator.evaluation import Breach, Evaluation, counted, evaluation_from_row, evaluation_to_row
from services.simulator.orders import OrderStatus, Side, TimeInForce
from services.simulator.reports import Notice, OrderReport, Report, Statement, Why
from services.simulator.requests import Change, OrderName
from tests.services.simulator.venue import ES, MES, D, MemoryStore, book, broker, new_order

NAME = "Eval50K"
MONDAY_US = int(datetime(2026, 11, 23, 15, tzinfo=UTC).timestamp()) * 1_000_000
HOUR_US = 3_600_000_000
FIVE_O_CLOCK_US = MONDAY_US + 8 * HOUR_US  # 17:00 in Chicago


def evaluation(peak: str = "50000", locked: Breach | None = None) -> Evaluation:
    rules = DEFAULT_ACCOUNTS[NAME].evaluation
    assert rules is not None
    return Evaluation(NAME, rules, D(peak), locked)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def venue(store: MemoryStore) -> SimulatedBroker:
    return opened(store)


def opened(store: MemoryStore, at_us: int = MONDAY_US, last: str = "6500.00") -> SimulatedBroker:
    made = broker(store, with_book=False)
    price(made, last, at_us)
    return made


def price(venue: SimulatedBroker, last: str, at_us: int = MONDAY_US, deep: int = 500) -> list[Report]:
    """Let the whole market stand a tick around a price."""
    ask, sizes = str(D(last) + D("0.25")), (deep, deep)
    return venue.on_events(
        [
            book(bid=last, ask=ask, bids=sizes, asks=sizes, at_us=at_us, last=last),
            book(bid=last, ask=ask, bids=sizes, asks=sizes, at_us=at_us, last=last, symbol=MES),
        ]
    )


def buy(venue: SimulatedBroker, quantity: int = 1, at_us: int = MONDAY_US, name: str = "E1") -> list[Report]:
    return venue.submit(new_order(name, quantity=quantity, account=NAME), at_us)


def standing(venue: SimulatedBroker) -> Evaluation:
    found = venue.records.evaluations.get(NAME)
    assert found is not None
    return found


def orders(reports: Sequence[Report]) -> list[OrderReport]:
    return [each for each in reports if isinstance(each, OrderReport)]


def refusal(venue: SimulatedBroker, at_us: int = MONDAY_US, name: str = "E9") -> str:
    (report,) = orders(buy(venue, at_us=at_us, name=name))
    assert report.why is Why.REFUSED
    return report.text


# -- the rules, pure


@pytest.mark.parametrize(
    ("peak", "floor"), [("50000", "48000"), ("51234.5", "49234.5"), ("52100", "50100"), ("60000", "50100")]
)
def test_the_floor_follows_the_peak_and_stops_a_little_above_the_start(peak: str, floor: str) -> None:
    assert evaluation(peak).floor == D(floor)


def test_the_peak_never_falls() -> None:
    assert evaluation().seen(D(50_500)).seen(D(50_100)).peak == 50_500


@pytest.mark.parametrize(
    ("equity", "day_equity", "breach"),
    [
        ("48000.01", "48500", None),
        ("48000", "48500", Breach.DRAWDOWN),
        ("49000.01", "50000", None),
        ("49000", "50000", Breach.DAILY_LOSS),
        ("47000", "50000", Breach.DRAWDOWN),
    ],
)
def test_a_limit_counts_when_it_is_reached_and_the_floor_comes_first(
    equity: str, day_equity: str, breach: Breach | None
) -> None:
    assert evaluation().breach(D(equity), D(day_equity)) is breach


def test_a_new_day_lifts_the_lock_of_the_day_and_no_other() -> None:
    assert evaluation(locked=Breach.DAILY_LOSS).new_day().locked is None
    assert evaluation(locked=Breach.DRAWDOWN).new_day().locked is Breach.DRAWDOWN


def test_a_micro_counts_a_tenth() -> None:
    assert [counted(root, D(20)) for root in ("ES", "MES", "MNQ")] == [20, 2, 2]


@pytest.mark.parametrize("locked", [None, *Breach])
def test_a_row_brings_back_the_same_evaluation(locked: Breach | None) -> None:
    before = evaluation("51000.25", locked)
    if locked:
        before = before.lock(locked, D(50_500), MONDAY_US)
    assert evaluation_from_row(evaluation_to_row(before)) == before


# -- at the broker


def test_open_profit_moves_the_floor_tick_by_tick_and_giving_it_back_does_not(venue: SimulatedBroker) -> None:
    buy(venue, 2)
    paid = D("4.50") + D(25)
    price(venue, "6505.00")
    assert standing(venue).peak == 50_000 + 500 - paid
    price(venue, "6501.00")
    assert standing(venue).floor == 50_000 + 500 - paid - 2_000
    assert standing(venue).locked is None


def test_the_floor_reached_empties_the_account_and_locks_it_for_good(venue: SimulatedBroker) -> None:
    buy(venue, 2)
    venue.submit(new_order("E2", Side.SELL, 2, limit="6520.00", account=NAME), MONDAY_US)
    price(venue, "6515.00")
    reports = price(venue, "6494.00", MONDAY_US + 5)
    cancelled, accepted, filled = orders(reports)
    assert (cancelled.order.client_order_id, cancelled.why) == ("E2", Why.CANCELLED)
    assert cancelled.text == "Account liquidation: trailing drawdown reached"
    assert (accepted.why, accepted.order.client_order_id) == (Why.ACCEPTED, "")
    assert filled.fill is not None
    assert (filled.fill.side, filled.fill.quantity, filled.fill.price) == (Side.SELL, D(2), D("6494.00"))
    assert filled.order.free_text == "Account liquidation: trailing drawdown reached"
    assert venue.records.position(NAME, ES).quantity == 0
    assert refusal(venue) == "Account Eval50K is locked: trailing drawdown 49,470.50 reached at 2026-11-23 15:00 UTC"
    price(venue, "6600.00", FIVE_O_CLOCK_US + 72 * HOUR_US)
    assert "is locked: trailing drawdown" in refusal(venue, FIVE_O_CLOCK_US + 72 * HOUR_US, "E10")


def test_orders_in_what_the_account_does_not_hold_are_cancelled_too(venue: SimulatedBroker) -> None:
    venue.submit(new_order("E1", limit="6400.00", account=NAME, symbol=MES), MONDAY_US)
    buy(venue, 4, name="E2")
    price(venue, "6480.00")
    assert venue.records.open_orders(NAME) == []
    assert [each.client_order_id for each in venue.records.orders if each.status is OrderStatus.CANCELLED] == ["E1"]


def test_everybody_is_told_of_a_lock_in_a_sentence_and_in_the_money_of_the_account(venue: SimulatedBroker) -> None:
    buy(venue, 5)
    reports = price(venue, "6490.00")
    (notice,) = [each for each in reports if isinstance(each, Notice)]
    assert notice.text.startswith("Account Eval50K is locked")
    last = [each for each in reports if isinstance(each, Statement)][-1]
    assert last.evaluation is not None and last.evaluation.locked is not None
    assert last.open_profit == 0


def test_the_days_loss_locks_until_five_in_the_afternoon_in_chicago(venue: SimulatedBroker) -> None:
    buy(venue, 5)
    price(venue, "6496.25")
    assert standing(venue).locked is Breach.DAILY_LOSS
    assert venue.records.position(NAME, ES).quantity == 0
    text = "Account Eval50K is locked until 17:00 Chicago: daily loss limit 49,000.00 reached at 15:00 UTC"
    assert refusal(venue, FIVE_O_CLOCK_US - 1) == text
    assert orders(buy(venue, at_us=FIVE_O_CLOCK_US, name="E10"))[-1].why is Why.FILLED


def test_a_new_day_counts_its_loss_from_what_the_account_is_worth_then(venue: SimulatedBroker) -> None:
    buy(venue, 1)
    price(venue, "6485.00")
    venue.advance(FIVE_O_CLOCK_US)
    account = venue.records.accounts.get(NAME)
    assert account is not None
    assert (account.day_us, account.day_equity) == (FIVE_O_CLOCK_US, D(50_000) - D("2.25") - D("15.25") * 50)
    price(venue, "6470.00", FIVE_O_CLOCK_US + 1)
    assert standing(venue).locked is None


def test_an_order_on_its_way_at_the_breach_is_refused_when_it_arrives(store: MemoryStore) -> None:
    venue = opened(store)
    buy(venue, 4)
    venue.latency_us = 1_000
    buy(venue, name="E2", at_us=MONDAY_US)
    told = orders(price(venue, "6480.00", MONDAY_US + 10))
    assert [each.order.client_order_id for each in told] == ["", ""]
    (refused,) = orders(venue.advance(MONDAY_US + 1_000))
    assert (refused.order.client_order_id, refused.why) == ("E2", Why.REFUSED)
    assert "is locked" in refused.text


def test_a_halted_market_is_left_at_its_end_and_the_liquidation_cannot_be_stopped(venue: SimulatedBroker) -> None:
    venue.submit(new_order("E1", quantity=10, account=NAME, symbol=MES), MONDAY_US)
    buy(venue, 4, name="E2")
    venue.halt(MES, True)
    price(venue, "6480.00")
    assert venue.records.position(NAME, ES).quantity == 0
    assert venue.records.position(NAME, MES).quantity == 10
    (waiting,) = venue.records.open_orders(NAME)
    (refused,) = orders(venue.cancel(OrderName(waiting.server_order_id), MONDAY_US))
    assert refused.text == f"Order {waiting.server_order_id} closes a locked account and cannot be cancelled"
    (refused,) = orders(venue.replace(OrderName(waiting.server_order_id), Change(quantity=D(1)), MONDAY_US))
    assert refused.why is Why.REPLACE_REFUSED
    venue.halt(MES, False)
    price(venue, "6470.00")
    assert venue.records.position(NAME, MES).quantity == 0
    assert venue.records.open_orders(NAME) == []


def test_what_comes_into_a_locked_account_from_elsewhere_is_closed_again(venue: SimulatedBroker) -> None:
    venue.submit(new_order("E1", quantity=2, limit="6400.00", account=NAME), MONDAY_US)
    buy(venue, 3, name="E2")
    price(venue, "6480.00")
    venue.fill_now(OrderName("", "E1"), D(2), D("6400.00"), MONDAY_US)
    assert venue.records.position(NAME, ES).quantity == 0


def test_no_account_but_its_own_is_touched(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", quantity=20), MONDAY_US)
    venue.submit(new_order("C2", limit="6400.00"), MONDAY_US)
    buy(venue, 5)
    price(venue, "6450.00")
    assert standing(venue).locked is Breach.DRAWDOWN
    assert venue.records.position("Sim1", ES).quantity == 20
    assert [each.client_order_id for each in venue.records.open_orders()] == ["C2"]


@pytest.mark.parametrize(
    ("symbol", "quantity", "reached"), [(ES, 6, "6"), (MES, 51, "5.1"), (ES, 5, ""), (MES, 50, "")]
)
def test_no_more_than_five_contracts_a_micro_counting_a_tenth(
    venue: SimulatedBroker, symbol: str, quantity: int, reached: str
) -> None:
    report = orders(venue.submit(new_order("E1", quantity=quantity, account=NAME, symbol=symbol), MONDAY_US))[-1]
    text = f"Account Eval50K may hold 5 contracts; with this order position and working orders could reach {reached}"
    assert report.text == (text if reached else "")


def test_working_orders_count_and_what_only_closes_is_let_in(venue: SimulatedBroker) -> None:
    buy(venue, 3)
    venue.submit(new_order("E2", quantity=2, limit="6490.00", account=NAME), MONDAY_US)
    assert "could reach 6" in orders(venue.submit(new_order("E3", account=NAME), MONDAY_US))[-1].text
    assert "could reach 6" in orders(venue.replace(OrderName("", "E2"), Change(quantity=D(3)), MONDAY_US))[-1].text
    closing = orders(venue.submit(new_order("E4", Side.SELL, 3, account=NAME), MONDAY_US))[-1]
    assert closing.order.status is OrderStatus.FILLED


def test_peak_floor_day_and_lock_survive_a_restart(store: MemoryStore) -> None:
    venue = opened(store)
    buy(venue, 2)
    price(venue, "6510.00")
    before = standing(venue)
    again = broker(store, with_book=False)
    assert standing(again) == before
    price(again, "6510.00", MONDAY_US + 1)
    assert standing(again) == before
    price(again, "6480.00", MONDAY_US + 2)
    locked = standing(again)
    assert locked.locked is Breach.DRAWDOWN
    once_more = broker(store, with_book=False)
    price(once_more, "6700.00", MONDAY_US + 3)
    assert standing(once_more) == locked
    assert "is locked" in refusal(once_more)


def test_after_a_restart_nothing_is_judged_before_there_is_a_price(store: MemoryStore) -> None:
    venue = opened(store)
    buy(venue, 5)
    again = broker(store, with_book=False)
    again.advance(MONDAY_US + 100 * HOUR_US)
    assert standing(again).locked is None
    account = again.records.accounts.get(NAME)
    assert account is not None and account.day_us < MONDAY_US
    price(again, "6600.00", MONDAY_US + 100 * HOUR_US)
    account = again.records.accounts.get(NAME)
    assert account is not None and account.day_us > MONDAY_US


def test_the_day_of_an_account_begins_at_a_restart_as_soon_as_what_it_holds_has_prices(store: MemoryStore) -> None:
    venue = opened(store)
    for symbol in (ES, MES):
        venue.submit(new_order(symbol, symbol=symbol), MONDAY_US)
    again = opened(store, FIVE_O_CLOCK_US, "6510.00")
    account = again.records.accounts.get("Sim1")
    assert account is not None
    assert (account.day_us, account.day_equity) == (FIVE_O_CLOCK_US, again.statement(account).equity)
    assert again.statement(account).day_profit == 0


def test_a_reset_begins_anew_and_needs_a_flat_account(venue: SimulatedBroker) -> None:
    buy(venue, 5)
    with pytest.raises(ValueError, match="flat"):
        venue.reset_account(NAME, MONDAY_US)
    price(venue, "6450.00")
    (told,) = venue.reset_account(NAME, MONDAY_US)
    assert isinstance(told, Statement)
    assert (told.account.cash, told.account.realized, told.day_profit) == (D(50_000), D(0), D(0))
    assert (standing(venue).peak, standing(venue).locked) == (D(50_000), None)
    assert orders(buy(venue, name="E5"))[-1].why is Why.FILLED
    with pytest.raises(KeyError, match="Nobody"):
        venue.reset_account("Nobody", MONDAY_US)


def test_a_liquidation_outlives_the_session(venue: SimulatedBroker) -> None:
    buy(venue, 5)
    venue.halt(ES, True)
    dear = replace(venue.records.position(NAME, ES), cost=D(6600) * 5)
    venue.trade_elsewhere(dear, D(6600), MONDAY_US, with_fill=False)
    (waiting,) = venue.records.open_orders(NAME)
    assert waiting.time_in_force is TimeInForce.GTC
    venue.advance(MONDAY_US + 24 * HOUR_US)
    assert venue.records.open_orders(NAME) == [waiting]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_tried_an_account_keeps_its_limits_or_is_locked_and_empty(seed: int) -> None:
    random, store = Random(seed), MemoryStore()
    venue, last, now_us = opened(store), D(6500), MONDAY_US
    floors = [standing(venue).floor]
    for turn in range(600):
        last, now_us = last + D("0.25") * random.randint(-12, 12), now_us + random.randint(1, 400_000_000)
        price(venue, str(last), now_us)
        limit = None if random.random() < 0.6 else str(last + random.randint(-4, 4))
        side, symbol = random.choice(list(Side)), random.choice((ES, MES, MES))
        size = random.randint(1, 5 if symbol == ES else 40)
        before = standing(venue).locked
        reports = venue.submit(new_order(f"C{turn}", side, size, limit, account=NAME, symbol=symbol), now_us)
        assert before is None or orders(reports)[0].why is Why.REFUSED
        now, account = standing(venue), venue.records.accounts.get(NAME)
        assert account is not None
        held = [each for each in venue.records.positions if each.account == NAME]
        floors.append(now.floor)
        if now.locked is not None:
            assert not any(each.quantity for each in held) and not venue.records.open_orders(NAME)
        else:
            equity = venue.statement(account).equity
            assert now.floor < equity <= now.peak
            assert equity > account.day_equity - 1_000
            assert sum(abs(each.quantity) * (1 if each.symbol == ES else D("0.1")) for each in held) <= 5
    assert floors == sorted(floors) and floors[-1] <= 50_100
    assert standing(venue).locked is Breach.DRAWDOWN, "a coin's toss does not pass"
    assert broker(store, with_book=False).records.evaluations.get(NAME) == standing(venue)
