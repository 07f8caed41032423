"""What a replayed symbol is: its name as listed here, and its facts. Pure.

Recorders write contract names in many ways: `MESZ25`, `MESZ5`, `MESZ25-CME`, `MESZ25_FUT_CME`. A contract of a
product we know is listed by our name for it, with the facts of the product; anything else keeps its name and needs
its facts told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from core.errors import ConfigurationError
from core.model.contract import MONTH_CODES, PRODUCTS, Product, product_of
from core.model.price_format import decimals
from services.simulator.account_specs import BASE_CURRENCY, DEFAULT_RATES
from services.simulator.contracts import CHARACTERS, Contract, listed_contracts
from services.simulator.intake import SYMBOL_LENGTH

EXCHANGE: Final = "REPLAY"
CURRENCIES: Final = (BASE_CURRENCY, *DEFAULT_RATES)
"""What the accounts of the simulator can be paid in."""
_ANY_DAY: Final = date(2025, 1, 2)
_WRITTEN = re.compile(rf"([A-Z0-9]{{1,4}}?)([{MONTH_CODES}])(\d\d?)(?:[-_. ].*)?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of the replayed symbols; None leaves what is known of the product.

    Attributes:
        tick_value: money of one tick of one unit, in `currency`.

    Raises:
        ConfigurationError: a size or value that is not greater than zero, or a currency there is no rate of.
    """

    tick_size: Decimal | None = None
    tick_value: Decimal | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no contract could have."""
        for name, value in (("size", self.tick_size), ("value", self.tick_value)):
            if value is not None and not (value.is_finite() and value > 0):
                raise ConfigurationError(f"A tick {name} of {value} cannot be used; expected more than 0.")
        if self.currency is not None and self.currency not in CURRENCIES:
            raise ConfigurationError(f"Currency {self.currency} cannot be used; expected {' or '.join(CURRENCIES)}.")


def listed_symbol(written: str, year: int) -> str:
    """Return the symbol a written one is listed under.

    Args:
        year: of the recording; a year of one digit is the nearest to it.
    """
    name = written.strip()
    found = _WRITTEN.fullmatch(name.upper())
    if found is not None and found[1] in PRODUCTS and PRODUCTS[found[1]].cycle is not None:
        return f"{found[1]}{found[2]}{_year(found[3], year):02d}_FUT_CME"
    perpetual = name.upper()
    return perpetual if perpetual in PRODUCTS else name


def replayed_contract(symbol: str, facts: Facts) -> Contract:
    """Return the contract of a listed symbol.

    Raises:
        ConfigurationError: it is no product of ours, and its facts were not told; or no name at all.
    """
    if not (symbol.isprintable() and symbol.isascii() and 0 < len(symbol) <= SYMBOL_LENGTH):
        raise ConfigurationError(f"Symbol {symbol[:40]!r} cannot be listed; expected 1 to {SYMBOL_LENGTH} letters.")
    product = product_of(symbol)
    if product is not None:
        return _told(_known(symbol, product), facts)
    missing = [
        option
        for option, value in (
            ("--tick-size", facts.tick_size),
            ("--tick-value", facts.tick_value),
            ("--currency", facts.currency),
        )
        if value is None
    ]
    if missing:
        known = ", ".join(PRODUCTS)
        raise ConfigurationError(
            f"{symbol} is none of {known}; name it with --symbol, or tell what it is with {' '.join(missing)}."
        )
    unknown = replace(
        listed_contracts(_ANY_DAY)[0],
        root=symbol,
        symbol=symbol,
        description=f"{symbol}, recorded",
        exchange=EXCHANGE,
        margin=Decimal(0),
        expiry=None,
        rolls=None,
        character=replace(CHARACTERS["ES"], underlying=symbol, margin=Decimal(0)),
    )
    return _told(unknown, facts)


def _known(symbol: str, product: Product) -> Contract:
    """Return a contract of a product, also of a month that is not in its cycle: then without a last day."""
    listed = {contract.symbol: contract for contract in listed_contracts(_ANY_DAY, (symbol,))}
    if symbol in listed:
        return listed[symbol]
    model = next(contract for contract in listed.values() if contract.root == product.root)
    return replace(model, symbol=symbol, description=product.name, expiry=None, rolls=None)


def _told(contract: Contract, facts: Facts) -> Contract:
    tick_size = contract.tick_size if facts.tick_size is None else facts.tick_size
    return replace(
        contract,
        tick_size=tick_size,
        tick_value=contract.tick_value if facts.tick_value is None else facts.tick_value,
        currency=contract.currency if facts.currency is None else facts.currency,
        price_format=contract.price_format if facts.tick_size is None else decimals(tick_size),
    )


def _year(digits: str, year: int) -> int:
    """Return two digits of a contract's year."""
    if len(digits) == 2:
        return int(digits)
    decade = year - year % 10 + int(digits)
    return min((decade - 10, decade, decade + 10), key=lambda each: abs(each - year)) % 100
