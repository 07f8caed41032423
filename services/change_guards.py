"""What stands between a wish and a change of an order: pure checks, each refused with the trader's sentence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.commands import SubmitOrder
from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderType
from core.model.order_change import STOPS, Effect, effect_of
from core.model.position import Position
from core.model.scope import Mode
from core.snapshot import Snapshot
from services.order_findings import passed
from services.order_guards import check_entry, check_prices, confirmed_of, intent_of


def check_change(
    order: Order,
    asked: Order,
    others: Sequence[Order],
    instrument: Instrument | None,
    snapshot: Snapshot,
    now: datetime,
    confirmed: bool,
) -> Effect:
    """Return what a change does to the risk; refuse one that cannot be, or that adds to it while anything forbids that.

    Args:
        order: as the broker confirmed it. asked: as it would be.
        others: the other orders of the scope that may trade, as large as they may become.
        now: wall time, aware UTC.
        confirmed: the trader was told what is odd about it, and wants it all the same.

    Raises:
        InvalidOrder: the first reason found, with what to do.
    """
    _check_terms(order, asked)
    command = _as_command(asked, confirmed)
    check_prices(command, instrument)
    position = snapshot.positions.get(order.key)
    _check_sides(order, asked, instrument, snapshot)
    effect = effect_of(order, asked, position, others, instrument or Instrument(order.key.symbol))
    is_exit = position is not None and order.side is Side.closing(position.quantity) and not order.intent.is_entry
    if is_exit and position is not None:
        _check_market(order, asked, position, instrument, snapshot)
    if is_exit and asked.quantity > order.quantity:
        _check_room(asked, others, snapshot)
    if effect is not Effect.EASES:
        # What is left of it takes the place of what it was; what is filled is in the position.
        rest = {name: one for name, one in snapshot.orders.items() if name != order.client_order_id}
        left = replace(command, quantity=asked.remaining)
        check_entry(left, replace(snapshot, orders=rest), now)
    if effect is Effect.WIDENS and not confirmed and _is_real(order, snapshot):
        raise InvalidOrder("it would leave more at risk than was planned, and that was not confirmed.")
    return effect


def _check_terms(order: Order, asked: Order) -> None:
    if order.type is OrderType.MARKET:
        raise InvalidOrder("a market order has nothing to change; cancel it.")
    if order.type is OrderType.LIMIT and asked.trigger_price != order.trigger_price:
        raise InvalidOrder("a limit order has no trigger price.")
    if order.type is OrderType.STOP and asked.price != order.price:
        raise InvalidOrder("a stop order has no limit price; change its trigger.")
    if asked.quantity.is_finite() and asked.quantity <= order.filled_quantity:
        filled = order.filled_quantity
        if filled > 0:
            raise InvalidOrder(
                f"{filled:f} of it is filled already; the quantity must be more than that, or cancel it."
            )
        raise InvalidOrder(f"the quantity is {asked.quantity:f}; it must be more than zero.")


def _check_sides(order: Order, asked: Order, instrument: Instrument | None, snapshot: Snapshot) -> None:
    """Refuse a limit entry at or beyond the stop that waits for it, or that stop beyond it: it would fire with it."""
    for stop in (one for one in snapshot.orders.values() if one.type in STOPS and one.is_alive):
        entry = snapshot.orders.get(stop.parent_client_order_id)
        if entry is None or entry.external or entry.type is not OrderType.LIMIT or entry.filled_quantity > 0:
            continue
        if order.client_order_id not in (stop.client_order_id, entry.client_order_id):
            continue
        at = asked.price if order.client_order_id == entry.client_order_id else entry.price
        where = asked.trigger_price if order.client_order_id == stop.client_order_id else stop.trigger_price
        if at is not None and where is not None and instrument and (at - where) * entry.side.sign <= 0:
            word = "below" if entry.side is Side.BUY else "above"
            raise InvalidOrder(
                f"the stop {instrument.written(where)} must be {word} its entry at {instrument.written(at)}."
            )


def _check_market(
    order: Order, asked: Order, position: Position, instrument: Instrument | None, snapshot: Snapshot
) -> None:
    """Refuse a stop that moves to where the market is or has been: it would close at once."""
    quote, to = snapshot.quotes.get((order.key.connection, order.key.symbol)), asked.trigger_price
    if order.type not in STOPS or to is None or to == order.trigger_price or instrument is None or quote is None:
        return
    if not quote.stale and quote.last is not None and passed(to, position, quote):
        raise InvalidOrder(
            f"the market, last {instrument.written(quote.last)}, is at or beyond {instrument.written(to)}; "
            "a stop there would close at once. Use Close for that."
        )


def _check_room(asked: Order, others: Sequence[Order], snapshot: Snapshot) -> None:
    """Refuse an exit that could, with the other exits of its kind, be more than the position."""
    position, scope = snapshot.positions.get(asked.key), snapshot.scopes.get(asked.key)
    known = confirmed_of(position, scope, snapshot.fills)
    rest = SubmitOrder("", asked.key, asked.side, asked.type, asked.remaining, asked.price, asked.trigger_price)
    if intent_of(rest, position, others, known).is_entry:
        held = Decimal(0) if position is None else abs(position.quantity)
        raise InvalidOrder(f"{asked.quantity:f} is more than the open {held:f}; it would reverse the position.")


def _as_command(asked: Order, confirmed: bool) -> SubmitOrder:
    return SubmitOrder(
        "",
        asked.key,
        asked.side,
        asked.type,
        asked.quantity,
        asked.price,
        asked.trigger_price,
        asked.time_in_force,
        confirmed=confirmed,
    )


def _is_real(order: Order, snapshot: Snapshot) -> bool:
    account = snapshot.accounts.get(order.key.account_key)
    return account is None or account.acting_mode in (Mode.LIVE, Mode.EVAL)
