"""Everything on one underlying: its fair price, the climate of its books, and whether it trades.

The fair price walks whether there is trading or not, slower while there is none, so a market that reopens does so at
another price. The first contract aims at the fair price, the others at the first one's middle: MES follows ES.

With exchange hours an underlying that has moved too far in five minutes is halted for two, all its contracts together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from core.model.session import AROUND_THE_CLOCK, SessionTemplate
from services.dtc.enums import TradingStatusEnum
from services.simulator.contracts import Character
from services.simulator.market_book import Book, Climate
from services.simulator.market_forces import STEPS_PER_S, Force
from services.simulator.market_rhythm import activity, flattened
from services.simulator.ports import StatusChanged, VenueEvent
from services.simulator.session_clock import CLOSED, HALTED, OPEN, ends_us, moment_of, phase_at

_PULL: Final = 2e-7
_ASLEEP: Final = 0.25
_SAMPLE_EVERY_S: Final = 10
_WATCHED_SAMPLES: Final = 31
_HALT_US: Final = 120_000_000
_SUDDENLY: Final = 0.7


class Pit:
    """One underlying.

    Attributes:
        ticks: its fair price.
        status: of trading, as it was last told.
        until_us: when it has to be looked at again; at once after a restart.
        ended: symbols whose last moment has passed.
    """

    def __init__(
        self,
        character: Character,
        own: Force,
        forces: Sequence[tuple[str, Force]],
        opening: float,
        hours: SessionTemplate,
    ) -> None:
        """Open an underlying at a price in ticks.

        Args:
            own: what moves it alone.
            forces: what moves others as well, by name.
            hours: its sessions; `AROUND_THE_CLOCK` for a market that never rests.
        """
        self.ticks = self._anchor = opening
        self.status: TradingStatusEnum = OPEN
        self.until_us = 0
        self.ended: set[str] = set()
        self.climate = Climate()
        self.books: list[Book] = []
        self.own = own
        self._forces = [(force, character.loadings[name]) for name, force in forces if name in character.loadings]
        self._alone = math.sqrt(max(0.0, 1.0 - sum(weight * weight for _, weight in self._forces)))
        self._character = character
        self._step = character.restlessness / math.sqrt(STEPS_PER_S)
        self._swing = 1.0
        self._hours = hours
        self._halted_until_us = 0
        self._past: list[float] = []
        self._seconds = 0

    def walk(self, moves: dict[str, float]) -> None:
        """Let the fair price take a step, given those of the shared forces."""
        move = self._alone * self.own.move()
        for name, weight in self._character.loadings.items():
            move += weight * moves[name]
        self.ticks += self._step * self._swing * move + _PULL * (self._anchor - self.ticks)

    def pass_second(self, at_us: int, is_flattened: bool) -> None:
        """Renew the climate; halt trading after an extreme move."""
        self.own.pass_second()
        self._seconds += 1
        busy = activity(self._character.underlying, moment_of(at_us))
        busy = flattened(busy) if is_flattened else busy
        parts = [weight * force.volatility for force, weight in self._forces]
        strain = math.hypot(self._alone * self.own.volatility, *parts)
        self._swing = math.sqrt(busy) if self.status is OPEN else _ASLEEP
        before, climate = self.climate.depth, self.climate
        climate.pace = busy * min(max(strain, 0.5), 4.0) ** 0.8
        climate.depth = min(2.0, max(0.12, busy**0.4 * strain**-0.9))
        climate.unrest = strain * self._swing / math.sqrt(climate.pace)
        climate.fear = max(0.0, 0.4 * (strain - 1.0))
        if climate.depth < _SUDDENLY * before:
            for book in self.books:
                book.thin(climate.depth / before)
        if self._seconds % _SAMPLE_EVERY_S == 0 and self.status is OPEN:
            self._watch(at_us)

    def target(self, book: Book) -> float:
        """Return where a book is wanted: at the fair price, or at the middle of the first contract."""
        leader = self.books[0]
        return self.ticks if book is leader or leader.contract.symbol in self.ended else leader.middle

    def trades(self, book: Book) -> bool:
        """Whether there is a market in a contract now."""
        return self.status is OPEN and book.contract.symbol not in self.ended

    def turn(self, at_us: int) -> list[VenueEvent]:
        """Do what the clock asks for: open, close, halt, end contracts."""
        events: list[VenueEvent] = []
        for book in self.books:
            if book.contract.symbol not in self.ended and ends_us(book.contract) <= at_us:
                self.ended.add(book.contract.symbol)
                events += self.shown(book, at_us)
        status, until_us = phase_at(at_us, self._hours)
        if status is OPEN and at_us < self._halted_until_us:
            status, until_us = HALTED, min(until_us, self._halted_until_us)
        alive = [book for book in self.books if book.contract.symbol not in self.ended]
        self.until_us = min([until_us, *(ends_us(book.contract) for book in alive)])
        if status is not self.status:
            self.status = status
            for book in alive:
                events.append(StatusChanged(book.contract.symbol, at_us, status))
                events += book.reopen(self.target(book), at_us) if status is OPEN else ()
        return events

    def shown(self, book: Book, at_us: int) -> list[VenueEvent]:
        """Return what stands of a contract: its book, and its status if it is not open."""
        present, symbol = book.shown(at_us), book.contract.symbol
        if symbol in self.ended:
            nothing = replace(present, bids=(), asks=())
            return [nothing, StatusChanged(symbol, at_us, CLOSED, settles_at=book.last_price)]
        return [present] if self.status is OPEN else [present, StatusChanged(symbol, at_us, self.status)]

    def saved(self) -> dict[str, Any]:
        """Return all of it but books and random numbers."""
        climate = self.climate
        return {
            "price": [self.ticks, self._anchor],
            "own": self.own.saved(),
            "climate": [climate.pace, climate.depth, climate.unrest, climate.fear, self._swing],
            "status": int(self.status),
            "clock": [self._halted_until_us, self._seconds],
            "past": self._past,
            "ended": sorted(self.ended),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what was saved; books come after it."""
        self.ticks, self._anchor = saved["price"]
        self.own.restore(saved["own"])
        climate = self.climate
        climate.pace, climate.depth, climate.unrest, climate.fear, self._swing = saved["climate"]
        self.status = TradingStatusEnum(saved["status"])
        self._halted_until_us, self._seconds = saved["clock"]
        self._past = saved["past"]
        self.ended.update(saved["ended"])

    def _watch(self, at_us: int) -> None:
        """Halt trading when the price is too far from where it was in the last minutes."""
        limit = self._character.halts_after * self._character.restlessness * math.sqrt(60)
        self._past = [*self._past[1 - _WATCHED_SAMPLES :], self.ticks]
        if self._hours is AROUND_THE_CLOCK or max(self._past) - min(self._past) < limit:
            return
        self._past = []
        self._halted_until_us = at_us + _HALT_US
        self.until_us = at_us
