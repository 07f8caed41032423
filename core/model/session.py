"""When a product trades: its sessions, its holidays, and the trading day a moment belongs to. Pure.

A session belongs to one trading day and may open the evening before. It holds its first moment and not its last.
Times of day are of the venue's zone, so the clocks going forward or back change no session; everything returned is
aware UTC. Holidays are known for the years of `holidays`; outside them every weekday counts as a full one.

A holiday with an early close is a trading day of its own here, as charts have it; the clearing house books it on the
next business day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.model.holidays import SHORT_DAYS, HolidayGroup
from core.model.trading_day import CHICAGO, OPENS

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SessionTemplate:
    """The hours of a product on an ordinary day.

    Attributes:
        opens: when a trading day begins, on the evening before if that is later than `closes`.
        closes: when trading ends; the same as `opens` for a market that never rests.
        holidays: whose holidays it keeps; None: it trades on every day of the week, none excepted.
    """

    name: str
    zone: ZoneInfo
    opens: time
    closes: time
    holidays: HolidayGroup | None

    @property
    def opens_the_evening_before(self) -> bool:
        """Whether a trading day begins on the calendar day before it."""
        return self.opens > self.closes


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of trading, aware UTC; `is_short` when it ends before its time."""

    day: date
    opens_at: datetime
    closes_at: datetime
    is_short: bool = False

    def __contains__(self, moment: datetime) -> bool:
        """Whether trading goes on at a moment."""
        return self.opens_at <= moment < self.closes_at


def _globex(name: str, holidays: HolidayGroup) -> SessionTemplate:
    return SessionTemplate(name, CHICAGO, OPENS, time(16, 0), holidays)


GLOBEX_EQUITY_INDEX: Final = _globex("CME Globex equity index", HolidayGroup.EQUITY_INDEX)
GLOBEX_INTEREST_RATE: Final = _globex("CME Globex interest rate", HolidayGroup.INTEREST_RATE)
GLOBEX_FX: Final = _globex("CME Globex FX", HolidayGroup.FX)
GLOBEX_ENERGY_AND_METALS: Final = _globex("CME Globex energy and metals", HolidayGroup.ENERGY_AND_METALS)
AROUND_THE_CLOCK: Final = SessionTemplate("Around the clock", ZoneInfo("UTC"), time(0), time(0), None)


def session_of(day: date, template: SessionTemplate) -> Session | None:
    """Return the session of a trading day, None when there is none."""
    if template.holidays is None:
        return _session(day, template, template.closes, is_short=False)
    if day.weekday() > 4:
        return None
    short = SHORT_DAYS[template.holidays]
    closes = short.get(day, template.closes)
    return None if closes is None else _session(day, template, closes, is_short=day in short)


def is_open(moment: datetime, template: SessionTemplate) -> bool:
    """Whether the product trades at a moment (aware)."""
    session = session_of(trading_day(moment, template), template)
    return session is not None and moment in session


def next_open(moment: datetime, template: SessionTemplate) -> datetime:
    """Return when the first session after a moment opens; a session that opens at the moment itself is not after it."""
    day = trading_day(moment, template)
    while True:
        session = session_of(day, template)
        if session is not None and session.opens_at > moment:
            return session.opens_at
        day += _DAY


def trading_day(moment: datetime, template: SessionTemplate) -> date:
    """Return the trading day a moment (aware) belongs to.

    It changes at the hour of opening, not at the close before it; what lies between two sessions on days without
    trading belongs to the session to come: Friday 17:00 in Chicago to Monday.
    """
    local = moment.astimezone(template.zone)
    day = local.date()
    if template.opens_the_evening_before and local.time() >= template.opens:
        day += _DAY
    while session_of(day, template) is None:
        day += _DAY
    return day


def day_ends(day: date, template: SessionTemplate) -> datetime:
    """Return the first moment that is not of the trading day any more."""
    last = (day, template.opens) if template.opens_the_evening_before else (day + _DAY, time(0))
    return datetime.combine(*last, template.zone).astimezone(UTC)


def _session(day: date, template: SessionTemplate, closes: time, is_short: bool) -> Session:
    before, after = timedelta(0), timedelta(0)
    if template.opens_the_evening_before:
        before = _DAY
    elif template.opens == template.closes:
        after = _DAY
    opens_at = datetime.combine(day - before, template.opens, template.zone).astimezone(UTC)
    closes_at = datetime.combine(day + after, closes, template.zone).astimezone(UTC)
    return Session(day, opens_at, closes_at, is_short)
