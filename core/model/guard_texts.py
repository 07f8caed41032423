"""Guard rules as a table of texts, so that a decimal stays what was written: in the settings, and with the stored day.

day_loss = "500"                  # money the day may lose
profit_floor = "300"              # money of the day's profit that may be given back …
profit_floor_from = "500"         # … once the day was ahead by so much
prop_floor = "2000"               # money between the floor and what it hangs from
prop_floor_shape = "intraday"     # static, end of day, intraday
prop_floor_start = "50000"        # where the firm counts from
prop_floor_peak = "51200"         # the best it has seen before this program did
prop_floor_freeze = "50100"       # where a trailing floor stops
trades = "5"
size = "3"
flat_by = "15:10"                 # in Chicago
news = ["2026-11-20T13:25Z/2026-11-20T13:35Z"]
day_loss_then = "flatten"         # warn, block (if nothing is said), flatten; so for each of the seven
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor

Texts = dict[str, str | list[str]]
Word = TypeVar("Word", FloorShape, GuardAction)

_THEN = {f"{guard.value.replace(' ', '_')}_then": guard for guard in Guard}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MONEY = ("day_loss", "profit_floor", "profit_floor_from", "prop_floor", "size")
_LEVELS = ("prop_floor_start", "prop_floor_peak", "prop_floor_freeze")
NAMES = (*_MONEY, *_LEVELS, "prop_floor_shape", "trades", "flat_by", "news", *_THEN)


def rules_from_texts(table: object) -> GuardRules:
    """Return the rules of a table.

    Raises:
        ValueError: a name that is none of the rules, or a value that cannot be one.
    """
    if not isinstance(table, dict):
        raise ValueError('expected a table such as day_loss = "500"')
    if unknown := sorted(set(table) - set(NAMES)):
        raise ValueError(f"{unknown[0]}: expected one of {', '.join(NAMES)}")
    numbers = {name: _number(table, name) for name in (*_MONEY, *_LEVELS, "trades") if name in table}
    if (trades := numbers.get("trades")) is not None and trades != int(trades):
        raise ValueError(f"trades is {trades}, expected a whole number")
    return GuardRules(
        day_loss=numbers.get("day_loss"),
        profit_floor=_profit_floor(numbers),
        prop_floor=_prop_floor(table, numbers),
        trades=None if trades is None else int(trades),
        size=numbers.get("size"),
        flat_by=_flat_by(table),
        news=_news(table),
        actions={guard: _word(GuardAction, table, name) for name, guard in _THEN.items() if name in table},
    )


def rules_to_texts(rules: GuardRules) -> Texts:
    """Return rules as a table of texts; what is not limited is absent."""
    given, floor = rules.profit_floor, rules.prop_floor
    numbers: dict[str, Decimal | int | None] = {
        "day_loss": rules.day_loss,
        "profit_floor": None if given is None else given.give_back,
        "profit_floor_from": None if given is None else given.since,
        "prop_floor": None if floor is None else floor.distance,
        "prop_floor_start": None if floor is None else floor.start,
        "prop_floor_peak": None if floor is None else floor.peak,
        "prop_floor_freeze": None if floor is None else floor.freeze,
        "trades": rules.trades,
        "size": rules.size,
    }
    table: Texts = {name: f"{number:f}" for name, number in numbers.items() if isinstance(number, Decimal)}
    if rules.trades is not None:
        table["trades"] = str(rules.trades)
    if floor is not None:
        table["prop_floor_shape"] = floor.shape.value
    if rules.flat_by is not None:
        table["flat_by"] = f"{rules.flat_by:%H:%M}"
    if rules.news:
        table["news"] = [f"{one.begins_at.isoformat()}/{one.ends_at.isoformat()}" for one in rules.news]
    words = {guard: name for name, guard in _THEN.items()}
    return {**table, **{words[guard]: action.value for guard, action in rules.actions.items()}}


def _number(table: Mapping[str, Any], name: str) -> Decimal:
    text = table[name]
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    may_be_zero = name in ("profit_floor_from", "trades", *_LEVELS)
    if isinstance(text, bool) or not value.is_finite() or value < 0 or (value == 0 and not may_be_zero):
        raise ValueError(f"{name} is {text!r}, expected a number {'of 0 or more' if may_be_zero else 'above 0'}")
    return value


def _profit_floor(numbers: Mapping[str, Decimal]) -> ProfitFloor | None:
    if "profit_floor" not in numbers:
        if "profit_floor_from" in numbers:
            raise ValueError("profit_floor_from needs profit_floor, the money that may be given back")
        return None
    return ProfitFloor(numbers["profit_floor"], numbers.get("profit_floor_from", Decimal(0)))


def _prop_floor(table: Mapping[str, Any], numbers: Mapping[str, Decimal]) -> PropFloor | None:
    if "prop_floor" not in numbers:
        if stray := [name for name in (*_LEVELS, "prop_floor_shape") if name in table]:
            raise ValueError(f"{stray[0]} needs prop_floor, the distance to the floor")
        return None
    if "prop_floor_shape" not in table:
        raise ValueError("prop_floor needs prop_floor_shape: static, end of day or intraday")
    shape = _word(FloorShape, table, "prop_floor_shape")
    start, peak, freeze = (numbers.get(name) for name in _LEVELS)
    if shape is FloorShape.STATIC and (peak is not None or freeze is not None):
        raise ValueError("a static prop_floor has neither peak nor freeze")
    return PropFloor(shape, numbers["prop_floor"], start, peak, freeze)


def _word(words: type[Word], table: Mapping[str, Any], name: str) -> Word:
    text = table[name]
    try:
        return words(str(text).replace("_", " "))
    except ValueError:
        raise ValueError(f"{name} is {text!r}, expected one of {', '.join(one.value for one in words)}") from None


def _flat_by(table: Mapping[str, Any]) -> time | None:
    if "flat_by" not in table:
        return None
    text = str(table["flat_by"])
    if not _CLOCK.fullmatch(text):
        raise ValueError(f'flat_by is {text!r}, expected a time in Chicago such as "15:10"')
    return time.fromisoformat(text)


def _news(table: Mapping[str, Any]) -> tuple[NewsWindow, ...]:
    texts = table.get("news", [])
    if not isinstance(texts, list):
        raise ValueError("news must be a list of texts such as 2026-11-20T13:25Z/2026-11-20T13:35Z")
    return tuple(sorted((_window(str(text)) for text in texts), key=lambda one: one.begins_at))


def _window(text: str) -> NewsWindow:
    begin, _, end = text.partition("/")
    try:
        window = NewsWindow(_moment(begin), _moment(end))
    except ValueError:
        raise ValueError(f"news holds {text!r}, expected BEGIN/END, each such as 2026-11-20T13:25Z") from None
    if window.ends_at <= window.begins_at:
        raise ValueError(f"news holds {text!r}, which ends before it begins")
    return window


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)
