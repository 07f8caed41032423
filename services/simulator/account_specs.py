"""Which accounts a new broker opens, and what money of one currency is worth in another. Pure.

Rates are fixed for the life of a simulator, so that the same trades give the same money every time: 1 EUR is 1.16 USD
unless the settings say otherwise. What was converted is rounded to cents, to the even one where it lies between two;
money in its own currency to 8 places, where only an average price that does not come out even has more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import Final

from services.simulator.evaluation import EvaluationRules

BASE_CURRENCY: Final = "USD"
DEFAULT_RATES: Final[Mapping[str, Decimal]] = MappingProxyType({"EUR": Decimal("1.16")})
"""USD for one unit of a currency."""

_CENT: Final = Decimal("0.01")
_FINEST: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to open.

    Attributes:
        cash: what it begins with, in its currency.
        evaluation: the rules it is under; None for an account that may do what its margin allows.
    """

    cash: Decimal
    currency: str = BASE_CURRENCY
    evaluation: EvaluationRules | None = None


DEFAULT_ACCOUNTS: Final[Mapping[str, AccountSpec]] = MappingProxyType(
    {
        "Sim1": AccountSpec(Decimal(100_000)),
        "Sim2": AccountSpec(Decimal(100_000)),
        "Eval50K": AccountSpec(
            Decimal(50_000),
            evaluation=EvaluationRules(
                drawdown=Decimal(2_000),
                floor_stops_at=Decimal(50_100),
                daily_loss=Decimal(1_000),
                max_contracts=Decimal(5),
            ),
        ),
        "EurSim": AccountSpec(Decimal(50_000), "EUR"),
    }
)
"""By account name."""


def convert(money: Decimal, source: str, target: str, rates: Mapping[str, Decimal]) -> Decimal:
    """Return money of one currency in another, rounded as the module says.

    Raises:
        KeyError: there is no rate of one of them.
    """
    if source == target:
        return rounded(money)
    in_base = money if source == BASE_CURRENCY else money * rates[source]
    return (in_base if target == BASE_CURRENCY else in_base / rates[target]).quantize(_CENT, ROUND_HALF_EVEN)


def rounded(money: Decimal) -> Decimal:
    """Return money without the digits nobody could pay; sums of what is left are exact."""
    exact = money.quantize(_FINEST, ROUND_HALF_EVEN)
    return money if exact == money else exact
