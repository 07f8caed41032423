"""An account is held against its limits: entries are refused, or everything is closed, and nothing lifts it early."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import ChangeOrder
from core.errors import PersistenceError
from core.events import BalanceReported, ClockTicked, Level, TicksWaiting
from core.model.fill import Side
from core.model.guard_rules import (
    FloorShape,
    Guard,
    GuardAction,
    GuardRules,
    NewsWindow,
    ProfitFloor,
    PropFloor,
)
from core.model.guards import AccountGuards, GuardLevel
from core.model.market import Aggressor, Quote, Tick
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import AccountKey, Balance
from core.settings_commands import ChangeGuards
from core.snapshot import Certainty
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, MES, Desk

D = Decimal
RESET = datetime(2026, 11, 20, 23, tzinfo=UTC)
FLATTEN = GuardAction.FLATTEN


def desk_with(rules: GuardRules, clock: ManualClock | None = None, folder: Path | None = None) -> Desk:
    """Return a desk at 14:30 UTC with a price, its guards judged once."""
    clock = clock or ManualClock()
    desk = Desk(folder, brokers=[FakeBroker(clock)], clock=clock, guards={ACCOUNT: rules}).start()
    price(desk, "5000")
    return desk


def price(desk: Desk, last: str, symbol: str = "ESZ6", *, stale: bool = False) -> None:
    """Have the market trade there, and a second pass."""
    desk.state.put_quote("sim", Quote(symbol, last=D(last), received_at=desk.clock.now(), stale=stale))
    broker = desk.broker
    broker.script.market_price = D(last)
    desk.tick(1)


def guards(desk: Desk) -> AccountGuards:
    return desk.snapshot.guards[ACCOUNT]


def level(desk: Desk, guard: Guard) -> GuardLevel:
    verdict = guards(desk).verdict(guard)
    assert verdict is not None
    return verdict.level


def refused(desk: Desk, part: str) -> bool:
    """Press BUY and say whether nothing was sent, for that reason."""
    before = len(desk.broker.received)
    desk.buy(1)
    return len(desk.broker.received) == before and desk.heard(part)


def crashed(desk: Desk, *, restart: bool = True) -> None:
    """Crash, start again, and take over what recovery asks about."""
    if restart:
        desk.restart(clean=False)
    else:
        desk.start()
    if desk.has_row():
        desk.decide(RecoveryChoice.ADOPT)


DAY_LOSS = GuardRules(day_loss=D(500))


def test_an_account_without_limits_has_no_guards() -> None:
    assert dict(Desk().start().snapshot.guards) == {}


def test_a_day_loss_grows_through_its_levels_and_locks_at_the_limit() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    for last, expected in (("4996", 0), ("4995", 1), ("4992.50", 2), ("4991", 3), ("4990", 4)):
        price(desk, last)
        assert level(desk, Guard.DAY_LOSS) == expected, last
    assert refused(desk, "Sim1 is locked. The day has lost 502.10 USD of 500.00 USD.")
    assert desk.heard("Entries open again at the session reset, 17:00 in Chicago.", Level.ERROR)
    assert guards(desk).locked_until == RESET


@pytest.mark.row(158)
def test_one_cent_before_the_limit_nothing_is_locked() -> None:
    desk = desk_with(GuardRules(day_loss=D("502.11")))
    desk.buy(1)
    price(desk, "4990")
    assert not guards(desk).locked
    desk = desk_with(GuardRules(day_loss=D("502.10")))
    desk.buy(1)
    price(desk, "4990")
    assert guards(desk).locked


@pytest.mark.row(143)
def test_a_lock_stays_when_the_figures_recover_and_opens_at_the_session_reset() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    price(desk, "4980")
    price(desk, "5020")
    assert level(desk, Guard.DAY_LOSS) is GuardLevel.OK and refused(desk, "is locked")
    desk.close()
    desk.tick(2)
    desk.clock.advance((RESET - desk.clock.now()).total_seconds() - 2)
    desk.tick(1)
    assert guards(desk).locked
    desk.tick(2)
    assert not guards(desk).locked and guards(desk).resets_at == RESET + timedelta(days=1)
    desk.buy(1)
    assert desk.quantity() == 1


@pytest.mark.row(142)
def test_a_lock_stands_again_when_the_clock_that_ran_past_its_end_is_set_back() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    price(desk, "4980")
    price(desk, "5020")
    for jump_s in (86_400, -86_400):
        desk.clock.jump_wall(jump_s)
        desk.tick(20)
    assert guards(desk).locked_until == RESET and refused(desk, "is locked")


def test_a_locked_account_reduces_and_closes() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(2)
    price(desk, "4990")
    desk.sell(1)
    assert desk.quantity() == 1
    desk.close()
    desk.tick(2)
    assert desk.quantity() == 0 and guards(desk).locked


def test_entries_that_work_are_cancelled_by_a_lock_and_exits_are_not() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.press(Side.SELL, 1, OrderType.STOP, "4950")
    price(desk, "4985")
    desk.tick(2)
    assert [one.state for one in desk.orders() if one.type is OrderType.LIMIT] == [OrderState.CANCELLED]
    assert [one.state for one in desk.orders() if one.type is OrderType.STOP] == [OrderState.WORKING]
    assert len(desk.broker.cancels) == 1


def test_an_entry_of_another_program_is_left_to_it() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 1, "4900")
    desk.settle()
    price(desk, "4985")
    desk.tick(2)
    assert guards(desk).locked and desk.broker.cancels == []


@pytest.mark.row(158)
@pytest.mark.parametrize("clean", [True, False])
def test_a_lock_survives_a_restart_and_cannot_be_loosened_by_one(clean: bool, tmp_path: Path) -> None:
    desk = desk_with(DAY_LOSS, folder=tmp_path)
    desk.buy(1)
    price(desk, "4985")
    desk.close()
    desk.tick(2)
    desk.guards = {}
    desk.restart(clean=clean)
    price(desk, "5000")
    assert refused(desk, "Sim1 is locked. The day has lost")
    desk.kill()


@pytest.mark.row(158)
def test_a_restart_at_the_limit_locks_though_nothing_was_noted_before(tmp_path: Path) -> None:
    desk = desk_with(DAY_LOSS, folder=tmp_path)
    desk.buy(1)
    desk.state.put_quote("sim", Quote("ESZ6", last=D(4990), received_at=desk.clock.now()))
    crashed(desk)
    assert not guards(desk).locked
    price(desk, "4990")
    assert guards(desk).locked
    desk.kill()


def test_flatten_and_lock_closes_once_and_stays_locked() -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: FLATTEN}))
    desk.buy(2)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    price(desk, "4994")
    desk.tick(3)
    assert desk.quantity() == 0 and desk.orders(OrderState.WORKING) == []
    exits = [one for one in desk.broker.received if one.side is Side.SELL]
    assert [one.quantity for one in exits] == [2]
    desk.tick(5)
    assert len([one for one in desk.broker.received if one.side is Side.SELL]) == 1
    assert refused(desk, "is locked")


def test_a_flatten_that_a_crash_swallowed_is_asked_for_again(tmp_path: Path) -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: FLATTEN}), folder=tmp_path)
    desk.buy(1)
    desk.dies_at("close.requested")
    assert desk.dies_in(lambda: price(desk, "4985"))
    crashed(desk, restart=False)
    price(desk, "5010")
    desk.tick(3)
    assert desk.quantity() == 0 and guards(desk).locked
    desk.kill()


def test_a_warning_is_said_once_and_refuses_nothing() -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: GuardAction.WARN}))
    desk.buy(1)
    price(desk, "4980")
    price(desk, "4981")
    assert sum("limit reached" in text for text in desk.texts()) == 1
    desk.buy(1)
    assert desk.quantity() == 2


def test_the_way_to_a_limit_is_said_at_three_quarters_and_nine_tenths_once_each() -> None:
    desk = desk_with(DAY_LOSS)
    desk.buy(1)
    for last in ("4992.50", "4995", "4992.50", "4991", "4992.50", "4991"):
        price(desk, last)
    close = [one.level for one in desk.said if "close to a limit" in one.text]
    assert close == [Level.CAUTION, Level.ERROR]


# -- what is not known -------------------------------------------------------------------------------------------------


def stale_price(desk: Desk) -> None:
    price(desk, "4900", stale=True)


def broker_differs(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(15)
    assert desk.scope().certainty is Certainty.MISMATCH
    price(desk, "4900")


def line_falls(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    price(desk, "4900")


@pytest.mark.parametrize("doubt", [stale_price, broker_differs, line_falls])
def test_what_is_not_known_pauses_the_guard_blocks_entries_and_closes_nothing(doubt: Callable[[Desk], None]) -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: FLATTEN}))
    desk.buy(1)
    doubt(desk)
    desk.tick(5)
    assert guards(desk).paused.startswith("Guard paused: data stale") and not guards(desk).locked
    sent = len(desk.broker.received)
    desk.buy(1, key=MES)
    assert len(desk.broker.received) == sent
    assert desk.quantity() == 1


def test_a_time_that_comes_while_the_price_is_stale_closes_when_it_is_known_again() -> None:
    desk = desk_with(GuardRules(flat_by=time(8, 31), actions={Guard.FLAT_BY: FLATTEN}))
    desk.buy(1)
    price(desk, "5000", stale=True)
    desk.tick(65)
    assert desk.quantity() == 1 and not guards(desk).locked
    price(desk, "5000")
    desk.tick(3)
    assert desk.quantity() == 0 and guards(desk).locked


def test_a_flatten_left_over_from_a_crash_waits_for_a_price(tmp_path: Path) -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: FLATTEN}), folder=tmp_path)
    desk.buy(1)
    desk.dies_at("close.requested")
    assert desk.dies_in(lambda: price(desk, "4985"))
    crashed(desk, restart=False)
    price(desk, "4985", stale=True)
    desk.tick(3)
    assert desk.quantity() == 1
    price(desk, "4985")
    desk.tick(3)
    assert desk.quantity() == 0
    desk.kill()


def test_money_of_two_currencies_pauses_the_guard() -> None:
    desk = desk_with(DAY_LOSS)
    desk.handle(BalanceReported(ACCOUNT, Balance(D(1000), None, None, None, "EUR", desk.clock.now())))
    desk.buy(1)
    price(desk, "5000")
    assert "USD" in guards(desk).paused or "currencies" in guards(desk).paused


# -- floors ------------------------------------------------------------------------------------------------------------


def test_given_back_profit_locks_from_where_it_is_watched() -> None:
    desk = desk_with(GuardRules(profit_floor=ProfitFloor(D(300), since=D(500))))
    desk.buy(1)
    price(desk, "5009")
    price(desk, "5001")
    assert guards(desk).verdict(Guard.PROFIT_FLOOR) is None
    price(desk, "5011")
    price(desk, "5005.25")
    assert not guards(desk).locked
    price(desk, "5005")
    assert "Of the day's best, 547.90 USD, 300.00 USD is given back" in guards(desk).locked


def test_the_days_best_is_remembered_over_a_restart(tmp_path: Path) -> None:
    desk = desk_with(GuardRules(profit_floor=ProfitFloor(D(300))), folder=tmp_path)
    desk.buy(1)
    price(desk, "5011")
    crashed(desk)
    price(desk, "5005")
    assert guards(desk).locked
    desk.kill()


def test_an_intraday_floor_follows_open_profit_and_remembers_it(tmp_path: Path) -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(1000), freeze=D(100_100)))
    desk = desk_with(rules, folder=tmp_path)
    start = desk.snapshot.ledger[ACCOUNT].cash
    assert start is not None
    desk.buy(1)
    price(desk, "5010")
    desk.broker.cash[ACCOUNT] -= D("2.10")
    crashed(desk)
    price(desk, "5000")
    gauge = guards(desk).gauge
    assert gauge is not None
    assert (gauge.floor, gauge.peak) == (start - D("2.10") + 500 - 1000, start - D("2.10") + 500)
    assert gauge.distance == 500 and gauge.ticks == 40 and gauge.held == "1 ESZ6"
    price(desk, "4990")
    assert guards(desk).locked
    desk.kill()


def spike(desk: Desk, high: str, back: str) -> None:
    """Have the market trade up and back between two looks."""
    now = desk.clock.now()
    for last in (high, back):
        desk.state.put_tick("sim", Tick("ESZ6", D(last), D(1), Aggressor.BUYER, now, now))
    desk.handle(TicksWaiting())
    price(desk, back)


def test_a_spike_between_two_looks_lifts_the_floor_and_the_days_best() -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(1000)), profit_floor=ProfitFloor(D(400)))
    desk = desk_with(rules)
    desk.buy(1)
    spike(desk, "5010", "5002.50")
    gauge, given = guards(desk).gauge, guards(desk).verdict(Guard.PROFIT_FLOOR)
    assert gauge is not None and gauge.peak - gauge.current == 375
    assert given is not None and given.used == 375


def test_a_best_tick_from_before_another_trade_ended_lifts_nothing() -> None:
    desk = desk_with(GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(1000))))
    price(desk, "5000", "MESZ6")
    desk.buy(1)
    desk.tick(1)
    desk.buy(1, key=MES)
    desk.tick(1)
    desk.close(MES)
    desk.tick(2)
    before = guards(desk).gauge
    spike(desk, "5010", "5000")
    after = guards(desk).gauge
    assert before is not None and after is not None and after.peak == before.peak


def test_of_two_open_trades_no_best_tick_is_taken_for_that_of_the_account() -> None:
    desk = desk_with(GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(1000))))
    price(desk, "5000", "MESZ6")
    desk.buy(1, key=MES)
    desk.buy(1)
    desk.tick(1)
    before = guards(desk).gauge
    spike(desk, "5010", "5000")
    after = guards(desk).gauge
    assert before is not None and after is not None and after.peak == before.peak


def test_money_the_broker_moved_counts_when_it_has_stood_for_a_while() -> None:
    desk = desk_with(GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(1000))))
    cash = desk.snapshot.ledger[ACCOUNT].cash
    assert cash is not None
    desk.handle(BalanceReported(ACCOUNT, Balance(cash - 800, None, None, None, "USD", desk.clock.now())))
    desk.tick(1)
    assert level(desk, Guard.PROP_FLOOR) is GuardLevel.OK
    desk.tick(6)
    assert level(desk, Guard.PROP_FLOOR) is GuardLevel.RED


@pytest.mark.row(158)
def test_money_paid_in_long_ago_locks_and_closes_nothing_when_the_program_starts(tmp_path: Path) -> None:
    floor = PropFloor(FloorShape.STATIC, D(1000), start=D(53_000))
    desk = Desk(tmp_path, guards={}).start()
    desk.buy(1)
    desk.broker.cash[ACCOUNT] += 5000
    desk.guards = {ACCOUNT: GuardRules(prop_floor=floor, actions={Guard.PROP_FLOOR: FLATTEN})}
    desk.restart()
    price(desk, "5000")
    gauge = guards(desk).gauge
    assert gauge is not None and gauge.current == 55_000
    assert not guards(desk).locked and desk.quantity() == 1
    desk.kill()


def test_fees_the_broker_took_long_ago_lift_no_floor_when_the_program_starts(tmp_path: Path) -> None:
    desk = Desk(tmp_path, guards={}).start()
    desk.broker.cash[ACCOUNT] -= 700
    desk.guards = {ACCOUNT: GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(1000)))}
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.restart()
    price(desk, "5000")
    assert guards(desk).paused.startswith("Guard paused: data stale") and refused(desk, "is being compared")
    desk.tick(5)
    gauge = guards(desk).gauge
    assert gauge is not None and gauge.peak == 49_300
    desk.kill()


def test_a_balance_older_than_the_fills_booked_after_it_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(DAY_LOSS, folder=tmp_path)
    desk.buy(1)
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 1, "5010")
    told = desk.broker.balance

    def a_moment_ago(key: AccountKey) -> Balance:
        return replace(told(key), time=desk.clock.now() - timedelta(seconds=0.1))

    monkeypatch.setattr(desk.broker, "balance", a_moment_ago)
    desk.start()
    desk.tick(0.25)
    assert "being compared" in guards(desk).paused
    desk.tick(5)
    assert not guards(desk).paused and len(desk.broker.asked) == 3
    desk.kill()


# -- counts ------------------------------------------------------------------------------------------------------------


def test_the_last_trade_of_the_day_is_allowed_and_the_next_is_not() -> None:
    desk = desk_with(GuardRules(trades=2))
    for _ in range(2):
        desk.buy(1)
        assert desk.quantity() == 1
        desk.close()
        desk.tick(2)
    assert refused(desk, "2 of 2 trades of the day are begun. Entries open again at the session reset, 17:00")


def test_a_trade_that_may_begin_by_a_working_entry_counts() -> None:
    desk = desk_with(GuardRules(trades=1))
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900", key=MES)
    assert refused(desk, "Working entries that may begin one: 1.")


def test_a_second_entry_into_a_trade_that_may_begin_is_the_same_trade() -> None:
    desk = desk_with(GuardRules(trades=1))
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4890")
    assert len(desk.orders(OrderState.WORKING)) == 2


def test_adding_to_the_last_trade_is_allowed_and_turning_it_round_is_not() -> None:
    desk = desk_with(GuardRules(trades=1))
    desk.buy(1)
    desk.tick(1)
    desk.buy(1)
    assert desk.quantity() == 2
    desk.sell(3)
    assert desk.quantity() == 2 and desk.heard("1 of 1 trades of the day are begun.")


@pytest.mark.row(158)
def test_trades_of_the_day_are_remembered_over_a_restart_and_forgotten_at_the_reset(tmp_path: Path) -> None:
    desk = desk_with(GuardRules(trades=1), folder=tmp_path)
    desk.buy(1)
    desk.close()
    desk.tick(2)
    desk.restart()
    price(desk, "5000")
    assert refused(desk, "1 of 1 trades")
    desk.clock.advance((RESET - desk.clock.now()).total_seconds())
    price(desk, "5000")
    desk.buy(1)
    assert desk.quantity() == 1
    desk.kill()


@pytest.mark.row(158)
def test_working_and_unknown_entries_count_against_the_size_before_the_order_is_sent() -> None:
    desk = desk_with(GuardRules(size=D(3)))
    desk.buy(1)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.buy(1)
    assert desk.quantity() == 2
    assert refused(desk, "with this order there could be 4 contracts")
    desk.sell(1)
    assert desk.quantity() == 1


@pytest.mark.row(158)
def test_an_entry_not_yet_acknowledged_counts_against_the_size() -> None:
    desk = desk_with(GuardRules(size=D(2)))
    desk.broker.script.hold_acks = True
    desk.buy(2)
    assert desk.order().state is OrderState.SENT
    before = len(desk.broker.received)
    desk.buy(1, key=MES)
    assert len(desk.broker.received) == before and desk.heard("there could be 3 contracts")


def test_more_contracts_than_allowed_only_wait_unless_they_are_to_be_flattened() -> None:
    desk = desk_with(GuardRules(size=D(1)))
    desk.broker.by_hand(ES, Side.BUY, 2)
    desk.settle()
    price(desk, "5000")
    assert desk.quantity() == 2 and not guards(desk).locked and desk.heard("limit reached")
    desk = desk_with(GuardRules(size=D(1), actions={Guard.SIZE: FLATTEN}))
    desk.broker.by_hand(ES, Side.BUY, 2)
    desk.settle()
    price(desk, "5000")
    desk.tick(3)
    assert desk.quantity() == 0 and guards(desk).locked


def test_two_symbols_share_one_size() -> None:
    desk = desk_with(GuardRules(size=D(2)))
    price(desk, "5000", "MESZ6")
    desk.buy(2)
    desk.buy(1, key=MES)
    assert desk.quantity(MES) == 0 and desk.heard("the limit of Sim1 is 2")


# -- times -------------------------------------------------------------------------------------------------------------


def test_from_the_time_to_be_flat_by_entries_are_refused_until_the_reset() -> None:
    desk = desk_with(GuardRules(flat_by=time(8, 31)))
    assert guards(desk).verdicts[0].begins_at == datetime(2026, 11, 20, 14, 31, tzinfo=UTC)
    desk.buy(1)
    assert desk.quantity() == 1
    desk.tick(60)
    assert desk.quantity() == 1 and refused(desk, "Flat by 08:31 in Chicago. Entries open again at the session reset")


def test_flat_by_with_flatten_closes_at_the_time() -> None:
    desk = desk_with(GuardRules(flat_by=time(8, 31), actions={Guard.FLAT_BY: FLATTEN}))
    desk.buy(1)
    desk.tick(65)
    assert desk.quantity() == 0 and guards(desk).locked_until == RESET


def test_around_news_entries_are_refused_and_pass_again_after_it() -> None:
    begins = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)
    desk = desk_with(GuardRules(news=(NewsWindow(begins, begins + timedelta(minutes=2)),)))
    desk.buy(1)
    desk.tick(60)
    assert refused(desk, "No entries around the news, 08:31 in Chicago. Entries open again at 08:33 in Chicago.")
    desk.tick(120)
    desk.buy(1)
    assert desk.quantity() == 2


# -- rules that change -------------------------------------------------------------------------------------------------


def test_a_looser_limit_counts_from_the_next_session_and_a_tighter_one_at_once(tmp_path: Path) -> None:
    desk = desk_with(DAY_LOSS, folder=tmp_path)
    desk.buy(1)
    desk.guards = {ACCOUNT: GuardRules(day_loss=D(900))}
    desk.restart()
    price(desk, "4995")
    held = guards(desk).verdict(Guard.DAY_LOSS)
    assert held is not None and held.limit == 500
    desk.guards = {ACCOUNT: GuardRules(day_loss=D(300))}
    desk.restart()
    price(desk, "4995")
    held = guards(desk).verdict(Guard.DAY_LOSS)
    assert held is not None and held.limit == 300
    desk.guards = {ACCOUNT: GuardRules(day_loss=D(900))}
    desk.restart()
    desk.clock.advance((RESET - desk.clock.now()).total_seconds())
    price(desk, "5000")
    held = guards(desk).verdict(Guard.DAY_LOSS)
    assert held is not None and held.limit == 900
    desk.kill()


def test_a_limit_taken_away_holds_until_the_reset(tmp_path: Path) -> None:
    desk = desk_with(DAY_LOSS, folder=tmp_path)
    desk.guards = {}
    desk.restart()
    price(desk, "5000")
    desk.buy(1)
    price(desk, "4985")
    assert guards(desk).locked
    desk.kill()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (AccountKey("sim", "Simm1"), "The limits of Simm1 guard nothing: sim names no such account."),
        (AccountKey("simm", "Sim1"), "The limits of Sim1 guard nothing: no connection simm is open."),
    ],
)
def test_limits_no_account_answers_to_are_said_once(key: AccountKey, says: str) -> None:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock)], clock=clock, guards={key: DAY_LOSS}).start()
    desk.tick(15)
    assert desk.texts().count(says) == 1


# -- a store that refuses ----------------------------------------------------------------------------------------------


def test_a_lock_that_cannot_be_stored_holds_all_the_same_and_is_stored_when_it_can_be() -> None:
    desk = desk_with(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: FLATTEN}))
    desk.buy(1)
    repository = desk.memory.guards
    disk, repository._disk = repository._disk, _Refusing()
    price(desk, "4985")
    desk.tick(3)
    assert guards(desk).locked and desk.heard("could not be stored", Level.ALARM)
    assert desk.quantity() == 0 and repository.locks(desk.clock.now()) == ()
    repository._disk = disk
    desk.tick(2)
    assert [lock.guard for lock in repository.locks(desk.clock.now())] == [Guard.DAY_LOSS]


class _Refusing:
    def write(self) -> None:
        raise PersistenceError("the disk is full")


def test_an_account_that_rests_writes_nothing() -> None:
    desk = desk_with(DAY_LOSS)
    desk.tick(2)
    state, commits = desk.snapshot.guards, desk.memory.disk.commits
    for _ in range(3):
        desk.services.guards.on_clock(_tick(desk))
    assert desk.snapshot.guards is state and desk.memory.disk.commits == commits


def _tick(desk: Desk) -> ClockTicked:
    desk.clock.advance(1)
    return ClockTicked(desk.clock.now(), desk.clock.monotonic())


def test_a_tighter_limit_that_only_warns_lifts_none_that_binds_today() -> None:
    desk = desk_with(GuardRules(size=D(3), trades=2))
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(size=D(2), trades=1, actions=dict.fromkeys(Guard, GuardAction.WARN))))
    desk.buy(3)
    assert refused(desk, "with this order there could be 4 contracts, working and unknown entries counted")
    assert desk.heard("the limit of Sim1 is 3.")


def test_fewer_trades_that_only_warn_let_no_entry_pass_the_number_that_binds_today() -> None:
    desk = desk_with(GuardRules(trades=2))
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(trades=1, actions={Guard.TRADES: GuardAction.WARN})))
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900", key=MES)
    desk.buy(1)
    desk.close()
    desk.tick(2)
    assert desk.quantity() == 0 and refused(desk, "1 of 2 trades of the day are begun.")
    assert desk.heard("Working entries that may begin one: 1.")


def test_an_order_that_is_changed_counts_once_and_what_is_filled_of_it_with_the_position() -> None:
    desk = desk_with(GuardRules(size=D(3)))
    desk.press(Side.BUY, 3, OrderType.LIMIT, "4900")
    name = desk.order().client_order_id
    desk.handle(ChangeOrder("a", name, price=D(4910), confirmed=True))
    assert desk.order().price == 4910
    desk.broker.fill(desk.broker.last(), 2, "4910")
    desk.settle()
    desk.handle(ChangeOrder("b", name, price=D(4915), confirmed=True))
    assert desk.order().price == 4915
    desk.handle(ChangeOrder("c", name, quantity=D(4), confirmed=True))
    assert desk.order().quantity == 3 and desk.heard("there could be 4 contracts")


def test_an_order_that_is_being_made_larger_counts_as_large_as_it_may_become() -> None:
    desk = desk_with(GuardRules(size=D(3)))
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.broker.script.hold_cancels = True
    desk.handle(ChangeOrder("c", desk.broker.last().client_order_id, quantity=D(2), confirmed=True))
    sent = len(desk.broker.received)
    desk.buy(2)
    assert len(desk.broker.received) == sent
    desk.buy(1)
    assert len(desk.broker.received) == sent + 1
