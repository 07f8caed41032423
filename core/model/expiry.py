"""When futures end and when trade moves to the next contract: one rule per product, each a function of a month. Pure.

A business day is a weekday on which the exchanges of the United States are open, as far as `holidays` knows. "Ends"
is the last day of trading. Where the exchange has no rule for the roll, a convention is stated as one.
"""

from datetime import date, timedelta

from core.model.holidays import NO_BUSINESS_DAYS

_DAY = timedelta(days=1)
_FRIDAY, _WEDNESDAY = 4, 2


def index_ends(year: int, month: int) -> date:
    """Equity index futures: the third Friday of the contract month, or the business day before a holiday on it.

    Source: CME rulebook, chapters of the E-mini futures, final settlement price ("third Friday ... or, if the index
    is not published that day, the first earlier day").
    """
    return _or_before(_nth(year, month, _FRIDAY, 3))


def index_rolls(year: int, month: int) -> date:
    """Equity index futures: the Monday before the third Friday of the contract month.

    Source: CME Group, equity index roll dates.
    """
    return _nth(year, month, _FRIDAY, 3) - timedelta(days=4)


def crude_ends(year: int, month: int) -> date:
    """Crude oil: three business days before the 25th of the month before the contract month.

    Is the 25th no business day, they are counted from the last business day before it.

    Source: NYMEX rulebook, chapter 200, termination of trading.
    """
    before = date(year, month, 1) - _DAY
    return business_days_before(_or_before(before.replace(day=25)), 3)


def crude_rolls(year: int, month: int) -> date:
    """Crude oil: three business days before it ends. A convention: about where volume moves; delivery comes later."""
    return business_days_before(crude_ends(year, month), 3)


def gold_ends(year: int, month: int) -> date:
    """Gold: the third last business day of the contract month.

    Source: COMEX rulebook, chapter 113, termination of trading.
    """
    return business_days_before(_first_of_next(year, month), 3)


def gold_rolls(year: int, month: int) -> date:
    """Gold: the second last business day of the month before, the day before the first notice of delivery.

    A convention: who holds on longer may be delivered to. Source of the notice day, the last business day of the
    month before: COMEX rulebook, chapter 113.
    """
    return business_days_before(date(year, month, 1), 2)


def treasury_ends(year: int, month: int) -> date:
    """Notes of ten years and bonds: the seventh business day before the last business day of the contract month.

    Source: CBOT rulebook, chapters 18 and 19, termination of trading.
    """
    return business_days_before(_first_of_next(year, month), 8)


def treasury_rolls(year: int, month: int) -> date:
    """Notes and bonds: the second business day before the contract month, on which longs first state positions.

    A convention: who holds on longer may be delivered to. Source of the first position day: CBOT rulebook, chapters
    18 and 19.
    """
    return business_days_before(date(year, month, 1), 2)


def currency_ends(year: int, month: int) -> date:
    """Currencies: the second business day before the third Wednesday of the contract month.

    Source: CME rulebook, chapter 261 (euro), termination of trading.
    """
    return business_days_before(_nth(year, month, _WEDNESDAY, 3), 2)


def currency_rolls(year: int, month: int) -> date:
    """Currencies: five business days before they end.

    Source: CME Group, FX quarterly roll dates.
    """
    return business_days_before(currency_ends(year, month), 5)


def is_business_day(day: date) -> bool:
    """Whether the exchanges of the United States are open, as far as is known."""
    return day.weekday() < 5 and day not in NO_BUSINESS_DAYS


def business_days_before(day: date, count: int) -> date:
    """Return the business day that lies `count` business days before a day."""
    while count:
        day -= _DAY
        count -= is_business_day(day)
    return day


def _or_before(day: date) -> date:
    return day if is_business_day(day) else business_days_before(day, 1)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _first_of_next(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
