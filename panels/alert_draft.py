"""An alert as it is being typed: what was typed becomes a command, or a sentence that says why it cannot. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.alert_commands import AddAlert
from core.alert_readings import value_of
from core.alert_words import subject, written
from core.model.alert import Alert, AlertKind, Way
from core.model.guard_rules import Guard
from core.model.instrument import Instrument
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.parsing import InputRefused, parse_price

KIND_WORDS = {
    AlertKind.PRICE: "Price",
    AlertKind.OPEN_PNL: "Open P&L",
    AlertKind.R: "R",
    AlertKind.TIME_IN_TRADE: "Time in trade",
    AlertKind.LIMIT: "Limit used",
}
# What the value is typed as.
HINTS = {
    AlertKind.PRICE: "a price",
    AlertKind.OPEN_PNL: "money, such as −100",
    AlertKind.R: "R, such as 2 or −0.5",
    AlertKind.TIME_IN_TRADE: "12:30 or 1:30:00",
    AlertKind.LIMIT: "percent, such as 60",
}
WAY_WORDS = {Way.ABOVE: "rises to", Way.BELOW: "falls to"}
ANY_LIMIT = "any limit"
_SIGNED = re.compile(r"[-−+]?\d{1,12}(\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds. way: None is by where the figure is now."""

    key: PositionKey
    kind: AlertKind
    value: str
    way: Way | None = None
    repeats: bool = False
    limit: Guard | None = None
    note: str = ""


def read_draft(draft: Draft, snapshot: Snapshot, action_id: str, now: datetime) -> AddAlert:
    """Return the command of what was typed.

    Raises:
        InputRefused: it makes no alert; the sentence says why.
    """
    if not draft.key.symbol and draft.kind is not AlertKind.LIMIT:
        raise InputRefused("Choose a symbol first.")
    if not draft.key.account and draft.kind is not AlertKind.PRICE:
        raise InputRefused("Choose an account first.")
    level = _level(draft, snapshot)
    way = draft.way or way_to(draft, level, snapshot, now)
    return AddAlert(action_id, draft.kind, draft.key, way, level, draft.repeats, draft.limit, draft.note.strip())


def way_to(draft: Draft, level: Decimal, snapshot: Snapshot, now: datetime) -> Way:
    """Return from which side a level would be reached: by the figure as it stands, zero where it is not known."""
    if draft.kind in (AlertKind.TIME_IN_TRADE, AlertKind.LIMIT):
        return Way.ABOVE
    at = value_of(_alert(draft, level, Way.ABOVE, now), snapshot, now)
    if at is None and draft.kind is AlertKind.PRICE:
        return Way.ABOVE
    return Way.ABOVE if level > (at or Decimal(0)) else Way.BELOW


def now_words(draft: Draft, snapshot: Snapshot, now: datetime) -> str:
    """Return how the figure stands: "ESZ6 is 5050.25 now", or that it is not known."""
    alert = _alert(draft, Decimal(0), Way.ABOVE, now)
    at = value_of(alert, snapshot, now)
    if at is None and draft.kind.of_position and draft.key not in snapshot.positions:
        return f"{subject(alert)}: nothing is open; it is watched once something is."
    return (
        f"{subject(alert)}: {shown(alert, at, snapshot)} now" if at is not None else f"{subject(alert)}: not known now"
    )


def shown(alert: Alert, value: Decimal | None, snapshot: Snapshot) -> str:
    """Write a figure of an alert for the screen."""
    return f.UNKNOWN if value is None else written(alert, value, snapshot).replace("-", f.MINUS)


def _alert(draft: Draft, level: Decimal, way: Way, now: datetime) -> Alert:
    return Alert("", draft.kind, draft.key, way, level, now, limit=draft.limit)


def _level(draft: Draft, snapshot: Snapshot) -> Decimal:
    typed = draft.value.strip()
    if draft.kind is AlertKind.PRICE:
        place = (draft.key.connection, draft.key.symbol)
        return parse_price(typed, snapshot.instruments.get(place, Instrument(draft.key.symbol)))
    if not typed:
        raise InputRefused(f"{KIND_WORDS[draft.kind]} is missing: {HINTS[draft.kind]}.")
    if draft.kind is AlertKind.TIME_IN_TRADE:
        return _seconds(typed)
    number = typed.removesuffix("%").rstrip() if draft.kind is AlertKind.LIMIT else typed.removesuffix("R").rstrip()
    if not _SIGNED.fullmatch(number):
        raise InputRefused(f"{KIND_WORDS[draft.kind]}: {typed[:20]!r} is not {HINTS[draft.kind]}.")
    value = Decimal(number.replace(f.MINUS, "-"))
    if draft.kind is AlertKind.LIMIT and not 0 < value <= 200:
        raise InputRefused("Limit used: expected 1 to 200 percent.")
    return value


def _seconds(typed: str) -> Decimal:
    found = _TIME.fullmatch(typed)
    if found is None:
        raise InputRefused(f"Time in trade: {typed[:20]!r} is not a time like {HINTS[AlertKind.TIME_IN_TRADE]}.")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not total:
        raise InputRefused("Time in trade must be more than zero.")
    return Decimal(total)
