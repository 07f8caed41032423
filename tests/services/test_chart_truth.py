"""Whatever is missed, late or asked for again, and in whatever order it comes: in the end every bar is what it was.

A market whose every trade is known; a line that falls, a board that drops, a venue whose history is slow, fails, or
lags behind its trades. When all is quiet, the closed bars are those of the trades.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from core.chart_commands import LoadOlder, ShowChart
from core.events import ClockTicked, Link, LinkChanged
from core.history import HistoryArrived, HistoryFailed, HistoryWanted
from core.market_board import TickBatch
from core.model.bar import Bar, BarSource, ChartKey, Interval
from core.model.bar_building import BarBuilder
from core.model.bar_clock import hours_of
from core.model.market import Aggressor, Tick
from core.state_manager import StateManager
from services.chart_service import ChartService
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock

SYMBOL = "ESZ26_FUT_CME"
SIDES = (Aggressor.BUYER, Aggressor.SELLER, Aggressor.UNKNOWN)


class World:
    """The market, the venue that remembers all of it, and the service."""

    def __init__(self, seed: int, interval: str) -> None:
        self.rng = Random(seed)
        self.clock = ManualClock()
        self.trades: list[Tick] = []
        self.key = ChartKey("sim", SYMBOL, Interval.parse(interval))
        self.state = StateManager()
        self.service = ChartService({"sim": FakeBroker(self.clock)}, {"sim": self}, None, self.state, self.clock)
        self.asked: list[tuple[float, HistoryWanted]] = []
        self.is_up = True
        self.price = 20_000
        self._start = self.clock.now()
        self.clock.advance(-3600 * 3)
        while self.clock.now() < self._start:
            self.clock.advance(self.rng.random() * 20)
            self._trade()

    def request_history(self, wanted: HistoryWanted) -> None:
        self.asked.append((self.clock.monotonic() + self.rng.choice((0.0, 0.2, 3.0)), wanted))

    def step(self, seconds: float, *, calm: bool = False) -> None:
        """Let a moment pass in which something may happen."""
        self.clock.advance(seconds)
        made = [self._trade() for _ in range(self.rng.randrange(4))]
        if self.is_up and made:
            dropped = 0 if calm or self.rng.random() > 0.03 else self.rng.randrange(1, len(made) + 1)
            self.service.on_ticks([TickBatch("sim", SYMBOL, tuple(made[dropped:]), dropped)])
        if not calm and self.rng.random() < 0.02:
            self.link(not self.is_up)
        self._answer(calm=calm)
        self.service.on_clock(ClockTicked(self.clock.now(), self.clock.monotonic()))

    def link(self, up: bool) -> None:
        self.is_up = up
        link = Link.SYNCING if up else Link.OFFLINE
        self.service.on_link_changed(LinkChanged("sim", link, self.clock.now()))

    def truth(self, trades: Sequence[Tick], until: datetime | None = None) -> list[Bar]:
        builder = BarBuilder(self.key.interval, hours_of(SYMBOL))
        bars = builder.add([trade for trade in trades if until is None or trade.time < until])
        return [*bars, builder.forming] if builder.forming is not None else bars

    def _trade(self) -> Tick:
        self.price += self.rng.randint(-2, 2)
        size, side, now = Decimal(self.rng.randint(1, 5)), self.rng.choice(SIDES), self.clock.now()
        made = Tick(SYMBOL, Decimal(self.price) / 4, size, side, now, now)
        self.trades.append(made)
        return made

    def _answer(self, *, calm: bool) -> None:
        due = [wanted for at, wanted in self.asked if at <= self.clock.monotonic()]
        self.asked = [one for one in self.asked if one[0] > self.clock.monotonic()]
        for wanted in due:
            if not calm and self.rng.random() < 0.2:
                self.service.on_failed(HistoryFailed(wanted.ticket, wanted.key, "It failed.", retry_in_s=1.0))
                continue
            lag = timedelta(seconds=self.rng.uniform(0.0, 9.0))  # not everything is on its disk yet
            known = [trade for trade in self.trades if trade.time <= self.clock.now() - lag]
            bars = [bar for bar in self.truth(known, wanted.until) if bar.start >= wanted.since]
            self.service.on_arrived(HistoryArrived(wanted.ticket, wanted.key, tuple(bars), BarSource.VENUE, False))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("interval", ["5s", "1m", "7m", "1h"])
def test_in_the_end_every_closed_bar_is_what_was_traded(seed: int, interval: str) -> None:
    world = World(seed, interval)
    world.service.on_show(ShowChart(world.key))
    for _ in range(400):
        world.step(world.rng.choice((0.05, 0.3, 1.0, 5.0)))
        if world.rng.random() < 0.01:
            world.service.on_load_older(LoadOlder(world.key))
    world.link(True)
    length = world.key.interval.seconds or 0
    for _ in range(60):
        world.step(max(3.0, length / 12), calm=True)
    series = world.state.snapshot().charts[world.key]
    expected = world.truth(world.trades)
    shown = list(series)[:-1]
    assert shown == [bar for bar in expected if bar.start >= series[0].start][: len(shown)]
    assert len(shown) > 10 or interval == "1h"
    assert series.problem == ""
    assert timedelta(0) <= world.clock.now() - series[-1].start < timedelta(seconds=2 * length + 60)
