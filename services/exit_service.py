"""Exits without a position: cancelled by the program itself once the scope is proven flat.

A stop and a target of one position are alternatives. When one has done its work the other would open a position, and a
server that does not link them leaves it working. So what exited a position that ended in this session is cancelled as
soon as the broker has confirmed flat, or fills alone can be known and net to zero. A second of grace lets a server that
links them do it first. Nothing is cancelled on our books' word alone: a stop might be all that protects what the broker
still holds. What does not let itself be cancelled becomes a finding, with an alarm; so does what is found after we were
away, unless it was linked with the exit that filled: then it goes at once. The exits an entry was sent with belong to
that entry while it may trade, and those placed after the position ended to the next one.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from core import commands, events
from core.clock import Clock
from core.events import Announcement, Level
from core.messages import Message
from core.model.order import Intent, Order, OrderState
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from core.state_manager import StateManager
from services.finding_words import described

GRACE_S = 1.0
_EXITS = (Intent.PROTECT, Intent.REDUCE)


class ExitService:
    """Cancel the exits a closed position leaves behind (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._ended: dict[PositionKey, tuple[float, datetime]] = {}
        self._asked: set[str] = set()

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Note that a position ended, or that another began."""
        key, change = event.change.key, event.change
        if change.after is not None:
            self._ended.pop(key, None)
        elif change.trade is not None and not event.away:
            self._ended[key] = self._clock.monotonic(), self._clock.now()
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Cancel what a second of proven flat has left working."""
        follow: list[Message] = []
        snapshot = self._state.snapshot()
        for key, (ended_s, ended_at) in tuple(self._ended.items()):
            if event.monotonic_s - ended_s >= GRACE_S and _is_proven_flat(key, snapshot):
                left = [one for one in snapshot.orders.values() if _is_left_behind(one, key, ended_at, snapshot)]
                follow += self._cancel(left, snapshot)
        widowed = [one for one in snapshot.orders.values() if _is_widowed(one, snapshot)]
        return [*follow, *self._cancel(widowed, snapshot)]

    def _cancel(self, left: Iterable[Order], snapshot: Snapshot) -> list[Message]:
        follow: list[Message] = []
        for order in left:
            if order.client_order_id not in self._asked:
                self._asked.add(order.client_order_id)
                key = order.key
                what = described(order, snapshot.instruments.get((key.connection, key.symbol)))
                text = f"{key.symbol} {key.account} is flat: {what} is being cancelled."
                follow += [commands.CancelOrder(order.client_order_id), self._said(text, key)]
        return follow

    def _said(self, text: str, key: PositionKey) -> Announcement:
        return Announcement(Level.INFO, text, self._clock.now(), key)


def _is_widowed(order: Order, snapshot: Snapshot) -> bool:
    """Say whether an exit works in a flat scope though the one it was linked with has done the work, whenever it did.

    That it is to go was decided when the two were linked: not even after we were away is there a choice in it.
    """
    other = snapshot.orders.get(order.oco_client_order_id) if order.oco_client_order_id else None
    cancellable = order.is_working and order.state is not OrderState.PENDING_CANCEL and not order.external
    done = other is not None and other.state is OrderState.FILLED
    return cancellable and done and order.intent in _EXITS and _is_proven_flat(order.key, snapshot)


def _is_left_behind(order: Order, key: PositionKey, ended_at: datetime, snapshot: Snapshot) -> bool:
    cancellable = order.is_working and order.state is not OrderState.PENDING_CANCEL and not order.external
    parent = snapshot.orders.get(order.parent_client_order_id)
    awaited = order.created_at > ended_at or (parent is not None and parent.is_alive)
    return order.key == key and cancellable and order.intent in _EXITS and not awaited


def _is_proven_flat(key: PositionKey, snapshot: Snapshot) -> bool:
    scope, operation = snapshot.scopes.get(key), snapshot.operations.get(key)
    if scope is None or key in snapshot.positions or (operation is not None and operation.blocks_close):
        return False
    if scope.certainty is Certainty.FILLS_ONLY:
        return True
    return scope.certainty is Certainty.CONFIRMED and scope.broker_quantity == Decimal(0)
