"""What the broker tells about a request or a fill: values, in the order they go out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from services.simulator.accounts import Account, Fill, Position
from services.simulator.orders import Order
from services.simulator.requests import OrderName


class Why(Enum):
    """The occasion of an order report."""

    ACCEPTED = "ACCEPTED"
    FILLED = "FILLED"
    CHANGED = "CHANGED"
    CANCELLED = "CANCELLED"
    REPLACED = "REPLACED"
    REFUSED = "REFUSED"
    CANCEL_REFUSED = "CANCEL_REFUSED"
    REPLACE_REFUSED = "REPLACE_REFUSED"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """An order and why it is reported; the fill if there was one."""

    why: Why
    order: Order
    fill: Fill | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnknownOrderReport:
    """A cancel or replace was refused because the broker has no such order."""

    why: Why
    name: OrderName
    text: str


@dataclass(frozen=True, slots=True)
class PositionReport:
    """A position changed; quantity 0 says it is flat now."""

    position: Position


@dataclass(frozen=True, slots=True)
class Statement:
    """The money of an account now: what the 600 message carries."""

    account: Account
    open_profit: Decimal
    margin: Decimal

    @property
    def available(self) -> Decimal:
        """What is left for new positions."""
        return self.account.cash + self.open_profit - self.margin


Report = OrderReport | UnknownOrderReport | PositionReport | Statement
