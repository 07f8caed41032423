"""Accounts: one mode, said once; two money figures, never mixed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.errors import PersistenceError
from core.events import BalanceReported, FillReceived, InstrumentReported, Level
from core.model.equity import performance
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order import OrderType
from core.model.period import Period, period_start
from core.model.scope import AccountKey, Mode, PositionKey
from core.queries import EquityFilter
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk
from tests.fakes.repositories import InMemoryTradeRepository

DAX = PositionKey("sim", "Sim1", "FDAXZ6")


def cash(desk: Desk) -> Decimal | None:
    return desk.snapshot.ledger[ACCOUNT].cash


def told(desk: Desk, amount: int, currency: str = "USD") -> None:
    balance = replace(desk.broker.balance(ACCOUNT), cash=Decimal(amount), currency=currency)
    desk.handle(BalanceReported(ACCOUNT, balance))


def outside(**classify: Mode) -> Desk:
    """A desk on a broker that is no simulator of ours."""
    return Desk(simulated=frozenset(), classify=classify).start()


# -- money ----------------------------------------------------------------------------------------------------------


def test_our_figure_begins_at_the_first_figure_of_the_broker_and_moves_by_our_fills(desk: Desk) -> None:
    assert cash(desk) == 50_000
    desk.buy(2)
    assert cash(desk) == Decimal("49995.80")
    desk.broker.script.market_price = Decimal(5010)
    desk.sell(2)
    assert cash(desk) == Decimal("50991.60")
    assert desk.snapshot.balances[ACCOUNT].cash == 50_000


def test_a_balance_of_the_broker_never_overwrites_our_figure(desk: Desk) -> None:
    desk.buy(1)
    told(desk, 12_345)
    assert desk.snapshot.balances[ACCOUNT].cash == 12_345
    assert cash(desk) == Decimal("49997.90")


def test_our_figure_survives_a_restart(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.cash[ACCOUNT] = Decimal(1)
    desk.restart()
    assert cash(desk) == Decimal("49997.90")


def test_partial_exits_and_reversals_move_our_figure_by_what_each_realised(desk: Desk) -> None:
    desk.buy(3)
    desk.broker.script.market_price = Decimal(5010)
    desk.sell(1)
    assert cash(desk) == 50_000 + 500 - Decimal("8.40")
    desk.sell(5)
    assert cash(desk) == 50_000 + 1500 - Decimal("18.90")


def test_what_is_unknown_moves_nothing(desk: Desk) -> None:
    now = desk.clock.now()
    far = PositionKey("sim", "Sim1", "NQZ6")
    desk.handle(FillReceived(Fill(far, "X1", Side.BUY, Decimal(1), None, now, now)))
    desk.handle(FillReceived(Fill(far, "X2", Side.SELL, Decimal(1), Decimal(5), now, now)))
    assert cash(desk) == 50_000


def in_euro(desk: Desk, *prices: int) -> None:
    """Buy and sell in turn what is settled in euro, in an account that is kept in dollars."""
    desk.handle(InstrumentReported("sim", Instrument("FDAXZ6", Decimal(1), Decimal(25), "EUR")))
    now = desk.clock.now()
    for number, price in enumerate(prices):
        side = Side.SELL if number % 2 else Side.BUY
        fill = Fill(DAX, f"X{price}", side, Decimal(1), Decimal(price), now, now, commission=Decimal(2))
        desk.handle(FillReceived(fill))


def ledger(desk: Desk) -> tuple[Decimal | None, Decimal | None]:
    own = desk.snapshot.ledger[ACCOUNT]
    return own.cash, own.day_net


def test_our_figure_is_unknown_once_money_of_another_currency_came_and_that_is_said_once(desk: Desk) -> None:
    in_euro(desk, 18_000, 18_010, 18_020)
    assert ledger(desk) == (None, None)
    assert sum("currencies are not added" in text for text in desk.texts()) == 1
    desk.buy(2)
    assert ledger(desk) == (None, None)


def test_what_the_broker_states_in_an_account_of_two_currencies_is_shown_and_begins_no_figure_of_ours(
    desk: Desk,
) -> None:
    in_euro(desk, 18_000)
    told(desk, 49_990)
    assert desk.snapshot.balances[ACCOUNT].cash == 49_990
    assert ledger(desk) == (None, None)


@pytest.mark.parametrize("prices", [(18_000,), (18_000, 18_010)], ids=["held", "closed"])
def test_our_figure_stays_unknown_over_a_restart_and_the_next_day(desk: Desk, prices: tuple[int, ...]) -> None:
    in_euro(desk, *prices)
    desk.restart()
    assert ledger(desk) == (None, None)
    desk.tick(86_400)
    told(desk, 49_990)
    assert ledger(desk) == (None, None)


def test_an_account_kept_in_euro_that_trades_in_dollars_has_no_figure_of_ours(desk: Desk) -> None:
    told(desk, 50_000, "EUR")
    desk.buy(1)
    desk.sell(1)
    assert ledger(desk) == (None, None)
    assert desk.heard("ESZ6 is settled in USD and Sim1 is kept in EUR")


def test_our_figure_is_committed_with_its_fill(desk: Desk) -> None:
    desk.buy(1)
    before = cash(desk)
    desk.unsaved = True
    desk.memory.disk.error = PersistenceError("no room")
    desk.sell(1)
    assert before == desk.store.accounts.last_equity(ACCOUNT) and desk.snapshot.unsaved.entries
    desk.memory.disk.error = None
    desk.tick(6)
    assert before is not None and cash(desk) == before - Decimal("2.10") == desk.store.accounts.last_equity(ACCOUNT)


def test_a_balance_without_cash_anchors_nothing() -> None:
    desk = Desk()
    desk.broker.cash.clear()
    desk.start()
    assert ACCOUNT not in desk.snapshot.ledger or cash(desk) is None


# -- what an account is ---------------------------------------------------------------------------------------------


def test_the_accounts_of_our_simulator_are_sim_by_construction(desk: Desk) -> None:
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.SIM
    desk.handle(commands.ClassifyAccount(ACCOUNT, Mode.LIVE))
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.SIM
    assert desk.heard("cannot be classified", Level.CAUTION)


def test_any_other_account_is_unclassified_until_the_user_says_what_it_is() -> None:
    desk = outside()
    assert desk.snapshot.accounts[ACCOUNT].mode is None
    desk.handle(commands.ClassifyAccount(ACCOUNT, Mode.EVAL))
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.EVAL
    desk.restart()
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.EVAL
    assert [row.text for row in desk.memory.audit.rows if row.kind == "setting"] == ["Sim1 classified as EVAL"]


@pytest.mark.row(130)
@pytest.mark.parametrize("what", ["position", "working order"])
def test_an_account_in_use_is_not_classified_anew(what: str) -> None:
    desk = outside(Sim1=Mode.SIM)
    if what == "position":
        desk.buy(1)
    else:
        desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.handle(commands.ClassifyAccount(ACCOUNT, Mode.LIVE))
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.SIM
    assert desk.heard("has a position or a working order; close it first.")


def test_a_mode_from_the_command_line_is_given_once_and_not_over_a_stored_one() -> None:
    desk = outside(Sim1=Mode.SIM)
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.SIM
    desk.handle(commands.ClassifyAccount(ACCOUNT, Mode.LIVE))
    desk.restart()
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.LIVE


def test_a_mode_from_the_command_line_is_not_given_to_an_account_in_use() -> None:
    desk = outside()
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    desk.classify = {"Sim1": Mode.SIM}
    desk.restart()
    assert desk.snapshot.accounts[ACCOUNT].mode is None


def test_an_unknown_account_cannot_be_classified(desk: Desk) -> None:
    desk.handle(commands.ClassifyAccount(AccountKey("sim", "Nobody"), Mode.SIM))
    assert desk.heard("Nobody@sim cannot be classified")


def test_an_account_the_broker_names_no_more_is_kept_with_its_position(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.accounts = ()
    desk.restart()
    assert ACCOUNT in desk.snapshot.accounts and desk.quantity() == 1


# -- what is shown --------------------------------------------------------------------------------------------------


def test_the_first_account_is_shown_and_another_on_demand() -> None:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock, accounts=("Sim1", "Sim2"))], clock=clock).start()
    assert desk.snapshot.selected_account == ACCOUNT
    desk.handle(commands.SelectAccount(AccountKey("sim", "Sim2")))
    desk.handle(commands.SelectAccount(AccountKey("sim", "Nobody")))
    assert desk.snapshot.selected_account == AccountKey("sim", "Sim2")


def test_a_day_that_turns_before_the_first_look_at_the_clock_begins_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path, clock=ManualClock(datetime(2026, 11, 19, 22, 58, tzinfo=UTC))).start()
    desk.buy(2)
    desk.broker.script.market_price = Decimal(5010)
    desk.sell(2)
    desk.stop()
    assert desk.clock.now() < datetime(2026, 11, 19, 22, 59, tzinfo=UTC)
    desk.clock.advance((datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC) - desk.clock.now()).total_seconds())
    desk.start()
    assert desk.snapshot.ledger[ACCOUNT].day_net == Decimal("991.60")
    desk.clock.advance(2)
    desk.tick(1)
    assert desk.snapshot.ledger[ACCOUNT].day_net == 0
    desk.stop()


# -- the day's net and the curve of the day ---------------------------------------------------------------------------


def gained_today(desk: Desk) -> Decimal:
    """Return what the pill 1D of the equity curve says."""
    since = period_start(Period.DAY, desk.clock.now())
    trades = InMemoryTradeRepository(desk.memory.positions, desk.memory.accounts)
    return performance(trades.equity(EquityFilter(ACCOUNT, since)))


def test_the_days_net_is_what_was_booked_today_as_the_curve_of_the_day_has_it() -> None:
    desk = Desk(clock=ManualClock(datetime(2026, 11, 19, 22, 50, tzinfo=UTC))).start()
    desk.buy(2)
    desk.broker.script.market_price = Decimal(5010)
    desk.sell(1)
    desk.tick(900)  # the trading day begins at 23:00
    net = desk.snapshot.ledger[ACCOUNT].day_net
    assert net == gained_today(desk) == 0, "what was closed yesterday is of yesterday"
    desk.broker.script.market_price = Decimal(5020)
    desk.buy(1)
    desk.sell(1)
    net = desk.snapshot.ledger[ACCOUNT].day_net
    assert desk.quantity() == 1 and net is not None
    # A part of an open position counts once it is closed, and every fill costs as it comes; what is open does not.
    assert net == gained_today(desk) and net > 0
    desk.stop()
