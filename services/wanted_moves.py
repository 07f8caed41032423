"""Which order a key press means, and where it is to go: pure, from one snapshot and what was asked for last."""

from collections.abc import Callable
from decimal import Decimal

from core.commands import MoveExit
from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.order_change import STOPS, Terms, breakeven_of, stepped
from core.model.position import Position
from core.model.protection import protection_of
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from services.order_findings import passed

Latest = Callable[[Order], Terms]


def to_move(command: MoveExit, snapshot: Snapshot, latest: Latest) -> tuple[Order, Terms]:
    """Return the nearest stop or target of a position and where it goes.

    Args:
        latest: the terms last asked for of an order.

    Raises:
        InvalidOrder: there is none, or its price cannot be counted in ticks.
    """
    key, instrument = command.key, _instrument(command.key, snapshot)
    position = _position(key, snapshot)
    exits = protection_of(position, snapshot.orders.values())
    order, what = (exits.stop, "stop") if command.stop else (exits.target, "target")
    if order is None:
        raise InvalidOrder(f"{key.symbol} has no working {what} to move.")
    before = latest(order)
    if command.stop and order.type in STOPS:
        if before.trigger_price is None:
            raise InvalidOrder(f"The broker has not told at what price the {what} of {key.symbol} is.")
        return order, _moved_to(stepped(before.trigger_price, command.ticks, instrument), order, before)
    if before.price is None:
        raise InvalidOrder(f"The broker has not told at what price the {what} of {key.symbol} is.")
    return order, Terms(price=stepped(before.price, command.ticks, instrument))


def to_breakeven(key: PositionKey, snapshot: Snapshot, latest: Latest) -> list[tuple[Order, Terms]]:
    """Return the stops of a position that are worse than its entry price, each with where it goes.

    Raises:
        InvalidOrder: nothing is open, no stop works, the entry price is unknown, or the market has passed it.
    """
    position, instrument = _position(key, snapshot), _instrument(key, snapshot)
    closing = Side.closing(position.quantity)
    stops = [
        one
        for one in snapshot.orders.values()
        if one.key == key and one.is_working and one.side is closing and one.type in STOPS and one.can_exit
    ]
    if not stops:
        raise InvalidOrder(f"{key.symbol} has no working stop to move to breakeven.")
    breakeven = breakeven_of(position, instrument)
    if breakeven is None:
        raise InvalidOrder(f"The entry price of {key.symbol} is not known; there is no breakeven to move the stop to.")
    worse = [(one, latest(one)) for one in stops if one.state is not OrderState.PENDING_CANCEL]
    worse = [(one, terms) for one, terms in worse if _is_worse(terms, breakeven, position)]
    if not worse:
        raise InvalidOrder(f"The stop of {key.symbol} is at breakeven or better already.")
    quote = snapshot.quotes.get((key.connection, key.symbol))
    if passed(breakeven, position, quote) and quote is not None and quote.last is not None:
        raise InvalidOrder(
            f"The market in {key.symbol}, last {instrument.written(quote.last)}, has passed the entry price "
            f"{instrument.written(breakeven)}: a stop there would close at once. Nothing was changed."
        )
    return [(one, _moved_to(breakeven, one, terms)) for one, terms in worse]


def _is_worse(terms: Terms, breakeven: Decimal, position: Position) -> bool:
    return terms.trigger_price is not None and (breakeven - terms.trigger_price) * position.direction > 0


def _moved_to(trigger: Decimal, order: Order, before: Terms) -> Terms:
    """Return a stop's new trigger; the limit of a stop-limit order keeps its distance."""
    if order.type is not OrderType.STOP_LIMIT or before.price is None or before.trigger_price is None:
        return Terms(trigger_price=trigger)
    return Terms(price=before.price + trigger - before.trigger_price, trigger_price=trigger)


def _position(key: PositionKey, snapshot: Snapshot) -> Position:
    position = snapshot.positions.get(key)
    if position is None:
        raise InvalidOrder(f"Nothing is open in {key.symbol}; there is nothing to move.")
    return position


def _instrument(key: PositionKey, snapshot: Snapshot) -> Instrument:
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    if instrument is None or instrument.tick_size is None:
        raise InvalidOrder(f"The tick size of {key.symbol} is not known yet, so no price can be moved.")
    return instrument
