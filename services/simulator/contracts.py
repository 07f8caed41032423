"""The futures the simulator lists, with their true facts.

A contract is named as Sierra Chart names it: root, month code, two digits of the year, `_FUT_CME`. Equity
index futures expire on the third Friday of March, June, September and December; the front month is the
first whose roll day (the Monday before that Friday) has not come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

_MONTH_CODES: Final = {3: "H", 6: "M", 9: "U", 12: "Z"}
_MONTHS: Final = {code: month for month, code in _MONTH_CODES.items()}
_SUFFIX: Final = "_FUT_CME"


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed future.

    Attributes:
        root: product, for instance `ES`; fees and price multipliers are set per root.
        tick_value: money for one tick and one contract, in `currency`.
        margin: money blocked for one contract, held or ordered.
        price_multiplier: what a client multiplies a price on the wire with to get the true one
            (DTC 507 `DisplayPriceMultiplier`). Inside the simulator all prices are true ones.
        depth_scale: size of the synthetic book relative to ES.
    """

    root: str
    symbol: str
    description: str
    exchange: str
    currency: str
    tick_size: Decimal
    tick_value: Decimal
    margin: Decimal
    expiry: date
    price_multiplier: Decimal = Decimal(1)
    depth_scale: Decimal = Decimal(1)

    def price_of(self, ticks: int) -> Decimal:
        """Return the price of a whole number of ticks."""
        return self.tick_size * ticks

    def value(self, price_change: Decimal, quantity: Decimal) -> Decimal:
        """Return the money a price change is worth for a signed quantity."""
        return price_change / self.tick_size * self.tick_value * quantity


def front_month(day: date) -> date:
    """Return the expiry of the quarterly contract that trades as the front month on a day."""
    year, month = day.year, 3
    while True:
        expiry = _third_friday(year, month)
        if day < expiry - timedelta(days=4):
            return expiry
        year, month = (year, month + 3) if month < 12 else (year + 1, 3)


def listed_contracts(
    day: date,
    also: Iterable[str] = (),
    price_multipliers: Mapping[str, Decimal] | None = None,
) -> tuple[Contract, ...]:
    """Return the contracts open for trading: the front months first, then older ones still held.

    Args:
        also: symbols that stay listed because somebody has a position or an order in them; others are ignored.
        price_multipliers: wire scale by root, 1 where not named.
    """
    front = front_month(day)
    contracts = [_e_mini(front), _micro(front)]
    older = [_named(symbol) for symbol in sorted(set(also) - {contract.symbol for contract in contracts})]
    contracts += [contract for contract in older if contract is not None]
    scales = price_multipliers or {}
    return tuple(replace(each, price_multiplier=scales.get(each.root, Decimal(1))) for each in contracts)


def _e_mini(expiry: date) -> Contract:
    return Contract(
        root="ES",
        symbol=_symbol("ES", expiry),
        description=f"E-mini S&P 500 {expiry:%b %Y}",
        exchange="CME",
        currency="USD",
        tick_size=Decimal("0.25"),
        tick_value=Decimal("12.50"),
        margin=Decimal(2500),
        expiry=expiry,
    )


def _micro(expiry: date) -> Contract:
    return replace(
        _e_mini(expiry),
        root="MES",
        symbol=_symbol("MES", expiry),
        description=f"Micro E-mini S&P 500 {expiry:%b %Y}",
        tick_value=Decimal("1.25"),
        margin=Decimal(250),
        depth_scale=Decimal("1.5"),
    )


def _named(symbol: str) -> Contract | None:
    stem = symbol.removesuffix(_SUFFIX)
    root, code, year = stem[:-3], stem[-3:-2], stem[-2:]
    if stem == symbol or root not in ("ES", "MES") or code not in _MONTHS or not year.isdigit():
        return None
    expiry = _third_friday(2000 + int(year), _MONTHS[code])
    return _e_mini(expiry) if root == "ES" else _micro(expiry)


def _symbol(root: str, expiry: date) -> str:
    return f"{root}{_MONTH_CODES[expiry.month]}{expiry:%y}{_SUFFIX}"


def _third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)
