"""The orders that put back what a close had cancelled before it came to nothing: pure."""

from dataclasses import dataclass, replace
from decimal import Decimal

from core.commands import PlaceExit, PlaceExitPair
from core.messages import Message
from core.model.operation import CloseOperation
from core.model.order import Intent, Order
from services import close_words as words
from services.close_exits import STOPS, put_back
from services.close_plan import Facts


@dataclass(frozen=True, slots=True)
class Restored:
    """What is placed again.

    Attributes:
        text: what to say of it, with a space before it; empty where there is nothing to say.
        stop_ids: the client ids of the stops among it.
    """

    text: str = ""
    messages: tuple[Message, ...] = ()
    stop_ids: tuple[str, ...] = ()


def restore(operation: CloseOperation, facts: Facts) -> Restored:
    """Return the orders that place the cancelled exits again, and what to say of them.

    An exit of what is gone already would open a position: they cover no more than is open by everybody's word, and
    nothing before the broker has confirmed the position on this line. A stop and a target that were linked are linked
    again, where the broker holds links.
    """
    position, sure = facts.position, facts.surely_open(operation)
    if position is None:
        return Restored()
    if facts.unread or not facts.up:
        return Restored(words.NOT_PUT_BACK_YET if operation.cancelled else "")
    doubtful = abs(position.quantity) - abs(sure) if operation.cancelled else Decimal(0)
    if sure == 0:
        return Restored(words.not_put_back(doubtful))
    held = replace(position, quantity=sure)
    plan = put_back(held, operation.cancelled, facts.snapshot.orders, facts.quote)
    messages: list[Message] = []
    stops: list[str] = []
    for one in plan.exits:
        again = [_again(operation, order, one.quantity, facts) for order in (one.stop, one.target) if order is not None]
        stops += [again[0].client_order_id] if one.stop is not None else []
        messages += [PlaceExitPair(*again)] if len(again) == 2 and _holds_links(facts) else again
    return Restored(words.protection(plan) + words.not_put_back(doubtful), tuple(messages), tuple(stops))


def _again(operation: CloseOperation, order: Order, quantity: Decimal, facts: Facts) -> PlaceExit:
    cause = f"put back after close {operation.operation_id}"
    return PlaceExit(
        facts.mint(),
        facts.key,
        order.side,
        order.type,
        quantity,
        Intent.PROTECT if order.type in STOPS else Intent.REDUCE,
        cause,
        order.price,
        order.trigger_price,
        order.time_in_force,
    )


def _holds_links(facts: Facts) -> bool:
    line = facts.snapshot.connections.get(facts.key.connection)
    return line is not None and line.oco_supported
