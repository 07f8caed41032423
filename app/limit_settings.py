"""The [limits] of settings.toml: texts, so that a decimal stays what was written."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from core.binding_settings import HeldLimits
from core.model.sanity import SanityLimits

SECONDS = "repeat_within_s"
UNTIL = "until"
_NUMBERS = tuple(one.name for one in fields(SanityLimits) if one.name != "repeat_within")
_PAIRS = (("quantity_soft", "quantity_hard"), ("distance_soft", "distance_hard"), ("move_soft", "move_hard"))


def limits_to_table(limits: SanityLimits) -> dict[str, str]:
    """Return the limits as a table of texts."""
    table = {name: f"{getattr(limits, name):f}" for name in _NUMBERS}
    return {**table, SECONDS: f"{limits.repeat_within.total_seconds():g}"}


def limits_from_table(table: object) -> SanityLimits:
    """Return the limits of a table; what it does not name keeps its default.

    Raises:
        ValueError: a name that is none of the limits, a number that cannot be one, or a soft limit above its hard one.
    """
    if not isinstance(table, dict):
        raise ValueError("[limits] must be a table")
    unknown = sorted(set(table) - {*_NUMBERS, SECONDS})
    if unknown:
        raise ValueError(f"[limits] {unknown[0]}: expected one of {', '.join((*_NUMBERS, SECONDS))}")
    values = {name: _number(table, name) for name in table}
    seconds = values.pop(SECONDS, None)
    limits = replace(SanityLimits(), **values)  # type: ignore[arg-type]
    if seconds is not None:
        limits = replace(limits, repeat_within=timedelta(seconds=float(seconds)))
    for soft, hard in _PAIRS:
        if getattr(limits, soft) > getattr(limits, hard):
            raise ValueError(f"[limits] {soft} is above {hard}")
    return limits


def _number(table: Mapping[str, Any], name: str) -> Decimal:
    text = table[name]
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    if isinstance(text, bool) or not value.is_finite() or value < 0:
        raise ValueError(f"[limits] {name} is {text!r}, expected a number of 0 or more")
    return value


def held_to_table(held: HeldLimits | None) -> dict[str, str]:
    """Return limits that bind until a moment as a table of texts; empty for none."""
    return {} if held is None else {UNTIL: held.until.isoformat(), **limits_to_table(held.limits)}


def held_from_table(table: object) -> HeldLimits | None:
    """Return the limits of a table, and until when they bind; None for an empty one.

    Raises:
        ValueError: what cannot be such limits.
    """
    if not isinstance(table, dict):
        raise ValueError("[limits_held] must be a table")
    if not table:
        return None
    try:
        until = datetime.fromisoformat(str(table.get(UNTIL, "")))
    except ValueError as error:
        raise ValueError(f"[limits_held] until is {table.get(UNTIL)!r}, expected a moment in UTC") from error
    if until.tzinfo is None:
        raise ValueError(f"[limits_held] until is {table[UNTIL]!r}, expected a moment with its zone")
    return HeldLimits(limits_from_table({name: text for name, text in table.items() if name != UNTIL}), until)
