"""What a session's figures, its trading status and the feed's state are on the wire. Pure.

A figure that has no value is not sent at all: in binary an unset price and 0 are the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from services.dtc.enums import MarketDataFeedStatusEnum, TradingStatusEnum
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import (
    MarketDataUpdateLastTradeSnapshot,
    MarketDataUpdateOpenInterest,
    MarketDataUpdateSessionHigh,
    MarketDataUpdateSessionLow,
    MarketDataUpdateSessionNumTrades,
    MarketDataUpdateSessionOpen,
    MarketDataUpdateSessionSettlement,
    MarketDataUpdateSessionVolume,
    MarketDataUpdateTradingSessionDate,
)
from services.dtc.messages.market_status import (
    MarketDataFeedStatus,
    MarketDataFeedSymbolStatus,
    TradingSymbolStatus,
)
from services.simulator import wire
from services.simulator.contracts import Contract
from services.simulator.tape import SymbolTape


def figures(tape: SymbolTape, number: int, contract: Contract) -> list[Message]:
    """Return every update a client needs for the whole state of a session, in the order they are to be sent."""
    day = midnight(tape.day)
    told: list[Message] = [final_volume(tape, number)] if tape.ended else []
    told += [
        MarketDataUpdateTradingSessionDate(SymbolID=number, Date=day),
        MarketDataUpdateSessionSettlement(
            SymbolID=number, Price=wire.to_wire(tape.settlement, contract), DateTime=tape.settled_us // 1_000_000
        ),
        MarketDataUpdateOpenInterest(SymbolID=number, OpenInterest=tape.open_interest, TradingSessionDate=day),
        MarketDataUpdateSessionVolume(SymbolID=number, Volume=float(tape.volume), TradingSessionDate=day),
        MarketDataUpdateSessionNumTrades(SymbolID=number, NumTrades=tape.trades, TradingSessionDate=day),
    ]
    for kind, price in (
        (MarketDataUpdateSessionOpen, tape.opened),
        (MarketDataUpdateSessionHigh, tape.high),
        (MarketDataUpdateSessionLow, tape.low),
    ):
        if price is not None:
            told.append(kind(SymbolID=number, Price=wire.to_wire(price, contract), TradingSessionDate=day))
    return told


def final_volume(tape: SymbolTape, number: int) -> MarketDataUpdateSessionVolume:
    """Return the volume of the session before."""
    assert tape.ended is not None, "no session has ended yet"
    day, volume = tape.ended
    return MarketDataUpdateSessionVolume(
        SymbolID=number, Volume=float(volume), TradingSessionDate=midnight(day), IsFinalSessionVolume=1
    )


def status(present: TradingStatusEnum, tape: SymbolTape, number: int, contract: Contract) -> list[Message]:
    """Return a trading status, and the last trade as it stands now."""
    told: list[Message] = [TradingSymbolStatus(SymbolID=number, Status=present)]
    if tape.last is not None:
        told.append(
            MarketDataUpdateLastTradeSnapshot(
                SymbolID=number,
                LastTradePrice=wire.to_wire(tape.last.price, contract),
                LastTradeVolume=float(tape.last.size),
                LastTradeDateTime=tape.last.at_us / 1_000_000,
            )
        )
    return told


def feed_status(is_up: bool, number: int | None = None) -> Message:
    """Return the state of the whole feed, or of that of one symbol."""
    state = (
        MarketDataFeedStatusEnum.MARKET_DATA_FEED_AVAILABLE
        if is_up
        else MarketDataFeedStatusEnum.MARKET_DATA_FEED_UNAVAILABLE
    )
    if number is None:
        return MarketDataFeedStatus(Status=state)
    return MarketDataFeedSymbolStatus(SymbolID=number, Status=state)


def midnight(day: date) -> int:
    """Return a trading date as it travels: its midnight UTC, seconds."""
    return int(datetime.combine(day, time(0), UTC).timestamp())
