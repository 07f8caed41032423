"""Rules as texts: what was written is what is kept, and what cannot be a rule is refused with what was expected."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.guard_texts import NAMES, rules_from_texts, rules_to_texts

D = Decimal
AT = datetime(2026, 11, 20, 13, 25, tzinfo=UTC)
FULL = {
    "day_loss": "500",
    "profit_floor": "300.50",
    "profit_floor_from": "500",
    "prop_floor": "2000",
    "prop_floor_shape": "intraday",
    "prop_floor_start": "50000",
    "prop_floor_peak": "51200",
    "prop_floor_freeze": "50100",
    "trades": "5",
    "size": "0.5",
    "flat_by": "15:10",
    "news": ["2026-11-20T13:25:00+00:00/2026-11-20T13:35:00+00:00"],
    "day_loss_then": "flatten",
    "flat_by_then": "warn",
    "news_then": "block",
}
STATIC = {"prop_floor": "1", "prop_floor_shape": "static"}
RULES = GuardRules(
    day_loss=D(500),
    profit_floor=ProfitFloor(D("300.50"), D(500)),
    prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), D(50000), D(51200), D(50100)),
    trades=5,
    size=D("0.5"),
    flat_by=time(15, 10),
    news=(NewsWindow(AT, AT.replace(minute=35)),),
    actions={Guard.DAY_LOSS: GuardAction.FLATTEN, Guard.FLAT_BY: GuardAction.WARN, Guard.NEWS: GuardAction.BLOCK},
)


def test_every_rule_has_its_text_and_comes_back_as_it_was() -> None:
    assert rules_from_texts(FULL) == RULES
    assert rules_to_texts(RULES) == FULL
    assert rules_from_texts({}) == GuardRules()
    assert rules_to_texts(GuardRules()) == {}


def test_each_rule_stands_alone() -> None:
    bare = {name: FULL[name] for name in ("prop_floor", "profit_floor")} | {"prop_floor_shape": "end_of_day"}
    rules = rules_from_texts(bare)
    assert rules == GuardRules(
        profit_floor=ProfitFloor(D("300.50")), prop_floor=PropFloor(FloorShape.END_OF_DAY, D(2000))
    )
    assert rules_to_texts(rules) == {
        "profit_floor": "300.50",
        "profit_floor_from": "0",
        "prop_floor": "2000",
        "prop_floor_shape": "end of day",
    }
    assert rules_to_texts(GuardRules(trades=0)) == {"trades": "0"}
    assert rules_from_texts({"profit_floor": "1", "profit_floor_from": "0"}) == GuardRules(
        profit_floor=ProfitFloor(D(1))
    )


def test_numbers_may_be_written_without_quotes_and_news_in_any_order_and_zone() -> None:
    assert rules_from_texts({"trades": 5, "size": 0.5}) == GuardRules(trades=5, size=D("0.5"))
    assert rules_from_texts({"trades": "5.0", "day_loss": "1E+3"}) == GuardRules(day_loss=D(1000), trades=5)
    later, sooner = "2026-11-20T14:00Z/2026-11-20T14:05Z", "2026-11-20T07:25-06:00/2026-11-20T13:35Z"
    news = rules_from_texts({"news": [later, sooner]}).news
    assert news[0] == NewsWindow(AT, AT.replace(minute=35))
    assert news[0].begins_at.tzinfo is UTC
    assert [one.begins_at.hour for one in news] == [13, 14]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([], 'expected a table such as day_loss = "500"'),
        ({"zeal": "1", "day_los": "1"}, f"day_los: expected one of {', '.join(NAMES)}"),
        ({"day_loss": "x"}, "day_loss is 'x', expected a number above 0"),
        ({"day_loss": "0"}, "day_loss is '0', expected a number above 0"),
        ({"day_loss": "-1"}, "day_loss is '-1', expected a number above 0"),
        ({"day_loss": "inf"}, "day_loss is 'inf', expected a number above 0"),
        ({"size": True}, "size is True, expected a number above 0"),
        ({"trades": "-1"}, "trades is '-1', expected a number of 0 or more"),
        ({"trades": "1.5"}, "trades is 1.5, expected a whole number"),
        ({"prop_floor_peak": "NaN"}, "prop_floor_peak is 'NaN', expected a number of 0 or more"),
        ({"profit_floor_from": "1"}, "profit_floor_from needs profit_floor, the money that may be given back"),
        ({"prop_floor_peak": "0"}, "prop_floor_peak needs prop_floor, the distance to the floor"),
        ({"prop_floor_shape": "static"}, "prop_floor_shape needs prop_floor, the distance to the floor"),
        ({"prop_floor": "1"}, "prop_floor needs prop_floor_shape: static, end of day or intraday"),
        (
            {"prop_floor": "1", "prop_floor_shape": "round"},
            "prop_floor_shape is 'round', expected one of static, end of day, intraday",
        ),
        ({**STATIC, "prop_floor_peak": "1"}, "a static prop_floor has neither peak nor freeze"),
        ({**STATIC, "prop_floor_freeze": "1"}, "a static prop_floor has neither peak nor freeze"),
        ({"size_then": "shout"}, "size_then is 'shout', expected one of warn, block, flatten"),
        ({"flat_by": "24:00"}, "flat_by is '24:00', expected a time in Chicago such as \"15:10\""),
        ({"flat_by": "15:10:30"}, "flat_by is '15:10:30', expected a time in Chicago such as \"15:10\""),
        ({"news": "soon"}, "news must be a list of texts such as 2026-11-20T13:25Z/2026-11-20T13:35Z"),
        ({"news": ["soon"]}, "news holds 'soon', expected BEGIN/END, each such as 2026-11-20T13:25Z"),
        (
            {"news": ["2026-11-20T13:25/2026-11-20T13:35"]},
            "news holds '2026-11-20T13:25/2026-11-20T13:35', expected BEGIN/END, each such as 2026-11-20T13:25Z",
        ),
        (
            {"news": ["2026-11-20T13:25Z/2026-11-20T13:25Z"]},
            "news holds '2026-11-20T13:25Z/2026-11-20T13:25Z', which ends before it begins",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_a_rule_is_refused_with_what_was_expected(table: object, words: str) -> None:
    with pytest.raises(ValueError) as refused:
        rules_from_texts(table)
    assert str(refused.value) == words
