"""The displayed book of one contract, and what happens in it.

Ten contiguous levels a side. An event narrows the spread, prints a trade at the touch, pulls what is in the way of the
price, or changes a displayed size. Where the price is far from where it should be, several levels go at once: a gap.
Trades come in runs of one side, and a trade larger than the touch goes on to the next level. How wide the spread is
wanted and how much a level shows follow the climate: in a burst quotes are pulled and thin, later they come back one by
one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from services.simulator.contracts import Contract
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Level, Traded

DEPTH: Final = 10

_LARGEST: Final = 300
_LEVELS_SWEPT: Final = 4
_REMEMBERED: Final = 4_096
_MOST_LEVELS_AT_ONCE: Final = DEPTH - 2


@dataclass(slots=True)
class Climate:
    """What the books of one underlying go by; it changes once a second.

    Attributes:
        pace: events, relative to an ordinary hour.
        depth: displayed size, likewise.
        unrest: how far the price wanders between two events, likewise.
        fear: ticks by which everybody wants a wider spread.
    """

    pace: float = 1.0
    depth: float = 1.0
    unrest: float = 1.0
    fear: float = 0.0


class Numbers:
    """Prices and sizes of a contract, made once: what is shown again is the same object, and quick to compare."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._prices: dict[int, Decimal] = {}
        self._lots: dict[int, Decimal] = {}

    def price(self, ticks: int) -> Decimal:
        """Return the price of a whole number of ticks."""
        price = self._prices.get(ticks)
        if price is None:
            if len(self._prices) >= _REMEMBERED:
                self._prices.clear()
            price = self._prices[ticks] = self._contract.price_of(ticks)
        return price

    def size(self, lots: int) -> Decimal:
        """Return the size of a whole number of lots."""
        size = self._lots.get(lots)
        if size is None:
            if len(self._lots) >= _REMEMBERED:
                self._lots.clear()
            size = self._lots[lots] = self._contract.character.lot * lots
        return size


class Ladder:
    """One side of a book: sizes in lots from the best level outwards. Levels are made once and shown many times.

    Attributes:
        best: price of the best level, in ticks.
        sizes: change them only through the methods.
    """

    def __init__(self, numbers: Numbers, outwards: int, best: int, sizes: list[int]) -> None:
        """Lay out a side; `outwards` is -1 for bids and 1 for asks."""
        self.best = best
        self.sizes = sizes
        self._numbers = numbers
        self._outwards = outwards
        self._levels: list[Level] = []
        self._shown: tuple[Level, ...] | None = None
        self.lay(best, sizes)

    def lay(self, best: int, sizes: list[int]) -> None:
        """Show these sizes from here on."""
        self.best, self.sizes = best, sizes
        self._levels = [self._level(best + self._outwards * i, size) for i, size in enumerate(sizes)]
        self._shown = None

    def shown(self) -> tuple[Level, ...]:
        """Return the levels, the same object as long as nothing changed."""
        if self._shown is None:
            self._shown = tuple(self._levels)
        return self._shown

    def put(self, place: int, size: int) -> None:
        """Change what a level shows."""
        self.sizes[place] = size
        self._levels[place] = self._level(self.best + self._outwards * place, size)
        self._shown = None

    def pull(self, size: int) -> None:
        """Take the best level away; one of this size comes into view at the far end."""
        del self.sizes[0], self._levels[0]
        self.best += self._outwards
        self.sizes.append(size)
        self._levels.append(self._level(self.best + self._outwards * (len(self.sizes) - 1), size))
        self._shown = None

    def join(self, size: int) -> None:
        """Put a level of this size before the best one; the farthest goes out of view."""
        self.sizes.pop()
        self._levels.pop()
        self.best -= self._outwards
        self.sizes.insert(0, size)
        self._levels.insert(0, self._level(self.best, size))
        self._shown = None

    def _level(self, ticks: int, size: int) -> Level:
        return self._numbers.price(ticks), self._numbers.size(size)


class Book:
    """The market in one contract.

    Attributes:
        last: price of the last trade, in ticks.
        next_us: when the next event is due.
        run: how many more trades the present aggressor makes; below 0 he sells.
    """

    def __init__(self, contract: Contract, random: Random, middle: int, climate: Climate) -> None:
        """Open a market around a price in ticks."""
        character = contract.character
        self.contract = contract
        self.random = random
        self.last = middle
        self.next_us = 0
        self.run = 0
        self._pace = character.pace
        self._rough = 1.2 * character.restlessness / character.pace**0.5
        self._typical = [(18 + 14 * min(level, 5)) * character.depth for level in range(DEPTH)]
        self._trade_scale = max(0.5, character.depth**0.5)
        self._climate = climate
        self._numbers = numbers = Numbers(contract)
        self._bids = Ladder(numbers, -1, middle, self._sizes())
        self._asks = Ladder(numbers, 1, middle + 1, self._sizes())

    @property
    def middle(self) -> float:
        """Half way between the best prices, in ticks."""
        return (self._bids.best + self._asks.best) / 2

    @property
    def last_price(self) -> Decimal:
        """The price of the last trade."""
        return self._numbers.price(self.last)

    def happen(self, target: float, at_us: int) -> list[BookChanged | Traded]:
        """Make one event, given where the book is wanted, in ticks."""
        bids, asks, climate = self._bids, self._asks, self._climate
        gap = target - (bids.best + asks.best) / 2
        spread = asks.best - bids.best
        wide = 1 + int(self._rough * climate.unrest + climate.fear)
        draw = self.random.random()
        if spread > wide and draw < 0.85:
            self._narrow(gap, spread - wide)
        elif draw < (0.6 if self.run else 0.35):
            return self._trade(gap, at_us)
        elif abs(gap) > 0.75 and spread <= wide and draw < 0.45 + 0.25 * min(abs(gap), 2.2):
            self._step_aside(gap)
        elif spread > 1 and draw > 0.9:
            self._narrow(gap, 1)
        else:
            self._resize()
        return [self.shown(at_us)]

    def shown(self, at_us: int) -> BookChanged:
        """Return the book as it is displayed."""
        return BookChanged(self.contract.symbol, at_us, self._bids.shown(), self._asks.shown(), self.last_price)

    def schedule(self, at_us: int) -> None:
        """Set the time of the next event after this one: events come in flurries, and those of a run at once."""
        rate = self._pace * self._climate.pace
        rate *= 2.4 if self.run or self.random.random() < 0.4 else 0.4
        self.next_us = at_us + 1 + int(self.random.expovariate(rate) * 1e6)

    def thin(self, share: float) -> None:
        """Pull a part of every quote at once."""
        for ladder in (self._bids, self._asks):
            ladder.lay(ladder.best, [max(1, int(size * share)) for size in ladder.sizes])

    def reopen(self, target: float, at_us: int) -> list[BookChanged | Traded]:
        """Begin trading afresh around a price in ticks: a new book, and the trade of the opening."""
        bid = int(target)
        self.run = 0
        self._bids.lay(bid, self._sizes())
        self._asks.lay(bid + 1, self._sizes())
        before = self.shown(at_us)
        ladder, side = (self._asks, Side.BUY) if self.random.random() < 0.5 else (self._bids, Side.SELL)
        self.schedule(at_us)
        return [before, self._print(ladder, side, ladder.sizes[0], at_us), self.shown(at_us)]

    def saved(self) -> dict[str, Any]:
        """Return all of it but the random numbers."""
        return {
            "touch": [self._bids.best, self._asks.best, self.last, self.next_us, self.run],
            "bids": self._bids.sizes,
            "asks": self._asks.sizes,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what was saved."""
        bid, ask, self.last, self.next_us, self.run = saved["touch"]
        self._bids.lay(bid, saved["bids"])
        self._asks.lay(ask, saved["asks"])

    def _trade(self, gap: float, at_us: int) -> list[BookChanged | Traded]:
        buys = self._aggressor_buys(gap)
        ladder, side = (self._asks, Side.BUY) if buys else (self._bids, Side.SELL)
        wanted = self._trade_size()
        events: list[BookChanged | Traded] = []
        for _ in range(_LEVELS_SWEPT):
            taken = min(wanted, ladder.sizes[0])
            wanted -= taken
            events += (self._print(ladder, side, taken, at_us), self.shown(at_us))
            if not wanted or (gap > 0) is not buys:
                break
        return events

    def _print(self, ladder: Ladder, side: Side, size: int, at_us: int) -> Traded:
        """Trade with the best level of a ladder; at most what it shows."""
        self.last = ladder.best
        numbers = self._numbers
        traded = Traded(self.contract.symbol, at_us, numbers.price(self.last), numbers.size(size), side)
        left = ladder.sizes[0] - size
        if left:
            ladder.put(0, left)
        else:
            ladder.pull(self._size(DEPTH - 1))
        return traded

    def _aggressor_buys(self, gap: float) -> bool:
        """Return who trades: the one at it, unless the price has gone too far; else the side the price goes to."""
        if self.run > 0 and gap > -1.0:
            self.run -= 1
            return True
        if self.run < 0 and gap < 1.0:
            self.run += 1
            return False
        buys = self.random.random() < min(0.95, max(0.05, 0.5 + 0.4 * gap))
        length = int(self.random.expovariate(0.5))
        self.run = length if buys else -length
        return buys

    def _trade_size(self) -> int:
        """Return what one trade wants, in lots: mostly small, rarely very large, and people like round numbers."""
        size = 1 + int((self.random.random() ** -0.8 - 1.0) * self._trade_scale)
        if size > 6:
            size = min(size, _LARGEST) // 5 * 5
        return size

    def _step_aside(self, gap: float) -> None:
        """Take quotes away that are in the way of the price."""
        ladder = self._asks if gap > 0 else self._bids
        for _ in range(min(1 + int(abs(gap) / 4), _MOST_LEVELS_AT_ONCE)):
            ladder.pull(self._size(DEPTH - 1))

    def _narrow(self, gap: float, most: int) -> None:
        """Put new levels inside the spread, on the side the price comes from."""
        ladder = self._bids if gap > 0 else self._asks
        for _ in range(min(most, 1 + int(abs(gap) / 4), _MOST_LEVELS_AT_ONCE)):
            ladder.join(self._size(0))

    def _resize(self) -> None:
        level = min(int(self.random.expovariate(0.5)), DEPTH - 1)
        ladder = self._bids if self.random.random() < 0.5 else self._asks
        ladder.put(level, self._size(level))

    def _sizes(self) -> list[int]:
        return [self._size(level) for level in range(DEPTH)]

    def _size(self, level: int) -> int:
        return max(1, int(self._typical[level] * self._climate.depth * (0.4 + 1.2 * self.random.random())))
