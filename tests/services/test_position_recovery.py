"""Start-up, crash recovery and reconnect: nothing is concluded from silence, and nothing opens before it is decided."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from core import commands
from core.events import FillReceived, GapDetected, Level, Link, LinkChanged, SnapshotReceived
from core.model.fill import Fill, FillSource, Side
from core.model.order import OrderState, OrderType
from core.model.recovery import CHOICES, RecoveryChoice, Situation
from core.model.scope import AccountKey, Mode, PositionKey
from core.snapshot import Certainty
from services.line_watch import GIVE_UP_S
from services.position_recovery import LOOK_S, SCAN_S
from tests.fakes.broker import Answers, FakeBroker
from tests.fakes.checker import Checker, at_rest
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk, seen


def ready(desk: Desk) -> bool:
    return desk.snapshot.connections["sim"].link is Link.READY and "sim" not in desk.snapshot.entry_block


def wants_dialog(desk: Desk) -> bool:
    assert desk.snapshot.recovery is not None
    return desk.snapshot.recovery.wants_dialog


def long_two(desk: Desk) -> None:
    desk.buy(2)
    desk.stop()
    desk.clock.advance(600)


def tables(desk: Desk) -> list[object]:
    """What recovery must not change: ledger, positions, trades, orders."""
    books, orders = desk.store.positions, desk.store.orders
    positions = [replace(one, extremes_complete=False, heat_since=None) for one in books.recover_all_open_positions()]
    return [books.recent_fills(999), positions, books.recent_trades(999), orders.recent(999)]


# -- the ways a start may go ----------------------------------------------------------------------------------------


def test_the_first_start_is_ready_without_a_word(desk: Desk) -> None:
    assert ready(desk) and not wants_dialog(desk)
    assert desk.said == []


def test_what_the_broker_can_hold_is_shown_with_its_line_and_stays_while_it_is_ready(desk: Desk) -> None:
    line = desk.snapshot.connections["sim"]
    assert line.link is Link.READY
    assert (line.oco_supported, line.brackets_supported) == (True, True)
    desk.handle(LinkChanged("sim", Link.SYNCING, desk.clock.now(), oco_supported=True))
    line = desk.snapshot.connections["sim"]
    assert (line.oco_supported, line.brackets_supported) == (True, False)


def test_a_clean_restart_that_matches_is_a_toast_and_ready_without_a_dialog(desk: Desk) -> None:
    desk.buy(2)
    desk.restart(clean=True)
    assert ready(desk) and not wants_dialog(desk)
    assert desk.heard("Restored 1 position, confirmed by broker.", Level.SUCCESS)
    assert desk.scope().certainty is Certainty.CONFIRMED
    assert desk.scope().restored


@pytest.mark.row(85)
def test_before_the_broker_answers_positions_are_shown_unverified_and_entries_wait(desk: Desk) -> None:
    long_two(desk)
    desk.start(connect=False)
    assert desk.quantity() == 2
    assert desk.scope().certainty is Certainty.UNVERIFIED
    assert desk.row().situation is Situation.NO_ANSWER
    assert not wants_dialog(desk)
    desk.buy(1)
    assert desk.quantity() == 2


def test_after_an_unclean_end_a_match_is_shown_with_adopt_chosen_and_entries_wait_for_it(desk: Desk) -> None:
    desk.buy(2)
    desk.tick(6)
    desk.restart(clean=False)
    assert wants_dialog(desk) and not ready(desk)
    assert desk.row().situation is Situation.MATCH
    assert desk.row().choices[0] is RecoveryChoice.ADOPT
    assert desk.snapshot.recovery is not None and desk.snapshot.recovery.unclean
    desk.buy(1)
    assert desk.quantity() == 2
    desk.decide(RecoveryChoice.ADOPT)
    assert ready(desk) and not wants_dialog(desk)
    desk.buy(1)
    assert desk.quantity() == 3


def test_after_an_unclean_end_with_nothing_open_there_is_nothing_to_decide(desk: Desk) -> None:
    desk.restart(clean=False)
    assert ready(desk) and not wants_dialog(desk)


def test_a_match_confirmed_once_is_not_asked_again_when_the_line_comes_back(desk: Desk) -> None:
    desk.buy(2)
    desk.restart(clean=False)
    desk.decide(RecoveryChoice.ADOPT)
    desk.broker.drop()
    desk.settle()
    assert not ready(desk) and desk.scope().certainty is Certainty.STALE
    desk.broker.connect()
    desk.settle()
    assert ready(desk) and not wants_dialog(desk)


@pytest.mark.row(74)
def test_fills_made_while_away_are_booked_with_their_own_id_and_time_and_leave_nothing_to_decide(desk: Desk) -> None:
    long_two(desk)
    made_at = desk.clock.now()
    desk.broker.by_hand(ES, Side.SELL, 2, "5010")
    desk.clock.advance(60)
    desk.start()
    assert desk.quantity() == 0 and ready(desk) and not wants_dialog(desk)
    last = desk.snapshot.fills[-1]
    assert (last.execution_id, last.fill_time) == (desk.broker.fills[-1].execution_id, made_at)
    assert desk.snapshot.trades[-1].realized_pnl == 1000
    assert desk.heard("While away: Sold 2 ESZ6 @ 5010")


@pytest.mark.row(82)
def test_a_fill_told_live_and_found_in_the_history_is_booked_once(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.by_hand(ES, Side.BUY, 1)
    late = desk.broker.fills[-1]
    desk.broker.connect()
    desk.handle(FillReceived(late))
    desk.handle(FillReceived(late))
    assert desk.quantity() == 3


@pytest.mark.row(80)
def test_the_first_sync_of_an_account_books_no_history(desk: Desk) -> None:
    desk.kill()
    fresh = Desk(clock=desk.clock)
    for _ in range(3):
        fresh.broker.by_hand(ES, Side.BUY, 1)
        fresh.clock.advance(60)
    fresh.start()
    assert not fresh.snapshot.fills and fresh.quantity() == 0
    assert fresh.row().situation is Situation.ONLY_AT_BROKER
    fresh.decide(RecoveryChoice.ADOPT)
    assert fresh.quantity() == 3
    fresh.broker.drop()
    fresh.settle()
    fresh.clock.advance(60)
    fresh.broker.by_hand(ES, Side.SELL, 1, "5020")
    for _ in range(2):
        fresh.broker.connect()
        fresh.settle()
        fresh.broker.drop()
        fresh.settle()
    assert fresh.quantity() == 2
    assert [one.source for one in fresh.snapshot.fills] == [FillSource.RECON, FillSource.EXTERNAL]


def test_a_fill_of_the_days_offline_in_a_first_session_is_found(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.drop()
    desk.settle()
    desk.clock.advance(60)
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.clock.advance(3 * 86400)
    desk.broker.connect()
    desk.settle()
    assert desk.quantity() == 2


# -- each situation -------------------------------------------------------------------------------------------------

# What happens at the broker while the terminal, LONG 2, is down: signed change without a trace, and the list's manner.
AWAY: dict[Situation, tuple[int, dict[str, object]]] = {
    Situation.CLOSED_AT_BROKER: (-2, {}),
    Situation.SIZE_DIFFERS: (+1, {}),
    Situation.OPPOSITE_SIDE: (-3, {}),
    Situation.NO_ANSWER: (0, {"snapshot": Answers.FAILS}),
    Situation.FILLS_ONLY: (0, {"lists_positions": False}),
}


def found(desk: Desk, situation: Situation, clean: bool = True) -> None:
    """Bring about a situation over a restart."""
    desk.buy(2)
    desk.kill() if not clean else desk.stop()
    desk.clock.advance(600)
    change, manner = AWAY[situation]
    if change:
        desk.broker.by_hand(ES, Side.BUY if change > 0 else Side.SELL, abs(change), trace=False)
    for name, value in manner.items():
        setattr(desk.broker.script, name, value)
    desk.start()


@pytest.mark.row(75, 77)
@pytest.mark.parametrize("situation", AWAY)
@pytest.mark.parametrize("clean", [True, False])
def test_a_difference_is_named_and_everything_waits_for_the_trader(
    desk: Desk, situation: Situation, clean: bool
) -> None:
    found(desk, situation, clean)
    assert desk.row().situation is situation
    assert wants_dialog(desk) and not ready(desk)
    assert desk.scope().lock
    before = desk.broker.received[:]
    desk.buy(1)
    assert desk.broker.received == before and desk.quantity() == 2


@pytest.mark.parametrize("situation", AWAY)
def test_verify_asks_again_and_changes_nothing(desk: Desk, situation: Situation) -> None:
    found(desk, situation)
    before, asked, version = tables(desk), len(desk.broker.asked), desk.row().version
    desk.decide(RecoveryChoice.VERIFY)
    assert len(desk.broker.asked) == asked + 1
    assert tables(desk) == before
    assert (desk.row().situation, desk.row().version, desk.row().decided) == (situation, version, None)


@pytest.mark.parametrize("situation", AWAY)
def test_ignore_keeps_the_record_and_locks_the_scope(desk: Desk, situation: Situation) -> None:
    found(desk, situation)
    before = tables(desk)
    desk.decide(RecoveryChoice.IGNORE)
    assert tables(desk) == before
    assert desk.row().decided is RecoveryChoice.IGNORE
    assert desk.scope().lock == "this scope was left undecided; reconcile it first."
    assert ready(desk) is (situation is not Situation.NO_ANSWER)


def test_adopting_another_size_books_the_difference_without_inventing_profit(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 3 and ready(desk)
    last = desk.snapshot.fills[-1]
    assert seen(last.source, last.price, last.side, last.quantity) == (FillSource.RECON, None, Side.BUY, 1)
    assert desk.position().entry_price is None
    assert desk.heard("adopted from broker, LONG 2 → LONG 3")
    desk.tick()
    assert desk.scope().certainty is Certainty.CONFIRMED and not desk.scope().lock


def test_adopting_the_opposite_side_ends_one_trade_and_begins_another_without_money(desk: Desk) -> None:
    found(desk, Situation.OPPOSITE_SIDE)
    assert desk.row().choices[0] is RecoveryChoice.VERIFY
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == -1 and ready(desk)
    assert desk.snapshot.trades[-1].realized_pnl is None


@pytest.mark.row(76)
def test_adopting_what_only_the_broker_has_opens_it_at_his_average(desk: Desk) -> None:
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 4, "5012.50", trace=False)
    desk.start()
    assert desk.row().situation is Situation.ONLY_AT_BROKER and not ready(desk)
    desk.decide(RecoveryChoice.ADOPT)
    assert seen(desk.quantity(), desk.position().entry_price, desk.position().entry_time) == (
        -4,
        Decimal("5012.50"),
        None,
    )
    assert ready(desk)


def test_what_only_the_broker_has_may_be_verified_or_ignored(desk: Desk) -> None:
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 4, trace=False)
    desk.start()
    desk.decide(RecoveryChoice.VERIFY)
    assert desk.has_row()
    desk.decide(RecoveryChoice.IGNORE)
    assert desk.quantity() == 0 and desk.scope().lock and ready(desk)


@pytest.mark.row(77)
def test_recording_as_closed_ends_the_trade_by_hand_with_its_price_blank(desk: Desk) -> None:
    found(desk, Situation.CLOSED_AT_BROKER)
    assert desk.row().choices[0] is RecoveryChoice.RECORD_CLOSED
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 0 and ready(desk)
    trade = desk.snapshot.trades[-1]
    assert (trade.source, trade.exit_price, trade.realized_pnl) == (FillSource.MANUAL, None, None)


def test_fills_only_may_be_adopted_from_fills_or_recorded_as_closed(desk: Desk) -> None:
    found(desk, Situation.FILLS_ONLY)
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 2 and ready(desk)
    assert desk.scope().certainty is Certainty.FILLS_ONLY
    desk.restart()
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 0 and ready(desk)


@pytest.mark.row(77)
def test_a_list_that_does_not_mention_a_position_is_not_flat(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.omitted.add("ESZ6")
    desk.restart()
    assert desk.row().situation is Situation.FILLS_ONLY
    assert "does not mention it" in desk.row().note
    assert desk.quantity() == 2 and not ready(desk)


def test_a_zero_said_outright_stands_though_a_list_leaves_it_out(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.omitted.add("ESZ6")
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.settle()
    desk.tick(4)
    assert desk.row().situation is Situation.CLOSED_AT_BROKER and desk.row().broker_quantity == 0
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 0


def test_a_zero_of_the_connection_before_is_no_word_about_what_is_open_now(desk: Desk) -> None:
    desk.buy(2)
    desk.sell(2)
    desk.broker.script.tells_positions = False
    desk.buy(1)
    desk.broker.script.omitted.add("ESZ6")
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()
    desk.settle()
    assert desk.row().situation is Situation.FILLS_ONLY and desk.scope().broker_quantity is None


def test_adopting_without_an_answer_keeps_entries_locked_until_he_answers(desk: Desk) -> None:
    found(desk, Situation.NO_ANSWER)
    desk.decide(RecoveryChoice.ADOPT)
    assert "adopted without the broker's answer" in desk.scope().lock
    assert not ready(desk)
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(6)
    assert ready(desk) and not desk.scope().lock


def test_a_choice_that_does_not_apply_is_refused(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 2 and desk.has_row()
    assert desk.heard("RECORD_CLOSED does not apply")


@pytest.mark.parametrize("situation", CHOICES)
def test_every_situation_offers_a_choice_and_its_preselection_is_the_first(situation: Situation) -> None:
    assert RecoveryChoice.IGNORE in CHOICES[situation]
    assert CHOICES[situation][0] is not RecoveryChoice.IGNORE


def test_the_same_size_may_be_adopted_twice_in_a_life(desk: Desk) -> None:
    for _ in range(3):
        desk.stop()
        desk.broker.by_hand(ES, Side.BUY, 2, trace=False)
        desk.start()
        desk.decide(RecoveryChoice.ADOPT)
        assert desk.quantity() == 2
        desk.stop()
        desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
        desk.start()
        desk.decide(RecoveryChoice.RECORD_CLOSED)
        assert desk.quantity() == 0
    assert len(desk.snapshot.trades) == 3


def test_a_history_told_after_the_decision_is_not_counted_beside_the_correction(desk: Desk) -> None:
    long_two(desk)
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.clock.advance(60)
    desk.broker.script.lists_fills = False
    desk.start()
    assert desk.row().situation is Situation.SIZE_DIFFERS
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 3
    desk.broker.script.lists_fills = True
    for _ in range(3):
        desk.handle(commands.AskBroker("sim"))
        desk.tick(5)
    assert desk.quantity() == 3 and not desk.has_row()
    desk.broker.by_hand(ES, Side.BUY, 1, told=False)
    desk.handle(commands.AskBroker("sim"))
    assert desk.quantity() == 4


def test_the_same_difference_found_again_after_it_was_adopted_asks_again(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(1)
    desk.broker.script.tells_positions = False
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.broker.positions[ES] += 1
    desk.settle()
    assert desk.quantity() == 2
    desk.tick(LOOK_S + 5)
    assert desk.has_row() and desk.row().situation is Situation.SIZE_DIFFERS and desk.scope().lock


def test_a_row_tells_the_exits_that_work_and_how(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    desk.press(Side.SELL, 1, OrderType.LIMIT, "5020.25")
    desk.restart(clean=False)
    assert desk.row().exits == ("SELL 2 STOP 4980 · SERVER", "SELL 1 LIMIT 5020.25 · SERVER")


def test_trying_the_line_at_once_reaches_the_broker(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    desk.handle(commands.ReconnectNow("sim"), commands.ReconnectNow("elsewhere"))
    assert ready(desk)


def test_the_servers_name_is_kept_while_the_line_is_down(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    assert desk.snapshot.connections["sim"].server == "Fake"


# -- decisions that come late ---------------------------------------------------------------------------------------


@pytest.mark.row(128)
def test_a_decision_on_an_outdated_row_is_refused_and_the_broker_asked(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    old = desk.row().version
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.handle(commands.AskBroker("sim"))
    assert desk.row().version == old + 1
    asked = len(desk.broker.asked)
    desk.handle(commands.DecideRecovery(ES, RecoveryChoice.ADOPT, old))
    assert desk.quantity() == 2 and desk.heard("the facts changed while you decided")
    assert len(desk.broker.asked) == asked + 1
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 4


@pytest.mark.row(128)
def test_a_decision_after_our_own_position_moved_is_refused(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    version = desk.row().version
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    desk.handle(commands.DecideRecovery(ES, RecoveryChoice.ADOPT, version))
    assert desk.quantity() == 1 and desk.heard("the facts changed while you decided")


def test_a_decision_after_the_broker_said_something_else_is_refused(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    desk.tick(4)
    version = desk.row().version
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.by_hand(ES, Side.BUY, 2, trace=False)
    desk.settle()
    desk.handle(commands.DecideRecovery(ES, RecoveryChoice.ADOPT, version))
    assert desk.quantity() == 2 and desk.heard("the facts changed while you decided")


def test_a_decision_made_twice_is_one_decision(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    decision = commands.DecideRecovery(ES, RecoveryChoice.ADOPT, desk.row().version)
    desk.handle(decision, decision)
    assert desk.quantity() == 3 and len(desk.snapshot.fills) == 2


@pytest.mark.row(75)
def test_every_decision_is_audited(desk: Desk) -> None:
    found(desk, Situation.SIZE_DIFFERS)
    desk.decide(RecoveryChoice.VERIFY)
    desk.decide(RecoveryChoice.ADOPT)
    rows = [row for row in desk.memory.audit.rows if row.kind == "decision"]
    assert [row.text for row in rows] == [
        "recovery of ESZ6: SIZE DIFFERS → VERIFY",
        "recovery of ESZ6: SIZE DIFFERS → ADOPT",
    ]
    assert rows[1].data == {"symbol": "ESZ6", "ours": "2", "broker": "3"}


# -- answers that fail ----------------------------------------------------------------------------------------------


@pytest.mark.row(86)
def test_a_failed_answer_concludes_nothing_and_is_asked_again_after_5_15_and_60_seconds(desk: Desk) -> None:
    long_two(desk)
    desk.broker.script.snapshot = Answers.FAILS
    desk.start()
    before = tables(desk)
    at = []
    asked = len(desk.broker.asked)
    for _ in range(4 * 150):
        desk.tick()
        if len(desk.broker.asked) > asked:
            asked = len(desk.broker.asked)
            at.append(desk.clock.now())
    gaps = [(after - earlier).total_seconds() for earlier, after in pairwise(at)]
    assert gaps[:3] == [15, 60, 60]
    assert tables(desk) == before and not ready(desk) and desk.quantity() == 2


def test_an_answer_that_does_not_come_is_given_up_after_fifteen_seconds(desk: Desk) -> None:
    long_two(desk)
    desk.broker.script.snapshot = Answers.SILENT
    desk.start()
    recovery = desk.snapshot.recovery
    assert recovery is not None and recovery.asking == {"sim"} and not recovery.wants_dialog
    desk.tick(15.5)
    recovery = desk.snapshot.recovery
    assert recovery is not None and recovery.asking == frozenset() and recovery.wants_dialog
    assert desk.row().situation is Situation.NO_ANSWER


def test_a_line_that_never_comes_up_lets_the_trader_decide_after_fifteen_seconds(desk: Desk) -> None:
    long_two(desk)
    desk.start(connect=False)
    desk.tick(16)
    assert wants_dialog(desk)
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 2 and "without the broker's answer" in desk.scope().lock


def test_nothing_is_asked_of_a_line_that_is_down(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    asked = len(desk.broker.asked)
    desk.handle(commands.AskBroker("sim"))
    desk.tick(120)
    assert len(desk.broker.asked) == asked
    recovery = desk.snapshot.recovery
    assert recovery is not None and not recovery.wants_dialog


def test_an_answer_from_before_the_line_fell_is_not_taken(desk: Desk) -> None:
    desk.buy(2)
    old = SnapshotReceived("sim", desk.broker.snapshot(desk.clock.now()))
    desk.broker.drop()
    desk.settle()
    desk.handle(old)
    assert not ready(desk) and desk.scope().certainty is Certainty.STALE


def test_a_position_row_without_a_quantity_is_no_answer(desk: Desk) -> None:
    long_two(desk)
    desk.broker.script.snapshot = Answers.SILENT
    desk.start()
    snapshot = desk.broker.snapshot(desk.clock.now())
    assert snapshot.positions is not None
    rows = tuple(replace(row, quantity=None) for row in snapshot.positions)
    desk.handle(SnapshotReceived("sim", replace(snapshot, positions=rows)))
    assert desk.row().situation is Situation.NO_ANSWER and not ready(desk)


@pytest.mark.row(84)
def test_a_difference_in_price_alone_is_a_note(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.averages[ES] = Decimal("5001.5")
    desk.restart()
    assert desk.row().situation is Situation.MATCH and ready(desk)
    assert desk.row().note == "Average differs: here 5000, broker 5001.5."


# -- while the line is up -------------------------------------------------------------------------------------------


def test_a_difference_while_running_locks_asks_becomes_a_row_and_is_decided(desk: Desk) -> None:
    desk.buy(2)
    asked = len(desk.broker.asked)
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    assert desk.scope().certainty is Certainty.PENDING and not desk.scope().lock
    desk.tick(3.5)
    assert desk.scope().certainty is Certainty.MISMATCH
    assert len(desk.broker.asked) == asked + 1
    assert desk.row().situation is Situation.SIZE_DIFFERS and desk.has_row()
    assert desk.scope().lock and ready(desk)
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick()
    assert desk.quantity() == 3 and not desk.scope().lock
    assert desk.scope().certainty is Certainty.CONFIRMED


def test_the_scope_is_locked_from_the_moment_of_mismatch_not_of_the_answer(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(3.5)
    assert desk.scope().lock and not desk.has_row()


def test_a_difference_that_goes_away_lets_go_by_itself(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(4)
    assert desk.has_row()
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.settle()
    desk.tick()
    assert not desk.has_row() and not desk.scope().lock
    assert desk.scope().certainty is Certainty.CONFIRMED and not wants_dialog(desk)


def test_a_lost_fill_is_found_when_the_positions_are_looked_at(desk: Desk) -> None:
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    desk.broker.fill(desk.broker.last())
    desk.broker.out.clear()
    desk.tick(LOOK_S + 5)
    assert desk.quantity() == 2 and not desk.has_row()
    assert desk.order().state is OrderState.FILLED


@pytest.mark.row(76)
def test_a_position_made_elsewhere_is_found_though_nobody_told_it(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.BUY, 1, told=False, trace=False)
    desk.tick(LOOK_S + 5)
    assert desk.row().situation is Situation.ONLY_AT_BROKER and desk.scope().lock


def test_orders_are_looked_at_only_where_some_work(desk: Desk) -> None:
    desk.tick(LOOK_S)
    assert (desk.broker.position_requests, desk.broker.order_requests) == (1, 0)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.tick(LOOK_S)
    assert (desk.broker.position_requests, desk.broker.order_requests) == (2, 1)


@pytest.mark.row(78)
def test_an_order_of_another_program_nobody_told_of_is_found_within_minutes(desk: Desk) -> None:
    desk.broker.up = False
    desk.broker.place_by_hand(ES, Side.SELL, OrderType.STOP, 2, "4900")
    desk.broker.up = True
    desk.tick(SCAN_S + LOOK_S + 1, 1.0)
    (found,) = desk.orders()
    assert found.external and desk.broker.order_requests >= 1


def test_a_gap_closes_entries_until_everything_was_read_again(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.snapshot = Answers.SILENT
    desk.handle(GapDetected("sim", "The server dropped 3 messages."))
    assert not ready(desk) and desk.scope().certainty is Certainty.UNVERIFIED
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(GIVE_UP_S + 10)
    assert ready(desk) and desk.scope().certainty is Certainty.CONFIRMED


@pytest.mark.row(82)
def test_a_fill_that_crosses_the_snapshot_makes_no_difference_of_it(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    old = desk.broker.snapshot(desk.clock.now())
    desk.clock.advance(0.5)
    desk.broker.script.tells_positions = False
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    desk.handle(SnapshotReceived("sim", old))
    assert desk.quantity() == 3
    assert not desk.has_row() and not ready(desk)
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(2)
    assert ready(desk) and not desk.has_row()


def test_a_position_told_while_the_list_was_on_its_way_outranks_the_list(desk: Desk) -> None:
    desk.buy(2)
    old = desk.broker.snapshot(desk.clock.now())
    desk.clock.advance(0.5)
    desk.buy(1)
    desk.handle(SnapshotReceived("sim", old))
    assert desk.scope().broker_quantity == 3
    assert desk.scope().certainty is Certainty.CONFIRMED and not desk.has_row()


# -- several ---------------------------------------------------------------------------------------------------------


@pytest.mark.row(83)
def test_two_accounts_with_opposite_positions_are_compared_separately() -> None:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock, accounts=("Sim1", "Sim2"))], clock=clock).start()
    other = PositionKey("sim", "Sim2", "ESZ6")
    desk.buy(2)
    desk.sell(2, key=other)
    desk.stop()
    desk.broker.by_hand(other, Side.SELL, 1, trace=False)
    desk.start()
    assert seen(desk.quantity(), desk.quantity(other)) == (2, -2)
    assert desk.row().situation is Situation.MATCH
    assert desk.row(other).situation is Situation.SIZE_DIFFERS
    desk.decide(RecoveryChoice.ADOPT, other)
    assert seen(desk.quantity(), desk.quantity(other)) == (2, -3)


def test_two_connections_recover_each_for_itself() -> None:
    clock = ManualClock()
    desk = Desk(
        brokers=[FakeBroker(clock), FakeBroker(clock, "live", ("Real",))],
        clock=clock,
        classify={"Real": Mode.SIM},
    ).start()
    real = PositionKey("live", "Real", "ESZ6")
    desk.buy(1)
    desk.buy(1, key=real)
    desk.stop()
    desk.brokers["live"].by_hand(real, Side.BUY, 1, trace=False)
    desk.start()
    assert desk.snapshot.connections["sim"].link is Link.READY
    assert desk.snapshot.connections["live"].link is Link.SYNCING
    desk.buy(1)
    desk.buy(1, key=real)
    assert seen(desk.quantity(), desk.quantity(real)) == (2, 1)


def test_a_position_of_a_connection_that_is_not_configured_is_kept_locked_and_said() -> None:
    clock = ManualClock()
    desk = Desk(
        brokers=[FakeBroker(clock), FakeBroker(clock, "old", ("Past",))], clock=clock, classify={"Past": Mode.SIM}
    )
    past = PositionKey("old", "Past", "ESZ6")
    desk.start()
    desk.buy(1, key=past)
    desk.stop()
    del desk.brokers["old"]
    desk.start()
    assert desk.quantity(past) == 1 and ready(desk)
    assert "not configured" in desk.row(past).note and desk.scope(past).lock
    desk.buy(1)
    assert desk.quantity() == 1


@pytest.mark.row(87)
def test_a_recovered_position_keeps_the_mode_of_its_account(desk: Desk) -> None:
    desk.buy(1)
    desk.restart()
    assert desk.snapshot.accounts[ACCOUNT].mode is Mode.SIM
    desk.sell(1)
    assert desk.memory.positions.modes[ES] is Mode.SIM


@pytest.mark.row(81)
@pytest.mark.parametrize("clean", [True, False])
def test_ten_restarts_change_nothing(tmp_path: Path, clean: bool) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(3)
    desk.sell(1)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    desk.tick()
    checker = Checker(desk)
    seen = []
    for _ in range(10):
        desk.restart(clean=clean)
        if desk.has_row():
            desk.decide(RecoveryChoice.ADOPT)
        desk.tick(10)
        checker.check()
        at_rest(desk)
        seen.append(tables(desk))
        assert ready(desk)
    assert all(one == seen[0] for one in seen)
    assert desk.quantity() == 2
    desk.kill()


@pytest.mark.row(123)
@pytest.mark.parametrize("name", ["recovery.loaded", "recovery.snapshot_received", "recovery.digested"])
def test_dying_during_recovery_five_times_in_a_row_converges(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    before = tables(desk)
    desk.kill()
    desk.broker.by_hand(ES, Side.BUY, 1)
    for _ in range(5):
        desk.clock.advance(60)
        desk.dies_at(name)
        assert desk.dies_in(desk.start)
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 3 and ready(desk)
    assert len(desk.store.positions.recent_fills(9)) == 2
    assert before != tables(desk)
    desk.kill()


@pytest.mark.row(122)
def test_dying_after_a_correction_was_committed_finds_it_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    desk.stop()
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.start()
    desk.dies_at("recovery.correction_committed")
    assert desk.dies_in(lambda: desk.decide(RecoveryChoice.ADOPT))
    desk.start()
    assert desk.quantity() == 3 and desk.row().situation is Situation.MATCH
    desk.kill()


def test_a_restored_flag_goes_with_the_position(desk: Desk) -> None:
    desk.buy(1)
    desk.restart()
    desk.sell(1)
    desk.buy(1)
    assert not desk.scope().restored


def test_a_fill_of_an_account_nobody_listed_is_not_history(desk: Desk) -> None:
    other = PositionKey("sim", "Ghost", "ESZ6")
    now = desk.clock.now()
    ghost = Fill(other, "G1", Side.BUY, Decimal(1), Decimal(5000), now, now)
    snapshot = desk.broker.snapshot(now)
    desk.handle(SnapshotReceived("sim", replace(snapshot, fills=(ghost,))))
    assert desk.quantity(other) == 0
    assert desk.store.accounts.fills_anchor(AccountKey("sim", "Ghost")) is None


@pytest.mark.row(128)
def test_a_row_that_waits_shows_what_became_of_its_position_meanwhile() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.kill()
    desk.clock.advance(60)
    desk.start()
    assert desk.row().situation is Situation.MATCH
    desk.broker.fill(desk.broker.find(desk.order().client_order_id), None, Decimal(4990))
    desk.settle()
    desk.tick(5)
    assert desk.quantity() == 0
    assert not desk.has_row(), "there is nothing left to decide"
    assert desk.snapshot.scopes[ES].lock == ""
