"""Session figures: what DTC 104, 113, 114, 115, 119, 120, 124, 135 and 136 say, in our words. Pure.

A snapshot (104) is the whole state: what it leaves out is not known. An update is about its own figure: a price it
leaves out means that the figure has no value now. (In binary an unset price and 0 are one and the same; 0 is taken as
the price it may be.)

Most updates name the day of their session. One of an earlier day than the session on show, such as the final volume of
a session that is over, changes nothing; one of a later day begins a new session, in which only the settlement and the
open interest of the one before still stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.model.market import SessionFigures
from services.dtc.border import total
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import (
    MarketDataSnapshot,
    MarketDataUpdateOpenInterest,
    MarketDataUpdateSessionHigh,
    MarketDataUpdateSessionLow,
    MarketDataUpdateSessionNumTrades,
    MarketDataUpdateSessionOpen,
    MarketDataUpdateSessionSettlement,
    MarketDataUpdateSessionVolume,
    MarketDataUpdateTradingSessionDate,
)
from services.dtc.price_scale import PriceScale
from services.dtc.wire_time import from_wire

Said = Mapping[str, Any]


def figures_after(before: SessionFigures, message: Any, scale: PriceScale, at: datetime) -> SessionFigures:
    """Return the figures after a message of SESSION or a 104.

    Raises:
        Refused: a figure is impossible.
    """
    if isinstance(message, MarketDataSnapshot):
        day = _day(message.TradingSessionDate) or before.day
        return SessionFigures(before.symbol, day=day, received_at=at, **_snapshot(message, scale))
    said = _UPDATES[type(message)](message, scale)
    day = said.get("day") or before.day
    if day is not None and before.day is not None:
        if day < before.day:
            return before
        if day > before.day:
            before = _next_session(before)
    return replace(before, **{**said, "day": day}, received_at=at)


def _next_session(before: SessionFigures) -> SessionFigures:
    return SessionFigures(
        before.symbol,
        settlement=before.settlement,
        settled_at=before.settled_at,
        open_interest=before.open_interest,
    )


def _snapshot(message: MarketDataSnapshot, scale: PriceScale) -> Said:
    return {
        "open": _price(message.SessionOpenPrice, scale),
        "high": _price(message.SessionHighPrice, scale),
        "low": _price(message.SessionLowPrice, scale),
        "settlement": _price(message.SessionSettlementPrice, scale),
        "settled_at": from_wire(message.SessionSettlementDateTime),
        "volume": total(message.SessionVolume, "a session's volume"),
        "trades": _count(message.SessionNumTrades, "a session's trades"),
        "open_interest": _count(message.OpenInterest, "an open interest"),
    }


def _price(wire: float | None, scale: PriceScale) -> Decimal | None:
    return None if wire is None else scale.shown(wire)[0]


def _count(number: int | None, what: str) -> int | None:
    counted = total(None if number is None else float(number), what)
    return None if counted is None else int(counted)


def _day(wire: int) -> date | None:
    """Return the trading date, which travels as its midnight UTC."""
    moment = from_wire(wire)
    return None if moment is None else moment.date()


def _priced(name: str) -> Callable[[Any, PriceScale], Said]:
    return lambda message, scale: {name: _price(message.Price, scale), "day": _day(message.TradingSessionDate)}


def _settled(message: MarketDataUpdateSessionSettlement, scale: PriceScale) -> Said:
    return {"settlement": _price(message.Price, scale), "settled_at": from_wire(message.DateTime)}


def _volume(message: MarketDataUpdateSessionVolume, scale: PriceScale) -> Said:
    return {
        "volume": total(message.Volume, "a session's volume"),
        "volume_is_final": message.IsFinalSessionVolume != 0,
        "day": _day(message.TradingSessionDate),
    }


def _open_interest(message: MarketDataUpdateOpenInterest, scale: PriceScale) -> Said:
    return {
        "open_interest": _count(message.OpenInterest, "an open interest"),
        "day": _day(message.TradingSessionDate),
    }


def _trades(message: MarketDataUpdateSessionNumTrades, scale: PriceScale) -> Said:
    return {"trades": _count(message.NumTrades, "a session's trades"), "day": _day(message.TradingSessionDate)}


def _date(message: MarketDataUpdateTradingSessionDate, scale: PriceScale) -> Said:
    return {"day": _day(message.Date)}


_UPDATES: Mapping[type[Message], Callable[[Any, PriceScale], Said]] = {
    MarketDataUpdateSessionOpen: _priced("open"),
    MarketDataUpdateSessionHigh: _priced("high"),
    MarketDataUpdateSessionLow: _priced("low"),
    MarketDataUpdateSessionSettlement: _settled,
    MarketDataUpdateSessionVolume: _volume,
    MarketDataUpdateOpenInterest: _open_interest,
    MarketDataUpdateSessionNumTrades: _trades,
    MarketDataUpdateTradingSessionDate: _date,
}
SESSION: tuple[type[Message], ...] = tuple(_UPDATES)
