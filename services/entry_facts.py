"""What an entry with its exits is judged by: the facts around it, and the plan that is made of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.events import Link
from core.messages import Message
from core.model.bracket import live_quantity
from core.model.entry import EntryLeg, EntryOperation
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState
from core.model.order_change import STOPS
from core.model.position import Position
from core.snapshot import Certainty, Snapshot
from services.order_findings import is_beyond_doubt
from services.order_guards import CLOCK_SKEW

# A fill that is reported and not booked is waited for so long.
ON_ITS_WAY_S = 5.0
ZERO = Decimal(0)
_BY_EVIDENCE = (OrderState.CANCELLED, OrderState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Plan:
    """The operation as it is to be, and what that announces; stored before."""

    operation: EntryOperation
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known around an entry.

    Attributes:
        orders: of the scope, by client order id, those of the operation whatever became of them.
        by_hand: client ids of orders whose cancel was asked for here.
        waited_s: since the step began. asked: how often the broker was asked in it.
        quiet_s: since anything was told of its orders.
    """

    operation: EntryOperation
    snapshot: Snapshot
    orders: Mapping[str, Order]
    by_hand: frozenset[str]
    waited_s: float
    asked: int
    quiet_s: float
    now: datetime

    @property
    def position(self) -> Position | None:
        """Our position in the scope."""
        return self.snapshot.positions.get(self.operation.key)

    @property
    def instrument(self) -> Instrument | None:
        """The contract."""
        return self.snapshot.instruments.get((self.operation.key.connection, self.operation.key.symbol))

    @property
    def sure(self) -> bool:
        """True while the line is up, if its entries are open or not, and nothing speaks against our books."""
        line = self.snapshot.connections.get(self.operation.key.connection)
        up = line is not None and line.link in (Link.READY, Link.SYNCING)
        return up and is_beyond_doubt(self.operation.key, self.snapshot)

    @property
    def closing(self) -> bool:
        """True while a close runs in the scope; it has the exits in hand."""
        close = self.snapshot.operations.get(self.operation.key)
        return close is not None and close.blocks_close

    @property
    def entries(self) -> list[Order | None]:
        """The entry orders; None was never sent."""
        return [self.orders.get(leg.entry_id) for leg in self.operation.legs]

    @property
    def ended(self) -> bool:
        """True when no entry can fill any more."""
        return all(order is None or order.is_final for order in self.entries)

    @property
    def filled(self) -> Decimal:
        """What the entries are reported filled by."""
        return sum((order.filled_quantity for order in self.entries if order is not None), ZERO)

    @property
    def unbooked(self) -> bool:
        """True while a fill is reported that the ledger does not have yet, and the broker has not confirmed since."""
        ahead = [one for one in self._ahead_of_books() if not self._is_confirmed_since(one)]
        return any((self.now - order.updated_at).total_seconds() < ON_ITS_WAY_S for order in ahead)

    def is_booked(self, order: Order) -> bool:
        """Say whether the ledger has all an order is reported filled by."""
        fills = (one for one in self.snapshot.fills if one.client_order_id == order.client_order_id)
        return sum((one.quantity for one in fills), ZERO) >= order.filled_quantity

    @property
    def claimed(self) -> bool:
        """True when an entry that ended unnamed may have traded: there is a fill of its side that names no order."""
        unnamed = any(
            order is not None and order.state in _BY_EVIDENCE and not order.server_order_id for order in self.entries
        )
        since = self.operation.started_at - CLOCK_SKEW
        return unnamed and any(
            fill.key == self.operation.key
            and fill.side is self.operation.side
            and fill.client_order_id not in self.orders
            and fill.time >= since
            for fill in self.snapshot.fills
        )

    @property
    def settled(self) -> bool:
        """True when every reported fill is booked, or the broker has confirmed our books since it was reported."""
        scope = self.snapshot.scopes.get(self.operation.key)
        if scope is not None and scope.certainty is Certainty.FILLS_ONLY:
            return not self.unbooked
        return all(self._is_confirmed_since(order) for order in self._ahead_of_books())

    @property
    def needed(self) -> Decimal:
        """What of its fills is still open, unsigned."""
        held = self.position
        if held is None or (held.quantity > 0) is not (self.operation.side is Side.BUY):
            return ZERO
        return min(abs(held.quantity), sum((self.open_of(leg) for leg in self.operation.legs), ZERO))

    @property
    def missing(self) -> Decimal:
        """What of that no stop covers, neither one of its own nor another of the scope."""
        own = sum((self.covered_of(leg) for leg in self.operation.legs), ZERO)
        return max(ZERO, min(self.needed - own, self.bare))

    @property
    def bare(self) -> Decimal:
        """What of a position on its side no stop of the scope covers, whoever opened it."""
        held = self.position
        if held is None or (held.quantity > 0) is not (self.operation.side is Side.BUY):
            return ZERO
        stops = [one for one in self.orders.values() if one.type in STOPS and one.is_working and one.can_exit]
        every = sum((live_quantity(one, self.orders) for one in stops if one.side is not self.operation.side), ZERO)
        return max(ZERO, abs(held.quantity) - every)

    def _is_confirmed_since(self, order: Order) -> bool:
        scope = self.snapshot.scopes.get(self.operation.key)
        told = scope.broker_time if scope is not None and scope.certainty is Certainty.CONFIRMED else None
        return told is not None and told > order.updated_at

    def _ahead_of_books(self) -> list[Order]:
        """Return the entries of which more is reported filled than the recent ledger has."""
        booked = {leg.entry_id: ZERO for leg in self.operation.legs}
        for fill in self.snapshot.fills:
            if fill.client_order_id in booked:
                booked[fill.client_order_id] += fill.quantity
        entries = [order for order in self.entries if order is not None]
        return [order for order in entries if order.filled_quantity > booked[order.client_order_id]]

    def open_of(self, leg: EntryLeg) -> Decimal:
        """Return what a leg's entry filled and its own exits have not closed."""
        entry = self.orders.get(leg.entry_id)
        exits = (self.orders.get(name) for name in (leg.stop_id, leg.target_id, leg.again_id, leg.undo_id) if name)
        gone = sum((one.filled_quantity for one in exits if one is not None), ZERO)
        return ZERO if entry is None else max(ZERO, entry.filled_quantity - gone)

    @property
    def shares(self) -> list[tuple[EntryLeg, Decimal]]:
        """What of the open quantity each leg answers for: together what is needed, never more."""
        left, shares = self.needed, []
        for leg in self.operation.legs:
            share = min(left, self.open_of(leg))
            left -= share
            shares.append((leg, share))
        return shares

    def covered_of(self, leg: EntryLeg) -> Decimal:
        """Return what stops of a leg work for now."""
        stops = (self.orders.get(name) for name in (leg.stop_id, leg.again_id))
        return sum((live_quantity(one, self.orders) for one in stops if one is not None and one.is_working), ZERO)
