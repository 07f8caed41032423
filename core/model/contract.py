"""Products and their contract months: what is traded where, in which steps, in which hours, and until when. Pure.

The facts of the exchange's contract specifications, which the wire does not carry or carries late. Grid, value and
form of a symbol still are what its venue says (`Instrument`); this is what the calendar and the simulator go by.
A future is named as Sierra Chart names it: root, month code, two digits of the year, `_FUT_CME`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from core.model import expiry
from core.model.price_format import decimals
from core.model.session import (
    AROUND_THE_CLOCK,
    GLOBEX_ENERGY_AND_METALS,
    GLOBEX_EQUITY_INDEX,
    GLOBEX_FX,
    GLOBEX_INTEREST_RATE,
    SessionTemplate,
)

MONTH_CODES: Final = "FGHJKMNQUVXZ"
QUARTERLY: Final = "HMUZ"
_FUTURE = re.compile(r"([A-Z0-9]{1,4}?)([FGHJKMNQUVXZ])(\d\d)_FUT_CME", re.ASCII)

_DateOf = Callable[[int, int], date]


@dataclass(frozen=True, slots=True)
class Cycle:
    """The contract months of a product.

    Attributes:
        months: codes of the months that are traded.
        ends: the last day of trading, by year and month.
        rolls: the first day on which the next contract is the one to trade, by year and month.
    """

    months: str
    ends: _DateOf
    rolls: _DateOf


@dataclass(frozen=True, slots=True)
class Product:
    """What contracts of a root have in common.

    Attributes:
        tick_value: money of one tick of one unit, in `currency`.
        price_format: how prices are written, see `price_format`.
        cycle: None: it never expires.
        quantity_step: smallest quantity.
    """

    root: str
    name: str
    exchange: str
    tick_size: Decimal
    tick_value: Decimal
    price_format: int
    hours: SessionTemplate
    cycle: Cycle | None
    currency: str = "USD"
    quantity_step: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, order=True)
class ContractMonth:
    """A month of a product, in order of time."""

    year: int
    month: int

    @property
    def code(self) -> str:
        """The month as traders write it: "Z26"."""
        return f"{MONTH_CODES[self.month - 1]}{self.year % 100:02d}"


def product_of(symbol: str) -> Product | None:
    """Return the product of a symbol, None when it is none of ours."""
    future = _FUTURE.fullmatch(symbol)
    product = PRODUCTS.get(future[1] if future else symbol)
    return product if product is not None and (product.cycle is not None) == (future is not None) else None


def month_of(symbol: str) -> ContractMonth | None:
    """Return the contract month of a future of ours, None for what does not expire and what is no contract of ours."""
    product, future = product_of(symbol), _FUTURE.fullmatch(symbol)
    if product is None or product.cycle is None or future is None or future[2] not in product.cycle.months:
        return None
    return ContractMonth(2000 + int(future[3]), MONTH_CODES.index(future[2]) + 1)


def symbol_of(product: Product, month: ContractMonth | None) -> str:
    """Return the symbol of a contract."""
    return product.root if month is None else f"{product.root}{month.code}_FUT_CME"


def last_day(cycle: Cycle, month: ContractMonth) -> date:
    """Return the last day of trading of a contract."""
    return cycle.ends(month.year, month.month)


def roll_day(cycle: Cycle, month: ContractMonth) -> date:
    """Return the day from which on the contract after this one is the front month."""
    return cycle.rolls(month.year, month.month)


def front_month(cycle: Cycle, day: date) -> ContractMonth:
    """Return the contract to trade on a day: the first whose roll day has not come."""
    return next(month for month in _months_from(cycle, day) if day < roll_day(cycle, month))


def open_months(cycle: Cycle, day: date) -> list[ContractMonth]:
    """Return what has rolled and still trades on a day, then the front month."""
    front = front_month(cycle, day)
    earlier = takewhile(lambda month: month < front, _months_from(cycle, day))
    return [*(month for month in earlier if day <= last_day(cycle, month)), front]


def _months_from(cycle: Cycle, day: date) -> Iterator[ContractMonth]:
    """Yield the months of a cycle without end, from well before a day: some contracts end before their month."""
    for year in range(day.year - 1, day.year + 100):
        for code in cycle.months:
            yield ContractMonth(year, MONTH_CODES.index(code) + 1)


_INDEX: Final = Cycle(QUARTERLY, expiry.index_ends, expiry.index_rolls)
_TREASURY: Final = Cycle(QUARTERLY, expiry.treasury_ends, expiry.treasury_rolls)
_CURRENCY: Final = Cycle(QUARTERLY, expiry.currency_ends, expiry.currency_rolls)
_CRUDE: Final = Cycle(MONTH_CODES, expiry.crude_ends, expiry.crude_rolls)
# October is listed too, but hardly traded: index providers leave it out as well.
_GOLD: Final = Cycle("GJMQZ", expiry.gold_ends, expiry.gold_rolls)


def _index(root: str, name: str, exchange: str, tick: str, value: str) -> Product:
    return _decimal(root, name, exchange, tick, value, GLOBEX_EQUITY_INDEX, _INDEX)


def _treasury(root: str, name: str, tick: str, value: str, price_format: int) -> Product:
    hours = GLOBEX_INTEREST_RATE
    return Product(root, name, "CBOT", Decimal(tick), Decimal(value), price_format, hours, _TREASURY)


def _perpetual(root: str, name: str, tick: str, step: str) -> Product:
    return replace(_decimal(root, name, "CRYPTO", tick, tick, AROUND_THE_CLOCK, None), quantity_step=Decimal(step))


def _decimal(
    root: str, name: str, exchange: str, tick: str, value: str, hours: SessionTemplate, cycle: Cycle | None
) -> Product:
    size = Decimal(tick)
    return Product(root, name, exchange, size, Decimal(value), decimals(size), hours, cycle)


_ALL: Final = (
    _index("ES", "E-mini S&P 500", "CME", "0.25", "12.50"),
    _index("MES", "Micro E-mini S&P 500", "CME", "0.25", "1.25"),
    _index("NQ", "E-mini Nasdaq-100", "CME", "0.25", "5.00"),
    _index("MNQ", "Micro E-mini Nasdaq-100", "CME", "0.25", "0.50"),
    _index("RTY", "E-mini Russell 2000", "CME", "0.10", "5.00"),
    _index("YM", "E-mini Dow ($5)", "CBOT", "1", "5.00"),
    _decimal("CL", "Crude Oil", "NYMEX", "0.01", "10.00", GLOBEX_ENERGY_AND_METALS, _CRUDE),
    _decimal("GC", "Gold", "COMEX", "0.10", "10.00", GLOBEX_ENERGY_AND_METALS, _GOLD),
    _treasury("ZN", "10-Year T-Note", "0.015625", "15.625", 134),
    _treasury("ZB", "U.S. Treasury Bond", "0.03125", "31.25", 132),
    _decimal("6E", "Euro FX", "CME", "0.00005", "6.25", GLOBEX_FX, _CURRENCY),
    _perpetual("BTC-PERP", "Bitcoin Perpetual", "0.5", "0.001"),
    _perpetual("ETH-PERP", "Ether Perpetual", "0.05", "0.01"),
)
PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType({product.root: product for product in _ALL})
"""The products known by themselves, by root. Source: contract specifications of CME Group; the perpetuals are ours."""
