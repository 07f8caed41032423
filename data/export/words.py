"""Stored figures and times as a screen has them: prices in their product's form, times in their exchange's zone."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from core.errors import DatabaseDamaged
from core.model.contract import product_of
from core.model.instrument import Instrument
from core.model.price_format import write_average

# Prices repeat, times hardly do; a bound, so that memory stays flat however long the ledger is.
_PRICES_REMEMBERED: Final = 20_000

Contracts = Mapping[tuple[str, str], Instrument]


class Words:
    """Texts of stored values, for the contracts a database knows; with an ASCII minus, a dot, and no grouping."""

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts
        self._zones: dict[str, tzinfo] = {}
        remembered = lru_cache(_PRICES_REMEMBERED)
        self._price = remembered(self._written)
        self._average = remembered(self._written_average)

    def price(self, value: object, connection: str, symbol: str) -> str | None:
        """Return a price as its product is quoted; in full where the contract is not known.

        Raises:
            DatabaseDamaged: what is stored is no number.
        """
        return None if value is None else self._price(str(value), connection, symbol)

    def average(self, value: object, connection: str, symbol: str) -> str | None:
        """Return an average price: as a price, with two more digits where it lies between ticks.

        Raises:
            DatabaseDamaged: what is stored is no number.
        """
        return None if value is None else self._average(str(value), connection, symbol)

    def local_time(self, value: object, symbol: str) -> str | None:
        """Return a stored time in the zone of the symbol's exchange, ISO with its offset.

        Raises:
            DatabaseDamaged: what is stored is no time.
        """
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise DatabaseDamaged(f"the database holds {value!r} where a time belongs") from error
        return moment.astimezone(self._zone(symbol)).isoformat(timespec="microseconds")

    def zone_name(self, symbol: str) -> str:
        """Return the name of the zone of local times: "America/Chicago"; UTC where no product is known."""
        return str(self._zone(symbol))

    def _zone(self, symbol: str) -> tzinfo:
        zone = self._zones.get(symbol)
        if zone is None:
            product = product_of(symbol)
            zone = self._zones[symbol] = UTC if product is None else product.hours.zone
        return zone

    def _written(self, text: str, connection: str, symbol: str) -> str:
        contract = self._contracts.get((connection, symbol))
        return text if contract is None else contract.written(_number(text))

    def _written_average(self, text: str, connection: str, symbol: str) -> str:
        contract = self._contracts.get((connection, symbol))
        if contract is None:
            return text
        return write_average(_number(text), contract.tick_size, contract.price_format)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise DatabaseDamaged(f"the database holds {text!r} where a number belongs") from error
