"""What a fill costs: DTC carries no commission, so a schedule says it; unknown stays unknown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.model.scope import AccountKey

# A futures symbol: root, month letter, one or two digits of the year, then anything the data service appends.
_FUTURE = re.compile(r"^(?:F\.US\.)?([A-Z0-9]{1,4}?)[FGHJKMNQUVXZ]\d{1,2}(?:[._-].*)?$")


def root_of(symbol: str) -> str:
    """Return the product of a futures symbol ("ESZ26_FUT_CME" is "ES"); any other symbol is its own root."""
    match = _FUTURE.match(symbol)
    return match.group(1) if match else symbol


@dataclass(frozen=True, slots=True)
class CommissionSchedule:
    """Cost per unit and side, by account and instrument root.

    Attributes:
        by_account: overrides for an account, money per unit, in the account's currency.
        defaults: for accounts without an entry of their own, by connection.
    """

    by_account: Mapping[AccountKey, Mapping[str, Decimal]] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def cost(self, key: AccountKey, symbol: str, quantity: Decimal) -> Decimal | None:
        """Return what `quantity` (positive) of a symbol costs on one side; None when no schedule covers it."""
        root = root_of(symbol)
        for rates in (self.by_account.get(key), self.defaults.get(key.connection)):
            if rates is not None and root in rates:
                return rates[root] * quantity
        return None


def scheduled(rates: Mapping[str, Mapping[str, Decimal]], below: CommissionSchedule) -> CommissionSchedule:
    """Return a schedule with rates by place laid over another.

    Args:
        rates: by place: a connection, or connection/account; a place replaces that place whole.
    """
    places = {place: products for place, products in rates.items() if "/" not in place}
    accounts = {AccountKey(*place.split("/", 1)): products for place, products in rates.items() if "/" in place}
    return CommissionSchedule({**below.by_account, **accounts}, {**below.defaults, **places})
