"""Orders and stops that need the trader: told once, decided once, found again at every start until they are gone."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.events import Level
from core.model.fill import Side
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.market import Quote
from core.model.operation import CloseStep
from core.model.order import Order, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from services.finding_service import ACTION_TAKES_S, GRACE_S, START_S, UNKNOWN_GRACE_S
from tests.fakes.broker import Fate
from tests.fakes.engine import ES, Desk, seen


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a database that outlives it."""
    desk = Desk(tmp_path).start()
    yield desk
    if desk.alive:
        desk.stop()


def only(desk: Desk) -> Finding:
    (finding,) = desk.snapshot.findings
    return finding


def decide(desk: Desk, choice: FindingChoice, price: str | None = None) -> None:
    finding = only(desk)
    at = None if price is None else Decimal(price)
    desk.handle(commands.DecideFinding(finding.key, finding.name, choice, finding.version, at))


def last_price(desk: Desk, price: str) -> None:
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(price)))


def long_two_with_stop(desk: Desk) -> Order:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.tick()
    return desk.order()


def lose_stop(desk: Desk) -> None:
    """Have the broker end the stop by itself."""
    desk.broker.end(desk.broker.last(), OrderState.CANCELLED)
    desk.settle()


def lose_position(desk: Desk) -> None:
    """Trade the position away in another program, at a broker that refuses the cancel we send for the stop."""
    desk.broker.script.refuse_cancels = True
    desk.broker.by_hand(ES, Side.SELL, 2)
    desk.settle()
    desk.tick(2)
    desk.broker.script.refuse_cancels = False


# -- missing protection ---------------------------------------------------------------------------------------------


def test_a_stop_that_ended_unasked_is_told_after_three_seconds_and_once(desk: Desk) -> None:
    desk.tick(START_S)
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(GRACE_S - 1)
    assert desk.snapshot.findings == ()
    desk.tick(2)
    found = only(desk)
    assert seen(found.kind, found.quantity, found.planned) == (FindingKind.MISSING_PROTECTION, 2, 4990)
    assert not found.at_start
    desk.tick(10)
    assert sum("UNPROTECTED" in text for text in desk.texts()) == 1
    assert desk.heard("LONG 2 UNPROTECTED. Its stop at 4990.00 is gone", Level.ALARM)


def test_a_stop_the_trader_cancelled_himself_is_not_missed(desk: Desk) -> None:
    stop = long_two_with_stop(desk)
    desk.handle(commands.CancelOrder(stop.client_order_id))
    desk.tick(10)
    assert desk.snapshot.findings == ()


def test_another_stop_ends_the_finding(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    desk.press(Side.SELL, 2, OrderType.STOP, "4985")
    desk.tick(1)
    assert desk.snapshot.findings == ()
    assert desk.position().stop_price == 4985


def test_the_planned_stop_is_placed_once_for_what_is_open(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    version = only(desk).version
    for _ in range(5):
        desk.handle(commands.DecideFinding(ES, "", FindingChoice.PLACE_PLANNED_STOP, version))
    desk.tick(1)
    placed = desk.orders(OrderState.WORKING)
    assert [seen(one.side, one.quantity, one.trigger_price) for one in placed] == [(Side.SELL, 2, 4990)]
    assert desk.snapshot.findings == ()


def test_a_planned_stop_the_market_has_passed_is_not_offered_and_not_placed(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    last_price(desk, "4989.75")
    desk.tick(5)
    found = only(desk)
    assert found.passed and FindingChoice.PLACE_PLANNED_STOP not in found.choices
    decide(desk, FindingChoice.CHOOSE_PRICE, "4990")
    assert desk.heard("it would fire at once")
    assert desk.orders(OrderState.WORKING) == []


@pytest.mark.parametrize(
    ("price", "why"),
    [
        ("4980.10", "nearest prices are 4980.00 and 4980.25"),
        (None, "needs a price"),
        ("NaN", "needs a price"),
    ],
)
def test_a_price_that_cannot_be_a_stop_is_refused_with_the_reason(desk: Desk, price: str | None, why: str) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    decide(desk, FindingChoice.CHOOSE_PRICE, price)
    assert desk.heard(why)
    assert only(desk).decided is None


def test_a_chosen_price_is_placed(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    decide(desk, FindingChoice.CHOOSE_PRICE, "4980.25")
    assert seen(desk.order().trigger_price, desk.order().quantity) == (Decimal("4980.25"), 2)


def test_a_stop_the_broker_refuses_opens_the_finding_again(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    desk.broker.script.refuse = ["No stops now"]
    decide(desk, FindingChoice.PLACE_PLANNED_STOP)
    desk.tick(1)
    assert desk.heard("No stops now", Level.ALARM)
    desk.tick(ACTION_TAKES_S + 1)
    assert only(desk).decided is None
    decide(desk, FindingChoice.PLACE_PLANNED_STOP)
    desk.tick(1)
    assert desk.snapshot.findings == ()


def test_close_now_closes(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_stop(desk)
    desk.tick(5)
    decide(desk, FindingChoice.CLOSE_NOW)
    desk.tick(2)
    assert desk.quantity() == 0
    assert desk.snapshot.findings == ()


def test_what_is_left_bare_on_purpose_is_not_asked_about_again_even_after_a_restart(kept: Desk) -> None:
    long_two_with_stop(kept)
    lose_stop(kept)
    kept.tick(5)
    decide(kept, FindingChoice.LEAVE)
    assert kept.snapshot.findings == ()
    kept.restart(clean=False)
    kept.tick(5)
    assert kept.snapshot.findings == ()


def test_a_stop_that_went_while_we_were_away_is_found_in_the_first_comparison_at_every_start(kept: Desk) -> None:
    long_two_with_stop(kept)
    stop = kept.broker.last()
    kept.stop()
    stop.state = OrderState.CANCELLED
    for _ in range(3):
        kept.clock.advance(60)
        kept.start()
        kept.tick(10)
        found = only(kept)
        assert seen(found.kind, found.planned, found.at_start) == (FindingKind.MISSING_PROTECTION, 4990, True)
        kept.stop()


def test_while_a_close_runs_its_cancelled_stop_is_not_missed_and_after_it_failed_it_is(desk: Desk) -> None:
    long_two_with_stop(desk)
    last_price(desk, "5000")
    desk.broker.script.refuse = ["No trading"] * 9
    desk.close()
    desk.tick(1)
    assert desk.operation().step is CloseStep.REJECTED
    # the stop the close took away could not be put back either: the broker refuses everything
    desk.tick(GRACE_S + 1)
    assert only(desk).kind is FindingKind.MISSING_PROTECTION
    assert only(desk).planned == 4990


def grow_elsewhere(desk: Desk) -> None:
    """Have the trader buy one at another screen; the stop is that screen's business too, as far as we know."""
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    desk.tick(GRACE_S + 1)


def test_a_position_that_grew_elsewhere_beyond_its_stop_is_unprotected_by_the_difference(desk: Desk) -> None:
    long_two_with_stop(desk)
    grow_elsewhere(desk)
    found = only(desk)
    assert seen(found.kind, found.quantity, found.covered) == (FindingKind.MISSING_PROTECTION, 1, 2)
    assert desk.heard("LONG 3, UNPROTECTED 1. Stops cover 2 of it.", Level.ALARM)
    desk.broker.script.refuse_changes = True
    desk.buy(1)
    assert desk.quantity() == 4, "it may grow on; its stop grows with it"
    desk.tick(1)
    decide(desk, FindingChoice.PLACE_PLANNED_STOP)
    desk.tick(1)
    assert desk.snapshot.findings == ()
    assert seen(desk.order().quantity, desk.order().trigger_price) == (2, 4990)


def test_what_is_left_half_covered_on_purpose_is_not_asked_about_again(desk: Desk) -> None:
    long_two_with_stop(desk)
    grow_elsewhere(desk)
    decide(desk, FindingChoice.LEAVE)
    said = len(desk.said)
    desk.tick(20)
    assert only(desk).decided is FindingChoice.LEAVE
    assert len(desk.said) == said
    grow_elsewhere(desk)
    assert only(desk).decided is None, "more is another question"


# -- orphans --------------------------------------------------------------------------------------------------------


def test_an_exit_that_works_while_flat_is_an_orphan(desk: Desk) -> None:
    stop = long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    found = only(desk)
    assert seen(found.kind, found.name, found.quantity) == (FindingKind.ORPHAN_ORDER, stop.client_order_id, 2)
    assert desk.heard("ORPHAN 2. FLAT, but SELL 2 STOP 4990.00 still works; it would open SHORT 2.", Level.ALARM)


def test_no_entry_passes_while_an_orphan_waits_for_the_trader(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    desk.buy(1)
    assert desk.quantity() == 0
    assert desk.heard("needs your decision first")
    decide(desk, FindingChoice.KEEP)
    desk.buy(1)
    assert desk.quantity() == 1


def test_exits_larger_than_the_position_leave_the_newest_over(desk: Desk) -> None:
    stop = long_two_with_stop(desk)
    desk.broker.script.refuse_changes = True
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    desk.tick(GRACE_S + 1)
    found = only(desk)
    assert seen(found.name, found.quantity, found.position and found.position.quantity) == (stop.client_order_id, 1, 1)


def test_a_stop_and_a_target_of_one_position_are_alternatives(desk: Desk) -> None:
    long_two_with_stop(desk)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    desk.tick(10)
    assert desk.snapshot.findings == ()


def test_an_orphan_is_cancelled_and_gone(desk: Desk) -> None:
    stop = long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    decide(desk, FindingChoice.CANCEL_ORDER)
    desk.tick(1)
    assert desk.snapshot.orders[stop.client_order_id].state is OrderState.CANCELLED
    assert desk.snapshot.findings == ()


def test_a_cancel_that_did_not_take_opens_the_finding_again(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    version = only(desk).version
    desk.broker.script.refuse_cancels = True
    decide(desk, FindingChoice.CANCEL_ORDER)
    desk.tick(ACTION_TAKES_S + 2)
    assert only(desk).decided is None
    assert only(desk).version > version


def test_a_kept_orphan_is_asked_about_again_at_the_next_start_and_nothing_else_changes(kept: Desk) -> None:
    long_two_with_stop(kept)
    lose_position(kept)
    kept.tick(GRACE_S + 1)
    decide(kept, FindingChoice.KEEP)
    before = kept.store.orders.recent(99)
    for _ in range(10):
        kept.restart(clean=True)
        kept.tick(1)
        assert seen(only(kept).kind, only(kept).at_start, only(kept).decided) == (FindingKind.ORPHAN_ORDER, True, None)
    assert kept.store.orders.recent(99) == before
    assert len(kept.broker.received) == 2


def test_an_exit_of_what_the_broker_says_is_closed_is_an_orphan_before_we_book_the_close(kept: Desk) -> None:
    long_two_with_stop(kept)
    kept.stop()
    kept.broker.by_hand(ES, Side.SELL, 2, told=False, trace=False)
    kept.clock.advance(60)
    kept.start()
    kept.tick(1)
    assert [one.kind for one in kept.snapshot.findings] == [FindingKind.ORPHAN_ORDER]
    kept.decide(RecoveryChoice.RECORD_CLOSED)
    assert kept.quantity() == 0
    assert [one.kind for one in kept.snapshot.findings] == [FindingKind.ORPHAN_ORDER]


def test_an_external_order_that_adds_to_the_position_is_no_exit(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 1, "4990")
    desk.settle()
    desk.tick(10)
    assert desk.snapshot.findings == ()


# -- orders of the last session -------------------------------------------------------------------------------------


def test_an_entry_that_still_works_after_an_unclean_end_waits_for_a_word(kept: Desk) -> None:
    kept.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    kept.tick(6)
    kept.restart(clean=False)
    kept.tick(1)
    assert seen(only(kept).kind, only(kept).at_start) == (FindingKind.WORKING_ORDER, True)
    decide(kept, FindingChoice.KEEP)
    assert kept.snapshot.findings == ()
    assert kept.order().state is OrderState.WORKING


def test_an_entry_that_still_works_after_a_clean_end_is_no_finding(kept: Desk) -> None:
    kept.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    kept.restart(clean=True)
    kept.tick(10)
    assert kept.snapshot.findings == ()


# -- unknown orders -------------------------------------------------------------------------------------------------


def unknown(desk: Desk) -> Order:
    """Send an order the broker never sees, while his lists leave open what became of it."""
    desk.broker.script.fate = Fate.UNSEEN
    desk.broker.script.lists_fills = False
    desk.buy(1)
    desk.broker.connect()
    desk.settle()
    desk.tick(3)
    assert desk.order().state is OrderState.UNKNOWN
    return desk.order()


def test_an_order_no_evidence_settles_needs_the_trader(desk: Desk) -> None:
    order = unknown(desk)
    desk.tick(UNKNOWN_GRACE_S + 1)
    assert seen(only(desk).kind, only(desk).name) == (FindingKind.UNKNOWN_ORDER, order.client_order_id)
    assert desk.heard("is unknown. It may work at the broker; it was not sent again", Level.ALARM)


def test_asking_decides_nothing(desk: Desk) -> None:
    unknown(desk)
    desk.tick(UNKNOWN_GRACE_S + 1)
    asked = len(desk.broker.asked)
    decide(desk, FindingChoice.ASK_BROKER)
    assert len(desk.broker.asked) == asked + 1
    assert only(desk).decided is None


def test_treated_as_external_it_stays_unknown_and_holds_up_nothing(desk: Desk) -> None:
    order = unknown(desk)
    desk.tick(UNKNOWN_GRACE_S + 1)
    decide(desk, FindingChoice.TREAT_AS_EXTERNAL)
    assert desk.snapshot.findings == ()
    held = desk.snapshot.orders[order.client_order_id]
    assert held.external and held.state is OrderState.UNKNOWN
    desk.buy(1)
    assert desk.quantity() == 1


# -- decisions ------------------------------------------------------------------------------------------------------


def test_a_decision_on_facts_that_changed_does_nothing(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    finding = only(desk)
    desk.handle(commands.DecideFinding(ES, finding.name, FindingChoice.CANCEL_ORDER, finding.version + 1))
    assert desk.heard("the facts changed while you decided")
    assert len(desk.broker.cancels) == 1, "the one of the program itself, which was refused"


def test_a_choice_of_another_finding_does_nothing(desk: Desk) -> None:
    long_two_with_stop(desk)
    lose_position(desk)
    desk.tick(GRACE_S + 1)
    decide(desk, FindingChoice.PLACE_PLANNED_STOP)
    assert desk.heard("does not apply to ORPHAN ORDER")


def test_every_decision_is_audited(kept: Desk) -> None:
    long_two_with_stop(kept)
    lose_position(kept)
    kept.tick(GRACE_S + 1)
    decide(kept, FindingChoice.KEEP)
    assert "ORPHAN ORDER in ESZ6: KEEP" in audited(kept)


def audited(desk: Desk) -> list[str]:
    """Return the texts of the audit."""
    assert desk.folder is not None
    import sqlite3

    with sqlite3.connect(desk.folder / "stanchion.sqlite3") as connection:
        return [row[0] for row in connection.execute("SELECT text FROM audit_event ORDER BY sequence")]
