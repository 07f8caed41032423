"""A market made of random numbers: same seed, same bytes.

All contracts on one underlying follow one fair price. It walks every 100 ms with a volatility that itself
wanders (quiet and busy spells) and is pulled very weakly towards where it started. Some forces move several
underlyings at once, so indices go together and notes go with bonds. Each contract has a contiguous book of
`DEPTH` levels a side and events at random intervals. An event narrows the spread, prints a trade at the touch,
or changes a displayed size; the further the book is from its target, the more often the touch on the way is
traded or pulled. The first contract of an underlying aims at the fair price, the others at the first one's
middle, so MES follows ES.

Every random number of a contract comes from its own generator and every event has its own time, so the
stream does not depend on how time is cut into steps. The fractions inside (fair price, volatility) are
floats and never leave: prices are whole ticks and become exact there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from services.simulator.contracts import Character, Contract
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Level, MarketEvent, Traded

DEPTH: Final = 10

_FAIR_STEP_US: Final = 100_000
_FORCES: Final = ("risk", "rates", "coins")
_TRADE_SIZES: Final = (1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 8, 12, 20)


@dataclass(slots=True)
class _Fair:
    """The fair price of an underlying, in ticks of its contracts."""

    random: Random
    character: Character
    ticks: float
    anchor: float
    mood: float = 0.0

    def walk(self, forces: Mapping[str, float]) -> None:
        """Take a step: the shared forces by their loadings, the rest of it for its own reasons."""
        loadings = self.character.loadings
        own = math.sqrt(max(0.0, 1.0 - sum(weight * weight for weight in loadings.values())))
        shock = own * self.random.gauss(0.0, 1.0) + sum(weight * forces[name] for name, weight in loadings.items())
        self.mood += -0.004 * self.mood + 0.03 * self.random.gauss(0.0, 1.0)
        spread = self.character.restlessness * math.sqrt(_FAIR_STEP_US / 1e6) * math.exp(self.mood)
        self.ticks += spread * shock + 2e-6 * (self.anchor - self.ticks)


@dataclass(slots=True)
class _Book:
    """The displayed book of a contract: best bid and spread in ticks, sizes from the best level outwards."""

    contract: Contract
    random: Random
    bid: int
    spread: int = 1
    last: int = 0
    next_us: int = 0
    bids: list[int] = field(default_factory=list)
    asks: list[int] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return self.bid + self.spread / 2

    def happen(self, target: float, at_us: int) -> list[MarketEvent]:
        """Make one event, given where the book is wanted."""
        gap = target - self.middle
        draw = self.random.random()
        traded: list[MarketEvent] = []
        if self.spread > 1 and draw < 0.85:
            self._narrow(up=gap > 0)
        elif draw < 0.35:
            traded.append(self._trade(gap, at_us))
        elif self.spread == 1 and abs(gap) > 0.75 and draw < 0.35 + 0.25 * min(abs(gap), 2.4):
            self._widen(Side.SELL if gap > 0 else Side.BUY)
        else:
            self._resize()
        return [*traded, self.shown(at_us)]

    def shown(self, at_us: int) -> BookChanged:
        """Return the book as it is displayed."""
        price = self.contract.price_of
        ask = self.bid + self.spread
        lot = self.contract.character.lot
        bids: tuple[Level, ...] = tuple((price(self.bid - i), lot * n) for i, n in enumerate(self.bids))
        asks: tuple[Level, ...] = tuple((price(ask + i), lot * n) for i, n in enumerate(self.asks))
        return BookChanged(self.contract.symbol, at_us, bids, asks, price(self.last))

    def fill_levels(self) -> None:
        """Give every level a size."""
        self.bids = [self._size(level) for level in range(DEPTH)]
        self.asks = [self._size(level) for level in range(DEPTH)]

    def schedule(self) -> None:
        """Set the time of the next event."""
        self.next_us += 1 + int(self.random.expovariate(self.contract.character.pace) * 1e6)

    def _trade(self, gap: float, at_us: int) -> Traded:
        buys = self.random.random() < min(0.95, max(0.05, 0.5 + 0.3 * gap))
        levels = self.asks if buys else self.bids
        size = min(self.random.choice(_TRADE_SIZES), levels[0])
        self.last = self.bid + self.spread if buys else self.bid
        levels[0] -= size
        if levels[0] == 0:
            self._widen(Side.SELL if buys else Side.BUY)
        side, traded = Side.BUY if buys else Side.SELL, self.contract.character.lot * size
        return Traded(self.contract.symbol, at_us, self.contract.price_of(self.last), traded, side)

    def _widen(self, side: Side) -> None:
        """Take the best level of a side away."""
        levels = self.bids if side is Side.BUY else self.asks
        del levels[0]
        levels.append(self._size(DEPTH - 1))
        self.spread += 1
        if side is Side.BUY:
            self.bid -= 1

    def _narrow(self, up: bool) -> None:
        """Put a new level inside the spread, on the side the price goes to."""
        levels = self.bids if up else self.asks
        levels.insert(0, self._size(0))
        levels.pop()
        self.spread -= 1
        if up:
            self.bid += 1

    def _resize(self) -> None:
        level = min(int(self.random.expovariate(0.5)), DEPTH - 1)
        levels = self.bids if self.random.random() < 0.5 else self.asks
        levels[level] = self._size(level)

    def _size(self, level: int) -> int:
        typical = (18 + 14 * min(level, 5)) * self.contract.character.depth
        return max(1, int(typical * (0.4 + 1.2 * self.random.random())))


class SyntheticMarket:
    """A seeded market in a set of contracts; it implements `MarketPort`."""

    def __init__(self, contracts: Sequence[Contract], seed: int, start_us: int, state: str = "") -> None:
        """Open the market, or continue from a text of `state()`; contracts it does not know are added."""
        saved: dict[str, Any] = json.loads(state) if state else {}
        self.now_us: int = saved.get("now_us", start_us)
        self._next_walk_us: int = saved.get("next_walk_us", self.now_us + _FAIR_STEP_US)
        self._random = Random(f"{seed}:forces")
        if "random" in saved:
            self._random.setstate(_random_state(saved["random"]))
        books = saved.get("books", {})
        self._fairs: dict[str, _Fair] = {}
        self._leaders: dict[str, _Book] = {}
        self._books: list[_Book] = []
        for contract in contracts:
            underlying, known = contract.character.underlying, books.get(contract.symbol)
            if underlying not in self._fairs:
                self._fairs[underlying] = _fair(contract, seed, saved.get("fairs", {}).get(underlying), known)
            book = self._book(contract, seed, known)
            self._leaders.setdefault(underlying, book)
            self._books.append(book)

    def opening(self) -> list[MarketEvent]:
        """Return the book of every contract as it stands."""
        return [book.shown(self.now_us) for book in self._books]

    def step(self, dt_us: int) -> list[MarketEvent]:
        """Let time pass and return what happened, oldest first."""
        end = self.now_us + dt_us
        events: list[MarketEvent] = []
        while True:
            book = min(self._books, key=_next_us)
            if self._next_walk_us <= min(book.next_us, end):
                self._walk()
            elif book.next_us <= end:
                events += book.happen(self._target(book), book.next_us)
                book.schedule()
            else:
                self.now_us = end
                return events

    def jump(self, now_us: int) -> None:
        """Move the clock forward; everything planned moves with it."""
        shift = max(now_us - self.now_us, 0)
        self.now_us += shift
        self._next_walk_us += shift
        for book in self._books:
            book.next_us += shift

    def state(self) -> str:
        """Return everything needed to continue, as JSON."""
        return json.dumps(
            {
                "now_us": self.now_us,
                "next_walk_us": self._next_walk_us,
                "random": self._random.getstate(),
                "fairs": {
                    name: {"price": [fair.ticks, fair.anchor, fair.mood], "random": fair.random.getstate()}
                    for name, fair in self._fairs.items()
                },
                "books": {book.contract.symbol: _saved(book) for book in self._books},
            },
            separators=(",", ":"),
        )

    def _walk(self) -> None:
        forces = {name: self._random.gauss(0.0, 1.0) for name in _FORCES}
        for fair in self._fairs.values():
            fair.walk(forces)
        self._next_walk_us += _FAIR_STEP_US

    def _target(self, book: _Book) -> float:
        """Return where a book is wanted: at the fair price, or at the middle of the first contract on it."""
        underlying = book.contract.character.underlying
        leader = self._leaders[underlying]
        return self._fairs[underlying].ticks if book is leader else leader.middle

    def _book(self, contract: Contract, seed: int, saved: Any) -> _Book:
        ticks = int(self._fairs[contract.character.underlying].ticks)
        book = _Book(contract, Random(f"{seed}:{contract.symbol}"), bid=ticks, next_us=self.now_us)
        if saved:
            book.bid, book.spread, book.last, book.next_us = saved["touch"]
            book.bids, book.asks = saved["bids"], saved["asks"]
            book.random.setstate(_random_state(saved["random"]))
            return book
        book.last = book.bid
        book.fill_levels()
        book.schedule()
        return book


def _fair(contract: Contract, seed: int, saved: Any, book: Any) -> _Fair:
    """Return the fair price of a contract's underlying: as saved, else where its book stood, else where it opens."""
    character = contract.character
    opening = book["touch"][0] if book else int(character.opens_at / contract.tick_size)
    fair = _Fair(Random(f"{seed}:fair:{character.underlying}"), character, opening, opening)
    if saved:
        fair.ticks, fair.anchor, fair.mood = saved["price"]
        fair.random.setstate(_random_state(saved["random"]))
    return fair


def _next_us(book: _Book) -> int:
    return book.next_us


def _saved(book: _Book) -> dict[str, Any]:
    return {
        "touch": [book.bid, book.spread, book.last, book.next_us],
        "bids": book.bids,
        "asks": book.asks,
        "random": book.random.getstate(),
    }


def _random_state(saved: Any) -> tuple[Any, ...]:
    version, words, gauss_next = saved
    return version, tuple(words), gauss_next
