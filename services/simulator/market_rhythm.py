"""How busy a market is by the time of day: quiet nights, bursts at openings, releases and settlements. Pure.

The curves are ours, drawn after the known shape of each market's day: cash open 08:30 and close 15:00 in Chicago for
indices, the start of the day session and the settlement for the others, London from 02:00, the figures at 07:30, the
weekly inventories at 09:30. 1 is an ordinary hour of the day session.

With `hours` "always" the curve is flattened, so that there is something to see at any hour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from core.model.trading_day import CHICAGO

_Curve = tuple[tuple[int, ...], tuple[float, ...]]


def _curve(text: str) -> _Curve:
    """Return minutes of the day and activity of a text such as "08:30 3.6  09:30 1.9"; midnight is both ends."""
    words = text.split()
    minutes = tuple(int(word[:2]) * 60 + int(word[3:]) for word in words[::2])
    return (*minutes, 24 * 60), (*(values := tuple(float(word) for word in words[1::2])), values[0])


_INDEX: Final = _curve(
    "00:00 .18  01:55 .20  02:00 .50  03:00 .45  06:00 .35  07:28 .45  07:30 1.2  07:45 .60  08:25 .90  08:30 3.6"
    "  08:45 2.6  09:30 1.9  10:30 1.3  12:00 .85  13:00 .90  14:00 1.3  14:45 1.9  14:58 3.0  15:00 3.4  15:02 .90"
    "  15:15 .60  16:00 .40  16:59 .30  17:00 1.1  17:10 .45  18:00 .30  19:00 .32  21:00 .22"
)
_CRUDE: Final = _curve(
    "00:00 .20  02:00 .50  07:55 .80  08:00 2.0  08:30 1.7  09:29 1.5  09:30 2.3  10:00 1.6  12:00 1.0  13:15 1.4"
    "  13:28 3.0  13:30 3.2  13:32 .80  15:00 .40  16:59 .30  17:00 .70  17:15 .30  21:00 .20"
)
_GOLD: Final = _curve(
    "00:00 .45  02:00 .90  04:00 .70  07:18 .90  07:20 2.0  07:30 2.6  08:00 1.8  09:00 1.7  10:30 1.2  12:15 1.3"
    "  12:28 2.6  12:30 2.6  12:32 .90  14:00 .50  16:59 .30  17:00 .80  17:15 .35  19:00 .55  21:00 .45"
)
_RATES: Final = _curve(
    "00:00 .18  02:00 .50  06:00 .60  07:18 .80  07:20 1.8  07:29 1.2  07:30 3.2  07:50 1.7  09:00 1.7  10:30 1.2"
    "  12:00 .90  12:59 1.0  13:00 1.5  13:55 1.7  14:00 2.6  14:02 .80  15:00 .40  16:59 .25  17:00 .60  17:15 .25"
    "  19:00 .28  21:00 .20"
)
_EURO: Final = _curve(
    "00:00 .40  01:55 .90  02:00 1.8  03:00 1.7  05:00 .90  07:28 1.1  07:30 2.4  08:00 1.7  09:00 1.8  09:58 1.9"
    "  10:00 2.2  10:15 1.1  12:00 .80  13:58 .80  14:00 1.4  14:03 .60  16:00 .30  17:00 .50  17:15 .28  19:00 .40"
)
_COINS: Final = _curve(
    "00:00 1.4  00:20 .80  06:00 .70  08:00 1.1  08:15 .90  13:00 1.1  13:30 1.7  14:30 1.8  16:00 1.5  20:00 1.4"
    "  21:00 .90  23:58 .90"
)
_DAYS: Final[Mapping[str, tuple[tzinfo, _Curve]]] = {
    **dict.fromkeys(("ES", "NQ", "RTY", "YM"), (CHICAGO, _INDEX)),
    "CL": (CHICAGO, _CRUDE),
    "GC": (CHICAGO, _GOLD),
    **dict.fromkeys(("ZN", "ZB"), (CHICAGO, _RATES)),
    "6E": (CHICAGO, _EURO),
}
_FLATTENED: Final = 0.3


def activity(underlying: str, moment: datetime) -> float:
    """Return how busy an underlying is at a moment (aware); 1 is an ordinary hour of its day."""
    zone, (minutes, values) = _DAYS.get(underlying, (UTC, _COINS))
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute + local.second / 60
    i = bisect_right(minutes, minute) - 1
    share = (minute - minutes[i]) / (minutes[i + 1] - minutes[i])
    return values[i] + share * (values[i + 1] - values[i])


def flattened(busy: float) -> float:
    """Return the activity of a market that is to be watchable at any hour."""
    return float(busy**_FLATTENED)
