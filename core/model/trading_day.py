"""When a trading day begins: five in the afternoon in Chicago, for the products of CME."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

CHICAGO = ZoneInfo("America/Chicago")
OPENS = time(17, 0)


def day_start(now: datetime) -> datetime:
    """Return when the trading day that contains `now` began, aware UTC; local wall time decides, so DST is right."""
    local = now.astimezone(CHICAGO)
    day = local.date() if local.time() >= OPENS else local.date() - timedelta(days=1)
    return datetime.combine(day, OPENS, CHICAGO).astimezone(now.tzinfo)
