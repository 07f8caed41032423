"""An order and its life.

The life is the table LIFE: from each state, where it may go. Two rules stand beside it. A fill is accepted in *every*
state: a cancel and a fill cross on the wire, and the fill is a fact. And a final state stays: a fill that arrives after
CANCELLED moves the filled quantity, not the state. What we were not told is UNKNOWN, which may become anything.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.errors import InvalidTransition
from core.model.fill import Side
from core.model.scope import PositionKey


class OrderState(Enum):
    """Where an order is in its life. DENIED is proven unsent; UNKNOWN is an outcome we were not told."""

    CREATED = "CREATED"
    SENT = "SENT"
    WORKING = "WORKING"
    PARTIAL = "PARTIAL"
    PENDING_CHANGE = "PENDING_CHANGE"
    PENDING_CANCEL = "PENDING_CANCEL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    DENIED = "DENIED"
    UNKNOWN = "UNKNOWN"


class OrderType(Enum):
    """How an order is priced."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"


class TimeInForce(Enum):
    """How long an order lives."""

    DAY = "DAY"
    GTC = "GTC"


class Intent(Enum):
    """What an order means for the position; entries are OPEN, ADD and REVERSE."""

    OPEN = "OPEN"
    ADD = "ADD"
    REDUCE = "REDUCE"
    CLOSE = "CLOSE"
    REVERSE = "REVERSE"
    PROTECT = "PROTECT"

    @property
    def is_entry(self) -> bool:
        """True when it can increase exposure."""
        return self in (Intent.OPEN, Intent.ADD, Intent.REVERSE)


class Held(Enum):
    """Who holds a working order: the broker's server, or this program."""

    SERVER = "SERVER"
    LOCAL = "LOCAL"


FINAL = frozenset(
    {
        OrderState.FILLED,
        OrderState.CANCELLED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.DENIED,
    }
)
# May still trade at the broker, as far as we know.
ALIVE = frozenset(OrderState) - FINAL

# The broker said that it has the order, and has not said that it ended.
WORKING = frozenset(
    {
        OrderState.WORKING,
        OrderState.PARTIAL,
        OrderState.PENDING_CHANGE,
        OrderState.PENDING_CANCEL,
    }
)
_ENDS = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED})
LIFE: dict[OrderState, frozenset[OrderState]] = {
    OrderState.CREATED: frozenset({OrderState.SENT, OrderState.DENIED}),
    OrderState.SENT: WORKING | _ENDS | {OrderState.UNKNOWN, OrderState.DENIED},
    OrderState.WORKING: WORKING | _ENDS | {OrderState.UNKNOWN},
    # A partly filled order never looks untouched again, except to a broker that says so after a replace.
    OrderState.PARTIAL: WORKING | _ENDS | {OrderState.UNKNOWN},
    OrderState.PENDING_CHANGE: WORKING | _ENDS | {OrderState.UNKNOWN},
    OrderState.PENDING_CANCEL: WORKING | _ENDS | {OrderState.UNKNOWN},
    OrderState.UNKNOWN: WORKING | _ENDS | {OrderState.DENIED},
    **{state: frozenset() for state in FINAL},
}


@dataclass(frozen=True, slots=True)
class Order:
    """An order as we know it.

    Attributes:
        client_order_id: ours, at most 31 characters; orders of others carry "EXT-connection-server id".
        server_order_id: the broker's, empty until told.
        quantity, filled_quantity: positive totals.
        price: limit price of LIMIT and STOP_LIMIT, points.
        trigger_price: trigger of STOP and STOP_LIMIT, points.
        action_id: the press or signal that caused it; one action is one order.
        external: not sent by this installation.
        waits: the broker says that it waits for its entry; his word of this session, not stored.
    """

    key: PositionKey
    client_order_id: str
    side: Side
    intent: Intent
    type: OrderType
    quantity: Decimal
    created_at: datetime
    updated_at: datetime
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    state: OrderState = OrderState.CREATED
    filled_quantity: Decimal = Decimal(0)
    server_order_id: str = ""
    held: Held = Held.SERVER
    reason: str = ""
    action_id: str = ""
    parent_client_order_id: str = ""
    oco_client_order_id: str = ""
    external: bool = False
    waits: bool = False

    @property
    def is_final(self) -> bool:
        """True when its state will not change any more."""
        return self.state in FINAL

    @property
    def is_alive(self) -> bool:
        """True while it may still trade, as far as we know."""
        return self.state not in FINAL

    @property
    def is_working(self) -> bool:
        """True while the broker works it, as it told us."""
        return self.state in WORKING

    @property
    def can_exit(self) -> bool:
        """True unless it was sent from here to open or add: an entry resting on the other side is no exit.

        What somebody else meant by an order nobody knows; it is taken by its side.
        """
        return self.external or not self.intent.is_entry

    @property
    def remaining(self) -> Decimal:
        """Quantity not filled yet, never negative."""
        return max(Decimal(0), self.quantity - self.filled_quantity)

    @property
    def over_filled(self) -> bool:
        """True when the broker executed more than was ordered."""
        return self.filled_quantity > self.quantity


def advance(order: Order, state: OrderState, at: datetime, reason: str = "") -> Order:
    """Return the order in the given state; the same state again only refreshes the reason.

    Raises:
        InvalidTransition: LIFE has no such arrow.
    """
    if state is order.state:
        return order if not reason or reason == order.reason else replace(order, reason=reason, updated_at=at)
    if state not in LIFE[order.state]:
        raise InvalidTransition(f"order {order.client_order_id}: {order.state.value} cannot become {state.value}")
    return replace(order, state=state, reason=reason or order.reason, updated_at=at)


def with_fill(order: Order, quantity: Decimal, at: datetime) -> Order:
    """Return the order with more filled; accepted in every state (a fact is not refused for arriving late).

    A final state stays. An order that is being cancelled or changed stays so until its last contract is filled.

    Raises:
        ValueError: the quantity is not positive: what is filled never falls.
    """
    if quantity <= 0:
        raise ValueError(f"order {order.client_order_id}: filled by {quantity}, expected more than zero")
    filled = order.filled_quantity + quantity
    state = order.state
    if not order.is_final:
        if filled >= order.quantity:
            state = OrderState.FILLED
        elif state not in (OrderState.PENDING_CANCEL, OrderState.PENDING_CHANGE):
            state = OrderState.PARTIAL
    return replace(order, filled_quantity=filled, state=state, updated_at=at)
