"""A difference that comes up while trading: its own scope waits, and the trader chooses whose figure holds."""

from decimal import Decimal

import pytest

from core import commands
from core.broker_report import PositionReport
from core.events import Level, PositionReported
from core.model.fill import FillSource, Side
from core.model.operation import CloseStep
from core.model.order import OrderState
from core.model.recovery import RECONCILE_CHOICES, RecoveryChoice, Situation
from core.model.scope import Mode
from core.snapshot import Certainty
from tests.fakes.broker import Answers
from tests.fakes.engine import ACCOUNT, ES, MES, Desk, seen


def differs(desk: Desk, ours: int = 2, theirs: int = 1) -> None:
    """Hold `ours`, have the broker say `theirs` without a fill for it, and let it last."""
    if ours:
        desk.buy(ours)
    moved = theirs - ours
    desk.broker.by_hand(ES, Side.BUY if moved > 0 else Side.SELL, abs(moved), "5010", trace=False)
    desk.settle()
    desk.tick(5)
    assert desk.scope().certainty is Certainty.MISMATCH


def choose(desk: Desk, choice: RecoveryChoice, reason: str = "") -> None:
    desk.handle(commands.DecideRecovery(ES, choice, desk.row().version, reason))


def dialog_wanted(desk: Desk) -> bool:
    assert desk.snapshot.recovery is not None
    return desk.snapshot.recovery.wants_dialog


def test_it_locks_its_own_scope_and_opens_no_dialog(desk: Desk) -> None:
    differs(desk)
    assert desk.row().in_session and not dialog_wanted(desk)
    desk.buy(1)
    assert desk.quantity() == 2
    desk.buy(1, key=MES)
    assert desk.quantity(MES) == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "situation"),
    [
        (2, 1, Situation.SIZE_DIFFERS),
        (2, -1, Situation.OPPOSITE_SIDE),
        (2, 0, Situation.CLOSED_AT_BROKER),
        (0, 2, Situation.ONLY_AT_BROKER),
    ],
)
def test_each_situation_offers_the_brokers_figure_first(
    desk: Desk, ours: int, theirs: int, situation: Situation
) -> None:
    differs(desk, ours, theirs)
    row = desk.row()
    assert row.situation is situation
    without_fills = [one for one in RECONCILE_CHOICES[situation] if one is not RecoveryChoice.USE_FILLS]
    assert list(row.choices) == without_fills  # the fills say what we hold
    assert row.fills_quantity == ours
    choose(desk, row.choices[0])
    assert desk.quantity() == theirs
    desk.tick(5)
    assert desk.scope().certainty is Certainty.CONFIRMED
    assert not desk.has_row()


def test_the_brokers_figure_is_booked_without_inventing_a_profit(desk: Desk) -> None:
    differs(desk)
    choose(desk, RecoveryChoice.ADOPT)
    booked = desk.snapshot.fills[-1]
    assert seen(booked.source, booked.price, booked.quantity) == (FillSource.RECON, None, 1)
    assert desk.position().realized_pnl is None


def test_keeping_ours_changes_nothing_and_stays_locked_until_both_agree(desk: Desk) -> None:
    differs(desk)
    fills = desk.snapshot.fills
    choose(desk, RecoveryChoice.IGNORE)
    desk.tick(60)
    assert desk.snapshot.fills == fills and desk.quantity() == 2
    desk.buy(1)
    assert desk.quantity() == 2
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(5)
    assert not desk.has_row()
    desk.buy(1)
    assert desk.quantity() == 3


def test_the_fills_are_offered_where_a_correction_moved_us_away_from_them(desk: Desk) -> None:
    differs(desk)
    choose(desk, RecoveryChoice.ADOPT)
    desk.tick(5)
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(5)
    row = desk.row()
    assert seen(row.fills_quantity, row.broker_quantity, desk.quantity()) == (2, 2, 1)
    choose(desk, RecoveryChoice.USE_FILLS)
    assert desk.quantity() == 2
    desk.tick(5)
    assert desk.scope().certainty is Certainty.CONFIRMED


def test_taking_the_brokers_quantity_and_closing_it_sends_one_order_for_exactly_that(desk: Desk) -> None:
    differs(desk)
    decision = commands.DecideRecovery(ES, RecoveryChoice.CLOSE_BROKER, desk.row().version)
    desk.handle(*[decision] * 5)
    desk.tick(3)
    closing = [one for one in desk.broker.received if one.side is Side.SELL]
    assert [one.quantity for one in closing] == [1]
    assert desk.quantity() == 0 and desk.broker.positions[ES] == 0
    assert desk.operation().step is CloseStep.DONE


def test_the_same_difference_twice_is_closed_twice(desk: Desk) -> None:
    for _ in range(2):
        differs(desk)
        choose(desk, RecoveryChoice.CLOSE_BROKER)
        desk.tick(5)
        assert desk.quantity() == 0
        assert all(one.state is OrderState.FILLED for one in desk.orders())


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_with_real_consequences_a_reason_is_needed_and_kept(mode: Mode) -> None:
    desk = Desk(simulated=frozenset(), classify={"Sim1": mode}).start()
    desk.broker.by_hand(ES, Side.BUY, 2)
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.settle()
    desk.tick(5)
    for reason in ("", "  ", "ok"):
        choose(desk, RecoveryChoice.ADOPT, reason)
        assert desk.quantity() == 2
    assert desk.heard("say in a few words why; nothing was changed", Level.CAUTION)
    choose(desk, RecoveryChoice.ADOPT, "closed one on the phone")
    assert desk.quantity() == 1
    (row,) = [one for one in desk.memory.audit.rows if one.kind == "decision"]
    assert row.data["reason"] == "closed one on the phone"
    assert desk.snapshot.accounts[ACCOUNT].mode is mode


def test_a_row_put_off_at_the_start_stays_the_recovery_dialogs(desk: Desk) -> None:
    desk.buy(2)
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 1, told=False, trace=False)
    desk.clock.advance(60)
    desk.start()
    desk.handle(commands.DecideRecovery(ES, RecoveryChoice.IGNORE, desk.row().version))
    desk.tick(65)
    assert not desk.row().in_session
    assert RecoveryChoice.VERIFY in desk.row().choices


def test_the_fills_of_a_trade_that_began_before_what_we_remember_are_not_known() -> None:
    from services.reconciliation import fills_quantity

    desk = Desk().start()
    desk.buy(2)
    desk.buy(1)
    fills = desk.snapshot.fills
    assert fills_quantity(desk.position(), fills) == Decimal(3)
    assert fills_quantity(desk.position(), fills[1:]) is None


@pytest.mark.parametrize(("ours", "situation"), [(2, Situation.SIZE_DIFFERS), (0, Situation.ONLY_AT_BROKER)])
def test_what_the_broker_said_outright_is_compared_although_he_refuses_to_list_positions(
    desk: Desk, ours: int, situation: Situation
) -> None:
    if ours:
        desk.buy(ours)
    desk.broker.script.lists_positions = False
    desk.broker.positions[ES] = Decimal(3)
    desk.handle(PositionReported(PositionReport(ES, Decimal(3), None, desk.clock.now())))
    desk.tick(5)
    assert seen(desk.row().situation, desk.row().broker_quantity, bool(desk.scope().lock)) == (situation, 3, True)
    choose(desk, RecoveryChoice.ADOPT)
    assert desk.quantity() == 3


def test_a_difference_the_broker_stated_after_the_question_outlasts_the_answer_to_it(desk: Desk) -> None:
    desk.buy(2)
    desk.kill()
    desk.broker.script.lists_positions = False
    desk.start()
    assert desk.row().situation is Situation.FILLS_ONLY
    desk.broker.script.snapshot = Answers.FAILS
    desk.handle(PositionReported(PositionReport(ES, Decimal(3), None, desk.clock.now())))
    desk.tick(5)
    choose(desk, RecoveryChoice.ADOPT)
    desk.tick()
    assert desk.scope().lock
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(20)
    assert desk.row().situation is Situation.SIZE_DIFFERS
    assert desk.has_row()
    choose(desk, RecoveryChoice.ADOPT)
    desk.broker.positions[ES] = Decimal(3)
