"""Limits of an account that were made looser, or taken away, and bind until the session reset all the same. Pure."""

from collections.abc import Mapping
from typing import Final

from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.guard_texts import rules_to_texts

FIELDS: Final[Mapping[Guard, tuple[str, ...]]] = {
    Guard.DAY_LOSS: ("day_loss",),
    Guard.PROFIT_FLOOR: ("profit_floor", "profit_floor_from"),
    Guard.PROP_FLOOR: (
        "prop_floor",
        "prop_floor_shape",
        "prop_floor_start",
        "prop_floor_peak",
        "prop_floor_freeze",
    ),
    Guard.TRADES: ("trades",),
    Guard.SIZE: ("size",),
    Guard.FLAT_BY: ("flat_by",),
    Guard.NEWS: ("news",),
}
_RANK: Final = {action: rank for rank, action in enumerate(GuardAction)}


def still_binding(rules: tuple[GuardRules, ...]) -> dict[Guard, tuple[str, ...]]:
    """Return what older sets of a day still bind by beside the newest, in words, by guard; strictest unknown.

    Args:
        rules: every set of today; the newest is last.
    """
    found: dict[Guard, tuple[str, ...]] = {}
    wanted = rules[-1] if rules else GuardRules()
    for guard in Guard:
        old = dict.fromkeys(_words(one, guard) for one in rules[:-1] if _binds(one, wanted, guard))
        if old:
            found[guard] = tuple(old)
    return found


def limit_words(rules: GuardRules) -> dict[Guard, str]:
    """Return every limit with what follows from it, in words: "300 (block)"."""
    return {guard: _words(rules, guard) for guard in Guard if _fields(rules, guard)}


def _binds(older: GuardRules, wanted: GuardRules, guard: Guard) -> bool:
    """Say whether an older limit is stricter than the wanted one in anything, as far as the two can be compared."""
    old, new = _fields(older, guard), _fields(wanted, guard)
    if not old or (old == new and _RANK[older.action(guard)] <= _RANK[wanted.action(guard)]):
        return False
    if len(old) == len(new) == 1 and guard is not Guard.NEWS:
        looser = old[0] >= new[0] if guard is Guard.FLAT_BY else float(old[0]) >= float(new[0])
        return not (looser and _RANK[older.action(guard)] <= _RANK[wanted.action(guard)])
    return True


def _fields(rules: GuardRules, guard: Guard) -> list[str]:
    texts = rules_to_texts(rules)
    values = [texts[name] for name in FIELDS[guard] if name in texts]
    return [", ".join(value) if isinstance(value, list) else value for value in values]


def _words(rules: GuardRules, guard: Guard) -> str:
    return f"{', '.join(_fields(rules, guard))} ({rules.action(guard).value})"
