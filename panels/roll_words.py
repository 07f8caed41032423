"""What is said of contracts that roll: those on show, held, or with orders at work in them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.commands import SelectSymbol
from core.model.order import Order
from core.model.position import Position
from core.model.roll import Roll, RollStage, roll_of
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import shown_in

NOTHING_MOVES = "Nothing is moved by itself."


@dataclass(frozen=True, slots=True)
class RollNotice:
    """One contract.

    Attributes:
        name: what it is put off by: the contract, its stage and the day.
        is_grave: it expired while something is open in it.
    """

    name: str
    text: str
    is_grave: bool
    action: str
    command: SelectSymbol


def roll_notices(snapshot: Snapshot, now: datetime) -> tuple[RollNotice, ...]:
    """Return a notice for every contract that rolls and concerns the trader, the gravest first."""
    notices = [_notice(place, roll, snapshot) for place, roll in _rolling(snapshot, now)]
    return tuple(sorted(notices, key=lambda one: not one.is_grave))


def _rolling(snapshot: Snapshot, now: datetime) -> Iterator[tuple[tuple[str, str], Roll]]:
    shown = shown_in(snapshot).key
    places = {(key.connection, key.symbol) for key in snapshot.positions}
    places |= {(one.key.connection, one.key.symbol) for one in snapshot.orders.values() if one.is_alive}
    if shown is not None:
        places.add((shown.connection, shown.symbol))
    for place in sorted(places):
        quote = snapshot.quotes.get(place)
        roll = roll_of(place[1], now if quote is None else quote.venue_time(now))
        if roll is not None:
            yield place, roll


def _notice(place: tuple[str, str], roll: Roll, snapshot: Snapshot) -> RollNotice:
    held = [one for key, one in sorted(snapshot.positions.items()) if (key.connection, key.symbol) == place]
    orders = [one for one in snapshot.orders.values() if one.is_alive and (one.key.connection, one.key.symbol) == place]
    text = " ".join(part for part in (_when(roll), _open(held, orders, snapshot)) if part)
    shown = shown_in(snapshot).key
    to_old = shown is not None and (shown.connection, shown.symbol) == (place[0], roll.front)
    action = f"Show {roll.alias}" if to_old else f"Show {roll.front_alias}"
    command = SelectSymbol(place[0], roll.symbol if to_old else roll.front)
    is_grave = roll.stage is RollStage.EXPIRED and bool(held or orders)
    return RollNotice(f"{roll.symbol} {roll.stage.value} {roll.day}", text, is_grave, action, command)


def _when(roll: Roll) -> str:
    if roll.stage is RollStage.NEAR:
        return (
            f"{roll.alias} rolls {_in_days(roll.days)} (last day {roll.last_day}). From {roll.rolls_on} on the front "
            f"month is {roll.front_alias}."
        )
    if roll.stage is RollStage.ROLLED:
        return (
            f"{roll.alias} has rolled: the front month is {roll.front_alias}. Its last day is {_in_days(roll.days)} "
            f"({roll.last_day})."
        )
    return f"{roll.alias} has expired: its last day was {roll.last_day}. The front month is {roll.front_alias}."


def _open(held: list[Position], orders: list[Order], snapshot: Snapshot) -> str:
    parts = [
        f"{f.held(one.quantity, snapshot.instruments.get((one.key.connection, one.key.symbol)))} in {one.key.account}"
        for one in held
    ]
    if orders:
        parts.append("1 order at work" if len(orders) == 1 else f"{len(orders)} orders at work")
    return f"You have {' and '.join(parts)}. {NOTHING_MOVES}" if parts else ""


def _in_days(days: int) -> str:
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
