"""Date-times on the wire: plain numbers in messages, aware UTC datetimes everywhere else.

The unit of a field is not to be trusted: several changed in place between releases of the protocol (the
time of a fill was seconds, then milliseconds). The magnitude tells, for every date from 1973 to 5138: below
1e11 the number counts seconds, above 1e14 microseconds, between them milliseconds.
"""

from datetime import UTC, datetime, timedelta
from math import isfinite

from services.dtc.errors import LocalProtocolError
from services.dtc.messages.base import TimeUnit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_BELOW = 10**11
MICROSECONDS_ABOVE = 10**14

_TICK = {
    TimeUnit.SECONDS: timedelta(seconds=1),
    TimeUnit.MILLISECONDS: timedelta(milliseconds=1),
    TimeUnit.MICROSECONDS: timedelta(microseconds=1),
}


def from_wire(number: float | None) -> datetime | None:
    """Return the moment a wire number means; None for unset (0) and for numbers that are no date."""
    if number is None or not isfinite(number) or number <= 0:
        return None
    if number < SECONDS_BELOW:
        tick = _TICK[TimeUnit.SECONDS]
    elif number <= MICROSECONDS_ABOVE:
        tick = _TICK[TimeUnit.MILLISECONDS]
    else:
        tick = _TICK[TimeUnit.MICROSECONDS]
    try:
        return EPOCH + tick * number
    except OverflowError:
        return None


def to_wire(moment: datetime, unit: TimeUnit) -> int:
    """Return a moment in a whole wire unit, rounded down.

    Raises:
        LocalProtocolError: the moment has no time zone, or the unit is FLOAT_SECONDS.
    """
    if unit is TimeUnit.FLOAT_SECONDS:
        raise LocalProtocolError("FLOAT_SECONDS is not a whole unit")
    return _since_epoch(moment) // _TICK[unit]


def _since_epoch(moment: datetime) -> timedelta:
    if moment.tzinfo is None:
        raise LocalProtocolError(f"{moment.isoformat()} has no time zone; an aware datetime is expected")
    return moment - EPOCH
