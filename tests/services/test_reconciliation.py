"""Ours against theirs: what differs, what a decision corrects, what the fills add up to, whose a fill is; pure."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.broker_report import BrokerSnapshot, PositionReport
from core.model.fill import Fill, FillSource, Side, correction_id
from core.model.instrument import Instrument
from core.model.order import Held, Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import Account, Mode, PositionKey
from services.reconciliation import (
    claim_fills,
    compare,
    correction,
    describe,
    fills_quantity,
    situation_of,
    with_unanswered,
)
from tests.fakes.clock import START

D = Decimal
KEY = PositionKey("sim", "Sim1", "ESZ6")
OTHER = replace(KEY, account="Sim2")
ES = Instrument("ESZ6", D("0.25"), D("12.5"), "USD")
SECOND = timedelta(seconds=1)


def fill(signed: int, name: str = "E1", source: FillSource = FillSource.EXTERNAL, **more: object) -> Fill:
    side = Side.BUY if signed > 0 else Side.SELL
    return replace(Fill(KEY, name, side, D(abs(signed)), D(5000), START, START, source=source), **more)  # type: ignore[arg-type]


def held(signed: int) -> Position:
    after = apply_fill(None, fill(signed), ES).after
    assert after is not None
    return after


def told(quantity: int | None, price: str | None = None, key: PositionKey = KEY) -> PositionReport:
    return PositionReport(key, None if quantity is None else D(quantity), None if price is None else D(price), START)


def order(name: str, quantity: int = 1, **more: object) -> Order:
    made = Order(KEY, name, Side.BUY, Intent.OPEN, OrderType.MARKET, D(quantity), START, START)
    return replace(replace(made, state=OrderState.UNKNOWN), **more)  # type: ignore[arg-type]


def row(
    ours: Position | None, quantity: int | None, price: str | None = None, by_fills: int | None = None
) -> RecoveryRow:
    report = told(quantity, price)
    fills = None if by_fills is None else D(by_fills)
    return RecoveryRow(
        KEY, situation_of(ours, report), ours, report.quantity, report.average_price, fills_quantity=fills
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "situation"),
    [
        (held(2), None, Situation.FILLS_ONLY),
        (held(2), told(None), Situation.NO_ANSWER),
        (None, told(1), Situation.ONLY_AT_BROKER),
        (held(2), told(0), Situation.CLOSED_AT_BROKER),
        (held(2), told(2), Situation.MATCH),
        (held(2), told(1), Situation.SIZE_DIFFERS),
        (held(-2), told(-1), Situation.SIZE_DIFFERS),
        (held(2), told(-2), Situation.OPPOSITE_SIDE),
        (held(-2), told(1), Situation.OPPOSITE_SIDE),
    ],
)
def test_how_one_scope_relates(ours: Position | None, theirs: PositionReport | None, situation: Situation) -> None:
    assert situation_of(ours, theirs) is situation


def test_a_fraction_of_what_we_have_is_on_the_same_side() -> None:
    half = PositionReport(KEY, D("0.5"), None, START)
    assert situation_of(held(1), half) is Situation.SIZE_DIFFERS
    assert situation_of(held(-1), half) is Situation.OPPOSITE_SIDE


def test_a_row_for_every_scope_that_has_something_on_either_side_sorted_and_never_added() -> None:
    third, flat = replace(KEY, symbol="NQZ6"), replace(KEY, symbol="CLZ6")
    rows = compare({OTHER: held(1), KEY: held(2)}, [told(2), told(3, "20000.25", third), told(0, None, flat)], [])
    assert [one.key for one in rows] == [KEY, third, OTHER]
    assert [one.situation for one in rows] == [Situation.MATCH, Situation.ONLY_AT_BROKER, Situation.FILLS_ONLY]
    assert rows[1] == RecoveryRow(third, Situation.ONLY_AT_BROKER, None, D(3), D("20000.25"))
    assert (rows[2].broker_quantity, rows[2].broker_price, rows[2].ours) == (None, None, held(1))


def test_a_scope_the_broker_knows_nothing_of_is_no_explicit_flat() -> None:
    (unlisted,) = compare({KEY: held(2)}, [], [])
    assert unlisted.note == "The broker's list does not mention it; that is not an explicit flat."
    (refused,) = compare({KEY: held(2)}, None, [])
    assert refused.note == ""
    (unknown,) = compare({}, [told(None)], [])
    assert unknown.situation is Situation.NO_ANSWER


@pytest.mark.parametrize(
    ("quantity", "price", "note"),
    [
        (2, "5000.25", "Average differs: here 5000, broker 5000.25."),
        (2, "4999.9999999", "Average differs: here 5000, broker 4999.9999999."),
        (2, "4999.99999995", ""),
        (2, "5000", ""),
        (2, None, ""),
        (0, "5000.25", ""),
        (1, "5000.25", "Average differs: here 5000, broker 5000.25."),
    ],
)
def test_another_average_is_a_note_and_nothing_more(quantity: int, price: str | None, note: str) -> None:
    (found,) = compare({KEY: held(2)}, [told(quantity, price)], [])
    assert found.note == note


def test_without_an_average_of_ours_there_is_nothing_to_differ() -> None:
    unpriced = replace(held(2), entry_price=None)
    assert [one.note for one in compare({KEY: unpriced}, [told(2, "5000.25")], [])] == [""]
    assert [one.note for one in compare({}, [told(2, "5000.25")], [])] == [""]


def test_the_exits_of_a_row_are_the_orders_alive_in_its_scope() -> None:
    stop = replace(order("S", 3), side=Side.SELL, type=OrderType.STOP, trigger_price=D("4990.25"), filled_quantity=D(1))
    goal = replace(order("T", 2), side=Side.SELL, type=OrderType.LIMIT, price=D(5010), held=Held.LOCAL)
    both = replace(stop, type=OrderType.STOP_LIMIT, price=D(4980))
    over = replace(goal, state=OrderState.CANCELLED)
    elsewhere = replace(goal, key=OTHER)
    (found,) = compare({KEY: held(2)}, [told(2)], [stop, goal, over, elsewhere])
    assert found.exits == ("SELL 2 STOP 4990.25 · SERVER", "SELL 2 LIMIT 5010 · LOCAL")
    assert describe(both) == "SELL 2 STOP_LIMIT 4990.25 · SERVER"
    assert describe(order("M")) == "BUY 1 MARKET · SERVER"


def test_of_an_account_the_broker_does_not_name_nothing_was_said() -> None:
    given = BrokerSnapshot(START, START, START, (Account(KEY.account_key, Mode.SIM, "USD"),), (), (), (told(2),), ())
    assert with_unanswered(given, [KEY]) is given
    more = with_unanswered(given, [KEY, OTHER])
    assert more.positions == (told(2), told(None, None, OTHER))
    assert with_unanswered(replace(given, positions=None), [OTHER]).positions == (told(None, None, OTHER),)


# -- decisions ---------------------------------------------------------------------------------------------------------

CHOICE = RecoveryChoice


@pytest.mark.parametrize(
    ("found", "choice", "moved", "source", "reason"),
    [
        (row(held(2), 5), CHOICE.ADOPT, 3, FillSource.RECON, "adopted from broker"),
        (row(held(2), -1), CHOICE.ADOPT, -3, FillSource.RECON, "adopted from broker"),
        (row(None, -2), CHOICE.ADOPT, -2, FillSource.RECON, "adopted from broker"),
        (row(held(2), 1), CHOICE.CLOSE_BROKER, -1, FillSource.RECON, "adopted from broker to be closed"),
        (row(held(2), 0), CHOICE.RECORD_CLOSED, -2, FillSource.MANUAL, "recorded as closed"),
        (row(held(-2), 0), CHOICE.RECORD_CLOSED, 2, FillSource.MANUAL, "recorded as closed"),
        (row(held(2), 5, by_fills=1), CHOICE.USE_FILLS, -1, FillSource.RECON, "set to what the fills add up to"),
    ],
)
def test_a_decision_is_a_fill_that_brings_our_books_there(
    found: RecoveryRow, choice: RecoveryChoice, moved: int, source: FillSource, reason: str
) -> None:
    decided = correction(found, choice, START + SECOND)
    assert decided is not None
    assert (decided.fill.signed_quantity, decided.fill.source, decided.reason) == (D(moved), source, reason)
    assert (decided.fill.key, decided.fill.fill_time, decided.fill.received_at) == (KEY, None, START + SECOND)
    before = D(0) if found.ours is None else found.ours.quantity
    anchor = "" if found.ours is None else "E1"
    assert decided.expected_before == before
    assert decided.fill.execution_id == correction_id(KEY, source.value, before, before + moved, anchor)


@pytest.mark.parametrize(
    ("found", "choice"),
    [
        (row(held(2), 2), CHOICE.ADOPT),
        (row(held(2), None), CHOICE.ADOPT),
        (row(None, 0), CHOICE.RECORD_CLOSED),
        (row(held(2), 5), CHOICE.VERIFY),
        (row(held(2), 5), CHOICE.IGNORE),
        (row(held(2), 5), CHOICE.USE_FILLS),
        (row(held(2), 5, by_fills=2), CHOICE.USE_FILLS),
    ],
)
def test_what_changes_nothing_books_nothing(found: RecoveryRow, choice: RecoveryChoice) -> None:
    assert correction(found, choice, START) is None


def test_only_a_position_we_did_not_have_is_adopted_with_a_price() -> None:
    for found, choice, price in (
        (row(None, 2, "5010.25"), CHOICE.ADOPT, D("5010.25")),
        (row(None, 2, "5010.25"), CHOICE.CLOSE_BROKER, D("5010.25")),
        (row(None, 2, "5010.25", 1), CHOICE.USE_FILLS, None),
        (row(held(1), 2, "5010.25"), CHOICE.ADOPT, None),
        (row(held(1), 0, "5010.25"), CHOICE.RECORD_CLOSED, None),
    ):
        decided = correction(found, choice, START)
        assert decided is not None
        assert decided.fill.price == price


def test_the_fills_of_the_latest_trade_are_added_up_without_corrections() -> None:
    recon, manual = FillSource.RECON, FillSource.MANUAL
    assert fills_quantity(None, []) == 0
    assert fills_quantity(held(2), []) is None
    assert fills_quantity(held(2), [fill(2)]) == 2
    assert fills_quantity(held(3), [fill(2, source=FillSource.OURS), fill(1, "R", recon)]) == 2
    assert fills_quantity(held(1), [fill(2), fill(-1, "M", manual)]) == 2
    # An older trade, closed before this one began, does not count.
    assert fills_quantity(held(2), [fill(5, "A"), fill(-5, "B"), fill(2, "C")]) == 2
    assert fills_quantity(None, [fill(5, "A"), fill(-2, "B"), fill(-3, "R", recon)]) == 3
    # The ledger as it was read does not reach back to the beginning.
    assert fills_quantity(held(5), [fill(2)]) is None
    assert fills_quantity(None, [fill(2)]) is None


# -- whose a fill is ---------------------------------------------------------------------------------------------------


def named(fills: list[Fill], orders: list[Order], renamed: list[Order] | None = None) -> list[str]:
    return [one.client_order_id for one in claim_fills(fills, orders, renamed or [])]


def theirs(server: str, signed: int = 1, name: str = "E1", **more: object) -> Fill:
    return replace(fill(signed, name, server_order_id=server), **more)  # type: ignore[arg-type]


def test_a_fill_belongs_to_the_order_of_its_name_in_its_scope() -> None:
    known = order("ST1", server_order_id="s1", state=OrderState.WORKING)
    assert named([theirs("s1")], [known]) == ["ST1"]
    assert named([replace(theirs("s1"), key=OTHER)], [known]) == [""]
    assert named([theirs("s1", client_order_id="ST9")], [known]) == ["ST9"]


def test_a_name_nobody_has_is_the_one_order_whose_name_we_were_not_told() -> None:
    assert named([theirs("s7"), theirs("s7", name="E2")], [order("ST1", 2)]) == ["ST1", "ST1"]
    assert named([theirs("s7"), theirs("s7", name="E2")], [order("ST1", 1)]) == ["", ""]
    assert named([theirs("s7")], [order("ST1", server_order_id="s3")]) == [""]
    assert named([theirs("s7")], [order("ST1", 2, filled_quantity=D(2))]) == [""]
    assert named([theirs("s7")], [replace(order("ST1"), state=OrderState.SENT)]) == [""]


def test_what_an_order_has_by_name_leaves_less_room_for_the_rest() -> None:
    fills = [theirs("s7", client_order_id="ST1"), theirs("s8", name="E2")]
    assert named(fills, [order("ST1", 1)]) == ["ST1", ""]
    assert named(fills, [order("ST1", 2)]) == ["ST1", "ST1"]


@pytest.mark.parametrize(
    ("kind", "limit", "side", "price", "fits"),
    [
        (OrderType.LIMIT, "5000", Side.BUY, "5000", True),
        (OrderType.LIMIT, "5000", Side.BUY, "4999", True),
        (OrderType.LIMIT, "5000", Side.BUY, "5000.25", False),
        (OrderType.LIMIT, "5000", Side.SELL, "5000.25", True),
        (OrderType.LIMIT, "5000", Side.SELL, "4999.75", False),
        (OrderType.STOP_LIMIT, "5000", Side.BUY, "5000.25", False),
        (OrderType.STOP, "5000", Side.BUY, "5000.25", True),
        (OrderType.LIMIT, None, Side.BUY, "5000.25", True),
        (OrderType.LIMIT, "5000", Side.BUY, None, True),
    ],
)
def test_a_fill_worse_than_the_limit_is_somebody_elses(
    kind: OrderType, limit: str | None, side: Side, price: str | None, fits: bool
) -> None:
    of = order("ST1", side=side, type=kind, price=None if limit is None else D(limit))
    at = theirs("s7", side.sign, price=None if price is None else D(price))
    assert named([at], [of]) == ["ST1" if fits else ""]


def test_a_fill_of_the_other_side_or_from_before_the_order_is_somebody_elses() -> None:
    assert named([theirs("s7", -1)], [order("ST1")]) == [""]
    assert named([replace(theirs("s7"), key=OTHER)], [order("ST1")]) == [""]
    for early, fits in ((5 * SECOND, True), (6 * SECOND, False)):
        assert named([theirs("s7", fill_time=START - early)], [order("ST1")]) == ["ST1" if fits else ""]


def test_of_several_that_fit_as_many_names_of_one_size_are_shared_out_by_age() -> None:
    old, young = order("ST1", created_at=START - SECOND), order("ST2")
    assert named([theirs("s7"), theirs("s8", name="E2")], [young, old]) == ["ST1", "ST2"]
    assert named([theirs("s7")], [young, old]) == [""]
    assert named(
        [theirs("s7"), theirs("s8", 2, "E2")], [replace(young, quantity=D(2)), replace(old, quantity=D(2))]
    ) == ["", ""]
    three = [theirs("s7"), theirs("s8", name="E2"), theirs("s9", name="E3")]
    assert named(three, [young, old]) == ["", "", ""]


def test_what_happens_in_one_scope_leaves_the_fills_of_another_alone() -> None:
    there = replace(order("ST2"), key=OTHER)
    fills = [theirs("s7"), replace(theirs("s8", name="E2"), key=OTHER)]
    assert named(fills, [order("ST1"), there]) == ["ST1", "ST2"]


def test_an_order_that_was_being_changed_may_have_traded_under_another_name_at_another_price() -> None:
    moved = order("ST1", server_order_id="s1", type=OrderType.LIMIT, price=D(4990), state=OrderState.PENDING_CHANGE)
    assert named([theirs("s7")], [moved]) == [""]
    assert named([theirs("s7")], [moved], [moved]) == ["ST1"]
