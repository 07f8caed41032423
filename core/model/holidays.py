"""Days on which the products of CME do not trade from 17:00 to 16:00 Chicago, and days without business.

Generated from pandas-market-calendars 5.5.0; do not edit. Written anew by

    python tests/regenerate_calendar.py 2026 2027
"""

from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from types import MappingProxyType
from typing import Final

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
"""The days the tables speak of; outside them nothing is known to be a holiday."""


class HolidayGroup(Enum):
    """Products that share their holidays."""

    EQUITY_INDEX = "EQUITY_INDEX"
    INTEREST_RATE = "INTEREST_RATE"
    FX = "FX"
    ENERGY_AND_METALS = "ENERGY_AND_METALS"


SHORT_DAYS: Final[Mapping[HolidayGroup, Mapping[date, time | None]]] = MappingProxyType(
    {
        HolidayGroup.EQUITY_INDEX: MappingProxyType(
            {
                date(2026, 1, 1): None,
                date(2026, 1, 19): time(12, 0),
                date(2026, 2, 16): time(12, 0),
                date(2026, 4, 3): time(8, 15),
                date(2026, 5, 25): time(12, 0),
                date(2026, 6, 19): time(12, 0),
                date(2026, 7, 3): time(12, 0),
                date(2026, 9, 7): time(12, 0),
                date(2026, 11, 26): time(12, 0),
                date(2026, 11, 27): time(12, 15),
                date(2026, 12, 24): time(12, 15),
                date(2026, 12, 25): None,
                date(2027, 1, 1): None,
                date(2027, 1, 18): time(12, 0),
                date(2027, 2, 15): time(12, 0),
                date(2027, 3, 26): time(8, 15),
                date(2027, 5, 31): time(12, 0),
                date(2027, 6, 18): time(12, 0),
                date(2027, 7, 5): time(12, 0),
                date(2027, 9, 6): time(12, 0),
                date(2027, 11, 25): time(12, 0),
                date(2027, 11, 26): time(12, 15),
                date(2027, 12, 24): None,
            }
        ),
        HolidayGroup.INTEREST_RATE: MappingProxyType(
            {
                date(2026, 1, 1): None,
                date(2026, 1, 19): time(12, 0),
                date(2026, 2, 16): time(12, 0),
                date(2026, 4, 3): time(10, 15),
                date(2026, 5, 25): time(12, 0),
                date(2026, 6, 19): time(12, 0),
                date(2026, 7, 3): time(12, 0),
                date(2026, 9, 7): time(12, 0),
                date(2026, 11, 26): time(12, 0),
                date(2026, 11, 27): time(12, 15),
                date(2026, 12, 24): time(12, 15),
                date(2026, 12, 25): None,
                date(2027, 1, 1): None,
                date(2027, 1, 18): time(12, 0),
                date(2027, 2, 15): time(12, 0),
                date(2027, 3, 26): time(10, 15),
                date(2027, 5, 31): time(12, 0),
                date(2027, 6, 18): time(12, 0),
                date(2027, 7, 5): time(12, 0),
                date(2027, 9, 6): time(12, 0),
                date(2027, 11, 25): time(12, 0),
                date(2027, 11, 26): time(12, 15),
                date(2027, 12, 24): None,
            }
        ),
        HolidayGroup.FX: MappingProxyType(
            {
                date(2026, 1, 1): None,
                date(2026, 4, 3): time(10, 15),
                date(2026, 11, 27): time(12, 15),
                date(2026, 12, 24): time(12, 15),
                date(2026, 12, 25): None,
                date(2027, 1, 1): None,
                date(2027, 3, 26): time(10, 15),
                date(2027, 11, 26): time(12, 15),
                date(2027, 12, 24): None,
            }
        ),
        HolidayGroup.ENERGY_AND_METALS: MappingProxyType(
            {
                date(2026, 1, 1): None,
                date(2026, 1, 19): time(13, 30),
                date(2026, 2, 16): time(13, 30),
                date(2026, 4, 3): None,
                date(2026, 5, 25): time(13, 30),
                date(2026, 6, 19): time(12, 0),
                date(2026, 7, 3): time(12, 0),
                date(2026, 9, 7): time(13, 30),
                date(2026, 11, 26): time(13, 30),
                date(2026, 11, 27): time(13, 45),
                date(2026, 12, 24): time(12, 45),
                date(2026, 12, 25): None,
                date(2027, 1, 1): None,
                date(2027, 1, 18): time(13, 30),
                date(2027, 2, 15): time(13, 30),
                date(2027, 3, 26): None,
                date(2027, 5, 31): time(13, 30),
                date(2027, 6, 18): time(13, 30),
                date(2027, 7, 5): time(13, 30),
                date(2027, 9, 6): time(12, 0),
                date(2027, 11, 25): time(13, 30),
                date(2027, 11, 26): time(12, 45),
                date(2027, 12, 24): None,
            }
        ),
    }
)
"""When trading ends early, Chicago time; None where there is none that day."""

NO_BUSINESS_DAYS: Final = frozenset(
    {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 4, 3),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 11, 26),
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2027, 1, 18),
        date(2027, 2, 15),
        date(2027, 3, 26),
        date(2027, 5, 31),
        date(2027, 6, 18),
        date(2027, 7, 5),
        date(2027, 9, 6),
        date(2027, 11, 25),
        date(2027, 12, 24),
    }
)
"""Weekdays on which the exchanges of the United States are closed: nothing expires on them."""
