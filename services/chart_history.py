"""When history is asked for a chart, of whom, and what follows from the answer.

Of the venue first. Where it serves none, what this program has seen itself and kept; where it fails, that too, and the
venue again later. What was found too short to look at is asked for again, further back. A bar of which trades may be
missing is asked for again once it is over, and when the line or the feed is back; after a few times it stays marked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from typing import Final

from core.clock import Clock
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistorySource, HistoryWanted
from core.model.bar import Interval, IntervalUnit
from core.model.bar_clock import trading_time_before
from core.state_manager import StateManager
from services.chart_series import ChartBars

FIRST_BARS: Final = 3_000
FEWEST_BARS: Final = 300
FIRST_DAYS: Final = timedelta(days=1_100)
FIRST_HOURS: Final = timedelta(days=365)  # of trading time
FIRST_OF_TRADES: Final = timedelta(minutes=15)
WIDENINGS: Final = 5
ANSWER_WITHIN_S: Final = 180.0
RETRY_S: Final = (5.0, 15.0, 60.0, 300.0)
MEND_AFTER_S: Final = (2.0, 10.0, 60.0)


class Asking(Enum):
    """What a question is about."""

    FIRST = "what there is"
    OLDER = "older bars"
    MEND = "what was missed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is open; `of_venue` or of our own ticks."""

    ticket: int
    what: Asking
    of_venue: bool


@dataclass(slots=True)
class Chart:
    """A chart, who shows it, and how its history stands.

    Attributes:
        problem: why the venue's history is missing. tries: how often in a row.
        is_cut: the line or the feed is down. has_missed: it was, since the bars were last asked for.
        mended: the marked bar asked for last, and whether it was over; how often, and when again.
    """

    bars: ChartBars
    span: timedelta
    viewers: set[str] = field(default_factory=set)
    asked: Asked | None = None
    due_s: float = 0.0
    progress: tuple[int, int] | None = None
    problem: str = ""
    tries: int = 0
    retry: Asking = Asking.FIRST
    retry_at_s: float | None = None
    widened: int = 0
    venue_serves: bool = True
    own_asked: bool = False
    is_cut: bool = False
    has_missed: bool = False
    mended: tuple[datetime, bool] | None = None
    mends: int = 0
    mend_at_s: float = 0.0


class ChartHistory:
    """Asks for the history of charts (trading thread)."""

    def __init__(
        self, venues: Mapping[str, HistorySource], own: HistorySource | None, state: StateManager, clock: Clock
    ) -> None:
        """Begin; see `ChartService`."""
        self._venues = venues
        self._own = own
        self._state = state
        self._clock = clock
        self._tickets = count(1)

    def ask(self, chart: Chart, what: Asking, *, own: bool = False) -> None:
        """Ask the venue, or ourselves where that serves none; `own` asks ourselves anyway."""
        key = chart.bars.key
        venue = self._venues.get(key.connection) if chart.venue_serves and not own else None
        source = venue or self._own
        if source is None:
            return
        ticket = next(self._tickets)
        chart.asked = Asked(ticket, what, venue is not None)
        if venue is not None and what is chart.retry:
            chart.retry_at_s = None
        chart.own_asked = chart.own_asked or venue is None
        chart.due_s = self._clock.monotonic() + ANSWER_WITHIN_S
        chart.progress = None if what is Asking.MEND else (0, 0)
        chart.bars.is_dirty = True
        since, until = self._stretch(chart, what)
        source.request_history(HistoryWanted(ticket, key, since, until))

    def begin(self, chart: Chart) -> None:
        """Ask for what there is, as of a chart that has nothing yet."""
        chart.asked, chart.problem, chart.tries, chart.widened = None, "", 0, 0
        chart.retry, chart.retry_at_s = Asking.FIRST, None
        chart.venue_serves, chart.own_asked = True, False
        chart.span = first_span(chart.bars.key.interval)
        self.ask(chart, Asking.FIRST)

    def on_cut(self, chart: Chart) -> None:
        """Note that trades are being missed."""
        chart.is_cut = True
        chart.bars.miss()

    def on_back(self, chart: Chart) -> None:
        """Note that trades come again; what was missed is asked for in a moment."""
        if chart.is_cut:
            chart.is_cut, chart.has_missed = False, True
        if not chart.venue_serves:  # it may have been set up by now
            chart.venue_serves, chart.retry = True, Asking.FIRST
            chart.retry_at_s = self._clock.monotonic()
        elif chart.problem:
            chart.retry_at_s = self._clock.monotonic()

    def on_clock(self, chart: Chart, now_s: float) -> None:
        """Do what is due."""
        if chart.asked is not None:
            if now_s >= chart.due_s:
                late = "The history did not come in time."
                self.on_failed(chart, HistoryFailed(chart.asked.ticket, chart.bars.key, late))
        elif chart.is_cut:
            return
        elif chart.retry_at_s is not None:
            if now_s >= chart.retry_at_s:
                self.ask(chart, chart.retry)
        elif chart.venue_serves and chart.bars.key.interval.unit is not IntervalUnit.TICKS:
            self._mend(chart, now_s)

    def on_progress(self, chart: Chart, event: HistoryProgress) -> None:
        """Tell how far loading is."""
        if chart.asked is not None and chart.asked.ticket == event.ticket:
            chart.progress = (event.loaded, max(event.loaded, event.expected))
            chart.due_s = self._clock.monotonic() + ANSWER_WITHIN_S
            chart.bars.is_dirty = True

    def on_arrived(self, chart: Chart, event: HistoryArrived) -> None:
        """Take history in; ask further back where it is too little to look at."""
        asked = self._answered(chart, event.ticket)
        if asked is None:
            return
        if asked.of_venue and chart.retry_at_s is None:
            chart.problem, chart.tries = "", 0
        if asked.what is Asking.OLDER:
            chart.bars.take_older(event)
            return
        if asked.what is Asking.MEND:
            chart.mends += 1
            chart.mend_at_s = self._clock.monotonic() + MEND_AFTER_S[min(chart.mends, len(MEND_AFTER_S) - 1)]
        chart.bars.take(event, self._venue_now(chart))
        too_few = chart.bars.count < FEWEST_BARS and event.has_older and chart.widened < WIDENINGS
        if asked.what is Asking.FIRST and too_few:
            chart.widened += 1
            chart.span *= 4
            self.ask(chart, Asking.FIRST, own=not asked.of_venue)

    def on_failed(self, chart: Chart, event: HistoryFailed) -> None:
        """Note why the venue gave none, when to ask it again, and turn to what we have ourselves."""
        asked = self._answered(chart, event.ticket)
        if asked is None or not asked.of_venue:
            return
        chart.retry = asked.what
        if event.is_final:
            chart.venue_serves, chart.problem = False, ""
        else:
            wait_s = RETRY_S[min(chart.tries, len(RETRY_S) - 1)]
            chart.tries += 1
            chart.problem = event.text
            chart.retry_at_s = self._clock.monotonic() + max(wait_s, event.retry_in_s or 0.0)
        if self._own is not None and asked.what is Asking.FIRST and not chart.own_asked:
            self.ask(chart, Asking.FIRST, own=True)

    def _answered(self, chart: Chart, ticket: int) -> Asked | None:
        """Return the question this answers, which is open no more; None when it is not asked any longer."""
        asked = chart.asked
        if asked is None or asked.ticket != ticket:
            return None
        chart.asked, chart.progress = None, None
        chart.bars.is_dirty = True
        return asked

    def _mend(self, chart: Chart, now_s: float) -> None:
        """Ask again for bars that are marked, when they are over or the line is back."""
        marked, forming = chart.bars.marked_from, chart.bars.forming
        if marked is None:
            return
        is_over = forming is None or marked < forming.start
        if not is_over and not chart.has_missed:
            return
        if chart.mended != (marked, is_over):
            chart.mended, chart.mends, chart.mend_at_s = (marked, is_over), 0, now_s + MEND_AFTER_S[0]
        if now_s < chart.mend_at_s:
            return
        chart.has_missed = False
        if is_over and chart.mends >= len(MEND_AFTER_S):
            chart.bars.leave_marked()
        else:
            self.ask(chart, Asking.MEND)

    def _stretch(self, chart: Chart, what: Asking) -> tuple[datetime, datetime | None]:
        first, doubtful = chart.bars.first, chart.bars.doubtful_from
        if what is Asking.OLDER and first is not None:
            return self._before(chart, first), first
        if what is Asking.MEND and doubtful is not None:
            return doubtful, None
        return self._before(chart, self._venue_now(chart)), None

    def _before(self, chart: Chart, moment: datetime) -> datetime:
        """Return how far to look back from a moment; over a weekend as far as on any other day."""
        if chart.bars.key.interval.is_daily:
            return moment - chart.span
        return trading_time_before(moment, chart.span, chart.bars.clock.hours)

    def _venue_now(self, chart: Chart) -> datetime:
        key, now = chart.bars.key, self._clock.now()
        quote = self._state.snapshot().quotes.get((key.connection, key.symbol))
        return now if quote is None else quote.venue_time(now)


def first_span(interval: Interval) -> timedelta:
    """Return how far to look back at first: trading time, of days days of the calendar."""
    if interval.seconds is None:
        return FIRST_OF_TRADES
    length = timedelta(seconds=interval.seconds)
    if interval.is_daily:
        return max(FIRST_DAYS, length * FEWEST_BARS)
    return min(length * FIRST_BARS, FIRST_HOURS)
