"""What a symbol is: its price grid, what a tick is worth, and in which currency."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from core.model.price_format import write_price

# A price closer than this part of a tick to the grid is a float artefact of the wire, not a price of its own.
GRID_TOLERANCE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable symbol as its venue defines it.

    Attributes:
        symbol: the venue's spelling, never normalised.
        tick_size: smallest price step, in price points; None while the venue has not told.
        tick_value: money of one tick of one unit of quantity; None while unknown.
        currency: ISO code of tick_value, empty while unknown.
        description: the venue's words.
        quantity_step: smallest quantity; 1 for futures, a fraction for crypto.
        price_format: the venue's display format number (DTC PriceDisplayFormat), -1 unknown.

    Source: DTC SECURITY_DEFINITION_RESPONSE (507) MinPriceIncrement, CurrencyValuePerIncrement, Currency.
    """

    symbol: str
    tick_size: Decimal | None = None
    tick_value: Decimal | None = None
    currency: str = ""
    description: str = ""
    quantity_step: Decimal = Decimal(1)
    price_format: int = -1

    @property
    def point_value(self) -> Decimal | None:
        """Money of one full price point of one unit; None while the contract is unknown."""
        if self.tick_size is None or self.tick_value is None:
            return None
        return self.tick_value / self.tick_size

    def snap(self, price: Decimal) -> tuple[Decimal, bool]:
        """Return the price on the tick grid and True, or the price unchanged and False when it is off tick."""
        if self.tick_size is None:
            return price, True
        ticks = (price / self.tick_size).quantize(Decimal(1), ROUND_HALF_EVEN)
        on_grid = ticks * self.tick_size
        if abs(price - on_grid) <= GRID_TOLERANCE * self.tick_size:
            return on_grid, True
        return price, False

    def neighbours(self, price: Decimal) -> tuple[Decimal, Decimal]:
        """Return the nearest valid prices at or below and at or above.

        Raises:
            ValueError: the tick size is unknown.
        """
        if self.tick_size is None:
            raise ValueError(f"{self.symbol}: the tick size is not known yet")
        ticks = price / self.tick_size
        below = ticks.quantize(Decimal(1), ROUND_FLOOR) * self.tick_size
        above = ticks.quantize(Decimal(1), ROUND_CEILING) * self.tick_size
        return below, above

    def written(self, price: Decimal) -> str:
        """Return a price as its product is quoted, with an ASCII minus: "5050.25", "110'165"."""
        return write_price(price, self.tick_size, self.price_format)

    def ticks(self, distance: Decimal) -> Decimal | None:
        """Return a price distance in ticks (signed as given); None while the tick size is unknown."""
        return None if self.tick_size is None else distance / self.tick_size

    def money(self, points: Decimal, quantity: Decimal) -> Decimal | None:
        """Return what a price distance is worth for a quantity; both signed; None while the contract is unknown."""
        if self.tick_size is None or self.tick_value is None:
            return None
        # Divided last: a point value that no decimal can hold is rounded, a whole number of ticks is not.
        return points * quantity * self.tick_value / self.tick_size
