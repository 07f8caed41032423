"""What a broker reports, in our words: orders, positions and a complete snapshot of an account's state.

These are claims with a time, not our truth: services weigh them against the ledger.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.fill import Fill, Side
from core.model.order import OrderState, OrderType, TimeInForce
from core.model.scope import Account, AccountKey, Balance, PositionKey


class ReportKind(Enum):
    """Why a broker reported on an order (DTC OrderUpdateReason)."""

    RESTATED = "RESTATED"
    ACCEPTED = "ACCEPTED"
    CHANGED = "CHANGED"
    FILLED = "FILLED"
    PARTLY_FILLED = "PARTLY_FILLED"
    CANCELLED = "CANCELLED"
    REPLACED = "REPLACED"
    REJECTED = "REJECTED"
    CANCEL_REFUSED = "CANCEL_REFUSED"
    REPLACE_REFUSED = "REPLACE_REFUSED"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order as the broker states it.

    Attributes:
        state: None when the broker's status says nothing we can use; the order keeps its own.
        quantity, filled_quantity: totals, positive; None unset on the wire.
        price, trigger_price: points; None unset.
        text: the broker's words, verbatim.
        parent_server_order_id, oco_server_order_id: the entry it belongs to, and the exit it is linked with, as the
            broker names them; empty when it names none.
        waits_for_parent: an exit that does nothing yet, since its entry has not filled; its state is WORKING.

    Source: DTC ORDER_UPDATE (301).
    """

    key: PositionKey
    client_order_id: str
    server_order_id: str
    kind: ReportKind
    state: OrderState | None
    received_at: datetime
    side: Side | None = None
    type: OrderType | None = None
    quantity: Decimal | None = None
    filled_quantity: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    average_fill_price: Decimal | None = None
    text: str = ""
    previous_server_order_id: str = ""
    parent_server_order_id: str = ""
    oco_server_order_id: str = ""
    waits_for_parent: bool = False


@dataclass(frozen=True, slots=True)
class PositionReport:
    """One position as the broker states it; quantity zero is an explicit "flat".

    Attributes:
        quantity: signed; None when the message did not carry it (unknown, not zero).
        average_price: points; None when unset.

    Source: DTC POSITION_UPDATE (306).
    """

    key: PositionKey
    quantity: Decimal | None
    average_price: Decimal | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class BrokerSnapshot:
    """A complete, fresh answer: every part was asked for and finished on this connection, nothing dropped meanwhile.

    Attributes:
        asked_at: when the first request was sent, aware UTC.
        fills_since: start of the window the fills cover, aware UTC.
        orders: every open order of every account.
        positions: rows the broker listed, explicit zeros included; None when it refused to list positions.
        fills: executions in the window, oldest first; None when it refused to list them.
        unread: scopes in which executions were listed that cannot be read: what they were is not known.
    """

    asked_at: datetime
    completed_at: datetime
    fills_since: datetime
    accounts: tuple[Account, ...]
    balances: tuple[tuple[AccountKey, Balance], ...]
    orders: tuple[OrderReport, ...]
    positions: tuple[PositionReport, ...] | None
    fills: tuple[Fill, ...] | None
    note: str = ""
    unread: frozenset[PositionKey] = frozenset()
