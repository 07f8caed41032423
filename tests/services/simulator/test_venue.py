"""Market and broker under one clock that never goes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, MarketEvent
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue
from tests.services.simulator.venue import DAY, ES, MemoryStore, book, new_order, trade

WALL_US = int(datetime(DAY.year, DAY.month, DAY.day, 15, tzinfo=UTC).timestamp()) * 1_000_000
SECOND_US = 1_000_000


class ScriptedMarket:
    """A market that does what it is told, to show that any source will do."""

    def __init__(self, events: list[MarketEvent]) -> None:
        self.now_us = 0
        self._events = events

    def opening(self) -> list[MarketEvent]:
        return [book(at_us=self.now_us)]

    def step(self, dt_us: int) -> list[MarketEvent]:
        self.now_us += dt_us
        events, self._events = self._events, []
        return events

    def jump(self, now_us: int) -> None:
        self.now_us = max(self.now_us, now_us)

    def state(self) -> str:
        return ""


def venue(store: MemoryStore, wall_us: int = WALL_US, folder: Path = Path(), **settings: object) -> Venue:
    return Venue(SimulatorSettings(folder, **settings), store, wall_us)  # type: ignore[arg-type]


def test_market_time_is_the_wall_clock_and_prices_continue_after_a_restart() -> None:
    store = MemoryStore()
    first = venue(store)
    opened = first.tape.symbols[ES].book.bids
    first.pass_time(60 * SECOND_US)
    first.rest()
    price = first.tape.symbols[ES].book.bids
    assert price != opened
    again = venue(store, WALL_US + 86_400 * SECOND_US)
    assert again.now_us == WALL_US + 86_400 * SECOND_US
    assert again.tape.symbols[ES].book.bids == price


def test_the_figures_of_a_session_survive_a_restart() -> None:
    store = MemoryStore()
    first = venue(store)
    first.pass_time(60 * SECOND_US)
    before = first.tape.symbols[ES]
    first.rest()
    assert before.trades > 0
    after = venue(store, WALL_US + 3_600 * SECOND_US).tape.symbols[ES]
    assert replace(after, book=before.book) == before


def test_a_session_that_ended_while_the_simulator_was_off_is_settled_at_its_last_price() -> None:
    store = MemoryStore()
    first = venue(store)
    first.pass_time(60 * SECOND_US)
    before = first.tape.symbols[ES]
    first.rest()
    wall_us = WALL_US + 24 * 3_600 * SECOND_US
    after = venue(store, wall_us).tape.symbols[ES]
    assert after.ended == (DAY, before.volume)
    assert (after.settlement, after.settled_us) == (before.book.last, wall_us)
    assert (after.day, after.high, after.volume) == (DAY + timedelta(days=1), None, Decimal(0))
    assert after.open_interest > before.open_interest


def test_the_clock_never_goes_back() -> None:
    store = MemoryStore()
    fast = venue(store)
    fast.pass_time(30 * SECOND_US)
    fast.rest()
    assert venue(store, WALL_US + 5).now_us == WALL_US + 30 * SECOND_US


def test_ids_of_two_stores_never_meet_and_those_of_one_store_go_on() -> None:
    one, other = MemoryStore(), MemoryStore()
    tags = {venue(store).records.value("venue") for store in (one, other, one)}
    assert len(tags) == 2


def test_an_order_received_before_a_restart_is_filled_at_the_time_of_the_restart() -> None:
    store = MemoryStore()
    venue(store, latency_ms=1_000).broker.submit(new_order(), WALL_US)
    later = WALL_US + 3_600 * SECOND_US
    (fill,) = venue(store, later).records.fills
    assert fill.at_us == later


def test_a_frozen_market_lets_time_pass_and_nothing_happen() -> None:
    still = venue(MemoryStore(), latency_ms=100)
    still.frozen = True
    still.broker.submit(new_order(), still.now_us)
    happened = still.pass_time(SECOND_US)
    assert happened.events == []
    assert len(happened.reports) == 4
    assert still.now_us == WALL_US + SECOND_US


def test_any_market_can_be_plugged_in() -> None:
    market = ScriptedMarket([trade("6500.00", 10, Side.SELL), book(bid="6499.75", bids=(5,))])
    store = MemoryStore()
    made = Venue(SimulatorSettings(Path()), store, WALL_US, market)
    made.broker.submit(new_order(limit="6500.00"), made.now_us)
    happened = made.pass_time(SECOND_US)
    assert [isinstance(each, BookChanged) for each in happened.events] == [False, True]
    assert made.tape.symbols[ES].volume == 10
    assert not [row for row in store.load()["values"] if row["name"] == "market"]


@pytest.mark.parametrize(
    "wrong", [{"speed": 0.0}, {"speed": -1.0}, {"speed": float("nan")}, {"latency_ms": -1}, {"hours": "never"}]
)
def test_a_speed_latency_or_hours_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        SimulatorSettings(Path(), **wrong)  # type: ignore[arg-type]
