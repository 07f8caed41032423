"""The limits of an order as texts, so that a decimal stays what was written, and back. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core.model.sanity import SanityLimits

SECONDS: Final = "repeat_within_s"
_NUMBERS: Final = tuple(one.name for one in fields(SanityLimits) if one.name != "repeat_within")
_PAIRS: Final = (("quantity_soft", "quantity_hard"), ("distance_soft", "distance_hard"), ("move_soft", "move_hard"))


def limits_to_texts(limits: SanityLimits) -> dict[str, str]:
    """Return the limits by name."""
    table = {name: f"{getattr(limits, name):f}" for name in _NUMBERS}
    return {**table, SECONDS: f"{limits.repeat_within.total_seconds():g}"}


def limits_from_texts(table: object) -> SanityLimits:
    """Return the limits of a table; what it does not name keeps its default.

    Raises:
        ValueError: no table, a name that is none of the limits, a number that cannot be one, or a soft limit above its
            hard one.
    """
    if not isinstance(table, dict):
        raise ValueError("must be a table")
    unknown = sorted(set(table) - {*_NUMBERS, SECONDS})
    if unknown:
        raise ValueError(f"{unknown[0]}: expected one of {', '.join((*_NUMBERS, SECONDS))}")
    values = {name: _number(table, name) for name in table}
    seconds = values.pop(SECONDS, None)
    limits = replace(SanityLimits(), **values)  # type: ignore[arg-type]
    if seconds is not None:
        limits = replace(limits, repeat_within=timedelta(seconds=float(seconds)))
    for soft, hard in _PAIRS:
        if getattr(limits, soft) > getattr(limits, hard):
            raise ValueError(f"{soft} is above {hard}")
    return limits


def _number(table: Mapping[str, Any], name: str) -> Decimal:
    text = table[name]
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    if isinstance(text, bool) or not value.is_finite() or value < 0:
        raise ValueError(f"{name} is {text!r}, expected a number of 0 or more")
    return value
