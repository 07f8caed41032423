"""Record as closed: a position the broker closed without telling, booked by hand. Pure; no order comes of it."""

from datetime import datetime, timedelta
from decimal import Decimal

from core.commands import RecordClosed
from core.errors import InvalidOrder
from core.events import CorrectionDecided
from core.model.fill import Fill, FillSource, Side, correction_id
from core.model.position import Position
from core.snapshot import Snapshot
from services.price_check import must_be_on_grid

NOTE_LENGTH = 3
# The trader's clock and ours may differ.
CLOCK_SKEW = timedelta(seconds=60)


def recorded_as_closed(command: RecordClosed, snapshot: Snapshot, now: datetime) -> CorrectionDecided:
    """Return the correction that books a close by hand.

    Raises:
        InvalidOrder: nothing is open, the broker has not said flat and the symbol was not typed, or a figure cannot be
            one; the text says which and what would be.
    """
    key = command.key
    position, scope = snapshot.positions.get(key), snapshot.scopes.get(key)
    if position is None:
        raise InvalidOrder(f"{key.symbol} is flat here.")
    if snapshot.unsaved.entries:
        raise InvalidOrder("first what the database refused must be saved.")
    told_flat = scope is not None and scope.broker_quantity == 0
    if not told_flat and command.typed_symbol != key.symbol:
        raise InvalidOrder(f"the broker has not said that {key.symbol} is flat. Type {key.symbol} to record it anyway.")
    if len(command.note.strip()) < NOTE_LENGTH:
        raise InvalidOrder("say in a few words why.")
    _check_quantity(command, position, snapshot)
    _check_price(command, snapshot)
    _check_time(command, position, now)
    if command.commission is not None and not (command.commission.is_finite() and command.commission >= 0):
        raise InvalidOrder(f"costs of {command.commission} cannot be; they are 0 or more, or left empty.")
    before = position.quantity
    side = Side.closing(before)
    after = before + side.sign * command.quantity
    fill = Fill(
        key=key,
        execution_id=correction_id(key, FillSource.MANUAL.value, before, after, position.last_execution_id),
        side=side,
        quantity=command.quantity,
        price=command.price,
        fill_time=command.closed_at,
        received_at=now,
        commission=command.commission,
        source=FillSource.MANUAL,
    )
    return CorrectionDecided(fill, f"recorded as closed: {command.closed_by.value}", before, _audit(command))


def _check_quantity(command: RecordClosed, position: Position, snapshot: Snapshot) -> None:
    held = abs(position.quantity)
    if not command.quantity.is_finite() or not 0 < command.quantity <= held:
        raise InvalidOrder(f"a quantity of {command.quantity} cannot be closed; {held:f} is open here.")
    instrument = snapshot.instruments.get((command.key.connection, command.key.symbol))
    if instrument is not None and command.quantity % instrument.quantity_step and command.quantity != held:
        raise InvalidOrder(f"the quantity {command.quantity} is not a multiple of {instrument.quantity_step}.")


def _check_price(command: RecordClosed, snapshot: Snapshot) -> None:
    price = command.price
    if price is None:
        return
    if not price.is_finite():
        raise InvalidOrder("the price must be a number, or left empty.")
    instrument = snapshot.instruments.get((command.key.connection, command.key.symbol))
    if instrument is None or instrument.tick_size is None:
        raise InvalidOrder(f"the tick size of {command.key.symbol} is not known yet; leave the price empty.")
    must_be_on_grid(price, instrument)


def _check_time(command: RecordClosed, position: Position, now: datetime) -> None:
    at = command.closed_at
    if at is None:
        return
    if at > now + CLOCK_SKEW:
        raise InvalidOrder("it cannot have been closed in a time to come.")
    if position.entry_time is not None and at < position.entry_time:
        raise InvalidOrder("it cannot have been closed before it was opened.")


def _audit(command: RecordClosed) -> dict[str, str]:
    def written(value: Decimal | None) -> str:
        return "unknown" if value is None else f"{value:f}"

    return {
        "symbol": command.key.symbol,
        "quantity": f"{command.quantity:f}",
        "price": written(command.price),
        "costs": written(command.commission),
        "closed_at": "unknown" if command.closed_at is None else command.closed_at.isoformat(),
        "closed_by": command.closed_by.value,
        "note": command.note.strip(),
        "typed": command.typed_symbol,
    }
