"""The figures of a session, as updates and snapshots of the venue make them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.model.instrument import Instrument
from core.model.market import SessionFigures
from services.dtc.messages import market_data as wire
from services.dtc.messages.base import Message
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused
from services.dtc.translate_session import SESSION, figures_after

AT = datetime(2026, 11, 21, 14, 30, 1, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
TUESDAY = MONDAY + 86_400
BLANK = SessionFigures("ES")
FULL: dict[str, Any] = {
    "open": Decimal(6500),
    "high": Decimal("6510.25"),
    "low": Decimal(6490),
    "settlement": Decimal("6498.75"),
    "settled_at": datetime(2026, 11, 20, 22, tzinfo=UTC),
    "volume": Decimal(1200),
    "trades": 300,
    "open_interest": 250_000,
}
SNAPSHOT = wire.MarketDataSnapshot(
    SessionOpenPrice=650000.0,
    SessionHighPrice=651025.0,
    SessionLowPrice=649000.0,
    SessionSettlementPrice=649875.0,
    SessionSettlementDateTime=int(FULL["settled_at"].timestamp()),
    SessionVolume=1200.0,
    SessionNumTrades=300,
    OpenInterest=250_000,
    TradingSessionDate=MONDAY,
)
MONDAYS = SessionFigures("ES", day=date(2026, 11, 23), received_at=AT, **FULL)


def after(before: SessionFigures, *messages: Message) -> SessionFigures:
    for message in messages:
        before = figures_after(before, message, SCALE, AT)
    return before


@pytest.mark.parametrize(
    ("message", "name", "value"),
    [
        (wire.MarketDataUpdateSessionOpen(Price=650000.0), "open", Decimal(6500)),
        (wire.MarketDataUpdateSessionHigh(Price=651025.0), "high", Decimal("6510.25")),
        (wire.MarketDataUpdateSessionLow(Price=649000.0), "low", Decimal(6490)),
        (wire.MarketDataUpdateSessionSettlement(Price=649875.0), "settlement", Decimal("6498.75")),
        (wire.MarketDataUpdateSessionVolume(Volume=1200.0), "volume", Decimal(1200)),
        (wire.MarketDataUpdateSessionNumTrades(NumTrades=300), "trades", 300),
        (wire.MarketDataUpdateOpenInterest(OpenInterest=250_000), "open_interest", 250_000),
        (wire.MarketDataUpdateTradingSessionDate(Date=MONDAY), "day", date(2026, 11, 23)),
    ],
    ids=lambda case: str(getattr(case, "TYPE", "")),
)
def test_every_update_sets_its_own_figure_and_no_other(message: Message, name: str, value: Any) -> None:
    assert type(message) in SESSION
    assert after(BLANK, message) == SessionFigures("ES", received_at=AT, **{name: value})


def test_a_snapshot_is_the_whole_state() -> None:
    assert after(BLANK, SNAPSHOT) == MONDAYS
    assert after(MONDAYS, wire.MarketDataSnapshot()) == SessionFigures("ES", day=MONDAYS.day, received_at=AT)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (wire.MarketDataUpdateSessionOpen(), "open"),
        (wire.MarketDataUpdateSessionHigh(), "high"),
        (wire.MarketDataUpdateSessionLow(), "low"),
        (wire.MarketDataUpdateSessionSettlement(), "settlement"),
        (wire.MarketDataUpdateSessionVolume(), "volume"),
    ],
    ids=lambda case: str(getattr(case, "TYPE", "")),
)
def test_an_update_without_a_value_takes_the_figure_away_instead_of_making_it_zero(message: Message, name: str) -> None:
    moved = after(MONDAYS, message)
    assert getattr(moved, name) is None
    assert sum(getattr(moved, one) is None for one in FULL) == (2 if name == "settlement" else 1)


def test_a_price_of_zero_or_below_and_a_volume_of_zero_are_values() -> None:
    moved = after(
        BLANK,
        wire.MarketDataUpdateSessionLow(Price=-3750.0),
        wire.MarketDataUpdateSessionHigh(Price=0.0),
        wire.MarketDataUpdateSessionVolume(Volume=0.0),
    )
    assert (moved.low, moved.high, moved.volume) == (Decimal("-37.50"), Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    "first",
    [
        wire.MarketDataUpdateTradingSessionDate(Date=TUESDAY),
        wire.MarketDataUpdateSessionOpen(Price=650000.0, TradingSessionDate=TUESDAY),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_later_day_begins_a_new_session_in_which_only_settlement_and_open_interest_stand(first: Message) -> None:
    moved = after(MONDAYS, first)
    assert moved.day == date(2026, 11, 24)
    assert (moved.high, moved.low, moved.volume, moved.trades) == (None, None, None, None)
    assert (moved.settlement, moved.open_interest) == (FULL["settlement"], FULL["open_interest"])
    assert moved.open == (Decimal(6500) if isinstance(first, wire.MarketDataUpdateSessionOpen) else None)


def test_what_comes_late_of_a_session_that_is_over_changes_nothing() -> None:
    tuesdays = after(MONDAYS, wire.MarketDataUpdateTradingSessionDate(Date=TUESDAY))
    late = wire.MarketDataUpdateSessionVolume(Volume=9000.0, TradingSessionDate=MONDAY, IsFinalSessionVolume=1)
    assert after(tuesdays, late) is tuesdays


def test_a_volume_can_be_the_final_one_until_a_session_begins() -> None:
    final = wire.MarketDataUpdateSessionVolume(Volume=9000.0, TradingSessionDate=MONDAY, IsFinalSessionVolume=1)
    moved = after(MONDAYS, final)
    assert (moved.volume, moved.volume_is_final) == (Decimal(9000), True)
    assert not after(moved, wire.MarketDataUpdateTradingSessionDate(Date=TUESDAY)).volume_is_final


@pytest.mark.parametrize(
    "message",
    [
        wire.MarketDataUpdateSessionHigh(Price=1e16),
        wire.MarketDataUpdateSessionVolume(Volume=-1.0),
        wire.MarketDataUpdateSessionVolume(Volume=1e16),
        wire.MarketDataUpdateSessionNumTrades(NumTrades=-1),
        wire.MarketDataUpdateOpenInterest(OpenInterest=2**62),
    ],
    ids=lambda message: type(message).__name__,
)
def test_an_impossible_figure_is_refused(message: Message) -> None:
    with pytest.raises(Refused):
        after(BLANK, message)
