"""A bracket template as texts, as the settings keep it and the trader types it. Pure.

stop = "20t"                             # ticks; also "5 points", "100 money" (of the whole order)
targets = ["50% at 1R", "50% at 2R"]     # at most four; "1 at 30t" is one contract, "2R" alone is all that is left
breakeven_after = "20t"                  # or "1R"
trail = "12t"
"""

import re
from decimal import Decimal
from typing import Any

from core.model.bracket_template import MOST_TARGETS, BracketTemplate, Distance, TemplateTarget, Unit

NONE = "none"
LONGEST_NAME = 16
_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_DISTANCE = re.compile(_NUMBER + r" ?(t|ticks?|points?|money|R)", re.ASCII)
_TARGET = re.compile(rf"(?:{_NUMBER} ?(%?) at )?(.+)", re.ASCII)
_FIELDS = ("stop", "targets", "breakeven_after", "trail")
_UNITS = {"t": Unit.TICKS, "tick": Unit.TICKS, "ticks": Unit.TICKS, "point": Unit.POINTS, "points": Unit.POINTS}
_UNITS |= {"money": Unit.MONEY, "R": Unit.R}
_STOP = (Unit.TICKS, Unit.POINTS, Unit.MONEY)


def template_from_texts(name: str, table: object) -> BracketTemplate:
    """Return the template of a table.

    Raises:
        ValueError: what cannot be used, by name.
    """
    place = f'[brackets."{name}"]'
    if not name.strip() or len(name) > LONGEST_NAME or name.casefold() == NONE:
        raise ValueError(f"{place}: a name has 1 to {LONGEST_NAME} characters and is not {NONE!r}")
    if not isinstance(table, dict):
        raise ValueError(f'{place} must be a table with stop = "10t"')
    if unknown := sorted(set(table) - set(_FIELDS)):
        raise ValueError(f"{place} {unknown[0]}: expected one of {', '.join(_FIELDS)}")
    if "stop" not in table:
        raise ValueError(f"{place} has no stop")
    targets = table.get("targets", [])
    if not isinstance(targets, list) or len(targets) > MOST_TARGETS:
        raise ValueError(f'{place} targets: expected a list of at most {MOST_TARGETS} texts such as "50% at 1R"')
    found = tuple(_target(f"{place} targets", text) for text in targets)
    if sum(one.share for one in found if one.quantity is None and one.share < 1) > 1:
        raise ValueError(f"{place} targets: the shares together are more than 100%")
    return BracketTemplate(
        name,
        _distance(f"{place} stop", table["stop"], _STOP),
        found,
        _maybe(f"{place} breakeven_after", table.get("breakeven_after"), (Unit.TICKS, Unit.R)),
        _maybe(f"{place} trail", table.get("trail"), (Unit.TICKS,)),
    )


def _target(place: str, text: object) -> TemplateTarget:
    match = _TARGET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f'{place}: {text!r}, expected a text such as "50% at 1R" or "2R"')
    amount, percent, rest = match.groups()
    at = _distance(place, rest, tuple(Unit))
    if amount is None:
        return TemplateTarget(at)
    size = Decimal(amount) / 100 if percent else Decimal(amount)
    if size <= 0 or (percent and size > 1):
        raise ValueError(f"{place}: {text!r}, expected a share of 1% to 100%, or contracts")
    return TemplateTarget(at, share=size) if percent else TemplateTarget(at, quantity=size)


def _distance(place: str, text: object, allowed: tuple[Unit, ...]) -> Distance:
    match = _DISTANCE.fullmatch(text) if isinstance(text, str) else None
    found = None if match is None else Distance(Decimal(match[1]), _UNITS[match[2]])
    if found is None or found.amount <= 0 or found.unit not in allowed:
        examples = " or ".join(f'"{10 if unit is not Unit.R else 1}{unit.value}"' for unit in allowed)
        raise ValueError(f"{place} is {text!r}, expected {examples}")
    return found


def _maybe(place: str, text: object, allowed: tuple[Unit, ...]) -> Distance | None:
    return None if text is None else _distance(place, text, allowed)


def template_to_texts(template: BracketTemplate) -> dict[str, Any]:
    """Return a template as a table of texts."""
    table: dict[str, Any] = {"stop": str(template.stop)}
    if template.targets:
        table["targets"] = [_text(one) for one in template.targets]
    for name, value in (("breakeven_after", template.breakeven_after), ("trail", template.trail)):
        if value is not None:
            table[name] = str(value)
    return table


def _text(target: TemplateTarget) -> str:
    if target.quantity is not None:
        return f"{target.quantity.normalize():f} at {target.at}"
    return str(target.at) if target.share == 1 else f"{(target.share * 100).normalize():f}% at {target.at}"
