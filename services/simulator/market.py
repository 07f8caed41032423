"""A market made of random numbers: same seed, same bytes.

All contracts on one underlying follow one fair price (`market_pit`). It walks every 100 ms, moved by forces it shares
with others and by its own (`market_forces`), as much as the hour of the day allows (`market_rhythm`). Each contract has
a book with events at random intervals (`market_book`). With `hours` "exchange" trading follows the products' calendars
(`session_clock`); with "always" it never rests. A future ends at its last moment either way.

Every force and every contract has its own random numbers and every event has its own time, so the stream does not
depend on how time is cut into steps. The fractions inside (fair price, volatility) are floats and never leave: prices
are whole ticks and become exact in the book.

When the clock is moved (`jump`) what is planned moves with it, and what the calendar asks for is done at once after it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from heapq import heapify, heapreplace
from random import Random
from struct import pack, unpack
from typing import Any, Final

from core.model.session import AROUND_THE_CLOCK
from services.simulator.contracts import Contract
from services.simulator.market_book import DEPTH, Book
from services.simulator.market_forces import STEPS_PER_S, Force
from services.simulator.market_pit import Pit
from services.simulator.ports import VenueEvent
from services.simulator.session_clock import NEVER_US, hours_of
from services.simulator.settings import Hours

__all__ = ["DEPTH", "SyntheticMarket"]

_VERSION: Final = 2
_STEP_US: Final = 1_000_000 // STEPS_PER_S
_FORCES: Final = ("risk", "rates", "coins")
_SHARED_NEWS_EVERY_S: Final = 7_200.0
_OWN_NEWS_EVERY_S: Final = 18_000.0


class SyntheticMarket:
    """A seeded market in a set of contracts; it implements `MarketPort`."""

    def __init__(
        self, contracts: Sequence[Contract], seed: int, start_us: int, state: str = "", hours: Hours = "always"
    ) -> None:
        """Open the market, or continue from a text of `state()`; contracts it does not know are added.

        Of a state of the first version clock and books are taken over; what was random in it begins anew. Of one from
        the future nothing is.
        """
        self._saved: dict[str, Any] = _readable(json.loads(state)) if state else {}
        self._is_ours = self._saved.get("version") == _VERSION
        self._seed, self._hours = seed, hours
        self.now_us: int = self._saved.get("now_us", start_us)
        self._next_walk_us: int = self._saved["next_walk_us"] if self._is_ours else self.now_us + _STEP_US
        self._walks: int = self._saved["walks"] if self._is_ours else 0
        self._forces = {name: self._force(name, _SHARED_NEWS_EVERY_S) for name in _FORCES}
        self._pits: dict[str, Pit] = {}
        self._books: list[tuple[Book, Pit]] = []
        for contract in contracts:
            pit = self._pits.get(contract.character.underlying) or self._open_pit(contract)
            self._open_book(contract, pit)
        del self._saved
        self._plan()

    def opening(self) -> list[VenueEvent]:
        """Return the book of every contract as it stands, and the status of those that do not trade."""
        self._turn(self.now_us)
        return [event for book, pit in self._books for event in pit.shown(book, self.now_us)]

    def step(self, dt_us: int) -> list[VenueEvent]:
        """Let time pass and return what happened, oldest first."""
        end_us = self.now_us + dt_us
        events: list[VenueEvent] = []
        agenda = self._agenda
        while True:
            book_us = agenda[0][0]
            due_us = min(book_us, self._next_walk_us, self._turns_us)
            if due_us > end_us:
                self.now_us = end_us
                return events
            if due_us == self._turns_us:
                events += self._turn(max(due_us, self.now_us))
                agenda = self._agenda
            elif due_us == self._next_walk_us:
                self._walk()
            else:
                number = agenda[0][1]
                book, pit = self._books[number]
                events += book.happen(pit.target(book), book_us)
                book.schedule(book_us)
                heapreplace(agenda, (book.next_us, number))

    def jump(self, now_us: int) -> None:
        """Move the clock forward; everything planned moves with it."""
        shift = max(now_us - self.now_us, 0)
        self.now_us += shift
        self._next_walk_us += shift
        for book, _ in self._books:
            book.next_us += shift
        self._plan()

    def state(self) -> str:
        """Return everything needed to continue, as JSON."""
        return json.dumps(
            {
                "version": _VERSION,
                "now_us": self.now_us,
                "next_walk_us": self._next_walk_us,
                "walks": self._walks,
                "forces": {name: [force.saved(), _packed(force.random)] for name, force in self._forces.items()},
                "pits": {name: {**pit.saved(), "random": _packed(pit.own.random)} for name, pit in self._pits.items()},
                "books": {
                    book.contract.symbol: {**book.saved(), "random": _packed(book.random)} for book, _ in self._books
                },
            },
            separators=(",", ":"),
        )

    def _walk(self) -> None:
        self._walks += 1
        moves = {name: force.move() for name, force in self._forces.items()}
        for pit in self._pits.values():
            pit.walk(moves)
        if self._walks % STEPS_PER_S == 0:
            for force in self._forces.values():
                force.pass_second()
            for pit in self._pits.values():
                pit.pass_second(self._next_walk_us, is_flattened=self._hours == "always")
            self._turns_us = min(pit.until_us for pit in self._pits.values())
        self._next_walk_us += _STEP_US

    def _turn(self, at_us: int) -> list[VenueEvent]:
        """Do what the calendar asks for by now."""
        due = [pit for pit in self._pits.values() if pit.until_us <= at_us]
        events = [event for pit in due for event in pit.turn(at_us)]
        if due:
            self._plan()
        return events

    def _plan(self) -> None:
        """Set up what is due next: the books that trade, and the next change of a status."""
        self._agenda = [(book.next_us, i) for i, (book, pit) in enumerate(self._books) if pit.trades(book)]
        self._agenda.append((NEVER_US, -1))
        heapify(self._agenda)
        self._turns_us = min(pit.until_us for pit in self._pits.values())

    def _force(self, name: str, news_every_s: float) -> Force:
        force = Force(Random(f"{self._seed}:force:{name}"), news_every_s)
        if self._is_ours:
            saved, packed = self._saved["forces"][name]
            force.restore(saved)
            _unpack(force.random, packed)
        return force

    def _open_pit(self, contract: Contract) -> Pit:
        """Begin an underlying: as saved, else where the book of its first contract stood, else where it opens."""
        character = contract.character
        name = character.underlying
        book = self._saved.get("books", {}).get(contract.symbol)
        opening = book["touch"][0] if book else int(character.opens_at / contract.tick_size)
        own = Force(Random(f"{self._seed}:own:{name}"), _OWN_NEWS_EVERY_S)
        hours = hours_of(contract.symbol) if self._hours == "exchange" else AROUND_THE_CLOCK
        pit = Pit(character, own, list(self._forces.items()), opening, hours)
        if self._is_ours and (saved := self._saved["pits"].get(name)):
            pit.restore(saved)
            _unpack(own.random, saved["random"])
        self._pits[name] = pit
        return pit

    def _open_book(self, contract: Contract, pit: Pit) -> None:
        book = Book(contract, Random(f"{self._seed}:{contract.symbol}"), int(pit.ticks), pit.climate)
        book.schedule(self.now_us)
        saved = self._saved.get("books", {}).get(contract.symbol)
        if saved:
            bid, second, last, next_us = saved["touch"][:4]
            ask = second if self._is_ours else bid + second  # the spread, in the first version
            book.restore({**saved, "touch": [bid, ask, last, next_us, *(saved["touch"][4:] or [0])]})
            if self._is_ours:
                _unpack(book.random, saved["random"])
        pit.books.append(book)
        self._books.append((book, pit))


def _readable(saved: dict[str, Any]) -> dict[str, Any]:
    return saved if saved.get("version", 1) <= _VERSION else {}


def _packed(random: Random) -> list[Any]:
    """Return the state of random numbers as JSON can carry it: its words, and half of a pair of normal ones."""
    _, words, half = random.getstate()
    return [b64encode(pack(f"<{len(words)}I", *words)).decode(), half]


def _unpack(random: Random, packed: list[Any]) -> None:
    raw = b64decode(packed[0])
    random.setstate((3, unpack(f"<{len(raw) // 4}I", raw), packed[1]))
