"""What stands between a wish and a change of an order: pure checks, each refused with the trader's sentence."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from core.commands import SubmitOrder
from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderType
from core.model.order_change import Effect, effect_of
from core.model.scope import Mode
from core.snapshot import Snapshot
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
    effect = effect_of(order, asked, position, others, instrument or Instrument(order.key.symbol))
    is_exit = position is not None and order.side is Side.closing(position.quantity) and not order.intent.is_entry
    if is_exit and asked.quantity > order.quantity:
        _check_room(asked, others, snapshot)
    if effect is not Effect.EASES:
        check_entry(command, snapshot, now)
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
