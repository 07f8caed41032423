"""Changing a working order: what is shown is what the broker confirmed, and one change is under way at a time."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.broker_report import ReportKind
from core.errors import PersistenceError
from core.events import Level, OrderReported
from core.model.fill import FillSource, Side
from core.model.market import Quote
from core.model.order import Intent, OrderState, OrderType
from core.model.order_change import Terms
from core.model.scope import Mode
from core.snapshot import Certainty
from tests.fakes.broker import Answers, FakeBroker, Fate, Placed
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk, seen

D = Decimal


def change(desk: Desk, action_id: str = "c1", confirmed: object = False, **terms: str) -> None:
    """Press Enter on other terms of the newest order."""
    wanted = {name: D(value) for name, value in terms.items()}
    desk.handle(
        commands.ChangeOrder(
            action_id, desk.order().client_order_id, **wanted, confirmed=bool(confirmed), by_rule=False
        )
    )


def move(desk: Desk, ticks: int = 1, *, stop: bool = True, action_id: str = "") -> None:
    desk.handle(commands.MoveExit(action_id or f"m{len(desk.said)}{desk.clock.monotonic()}", ES, stop, ticks))


def breakeven(desk: Desk, action_id: str = "be1") -> None:
    desk.handle(commands.StopToBreakeven(action_id, ES))


def bid(desk: Desk, quantity: int = 3, price: str = "4990") -> Placed:
    """Have a bid work."""
    desk.press(Side.BUY, quantity, OrderType.LIMIT, price)
    return desk.broker.last()


def long_with_stop(desk: Desk, quantity: int = 2, stop: str = "4990") -> Placed:
    """Be long at 5000 with a stop."""
    desk.buy(quantity)
    desk.press(Side.SELL, quantity, OrderType.STOP, stop)
    return desk.broker.last()


def shown(desk: Desk) -> tuple[object, ...]:
    order = desk.order()
    return order.state, order.quantity, order.price, order.trigger_price


# -- the plain way ---------------------------------------------------------------------------------------------------


def test_a_change_is_pending_until_the_brokers_word_and_shows_what_he_confirmed(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25", quantity="2")
    assert shown(desk) == (OrderState.PENDING_CHANGE, 3, 4990, None)
    assert desk.order().reason == "Asked for quantity 2, price 4990.25"
    assert desk.broker.changes == [(placed.server_order_id, Terms(D(2), D("4990.25")))]
    desk.broker.release()
    desk.settle()
    assert shown(desk) == (OrderState.WORKING, 2, D("4990.25"), None)
    assert desk.order().reason == ""


def test_the_audit_names_the_press_and_what_it_asked_for_before_its_bytes_leave(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, "c1", price="4990.25")
    change(desk, "c2", price="4991")
    desk.broker.release()
    desk.settle()
    causes = [row.cause for row in desk.memory.audit.rows if row.cause.startswith("press c")]
    assert causes == ["press c1: asked for price 4990.25", "press c2: asked for price 4991.00"]


def test_only_what_differs_is_asked_for(desk: Desk) -> None:
    bid(desk)
    change(desk, price="4990.25", quantity="3")
    assert desk.broker.changes[-1][1] == Terms(price=D("4990.25"))
    change(desk, "c2", price="4990.25")
    assert len(desk.broker.changes) == 1


def test_however_often_an_action_arrives_it_is_one_change(desk: Desk) -> None:
    bid(desk)
    for price in ("4990.25", "4990.25", "4991"):
        change(desk, "same", price=price)
    assert len(desk.broker.changes) == 1


@pytest.mark.row(59)
def test_another_name_the_broker_gives_a_changed_order_is_followed(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.new_ids = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4990.50")
    assert [name for name, _ in desk.broker.changes] == ["S1", "S2"]
    assert desk.order().server_order_id == placed.server_order_id == "S3"
    desk.broker.fill(placed)
    desk.settle()
    assert seen(desk.order().state, desk.quantity(), len(desk.orders())) == (OrderState.FILLED, 3, 1)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"price": "4990.10"}, "4990.10 is off tick; the nearest prices are 4990.00 and 4990.25"),
        ({"quantity": "0"}, "must be more than zero"),
        ({"quantity": "2.5"}, "not a multiple of 1"),
        ({"trigger_price": "4990"}, "a limit order has no trigger price"),
        ({"price": "NaN"}, "must be numbers"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_sent(
    desk: Desk, terms: dict[str, str], text: str
) -> None:
    bid(desk)
    change(desk, **terms)
    assert desk.heard(text, Level.CAUTION)
    assert seen(desk.broker.changes, desk.order().state) == ([], OrderState.WORKING)


def test_a_stop_has_no_limit_and_a_market_order_nothing_to_change(desk: Desk) -> None:
    long_with_stop(desk)
    change(desk, price="4995")
    assert desk.heard("a stop order has no limit price")
    desk.broker.script.market_price = None
    desk.sell(1)
    change(desk, "c2", quantity="2")
    assert desk.heard("a market order has nothing to change")
    assert desk.broker.changes == []


def test_an_order_that_ended_or_is_not_named_or_is_not_known_is_not_changed(desk: Desk) -> None:
    desk.handle(commands.ChangeOrder("c0", "ST-nobody", price=D(1)))
    assert desk.heard("not known here")
    placed = bid(desk)
    desk.broker.fill(placed)
    desk.settle()
    change(desk, price="4991")
    assert desk.heard("the order is filled")
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4980")
    change(desk, "c2", price="4981")
    assert desk.heard("has not named the order")
    assert desk.broker.changes == []


def test_an_order_of_somebody_else_can_be_changed_by_the_brokers_name(desk: Desk) -> None:
    placed = desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 1, "4990")
    desk.settle()
    change(desk, price="4989")
    assert seen(placed.price, desk.order().price, desk.order().reason) == (4989, 4989, "EXTERNAL")


# -- crossings -------------------------------------------------------------------------------------------------------


@pytest.mark.row(59)
def test_a_fill_that_crosses_a_change_leaves_it_under_way(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    desk.broker.fill(placed, 1)
    desk.settle()
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.PENDING_CHANGE, 1)
    desk.broker.release()
    desk.settle()
    assert seen(*shown(desk)) == (OrderState.PARTIAL, 3, D("4990.25"), None)


@pytest.mark.row(59)
def test_an_order_that_filled_before_it_could_be_changed_stays_filled(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4990.50")
    desk.broker.fill(placed)
    desk.settle()
    desk.broker.release()
    desk.settle()
    assert desk.order().state is OrderState.FILLED
    assert desk.heard("The broker refused to change")
    desk.tick(30)
    assert seen(len(desk.broker.changes), desk.quantity()) == (1, 3)


@pytest.mark.row(59)
def test_a_quantity_at_or_below_what_is_filled_is_refused_here_or_by_the_broker(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.fill(placed, 2)
    desk.settle()
    change(desk, quantity="2")
    assert desk.heard("2 of it is filled already")
    desk.broker.script.hold_cancels = True
    placed = bid(desk)
    change(desk, "c2", quantity="2")
    desk.broker.fill(placed, 2)
    desk.settle()
    desk.broker.release()
    desk.settle()
    assert seen(*shown(desk)[:2], desk.order().filled_quantity) == (OrderState.PARTIAL, 3, 2)


@pytest.mark.row(59)
def test_a_refused_change_leaves_the_order_as_it_was_and_drops_what_waited(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = desk.broker.script.refuse_changes = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4990.50")
    desk.broker.release()
    desk.settle()
    assert seen(*shown(desk), desk.order().reason) == (OrderState.WORKING, 3, 4990, None, "")
    assert desk.heard("The broker refused to change", Level.ERROR)
    assert len(desk.broker.changes) == 1


def test_a_refusal_without_a_state_has_the_broker_asked(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    asked = len(desk.broker.asked)
    report = desk.broker.report(placed, ReportKind.REPLACE_REFUSED)
    desk.deliver(OrderReported(replace(report, state=None)))
    assert desk.order().state is OrderState.PENDING_CHANGE
    change(desk, "c2", price="4990.50")
    assert desk.heard("has not said what became of an earlier change")
    desk.settle()
    desk.tick(1)
    assert seen(len(desk.broker.asked) > asked, desk.order().state) == (True, OrderState.WORKING)


@pytest.mark.parametrize("new_ids", [False, True])
def test_a_cancel_that_crosses_a_change_ends_the_order_and_the_stop_is_not_missed(desk: Desk, new_ids: bool) -> None:
    long_with_stop(desk)
    desk.broker.script.hold_cancels, desk.broker.script.new_ids = True, new_ids
    change(desk, trigger_price="4991")
    change(desk, "c2", trigger_price="4992")
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    assert desk.order().state is OrderState.PENDING_CANCEL
    desk.broker.release_one()
    desk.settle()
    assert seen(desk.order().state, desk.order().trigger_price) == (OrderState.PENDING_CANCEL, 4991)
    change(desk, "c3", trigger_price="4993")
    assert desk.heard("the order is being cancelled")
    desk.broker.release()
    desk.settle()
    desk.tick(20)
    assert desk.order().state is OrderState.CANCELLED
    assert seen(len(desk.broker.changes), desk.snapshot.findings) == (1, ())


def test_a_refused_cancel_leaves_the_change_under_way(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.handle(OrderReported(desk.broker.report(placed, ReportKind.CANCEL_REFUSED)))
    assert desk.order().state is OrderState.PENDING_CHANGE
    desk.broker.release_one()
    desk.settle()
    assert seen(desk.order().state, desk.order().price) == (OrderState.WORKING, D("4990.25"))


def test_a_cancel_that_is_refused_brings_back_no_change_that_waited(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4991")
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.handle(OrderReported(desk.broker.report(placed, ReportKind.CANCEL_REFUSED)))
    desk.broker.release_one()
    desk.settle()
    assert seen(len(desk.broker.changes), desk.order().price, desk.order().state) == (
        1,
        D("4990.25"),
        OrderState.WORKING,
    )


def test_a_second_change_waits_for_the_first_and_only_the_latest_goes(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    for number, price in enumerate(("4990.25", "4990.50", "4990.75", "4991")):
        change(desk, f"c{number}", price=price)
    assert [wanted.price for _, wanted in desk.broker.changes] == [D("4990.25")]
    desk.broker.release_one()
    desk.settle()
    assert [wanted.price for _, wanted in desk.broker.changes] == [D("4990.25"), D(4991)]
    assert shown(desk) == (OrderState.PENDING_CHANGE, 3, D("4990.25"), None)
    desk.broker.release()
    desk.settle()
    assert shown(desk) == (OrderState.WORKING, 3, D(4991), None)


def test_what_was_taken_back_meanwhile_is_not_asked_for(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4991")
    change(desk, "c3", price="4990.25")
    desk.broker.release()
    desk.settle()
    assert seen(len(desk.broker.changes), desk.order().price) == (1, D("4990.25"))
    desk.broker.script.hold_cancels = True
    for number, price in enumerate(("4990.50", "4991", "4990.50")):
        change(desk, f"d{number}", price=price)
    desk.broker.drop()
    desk.settle()
    assert not desk.heard("before your last change was sent")


def test_a_list_that_was_asked_for_before_does_not_answer_a_change(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    desk.handle(OrderReported(desk.broker.report(placed, ReportKind.RESTATED)))
    assert desk.order().state is OrderState.PENDING_CHANGE


def test_a_change_made_elsewhere_is_taken_over_and_told_and_answers_none_of_ours(desk: Desk) -> None:
    placed = bid(desk)
    placed.price = D(4985)
    desk.handle(OrderReported(desk.broker.report(placed, ReportKind.REPLACED)))
    assert desk.order().price == 4985
    assert desk.heard("4985.00: the broker reports this order changed", Level.INFO)
    desk.broker.script.hold_cancels = True
    change(desk, price="4984")
    placed.price = D(4986)
    desk.handle(OrderReported(desk.broker.report(placed, ReportKind.REPLACED)))
    assert shown(desk) == (OrderState.PENDING_CHANGE, 3, 4986, None)
    desk.broker.release()
    desk.settle()
    assert shown(desk) == (OrderState.WORKING, 3, 4984, None)


# -- no answer -------------------------------------------------------------------------------------------------------


def test_an_unanswered_change_is_asked_about_and_never_sent_again(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    desk.broker.script.snapshot, desk.broker.script.lists_orders = Answers.SILENT, False
    change(desk, price="4990.25")
    asked = len(desk.broker.asked)
    desk.tick(9)
    assert len(desk.broker.asked) == asked
    desk.tick(25)
    assert desk.heard("no answer for ten seconds. Asked for price 4990.25", Level.ERROR)
    assert len(desk.broker.asked) > asked
    assert seen(desk.order().state, len(desk.broker.changes)) == (OrderState.PENDING_CHANGE, 1)
    change(desk, "c2", price="4990.50")
    assert desk.heard("waits for the broker's word")
    assert len(desk.broker.changes) == 1


def test_what_the_brokers_list_says_after_that_decides(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    desk.tick(12)
    assert shown(desk) == (OrderState.WORKING, 3, 4990, None)
    assert desk.heard("was not changed: the broker has it as it was before", Level.ERROR)
    desk.broker.release()  # late, but it was taken after all
    desk.settle()
    assert seen(desk.order().price, placed.price) == (D("4990.25"), D("4990.25"))
    assert desk.heard("the broker reports this order changed")


@pytest.mark.parametrize(
    ("fate", "price", "changes"),
    [(Fate.UNSENT, 4990, 0), (Fate.UNSEEN, 4990, 0), (Fate.SEEN, D("4990.25"), 1)],
)
def test_when_the_line_falls_the_order_ends_up_as_the_broker_has_it(
    desk: Desk, fate: Fate, price: Decimal, changes: int
) -> None:
    bid(desk)
    desk.broker.script.change_fate = fate
    change(desk, price="4990.25")
    unsent = fate is Fate.UNSENT
    assert desk.order().state is (OrderState.WORKING if unsent else OrderState.PENDING_CHANGE)
    assert desk.heard("was not changed") is unsent
    change(desk, "c2", price="4995")
    desk.broker.connect()
    desk.settle()
    desk.tick(3)
    assert seen(*shown(desk), desk.order().reason) == (OrderState.WORKING, 3, price, None, "")
    assert seen(len(desk.broker.changes), desk.broker.last().price) == (changes, price)


def test_an_order_made_larger_and_filled_while_away_was_not_filled_by_too_much(desk: Desk) -> None:
    placed = bid(desk)
    desk.broker.script.change_fate = Fate.SEEN
    change(desk, quantity="5", price="4991")
    desk.broker.fill(placed)
    desk.broker.connect()
    desk.settle()
    desk.tick(5)
    assert seen(*shown(desk)[:3], desk.order().filled_quantity) == (OrderState.FILLED, 5, 4991, 5)
    assert seen(desk.quantity(), desk.heard("more than was ordered")) == (5, False)


@pytest.mark.row(59)
@pytest.mark.parametrize("restarted", [True, False])
def test_an_order_that_got_another_name_by_a_change_and_filled_while_away_is_filled(
    desk: Desk, restarted: bool
) -> None:
    placed = bid(desk)
    desk.broker.script.new_ids, desk.broker.script.change_fate = True, Fate.SEEN
    change(desk, price="4995")
    assert placed.server_order_id != desk.order().server_order_id
    if restarted:
        desk.kill()
    desk.clock.advance(5)
    desk.broker.fill(placed, 3, "4993")
    desk.clock.advance(5)
    if restarted:
        desk.start()
        desk.tick(1)
    else:
        desk.broker.connect()
        desk.settle()
    desk.tick(10)
    assert seen(desk.order().state, desk.order().filled_quantity, desk.quantity()) == (OrderState.FILLED, 3, 3)
    assert desk.snapshot.fills[-1].source is FillSource.OURS


def test_what_waits_when_the_line_falls_is_never_sent_and_that_is_said(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    change(desk, price="4990.25")
    change(desk, "c2", price="4991")
    desk.broker.drop()
    desk.settle()
    assert desk.heard("the line fell before your last change was sent", Level.CAUTION)
    desk.broker.connect()
    desk.settle()
    desk.tick(20)
    assert seen(len(desk.broker.changes), desk.order().price) == (1, 4990)


def test_a_change_on_a_line_that_is_down_is_not_kept_for_later(desk: Desk) -> None:
    bid(desk)
    desk.broker.drop()
    desk.settle()
    change(desk, price="4990", quantity="2")
    assert seen(desk.order().state, desk.heard("was not changed: The line is down")) == (OrderState.WORKING, True)
    desk.broker.connect()
    desk.settle()
    assert desk.broker.changes == []


@pytest.mark.parametrize("step", ["change.intent_committed", "change.handed_over"])
@pytest.mark.parametrize("taken", [False, True])
def test_after_a_crash_the_brokers_list_says_which_terms_hold(tmp_path: Path, step: str, taken: bool) -> None:
    desk = Desk(tmp_path).start()
    bid(desk)
    desk.broker.script.hold_cancels = not taken
    desk.dies_at(step)
    assert desk.dies_in(lambda: change(desk, price="4990.25"))
    sent = step == "change.handed_over"
    assert len(desk.broker.changes) == int(sent)
    desk.broker.script.hold_cancels = False
    desk.start(connect=False)
    assert shown(desk) == (OrderState.PENDING_CHANGE, 3, 4990, None)
    assert desk.order().reason == "Asked for price 4990.25"
    desk.broker.connect()
    desk.settle()
    price = D("4990.25") if sent and taken else D(4990)
    assert seen(*shown(desk), desk.order().reason) == (OrderState.WORKING, 3, price, None, "")
    assert seen(desk.broker.last().price, len(desk.broker.changes)) == (price, int(sent))
    change(desk, "c2", price="4989.50")
    assert desk.order().price == D("4989.50")
    desk.stop()


# -- what it does to the risk ----------------------------------------------------------------------------------------


def in_mode(mode: Mode, armed: bool = True) -> Desk:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock)], clock=clock, simulated=frozenset(), classify={"Sim1": mode}).start()
    if armed:
        desk.handle(commands.ArmAccount(ACCOUNT))
    return desk


def test_a_stop_is_tightened_disarmed_halted_locked_and_with_the_database_down() -> None:
    desk = in_mode(Mode.LIVE)
    long_with_stop(desk)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    desk.state.halt("Something is wrong.")
    desk.unsaved = True
    desk.memory.disk.error = PersistenceError("no room")
    change(desk, trigger_price="4995")
    assert seen(desk.order().state, desk.broker.last().trigger_price) == (OrderState.WORKING, 4995)


@pytest.mark.parametrize(
    ("side", "type_", "price", "worse", "better"),
    [
        (Side.BUY, OrderType.LIMIT, "4990", {"price": "4991"}, {"price": "4989"}),
        (Side.SELL, OrderType.LIMIT, "5010", {"price": "5009"}, {"price": "5011"}),
        (Side.BUY, OrderType.STOP, "5010", {"trigger_price": "5009"}, {"trigger_price": "5011"}),
        (Side.SELL, OrderType.STOP, "4990", {"trigger_price": "4991"}, {"trigger_price": "4989"}),
        (Side.BUY, OrderType.LIMIT, "4990", {"quantity": "3"}, {"quantity": "1"}),
    ],
)
def test_an_entry_gets_larger_or_likelier_only_where_a_new_one_could_be_sent(
    side: Side, type_: OrderType, price: str, worse: dict[str, str], better: dict[str, str]
) -> None:
    desk = in_mode(Mode.LIVE)
    desk.press(side, 2, type_, price)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    change(desk, **worse)
    assert desk.heard("Not changed: Sim1 is LIVE and not armed", Level.CAUTION)
    assert desk.broker.changes == []
    change(desk, "c2", **better)
    assert len(desk.broker.changes) == 1


def test_an_entry_that_becomes_odd_has_to_be_confirmed(desk: Desk) -> None:
    bid(desk)
    change(desk, quantity="11")
    assert desk.heard("It was not confirmed")
    change(desk, "c2", quantity="101", confirmed=True)
    assert desk.heard("more than one order may have")
    assert desk.broker.changes == []
    change(desk, "c3", quantity="11", confirmed=True)
    assert desk.order().quantity == 11


def test_a_larger_entry_waits_for_the_disk(desk: Desk) -> None:
    bid(desk)
    desk.memory.disk.error = PersistenceError("no room")
    change(desk, quantity="5")
    assert seen(desk.broker.changes, desk.order().quantity) == ([], 3)
    assert desk.snapshot.halted


def test_a_stop_is_widened_within_the_plan_freely_and_beyond_it_as_an_entry_is() -> None:
    desk = in_mode(Mode.LIVE)
    long_with_stop(desk, stop="4990")
    desk.tick()
    change(desk, trigger_price="4995")
    desk.handle(commands.DisarmAccount(ACCOUNT))
    change(desk, "c2", trigger_price="4990")
    assert desk.order().trigger_price == 4990
    change(desk, "c3", trigger_price="4989.75", confirmed=True)
    assert desk.heard("not armed")
    desk.handle(commands.ArmAccount(ACCOUNT))
    change(desk, "c4", trigger_price="4989.75")
    assert desk.heard("more at risk than was planned, and that was not confirmed")
    assert desk.order().trigger_price == 4990
    change(desk, "c5", trigger_price="4989.75", confirmed=True)
    assert desk.order().trigger_price == D("4989.75")


def test_a_stop_that_would_cover_less_than_the_position_is_checked_as_an_entry_is() -> None:
    desk = in_mode(Mode.EVAL)
    long_with_stop(desk, 2)
    change(desk, quantity="1")
    assert desk.heard("not confirmed")
    assert desk.broker.changes == []
    desk.broker.positions[ES] = D(2)
    change(desk, "c2", quantity="1", confirmed=True)
    assert desk.order().quantity == 1


def test_an_exit_never_becomes_larger_than_the_position_with_what_else_exits(desk: Desk) -> None:
    long_with_stop(desk, 3)
    change(desk, quantity="4")
    assert desk.heard("it would reverse the position")
    desk.press(Side.SELL, 1, OrderType.LIMIT, "5010")
    desk.broker.script.hold_cancels = True
    change(desk, "c2", quantity="3")
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5012")
    assert desk.heard("this would reverse the position") or desk.heard("already being closed by working orders")
    assert seen(len(desk.broker.changes), len(desk.broker.received)) == (1, 3)


def test_a_stop_under_change_still_protects(desk: Desk) -> None:
    long_with_stop(desk)
    desk.broker.script.hold_cancels = True
    desk.broker.script.snapshot, desk.broker.script.lists_orders = Answers.SILENT, False
    change(desk, trigger_price="4995")
    desk.tick(9)
    assert desk.order().state is OrderState.PENDING_CHANGE
    assert seen(desk.snapshot.findings, desk.scope().certainty) == ((), Certainty.CONFIRMED)
    assert desk.position().stop_price == 4990
    desk.broker.release()
    desk.tick(1)
    assert seen(desk.position().stop_price, desk.snapshot.findings) == (4995, ())


# -- keys ------------------------------------------------------------------------------------------------------------


def test_three_quick_presses_are_three_ticks_and_never_two_changes_at_once(desk: Desk) -> None:
    long_with_stop(desk)
    desk.broker.script.hold_cancels = True
    for number in range(3):
        move(desk, action_id=f"m{number}")
    assert [wanted.trigger_price for _, wanted in desk.broker.changes] == [D("4990.25")]
    desk.broker.release()
    desk.settle()
    assert [wanted.trigger_price for _, wanted in desk.broker.changes] == [D("4990.25"), D("4990.75")]
    assert seen(desk.order().trigger_price, desk.order().state) == (D("4990.75"), OrderState.WORKING)
    move(desk, -1, action_id="m9")
    move(desk, -1, action_id="m9")
    assert desk.order().trigger_price == D("4990.50")


def test_a_target_moves_by_its_own_keys(desk: Desk) -> None:
    long_with_stop(desk)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5010")
    move(desk, -1, stop=False)
    assert seen(desk.order().price, desk.orders()[1].trigger_price) == (D("5009.75"), 4990)


def test_a_stop_limit_keeps_the_distance_of_its_limit(desk: Desk) -> None:
    desk.buy(2)
    stop = commands.SubmitOrder("sl", ES, Side.SELL, OrderType.STOP_LIMIT, D(2), D("4989"), D("4990"))
    desk.handle(stop)
    move(desk, action_id="m1")
    assert seen(*shown(desk)[2:]) == (D("4989.25"), D("4990.25"))
    breakeven(desk)
    assert seen(*shown(desk)[2:]) == (4999, 5000)


def test_without_a_position_a_stop_or_a_target_the_keys_say_so(desk: Desk) -> None:
    move(desk)
    assert desk.heard("Nothing is open in ESZ6")
    breakeven(desk)
    desk.buy(1)
    move(desk, action_id="m2")
    assert desk.heard("ESZ6 has no working stop to move.", Level.CAUTION)
    move(desk, stop=False, action_id="m3")
    assert desk.heard("ESZ6 has no working target to move.")
    breakeven(desk, "be2")
    assert desk.heard("has no working stop to move to breakeven", Level.CAUTION)
    assert desk.broker.changes == []


def test_breakeven_is_the_entry_price_rounded_to_the_side_that_gives_less() -> None:
    for side, prices, wanted in ((Side.BUY, ("5000", "5000.25"), "5000.25"), (Side.SELL, ("5000", "5000.25"), "5000")):
        clock = ManualClock()
        desk = Desk(brokers=[FakeBroker(clock)], clock=clock).start()
        for price in prices:
            desk.broker.script.market_price = D(price)
            desk.press(side, 1)
        assert desk.position().entry_price == D("5000.125")
        desk.press(Side.closing(D(side.sign)), 2, OrderType.STOP, "4990" if side is Side.BUY else "5010")
        breakeven(desk)
        assert desk.order().trigger_price == D(wanted)
        breakeven(desk, "be2")
        assert desk.heard("at breakeven or better already")
        assert len(desk.broker.changes) == 1


def test_breakeven_is_refused_when_the_market_has_passed_it(desk: Desk) -> None:
    long_with_stop(desk)
    desk.state.put_quote("sim", _quote("4999.75"))
    breakeven(desk)
    assert desk.heard("last 4999.75, has passed the entry price 5000.00: a stop there would close at once")
    desk.state.put_quote("sim", _quote("5001"))
    breakeven(desk, "be2")
    assert desk.order().trigger_price == 5000


def test_breakeven_moves_every_stop_that_is_worse_and_leaves_the_others(desk: Desk) -> None:
    desk.buy(3)
    for price in ("4980", "4990", "5002"):
        desk.press(Side.SELL, 1, OrderType.STOP, price)
    breakeven(desk)
    stops = [one for one in desk.orders() if one.type is OrderType.STOP]
    assert [one.trigger_price for one in stops] == [5000, 5000, 5002]
    assert all(one.intent is Intent.PROTECT for one in stops)


def _quote(last: str) -> Quote:
    return Quote("ESZ6", last=D(last))


@pytest.mark.parametrize("then_cancelled", [False, True])
def test_what_was_enlarged_when_the_program_died_and_filled_whole_is_no_overfill(then_cancelled: bool) -> None:
    desk = Desk().start()
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    desk.broker.script.hold_cancels = True
    change(desk, quantity="3")
    if then_cancelled:
        desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.kill()
    desk.broker.last().quantity = D(3)  # it had arrived
    desk.broker.fill(desk.broker.last(), None, D(4990))
    desk.clock.advance(60)
    desk.start()
    desk.tick(3)
    assert desk.quantity() == 3
    assert seen(desk.order().state, desk.order().quantity, desk.order().filled_quantity) == (OrderState.FILLED, 3, 3)
    assert not desk.heard("more than was ordered")
