"""An account under evaluation: a floor that follows the most it was ever worth, and a limit for each day. Pure.

The rules are those of firms that test traders before they lend them money:

- **The floor** lies `drawdown` below the highest equity so far, open profit included, tick by tick, and stops rising
  at `floor_stops_at`. Equity at or below it ends the evaluation: the account is locked for good.
- **The day's limit**: equity at or below what it was at the beginning of the trading day less `daily_loss` locks the
  account until the next one begins, at 17:00 in Chicago.
- **The size**: position and working orders of all symbols together never reach more than `max_contracts`; a micro
  counts a tenth.

Equity is cash plus open profit at the last trade prices. Money is in the account's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final

_COUNTS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"MES": Decimal("0.1"), "MNQ": Decimal("0.1"), "ETH-PERP": Decimal("0.1")}
)
"""How much one unit counts against `max_contracts`, by root; 1 where not named."""


class Breach(Enum):
    """Which limit was reached; the value says it in words."""

    DRAWDOWN = "trailing drawdown"
    DAILY_LOSS = "daily loss limit"


@dataclass(frozen=True, slots=True)
class EvaluationRules:
    """What an account under evaluation may lose and hold; see the module.

    Attributes:
        drawdown: distance of the floor from the highest equity.
        floor_stops_at: the highest the floor can get.
        daily_loss: what a day may lose.
        max_contracts: the largest position and orders, in whole contracts.
    """

    drawdown: Decimal
    floor_stops_at: Decimal
    daily_loss: Decimal
    max_contracts: Decimal


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How an account stands under its rules.

    Attributes:
        peak: highest equity so far.
        locked: which limit was reached; None while trading is allowed.
        locked_at_us: when it was.
        locked_below: the limit's figure, equity of the account.
    """

    account: str
    rules: EvaluationRules
    peak: Decimal
    locked: Breach | None = None
    locked_at_us: int = 0
    locked_below: Decimal = Decimal(0)

    @property
    def floor(self) -> Decimal:
        """Equity that ends the evaluation."""
        return min(self.peak - self.rules.drawdown, self.rules.floor_stops_at)

    def seen(self, equity: Decimal) -> Evaluation:
        """Return it after the account was worth so much; a locked account's floor moves no more."""
        return self if self.locked or equity <= self.peak else replace(self, peak=equity)

    def breach(self, equity: Decimal, day_equity: Decimal) -> Breach | None:
        """Return the limit that is reached, the floor before the day's."""
        if equity <= self.floor:
            return Breach.DRAWDOWN
        return Breach.DAILY_LOSS if equity <= day_equity - self.rules.daily_loss else None

    def lock(self, breach: Breach, day_equity: Decimal, now_us: int) -> Evaluation:
        """Return it locked."""
        below = self.floor if breach is Breach.DRAWDOWN else day_equity - self.rules.daily_loss
        return replace(self, locked=breach, locked_at_us=now_us, locked_below=below)

    def new_day(self) -> Evaluation:
        """Return it as a trading day begins: the day's limit is forgotten, the floor is not."""
        if self.locked is not Breach.DAILY_LOSS:
            return self
        return replace(self, locked=None, locked_at_us=0, locked_below=Decimal(0))

    @property
    def lock_text(self) -> str:
        """Why nothing can be traded, in a sentence; empty while it can."""
        if self.locked is None:
            return ""
        moment, figure = datetime.fromtimestamp(self.locked_at_us / 1_000_000, UTC), f"{self.locked_below:,.2f}"
        if self.locked is Breach.DRAWDOWN:
            return (
                f"Account {self.account} is locked: trailing drawdown {figure} reached at {moment:%Y-%m-%d %H:%M} UTC"
            )
        return (
            f"Account {self.account} is locked until 17:00 Chicago: "
            f"daily loss limit {figure} reached at {moment:%H:%M} UTC"
        )

    @property
    def description(self) -> str:
        """The rules in a line."""
        rules = self.rules
        return (
            f"Evaluation: trailing drawdown {rules.drawdown:,.2f}, daily loss {rules.daily_loss:,.2f}, "
            f"{rules.max_contracts.normalize():f} contracts"
        )


def counted(root: str, quantity: Decimal) -> Decimal:
    """Return how much a quantity counts against the largest size."""
    return _COUNTS.get(root, Decimal(1)) * quantity


def evaluation_to_row(evaluation: Evaluation) -> dict[str, str]:
    """Return the stored form."""
    rules = evaluation.rules
    return {
        "account": evaluation.account,
        "drawdown": str(rules.drawdown),
        "floor_stops_at": str(rules.floor_stops_at),
        "daily_loss": str(rules.daily_loss),
        "max_contracts": str(rules.max_contracts),
        "peak": str(evaluation.peak),
        "locked": evaluation.locked.name if evaluation.locked else "",
        "locked_at_us": str(evaluation.locked_at_us),
        "locked_below": str(evaluation.locked_below),
    }


def evaluation_from_row(row: Mapping[str, str]) -> Evaluation:
    """Return what a stored row says."""
    return Evaluation(
        account=row["account"],
        rules=EvaluationRules(
            Decimal(row["drawdown"]),
            Decimal(row["floor_stops_at"]),
            Decimal(row["daily_loss"]),
            Decimal(row["max_contracts"]),
        ),
        peak=Decimal(row["peak"]),
        locked=Breach[row["locked"]] if row["locked"] else None,
        locked_at_us=int(row["locked_at_us"]),
        locked_below=Decimal(row["locked_below"]),
    )
