"""Histories of closed trades for the tests of statistics: the golden one, and any one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from core.model.fill import FillSource
from core.model.scope import PositionKey
from core.model.trade import Trade

FIRST_EXIT = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # a Monday, in the trading day of that date
KEY = PositionKey("sim", "Sim1", "ESZ6")

# net, initial risk, MFE, MAE, gross
GOLDEN = (
    ("195", "100", "250", "40", "200"),
    ("-105", "100", "30", "110", "-100"),
    ("295", "150", "310", "60", "300"),
    ("-55", "100", "80", "90", "-50"),
    ("0", "100", "60", "45", "5"),
    ("-155", "150", "0", "150", "-150"),
    ("145", None, "200", "20", "150"),
    ("95", "100", "120", "75", "100"),
)


def closed(
    net: str | Decimal | None,
    *,
    risk: str | Decimal | None = None,
    mfe: str | Decimal | None = None,
    mae: str | Decimal | None = None,
    gross: str | Decimal | None = None,
    at: datetime = FIRST_EXIT,
    held_s: float | None = 60.0,
    currency: str = "USD",
) -> Trade:
    """Return a closed trade with that net result; its costs are what lies between gross and net."""
    won = None if net is None else Decimal(gross if gross is not None else net)
    return Trade(
        key=KEY,
        direction=1,
        quantity=Decimal(1),
        entry_price=Decimal(5000),
        exit_price=Decimal(5000),
        entry_time=None if held_s is None else at - timedelta(seconds=held_s),
        exit_time=at,
        realized_pnl=won,
        commissions=None if won is None or net is None else won - Decimal(net),
        initial_risk=None if risk is None else Decimal(risk),
        mae=None if mae is None else Decimal(mae),
        mfe=None if mfe is None else Decimal(mfe),
        extremes_complete=True,
        currency=currency,
        exit_reason="",
        source=FillSource.OURS,
    )


def golden() -> list[Trade]:
    """Return the eight trades every definition is tried on, a minute apart."""
    return [
        closed(net, risk=risk, mfe=mfe, mae=mae, gross=gross, at=FIRST_EXIT + timedelta(minutes=number))
        for number, (net, risk, mfe, mae, gross) in enumerate(GOLDEN)
    ]


MONEY = st.decimals(-5000, 5000, places=2)
PAID = st.decimals(0, 20, places=2)


@st.composite
def _any_trade(draw: st.DrawFn) -> Trade:
    gross = draw(MONEY)
    trade = closed(
        gross - draw(PAID),
        gross=gross,
        risk=draw(st.none() | st.decimals(0, 500, places=2)),
        mfe=draw(st.none() | st.decimals(0, 5000, places=2)),
        mae=draw(st.none() | st.decimals(0, 5000, places=2)),
        held_s=draw(st.none() | st.floats(0, 90_000)),
    )
    if draw(st.integers(0, 9)) == 0:
        trade = replace(trade, commissions=None)
    return trade


@st.composite
def histories(draw: st.DrawFn) -> list[Trade]:
    """Draw up to forty trades over some days, in the order of their exits; now and then one without its costs."""
    trades = draw(st.lists(_any_trade(), max_size=40))
    hours = draw(st.lists(st.integers(0, 30), min_size=len(trades), max_size=len(trades)))
    at, dated = FIRST_EXIT, []
    for trade, later in zip(trades, hours, strict=True):
        at += timedelta(hours=later)
        held = None if trade.entry_time is None else trade.exit_time - trade.entry_time
        dated.append(replace(trade, exit_time=at, entry_time=None if held is None else at - held))
    return dated
