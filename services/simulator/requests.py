"""What a client asks the broker for, in true prices; nothing is checked yet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.simulator.orders import OrderKind, Side, TimeInForce


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed.

    Attributes:
        reference_price: where a parent at the market is expected to fill.
        distance: of an exit, from the price its parent fills at; `keeps_price`: from where that was expected.
    """

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
    free_text: str = ""
    reference_price: Decimal | None = None
    distance: Decimal | None = None
    keeps_price: bool = False


@dataclass(frozen=True, slots=True)
class NewPair:
    """Two orders of which one ends, or shrinks, with the other (`cancels_linked`: always ends).

    Attributes:
        parent_trigger: the client's id of the entry whose exits they are; empty for a pair of its own.
    """

    first: NewOrder
    second: NewOrder
    cancels_linked: bool = False
    parent_trigger: str = ""


@dataclass(frozen=True, slots=True)
class OrderName:
    """Which order is meant: the broker's id, or the client's where the former is empty."""

    server_order_id: str
    client_order_id: str = ""
    account: str = ""

    def __str__(self) -> str:
        return self.server_order_id or self.client_order_id or "(empty)"


@dataclass(frozen=True, slots=True)
class Change:
    """New terms for a working order; None leaves a term as it is. `quantity` includes what is filled."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
