"""What is wrong with the orders of a scope, or missing from its protection: pure, from one snapshot.

An exit is an orphan where it exits nothing: the scope is flat, it stands on the side that adds, or exits of its kind
together are larger than the position. One that waits for its entry exits nothing yet, and is none. Stops and targets
are alternatives, so each kind is measured on its own. Protection is missing where the position has a stop that covers
less than it, or had one that ended without anybody here asking for it (`Position.stop_price` remembers where it was),
or was to get one with its entry, also where that filled after it had ended. While a close runs in a scope it settles
these itself.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from core.model.bracket import as_live
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Side
from core.model.finding import Finding, FindingKind
from core.model.market import Quote
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from services.order_guards import CLOCK_SKEW

EXITS = (Intent.PROTECT, Intent.REDUCE, Intent.CLOSE)
STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_SURE = (Certainty.CONFIRMED, Certainty.FILLS_ONLY, Certainty.PENDING)


def found_in(snapshot: Snapshot, connections: frozenset[str], unconfirmed: frozenset[str]) -> tuple[Finding, ...]:
    """Return every finding of some connections, as the facts are now, sorted.

    Args:
        connections: those whose broker has been heard since the line came up.
        unconfirmed: client ids of entries the trader has yet to acknowledge after an unclean end.
    """
    scopes: dict[PositionKey, list[Order]] = {}
    for order in snapshot.orders.values():
        if order.is_alive and order.key.connection in connections:
            scopes.setdefault(order.key, []).append(order)
    for key, position in snapshot.positions.items():
        if key.connection in connections and _planned(position, snapshot) is not None:
            scopes.setdefault(key, [])
    found: list[Finding] = []
    for key, orders in scopes.items():
        operation = snapshot.operations.get(key)
        if operation is None or not operation.blocks_close:
            found += _of_scope(key, orders, snapshot, unconfirmed)
    return tuple(sorted(found, key=lambda one: one.identity))


def is_beyond_doubt(key: PositionKey, snapshot: Snapshot) -> bool:
    """Say whether nothing speaks against what our books hold of a scope.

    That a restored match is still to be acknowledged does not, nor does a difference that was settled.
    """
    scope = snapshot.scopes.get(key)
    rows = () if snapshot.recovery is None else snapshot.recovery.rows
    agreed = (Situation.MATCH, Situation.FILLS_ONLY)
    settled = frozenset(RecoveryChoice) - {RecoveryChoice.IGNORE, RecoveryChoice.VERIFY}
    differs = any(row.key == key and row.situation not in agreed and row.decided not in settled for row in rows)
    return scope is not None and scope.certainty in _SURE and not differs


def passed(stop: Decimal, position: Position, quote: Quote | None) -> bool:
    """Say whether the market is at or beyond a stop of the position; without a price nobody knows, and it is not."""
    if quote is None or quote.last is None:
        return False
    return (quote.last - stop) * position.direction <= 0


def _of_scope(
    key: PositionKey, orders: list[Order], snapshot: Snapshot, unconfirmed: frozenset[str]
) -> Iterator[Finding]:
    position = _open_position(key, snapshot)
    live = [as_live(one, snapshot.orders) for one in orders]
    orphaned = dict(_orphaned(live, position))
    for order in orders:
        name = order.client_order_id
        if order.state is OrderState.UNKNOWN and not order.external:
            yield Finding(key, FindingKind.UNKNOWN_ORDER, name, order, position, order.remaining)
        elif name in orphaned:
            yield Finding(key, FindingKind.ORPHAN_ORDER, name, order, position, orphaned[name])
        elif name in unconfirmed and position is None and order.is_working:
            yield Finding(key, FindingKind.WORKING_ORDER, name, order, None, order.remaining)
    planned = None if position is None else _planned(position, snapshot)
    if position is not None and planned is not None and not _is_being_protected(key, snapshot):
        bare = _bare(position, live, snapshot)
        beyond = passed(planned, position, snapshot.quotes.get((key.connection, key.symbol)))
        if bare > 0:
            yield Finding(key, FindingKind.MISSING_PROTECTION, "", None, position, bare, planned, beyond)


def _planned(position: Position, snapshot: Snapshot) -> Decimal | None:
    """Return where the stop of a position is or was, or where the entry that opened it wants one."""
    if position.stop_price is not None:
        return position.stop_price
    for operation in snapshot.entries.values():
        pending = operation.step is EntryStep.STOP_PENDING or _filled_late(operation, position, snapshot)
        if operation.key == position.key and pending:
            instrument = snapshot.instruments.get((position.key.connection, position.key.symbol))
            if instrument is not None and position.entry_price is not None and instrument.tick_size is not None:
                return operation.bracket.stop.of(position.entry_price, operation.side, True, instrument)
    return None


def _filled_late(operation: EntryOperation, position: Position, snapshot: Snapshot) -> bool:
    """Say whether a position is of an entry that had ended unfilled, as the broker said before he filled it."""
    if operation.step is not EntryStep.FAILED or operation.side.sign != position.direction:
        return False
    entries = [one for leg in operation.legs if (one := snapshot.orders.get(leg.entry_id)) is not None]
    late = [one.updated_at for one in entries if one.filled_quantity > 0]
    return bool(late) and (position.entry_time is None or max(late) >= position.entry_time - CLOCK_SKEW)


def _is_being_protected(key: PositionKey, snapshot: Snapshot) -> bool:
    """Say whether an entry is still about to bring its stop, and in good time."""
    return any(
        one.key == key and one.step is EntryStep.STOP_PENDING and not one.doubt for one in snapshot.entries.values()
    )


def _open_position(key: PositionKey, snapshot: Snapshot) -> Position | None:
    """Return our position, or None where the broker says outright that it is gone."""
    rows = () if snapshot.recovery is None else snapshot.recovery.rows
    closed = any(row.key == key and row.situation is Situation.CLOSED_AT_BROKER and row.decided is None for row in rows)
    return None if closed else snapshot.positions.get(key)


def _orphaned(orders: Iterable[Order], position: Position | None) -> Iterator[tuple[str, Decimal]]:
    """Return the exits that exit nothing, each with how much of it; of too many the newest are the excess."""
    exits = [one for one in orders if one.is_working and one.intent in EXITS and one.remaining > 0]
    closing = None if position is None else Side.closing(position.quantity)
    for stops in (True, False):
        room = Decimal(0) if position is None else abs(position.quantity)
        for order in sorted((one for one in exits if (one.type in STOPS) is stops), key=lambda one: one.created_at):
            excess = order.remaining if order.side is not closing else max(Decimal(0), order.remaining - room)
            room -= Decimal(0) if order.side is not closing else order.remaining - excess
            if excess > 0:
                yield order.client_order_id, excess


def _bare(position: Position, orders: Iterable[Order], snapshot: Snapshot) -> Decimal:
    """Return what nothing stops of a position that has or had a stop; only where the position is beyond doubt.

    A stop on its way, or one whose outcome is unknown, may protect: it is counted.
    """
    closing = Side.closing(position.quantity)
    stops = [one for one in orders if one.side is closing and one.type in STOPS and one.can_exit]
    if not is_beyond_doubt(position.key, snapshot):
        return Decimal(0)
    return max(Decimal(0), abs(position.quantity) - sum((one.remaining for one in stops), Decimal(0)))
