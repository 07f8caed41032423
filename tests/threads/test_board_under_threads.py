"""The market board among network threads and the trading thread."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from threading import Condition

import pytest

import core.market_board
from core.market_board import TickBatch
from core.model.market import Aggressor, Quote, Tick
from core.state_manager import StateManager
from tests.threads.crowd import WITHIN_S, each, together

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PRODUCERS = 10
TICKS = 300


def tick(symbol: str, sequence: int) -> Tick:
    return Tick(symbol, Decimal(sequence), Decimal(1), Aggressor.UNKNOWN, AT, AT, sequence)


class Drainer:
    """The trading thread: sleeps until it is woken, then drains once."""

    def __init__(self, state: StateManager) -> None:
        self.batches: list[TickBatch] = []
        self.wakes = 0
        self.drains = 0
        self._state = state
        self._ready = Condition()
        self._over = False

    def wake(self) -> None:
        with self._ready:
            self.wakes += 1
            self._ready.notify()

    def end(self) -> None:
        with self._ready:
            self._over = True
            self._ready.notify()

    def run(self) -> None:
        while True:
            with self._ready:
                assert self._ready.wait_for(lambda: self._over or self.wakes > self.drains, WITHIN_S)
                if self.wakes == self.drains:
                    return
                self.drains += 1
            taken = self._state.drain_ticks()
            assert taken, "woken for nothing"
            self.batches.extend(taken)


def produce_and_drain(state: StateManager, produce: Callable[[int, Drainer], None]) -> Drainer:
    drainer = Drainer(state)

    def all_producers() -> None:
        try:
            together(*each(PRODUCERS, lambda number: produce(number, drainer)))
        finally:
            drainer.end()

    together(all_producers, drainer.run)
    return drainer


def test_every_tick_of_many_producers_arrives_once_and_in_its_own_order() -> None:
    state = StateManager()

    def produce(number: int, drainer: Drainer) -> None:
        for sequence in range(TICKS):
            if state.put_tick(f"line{number % 2}", tick(f"S{number}", sequence)):
                drainer.wake()

    drainer = produce_and_drain(state, produce)
    arrived: dict[tuple[str, str], list[int]] = {}
    for batch in drainer.batches:
        assert batch.dropped == 0
        arrived.setdefault((batch.connection, batch.symbol), []).extend(one.sequence for one in batch.ticks)
    assert arrived == {(f"line{number % 2}", f"S{number}"): list(range(TICKS)) for number in range(PRODUCERS)}
    assert state.drain_ticks() == ()


def test_there_is_one_wake_up_for_each_drain_and_never_one_for_nothing() -> None:
    state = StateManager()

    def produce(number: int, drainer: Drainer) -> None:
        for sequence in range(TICKS):
            if state.put_tick("sim", tick("ESZ6", sequence)):
                drainer.wake()

    drainer = produce_and_drain(state, produce)
    assert drainer.wakes == drainer.drains > 0
    assert sum(len(batch.ticks) for batch in drainer.batches) == PRODUCERS * TICKS


def test_of_a_hundred_threads_that_put_a_first_tick_exactly_one_is_asked_to_wake_the_reader() -> None:
    state = StateManager()
    asked: list[bool] = []
    together(*each(100, lambda number: asked.append(state.put_tick("sim", tick("ESZ6", number)))))
    assert sorted(asked) == [False] * 99 + [True]


def test_what_does_not_fit_is_counted_to_the_last_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.market_board, "TICKS_PER_SYMBOL", 64)
    state = StateManager()
    together(
        *each(PRODUCERS, lambda number: [state.put_tick("sim", tick("ESZ6", sequence)) for sequence in range(TICKS)])
    )
    (batch,) = state.drain_ticks()
    assert len(batch.ticks) == 64
    assert batch.dropped == PRODUCERS * TICKS - 64


def test_quotes_of_many_lines_end_at_the_last_of_each() -> None:
    state = StateManager()

    def quote(number: int) -> None:
        for step in range(TICKS):
            state.put_quote("sim", Quote(f"S{number}", last=Decimal(step)))
            if step % 50 == 0:
                state.mark_quotes_stale("other")

    together(*each(PRODUCERS, quote))
    assert {quote.symbol: quote.last for quote in state.snapshot().quotes.values()} == {
        f"S{number}": Decimal(TICKS - 1) for number in range(PRODUCERS)
    }
