"""When an order that is good for the day stops working. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from core.model.contract import product_of
from core.model.session import AROUND_THE_CLOCK, SessionTemplate, next_open, session_of, trading_day


def end_of_day(symbol: str, at_us: int) -> int:
    """Return the end of the session a day order received at a moment is good for: the one that is on, or the next.

    Products that never rest have a day too: it ends at midnight UTC. So has one the simulator trades around the
    clock though its exchange does not: it ends when the exchange closes.
    """
    product = product_of(symbol)
    hours = AROUND_THE_CLOCK if product is None else product.hours
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    end_us = _end_us(moment, hours)
    return end_us if end_us > at_us else _end_us(next_open(moment, hours), hours)


def _end_us(moment: datetime, hours: SessionTemplate) -> int:
    session = session_of(trading_day(moment, hours), hours)
    assert session is not None, f"{trading_day(moment, hours)} is a trading day of {hours.name} without a session"
    return int(session.closes_at.timestamp()) * 1_000_000
