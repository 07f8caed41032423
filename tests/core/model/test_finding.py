"""A finding: what makes it the same one, what it offers, and when it stands in the way of entries."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.instrument import Instrument
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
PLANNED = Decimal(4990)
C = FindingChoice


def held(signed: int) -> Position:
    side = Side.BUY if signed > 0 else Side.SELL
    after = apply_fill(
        None, Fill(KEY, "E1", side, Decimal(abs(signed)), Decimal(5000), AT, AT), Instrument("ESZ6")
    ).after
    assert after is not None
    return after


def unprotected(signed: int, quantity: int) -> Finding:
    lost = FindingKind.MISSING_PROTECTION
    return Finding(KEY, lost, position=held(signed), quantity=Decimal(quantity), planned=PLANNED)


@pytest.mark.parametrize(("signed", "quantity", "covered"), [(3, 3, 0), (3, 1, 2), (-3, 1, 2), (-1, 1, 0)])
def test_a_position_that_outgrew_its_stop_may_grow_and_a_bare_one_may_not(
    signed: int, quantity: int, covered: int
) -> None:
    found = unprotected(signed, quantity)
    assert found.covered == covered
    assert found.blocks_entries is (covered == 0)
    assert not replace(found, decided=C.LEAVE).blocks_entries


@pytest.mark.parametrize("kind", [one for one in FindingKind if one is not FindingKind.MISSING_PROTECTION])
def test_what_is_found_of_an_order_blocks_entries_until_it_is_decided(kind: FindingKind) -> None:
    found = Finding(KEY, kind, "ST1", position=held(3), quantity=Decimal(1))
    assert found.covered == 0
    assert found.blocks_entries
    assert not replace(found, decided=found.choices[0]).blocks_entries


def test_without_a_position_nothing_is_covered() -> None:
    assert replace(unprotected(3, 0), position=None).covered == 0


def test_a_stop_the_market_has_passed_is_not_offered_as_it_was() -> None:
    found = unprotected(1, 1)
    assert found.choices == (C.PLACE_PLANNED_STOP, C.CHOOSE_PRICE, C.CLOSE_NOW, C.LEAVE)
    assert replace(found, passed=True).choices == (C.CHOOSE_PRICE, C.CLOSE_NOW, C.LEAVE)
    assert Finding(KEY, FindingKind.ORPHAN_ORDER).choices == (C.CANCEL_ORDER, C.KEEP)


def test_a_finding_is_the_same_by_scope_and_order_and_another_when_its_facts_change() -> None:
    found = unprotected(3, 1)
    assert found.identity == (KEY, "")
    assert replace(found, name="ST1").identity == (KEY, "ST1")
    assert replace(found, version=9, at_start=True, decided=C.LEAVE).facts == found.facts
    for changed in (
        replace(found, kind=FindingKind.WORKING_ORDER),
        replace(found, quantity=Decimal(2)),
        replace(found, planned=None),
        replace(found, passed=True),
    ):
        assert changed.facts != found.facts
