"""What the broker tells about a request or a fill: values, in the order they go out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from services.simulator.accounts import Account, Fill, Position
from services.simulator.evaluation import Evaluation
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
    """The money of an account now: what the 600 message carries. All of it in the account's currency.

    Attributes:
        margin: of positions and working orders; `margin_held` of the positions alone.
        evaluation: how it stands under its rules, None for an account without.
        at_us: when it was made; `active_us` when something last happened to one of the account's orders.
    """

    account: Account
    open_profit: Decimal
    margin: Decimal
    margin_held: Decimal = Decimal(0)
    evaluation: Evaluation | None = None
    at_us: int = 0
    active_us: int = 0

    @property
    def equity(self) -> Decimal:
        """What the account is worth."""
        return self.account.cash + self.open_profit

    @property
    def available(self) -> Decimal:
        """What is left for new positions."""
        return self.equity - self.margin

    @property
    def day_profit(self) -> Decimal:
        """What the trading day brought so far; 0 before it is known what it began with."""
        return self.equity - self.account.day_equity if self.account.day_us else Decimal(0)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the broker to everybody who is connected."""

    text: str


Report = OrderReport | UnknownOrderReport | PositionReport | Statement | Notice
