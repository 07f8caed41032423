"""A bracket as it is written: read as it was meant, refused by name, and written again as it was read."""

from decimal import Decimal
from typing import Any

import pytest

from core.model.bracket_template import Unit
from core.model.bracket_texts import template_from_texts, template_to_texts

D = Decimal
WHOLE: dict[str, Any] = {
    "stop": "20t",
    "targets": ["50% at 1R", "1 at 30t", "2R"],
    "breakeven_after": "1R",
    "trail": "12t",
}


def test_every_part_is_read_as_it_was_meant() -> None:
    read = template_from_texts("mine", WHOLE)
    assert (read.name, read.stop.amount, read.stop.unit) == ("mine", D(20), Unit.TICKS)
    assert [(one.share, one.quantity, one.at.amount, one.at.unit) for one in read.targets] == [
        (D("0.5"), None, D(1), Unit.R),
        (D(1), D(1), D(30), Unit.TICKS),
        (D(1), None, D(2), Unit.R),
    ]
    assert read.breakeven_after is not None and read.breakeven_after.unit is Unit.R
    assert read.trail is not None and read.trail.amount == D(12)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("5 points", Unit.POINTS), ("1 point", Unit.POINTS), ("100 money", Unit.MONEY), ("9 ticks", Unit.TICKS)],
)
def test_a_stop_has_a_unit(text: str, unit: Unit) -> None:
    assert template_from_texts("x", {"stop": text}).stop.unit is unit


@pytest.mark.parametrize("table", [WHOLE, {"stop": "0.5 points"}, {"stop": "100 money", "targets": ["33.3% at 1.5R"]}])
def test_what_was_read_is_written_and_read_again_alike(table: dict[str, Any]) -> None:
    read = template_from_texts("x", table)
    assert template_from_texts("x", template_to_texts(read)) == read


def test_a_plain_stop_is_written_as_nothing_more() -> None:
    assert template_to_texts(template_from_texts("x", {"stop": "10t"})) == {"stop": "10t"}
    assert set(template_to_texts(template_from_texts("x", WHOLE))) == set(WHOLE)


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [
        ("", {"stop": "1t"}, "a name has 1 to 16 characters"),
        ("x" * 17, {"stop": "1t"}, "a name has 1 to 16 characters"),
        ("None", {"stop": "1t"}, "is not 'none'"),
        ("x", "20t", "must be a table"),
        ("x", {"stop": "1t", "goal": "2R"}, "goal: expected one of"),
        ("x", {}, "has no stop"),
        ("x", {"stop": "2R"}, "expected"),
        ("x", {"stop": "0t"}, "expected"),
        ("x", {"stop": 20}, "expected"),
        ("x", {"stop": "1t", "targets": "2R"}, "a list of at most"),
        ("x", {"stop": "1t", "targets": ["1R"] * 5}, "a list of at most 4"),
        ("x", {"stop": "1t", "targets": ["60% at 1R", "50% at 2R"]}, "more than 100%"),
        ("x", {"stop": "1t", "targets": ["101% at 1R"]}, "a share of 1% to 100%"),
        ("x", {"stop": "1t", "targets": ["0 at 1R"]}, "or contracts"),
        ("x", {"stop": "1t", "targets": [7]}, "expected a text such as"),
        ("x", {"stop": "1t", "breakeven_after": "5 points"}, "breakeven_after is '5 points'"),
        ("x", {"stop": "1t", "trail": "1R"}, "trail is '1R'"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(name: str, table: object, says: str) -> None:
    with pytest.raises(ValueError) as told:
        template_from_texts(name, table)
    assert says in str(told.value)


def test_shares_may_fill_the_whole_and_a_name_its_room() -> None:
    assert len(template_from_texts("x" * 16, {"stop": "1t", "targets": ["60% at 1R", "40% at 2R"]}).targets) == 2
    assert template_from_texts("x", {"stop": "1t", "targets": ["1R"] * 4}).targets[3].share == 1
