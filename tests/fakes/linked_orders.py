"""How orders at the broker in memory move each other: an entry its exits, and an exit the other one.

An exit does nothing until its entry fills, then covers what has filled and grows with it, at its distance from the
average price if it has one. Of two linked exits one ends when the other has filled, and shrinks by what the other
traded; where the other ends in any other way it works on. What ends an entry ends the exits that still wait, and the
exit that closed all of an entry ends the rest of it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.model.bracket import Offsets
from core.model.order import OrderState
from tests.fakes.broker_script import Placed


def link(group: Sequence[Placed], offsets: Offsets | None) -> None:
    """Link what came in together: nothing, two exits, or an entry with its stop and its target."""
    if len(group) == 1:
        return
    *entry, first, second = group
    first.other, second.other = second, first
    for parent in entry:
        first.parent = second.parent = parent
        first.waiting = second.waiting = True
        if offsets is not None:
            first.distance, second.distance = offsets.stop, offsets.target
            for one in (first, second):
                stand_off(one, parent.price or parent.trigger_price or offsets.reference)


def exposed(order: Placed) -> Decimal:
    """Return the quantity an exit has while its entry has filled so far; all it was asked for while it waits."""
    parent = order.parent
    most = order.asked if parent is None or not parent.filled else min(order.asked, parent.filled)
    return max(most - order.taken, order.filled)


def after_fill(
    order: Placed, quantity: Decimal, average: Decimal | None, orders: Iterable[Placed], linked: bool
) -> list[Placed]:
    """Move what is linked with an order that traded so much, an entry's exits at any rate; return what changed."""
    moved = [one for one in orders if one.parent is order and one.alive]
    for one in moved:
        one.waiting = False
        one.quantity = exposed(one)
        if average is not None and not one.filled:
            stand_off(one, average)
    if not linked:
        return moved
    other = order.other
    if other is not None and other.alive:
        other.taken += quantity
        other.quantity -= quantity
        if order.state is OrderState.FILLED or other.quantity <= other.filled:
            other.state = OrderState.CANCELLED
        moved.append(other)
    parent = order.parent
    if parent is not None and parent.alive and order.state is OrderState.FILLED:
        parent.state = OrderState.CANCELLED  # the rest of it would have no exits any more
        moved.append(parent)
    return moved


def after_end(order: Placed, orders: Iterable[Placed]) -> list[Placed]:
    """End the exits that wait for an order that ended, and let go of the one it was linked with; return them."""
    moved = [one for one in orders if one.parent is order and one.alive and one.waiting]
    for one in moved:
        one.state = OrderState.REJECTED if order.state is OrderState.REJECTED else OrderState.CANCELLED
    other = order.other
    if other is not None and other.alive:
        other.other = None
        moved.append(other)
    return moved


def after_change(order: Placed, before: Decimal, orders: Iterable[Placed]) -> list[Placed]:
    """Have the exits of an entry follow its new terms, if they were to close all of it; return what changed."""
    moved = []
    for one in orders:
        if one.parent is not order or not one.alive:
            continue
        was = (one.quantity, one.price, one.trigger_price)
        if one.asked == before or one.asked > order.quantity:
            one.asked = order.quantity
        one.quantity = exposed(one)
        expected = order.price or order.trigger_price
        if one.waiting and expected is not None:
            stand_off(one, expected)
        if was != (one.quantity, one.price, one.trigger_price):
            moved.append(one)
    return moved


def stand_off(exit_: Placed, price: Decimal) -> None:
    """Put an exit at its distance from a price of its entry; one without a distance stays."""
    if exit_.distance is None:
        return
    if exit_.is_stop:
        exit_.trigger_price = price + exit_.side.sign * exit_.distance
    else:
        exit_.price = price - exit_.side.sign * exit_.distance
