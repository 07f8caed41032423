"""What stands in the rows of the ladder: one row a tick, and beside each price who rests there and what traded. Pure.

A price keeps its row until the trader asks for another centre. So a figure that changes is a row that is drawn anew,
and never a row that moves. An axis has an end; who scrolls near to it is given another, with every price on show where
it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from core.model.fill import Side
from core.model.order import Order, OrderType
from core.model.scope import PositionKey

HALF = 300  # rows on either side of the centre; more would only burden a screen reader
EDGE = 100  # so near to an end there are more rows beyond it
MY_BUYS, BID, PRICE, ASK, MY_SELLS, VOL = range(6)
TITLES = ("My buys", "Bid", "Price", "Ask", "My sells", "Vol")
SIDES: Mapping[int, Side] = {MY_BUYS: Side.BUY, BID: Side.BUY, ASK: Side.SELL, MY_SELLS: Side.SELL}
Sizes = Mapping[int, Decimal]
Own = Mapping[int, tuple[Order, ...]]


@dataclass(frozen=True, slots=True)
class Axis:
    """Prices from the top down, a tick apart.

    Attributes:
        top: the price of row 0, points, on the grid.
    """

    top: Decimal
    tick: Decimal
    count: int = 2 * HALF + 1

    def price(self, row: int) -> Decimal:
        """Return the price of a row."""
        return self.top - self.tick * row

    def row(self, price: Decimal | None) -> int | None:
        """Return the row nearest to a price; None where it has none."""
        if price is None:
            return None
        row = int(((self.top - price) / self.tick).to_integral_value(ROUND_HALF_EVEN))
        return row if 0 <= row < self.count else None

    def is_near_an_end(self, row: int) -> bool:
        """Say whether a row is so near to an end that the axis goes on beyond it."""
        return row < EDGE or row >= self.count - EDGE


def axis_around(price: Decimal, tick: Decimal) -> Axis:
    """Return the axis whose middle is a price."""
    middle = (price / tick).to_integral_value(ROUND_HALF_EVEN) * tick
    return Axis(middle + tick * HALF, tick)


@dataclass(frozen=True, slots=True)
class Marks:
    """Rows of prices that mean something: the last trade, the average, and where the day comes out even."""

    last: int | None = None
    average: int | None = None
    even: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything the rows show.

    Attributes:
        largest: the size a full bar stands for; rises in doublings, so that bars do not breathe.
    """

    bids: Sizes = field(default_factory=dict)
    asks: Sizes = field(default_factory=dict)
    buys: Own = field(default_factory=dict)
    sells: Own = field(default_factory=dict)
    volumes: Sizes = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    largest: Decimal = Decimal(1)

    def own(self, row: int, side: Side) -> tuple[Order, ...]:
        """Return our working orders of a side at a row, oldest first."""
        return (self.buys if side is Side.BUY else self.sells).get(row, ())


def own_orders(axis: Axis, orders: Iterable[Order], key: PositionKey, side: Side) -> dict[int, tuple[Order, ...]]:
    """Return what works of a scope by the row of its price."""
    found: dict[int, tuple[Order, ...]] = {}
    for order in orders:
        if order.key == key and order.side is side and order.is_alive:
            row = axis.row(price_of(order))
            if row is not None:
                found[row] = (*found.get(row, ()), order)
    return found


def price_of(order: Order) -> Decimal | None:
    """Return the price at which an order stands in the ladder: what triggers it, or else its limit."""
    return order.price if order.type is OrderType.LIMIT else order.trigger_price


def full_bar(bids: Sizes, asks: Sizes) -> Decimal:
    """Return the size a full bar stands for: the largest of the book, up to the next power of two."""
    top, most = Decimal(1), max((*bids.values(), *asks.values()), default=Decimal(1))
    while top < most:
        top *= 2
    return top


def changed(before: Ladder, after: Ladder) -> set[int] | None:
    """Return the rows that look different; None where all do."""
    if before.largest != after.largest:
        return None
    rows: set[int] = set()
    for name in ("bids", "asks", "buys", "sells", "volumes"):
        old, new = getattr(before, name), getattr(after, name)
        if old is not new:
            rows.update(row for row in old.keys() | new.keys() if old.get(row) != new.get(row))
    if before.marks != after.marks:
        for marks in (before.marks, after.marks):
            rows.update(row for row in (marks.last, marks.average, marks.even) if row is not None)
    return rows


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Return rows as first and last of each run without a gap."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
