"""What the trader reads of an entry with its exits. Pure."""

from decimal import Decimal

from core.model.entry import EntryOperation
from core.model.instrument import Instrument
from core.model.order import Order, OrderState

SENDING = "Sending the entry with its exits."
PLACED = "The entry works; its exits wait for it."
ALONE = "The entry works; its stop is sent as soon as it fills."
NOTHING_SENT = "The program ended before the entry was sent; nothing was."
ACTIVE = "Filled; the stop works."
NOT_BOOKED = "Filled, the broker reports; the fill itself has not come yet."
OVER = "What this entry opened is closed."
PERHAPS_FILLED = "The broker does not say what became of it, and there is a fill that names no order."
PERHAPS_COVERED = "What may have been its fill is covered or closed; the broker does not say what became of it."
STOP_TAKEN_AWAY = "Filled; its stop was cancelled by hand."
ROLLED_BACK = "No stop could be placed, so what was opened was closed again; it is flat."
TAKEN_BACK = "No stop could be placed, so what was added was closed again."
NO_WORD = "the broker does not say what became of the entry; he is being asked. It was not sent again"


def pending(filled: Decimal, quantity: Decimal) -> str:
    """Say that something is filled and its stop is not there yet."""
    return f"{filled:f} of {quantity:f} filled; its stop is on its way."


def covered(filled: Decimal, quantity: Decimal) -> str:
    """Say that what is filled so far is covered."""
    return f"{filled:f} of {quantity:f} filled and covered by its stop."


def came_to_nothing(operation: EntryOperation, entry: Order | None) -> str:
    """Say why nothing was entered, in the broker's words where he gave any."""
    what = f"{operation.side.value} {operation.quantity:f} {operation.key.symbol}"
    if entry is None:
        return f"{what}: {NOTHING_SENT}"
    state = {
        OrderState.CANCELLED: "was cancelled",
        OrderState.REJECTED: "was refused",
        OrderState.EXPIRED: "expired",
        OrderState.DENIED: "was not sent",
    }.get(entry.state, "ended")
    return f"{what} {state}; nothing was filled.{f' {entry.reason}' if entry.reason else ''}"


def no_stop(missing: Decimal, waited_s: float) -> str:
    """Say that a stop does not come."""
    return f"UNPROTECTED {missing:f}: no stop works after {waited_s:.0f} s; the broker is being asked"


def perhaps_bare(quantity: Decimal) -> str:
    """Say that a position that may be of an entry has no stop."""
    return f"UNPROTECTED {quantity:f}: it may be what this entry filled, and no stop of it works"


def stop_refused_early(stop: Order) -> str:
    """Say that the broker will not hold the stop of an entry that still works."""
    why = stop.reason or "no reason given"
    return f"the broker does not hold its stop ({why}); one is sent as soon as the entry fills"


def again(stop: Order, instrument: Instrument | None, price: Decimal) -> str:
    """Say that a stop is placed once more."""
    at = f"{price:f}" if instrument is None else instrument.written(price)
    refused = stop.state in (OrderState.REJECTED, OrderState.DENIED)
    what = f"was refused ({stop.reason or 'no reason given'})" if refused else "is gone"
    return f"{stop.key.symbol}: the stop {what}; it is placed again at {at}."


def undoing(operation: EntryOperation, missing: Decimal, why: str) -> str:
    """Say that what was opened is being closed."""
    key = operation.key
    return f"{key.symbol} {key.account}: UNPROTECTED {missing:f}, no stop can be placed ({why}). It is being closed."


def passed_already(instrument: Instrument | None, price: Decimal) -> str:
    """Say that the market is beyond where a stop belongs."""
    at = f"{price:f}" if instrument is None else instrument.written(price)
    return f"the market is beyond {at} already"


def not_undone(text: str) -> str:
    """Say that closing what was opened does not get on."""
    return f"UNPROTECTED, and closing it does not get on: {text}"
