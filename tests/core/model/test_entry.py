"""What an entry with its exits knows about itself: its size, its orders, and when it is over."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.bracket import Bracket, ExitPoint
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.scope import PositionKey

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
FIRST = EntryLeg("E1", "S1", "T1", "A1", "U1", True, Decimal(2))
SECOND = EntryLeg("E2", "S2", "", "A2", "U2", False, Decimal("0.5"))
BRACKET = Bracket(ExitPoint(distance=Decimal(10)))
ENTRY = EntryOperation("press", KEY, Side.BUY, EntryStep.PREPARING, AT, AT, BRACKET, (FIRST, SECOND))


def test_it_is_as_large_as_its_legs_together() -> None:
    assert ENTRY.quantity == Decimal("2.5")
    nothing = replace(ENTRY, legs=()).quantity
    assert isinstance(nothing, Decimal) and nothing == 0


def test_it_knows_every_order_it_sends_or_may_send_and_no_other() -> None:
    assert ENTRY.order_ids == ("E1", "S1", "T1", "A1", "U1", "E2", "S2", "A2", "U2")
    assert all(ENTRY.knows(name) for name in ENTRY.order_ids)
    assert not ENTRY.knows("T2") and not ENTRY.knows("")


def test_the_close_that_undoes_it_is_named_after_it() -> None:
    assert ENTRY.rollback_id == "press-rollback"


@pytest.mark.parametrize("step", EntryStep)
def test_it_is_over_at_its_three_ends(step: EntryStep) -> None:
    over = step in (EntryStep.ACTIVE, EntryStep.FAILED, EntryStep.ROLLED_BACK)
    assert replace(ENTRY, step=step).is_over is over
