"""What stays behind is named whole, and flat is only what the broker has confirmed."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from core.events import Link
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import Held, Intent, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Certainty, Snapshot
from panels.leaving import left_by, not_flat, scopes_of
from tests.panels.worlds import (
    ACCOUNT,
    ES_KEY,
    MES_KEY,
    by_id,
    closing,
    flat,
    in_mode,
    link_is,
    long_two,
    operation,
    order,
    status,
)

D = Decimal
ENTRY = order(
    5, side=Side.BUY, intent=Intent.OPEN, type=OrderType.LIMIT, price=D("4900"), trigger_price=None, quantity=D(1)
)
TARGET = order(6, type=OrderType.LIMIT, intent=Intent.REDUCE, price=D("5060"), trigger_price=None)


@pytest.mark.row(132)
@pytest.mark.parametrize(
    ("world", "lines", "exposed"),
    [
        (flat(), (), ""),
        (Snapshot(), (), ""),
        (
            long_two(),
            ("ESZ5 LONG 2 (Sim1, SIM) stays open: a stop for 2 stays at the broker.",),
            "LONG 2 ESZ5",
        ),
        (
            in_mode(Mode.LIVE, long_two(orders=by_id(replace(order(1), quantity=D(1)), TARGET))),
            (
                "ESZ5 LONG 2 (Sim1, LIVE) stays open: a stop for 1 and a target for 2 stay at the broker, "
                "1 unprotected.",
            ),
            "LONG 2 ESZ5",
        ),
        (
            long_two(orders=by_id()),
            ("ESZ5 LONG 2 (Sim1, SIM) stays open: 2 unprotected.",),
            "LONG 2 ESZ5",
        ),
        (
            long_two(orders=by_id(order(1, held=Held.LOCAL))),
            (
                "ESZ5 LONG 2 (Sim1, SIM) stays open: 2 unprotected.",
                "SELL 2 STOP 5045.25 ESZ5: held by this program only, ending with it.",
            ),
            "LONG 2 ESZ5",
        ),
        (
            flat(orders=by_id(ENTRY)),
            ("BUY 1 LIMIT 4900.00 ESZ5: staying at the broker, where it may open a position.",),
            "",
        ),
        (
            flat(orders=by_id(order(1))),
            ("SELL 2 STOP 5045.25 ESZ5: working at the broker though nothing is open here.",),
            "",
        ),
        (
            flat(orders=by_id(replace(ENTRY, state=OrderState.UNKNOWN))),
            (
                "BUY 1 LIMIT 4900.00 ESZ5: without an answer: it may work or be filled. "
                "The broker is asked at the next start.",
            ),
            "",
        ),
        (
            flat(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "-3")})),
            ("ESZ5 SHORT 3 (Sim1, SIM) is what the broker holds; it is not in the books here.",),
            "SHORT 3 ESZ5",
        ),
        (flat(orders=by_id(replace(ENTRY, state=OrderState.FILLED))), (), ""),
    ],
)
def test_everything_that_may_still_make_or_lose_money_is_named(
    world: Snapshot, lines: tuple[str, ...], exposed: str
) -> None:
    left = left_by(world)
    assert (left.lines, left.exposed, left.is_nothing) == (lines, exposed, not lines)


@pytest.mark.row(132)
def test_a_position_in_doubt_and_a_close_under_way_say_so() -> None:
    world = closing(CloseStep.SENT)
    world = replace(world, scopes=MappingProxyType({ES_KEY: status(Certainty.UNVERIFIED)}), orders=by_id())
    assert left_by(world).lines == (
        "ESZ5 LONG 2 (Sim1, SIM, not confirmed by the broker) stays open: 2 unprotected.",
        "The close of ESZ5 (Sim1) is not over: it is taken up at the next start.",
    )


def test_what_waits_for_its_entry_protects_nothing_and_is_not_called_stray() -> None:
    waiting = order(7, parent_client_order_id=ENTRY.client_order_id)
    assert left_by(flat(orders=by_id(ENTRY, waiting))).lines == (
        "BUY 1 LIMIT 4900.00 ESZ5: staying at the broker, where it may open a position.",
    )
    bare, _ = left_by(long_two(orders=by_id(ENTRY, waiting))).lines
    assert bare.endswith("2 unprotected.")


def test_of_many_orders_some_are_named_and_the_rest_counted() -> None:
    many = [replace(ENTRY, client_order_id=f"ST{number}") for number in range(9)]
    (line,) = left_by(flat(orders=by_id(*many))).lines
    assert line.count("BUY 1") == 5 and " and 4 more: " in line


def test_entries_and_accounts_are_those_a_way_out_concerns() -> None:
    left = left_by(long_two(orders=by_id(order(1), ENTRY, replace(ENTRY, client_order_id="x", state=OrderState.SENT))))
    assert left.entries == (ENTRY,) and left.accounts == (ACCOUNT,)


@pytest.mark.row(132)
@pytest.mark.parametrize(
    ("world", "against"),
    [
        (flat(), ()),
        (long_two(), ("ESZ5 (Sim1): LONG 2 is open, 1 working.",)),
        (flat(orders=by_id(replace(ENTRY, state=OrderState.UNKNOWN))), ("ESZ5 (Sim1): 1 of unknown outcome.",)),
        (
            flat(scopes=MappingProxyType({ES_KEY: status(Certainty.PENDING, "2")})),
            ("ESZ5 (Sim1): LONG 2 is open.",),
        ),
        (
            flat(scopes=MappingProxyType({ES_KEY: status(Certainty.PENDING, "0")})),
            ("ESZ5 (Sim1): the broker has not confirmed flat yet.",),
        ),
        (
            flat(operations=MappingProxyType({ES_KEY: operation(CloseStep.VERIFYING, text="Filled. Waiting")})),
            ("ESZ5 (Sim1): Filled. Waiting.",),
        ),
        (
            link_is(Link.OFFLINE, flat()),
            ("ESZ5 (Sim1): the line sim is not ready, so flat is not proven.",),
        ),
        (flat(scopes=MappingProxyType({ES_KEY: status(Certainty.FILLS_ONLY, None)})), ()),
    ],
)
def test_flat_is_what_is_proven(world: Snapshot, against: tuple[str, ...]) -> None:
    assert not_flat(world, [ACCOUNT], [ES_KEY]) == against


def test_other_accounts_do_not_stand_in_the_way() -> None:
    world = long_two()
    assert scopes_of(world, [ACCOUNT]) == {ES_KEY}
    assert not_flat(world, [], []) == () and scopes_of(world, []) == frozenset()
    assert MES_KEY not in scopes_of(world, [ACCOUNT])
