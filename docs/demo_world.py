"""The world of the pictures: one morning in December futures, made up, the same each time.

Everything is drawn by the real window from these snapshots; what a panel asks of the engine is answered here.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.chart_commands import ShowChart
from core.commands import RunQuery
from core.model.bar import Bar, BarSeries, BarSource, ChartKey, extended
from core.model.depth import Depth
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import Side
from core.model.market import Quote, SessionFigures
from core.model.order import Intent, OrderType
from core.model.scope import Account, Mode
from core.model.trade import Trade
from core.queries import AuditEvent, EquityFilter, EventRows, TradeFilter, always
from core.snapshot import Snapshot
from services.stats_service import StatsService
from tests.panels import mixed_worlds as worlds
from tests.panels.bracketed import bracketed_two
from tests.panels.worlds import (
    ACCOUNT,
    ES_KEY,
    MES_KEY,
    NOW,
    OTHER_ACCOUNT,
    ago,
    answered,
    fill,
    order,
    position,
    quote,
    status,
    studies,
    trade,
    with_answers,
)

SEED = 20251112
BARS = 400
TICK = Decimal("0.25")
WATCHED = tuple(("sim", symbol) for symbol in ("ESZ5", "MESZ5", "NQZ5", "ZNZ5", "CLF6"))
PLACE = (ACCOUNT.connection, ES_KEY.symbol)


def trading_day(**changes: Any) -> Snapshot:
    """Return LONG 2 ES with two brackets, an hour into the session, the book and the studies of it."""
    working = order(
        41,
        key=MES_KEY,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.LIMIT,
        trigger_price=None,
        price=Decimal("5046.50"),
    )
    made = bracketed_two(working)
    made = replace(
        made,
        accounts=MappingProxyType(
            {ACCOUNT: Account(ACCOUNT, Mode.SIM, "USD"), OTHER_ACCOUNT: Account(OTHER_ACCOUNT, Mode.SIM, "USD")}
        ),
        studies=MappingProxyType({PLACE: studies()}),
        session_figures=MappingProxyType({PLACE: figures()}),
        watched=WATCHED,
        quotes=MappingProxyType({**made.quotes, **watched_quotes(), PLACE: seen_beside_the_book()}),
        instruments=MappingProxyType(
            {**made.instruments, **{("sim", one.symbol): one for one in (worlds.NQ, worlds.ZN, worlds.CL)}}
        ),
        depths=MappingProxyType({PLACE: book()}),
        fills=tuple(fill(at, side=Side.BUY if at % 2 else Side.SELL, fill_time=ago(900 - at * 70)) for at in range(9)),
        trades=day_trades(),
    )
    return replace(made, **changes)


def watched_quotes() -> dict[tuple[str, str], Quote]:
    """Return the prices of the watchlist."""
    last = {"MESZ5": "5051.50", "NQZ5": "18112.25", "ZNZ5": "110.515625", "CLF6": "68.42"}
    return {("sim", symbol): quote(price, 0.6 + at, symbol=symbol) for at, (symbol, price) in enumerate(last.items())}


def seen_beside_the_book() -> Quote:
    """Return the last trade with the best of the book."""
    ladder = book()
    (bid, bid_size), (ask, ask_size) = ladder.bids[0], ladder.asks[0]
    return quote(str(ask), bid=bid, bid_size=bid_size, ask=ask, ask_size=ask_size)


def flat_day() -> Snapshot:
    """Return the same morning with nothing open."""
    nothing: dict[str, Any] = {"positions": MappingProxyType({}), "orders": MappingProxyType({})}
    return trading_day(**nothing, scopes=MappingProxyType({ES_KEY: status(broker="0")}))


def figures() -> SessionFigures:
    """Return what the venue states of the session."""
    return SessionFigures(
        "ESZ5",
        NOW.date(),
        Decimal("5046.00"),
        Decimal("5056.75"),
        Decimal("5041.50"),
        Decimal("5044.25"),
        None,
        Decimal(45_678),
        received_at=ago(0.2),
    )


def book(best: Decimal = Decimal("5051.25")) -> Depth:
    """Return ten prices on each side of a one-tick market."""
    dice = random.Random(SEED)
    bids = tuple((best - TICK * at, Decimal(dice.randint(8, 180))) for at in range(10))
    asks = tuple((best + TICK * (at + 1), Decimal(dice.randint(8, 180))) for at in range(10))
    return Depth("ESZ5", bids, asks, complete=True, received_at=ago(0.2))


def series(key: ChartKey) -> BarSeries:
    """Return bars that end at the last trade of the morning, with busy openings and quiet noons."""
    dice = random.Random(SEED)
    length = timedelta(seconds=key.interval.seconds or 60)
    steps = [dice.randint(-5, 5) for _ in range(BARS)]
    close = Decimal("5051.50") - TICK * sum(steps)
    bars = []
    for at, step in enumerate(steps):
        opened, close = close, close + TICK * step
        high = max(opened, close) + TICK * dice.randint(0, 4)
        low = min(opened, close) - TICK * dice.randint(0, 4)
        volume = Decimal(200 + abs(step) * 90 + dice.randint(0, 160))
        sold = (volume * dice.randint(35, 65) / 100).quantize(Decimal(1))
        start = NOW - length * (BARS - at) + timedelta(seconds=20)
        bars.append(Bar(start, opened, high, low, close, volume, int(volume) // 3, sold, volume - sold))
    return BarSeries(
        key,
        extended((), tuple(bars[:-1])),
        bars[-1],
        complete_from=bars[0].start,
        source=BarSource.VENUE,
        has_older=True,
        last_trade=ago(0.2),
    )


def day_trades(count: int = 60) -> tuple[Trade, ...]:
    """Return trades of some weeks, oldest first, a little better than chance."""
    dice = random.Random(SEED)
    made = []
    for at in range(count):
        won = dice.random() < 0.55
        result = Decimal(dice.randrange(50, 400, 25) if won else -dice.randrange(50, 300, 25))
        ended = NOW - timedelta(days=(count - at) // 3, minutes=37 * (at % 9), seconds=6)
        favourable = max(result, Decimal(0)) + Decimal(dice.randrange(25, 150, 25))
        made.append(
            trade(
                key=ES_KEY if at % 3 else MES_KEY,
                direction=1 if at % 2 else -1,
                realized_pnl=result,
                mfe=favourable,
                mae=max(-result, Decimal(0)) + Decimal(dice.randrange(12, 100, 12)),
                entry_time=ended - timedelta(seconds=dice.randint(45, 2400)),
                exit_time=ended,
                exit_reason=dice.choice(("target", "stop", "manual close")),
            )
        )
    return tuple(sorted(made, key=lambda one: one.exit_time))


def heat_danger() -> Snapshot:
    """Return a position that has been under water for more than five minutes, its stop three ticks away."""
    held = position(heat_since=ago(330), heat_max_s=330, min_price=Decimal("5045.75"), mae=Decimal("450"))
    quote = replace(
        trading_day().quotes[PLACE], last=Decimal("5046.00"), bid=Decimal("5045.75"), ask=Decimal("5046.00")
    )
    return trading_day(
        positions=MappingProxyType({ES_KEY: held}),
        quotes=MappingProxyType({**trading_day().quotes, PLACE: quote}),
        depths=MappingProxyType({PLACE: book(Decimal("5045.75"))}),
    )


def in_account(mode: Mode, snapshot: Snapshot, armed: bool = True) -> Snapshot:
    """Return the snapshot with its account of another mode, armed for half an hour or not."""
    accounts = MappingProxyType({ACCOUNT: Account(ACCOUNT, mode, "USD")})
    return replace(snapshot, accounts=accounts, armed=MappingProxyType({ACCOUNT: 1898.0} if armed else {}))


class History:
    """The stored trades and records of the pictures, as the statistics are given them."""

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        """Return the closed trades of a filter, oldest first, and the equity before them."""
        return self._since(wanted.since), Decimal(50_000)

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        """Return the closed equity."""
        trades = self._since(wanted.since)
        began = (trades[0].exit_time if trades else NOW) - timedelta(hours=1)
        points = [EquityPoint(began, Decimal(50_000), EquityKind.ANCHOR)]
        for one in trades:
            points.append(EquityPoint(one.exit_time, points[-1].cash + (one.net or Decimal(0))))
        return tuple(points)

    def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
        """Return records of the morning, newest first."""
        kept = [one for one in audit() if words.lower() in one.text.lower()]
        return EventRows(tuple(kept[start : start + count]), len(kept))

    @staticmethod
    def _since(since: datetime | None) -> tuple[Trade, ...]:
        return tuple(one for one in day_trades() if since is None or one.exit_time >= since)


def audit() -> tuple[AuditEvent, ...]:
    """Return what was written into the audit log, newest first."""
    told = (
        ("command", "Close ESZ5 on Sim1", "pressed"),
        ("message", "Order ST7QK20000000000000011 is WORKING at the broker", "broker"),
        ("message", "Order ST7QK20000000000000012 is WORKING at the broker", "broker"),
        ("message", "Filled: BUY 2 ESZ5 @ 5050.25", "broker"),
        ("command", "BUY 2 ESZ5 market with 20t + 1R/2R", "pressed"),
        ("decision", "Adopted ESZ5 LONG 2, confirmed by the broker", "recovery"),
        ("setting", "Day loss of Sim1 is 500.00 from now on", "settings"),
        ("system", "Started; the last run ended cleanly", "start"),
    )
    return tuple(
        AuditEvent(4711 - at, ago(40 + at * 97), kind, "sim", "Sim1", "SIM", text, cause, {})
        for at, (kind, text, cause) in enumerate(told)
    )


@dataclass
class Answering:
    """What the engine would answer, for a picture."""

    snapshot: Snapshot

    def take(self, intent: object) -> None:
        """Answer what a panel asked; whatever else it wants is not for a picture."""
        if isinstance(intent, RunQuery):
            found = StatsService(History(), History()).answer(intent)
            self.snapshot = with_answers(self.snapshot, answered(intent, found))
        elif isinstance(intent, ShowChart):
            charts = {**self.snapshot.charts, intent.key: series(intent.key)}
            self.snapshot = replace(self.snapshot, charts=MappingProxyType(charts))
