"""Ten thousand random lives of a position, each figure held against a second book in exact fractions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.fill import Fill, FillSource
from core.model.instrument import Instrument
from core.model.position import Position, PositionChange, apply_fill, initial_risk, revalue, track
from core.model.trade import Trade
from tests.core.model.exact_book import ExactBook, ExactTrade
from tests.core.model.lives import START, ContractKnown, Life, StopWorks, Traded

LIVES = 10_000
BATCH = 500
# Averages carry 28 digits; what is computed from them may lose a few.
CLOSE = Fraction(1, 10**18)
SHARE = Fraction(1, 10**9)


def exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def near(value: Decimal | None, expected: Fraction | None) -> bool:
    if value is None or expected is None:
        return value is None and expected is None
    return abs(Fraction(value) - expected) <= CLOSE * max(Fraction(1), abs(expected))


def same_cost(value: Decimal | None, expected: Fraction | None, split: bool) -> bool:
    """Costs are exact; where one was split over a reversal its share is rounded, far below a cent."""
    if value is None or expected is None:
        return value is None and expected is None
    return abs(Fraction(value) - expected) <= (SHARE if split else 0)


def point_value(instrument: Instrument) -> Fraction | None:
    if instrument.tick_value is None or instrument.tick_size is None:
        return None
    return Fraction(instrument.tick_value) / Fraction(instrument.tick_size)


def check_position(position: Position | None, book: ExactBook, split: bool) -> None:
    if position is None:
        assert book.quantity == 0
        return
    assert Fraction(position.quantity) == book.quantity != 0
    assert near(position.entry_price, book.average)
    assert near(position.realized_pnl, book.realised)
    assert same_cost(position.commissions, book.costs, split)
    assert Fraction(position.max_quantity) == book.largest
    assert (exact(position.min_price), exact(position.max_price)) == (book.low, book.high)
    assert position.extremes_complete is book.complete
    assert exact(position.mae) == (None if book.worst is None else max(Fraction(0), -book.worst))
    assert exact(position.mfe) == (None if book.best is None else max(Fraction(0), book.best))
    assert exact(position.initial_risk) == (book.risk if book.stop is not None else None)


def check_trade(trade: Trade, expected: ExactTrade, split: bool) -> None:
    assert trade.direction == expected.direction
    assert Fraction(trade.quantity) == expected.quantity
    assert near(trade.entry_price, expected.entry)
    assert near(trade.exit_price, expected.leave)
    assert exact(trade.realized_pnl) == expected.gross
    assert same_cost(trade.commissions, expected.costs, split)
    assert trade.extremes_complete is expected.complete
    assert exact(trade.mae) == expected.mae
    assert exact(trade.mfe) == expected.mfe
    assert exact(trade.initial_risk) == (expected.risk if trade.initial_risk is not None else None)
    assert near(trade.capture, expected.capture)
    assert trade.capture is None or trade.capture <= 1


def check_legs(change: PositionChange) -> None:
    fill, legs = change.fill, change.legs
    assert sum(Fraction(leg.quantity) for leg in legs) == Fraction(fill.quantity)
    assert all(leg.side is fill.side and leg.price == fill.price for leg in legs)
    assert len({(leg.execution_id, leg.leg) for leg in legs}) == len(legs)
    if fill.commission is not None:
        assert sum(Fraction(leg.commission) for leg in legs if leg.commission is not None) == Fraction(fill.commission)
    reversed_ = change.trade is not None and change.after is not None
    assert len(legs) == (2 if reversed_ else 1)


class Both:
    """The program's position and the exact book, led through the same life side by side."""

    def __init__(self, life: Life) -> None:
        self.instrument = life.known
        self.position: Position | None = None
        self.book = ExactBook(point_value(life.known))
        self.legs: list[Fill] = []
        self.trades: list[Trade] = []
        self.split = False
        self._now = START

    def live(self, happenings: Iterable[object]) -> None:
        for happening in happenings:
            self._now += timedelta(seconds=1)
            match happening:
                case Fill():
                    self._fill(happening)
                case Traded(price) if self.position is not None:
                    self.position = track(self.position, price, self.instrument, self._now)
                    self.book.see(Fraction(price))
                case StopWorks(price) if self.position is not None and self.position.entry_price is not None:
                    self._stop(self.position, price)
                case ContractKnown(instrument):
                    self._learn(instrument)
            check_position(self.position, self.book, self.split)

    def _fill(self, fill: Fill) -> None:
        change = apply_fill(self.position, fill, self.instrument)
        check_legs(change)
        self.legs += change.legs
        self.split = self.split or len(change.legs) == 2
        before = len(self.book.trades)
        cost = None if fill.commission is None else Fraction(fill.commission)
        self.book.fill(Fraction(fill.signed_quantity), exact(fill.price), cost, fill.source is FillSource.OURS)
        assert (change.trade is not None) is (len(self.book.trades) > before)
        if change.trade is not None:
            self.trades.append(change.trade)
            check_trade(change.trade, self.book.trades[-1], self.split)
        self.position = change.after

    def _stop(self, position: Position, price: Decimal) -> None:
        risk = position.initial_risk or initial_risk(position, price, self.instrument)
        self.position = replace(position, stop_price=price, initial_risk=risk)
        self.book.acknowledge_stop(Fraction(price))

    def _learn(self, instrument: Instrument) -> None:
        self.instrument = instrument
        if self.position is not None:
            self.position = revalue(self.position, instrument)
        value = point_value(instrument)
        assert value is not None
        self.book.learn(value)


def live(seed: int, length: int = 9) -> Both:
    life = Life(seed)
    both = Both(life)
    both.live(life.events(length))
    return both


@pytest.mark.row(64)
@pytest.mark.parametrize("first", range(0, LIVES, BATCH))
def test_every_figure_of_a_random_life_equals_the_exact_reference(first: int) -> None:
    for seed in range(first, first + BATCH):
        try:
            live(seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_long_life_equals_the_exact_reference(seed: int, length: int) -> None:
    live(seed, length)


@pytest.mark.row(64)
@given(st.integers(0, 2**32))
def test_folding_the_legs_gives_the_position_and_the_trades_that_the_fills_gave(seed: int) -> None:
    both = live(seed)
    position, trades = None, []
    for leg in both.legs:
        change = apply_fill(position, leg, both.instrument)
        assert change.legs == (leg,)
        position = change.after
        trades += [] if change.trade is None else [change.trade]
    assert (position is None) is (both.position is None)
    if position is not None and both.position is not None:
        for name in ("quantity", "entry_price", "entry_time", "realized_points", "realized_pnl", "commissions"):
            assert getattr(position, name) == getattr(both.position, name)
    assert [(one.quantity, one.entry_price, one.exit_price, one.commissions) for one in trades] == [
        (one.quantity, one.entry_price, one.exit_price, one.commissions) for one in both.trades
    ]


def test_the_random_lives_hold_everything_that_can_happen_to_a_position() -> None:
    lives = [live(seed) for seed in range(400)]
    trades = [trade for both in lives for trade in both.trades]
    assert any(both.split for both in lives)
    assert any(both.instrument.point_value is None for both in lives)
    assert any(trade.realized_pnl is None for trade in trades)
    assert any(trade.r_multiple is not None for trade in trades)
    assert any(trade.capture is not None and trade.capture < 0 for trade in trades)
    assert any(both.position is not None and both.position.realized_pnl for both in lives)
