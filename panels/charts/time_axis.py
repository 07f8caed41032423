"""When the bars of a chart began: where the axis writes a time, a date, and where a trading day begins. Pure.

Times are of the display zone, so the clocks going forward or back move no label; the hour that occurs twice is written
with its offset. Bars lie side by side whatever time passed between them, so a label stands at the first bar of the
stretch it names, and of labels too close to each other the greater (a day before an hour) stays.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.model.session import SessionTemplate, session_of
from panels import formatting as f

LEAST_GAP = 72.0
DAY_S = 86_400
# Seconds between labels within a day; then days, weeks, months, quarters and years.
STEPS_S = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200)
WEEK, MONTH, QUARTER, YEAR = 7 * DAY_S, 31 * DAY_S, 92 * DAY_S, 366 * DAY_S
STEPS = (*STEPS_S, DAY_S, WEEK, MONTH, QUARTER, YEAR)
MOST_SESSIONS = 40
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class TimeLabel:
    """A word of the axis.

    Attributes:
        index: the bar it stands at.
        rank: 0 a time of day, 1 a date, 2 a month, 3 a year; the greater is the stronger.
    """

    index: int
    text: str
    rank: int


def time_labels(times: Sequence[float], first: int, end: int, per_bar: float, zone: tzinfo | None) -> list[TimeLabel]:
    """Return the labels of the bars from `first` up to `end`, in their order.

    Args:
        times: when each bar began, seconds since 1970, UTC, rising.
        per_bar: pixels from a bar to the next.
        zone: the display zone; None is this machine's.
    """
    if end - first < 2:
        return []
    wanted_s = _usual_spacing(times, first, end) * LEAST_GAP / per_bar
    step_s = next((step for step in STEPS if step >= wanted_s), YEAR)
    return list(_apart(_changes(times, first, end, step_s, zone), per_bar))


def stretch_of(moment: datetime, step_s: int, zone: tzinfo | None) -> datetime:
    """Return when the stretch a moment belongs to began by the clock of the display zone, aware UTC."""
    local = moment.astimezone(zone)
    if step_s >= DAY_S:
        return _utc(datetime.combine(_first_day(local.date(), step_s), time(0), zone), zone)
    since_midnight = local.hour * 3600 + local.minute * 60 + local.second
    midnight = datetime.combine(local.date(), time(0), zone)
    return _utc((midnight + timedelta(seconds=since_midnight // step_s * step_s)).replace(fold=local.fold), zone)


def session_starts(times: Sequence[float], first: int, end: int, hours: SessionTemplate) -> list[tuple[int, date]]:
    """Return the bars at which a trading day begins, with that day; none where they would be too many to tell apart."""
    if end - first < 2:
        return []
    begin, until = _moment(times[first]), _moment(times[end - 1])
    if (until - begin).days > MOST_SESSIONS:
        return []
    found = []
    day, last = begin.astimezone(hours.zone).date(), until.astimezone(hours.zone).date() + timedelta(days=1)
    while day <= last:
        session = session_of(day, hours)
        if session is not None and begin < session.opens_at <= until:
            found.append((bisect_left(times, session.opens_at.timestamp(), first, end), day))
        day += timedelta(days=1)
    return found


def moment_words(moment: datetime, zone: tzinfo | None, with_seconds: bool = False) -> str:
    """Write when a bar began: "2025-11-12 09:41"."""
    return f"{f.day(moment, zone)} {f.clock(moment, zone, seconds=with_seconds)}"


def _changes(times: Sequence[float], first: int, end: int, step_s: int, zone: tzinfo | None) -> Iterator[TimeLabel]:
    """Yield a label at each bar that begins another stretch than the one before it."""
    stretch, at = stretch_of(_moment(times[first]), step_s, zone), first
    while True:
        found = None
        # By the clock and by the time that passes: on the days the clocks change either may be the first.
        for moment in sorted((_next(stretch, step_s, zone), stretch + timedelta(seconds=step_s))):
            index = bisect_left(times, moment.timestamp(), at, end)
            if index < end and (begun := stretch_of(_moment(times[index]), step_s, zone)) > stretch:
                found = index, begun
                break
        if found is None:
            return
        before = _moment(times[found[0] - 1])
        at, stretch = found
        yield _label(at, before, _moment(times[at]), stretch, step_s, zone)


def _label(
    index: int, before: datetime, moment: datetime, stretch: datetime, step_s: int, zone: tzinfo | None
) -> TimeLabel:
    day, previous = moment.astimezone(zone).date(), before.astimezone(zone).date()
    if day == previous:
        return TimeLabel(index, f.clock(stretch, zone, seconds=step_s < 60), 0)
    rank = 3 if day.year != previous.year else 2 if day.month != previous.month else 1
    if step_s >= MONTH:
        return TimeLabel(index, str(day.year) if rank == 3 else f"{_MONTHS[day.month - 1]} {day.year}", rank)
    return TimeLabel(index, day.isoformat(), rank)


def _apart(labels: Iterator[TimeLabel], per_bar: float) -> list[TimeLabel]:
    """Leave out what is too close to a greater label, or to one before it."""
    kept: list[TimeLabel] = []
    for label in labels:
        while kept and (label.index - kept[-1].index) * per_bar < LEAST_GAP and label.rank > kept[-1].rank:
            kept.pop()
        if not kept or (label.index - kept[-1].index) * per_bar >= LEAST_GAP:
            kept.append(label)
    return kept


def _usual_spacing(times: Sequence[float], first: int, end: int) -> float:
    """Return the median of a few distances between bars, seconds; rests do not count as they are few."""
    stride = max(1, (end - first - 1) // 32)
    gaps = sorted(times[at + 1] - times[at] for at in range(first, end - 1, stride))
    return max(0.05, gaps[len(gaps) // 2])


def _next(stretch: datetime, step_s: int, zone: tzinfo | None) -> datetime:
    local = stretch.astimezone(zone)
    if step_s < DAY_S:
        return _utc((local.replace(tzinfo=zone) + timedelta(seconds=step_s)).replace(fold=0), zone)
    day = _first_day(local.date() + timedelta(days=step_s // DAY_S), step_s)
    return _utc(datetime.combine(day, time(0), zone), zone)


def _first_day(day: date, step_s: int) -> date:
    """Return the first day of the day's week, month, quarter or year; the day itself for steps of a day."""
    if step_s < WEEK:
        return day
    if step_s < MONTH:
        return day - timedelta(days=day.weekday())
    month = day.month if step_s < QUARTER else (day.month - 1) // 3 * 3 + 1 if step_s < YEAR else 1
    return day.replace(month=month, day=1)


def _utc(wall: datetime, zone: tzinfo | None) -> datetime:
    """Return the moment of a time on the wall of a zone; None is this machine's."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
