"""What the simulator lists: the front month of every product, with its true facts and made-up prices.

A contract that has rolled is listed until its last day, and beyond it while somebody holds it or has an order in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from core.model.contract import (
    PRODUCTS,
    ContractMonth,
    Product,
    last_day,
    month_of,
    open_months,
    product_of,
    roll_day,
    symbol_of,
)


@dataclass(frozen=True, slots=True)
class Character:
    """How a product behaves in the synthetic market.

    Attributes:
        underlying: what it is a contract on; contracts on one underlying follow one price.
        opens_at: price of the underlying when the market is opened for the first time.
        margin: money blocked for one unit, held or ordered.
        pace: events of the book per second.
        restlessness: ticks the price wanders in a second, one standard deviation, in a calm market.
        loadings: how much of that comes from forces shared with other underlyings; squares add up to at most 1.
        depth: size of the book relative to ES, in lots.
        lot: the unit in which others show and trade size.
        halts_after: how far it may move in five minutes before trading is halted, in minutes of a calm market.
    """

    underlying: str
    opens_at: Decimal
    margin: Decimal
    pace: float
    restlessness: float
    loadings: Mapping[str, float]
    depth: float = 1.0
    lot: Decimal = Decimal(1)
    halts_after: float = 30.0


def _like(
    underlying: str,
    opens_at: str,
    margin: int,
    pace: float,
    restlessness: float,
    depth: float,
    lot: str = "1",
    **loadings: float,
) -> Character:
    return Character(underlying, Decimal(opens_at), Decimal(margin), pace, restlessness, loadings, depth, Decimal(lot))


_ES: Final = _like("ES", "6500", 2500, 30.0, 0.9, 1.0, risk=0.95)
_NQ: Final = _like("NQ", "24000", 3500, 20.0, 3.5, 0.3, risk=0.92)
CHARACTERS: Final[Mapping[str, Character]] = MappingProxyType(
    {
        "ES": _ES,
        "MES": replace(_ES, margin=Decimal(250), depth=1.5),
        "NQ": _NQ,
        "MNQ": replace(_NQ, margin=Decimal(350), depth=0.5),
        "RTY": _like("RTY", "2450", 1100, 8.0, 1.2, 0.3, risk=0.85),
        "YM": _like("YM", "46500", 1500, 8.0, 1.6, 0.2, risk=0.93),
        "CL": _like("CL", "60", 3000, 10.0, 0.6, 0.4, risk=0.3),
        "GC": _like("GC", "4100", 6000, 10.0, 2.0, 0.2, rates=0.3),
        "ZN": _like("ZN", "112.5", 1200, 8.0, 0.15, 40.0, risk=-0.25, rates=0.92),
        "ZB": _like("ZB", "117", 2200, 6.0, 0.15, 8.0, risk=-0.25, rates=0.9),
        "6E": _like("6E", "1.16", 1500, 8.0, 0.5, 2.0, risk=0.2, rates=0.3),
        "BTC-PERP": _like("BTC", "95000", 9500, 10.0, 4.0, 1.0, lot="0.01", risk=0.3, coins=0.85),
        "ETH-PERP": _like("ETH", "3200", 320, 8.0, 4.0, 1.0, lot="0.1", risk=0.3, coins=0.8),
    }
)


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed contract.

    Attributes:
        root: product, for instance `ES`; fees and price multipliers are set per root.
        tick_value: money for one tick and one unit, in `currency`.
        price_format: how prices are shown (DTC PriceDisplayFormat).
        margin: money blocked for one unit, held or ordered.
        quantity_step: smallest quantity.
        expiry: last day of trading, None for a contract that has none.
        rolls: the day from which on another contract is the front month; None where there is no other.
        character: how its market behaves.
        price_multiplier: what a client multiplies a price on the wire with to get the true one
            (DTC 507 `DisplayPriceMultiplier`). Inside the simulator all prices are true ones.
    """

    root: str
    symbol: str
    description: str
    exchange: str
    currency: str
    tick_size: Decimal
    tick_value: Decimal
    price_format: int
    margin: Decimal
    quantity_step: Decimal
    expiry: date | None
    rolls: date | None
    character: Character = field(repr=False)
    price_multiplier: Decimal = Decimal(1)

    def price_of(self, ticks: int) -> Decimal:
        """Return the price of a whole number of ticks."""
        return self.tick_size * ticks

    def value(self, price_change: Decimal, quantity: Decimal) -> Decimal:
        """Return the money a price change is worth for a signed quantity."""
        return price_change / self.tick_size * self.tick_value * quantity


def listed_contracts(
    day: date,
    also: Iterable[str] = (),
    price_multipliers: Mapping[str, Decimal] | None = None,
) -> tuple[Contract, ...]:
    """Return the contracts open for trading: the front months first, then what has rolled, then what is still held.

    Args:
        also: symbols that stay listed because somebody has a position or an order in them; others are ignored.
        price_multipliers: wire scale by root, 1 where not named.
    """
    fronts: list[str] = []
    rolled: list[str] = []
    for product in PRODUCTS.values():
        *earlier, front = open_months(product.cycle, day) if product.cycle is not None else [None]
        fronts.append(symbol_of(product, front))
        rolled += [symbol_of(product, month) for month in earlier]
    held = [symbol for symbol in sorted(set(also) - {*fronts, *rolled}) if month_of(symbol) is not None]
    scales = price_multipliers or {}
    contracts = [_contract(symbol) for symbol in (*fronts, *rolled, *held)]
    return tuple(replace(each, price_multiplier=scales.get(each.root, Decimal(1))) for each in contracts)


def _contract(symbol: str) -> Contract:
    product, month = product_of(symbol), month_of(symbol)
    assert product is not None, f"{symbol} is none of our contracts"
    cycle, character = product.cycle, CHARACTERS[product.root]
    return Contract(
        root=product.root,
        symbol=symbol,
        description=_description(product, month),
        exchange=product.exchange,
        currency=product.currency,
        tick_size=product.tick_size,
        tick_value=product.tick_value,
        price_format=product.price_format,
        margin=character.margin,
        quantity_step=product.quantity_step,
        expiry=None if cycle is None or month is None else last_day(cycle, month),
        rolls=None if cycle is None or month is None else roll_day(cycle, month),
        character=character,
    )


def _description(product: Product, month: ContractMonth | None) -> str:
    return product.name if month is None else f"{product.name} {date(month.year, month.month, 1):%b %Y}"
