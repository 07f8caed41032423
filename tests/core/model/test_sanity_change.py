"""The stricter of two limits of an order, figure by figure."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.model.sanity import SanityLimits
from core.model.sanity_change import strictest_of

NAMES = [one.name for one in fields(SanityLimits)]


@pytest.mark.parametrize("name", NAMES)
def test_of_each_figure_the_stricter_holds_whichever_comes_first(name: str) -> None:
    usual = SanityLimits()
    value: Any = getattr(usual, name)
    # The longer the same order counts as the same, the stricter.
    strict: Any = value * 2 if isinstance(value, timedelta) else value / 2
    changed = replace(usual, **{name: strict})
    assert strictest_of(usual, changed) == changed == strictest_of(changed, usual)


def test_a_soft_figure_stays_at_most_its_hard_one() -> None:
    one = SanityLimits(quantity_soft=Decimal(9), quantity_hard=Decimal(9))
    other = SanityLimits(quantity_soft=Decimal(1), quantity_hard=Decimal(2))
    both = strictest_of(one, other)
    assert (both.quantity_soft, both.quantity_hard) == (Decimal(1), Decimal(2))
