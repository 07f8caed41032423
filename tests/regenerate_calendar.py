"""Write core/model/holidays.py anew from the calendars of the pandas-market-calendars package.

The program does not depend on that package: run this where it is installed, look at the difference and commit it.

    python tests/regenerate_calendar.py [FIRST_YEAR LAST_YEAR]
"""

import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from importlib import import_module, metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TARGET = Path(__file__).parents[1] / "core" / "model" / "holidays.py"
CHICAGO = ZoneInfo("America/Chicago")
REGULAR_OPEN, REGULAR_CLOSE = time(17, 0), time(16, 0)
PACKAGE = "pandas-market-calendars"
GROUPS = {
    "EQUITY_INDEX": "CME Globex Equity",
    "INTEREST_RATE": "CME Globex Interest Rate Products",
    "FX": "CMEGlobex_FX",
    "ENERGY_AND_METALS": "CMEGlobex_EnergyAndMetals",
}
BUSINESS_DAYS = "NYSE"
HEAD = '''"""Days on which the products of CME do not trade from 17:00 to 16:00 Chicago, and days without business.

Generated from {package} {version}; do not edit. Written anew by

    python tests/regenerate_calendar.py {first} {last}
"""

from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from types import MappingProxyType
from typing import Final

FIRST, LAST = date({first}, 1, 1), date({last}, 12, 31)
"""The days the tables speak of; outside them nothing is known to be a holiday."""


class HolidayGroup(Enum):
    """Products that share their holidays."""

'''


def main(first: int, last: int) -> None:
    """Write the table of some whole years."""
    calendars = import_module("pandas_market_calendars")
    days = [date(first, 1, 1) + timedelta(n) for n in range((date(last + 1, 1, 1) - date(first, 1, 1)).days)]
    weekdays = [day for day in days if day.weekday() < 5]
    text = HEAD.format(package=PACKAGE, version=metadata.version(PACKAGE), first=first, last=last)
    text += "".join(f'    {group} = "{group}"\n' for group in GROUPS)
    text += "\n\nSHORT_DAYS: Final[Mapping[HolidayGroup, Mapping[date, time | None]]] = MappingProxyType(\n    {\n"
    for group, name in GROUPS.items():
        text += f"        HolidayGroup.{group}: MappingProxyType(\n            {{\n"
        text += "".join(short_days(calendars.get_calendar(name), weekdays))
        text += "            }\n        ),\n"
    text += '    }\n)\n"""When trading ends early, Chicago time; None where there is none that day."""\n'
    opened = set(sessions(calendars.get_calendar(BUSINESS_DAYS), weekdays))
    text += "\nNO_BUSINESS_DAYS: Final = frozenset(\n    {\n"
    text += "".join(f"        {literal(day)},\n" for day in weekdays if day not in opened)
    text += (
        '    }\n)\n"""Weekdays on which the exchanges of the United States are closed: nothing expires on them."""\n'
    )
    TARGET.write_text(text, encoding="utf-8")


def short_days(calendar: Any, weekdays: list[date]) -> Iterator[str]:
    """Yield the lines of the days that differ from the rule.

    Raises:
        ValueError: a session begins at another time than the rule says; the table cannot express that.
    """
    found = sessions(calendar, weekdays)
    for day in weekdays:
        opens, closes = found.get(day, (REGULAR_OPEN, None))
        if opens != REGULAR_OPEN:
            raise ValueError(f"{calendar.name}: {day} opens at {opens}, not at {REGULAR_OPEN}")
        if closes is None:
            yield f"                {literal(day)}: None,\n"
        elif closes != REGULAR_CLOSE:
            yield f"                {literal(day)}: time({closes.hour}, {closes.minute}),\n"


def sessions(calendar: Any, weekdays: list[date]) -> dict[date, tuple[time, time]]:
    """Return opening and closing time in Chicago by trading day."""
    table = calendar.schedule(weekdays[0].isoformat(), weekdays[-1].isoformat())
    return {
        row.Index.date(): tuple(
            moment.to_pydatetime().astimezone(CHICAGO).time() for moment in (row.market_open, row.market_close)
        )
        for row in table.itertuples()
    }


def literal(day: date) -> str:
    """Return a date as Python writes it."""
    return f"date({day.year}, {day.month}, {day.day})"


if __name__ == "__main__":
    main(*(int(year) for year in sys.argv[1:3] or ("2026", "2027")))
