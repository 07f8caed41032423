"""When trade moves from one contract month to the next, told before, while and after it does. Pure.

What does not expire never rolls. Days are trading days of the product.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

from core.model.contract import Product, front_month, last_day, month_of, product_of, roll_day, symbol_of
from core.model.session import trading_day

# Told from so many days before the roll.
NEAR_DAYS = 5


class RollStage(Enum):
    """How far it is."""

    NEAR = "NEAR"
    ROLLED = "ROLLED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Roll:
    """A contract near its roll or after it.

    Attributes:
        alias, front_alias: as traders write them, "ESZ26".
        front: symbol of the contract to trade instead; NEAR: of the one it will be.
        rolls_on: the first day on which that is the front month. last_day: of trading.
        day: the day it was asked for.
    """

    symbol: str
    alias: str
    front: str
    front_alias: str
    rolls_on: date
    last_day: date
    stage: RollStage
    day: date

    @property
    def days(self) -> int:
        """Days until the roll where it is near, else until the last day; negative after it."""
        return ((self.rolls_on if self.stage is RollStage.NEAR else self.last_day) - self.day).days


def roll_of(symbol: str, moment: datetime) -> Roll | None:
    """Return how a contract stands at a moment (aware, the venue's); None while its roll is far, or never comes."""
    product = product_of(symbol)
    return None if product is None or product.cycle is None else _on_day(symbol, trading_day(moment, product.hours))


@lru_cache(maxsize=256)
def _on_day(symbol: str, day: date) -> Roll | None:
    """Return how a contract stands on a trading day; a day has one answer, and a window asks many times a second."""
    product, month = product_of(symbol), month_of(symbol)
    if product is None or product.cycle is None or month is None:
        return None
    rolls_on, ends = roll_day(product.cycle, month), last_day(product.cycle, month)
    if (rolls_on - day).days > NEAR_DAYS:
        return None
    stage = RollStage.EXPIRED if day > ends else RollStage.ROLLED if day >= rolls_on else RollStage.NEAR
    front = front_month(product.cycle, max(day, rolls_on))
    return Roll(
        symbol,
        f"{product.root}{month.code}",
        symbol_of(product, front),
        f"{product.root}{front.code}",
        rolls_on,
        ends,
        stage,
        day,
    )


def alias(symbol: str) -> str:
    """Return a symbol as traders write it: "ESZ26" for ESZ26_FUT_CME; what is no contract of ours as it is."""
    product: Product | None = product_of(symbol)
    month = month_of(symbol)
    return symbol if product is None or month is None else f"{product.root}{month.code}"
