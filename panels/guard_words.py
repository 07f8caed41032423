"""A limit as a line of panel 1: its name, what is used and left, and how pressing it is. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.model.guard_rules import Guard, GuardAction
from core.model.guards import RUNS_ONLY_HERE, GuardLevel, GuardVerdict
from panels import formatting as f

NAMES = {
    Guard.DAY_LOSS: "Day loss",
    Guard.PROFIT_FLOOR: "Given back",
    Guard.PROP_FLOOR: "Floor",
    Guard.TRADES: "Trades",
    Guard.SIZE: "Contracts",
    Guard.FLAT_BY: "Flat by",
    Guard.NEWS: "News",
}
TONES = {GuardLevel.OK: "ink1", GuardLevel.AMBER: "caution"}
WORDS = {GuardLevel.ALARM: "nearly used up", GuardLevel.BREACHED: "reached"}
THEN = {
    GuardAction.WARN: "When it is reached you are told.",
    GuardAction.BLOCK: "When it is reached, entries are refused and working entries cancelled.",
    GuardAction.FLATTEN: "When it is reached, everything is closed and entries are refused.",
}
_COUNTS = (Guard.TRADES, Guard.SIZE)


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit in words; `tip` is the whole sentence with what follows from it."""

    name: str
    value: str
    tone: str
    spoken: str
    tip: str


def line_of(verdict: GuardVerdict, now: datetime, zone: tzinfo | None) -> LimitLine:
    """Return a limit as it is shown."""
    level = verdict.level
    if verdict.begins_at is not None:
        value = _time(verdict, verdict.begins_at, now, zone)
    else:
        value = _amount(verdict)
    word = WORDS.get(level, "")
    if verdict.guard in _COUNTS and level is not GuardLevel.BREACHED:
        word = "full" if verdict.left == 0 else ""
    spoken = f"{value}, {word}" if word else value
    tip = f"{verdict.text} {THEN[verdict.action]} {RUNS_ONLY_HERE}"
    tone = TONES.get(level, "danger")
    return LimitLine(NAMES[verdict.guard], f"{value} !" if level >= GuardLevel.ALARM else value, tone, spoken, tip)


def _amount(verdict: GuardVerdict) -> str:
    if verdict.guard in _COUNTS:
        return f"{verdict.used:f} / {verdict.limit:f}"
    return f"{f.money(verdict.used)} / {f.money(verdict.limit)}"


def _time(verdict: GuardVerdict, begins_at: datetime, now: datetime, zone: tzinfo | None) -> str:
    at = f.clock(begins_at, zone, seconds=False)
    if now >= begins_at:
        return f"{at}, until {f.clock(verdict.until, zone, seconds=False)}"
    minutes = -(-int((begins_at - now).total_seconds()) // 60)
    return f"{at} · in {minutes // 60}:{minutes % 60:02}"
