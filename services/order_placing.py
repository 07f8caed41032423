"""Orders that a stored procedure wants: exits alone or in pairs, and entries together with their exits.

The part of OrderService that places them. Their ids are minted and stored before, by the operation that wants them, so
what is asked for again is not sent again. Everything that leaves in one call is committed before the first byte of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from core import commands, events
from core.cache import ExpiringCache
from core.clock import Clock
from core.errors import ConnectionLost, InvalidOrder
from core.messages import Message
from core.model.bracket import Offsets
from core.model.entry import EntryLeg
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType, TimeInForce, advance
from core.model.scope import PositionKey
from core.ports import Broker, Checkpoint
from services.order_book import OrderBook
from services.order_guards import ENTRY_WITHIN_S

ACTION_MEMORY_S = 24 * 3600.0


class Store(Protocol):
    """How an order is committed and published; `must` when nothing may be sent that is not stored."""

    def __call__(self, order: Order, before: Order | None, cause: str, must: bool = False) -> list[Message]: ...


Checked = Callable[[commands.SubmitOrder, str], Order]
Denied = Callable[[Order, str], list[Message]]
Hand = Callable[[Broker, Sequence[Order]], None]


def alone(broker: Broker, orders: Sequence[Order]) -> None:
    """Hand over one order."""
    broker.submit(orders[0])


def _paired(broker: Broker, orders: Sequence[Order]) -> None:
    broker.submit_pair(orders[0], orders[1])


class OrderPlacing:
    """Place what procedures want (trading thread)."""

    def __init__(
        self,
        book: OrderBook,
        broker: Callable[[PositionKey], Broker],
        store: Store,
        checked: Checked,
        denied: Denied,
        actions: ExpiringCache[str],
        clock: Clock,
        reached: Checkpoint,
    ) -> None:
        self._book = book
        self._broker = broker
        self._store = store
        self._checked = checked
        self._denied = denied
        self._actions = actions
        self._clock = clock
        self._reached = reached

    def on_place_exit(self, command: commands.PlaceExit) -> list[Message]:
        """Send an order that can only reduce; no guard stands before an exit."""
        if command.client_order_id in self._book:
            return []
        order = self._exit(command)
        return self.send((order,), command.cause, alone)

    def on_place_exit_pair(self, command: commands.PlaceExitPair) -> list[Message]:
        """Send a stop and a target the broker links."""
        if command.stop.client_order_id in self._book or command.target.client_order_id in self._book:
            return []
        stop = replace(self._exit(command.stop), oco_client_order_id=command.target.client_order_id)
        target = replace(self._exit(command.target), oco_client_order_id=command.stop.client_order_id)
        return self.send((stop, target), command.stop.cause, _paired)

    def on_place_entry(self, command: commands.PlaceEntry) -> list[Message]:
        """Send the entries of an operation, each with the exits the broker is to hold; the same action only once."""
        operation, entry = command.operation, command.entry
        first = operation.legs[0].entry_id
        if not self._actions.put(entry.action_id, first, self._clock.monotonic() + ACTION_MEMORY_S):
            return []
        try:
            whole = self._checked(entry, first)
            if whole.intent not in (Intent.OPEN, Intent.ADD):
                raise InvalidOrder("it would close what is open; a bracket goes with what opens or adds.")
        except InvalidOrder as refused:
            return [events.EntryRefused(operation.operation_id, str(refused))]
        follow: list[Message] = []
        for leg, offsets in zip(operation.legs, command.offsets, strict=True):
            follow += self._send_leg(replace(whole, client_order_id=leg.entry_id, quantity=leg.quantity), leg, offsets)
        return follow

    def send(self, orders: Sequence[Order], cause: str, hand: Hand) -> list[Message]:
        """Commit orders, then hand them to the line in one call; what is proven unsent is denied at once.

        Raises:
            PersistenceError: an entry could not be stored; nothing was sent.
        """
        self._reached("order.before_intent")
        began_s = self._clock.monotonic()
        sent = [advance(order, OrderState.SENT, self._clock.now()) for order in orders]
        together = len(sent) > 1 and sent[0].intent.is_entry
        follow = [message for order in sent for message in self._store(order, None, cause, together)]
        self._reached("order.intent_committed")
        took_s = self._clock.monotonic() - began_s
        if sent[0].intent.is_entry and took_s > ENTRY_WITHIN_S:
            why = f"The disk took {took_s:.1f} s to keep it. Press again."
            return [*follow, *(message for order in sent for message in self._denied(order, why))]
        closes = sent[0].intent is Intent.CLOSE
        if closes:
            self._reached("close.order_committed")
        try:
            hand(self._broker(sent[0].key), sent)
        except ConnectionLost as lost:
            return [*follow, *(message for order in sent for message in self._denied(order, str(lost)))]
        self._reached("order.handed_over")
        if closes:
            self._reached("close.order_handed_over")
        return follow

    def _send_leg(self, entry: Order, leg: EntryLeg, offsets: Offsets | None) -> list[Message]:
        cause = f"entry {entry.action_id}"
        if not leg.by_server:
            return self.send((entry,), cause, alone)
        stop = self._exit_of(entry, leg.stop_id, leg.target_id, OrderType.STOP)
        target = self._exit_of(entry, leg.target_id, leg.stop_id, OrderType.LIMIT)
        stop, target = replace(stop, trigger_price=leg.stop_price), replace(target, price=leg.target_price)

        def bracketed(broker: Broker, orders: Sequence[Order]) -> None:
            broker.submit_bracket(orders[0], orders[1], orders[2], offsets)

        return self.send((entry, stop, target), cause, bracketed)

    def _exit_of(self, entry: Order, name: str, other: str, type_: OrderType) -> Order:
        now = self._clock.now()
        return Order(
            key=entry.key,
            client_order_id=name,
            side=Side.SELL if entry.side is Side.BUY else Side.BUY,
            intent=Intent.PROTECT if type_ is OrderType.STOP else Intent.REDUCE,
            type=type_,
            quantity=entry.quantity,
            created_at=now,
            updated_at=now,
            # An exit outlives the day its entry was sent on: a stop that is gone overnight protects nothing.
            time_in_force=TimeInForce.GTC,
            parent_client_order_id=entry.client_order_id,
            oco_client_order_id=other,
        )

    def _exit(self, command: commands.PlaceExit) -> Order:
        now = self._clock.now()
        return Order(
            key=command.key,
            client_order_id=command.client_order_id,
            side=command.side,
            intent=command.intent,
            type=command.type,
            quantity=command.quantity,
            created_at=now,
            updated_at=now,
            price=command.price,
            trigger_price=command.trigger_price,
            time_in_force=command.time_in_force,
        )
