"""What a change of a working order would ask for: the typed text read once, and what is asked before it goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.order_change import Effect, Terms, changed, effect_of
from core.model.scope import Mode
from core.sanity import breaches_of
from core.snapshot import Snapshot
from panels import formatting as f
from panels.parsing import InputRefused, parse_price, parse_quantity

if TYPE_CHECKING:
    from core.commands import ChangeOrder

WIDER = "It leaves more at risk than was planned."


def editable(order: Order) -> tuple[str, ...]:
    """Return the columns of an order that can be changed, the one a hand goes for first in front."""
    if order.type is OrderType.MARKET:
        return ()
    if order.type is OrderType.LIMIT:
        return ("Price", "Qty")
    return ("Trigger", "Qty") if order.type is OrderType.STOP else ("Trigger", "Price", "Qty")


def why_not(order: Order) -> str:
    """Return why an order cannot be changed now; "" when it can. The engine has the last word."""
    if order.is_final:
        return f"This order is {order.state.value.lower()}."
    if order.state is OrderState.PENDING_CANCEL:
        return "This order is being cancelled."
    if order.state is OrderState.UNKNOWN or not order.server_order_id:
        return "The broker has not confirmed this order, so it cannot be changed yet."
    return "" if editable(order) else "A market order has nothing to change."


def written(order: Order, column: str, instrument: Instrument) -> str:
    """Return what stands in a column, as it is typed."""
    if column == "Qty":
        return f.quantity(order.quantity, instrument)
    value = order.price if column == "Price" else order.trigger_price
    return "" if value is None else f.price(value, instrument)


def read_change(order: Order, column: str, text: str, instrument: Instrument) -> Terms:
    """Read what was typed into a column; empty where it says what the order is already.

    Raises:
        InputRefused: it cannot be used; off tick the two nearest prices are named.
    """
    if column == "Qty":
        quantity = parse_quantity(text, instrument.quantity_step)
        if quantity <= order.filled_quantity:
            filled = f.quantity(order.filled_quantity, instrument)
            raise InputRefused(f"{filled} of it is filled already; the quantity must be more than that.")
        return Terms(quantity=None if quantity == order.quantity else quantity)
    value = parse_price(text, instrument, "Limit price" if column == "Price" else "Stop price")
    if column == "Price":
        return Terms(price=None if value == order.price else value)
    return Terms(trigger_price=None if value == order.trigger_price else value)


def questions(order: Order, wanted: Terms, snapshot: Snapshot, now: datetime) -> tuple[str, ...]:
    """Return what is to be agreed to before a change goes, in sentences; none where it goes at once.

    What passes a hard limit is not asked about: the engine refuses it, with the reason.
    """
    asked = changed(order, wanted)
    effect = _effect(order, asked, snapshot)
    if effect is Effect.EASES:
        return ()
    from core.commands import SubmitOrder

    command = SubmitOrder(
        "", order.key, order.side, order.type, asked.quantity, asked.price, asked.trigger_price, order.time_in_force
    )
    odd = breaches_of(command, snapshot, now)
    if any(one.is_hard for one in odd):
        return ()
    account = snapshot.accounts.get(order.key.account_key)
    real = account is None or account.acting_mode in (Mode.LIVE, Mode.EVAL)
    facts: Sequence[str] = [one.text for one in odd]
    if real:
        facts = [WIDER if effect is Effect.WIDENS else "It is a larger or likelier entry than before.", *facts]
    return tuple(facts)


def as_command(action_id: str, order: Order, wanted: Terms, confirmed: bool) -> ChangeOrder:
    """Return the command that asks for a change."""
    from core.commands import ChangeOrder

    return ChangeOrder(
        action_id, order.client_order_id, wanted.quantity, wanted.price, wanted.trigger_price, confirmed=confirmed
    )


def _effect(order: Order, asked: Order, snapshot: Snapshot) -> Effect:
    instrument = snapshot.instruments.get((order.key.connection, order.key.symbol)) or Instrument(order.key.symbol)
    others = [one for one in snapshot.orders.values() if one.key == order.key and one.is_alive]
    return effect_of(order, asked, snapshot.positions.get(order.key), others, instrument)
