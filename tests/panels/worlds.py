"""Snapshots for panel tests: one trader, one simulator, ES and MES; each test changes the one thing it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.commands import RunQuery
from core.events import Announcement, Level, Link
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position
from core.model.recovery import Recovery, RecoveryRow, Situation
from core.model.scope import Account, AccountKey, Balance, Mode, PositionKey
from core.model.session_studies import SessionStudies
from core.model.statistics import curve_of, statistics_of
from core.model.trade import Trade
from core.queries import EquityFound, EventsFound, QueryResult, TradesFound
from core.snapshot import Certainty, ConnectionStatus, LedgerBalance, ScopeStatus, Snapshot

NOW = datetime(2025, 11, 12, 15, 41, 7, tzinfo=UTC)
ACCOUNT = AccountKey("sim", "Sim1")
OTHER_ACCOUNT = AccountKey("sim", "Sim2")
ES_KEY = PositionKey("sim", "Sim1", "ESZ5")
MES_KEY = PositionKey("sim", "Sim1", "MESZ5")
ES = Instrument("ESZ5", Decimal("0.25"), Decimal("12.50"), "USD", "E-mini S&P 500")
MES = Instrument("MESZ5", Decimal("0.25"), Decimal("1.25"), "USD", "Micro E-mini S&P 500")


def ago(seconds: float) -> datetime:
    """Return a time before NOW."""
    return NOW - timedelta(seconds=seconds)


def position(key: PositionKey = ES_KEY, quantity: str = "2", entry: str = "5050.25", **changes: Any) -> Position:
    """Return an open position, twelve and a half minutes old."""
    amount = Decimal(quantity)
    made = Position(
        key=key,
        quantity=amount,
        entry_price=Decimal(entry),
        entry_time=ago(750),
        realized_points=Decimal(0),
        realized_pnl=Decimal(0),
        commissions=Decimal("4.50"),
        opened_quantity=abs(amount),
        opened_value=Decimal(entry) * abs(amount),
        closed_value=Decimal(0),
        max_quantity=abs(amount),
        currency="USD",
        mae=Decimal("87.50"),
        mfe=Decimal("250.00"),
        min_price=Decimal("5049.50"),
        max_price=Decimal("5052.75"),
        heat_max_s=280,
        initial_risk=Decimal("500"),
    )
    return replace(made, **changes)


def order(number: int, **changes: Any) -> Order:
    """Return a working stop of the ES position."""
    made = Order(
        ES_KEY,
        f"ST7QK2{number:016d}",
        Side.SELL,
        Intent.PROTECT,
        OrderType.STOP,
        Decimal(2),
        ago(700 - number),
        ago(700 - number),
        trigger_price=Decimal("5045.25"),
        state=OrderState.WORKING,
        server_order_id=str(1000 + number),
    )
    return replace(made, **changes)


def by_id(*orders: Order) -> MappingProxyType[str, Order]:
    """Return orders as a snapshot holds them."""
    return MappingProxyType({one.client_order_id: one for one in orders})


def fill(number: int, **changes: Any) -> Fill:
    """Return one of our fills."""
    made = Fill(
        ES_KEY,
        f"E{number}",
        Side.BUY,
        Decimal(1),
        Decimal("5050.25"),
        ago(750),
        ago(749),
        commission=Decimal("2.25"),
        source=FillSource.OURS,
        client_order_id="ST7QK20000000000000001",
    )
    return replace(made, **changes)


def trade(**changes: Any) -> Trade:
    """Return a round trip that ended six seconds ago with a profit."""
    made = Trade(
        key=ES_KEY,
        direction=1,
        quantity=Decimal(2),
        entry_price=Decimal("5050.25"),
        exit_price=Decimal("5052.75"),
        entry_time=ago(750),
        exit_time=ago(6),
        realized_pnl=Decimal("250.00"),
        commissions=Decimal("9.00"),
        initial_risk=Decimal("500"),
        mae=Decimal("87.50"),
        mfe=Decimal("312.50"),
        extremes_complete=True,
        currency="USD",
        exit_reason="manual close",
        source=FillSource.OURS,
    )
    return replace(made, **changes)


def quote(last: str = "5051.50", age_s: float = 0.2, **changes: Any) -> Quote:
    """Return the ES market, a tick wide."""
    price = Decimal(last)
    made = Quote("ESZ5", price, Decimal(3), price - Decimal("0.25"), Decimal(12), price, Decimal(8), ago(age_s))
    return replace(made, **changes)


def studies(**changes: Any) -> SessionStudies:
    """Return the ES session so far, counted whole: VWAP 5050.75, delta +320, point of control 5050.00."""
    sides = changes.get("bought", Decimal(22_999)) + changes.get("sold", Decimal(22_679))
    made = SessionStudies(
        day=NOW.date(),
        since=ago(6 * 3600),
        until=ago(-7 * 3600),
        ends_at=ago(-7 * 3600),
        at=ago(0.2),
        ticks=12_345,
        volume=sides,
        bought=Decimal(22_999),
        sold=Decimal(22_679),
        vwap=Decimal("5050.75"),
        poc=Decimal("5050.00"),
        is_whole=True,
        missed_at=None,
        is_cut=False,
    )
    return replace(made, **changes)


def connection(link: Link = Link.READY, **changes: Any) -> ConnectionStatus:
    """Return the simulator's line, in its state for 14 s."""
    return replace(ConnectionStatus("sim", link, ago(14), server="Stanchion simulator"), **changes)


def status(certainty: Certainty = Certainty.CONFIRMED, broker: str | None = "2", **changes: Any) -> ScopeStatus:
    """Return what is known around the ES scope."""
    figure = None if broker is None else Decimal(broker)
    made = ScopeStatus(ES_KEY, certainty, figure, None, None if broker is None else ago(4))
    return replace(made, **changes)


def operation(step: CloseStep, *choices: CloseChoice, **changes: Any) -> CloseOperation:
    """Return a close of the ES scope that began 2.1 s ago."""
    made = CloseOperation("A1", ES_KEY, step, ago(2.1), ago(1), choices=choices, quantity=Decimal(2))
    return replace(made, **changes)


def announcement(
    text: str, level: Level = Level.INFO, at: datetime = NOW, key: PositionKey | None = ES_KEY
) -> Announcement:
    """Return one thing the trader is told."""
    return Announcement(level, text, at, key)


def row(situation: Situation, key: PositionKey = ES_KEY, version: int = 1, **changes: Any) -> RecoveryRow:
    """Return a row of recovery."""
    made = RecoveryRow(key, situation, position(key), Decimal(2), Decimal("5050.25"), version=version)
    return replace(made, **changes)


def recovery(*rows: RecoveryRow, asking: frozenset[str] = frozenset(), wants: bool = True) -> Recovery:
    """Return what an unclean start found."""
    return Recovery(True, ago(420), asking, rows, wants)


def flat(**changes: Any) -> Snapshot:
    """Return an account without position, everything confirmed, market running."""
    made = Snapshot(
        version=1,
        connections=MappingProxyType({"sim": connection()}),
        accounts=MappingProxyType(
            {ACCOUNT: Account(ACCOUNT, Mode.SIM, "USD"), OTHER_ACCOUNT: Account(OTHER_ACCOUNT, Mode.SIM, "USD")}
        ),
        balances=MappingProxyType(
            {ACCOUNT: Balance(Decimal("50123.45"), Decimal("24000"), Decimal("26000"), None, "USD", ago(5))}
        ),
        ledger=MappingProxyType({ACCOUNT: LedgerBalance(Decimal("50123.45"), Decimal("110.20"), ago(5))}),
        instruments=MappingProxyType({("sim", "ESZ5"): ES, ("sim", "MESZ5"): MES}),
        quotes=MappingProxyType({("sim", "ESZ5"): quote()}),
        scopes=MappingProxyType({ES_KEY: status(broker="0")}),
        selected_account=ACCOUNT,
        selected_symbol=MappingProxyType({"sim": "ESZ5"}),
    )
    return replace(made, **changes)


def long_two(**changes: Any) -> Snapshot:
    """Return LONG 2 ES at 5050.25, last 5051.50, confirmed, with a stop at the broker."""
    base: dict[str, Any] = {
        "positions": MappingProxyType({ES_KEY: position()}),
        "scopes": MappingProxyType({ES_KEY: status()}),
        "orders": by_id(order(1)),
    }
    return flat(**{**base, **changes})


def in_mode(mode: Mode | None, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the account of another mode; None is unclassified."""
    return replace(snapshot, accounts=MappingProxyType({ACCOUNT: Account(ACCOUNT, mode, "USD")}))


def link_is(link: Link, snapshot: Snapshot, **changes: Any) -> Snapshot:
    """Return the snapshot with the line in another state."""
    return replace(snapshot, connections=MappingProxyType({"sim": connection(link, **changes)}))


def closing(step: CloseStep, *choices: CloseChoice, **changes: Any) -> Snapshot:
    """Return LONG 2 with a close at a step."""
    return long_two(operations=MappingProxyType({ES_KEY: operation(step, *choices, **changes)}))


def several_trades(count: int = 8) -> tuple[Trade, ...]:
    """Return trades of this day, oldest first, half of them lost."""
    results = [Decimal(200) if at % 2 else Decimal(-100) for at in range(count)]
    return tuple(
        trade(realized_pnl=result, exit_time=ago(60 * (count - at)), entry_time=ago(60 * (count - at) + 45))
        for at, result in enumerate(results)
    )


def equity_of(trades: tuple[Trade, ...], base: str = "50000") -> tuple[EquityPoint, ...]:
    """Return the closed curve of trades, begun an hour before NOW."""
    points = [EquityPoint(ago(3600), Decimal(base), EquityKind.ANCHOR)]
    for one in trades:
        points.append(EquityPoint(one.exit_time, points[-1].cash + (one.net or Decimal(0))))
    return tuple(points)


def counted(trades: tuple[Trade, ...], total: int | None = None) -> TradesFound:
    """Return what the history says about trades."""
    stats = statistics_of(trades, Decimal(50_000))
    newest, count = trades[::-1][:200], len(trades) if total is None else total
    return TradesFound(stats, newest, count, Decimal(50_000), curve=curve_of(trades))


def answered(query: RunQuery, found: TradesFound | EquityFound | EventsFound | None, error: str = "") -> QueryResult:
    """Return the answer to a question."""
    return QueryResult(query.ticket, query.filter, query.page, found, error)


def with_answers(snapshot: Snapshot, *answers: QueryResult) -> Snapshot:
    """Return the snapshot with these answers under their tickets."""
    return replace(snapshot, queries=MappingProxyType({**snapshot.queries, **{one.ticket: one for one in answers}}))
