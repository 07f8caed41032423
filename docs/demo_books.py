"""What was traded in the world of the pictures, booked as the program books: fills into positions, those into trades.

Everything that is money in a picture comes from here, so that balance, day, curve, lists and statistics tell one story.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

from core.model.bar import Bar
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.position import Position, apply_fill, initial_risk, track
from core.model.scope import Balance, PositionKey
from core.model.trade import Trade
from core.model.trading_day import day_start
from core.snapshot import LedgerBalance, Snapshot
from tests.panels.worlds import ACCOUNT, ES, ES_KEY, MES, MES_KEY, NOW

SEED = 20251112
BEGAN_WITH = Decimal(50_000)
BEGAN = datetime(2025, 10, 20, 13, tzinfo=UTC)
MARGIN = Decimal(13_000)
COSTS = {"ESZ5": Decimal("2.25"), "MESZ5": Decimal("0.62")}
TICK = Decimal("0.25")
STOP = 12
# Of the morning, in minutes before the picture: when a trade began, when it ended, and how it turned out.
MORNING = ((119, 101, True), (84, 66, False), (45, 29, True))
BAD_MORNING = ((119, 101, False), (84, 66, False))


@dataclass(frozen=True)
class Script:
    """One round trip: what was traded, when, and over which prices; it entered at the first and left at the last."""

    key: PositionKey
    direction: int
    quantity: int
    begun: datetime
    ended: datetime
    prices: tuple[Decimal, ...]
    reason: str

    def fills(self, number: int) -> tuple[Fill, Fill]:
        """Return the fill that opened it and the one that closed it."""
        sides = (Side.BUY, Side.SELL) if self.direction > 0 else (Side.SELL, Side.BUY)
        legs = zip(sides, (self.prices[0], self.prices[-1]), (self.begun, self.ended), strict=True)
        first, last = (self._fill(2 * number + at, *leg) for at, leg in enumerate(legs))
        return first, last

    def trade(self, number: int) -> Trade:
        """Return it as it is booked."""
        first, last = self.fills(number)
        held = self._watched(first)
        ended = apply_fill(held, last, self.instrument).trade
        assert ended is not None
        return replace(ended, exit_reason=self.reason)

    @property
    def instrument(self) -> Instrument:
        """Its contract."""
        return ES if self.key == ES_KEY else MES

    def _watched(self, first: Fill) -> Position:
        held = apply_fill(None, first, self.instrument).after
        assert held is not None
        stop = self.prices[0] - STOP * TICK * self.direction
        held = replace(held, initial_risk=initial_risk(held, stop, self.instrument))
        step = (self.ended - self.begun) / len(self.prices)
        for at, price in enumerate(self.prices[1:-1], 1):
            held = track(held, price, self.instrument, self.begun + step * at)
        return held

    def _fill(self, number: int, side: Side, price: Decimal, at: datetime) -> Fill:
        quantity = Decimal(self.quantity)
        return our_fill(self.key, number, side, quantity, price, at, COSTS[self.key.symbol] * quantity)


def our_fill(
    key: PositionKey, number: int, side: Side, size: Decimal, price: Decimal | None, at: datetime, cost: Decimal | None
) -> Fill:
    """Return a fill of an order of ours, told forty milliseconds after it was done."""
    return Fill(
        key,
        f"{904_100 + number}",
        side,
        size,
        price,
        at,
        at + timedelta(milliseconds=40),
        commission=cost,
        source=FillSource.OURS,
        client_order_id=f"ST7QK2{3_000 + number:016d}",
    )


def scripts(bars: Sequence[Bar], morning: Iterable[tuple[int, int, bool]] = MORNING) -> tuple[Script, ...]:
    """Return some weeks of trading, a little better than chance, and a morning along the bars of the chart."""
    dice = random.Random(SEED)
    weeks = [one for day in _days() for one in _day(day, dice)]
    return (*weeks, *(_along(bars, *part) for part in morning))


def _days() -> Iterator[date]:
    """Yield the days on which something was traded before today."""
    day = BEGAN.date()
    while day < NOW.date():
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def _day(day: date, dice: random.Random) -> Iterator[Script]:
    """Yield the trades of a day, one after the other from the opening in New York on."""
    at = datetime.combine(day, time(14, 31, dice.randrange(60)), UTC)
    base = Decimal("5050") + TICK * dice.randrange(-160, 160)
    for _ in range(dice.randint(2, 4)):
        begun = at + timedelta(seconds=dice.randint(60, 2400))
        at = begun + timedelta(seconds=dice.randint(45, 2400))
        direction, won = dice.choice((1, -1)), dice.random() < 0.6
        against, towards = dice.randint(1, STOP - 2), dice.randint(6, 22)
        path = (0, -against, towards, towards) if won else (0, towards // 3, -STOP, -STOP)
        if won and dice.random() < 0.4:
            path = (0, -against, towards, towards // 2)
        reason = "stop" if not won else "target" if path[-1] == towards else "manual close"
        key, quantity = (ES_KEY, 1) if dice.random() < 0.6 else (MES_KEY, dice.randint(2, 4))
        prices = tuple(base + TICK * step * direction for step in path)
        yield Script(key, direction, quantity, begun, at, prices, reason)
        base += TICK * dice.randint(-12, 12)


def _along(bars: Sequence[Bar], began: int, ended: int, won: bool) -> Script:
    """Return a trade of the morning at the prices of the chart."""
    first, last = (NOW - timedelta(minutes=at, seconds=11) for at in (began, ended))
    seen = [bar for bar in bars if bar.start <= last and bar.start + timedelta(minutes=1) > first]
    entry, leaving = seen[0].close, seen[-1].close
    rose = leaving > entry
    between = tuple(price for bar in seen[1:-1] for price in (bar.low, bar.high))
    prices = (entry, *between, leaving)
    return Script(ES_KEY, 1 if rose is won else -1, 2, first, last, prices, "manual close")


# -- money ------------------------------------------------------------------------------------------------------------


def curve(trades: Iterable[Trade], positions: Iterable[Position]) -> tuple[EquityPoint, ...]:
    """Return the booked equity of the account: what ended, and what it cost to enter what is open."""
    moved = [(one.exit_time, one.net or Decimal(0)) for one in trades]
    mine = [one for one in positions if one.key.account_key == ACCOUNT and one.entry_time is not None]
    moved += [(one.entry_time or NOW, -(one.commissions or Decimal(0))) for one in mine]
    points = [EquityPoint(BEGAN, BEGAN_WITH, EquityKind.ANCHOR)]
    for at, amount in sorted(moved):
        points.append(EquityPoint(at, points[-1].cash + amount))
    return tuple(points)


def cash_at(points: Sequence[EquityPoint], moment: datetime) -> Decimal:
    """Return what the account held at a moment."""
    return [one.cash for one in points if one.at <= moment or one is points[0]][-1]


def settled(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with the money its trades and positions come to."""
    points = curve(snapshot.trades, snapshot.positions.values())
    cash, at = points[-1].cash, NOW - timedelta(seconds=5)
    held = sum(abs(one.quantity) for one in snapshot.positions.values() if one.key == ES_KEY)
    balance = Balance(cash, cash - MARGIN * held, MARGIN * held, None, "USD", at)
    ledger = LedgerBalance(cash, cash - cash_at(points, day_start(NOW)), at)
    return replace(
        snapshot,
        balances=MappingProxyType({**snapshot.balances, ACCOUNT: balance}),
        ledger=MappingProxyType({**snapshot.ledger, ACCOUNT: ledger}),
    )
