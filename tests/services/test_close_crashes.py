"""The process dies at each step of a close and comes back: nothing is doubled, nothing is sent twice or by surprise."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import FlattenAccount
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from tests.fakes.broker import Fate
from tests.fakes.checker import Checker, at_rest
from tests.fakes.engine import ACCOUNT, ES, MES, Desk

# Where a close may die, and what must be so afterwards: how often a closing order reached the broker before.
STEPS = {
    "close.requested": 0,
    "close.operation_committed": 0,
    "close.cancel_sent": 0,
    "order.before_intent": 0,
    "order.intent_committed": 0,
    "close.order_committed": 0,
    "order.handed_over": 1,
    "close.order_handed_over": 1,
    "order.report_received": 0,
    "order.report_committed": 0,
    "fill.received": 1,
    "fill.ledger_written": 1,
    "fill.position_written": 1,
    "fill.trade_written": 1,
    "fill.committed": 1,
    "fill.published": 1,
    "close.verified": 1,
}
CASES = [(name, exits) for name in STEPS for exits in (False, True) if exits or name != "close.cancel_sent"]


def closings(desk: Desk) -> list[Decimal]:
    return [order.quantity for order in desk.broker.received if order.intent is Intent.CLOSE]


def opened(folder: Path, exits: bool) -> Desk:
    desk = Desk(folder).start()
    desk.buy(2)
    if exits:
        desk.press(Side.SELL, 2, OrderType.STOP, "4980")
        desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    return desk


def come_back(desk: Desk) -> Checker:
    """Start again, confirm what is found, and let the dust settle."""
    checker = Checker(desk)
    desk.start()
    checker.check()
    if desk.has_row():
        desk.decide(RecoveryChoice.ADOPT)
    desk.tick(15)
    checker.check()
    return checker


@pytest.mark.row(111, 112, 119)
@pytest.mark.parametrize(("name", "exits"), CASES)
def test_dying_in_a_close_doubles_nothing_and_sends_nothing_by_surprise(tmp_path: Path, name: str, exits: bool) -> None:
    desk = opened(tmp_path, exits)
    desk.dies_at(name)

    def act() -> None:
        desk.close()
        desk.tick(1)

    assert desk.dies_in(act), f"{name} was not reached"
    sent = len(closings(desk))
    assert sent >= STEPS[name] or exits
    checker = come_back(desk)
    assert len(closings(desk)) == sent, "a close was sent by a restart"
    assert desk.quantity() == desk.broker.positions[ES]
    assert desk.quantity() == (0 if sent else 2)
    # The trader presses again: whatever had happened, he ends flat, with one closing order in all.
    desk.close()
    desk.tick(5)
    assert desk.quantity() == 0 and desk.broker.positions[ES] == 0
    assert len(closings(desk)) == 1
    assert not any(one.alive for one in desk.broker.orders.values())
    checker.check()
    at_rest(desk)
    desk.kill()


@pytest.mark.parametrize("name", ["order.intent_committed", "close.order_committed"])
def test_a_close_that_never_left_is_proven_absent_and_may_be_pressed_again(tmp_path: Path, name: str) -> None:
    desk = opened(tmp_path, exits=False)
    desk.dies_at(name)
    assert desk.dies_in(desk.close)
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.operation().step is CloseStep.UNKNOWN
    desk.close()
    assert closings(desk) == []
    desk.tick(5)
    assert desk.orders(OrderState.DENIED) and desk.operation().step is CloseStep.REJECTED
    desk.kill()


def test_a_refused_close_whose_step_was_lost_does_not_block_the_scope(tmp_path: Path) -> None:
    desk = opened(tmp_path, exits=False)
    desk.broker.script.refuse = ["Margin"]
    desk.dies_at("order.report_committed")
    assert desk.dies_in(desk.close)
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(12)
    assert desk.operation().step is CloseStep.REJECTED
    desk.answer(CloseChoice.DISMISS)
    desk.close()
    desk.tick(2)
    assert desk.quantity() == 0
    desk.kill()


Breakage = Callable[[Desk], None]


def unseen(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN


def seen(desk: Desk) -> None:
    desk.broker.script.fate = Fate.SEEN


@pytest.mark.row(112, 119)
@pytest.mark.parametrize("fate", [seen, unseen])
@pytest.mark.parametrize("restarts", [0, 1, 3])
def test_a_close_lost_on_the_wire_is_found_or_proven_absent_over_any_number_of_restarts(
    tmp_path: Path, fate: Breakage, restarts: int
) -> None:
    desk = opened(tmp_path, exits=False)
    fate(desk)
    desk.close()
    for _ in range(restarts):
        desk.restart(clean=False, away_s=5)
    if not desk.broker.up:
        desk.broker.connect()
        desk.settle()
    if desk.has_row():
        desk.decide(RecoveryChoice.ADOPT)
    desk.tick(15)
    assert len(closings(desk)) == (1 if fate is seen else 0)
    assert desk.quantity() == desk.broker.positions[ES] == (0 if fate is seen else 2)
    assert not desk.orders(OrderState.UNKNOWN)
    desk.kill()


@pytest.mark.row(121)
@pytest.mark.parametrize("name", ["close.operation_committed", "order.handed_over", "fill.position_written"])
@pytest.mark.parametrize("times", [1, 2])
def test_dying_in_the_middle_of_flattening_leaves_the_rest_as_it_is_until_the_trader_says_so(
    tmp_path: Path, name: str, times: int
) -> None:
    desk = Desk(tmp_path).start()
    for key in (ES, MES):
        desk.buy(2, key=key)
    desk.dies_at(name, times)

    def flatten() -> None:
        desk.handle(FlattenAccount("F1", ACCOUNT))
        desk.tick(2)

    assert desk.dies_in(flatten)
    sent = len(closings(desk))
    checker = Checker(desk)
    desk.start()
    for key in (ES, MES):
        if desk.has_row(key):
            desk.decide(RecoveryChoice.ADOPT, key)
    desk.tick(15)
    checker.check()
    assert len(closings(desk)) == sent, "nothing goes on by itself"
    assert [desk.quantity(key) for key in (ES, MES)] == [desk.broker.positions[key] for key in (ES, MES)]
    desk.handle(FlattenAccount("F2", ACCOUNT))
    desk.tick(15)
    assert desk.snapshot.positions == {} and desk.broker.positions[ES] == desk.broker.positions[MES] == 0
    assert len(closings(desk)) == 2
    desk.kill()
