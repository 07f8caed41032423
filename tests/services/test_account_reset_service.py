"""An account of the built-in simulator begins anew by a logged point; what was traded stays, and both figures agree."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.errors import PersistenceError
from core.events import BalanceReported, Level
from core.model.equity import EquityKind, performance
from core.model.fill import Side
from core.model.guard_rules import FloorShape, Guard, GuardRules, ProfitFloor, PropFloor
from core.model.order import OrderType
from core.model.period import Period, period_start
from core.model.scope import AccountKey, Balance
from core.queries import EquityFilter
from services.account_reset_service import ANSWER_LIMIT_S, ResetAnswer
from tests.fakes.engine import ACCOUNT, ES, Desk
from tests.fakes.repositories import InMemoryTradeRepository

D = Decimal
START = D(100_000)


@pytest.fixture(params=["memory", "sqlite"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk that has lost something today."""
    made = Desk(tmp_path if request.param == "sqlite" else None).start()
    made.buy(1)
    made.tick(1)
    made.close()
    made.tick(3)
    assert made.quantity() == 0
    yield made
    if made.alive:
        made.kill()


def ask(desk: Desk, key: AccountKey = ACCOUNT) -> None:
    desk.handle(commands.ResetAccount(key))


def reset(desk: Desk, cash: Decimal = START) -> None:
    """Have it reset: the simulator tells its balance, then answers."""
    ask(desk)
    broker_says(desk, cash)
    desk.simulator.answers[f"Q{len(desk.simulator.asked)}"] = ResetAnswer(cash)
    desk.tick(1)


def broker_says(desk: Desk, cash: Decimal) -> None:
    desk.handle(BalanceReported(ACCOUNT, Balance(cash, None, None, None, "USD", desk.clock.now())))


def test_both_figures_agree_afterwards_and_the_day_begins_anew(desk: Desk) -> None:
    reset(desk)
    ledger = desk.snapshot.ledger[ACCOUNT]
    assert (ledger.cash, ledger.day_net) == (START, D(0)) and desk.snapshot.balances[ACCOUNT].cash == START
    assert desk.heard("Sim1 begins anew with 100,000.00 USD. Trades and statistics stay.", Level.SUCCESS)


def test_the_curve_of_the_day_keeps_what_was_traded_before_it_and_the_days_net_does_not() -> None:
    desk = Desk().start()
    desk.buy(1)
    desk.tick(1)
    desk.close()
    desk.tick(3)
    before = desk.snapshot.ledger[ACCOUNT].day_net
    reset(desk)
    trades = InMemoryTradeRepository(desk.memory.positions, desk.memory.accounts)
    gained = performance(trades.equity(EquityFilter(ACCOUNT, period_start(Period.DAY, desk.clock.now()))))
    assert desk.snapshot.ledger[ACCOUNT].day_net == 0 and gained == before != 0


def test_the_reset_is_one_point_of_the_ledger_and_the_trades_stay(desk: Desk) -> None:
    trades = desk.snapshot.trades
    reset(desk)
    points = list(desk.memory.accounts.points.get(ACCOUNT, [])) if desk.folder is None else []
    if points:
        assert [one.kind for one in points][-1] is EquityKind.RESET
    assert len(trades) == 1 and desk.snapshot.trades == trades


def test_it_is_the_same_after_a_restart(desk: Desk) -> None:
    reset(desk)
    desk.buy(1)
    desk.tick(1)
    before = desk.snapshot.ledger[ACCOUNT]
    assert before.day_net == D("-2.10")
    desk.restart()
    after = desk.snapshot.ledger[ACCOUNT]
    assert (after.cash, after.day_net) == (before.cash, before.day_net) == (START - D("2.10"), D("-2.10"))


def test_what_a_fill_moves_while_the_simulator_is_asked_comes_on_top(desk: Desk) -> None:
    ask(desk)
    desk.buy(1)
    desk.simulator.answers["Q1"] = ResetAnswer(START)
    desk.tick(1)
    assert desk.snapshot.ledger[ACCOUNT].cash == START - D("2.10")


# -- refused -----------------------------------------------------------------------------------------------------------


def test_with_an_open_position_or_a_working_order_it_is_refused(desk: Desk) -> None:
    desk.buy(1)
    desk.tick(1)
    ask(desk)
    assert desk.heard("Not reset: Sim1 has an open position; close it first.", Level.CAUTION)
    desk.close()
    desk.tick(3)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    ask(desk)
    assert desk.heard("Not reset: Sim1 has an order that may still trade; cancel it first.")
    assert desk.simulator.asked == []


def test_only_the_built_in_simulators_accounts_are_reset() -> None:
    desk = Desk(simulated=frozenset(), classify={}).start()
    ask(desk)
    ask(desk, AccountKey("sierra", "ACCT"))
    assert desk.heard("Not reset: Sim1 is not an account of the built-in simulator.") and not desk.simulator.asked


def test_with_the_line_down_or_the_broker_holding_something_it_is_refused(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    ask(desk)
    assert desk.heard("the broker holds a position in Sim1")
    desk.broker.drop()
    desk.settle()
    ask(desk)
    assert desk.heard("the line sim is not ready") and not desk.simulator.asked


def test_what_the_simulator_refuses_changes_nothing(desk: Desk) -> None:
    before = desk.snapshot.ledger[ACCOUNT].cash
    ask(desk)
    desk.simulator.answers["Q1"] = ResetAnswer(None, "account Sim1 holds something")
    desk.tick(1)
    assert desk.heard("Not reset: account Sim1 holds something.") and desk.snapshot.ledger[ACCOUNT].cash == before


def test_no_answer_is_said_once_and_asking_again_is_possible(desk: Desk) -> None:
    before = desk.snapshot.ledger[ACCOUNT].cash
    ask(desk)
    ask(desk)
    assert desk.simulator.asked == ["Sim1"], "a second press while it is asked is the same wish"
    desk.tick(ANSWER_LIMIT_S + 2)
    assert sum("did not answer" in text for text in desk.texts()) == 1
    assert desk.snapshot.ledger[ACCOUNT].cash == before
    reset(desk)
    assert desk.snapshot.ledger[ACCOUNT].cash == START


def test_a_question_that_cannot_be_put_is_said(desk: Desk) -> None:
    desk.simulator.error = PersistenceError("The disk is full.")
    ask(desk)
    assert desk.heard("Sim1 is not reset: The disk is full.", Level.ERROR)


def test_a_point_that_cannot_be_stored_is_said() -> None:
    desk = Desk().start()
    ask(desk)
    desk.simulator.answers["Q1"] = ResetAnswer(START)
    desk.memory.disk.error = PersistenceError("The disk is full.")
    desk.tick(1)
    assert desk.heard("our own figure was not: The disk is full. Reset it again.", Level.ERROR)
    assert desk.snapshot.ledger[ACCOUNT].cash == D(50_000)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_floors_begin_anew_and_a_lock_stays() -> None:
    rules = GuardRules(
        prop_floor=PropFloor(FloorShape.INTRADAY, D(1000)), profit_floor=ProfitFloor(D(300)), day_loss=D(500)
    )
    desk = Desk(guards={ACCOUNT: rules}).start()
    desk.tick(2)
    desk.handle(commands.LockSession(ACCOUNT))
    locked = desk.snapshot.guards[ACCOUNT].locked
    reset(desk, D(20_000))
    broker_says(desk, D(20_000))
    desk.tick(2)
    guards = desk.snapshot.guards[ACCOUNT]
    assert guards.locked == locked != "" and not any(one.breached for one in guards.verdicts)
    floor = guards.verdict(Guard.PROP_FLOOR)
    assert floor is not None and floor.used == 0 and guards.gauge is not None and guards.gauge.floor == 19_000
