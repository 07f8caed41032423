"""The lines of position and orders: their words, what is broken and what can be dragged; tags that never overlap."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.link import Link
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import Held, Intent, OrderState, OrderType
from core.snapshot import Snapshot
from panels.charts.trade_lines import TAG_HEIGHT, LineKind, TradeLine, fanned, trade_lines
from panels.shown import shown_in
from tests.panels.charts.chart_worlds import entry, stop, target, trading
from tests.panels.worlds import by_id, flat, link_is, long_two, operation, position, quote


def lines(world: Snapshot) -> dict[str, TradeLine]:
    """Return the lines by kind and number."""
    return {one.name: one for one in trade_lines(world, shown_in(world))}


def only(world: Snapshot, kind: LineKind) -> TradeLine:
    """Return the one line of a kind."""
    found = [one for one in trade_lines(world, shown_in(world)) if one.kind is kind]
    assert len(found) == 1
    return found[0]


def test_a_long_with_its_exits_says_what_each_is_worth() -> None:
    found = trade_lines(trading(), shown_in(trading()))
    assert [(one.kind, str(one.price), one.words) for one in found] == [
        (LineKind.ENTRY, "5050.25", "LONG 2 · +125.00 · +0.2R"),
        (LineKind.STOP, "5045.25", "STOP 2 · SERVER · −500.00 · −1.0R"),
        (LineKind.TARGET, "5058.00", "TARGET 2 · SERVER · +775.00 · +1.6R"),
        (LineKind.ORDER, "5047.00", "BUY LIMIT 1 · SERVER"),
    ]
    assert not any(one.dashed for one in found)


def test_a_short_counts_the_other_way() -> None:
    held = position(quantity="-1")
    over = stop(side=Side.BUY, price="5052.25", quantity=Decimal(1))
    world = long_two(positions={held.key: held}, orders=by_id(over))
    assert [one.words for one in trade_lines(world, shown_in(world))] == [
        "SHORT 1 · −62.50 · −0.1R",
        "STOP 1 · SERVER · −100.00 · −0.2R",
    ]


def test_what_this_program_holds_is_broken_and_says_so() -> None:
    line = only(long_two(orders=by_id(stop(held=Held.LOCAL))), LineKind.STOP)
    assert line.dashed
    assert line.words.startswith("STOP 2 · LOCAL")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OrderState.SENT, "not confirmed yet"),
        (OrderState.PENDING_CHANGE, "changing"),
        (OrderState.PENDING_CANCEL, "being cancelled"),
        (OrderState.UNKNOWN, "UNKNOWN"),
    ],
)
def test_an_order_that_is_not_confirmed_is_broken_says_so_and_is_not_dragged(state: OrderState, words: str) -> None:
    line = only(long_two(orders=by_id(stop(state=state))), LineKind.STOP)
    assert line.dashed
    assert f"STOP 2 · {words}" in line.words
    assert line.refused.endswith(".")


def test_exits_that_wait_for_their_entry_are_broken_and_worth_nothing_yet() -> None:
    parent = entry()
    waiting = stop(4, intent=Intent.PROTECT, parent_client_order_id=parent.client_order_id, quantity=Decimal(1))
    world = flat(orders=by_id(parent, waiting))
    line = only(world, LineKind.STOP)
    assert (line.words, line.dashed, line.token) == ("STOP 1 · waits for entry", True, "ink.3")


def test_entries_of_each_type_are_named_and_a_market_order_has_no_line() -> None:
    above = entry(5, type=OrderType.STOP, price="5060.00", intent=Intent.OPEN)
    above = replace(above, trigger_price=Decimal("5060.00"), price=None)
    limit = replace(above, client_order_id="L", type=OrderType.STOP_LIMIT, price=Decimal("5060.50"))
    market = replace(above, client_order_id="M", type=OrderType.MARKET, trigger_price=None)
    found = lines(flat(orders=by_id(above, limit, market)))
    assert [one.words for one in found.values()] == ["BUY STOP 1 · SERVER", "BUY STOP LIMIT 1 · SERVER"]


def test_the_remaining_quantity_counts() -> None:
    world = long_two(orders=by_id(target(filled_quantity=Decimal(1), state=OrderState.PARTIAL)))
    assert only(world, LineKind.TARGET).words.startswith("TARGET 1 · SERVER · +387.50")


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (link_is(Link.OFFLINE, trading()), "The line is down: nothing can be sent."),
        (
            trading(operations={position().key: operation(CloseStep.CANCELLING)}),
            "A close is running: its orders are being cancelled.",
        ),
        (
            trading(orders=by_id(stop(server_order_id=""))),
            "The broker has not confirmed this order, so it cannot be changed yet.",
        ),
    ],
)
def test_why_a_line_cannot_be_dragged_is_said(world: Snapshot, words: str) -> None:
    assert only(world, LineKind.STOP).refused == words


def test_an_entry_without_a_price_has_no_line_and_an_unknown_risk_no_r() -> None:
    held = replace(position(), entry_price=None)
    world = long_two(positions={held.key: held})
    assert [one.kind for one in trade_lines(world, shown_in(world))] == [LineKind.STOP]
    bare = replace(position(), initial_risk=None)
    assert only(long_two(positions={bare.key: bare}), LineKind.ENTRY).words == "LONG 2 · +125.00"


def test_orders_of_another_symbol_and_ended_ones_have_no_line() -> None:
    other = stop(6, key=replace(position().key, symbol="MESZ5"))
    gone = stop(7, state=OrderState.CANCELLED)
    world = flat(orders=by_id(other, gone), quotes={("sim", "ESZ5"): quote()})
    assert trade_lines(world, shown_in(world)) == ()


@given(
    wanted=st.lists(st.floats(-200, 900), max_size=30),
    top=st.floats(0, 50),
    room=st.floats(560, 900),
)
def test_tags_never_overlap_and_never_leave_the_chart(wanted: list[float], top: float, room: float) -> None:
    placed = sorted(fanned(wanted, top, top + room))
    assert len(placed) == len(wanted)
    assert all(after - before >= TAG_HEIGHT - 1e-6 for before, after in pairwise(placed))
    if placed:
        assert placed[0] >= top + TAG_HEIGHT / 2 - 1e-6
        assert placed[-1] <= top + room - TAG_HEIGHT / 2 + 1e-6


@given(wanted=st.lists(st.floats(0, 600), min_size=1, max_size=12))
def test_tags_keep_the_order_of_their_prices_and_one_with_room_stays(wanted: list[float]) -> None:
    placed = fanned(wanted, 0, 700)
    by_wish = [placed[at] for at in sorted(range(len(wanted)), key=lambda one: wanted[one])]
    assert by_wish == sorted(by_wish)
    lonely = [
        at
        for at, one in enumerate(wanted)
        if 9 <= one <= 691 and all(abs(one - other) > 300 for n, other in enumerate(wanted) if n != at)
    ]
    if len(wanted) <= 3:
        assert all(placed[at] == pytest.approx(wanted[at], abs=1e-6) for at in lonely)


def test_tags_at_one_price_stand_around_it_and_push_the_next_as_little_as_can_be() -> None:
    assert fanned([100.0, 100.0, 100.0], 0, 400) == pytest.approx([82.0, 100.0, 118.0])
    assert fanned([100.0, 100.0, 110.0, 300.0], 0, 400) == pytest.approx([85.333, 103.333, 121.333, 300.0], abs=0.01)
    assert fanned([2.0, 2.0], 0, 400) == pytest.approx([9.0, 27.0])
    assert fanned([399.0, 399.0], 0, 400) == pytest.approx([373.0, 391.0])


def test_more_tags_than_there_is_room_for_stay_in_the_room() -> None:
    placed = fanned([50.0] * 10, 0, 90)
    assert min(placed) >= 0
    assert max(placed) <= 90
