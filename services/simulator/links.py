"""What orders do to each other: the two of an OCO pair, and an entry and its exits.

A fill is mirrored at once, as the book did in the same moment: what one of a pair traded is gone for the other, exits
grow with their entry, and the exit that closed all of it ends the rest of the entry, which would have no exits any
more. What needs the book again, exits that begin to work, move or end with their entry, waits until everything of the
moment is booked (`settle`).

Only a fill ends or reduces the other of a pair. An order that ends in any other way (cancelled, expired, refused)
leaves the other working, and it is linked no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from services.simulator.contracts import Contract
from services.simulator.exits import exposed, followed
from services.simulator.orders import Order, OrderStatus
from services.simulator.records import Records
from services.simulator.reports import Why


class Floor(Protocol):
    """What the desk does for it."""

    def tell_change(self, order: Order, text: str) -> Order:
        """Remember an order that changed, and tell of it."""

    def reenter(self, before: Order, order: Order, text: str, now_us: int) -> None:
        """Let an order work on as it is now."""

    def end(self, order: Order, status: OrderStatus, why: Why, text: str, now_us: int) -> None:
        """Make an order final."""


class Links:
    """Carries what happens to one order over to others; the desk uses it.

    Attributes:
        honoured: off, the other of a pair is left alone; a fault for tests.
    """

    def __init__(self, records: Records, contracts: Mapping[str, Contract], floor: Floor) -> None:
        self.honoured = True
        self._records = records
        self._contracts = contracts
        self._floor = floor
        self._touched: list[str] = []

    def touch(self, order: Order) -> None:
        """Note that something happened to an order others may depend on."""
        if order.linked_id or self._records.children(order.server_order_id):
            self._touched.append(order.server_order_id)

    def mirror(self, order: Order, quantity: Decimal, now_us: int) -> None:
        """Carry a fill over to the other of its pair, to its exits and to its entry."""
        self.touch(order)
        for child in self._open_exits(order):
            grown = replace(child, quantity=exposed(child, order), updated_us=now_us)
            if not child.waits and grown.quantity != child.quantity:
                self._floor.tell_change(grown, f"Follows parent order {order.server_order_id}")
        if self.honoured:
            self._mirror_to_linked(order, quantity, now_us)
            self._mirror_to_parent(order, now_us)

    def resize(self, before: Order, parent: Order) -> None:
        """Have exits that were to close the whole of an entry close the whole of it still, and follow its price."""
        self.touch(parent)
        for child in self._open_exits(parent):
            if child.wanted == before.quantity or child.wanted > parent.quantity:
                self._records.put_order(replace(child, wanted=parent.quantity))

    def settle(self, now_us: int) -> None:
        """Carry out what follows, until nothing does."""
        while self._touched:
            order = self._records.orders.get(self._touched.pop(0))
            if order is None:
                continue
            for child in self._open_exits(order):  # one that begins to work may end the others at once
                self._follow(child.server_order_id, order.server_order_id, now_us)
            if order.status.is_final and order.status is not OrderStatus.FILLED:
                self._release(order)

    def _mirror_to_linked(self, order: Order, quantity: Decimal, now_us: int) -> None:
        linked, name = self._other(order), order.server_order_id
        if linked is None:
            return
        if order.status is OrderStatus.FILLED or order.cancels_linked:
            self._floor.end(linked, OrderStatus.CANCELLED, Why.CANCELLED, f"Linked order {name} filled", now_us)
            return
        reduced = replace(linked, taken=linked.taken + quantity, updated_us=now_us)
        parent = self._records.orders.get(linked.parent_id)
        if parent is not None and linked.waits:  # what it shows is not yet what it will have
            reduced = replace(reduced, quantity=exposed(reduced, parent))
        else:
            reduced = replace(reduced, quantity=max(linked.quantity - quantity, linked.filled))
        if reduced.quantity <= reduced.filled:
            self._complete(reduced, f"Linked order {name} filled what was left", now_us)
        else:
            self._floor.tell_change(reduced, f"Reduced by {quantity:f}: linked order {name} partly filled")

    def _mirror_to_parent(self, order: Order, now_us: int) -> None:
        parent = self._records.orders.get(order.parent_id)
        if parent is not None and not parent.status.is_final and order.status is OrderStatus.FILLED:
            text = f"Exit {order.server_order_id} closed all it had filled"
            self._floor.end(parent, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)

    def _follow(self, child_id: str, name: str, now_us: int) -> None:
        child, parent = self._records.orders.get(child_id), self._records.orders.get(name)
        if child is None or parent is None or child.status.is_final:
            return
        if parent.status.is_final and not parent.filled:
            text = f"Parent order {name} ended before it filled"
            self._floor.end(child, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)
            return
        after = followed(child, parent, self._contracts[child.symbol].tick_size, now_us)
        if after.filled >= after.quantity:
            self._complete(after, f"Nothing of parent order {name} is left to close", now_us)
        elif after != child:
            self._floor.reenter(child, after, f"Follows parent order {name}", now_us)

    def _complete(self, order: Order, text: str, now_us: int) -> None:
        """End an order that has nothing left to trade, without a fill of this moment."""
        if order.filled:
            self._floor.end(order, OrderStatus.FILLED, Why.CHANGED, text, now_us)
        else:
            self._floor.end(order, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)

    def _release(self, order: Order) -> None:
        linked = self._other(order)
        if linked is not None:
            freed = replace(linked, linked_id="")
            self._floor.tell_change(freed, f"Linked order {order.server_order_id} is over")

    def _open_exits(self, order: Order) -> list[Order]:
        return [each for each in self._records.children(order.server_order_id) if not each.status.is_final]

    def _other(self, order: Order) -> Order | None:
        """Return the other of a pair while it can still trade and is linked back."""
        linked = self._records.orders.get(order.linked_id) if order.linked_id else None
        is_open = linked is not None and not linked.status.is_final and linked.linked_id == order.server_order_id
        return linked if is_open else None
