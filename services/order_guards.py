"""What stands between a press and an order: pure checks, each refusing with the sentence the trader reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from core.commands import SubmitOrder
from core.errors import InvalidOrder
from core.events import Link
from core.guard_figures import guard_refusal
from core.model.fill import Fill
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position
from core.model.scope import Mode
from core.sanity import breaches_of
from core.snapshot import Certainty, ScopeStatus, Snapshot
from services.price_check import must_be_on_grid

# A broker's clock and ours differ.
CLOCK_SKEW = timedelta(seconds=5)
# From the press, and for its commit: after that an entry is not what was wanted any more.
ENTRY_WITHIN_S = 1.8


def check_prices(command: SubmitOrder, instrument: Instrument | None) -> None:
    """Refuse what has no size, lacks a price, or has one off the grid.

    Raises:
        InvalidOrder: with the two nearest prices when one is off tick.
    """
    if not all(number.is_finite() for number in (command.quantity, command.price, command.trigger_price) if number):
        raise InvalidOrder("quantity and prices must be numbers.")
    if command.quantity <= 0:
        raise InvalidOrder(f"the quantity is {command.quantity}; it must be more than zero.")
    if command.type in (OrderType.LIMIT, OrderType.STOP_LIMIT) and command.price is None:
        raise InvalidOrder(f"a {command.type.value.lower()} order needs a price.")
    if command.type in (OrderType.STOP, OrderType.STOP_LIMIT) and command.trigger_price is None:
        raise InvalidOrder("a stop order needs a trigger price.")
    if instrument is None or instrument.tick_size is None:
        if command.type is not OrderType.MARKET:
            raise InvalidOrder(f"the tick size of {command.key.symbol} is not known yet, so a price cannot be checked.")
        return
    if command.quantity % instrument.quantity_step != 0:
        raise InvalidOrder(f"the quantity {command.quantity} is not a multiple of {instrument.quantity_step}.")
    for price in (command.price, command.trigger_price):
        if price is None:
            continue
        must_be_on_grid(price, instrument)


def intent_of(
    command: SubmitOrder,
    position: Position | None,
    working: Sequence[Order],
    confirmed: Decimal,
    unbooked: Decimal = Decimal(0),
) -> Intent:
    """Return what the order means; it reduces only if, with all that already works on its side, it cannot overshoot.

    Args:
        confirmed: how much of the position is there by the broker's word too.
        unbooked: what orders on its side are reported filled by and the ledger lacks.

    Raises:
        InvalidOrder: it would take the position through zero together with other orders, or might do so because the
            broker has not confirmed the position.
    """
    if position is None:
        return Intent.OPEN
    if command.side.sign * position.quantity > 0:
        return Intent.ADD
    held = abs(position.quantity)
    stop = command.type in (OrderType.STOP, OrderType.STOP_LIMIT)
    # Stops and targets of one position are alternatives in the trader's mind; each kind is measured on its own.
    same = [
        one
        for one in working
        if one.side is command.side and (one.type in (OrderType.STOP, OrderType.STOP_LIMIT)) is stop
    ]
    pending = sum((one.remaining for one in same), unbooked)
    if command.quantity + pending <= min(held, confirmed):
        return Intent.PROTECT if stop else Intent.REDUCE
    if command.quantity + pending <= held:
        raise InvalidOrder(
            f"{position.side_word} {held:f} is not confirmed by the broker, so this might open a position instead of "
            "reducing one. Wait for his answer, reconcile, or use Close."
        )
    if pending and command.quantity <= held:
        raise InvalidOrder(
            f"{pending} of {held} are already being closed by working orders; this would reverse the position. "
            "Cancel those first, or use Close."
        )
    return Intent.REVERSE


def confirmed_of(position: Position | None, scope: ScopeStatus | None, fills: Sequence[Fill]) -> Decimal:
    """Return how much of a position is there by the broker's word too, unsigned.

    What he said before our last fill is only late. Before he has said anything on this line, nothing is sure.
    """
    if position is None or scope is None:
        return Decimal(0) if position is None else abs(position.quantity)
    newest = next((one.received_at for one in reversed(fills) if one.key == position.key), None)
    told = scope.broker_time is not None and (newest is None or scope.broker_time > newest)
    doubtful = scope.certainty in (Certainty.MISMATCH, Certainty.UNVERIFIED)
    if not doubtful and not (told and scope.certainty is Certainty.PENDING):
        return abs(position.quantity)
    theirs = (scope.broker_quantity or Decimal(0)) * position.direction
    return max(Decimal(0), min(abs(position.quantity), theirs))


def unbooked_of(
    command: SubmitOrder, position: Position | None, orders: Iterable[tuple[Order, Decimal]], scope: ScopeStatus | None
) -> Decimal:
    """Return what orders on the command's side are reported filled by and the ledger lacks, while that may matter.

    It does not when it is older than the position, or when the broker has confirmed the position since.

    Args:
        orders: those of the scope, each with what the ledger has of it.
    """
    if position is None:
        return Decimal(0)
    confirmed = scope is not None and scope.certainty is Certainty.CONFIRMED
    told = scope.broker_time if scope is not None and confirmed else None
    born = position.entry_time
    return sum(
        (
            max(Decimal(0), one.filled_quantity - booked)
            for one, booked in orders
            if one.side is command.side
            and (told is None or one.updated_at >= told)
            and (born is None or one.updated_at >= born - CLOCK_SKEW)
        ),
        Decimal(0),
    )


def check_in_time(command: SubmitOrder, now_s: float) -> None:
    """Refuse an entry whose turn came late: the disk or the engine was slow, and the market has moved since.

    Raises:
        InvalidOrder: with how long it waited.
    """
    waited_s = 0.0 if command.pressed_s is None else now_s - command.pressed_s
    if waited_s > ENTRY_WITHIN_S:
        raise InvalidOrder(
            f"it waited {waited_s:.1f} s for its turn, because the engine or the disk is slow. Press again."
        )


def check_entry(command: SubmitOrder, snapshot: Snapshot, now: datetime) -> None:
    """Refuse an order that could increase exposure while anything speaks against it.

    Args:
        now: wall time, aware UTC.

    Raises:
        InvalidOrder: the first reason found, with what to do.
    """
    reason = entry_refusal(command, snapshot)
    if reason:
        raise InvalidOrder(reason)
    for breach in breaches_of(command, snapshot, now):
        if breach.is_hard or not command.confirmed:
            raise InvalidOrder(breach.text if breach.is_hard else f"{breach.text} It was not confirmed.")


def entry_refusal(command: SubmitOrder, snapshot: Snapshot) -> str:
    """Return why an entry is refused now, or an empty text."""
    key = command.key
    account = snapshot.accounts.get(key.account_key)
    connection = snapshot.connections.get(key.connection)
    scope = snapshot.scopes.get(key)
    if snapshot.halted:
        return f"entries are halted. {snapshot.halted}"
    if snapshot.locked:
        return f"entries are locked. {snapshot.locked}"
    if connection is None or connection.link is not Link.READY:
        state = "not connected" if connection is None else connection.link.value.lower()
        return f"the line {key.connection} is {state}; entries open when the broker's state has been read."
    if key.connection in snapshot.entry_block:
        return snapshot.entry_block[key.connection]
    if scope is not None and scope.lock:
        return scope.lock
    if scope is not None and scope.certainty is Certainty.MISMATCH:
        return f"here and at the broker {key.symbol} differs; reconcile it first."
    operation = snapshot.operations.get(key)
    if operation is not None and operation.blocks_close:
        return f"{key.symbol} is being closed; entries open again when that is over."
    ours = [one for one in snapshot.orders.values() if one.key == key and not one.external]
    if any(one.state is OrderState.UNKNOWN for one in ours):
        return f"an order in {key.symbol} has an unknown outcome; the broker is being asked about it."
    if any(one.key == key and one.blocks_entries for one in snapshot.findings):
        return f"something about {key.symbol} needs your decision first; see the banner."
    if account is None:
        return f"the broker has not named an account {key.account}."
    if key.account_key in snapshot.shared:
        return snapshot.shared[key.account_key]
    if account.trading_disabled or not connection.trading_supported:
        return f"the broker does not accept orders for {key.account}."
    if account.mode is None:
        return f"{key.account} is not classified, so it acts as LIVE; say first what it is."
    if limited := guard_refusal(command, snapshot):
        return limited
    if account.mode in (Mode.LIVE, Mode.EVAL) and key.account_key not in snapshot.armed:
        return f"{key.account} is {account.mode.value} and not armed."
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    if instrument is None or instrument.tick_size is None:
        why = "" if instrument is None or not instrument.description else f" {instrument.description}"
        return f"the contract {key.symbol} is not known.{why}"
    return ""
