"""What is typed into the form of a close that nobody reported, read once: the command, or what is wrong. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from core.commands import RecordClosed
from core.model.instrument import Instrument
from core.model.position import Position
from core.model.recovery import ClosedBy
from core.model.scope import PositionKey
from panels.parsing import InputRefused, parse_amount, parse_price, parse_quantity

NOTE_LENGTH = 3
TIME_FORM = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields as they stand; empty price, time and costs mean that nobody knows them."""

    price: str
    time: str
    quantity: str
    costs: str
    closed_by: ClosedBy
    note: str
    symbol: str


def read_form(
    key: PositionKey, typed: Typed, position: Position, instrument: Instrument, told_flat: bool, zone: tzinfo
) -> RecordClosed:
    """Return the command the form asks for.

    Args:
        told_flat: the broker said outright that the scope is flat; otherwise the symbol must be typed.
        zone: of the time typed.

    Raises:
        InputRefused: the first field that cannot be used, and what would be.
    """
    quantity = parse_quantity(typed.quantity, instrument.quantity_step)
    if quantity > abs(position.quantity):
        raise InputRefused(f"Quantity: {abs(position.quantity):f} is open here.")
    price = parse_price(typed.price, instrument) if typed.price.strip() else None
    costs = parse_amount(typed.costs, "Costs") if typed.costs.strip() else None
    closed_at = read_time(typed.time, zone) if typed.time.strip() else None
    if len(typed.note.strip()) < NOTE_LENGTH:
        raise InputRefused(f"Note: say why, at least {NOTE_LENGTH} letters.")
    if not told_flat and typed.symbol.strip() != key.symbol:
        raise InputRefused(f"The broker has not said flat. Type {key.symbol} to record it all the same.")
    return RecordClosed(
        key, quantity, price, closed_at, costs, typed.closed_by, typed.note.strip(), typed.symbol.strip()
    )


def read_time(text: str, zone: tzinfo) -> datetime:
    """Read a time in a zone, seconds optional.

    Raises:
        InputRefused: it is not a date and time.
    """
    for form in (TIME_FORM, "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise InputRefused(f"Time: {text.strip()[:24]!r} is not a time like 2026-11-20 15:04:05.")


def effect(quantity: Decimal, price_known: bool) -> str:
    """Return what recording does, and what it does not."""
    money = "" if price_known else " Without a price the profit of this trade stays unknown (—)."
    return f"No order is sent. {quantity:f} is booked as closed here, marked MANUAL and audited.{money}"
