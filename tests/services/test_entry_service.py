"""An entry with its stop is one operation: no part of it is left open without protection unless that is said aloud."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands, events
from core.broker_report import ReportKind
from core.events import Level, Link
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Side
from core.model.market import Quote
from core.model.order import Intent, Order, OrderState, OrderType, TimeInForce
from core.model.protection import protection_of
from tests.fakes.broker_script import Answers, Fate
from tests.fakes.engine import ES, Desk

D = Decimal
BY_PRICE = Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(5020))),))
BY_DISTANCE = Bracket(ExitPoint(distance=D("2.5")), (BracketTarget(D(2), ExitPoint(distance=D(5))),))
STOP_ONLY = Bracket(ExitPoint(distance=D("2.5")))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    priced(desk, "5000")
    yield desk


def priced(desk: Desk, last: str) -> None:
    at = D(last)
    desk.state.put_quote("sim", Quote("ESZ6", last=at, bid=at, ask=at, received_at=desk.clock.now()))


def without_brackets(desk: Desk) -> None:
    """Be at a venue that links orders and cannot hold exits for an entry."""
    line = desk.snapshot.connections["sim"]
    desk.state.set_connection(replace(line, brackets_supported=False))


def enter(
    desk: Desk,
    bracket: Bracket = BY_PRICE,
    quantity: int = 2,
    type_: OrderType = OrderType.MARKET,
    price: str | None = None,
    side: Side = Side.BUY,
    action: str = "entry-1",
) -> None:
    at = None if price is None else D(price)
    entry = commands.SubmitOrder(action, ES, side, type_, D(quantity), at, confirmed=True)
    desk.handle(commands.OpenWithBracket(entry, bracket))


def entry(desk: Desk, action: str = "entry-1") -> EntryOperation:
    return desk.snapshot.entries[action]


@pytest.mark.row(126)
@pytest.mark.parametrize("refused", [False, True])
def test_a_press_that_arrives_again_when_its_entry_is_over_changes_nothing(desk: Desk, refused: bool) -> None:
    if refused:
        desk.state.halt("Not now.")
    enter(desk)
    desk.tick(2)
    over = entry(desk)
    assert over.is_over
    for _ in range(3):
        enter(desk)
        desk.tick(10)
    assert entry(desk) == over
    assert len({one.action_id for one in desk.broker.received if one.action_id}) == (0 if refused else 1)


def exits(desk: Desk) -> dict[Intent, Order]:
    return {one.intent: one for one in desk.orders() if one.is_working and not one.intent.is_entry}


def covered(desk: Desk) -> Decimal:
    return protection_of(desk.position(), desk.orders()).stop_quantity


def test_an_entry_goes_out_with_its_exits_and_is_active_when_the_stop_works(desk: Desk) -> None:
    enter(desk)
    desk.tick(3)
    assert desk.quantity() == 2
    stop, target = exits(desk)[Intent.PROTECT], exits(desk)[Intent.REDUCE]
    assert (stop.trigger_price, stop.quantity, stop.time_in_force) == (D(4990), D(2), TimeInForce.GTC)
    assert (target.price, target.quantity) == (D(5020), D(2))
    assert stop.oco_client_order_id == target.client_order_id
    assert entry(desk).step is EntryStep.ACTIVE
    desk.tick(10)
    assert desk.snapshot.findings == ()


def test_exits_at_a_distance_stand_off_from_the_price_it_filled_at(desk: Desk) -> None:
    desk.broker.script.market_price = D("5003.25")
    enter(desk, BY_DISTANCE)
    assert exits(desk)[Intent.PROTECT].trigger_price == D("5000.75")
    assert exits(desk)[Intent.REDUCE].price == D("5008.25")


def test_each_step_is_stored_before_what_it_announces(desk: Desk) -> None:
    enter(desk)
    desk.tick(3)
    steps = [one.step for one in desk.memory.entries.saved]
    assert steps[0] is EntryStep.PREPARING
    assert steps[-1] is EntryStep.ACTIVE
    assert EntryStep.ENTRY_PLACED in steps or EntryStep.STOP_PENDING in steps


def test_one_press_is_one_entry_however_often_it_arrives(desk: Desk) -> None:
    for _ in range(5):
        enter(desk)
    assert desk.quantity() == 2
    assert len(desk.broker.received) == 3


def test_several_targets_are_several_entries_each_with_its_own_pair(desk: Desk) -> None:
    targets = (BracketTarget(D(1), ExitPoint(price=D(5010))), BracketTarget(D(1), ExitPoint(price=D(5020))))
    enter(desk, Bracket(ExitPoint(price=D(4990)), targets), 3)
    desk.tick(3)
    assert desk.quantity() == 3
    assert covered(desk) == 3
    assert sorted(one.price for one in desk.orders() if one.intent is Intent.REDUCE and one.price) == [5010, 5020]
    assert entry(desk).step is EntryStep.ACTIVE


@pytest.mark.row(154)
def test_exits_of_an_entry_that_waits_are_neither_orphans_nor_protection(desk: Desk) -> None:
    enter(desk, BY_PRICE, 2, OrderType.LIMIT, "4995")
    desk.tick(10)
    assert entry(desk).step is EntryStep.ENTRY_PLACED
    assert desk.snapshot.findings == ()
    assert [one.state for one in desk.orders()] == [OrderState.WORKING] * 3


@pytest.mark.row(62)
def test_a_partial_fill_is_covered_as_far_as_it_is_filled_and_the_rest_may_be_cancelled(desk: Desk) -> None:
    enter(desk, BY_PRICE, 2, OrderType.LIMIT, "4995")
    working = desk.orders()[0]
    desk.broker.fill(desk.broker.find(working.client_order_id), 1, D(4995))
    desk.settle()
    assert desk.quantity() == 1
    assert covered(desk) == 1
    desk.handle(commands.CancelOrder(working.client_order_id))
    desk.tick(5)
    assert covered(desk) == 1
    assert entry(desk).step is EntryStep.ACTIVE
    assert desk.snapshot.findings == ()
    assert desk.position().entry_price == D(4995)


@pytest.mark.row(154)
def test_an_entry_cancelled_before_it_filled_leaves_nothing(desk: Desk) -> None:
    enter(desk, BY_PRICE, 2, OrderType.LIMIT, "4995")
    desk.handle(commands.CancelOrder(desk.orders()[0].client_order_id))
    desk.tick(4)
    assert entry(desk).step is EntryStep.FAILED
    assert "nothing was filled" in entry(desk).text
    assert not [one for one in desk.orders() if one.is_alive]


def test_a_refused_entry_fails_at_once_with_the_brokers_words(desk: Desk) -> None:
    desk.broker.script.refuse = ["Margin is missing"] * 3
    enter(desk)
    assert entry(desk).step is EntryStep.FAILED
    assert "Margin is missing" in entry(desk).text
    assert sum("Margin is missing" in text for text in desk.texts()) == 1, "said once, not for each of the three"


def test_an_entry_whose_line_is_down_fails_and_nothing_is_sent_later(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    enter(desk)
    desk.broker.connect()
    desk.settle()
    desk.tick(5)
    assert desk.broker.received == []
    assert desk.quantity() == 0


@pytest.mark.parametrize(
    ("bracket", "words"),
    [
        (Bracket(ExitPoint(price=D(5005))), "must be below the entry"),
        (Bracket(ExitPoint(price=D("4990.10"))), "off tick"),
        (Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(4999))),)), "must be above"),
        (Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(3), ExitPoint(price=D(5010))),)), "more than the order's"),
        (Bracket(ExitPoint()), "needs a price or a distance"),
        (Bracket(ExitPoint(distance=D(-1))), "more than zero"),
    ],
)
def test_a_bracket_that_cannot_be_is_refused_with_a_sentence(desk: Desk, bracket: Bracket, words: str) -> None:
    enter(desk, bracket)
    assert desk.heard(words, Level.CAUTION)
    assert desk.broker.received == []


def test_what_would_close_is_not_sent_with_a_bracket(desk: Desk) -> None:
    desk.sell(2)
    enter(desk)
    assert entry(desk).step is EntryStep.FAILED
    assert desk.heard("would close what is open")
    assert desk.quantity() == -2


# -- venues without brackets ----------------------------------------------------------------------------------------


def test_where_the_venue_holds_no_brackets_the_exits_follow_the_fill_as_a_pair(desk: Desk) -> None:
    without_brackets(desk)
    desk.broker.script.market_price = D("5001")
    enter(desk, BY_DISTANCE)
    desk.tick(3)
    stop, target = exits(desk)[Intent.PROTECT], exits(desk)[Intent.REDUCE]
    assert (stop.trigger_price, target.price) == (D("4998.5"), D(5006))
    assert stop.oco_client_order_id == target.client_order_id
    assert entry(desk).step is EntryStep.ACTIVE


def test_a_stop_alone_follows_the_fill_and_grows_with_it(desk: Desk) -> None:
    enter(desk, STOP_ONLY, 3, OrderType.LIMIT, "4995")
    working = desk.broker.find(desk.orders()[0].client_order_id)
    for filled in (1, 2, 3):
        desk.broker.fill(working, 1, D(4995))
        desk.settle()
        desk.tick(1)
        assert covered(desk) == filled
    desk.tick(3)
    assert len([one for one in desk.orders() if one.intent is Intent.PROTECT]) == 1
    assert entry(desk).step is EntryStep.ACTIVE


# -- stops that fail ------------------------------------------------------------------------------------------------


@pytest.mark.row(67)
def test_a_stop_the_broker_refuses_is_placed_once_more(desk: Desk) -> None:
    desk.broker.script.refuse_stop = "Stop too close"
    enter(desk)
    desk.tick(4)
    assert covered(desk) == 2
    assert exits(desk)[Intent.PROTECT].trigger_price == 4990
    assert desk.heard("the stop was refused (Stop too close); it is placed again at 4990.00")
    assert entry(desk).step is EntryStep.ACTIVE


@pytest.mark.row(67, 152, 153)
@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_when_no_stop_can_be_placed_what_is_filled_is_closed_and_proven_flat(desk: Desk, side: Side) -> None:
    without_brackets(desk)
    price, stop = ("4995", "4990") if side is Side.BUY else ("5005", "5010")
    enter(desk, Bracket(ExitPoint(price=D(stop))), 3, OrderType.LIMIT, price, side)
    desk.broker.script.refuse = ["No stops today"] * 2
    desk.broker.fill(desk.broker.find(desk.orders()[0].client_order_id), 1, D(price))
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 0
    assert desk.broker.positions.get(ES, D(0)) == 0
    assert entry(desk).step is EntryStep.ROLLED_BACK
    assert not [one for one in desk.orders() if one.is_alive], "the rest of the entry does not fill afterwards"
    assert desk.heard("UNPROTECTED 1, no stop can be placed (No stops today)", Level.ALARM)


def test_what_was_there_before_is_not_closed_with_an_entry_that_is_undone(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    without_brackets(desk)
    enter(desk, Bracket(ExitPoint(price=D(4990))), 1, OrderType.LIMIT, "4995")
    desk.broker.script.refuse = ["No stops today"] * 2
    desk.broker.fill(desk.broker.find(desk.orders()[-1].client_order_id), 1, D(4995))
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 2
    assert covered(desk) == 2
    assert entry(desk).step is EntryStep.ROLLED_BACK


def test_a_stop_the_market_has_passed_is_not_placed_again(desk: Desk) -> None:
    without_brackets(desk)
    enter(desk, Bracket(ExitPoint(price=D(4990))), 1, OrderType.LIMIT, "4995")
    desk.broker.script.refuse = ["Stop is beyond the market"]
    priced(desk, "4985")
    desk.broker.fill(desk.broker.find(desk.orders()[0].client_order_id), 1, D(4995))
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 0
    assert desk.heard("the market is beyond 4990.00 already", Level.ALARM)


def test_a_stop_that_is_not_heard_of_is_asked_about_and_then_in_doubt_never_failed(desk: Desk) -> None:
    without_brackets(desk)
    enter(desk, STOP_ONLY, 1, OrderType.LIMIT, "4995")
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    asked = len(desk.broker.asked)
    desk.broker.fill(desk.broker.find(desk.orders()[0].client_order_id), 1, D(4995))
    desk.settle()
    desk.tick(12)
    assert entry(desk).step is EntryStep.STOP_PENDING
    assert "UNPROTECTED 1: no stop works after 4 s" in entry(desk).doubt
    assert desk.heard("no stop works after 4 s", Level.ALARM)
    assert len(desk.broker.asked) > asked
    assert len([one for one in desk.broker.received if one.intent is Intent.PROTECT]) == 1, "it was not sent again"
    desk.broker.script.hold_acks = False
    desk.broker.release()
    desk.settle()
    desk.tick(4)
    assert entry(desk).step is EntryStep.ACTIVE
    assert entry(desk).doubt == ""


def test_a_stop_the_trader_takes_away_is_his_decision(desk: Desk) -> None:
    without_brackets(desk)
    enter(desk, STOP_ONLY, 2, OrderType.LIMIT, "4995")
    desk.broker.fill(desk.broker.find(desk.orders()[0].client_order_id), 1, D(4995))
    desk.settle()
    stop = exits(desk)[Intent.PROTECT]
    desk.handle(commands.CancelOrder(desk.orders()[0].client_order_id))
    desk.handle(commands.CancelOrder(stop.client_order_id))
    desk.tick(3)
    assert desk.quantity() == 1
    assert entry(desk).step is EntryStep.ACTIVE


def test_a_close_takes_over_and_the_entry_is_over_with_it(desk: Desk) -> None:
    enter(desk)
    desk.close()
    desk.tick(3)
    assert desk.quantity() == 0
    assert entry(desk).is_over
    assert not [one for one in desk.orders() if one.is_alive]


# -- crashes --------------------------------------------------------------------------------------------------------

POINTS = (
    "entry.operation_committed",
    "entry.entry_placed",
    "entry.stop_pending",
    "order.intent_committed",
    "order.handed_over",
    "fill.committed",
)


@pytest.mark.row(117)
@pytest.mark.parametrize("held", [True, False], ids=["brackets", "no brackets"])
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_step_ends_flat_or_protected(point: str, held: bool) -> None:
    desk = Desk().start()
    priced(desk, "5000")
    if not held:
        without_brackets(desk)
    desk.dies_at(point)
    died = desk.dies_in(lambda: enter(desk))
    if not died:
        pytest.skip("this step is not passed on this way")
    desk.clock.advance(5)
    desk.start()
    priced(desk, "5000")
    desk.tick(20)
    assert desk.quantity() == desk.broker.positions.get(ES, D(0))
    if desk.quantity():
        assert covered(desk) == desk.quantity() or desk.snapshot.findings
        assert covered(desk) == desk.quantity()
    assert not [one for one in desk.orders() if one.state is OrderState.UNKNOWN]
    assert len({one.client_order_id for one in desk.broker.received}) == len(desk.broker.received)
    assert all(one.is_over for one in desk.snapshot.entries.values())


@pytest.mark.row(117)
def test_what_fills_while_the_program_is_away_gets_its_stop_when_it_is_back() -> None:
    desk = Desk().start()
    priced(desk, "5000")
    without_brackets(desk)
    enter(desk, STOP_ONLY, 2, OrderType.LIMIT, "4995")
    working = desk.broker.find(desk.orders()[0].client_order_id)
    desk.kill()
    desk.broker.fill(working, 2, D(4995))
    desk.clock.advance(60)
    desk.start()
    priced(desk, "5000")
    desk.tick(5)
    assert desk.quantity() == 2
    assert exits(desk)[Intent.PROTECT].trigger_price == D("4992.5")
    assert covered(desk) == 2


def test_an_entry_nobody_answered_is_unknown_and_never_sent_again(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    enter(desk, BY_PRICE, 2, OrderType.LIMIT, "4995")
    desk.settle()
    assert entry(desk).doubt or entry(desk).step is EntryStep.FAILED
    desk.broker.connect()
    desk.settle()
    desk.tick(30)
    assert desk.quantity() == 0
    assert entry(desk).step is EntryStep.FAILED
    assert not desk.broker.received


def test_a_bracket_of_another_program_is_seen_as_what_it_is(desk: Desk) -> None:
    """Its exits wait for their entry: they are no entries, no orphans and no protection."""
    broker = desk.broker
    parent = broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 2, "4995")
    desk.settle()
    for type_, price in ((OrderType.STOP, "4990"), (OrderType.LIMIT, "5010")):
        child = broker.place_by_hand(ES, Side.SELL, type_, 2, price)
        broker.out.clear()
        child.parent, child.waiting = parent, True
        desk.handle(events.OrderReported(broker.report(child, ReportKind.ACCEPTED)))
    desk.tick(5)
    seen_as = {one.type: one for one in desk.orders() if one.parent_client_order_id}
    assert {one.intent for one in seen_as.values()} == {Intent.REDUCE}
    assert desk.snapshot.findings == ()


def test_the_stops_of_several_entries_are_together_no_more_than_what_is_open(desk: Desk) -> None:
    without_brackets(desk)
    targets = (BracketTarget(D(1), ExitPoint(price=D(5010))), BracketTarget(D(1), ExitPoint(price=D(5020))))
    desk.by_hand = True
    enter(desk, Bracket(ExitPoint(price=D(4990)), targets), 2, OrderType.LIMIT, "4995")
    desk.by_hand = False
    desk.settle()
    first, second = (desk.broker.find(one.client_order_id) for one in desk.orders())
    desk.broker.script.lists_orders = False
    line = desk.snapshot.connections["sim"]
    desk.state.set_connection(replace(line, link=Link.DOUBTFUL))
    for one in (first, second):
        desk.broker.fill(one, 1, D(4995))
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    desk.state.set_connection(line)
    desk.tick(3)
    assert desk.quantity() == 1
    assert covered(desk) == 1
    assert sum(one.quantity for one in desk.broker.received if one.intent is Intent.PROTECT) == 1
