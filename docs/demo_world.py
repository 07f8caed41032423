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
from core.model.bar import Bar, BarSeries, BarSource, ChartKey, Interval, extended
from core.model.bar_studies import DayTotals
from core.model.depth import Depth
from core.model.equity import EquityPoint
from core.model.fill import Fill, Side
from core.model.guards import AccountGuards, gauge_of, judged, strictest
from core.model.market import Quote, SessionFigures
from core.model.order import Intent, OrderType
from core.model.position import Position
from core.model.scope import Account, Mode
from core.model.session_studies import SessionStudies
from core.model.trade import Trade
from core.model.trading_day import day_start
from core.preferences import USUAL_INTERVAL
from core.queries import AuditEvent, EquityFilter, EventRows, TradeFilter, always
from core.snapshot import Snapshot
from docs.demo_books import MORNING, Script, cash_at, curve, our_fill, scripts, settled
from services.stats_service import StatsService
from tests.panels import mixed_worlds as worlds
from tests.panels.bracketed import bracketed_two
from tests.panels.guarded import FIGURES, STATE, guarded
from tests.panels.worlds import (
    ACCOUNT,
    ES,
    ES_KEY,
    MES_KEY,
    NOW,
    OTHER_ACCOUNT,
    ago,
    answered,
    order,
    position,
    quote,
    status,
    studies,
    with_answers,
)

SEED = 20251112
# From the opening of the trading day on, by minutes; what is shown at first is the newest of them.
BARS = 1002
NIGHT = BARS - 400
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
        studies=MappingProxyType({PLACE: counted_day()}),
        session_figures=MappingProxyType({PLACE: figures()}),
        watched=WATCHED,
        quotes=MappingProxyType({**made.quotes, **watched_quotes(), PLACE: seen_beside_the_book()}),
        instruments=MappingProxyType(
            {**made.instruments, **{("sim", one.symbol): one for one in (worlds.NQ, worlds.ZN, worlds.CL)}}
        ),
        depths=MappingProxyType({PLACE: book()}),
        positions=MappingProxyType({ES_KEY: position(mae=Decimal("75.00"))}),
    )
    return booked(replace(made, **changes))


def with_one_stop(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot without any stop: that of a finding is to be the only one."""
    kept = {name: one for name, one in snapshot.orders.items() if one.type is not OrderType.STOP}
    return replace(snapshot, orders=MappingProxyType(kept))


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
    """Return what the venue states of the session: that of the bars."""
    bars = _day()
    high, low = max(one.high for one in bars), min(one.low for one in bars)
    settled, volume = Decimal("5044.25"), sum((one.volume for one in bars), Decimal(0))
    return SessionFigures("ESZ5", NOW.date(), bars[0].open, high, low, settled, None, volume, received_at=ago(0.2))


def counted_day() -> SessionStudies:
    """Return the studies of the session, those of the bars."""
    totals = DayTotals(TICK)
    for bar in _day():
        totals.add(bar)
    found, bars = totals.figures(), _day()
    assert found.vwap is not None
    return studies(
        vwap=found.vwap.quantize(Decimal("0.01")),
        poc=found.poc,
        bought=sum((one.ask_volume for one in bars), Decimal(0)),
        sold=sum((one.bid_volume for one in bars), Decimal(0)),
    )


def _day() -> tuple[Bar, ...]:
    return tuple(series(ChartKey(*PLACE, Interval.parse(USUAL_INTERVAL))))


def book(best: Decimal = Decimal("5051.25")) -> Depth:
    """Return ten prices on each side of a one-tick market."""
    dice = random.Random(SEED)
    bids = tuple((best - TICK * at, Decimal(dice.randint(8, 180))) for at in range(10))
    asks = tuple((best + TICK * (at + 1), Decimal(dice.randint(8, 180))) for at in range(10))
    return Depth("ESZ5", bids, asks, complete=True, received_at=ago(0.2))


def series(key: ChartKey) -> BarSeries:
    """Return bars that end at the last trade of the morning, with a quiet night before them."""
    dice = random.Random(SEED)
    length = timedelta(seconds=key.interval.seconds or 60)
    morning = [dice.randint(-5, 5) for _ in range(BARS - NIGHT)]
    steps = [*(random.Random(SEED + at).randint(-2, 2) for at in range(NIGHT)), *morning]
    close, begun = Decimal("5051.50") - TICK * sum(steps), NOW.replace(second=0, microsecond=0)
    bars = []
    for at, step in enumerate(steps):
        opened, close = close, close + TICK * step
        high = max(opened, close) + TICK * dice.randint(0, 4)
        low = min(opened, close) - TICK * dice.randint(0, 4)
        volume = Decimal(200 + abs(step) * 90 + dice.randint(0, 160)) // (6 if at < NIGHT else 1)
        sold = (volume * dice.randint(35, 65) / 100).quantize(Decimal(1))
        start = begun - length * (BARS - 1 - at)
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


def traded(morning: tuple[tuple[int, int, bool], ...] = MORNING) -> tuple[Script, ...]:
    """Return what was traded, oldest first, the morning along the chart."""
    return scripts(_day(), morning)


def booked(snapshot: Snapshot, morning: tuple[tuple[int, int, bool], ...] = MORNING) -> Snapshot:
    """Return a snapshot with what was traded before, and the money that makes with what is open."""
    told = traded(morning)
    every = [one for at, script in enumerate(told) for one in script.fills(at)]
    fills = [one for one in every if one.time > day_start(NOW)]
    fills += [_entered(one, 2 * len(told) + at) for at, one in enumerate(snapshot.positions.values())]
    trades = tuple(script.trade(at) for at, script in enumerate(told))
    return settled(replace(snapshot, trades=trades, fills=tuple(sorted(fills, key=lambda one: one.time))))


def _entered(held: Position, number: int) -> Fill:
    """Return the fill that opened a position."""
    side, size = (Side.BUY if held.quantity > 0 else Side.SELL), abs(held.quantity)
    return our_fill(held.key, number, side, size, held.entry_price, held.entry_time or NOW, held.commissions)


def heat_danger(morning: tuple[tuple[int, int, bool], ...] = MORNING) -> Snapshot:
    """Return a position that has been under water for more than five minutes, its stop three ticks away."""
    held = position(heat_since=ago(330), heat_max_s=330, min_price=Decimal("5045.75"), mae=Decimal("450"))
    quote = replace(
        trading_day().quotes[PLACE], last=Decimal("5046.00"), bid=Decimal("5045.75"), ask=Decimal("5046.00")
    )
    made = trading_day(
        positions=MappingProxyType({ES_KEY: held}),
        quotes=MappingProxyType({**trading_day().quotes, PLACE: quote}),
        depths=MappingProxyType({PLACE: book(Decimal("5045.75"))}),
    )
    return booked(made, morning)


def under_limits(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot whose account is held against every limit there is, and locked where one is reached."""
    points, ledger = curve(snapshot.trades, snapshot.positions.values()), snapshot.ledger[ACCOUNT]
    held, last = snapshot.positions[ES_KEY], snapshot.quotes[PLACE].last
    before, today = cash_at(points, STATE.day), [one for one in points if one.at > STATE.day]
    result = held.open_pnl(last, ES) or Decimal(0)
    assert ledger.cash is not None and ledger.day_net is not None
    best = ledger.day_net + (held.mfe or Decimal(0))
    figures = replace(
        FIGURES,
        balance=ledger.cash,
        day_net=ledger.day_net,
        open_pnl=result,
        trades=1 + sum(one.exit_time > STATE.day for one in snapshot.trades),
    )
    state = replace(
        STATE,
        best=max(Decimal(0), best, *(one.cash - before for one in today)),
        trades=figures.trades,
        close_peak=max(one.cash for one in points if one.at <= STATE.day),
        peak=max(before + best, *(one.cash for one in points)),
    )
    verdicts = judged(figures, state, NOW)
    lock = next((one for one in verdicts if one.locks), None)
    guards = AccountGuards(
        ACCOUNT,
        strictest(verdicts),
        state.resets_at,
        locked="" if lock is None else f"{ACCOUNT.account} is locked. {lock.refusal}",
        locked_until=None if lock is None else lock.until,
        gauge=gauge_of(figures, state),
        rules=state.rules,
    )
    return guarded(guards, snapshot)


def in_account(mode: Mode, snapshot: Snapshot, armed: bool = True) -> Snapshot:
    """Return the snapshot with its account of another mode, armed for half an hour or not."""
    accounts = MappingProxyType({ACCOUNT: Account(ACCOUNT, mode, "USD")})
    return replace(snapshot, accounts=accounts, armed=MappingProxyType({ACCOUNT: 1898.0} if armed else {}))


class History:
    """The stored trades and records of a picture, as the statistics are given them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._trades = snapshot.trades
        self._points = curve(snapshot.trades, snapshot.positions.values())

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        """Return the closed trades of a filter, oldest first, and the equity before them."""
        return self._since(wanted.since), self._cash_at(wanted.since)

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        """Return the booked equity; where the wanted time begins in between, from that moment on."""
        since, points = wanted.since, self._points
        if since is None or since <= points[0].at:
            return points
        return (EquityPoint(since, self._cash_at(since)), *(one for one in points if one.at > since))

    def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
        """Return records of the morning, newest first."""
        kept = [one for one in audit() if words.lower() in one.text.lower()]
        return EventRows(tuple(kept[start : start + count]), len(kept))

    def _since(self, since: datetime | None) -> tuple[Trade, ...]:
        return tuple(one for one in self._trades if since is None or one.exit_time >= since)

    def _cash_at(self, since: datetime | None) -> Decimal:
        return self._points[0].cash if since is None else cash_at(self._points, since)


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
            history = History(self.snapshot)
            found = StatsService(history, history).answer(intent)
            self.snapshot = with_answers(self.snapshot, answered(intent, found))
        elif isinstance(intent, ShowChart):
            charts = {**self.snapshot.charts, intent.key: series(intent.key)}
            self.snapshot = replace(self.snapshot, charts=MappingProxyType(charts))
