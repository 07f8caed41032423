"""The board: one wake-up per drain, nothing lost in silence, order kept."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core.market_board
from core.market_board import TICKS_PER_SYMBOL, MarketBoard
from core.model.market import Aggressor, Quote, Tick

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def tick(sequence: int, symbol: str = "ESZ6") -> Tick:
    return Tick(symbol, Decimal(5000 + sequence), Decimal(1), Aggressor.UNKNOWN, AT, AT, sequence)


def test_the_reader_is_woken_once_until_it_drains() -> None:
    board = MarketBoard()
    assert [board.put_tick("sim", tick(number)) for number in range(4)] == [True, False, False, False]
    board.drain()
    assert [board.put_tick("sim", tick(number)) for number in range(2)] == [True, False]


def test_one_wake_up_serves_every_symbol_and_connection() -> None:
    board = MarketBoard()
    woken = [board.put_tick("sim", tick(0)), board.put_tick("sim", tick(1, "NQZ6")), board.put_tick("live", tick(2))]
    assert woken == [True, False, False]
    assert [(batch.connection, batch.symbol, len(batch.ticks)) for batch in board.drain()] == [
        ("sim", "ESZ6", 1),
        ("sim", "NQZ6", 1),
        ("live", "ESZ6", 1),
    ]


def test_a_drain_takes_everything_once_and_in_order() -> None:
    board = MarketBoard()
    for number in range(1000):
        board.put_tick("sim", tick(number))
    (batch,) = board.drain()
    assert [each.sequence for each in batch.ticks] == list(range(1000))
    assert batch.dropped == 0
    assert board.drain() == ()


def test_when_a_symbol_is_full_its_oldest_go_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.market_board, "TICKS_PER_SYMBOL", 100)
    board = MarketBoard()
    for number in range(130):
        board.put_tick("sim", tick(number))
    board.put_tick("sim", tick(0, "NQZ6"))
    es, nq = board.drain()
    assert ([each.sequence for each in es.ticks], es.dropped) == (list(range(30, 130)), 30)
    assert (len(nq.ticks), nq.dropped) == (1, 0)


def test_the_count_of_the_dropped_begins_anew_after_a_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.market_board, "TICKS_PER_SYMBOL", 2)
    board = MarketBoard()
    for number in range(5):
        board.put_tick("sim", tick(number))
    assert board.drain()[0].dropped == 3
    board.put_tick("sim", tick(9))
    assert board.drain()[0].dropped == 0


def test_a_symbol_holds_sixty_five_thousand_five_hundred_and_thirty_six_trades() -> None:
    assert TICKS_PER_SYMBOL == 65_536
    board = MarketBoard()
    one = tick(0)
    for _ in range(TICKS_PER_SYMBOL + 1):
        board.put_tick("sim", one)
    (batch,) = board.drain()
    assert (len(batch.ticks), batch.dropped) == (TICKS_PER_SYMBOL, 1)


def test_quotes_are_the_latest_and_do_not_wake_anybody() -> None:
    board = MarketBoard()
    board.put_quote("sim", Quote("ESZ6", last=Decimal(1)))
    board.put_quote("sim", Quote("ESZ6", last=Decimal(2)))
    assert board.quotes["sim", "ESZ6"].last == 2
    assert board.put_tick("sim", tick(0))


@given(st.lists(st.one_of(st.just("drain"), st.sampled_from(["ESZ6", "NQZ6"])), max_size=60))
def test_nothing_is_lost_or_doubled_and_a_wake_up_stands_for_every_full_board(steps: list[str]) -> None:
    board = MarketBoard()
    put: dict[str, list[int]] = {"ESZ6": [], "NQZ6": []}
    taken: dict[str, list[int]] = {"ESZ6": [], "NQZ6": []}
    waiting = False
    for number, step in enumerate([*steps, "drain"]):
        if step == "drain":
            batches = board.drain()
            assert bool(batches) is waiting
            for batch in batches:
                taken[batch.symbol] += [each.sequence for each in batch.ticks]
            waiting = False
        else:
            put[step].append(number)
            assert board.put_tick("sim", tick(number, step)) is not waiting
            waiting = True
    assert taken == put
