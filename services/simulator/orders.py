"""An order as the simulated broker keeps it.

Deliberately not the terminal's order: the two ends of the wire share no code, so they cannot share a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum


class Side(Enum):
    """Which way an order trades."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderKind(Enum):
    """How an order is priced."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"


class TimeInForce(Enum):
    """How long an order works: for the day to the end of its product's session, see `lifetime`."""

    DAY = "DAY"
    GTC = "GTC"
    GTD = "GTD"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(Enum):
    """Where an order stands. PENDING: received, not yet at the exchange (latency). HELD: waits for its parent."""

    PENDING = "PENDING"
    HELD = "HELD"
    WORKING = "WORKING"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to the order."""
        return self in (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class Order:
    """One order and what became of it.

    Attributes:
        quantity: contracts wanted, as the client asked, even if refused for it.
        limit_price: worst acceptable price of LIMIT and STOP_LIMIT.
        stop_price: trigger of STOP and STOP_LIMIT.
        filled_value: sum of price times quantity of the fills.
        sequence: place in time among all orders; a change that loses priority gives a new one.
        expires_us: end of a GTD order, 0 for none.
        text: why it was refused or ended.
        parent_id: the entry this is an exit of; it waits for its fills.
        linked_id: the other of an OCO pair.
        cancels_linked: any fill of this one cancels the other; else a partial fill reduces it by the same.
        wanted: of an exit or one of a pair, contracts in all; `quantity` is what of it may trade now. 0 for others.
        taken: what the linked order traded instead.
        distance: of an exit, its distance from the price its parent fills at; None for a price of its own.
        keeps_price: an exit with a distance stays where it was when it was given.
        reference_price: where a parent at the market is expected to fill.
        live_us: when an exit began to work, 0 before.
    """

    server_order_id: str
    client_order_id: str
    account: str
    symbol: str
    side: Side
    kind: OrderKind
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    expires_us: int = 0
    status: OrderStatus = OrderStatus.PENDING
    filled: Decimal = Decimal(0)
    filled_value: Decimal = Decimal(0)
    triggered: bool = False
    sequence: int = 0
    received_us: int = 0
    updated_us: int = 0
    text: str = ""
    free_text: str = ""
    parent_id: str = ""
    linked_id: str = ""
    cancels_linked: bool = False
    wanted: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)
    distance: Decimal | None = None
    keeps_price: bool = False
    reference_price: Decimal | None = None
    live_us: int = 0

    @property
    def waits(self) -> bool:
        """Whether it cannot trade before its parent does."""
        return self.status is OrderStatus.HELD or (self.status is OrderStatus.PENDING and self.parent_id != "")

    @property
    def remaining(self) -> Decimal:
        """Contracts still working; 0 once the order is final."""
        return Decimal(0) if self.status.is_final else self.quantity - self.filled

    @property
    def average_price(self) -> Decimal | None:
        """Average price of the fills, None before the first."""
        return self.filled_value / self.filled if self.filled else None

    def with_fill(self, quantity: Decimal, price: Decimal, now_us: int) -> Order:
        """Return the order after a fill; a final status stays what it is."""
        filled = self.filled + quantity
        status = OrderStatus.FILLED if filled >= self.quantity else OrderStatus.PARTIAL
        return replace(
            self,
            filled=filled,
            filled_value=self.filled_value + price * quantity,
            status=self.status if self.status.is_final else status,
            updated_us=now_us,
        )

    def ended(self, status: OrderStatus, text: str, now_us: int) -> Order:
        """Return the order in a final status."""
        return replace(self, status=status, text=text, updated_us=now_us)


def order_to_row(order: Order) -> dict[str, str]:
    """Return the stored form of an order."""
    return {
        "server_order_id": order.server_order_id,
        "client_order_id": order.client_order_id,
        "account": order.account,
        "symbol": order.symbol,
        "side": order.side.value,
        "kind": order.kind.value,
        "quantity": str(order.quantity),
        "limit_price": _text(order.limit_price),
        "stop_price": _text(order.stop_price),
        "time_in_force": order.time_in_force.value,
        "expires_us": str(order.expires_us),
        "status": order.status.value,
        "filled": str(order.filled),
        "filled_value": str(order.filled_value),
        "triggered": "1" if order.triggered else "0",
        "sequence": str(order.sequence),
        "received_us": str(order.received_us),
        "updated_us": str(order.updated_us),
        "text": order.text,
        "free_text": order.free_text,
        "parent_id": order.parent_id,
        "linked_id": order.linked_id,
        "cancels_linked": "1" if order.cancels_linked else "0",
        "wanted": str(order.wanted),
        "taken": str(order.taken),
        "distance": _text(order.distance),
        "keeps_price": "1" if order.keeps_price else "0",
        "reference_price": _text(order.reference_price),
        "live_us": str(order.live_us),
    }


def order_from_row(row: Mapping[str, str]) -> Order:
    """Return the order of a stored row."""
    return Order(
        server_order_id=row["server_order_id"],
        client_order_id=row["client_order_id"],
        account=row["account"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        kind=OrderKind(row["kind"]),
        quantity=Decimal(row["quantity"]),
        limit_price=_decimal(row["limit_price"]),
        stop_price=_decimal(row["stop_price"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        expires_us=int(row["expires_us"]),
        status=OrderStatus(row["status"]),
        filled=Decimal(row["filled"]),
        filled_value=Decimal(row["filled_value"]),
        triggered=row["triggered"] == "1",
        sequence=int(row["sequence"]),
        received_us=int(row["received_us"]),
        updated_us=int(row["updated_us"]),
        text=row["text"],
        free_text=row["free_text"],
        parent_id=row["parent_id"],
        linked_id=row["linked_id"],
        cancels_linked=row["cancels_linked"] == "1",
        wanted=Decimal(row["wanted"]),
        taken=Decimal(row["taken"]),
        distance=_decimal(row["distance"]),
        keeps_price=row["keeps_price"] == "1",
        reference_price=_decimal(row["reference_price"]),
        live_us=int(row["live_us"]),
    )


def _text(price: Decimal | None) -> str:
    return "" if price is None else str(price)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
