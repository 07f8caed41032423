"""Same seed and same calls, same bytes: a whole session as a client receives it, with its orders and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from services.dtc import codec
from services.dtc.enums import EncodingEnum
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import MarketDataRequest
from services.dtc.messages.market_depth import MarketDepthRequest
from services.simulator import wire
from services.simulator.feed import Feed
from services.simulator.orders import Side
from services.simulator.reports import Report
from services.simulator.session_clock import us_of
from services.simulator.settings import Hours, SimulatorSettings
from services.simulator.venue import Venue
from tests.services.simulator.venue import ES, MemoryStore, new_order

BEFORE_THE_CLOSE_US = us_of(datetime(2026, 11, 23, 21, 59, 30, tzinfo=UTC))
BEFORE_THE_OPENING_US = us_of(datetime(2026, 11, 23, 22, 59, 30, tzinfo=UTC))
STEP_US = 500_000


class Session:
    """What one client of a venue without a socket is sent."""

    def __init__(self, store: MemoryStore, seed: int, hours: Hours, wall_us: int) -> None:
        self.venue = Venue(SimulatorSettings(Path(), seed=seed, hours=hours, venue="V"), store, wall_us)
        self._feed = Feed(self.venue.contracts, self.venue.tape)

    def subscribed(self) -> Iterator[Message]:
        for number, symbol in enumerate(self.venue.contracts, 1):
            yield from self._feed.on_request(MarketDataRequest(RequestAction=1, SymbolID=number, Symbol=symbol))
        yield from self._feed.on_depth_request(MarketDepthRequest(RequestAction=1, SymbolID=1, Symbol=ES, NumLevels=10))

    def run(self, steps: int) -> Iterator[Message]:
        for step in range(steps):
            happened = self.venue.pass_time(STEP_US)
            yield from self._feed.messages(happened.events)
            yield from self._feed.figures(self.venue.now_us)
            yield from self._told(happened.reports)
            if step % 20 == 0:
                side = Side.BUY if step % 40 else Side.SELL
                yield from self._told(self.venue.broker.submit(new_order(f"C{step}", side), self.venue.now_us))

    def _told(self, reports: list[Report]) -> Iterator[Message]:
        last = self.venue.broker.last_prices()
        yield from (wire.report(each, self.venue.contracts, last) for each in reports)


def received(seed: int, hours: Hours, encoding: EncodingEnum) -> bytes:
    """Return a run of a minute around the close, and after a restart one around the opening."""
    store = MemoryStore()
    first = Session(store, seed, hours, BEFORE_THE_CLOSE_US)
    messages = [*first.subscribed(), *first.run(120)]
    first.venue.rest()
    second = Session(store, seed, hours, BEFORE_THE_OPENING_US)
    messages += [*second.subscribed(), *second.run(120)]
    return b"".join(codec.encode(each, encoding) for each in messages)


@pytest.mark.parametrize("hours", ["always", "exchange"])
@pytest.mark.parametrize("encoding", [EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING])
def test_the_same_seed_and_the_same_calls_give_the_same_bytes_twice(hours: Hours, encoding: EncodingEnum) -> None:
    once, twice, other = (received(seed, hours, encoding) for seed in (4, 4, 5))
    assert len(once) > 200_000
    assert sha256(once).hexdigest() == sha256(twice).hexdigest()
    assert sha256(once).hexdigest() != sha256(other).hexdigest()
