"""What older limits of a day still bind by is told, and what a newer one makes meaningless is not."""

from datetime import time
from decimal import Decimal

import pytest

from core.model.guard_changes import FIELDS, still_binding
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, ProfitFloor, PropFloor
from core.model.guard_texts import NAMES

D = Decimal
WARN, FLATTEN = {Guard.SIZE: GuardAction.WARN}, {Guard.SIZE: GuardAction.FLATTEN}


def test_every_name_of_a_rule_belongs_to_a_guard() -> None:
    named = {name for names in FIELDS.values() for name in names}
    assert named == {name for name in NAMES if not name.endswith("_then")}


def test_one_set_of_rules_binds_by_nothing_older() -> None:
    assert still_binding(()) == {} and still_binding((GuardRules(size=D(3)),)) == {}


@pytest.mark.parametrize(
    ("older", "wanted", "said"),
    [
        (GuardRules(size=D(3)), GuardRules(size=D(5)), ("3 (block)",)),
        (GuardRules(size=D(3)), GuardRules(), ("3 (block)",)),
        (GuardRules(size=D(5)), GuardRules(size=D(3)), ()),
        (GuardRules(size=D(10)), GuardRules(size=D(9)), ()),
        (GuardRules(size=D(9)), GuardRules(size=D(10)), ("9 (block)",)),
        (GuardRules(size=D(3)), GuardRules(size=D(3)), ()),
        (GuardRules(size=D(3), actions=FLATTEN), GuardRules(size=D(3)), ("3 (flatten)",)),
        (GuardRules(size=D(3), actions=WARN), GuardRules(size=D(3)), ()),
        (GuardRules(size=D(5), actions=FLATTEN), GuardRules(size=D(3)), ("5 (flatten)",)),
        (GuardRules(), GuardRules(size=D(3)), ()),
    ],
)
def test_a_limit_that_is_stricter_in_anything_still_binds(
    older: GuardRules, wanted: GuardRules, said: tuple[str, ...]
) -> None:
    assert still_binding((older, wanted)).get(Guard.SIZE, ()) == said


def test_an_earlier_time_still_binds_and_a_later_does_not() -> None:
    early, late = GuardRules(flat_by=time(9, 0)), GuardRules(flat_by=time(15, 10))
    assert still_binding((early, late)) == {Guard.FLAT_BY: ("09:00 (block)",)}
    assert still_binding((late, early)) == {}


def test_what_cannot_be_compared_is_told() -> None:
    older = GuardRules(
        profit_floor=ProfitFloor(D(300), D(500)), prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), start=D(50000))
    )
    wanted = GuardRules(profit_floor=ProfitFloor(D(200), D(900)), prop_floor=PropFloor(FloorShape.STATIC, D(2000)))
    assert still_binding((older, wanted)) == {
        Guard.PROFIT_FLOOR: ("300, 500 (block)",),
        Guard.PROP_FLOOR: ("2000, intraday, 50000 (block)",),
    }


def test_the_same_older_limit_is_told_once() -> None:
    tight, loose = GuardRules(trades=2), GuardRules(trades=9)
    told = still_binding((tight, GuardRules(trades=2, size=D(1)), GuardRules(trades=4), loose))
    assert told[Guard.TRADES] == ("2 (block)", "4 (block)")
