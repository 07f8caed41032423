"""A ladder says when it is empty, and when it cannot be right."""

from decimal import Decimal

import pytest

from core.model.depth import Depth

D = Decimal


def level(price: str) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return one price with something resting there."""
    return ((D(price), D(3)),)


@pytest.mark.parametrize(
    ("bid", "ask", "crossed"), [("100", "100.25", False), ("100", "100", True), ("100.25", "100", True)]
)
def test_a_bid_at_or_over_the_ask_is_crossed(bid: str, ask: str, crossed: bool) -> None:
    assert Depth("ES", level(bid), level(ask)).is_crossed is crossed


def test_one_side_alone_crosses_nothing_and_is_not_empty() -> None:
    for one in (Depth("ES", level("100")), Depth("ES", (), level("100"))):
        assert not one.is_crossed and not one.is_empty


def test_a_ladder_begins_empty_unheard_and_served() -> None:
    new = Depth("ES")
    assert new.is_empty and not new.is_crossed
    assert (new.complete, new.received_at, new.stale, new.refused, new.is_served) == (False, None, False, "", True)
