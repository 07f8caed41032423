"""What the venue does at a moment: trade, take orders for the opening, or nothing. Pure.

Before a session opens there is a quarter of an hour of pre-opening, on Sundays an hour, as at CME. A future ends on its
last day at the hour of its rulebook, or with the session when no hour is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

from core.model.contract import product_of
from core.model.session import AROUND_THE_CLOCK, SessionTemplate, next_open, session_of, trading_day
from core.model.trading_day import CHICAGO
from services.dtc.enums import TradingStatusEnum
from services.simulator.contracts import Contract

NEVER_US: Final = 1 << 62
"""A moment that does not come."""

OPEN: Final = TradingStatusEnum.TRADING_STATUS_OPEN
PRE_OPEN: Final = TradingStatusEnum.TRADING_STATUS_PRE_OPEN
CLOSED: Final = TradingStatusEnum.TRADING_STATUS_CLOSE
HALTED: Final = TradingStatusEnum.TRADING_STATUS_TRADING_HALT

_SUNDAY: Final = 6
_ENDS: Final[Mapping[str, time]] = {
    "ES": time(8, 30),
    "NQ": time(8, 30),
    "RTY": time(8, 30),
    "YM": time(8, 30),
    "CL": time(13, 30),
    "GC": time(12, 30),
    "ZN": time(12, 1),
    "ZB": time(12, 1),
    "6E": time(9, 16),
}
"""When trading in an expiring contract ends, Chicago time, by underlying. Source: CME Group contract specifications."""


def hours_of(symbol: str) -> SessionTemplate:
    """Return the hours of a symbol's product; what is none of ours trades around the clock."""
    product = product_of(symbol)
    return AROUND_THE_CLOCK if product is None else product.hours


def phase_at(at_us: int, hours: SessionTemplate) -> tuple[TradingStatusEnum, int]:
    """Return the trading status by the calendar, and the moment until which it stays so."""
    if hours.holidays is None:
        return OPEN, NEVER_US
    moment = moment_of(at_us)
    session = session_of(trading_day(moment, hours), hours)
    if session is not None and moment in session:
        return OPEN, us_of(session.closes_at)
    opens_at = next_open(moment, hours)
    on_sunday = opens_at.astimezone(hours.zone).weekday() == _SUNDAY
    gathers_at = opens_at - timedelta(minutes=60 if on_sunday else 15)
    if moment >= gathers_at:
        return PRE_OPEN, us_of(opens_at)
    return CLOSED, us_of(gathers_at)


def ends_us(contract: Contract) -> int:
    """Return the last moment of a contract, `NEVER_US` when it has none."""
    if contract.expiry is None:
        return NEVER_US
    at = _ENDS.get(contract.character.underlying, hours_of(contract.symbol).closes)
    return us_of(datetime.combine(contract.expiry, at, CHICAGO))


def moment_of(at_us: int) -> datetime:
    """Return market time as a date, aware UTC; fractions of a second are dropped."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC)


def us_of(moment: datetime) -> int:
    """Return a moment (aware) as market time."""
    return int(moment.timestamp()) * 1_000_000
