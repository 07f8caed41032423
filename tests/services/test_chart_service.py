"""Bars of what is shown: trades fold in, history comes in front, gaps are asked for again, nothing grows for ever."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from core.chart_commands import HideChart, LoadOlder, RetryHistory, ShowChart
from core.events import ClockTicked, Link, LinkChanged
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistoryWanted
from core.market_board import TickBatch
from core.model.bar import Bar, BarSeries, BarSource, ChartKey, Interval
from core.model.market import Aggressor, Quote, Tick
from core.state_manager import StateManager
from services.chart_series import MOST_BARS
from services.chart_service import ChartService
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock

SYMBOL = "ESZ6"
KEY = ChartKey("sim", SYMBOL, Interval.parse("1m"))


class Library:
    """A source of history that notes what it is asked; the test answers."""

    def __init__(self) -> None:
        self.asked: list[HistoryWanted] = []

    def request_history(self, wanted: HistoryWanted) -> None:
        self.asked.append(wanted)


class Desk:
    """The service, its sources, and a market on the minute."""

    def __init__(self, venue: bool = True) -> None:
        self.clock = ManualClock()
        self.clock.advance(30)
        self.state = StateManager()
        self.broker = FakeBroker(self.clock)
        self.venue, self.own = Library(), Library()
        venues = {"sim": self.venue} if venue else {}
        self.service = ChartService({"sim": self.broker}, venues, self.own, self.state, self.clock)
        self.minute = self.clock.now().replace(second=0, microsecond=0)

    def show(self, key: ChartKey = KEY, viewer: str = "chart") -> None:
        self.service.on_show(ShowChart(key, viewer))

    def trade(self, *prices: str, at: datetime | None = None, dropped: int = 0, symbol: str = SYMBOL) -> None:
        moment = at or self.clock.now()
        ticks = tuple(Tick(symbol, Decimal(p), Decimal(1), Aggressor.BUYER, moment, moment) for p in prices)
        self.service.on_ticks([TickBatch("sim", symbol, ticks, dropped)])

    def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.service.on_clock(ClockTicked(self.clock.now(), self.clock.monotonic()))

    def link(self, link: Link) -> None:
        self.service.on_link_changed(LinkChanged("sim", link, self.clock.now()))

    def series(self, key: ChartKey = KEY) -> BarSeries:
        return self.state.snapshot().charts[key]

    def bar(self, minutes: int, volume: int = 10, price: int = 5000) -> Bar:
        """Return a bar some minutes from the one the market is at."""
        value = Decimal(price)
        start = self.minute + timedelta(minutes=minutes)
        return Bar(start, value, value + 1, value - 1, value, Decimal(volume), volume)

    def answer(self, bars: Iterable[Bar], source: BarSource = BarSource.VENUE, has_older: bool = True) -> None:
        library = self.venue if source is BarSource.VENUE else self.own
        wanted = library.asked[-1]
        self.service.on_arrived(HistoryArrived(wanted.ticket, wanted.key, tuple(bars), source, has_older))

    def fail(self, text: str = "The port is closed.", is_final: bool = False, after_s: float | None = None) -> None:
        wanted = self.venue.asked[-1]
        self.service.on_failed(HistoryFailed(wanted.ticket, wanted.key, text, is_final, after_s))

    def enough(self, last: int = 0, first: int = -400) -> list[Bar]:
        return [self.bar(minute) for minute in range(first, last + 1)]


def volumes(series: BarSeries) -> list[int]:
    return [int(bar.volume) for bar in series]


# -- showing and hiding ------------------------------------------------------------------------------------------------


def test_what_is_shown_is_subscribed_asked_for_and_published_at_once_as_loading() -> None:
    desk = Desk()
    desk.show()
    assert desk.broker.subscribed == [SYMBOL]
    assert [one.key for one in desk.venue.asked] == [KEY]
    assert desk.series().progress == (0, 0)
    assert len(desk.series()) == 0


def test_a_chart_lives_as_long_as_anybody_shows_it() -> None:
    desk = Desk()
    desk.show(viewer="left")
    desk.show(viewer="right")
    desk.show(viewer="right")
    desk.service.on_hide(HideChart(KEY, "left"))
    assert KEY in desk.state.snapshot().charts
    desk.service.on_hide(HideChart(KEY, "right"))
    assert KEY not in desk.state.snapshot().charts
    desk.trade("5000")
    desk.later(1)
    assert not desk.state.snapshot().charts
    assert len(desk.venue.asked) == 1


def test_a_chart_of_an_unknown_connection_or_no_symbol_is_none() -> None:
    desk = Desk()
    desk.show(ChartKey("elsewhere", SYMBOL, KEY.interval))
    desk.show(ChartKey("sim", "", KEY.interval))
    assert not desk.state.snapshot().charts


def test_trades_of_what_is_not_shown_make_no_bars() -> None:
    desk = Desk()
    desk.show()
    desk.trade("100", symbol="NQZ6")
    desk.later(1)
    assert len(desk.series()) == 0


# -- live bars ---------------------------------------------------------------------------------------------------------


def test_trades_show_in_the_forming_bar_and_close_it() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000", "5002", "5001", at=desk.minute)
    desk.later(1)
    forming = desk.series().forming
    assert forming is not None
    assert (forming.open, forming.high, forming.close) == (Decimal(5000), Decimal(5002), Decimal(5001))
    desk.trade("5003", at=desk.minute + timedelta(minutes=1))
    desk.later(1)
    assert volumes(desk.series()) == [3, 1]
    assert desk.series().last_trade == desk.minute + timedelta(minutes=1)


def test_bars_are_published_in_bulk_and_no_oftener_than_a_window_draws() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000")
    published = 0
    for _ in range(100):
        before = desk.series()
        desk.clock.advance(0.002)
        desk.trade("5001")
        published += desk.series() is not before
    assert published == 5  # in 200 ms
    desk.later(0.25)
    assert volumes(desk.series()) == [101]


def test_two_intervals_of_a_symbol_are_two_charts() -> None:
    desk = Desk()
    five = ChartKey("sim", SYMBOL, Interval.parse("2t"))
    desk.show()
    desk.show(five)
    desk.trade("5000", "5001", "5002")
    desk.later(1)
    assert volumes(desk.series()) == [3]
    assert volumes(desk.series(five)) == [2, 1]


def test_the_oldest_bars_go_when_there_are_too_many() -> None:
    desk = Desk()
    key = ChartKey("sim", SYMBOL, Interval.parse("1t"))
    desk.show(key)
    for _ in range(104):
        desk.trade(*["5000"] * 1000)
    desk.later(1)
    series = desk.series(key)
    assert MOST_BARS <= series.closed_count <= MOST_BARS + 512
    assert not series.has_older


def test_a_market_that_begins_anew_in_the_past_begins_its_bars_anew() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000")
    desk.answer(desk.enough())
    desk.trade("4000", at=desk.minute - timedelta(days=3))
    desk.later(1)
    assert len(desk.series()) == 1
    assert len(desk.venue.asked) == 2


# -- history -----------------------------------------------------------------------------------------------------------


def test_history_stands_in_front_and_the_bar_in_progress_goes_on() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5005", at=desk.minute)
    desk.answer([*desk.enough(-1), desk.bar(0, volume=7)])
    desk.trade("5006", at=desk.minute)
    desk.later(1)
    series = desk.series()
    assert series.source is BarSource.VENUE
    assert series.progress is None
    assert series.has_older
    forming = series.forming
    assert forming is not None
    assert (forming.open, forming.high, forming.close) == (Decimal(5000), Decimal(5006), Decimal(5006))
    assert volumes(series)[-2:] == [10, 8]  # what history counted, and the trade since
    assert forming.is_gap  # until it is asked for again


def test_history_that_comes_before_any_trade_goes_on_with_its_last_bar() -> None:
    desk = Desk()
    desk.show()
    desk.answer(desk.enough())
    assert desk.series().forming == desk.series()[-1]
    desk.trade("5009", at=desk.minute)
    desk.later(1)
    assert volumes(desk.series())[-1] == 11


def test_the_last_bar_of_a_day_that_is_over_does_not_go_on() -> None:
    desk = Desk()
    desk.show()
    desk.answer(desk.enough(last=-30))
    assert desk.series().forming is None


def test_bars_that_were_seen_while_history_was_loading_stay() -> None:
    desk = Desk()
    desk.show()
    for minute in range(3):
        desk.trade("5001", "5002", at=desk.minute + timedelta(minutes=minute))
    desk.clock.advance(150)
    desk.answer([*desk.enough(-1), desk.bar(0, 10), desk.bar(1, 10), desk.bar(2, 1)])
    assert volumes(desk.series())[-4:] == [10, 10, 2, 2]  # the first was not seen whole, the second was


def test_how_far_loading_is_shows() -> None:
    desk = Desk()
    desk.show()
    desk.service.on_progress(HistoryProgress(desk.venue.asked[0].ticket, KEY, 120, 100))
    desk.later(1)
    assert desk.series().progress == (120, 120)


def test_a_look_back_that_finds_too_little_goes_further_a_few_times() -> None:
    desk = Desk()
    desk.show()
    for _ in range(10):
        desk.answer([desk.bar(-3000)])
    spans = [desk.clock.now() - one.since for one in desk.venue.asked]
    assert len(spans) == 6
    assert spans == sorted(spans)


def test_older_bars_come_in_front_once() -> None:
    desk = Desk()
    desk.show()
    desk.answer(desk.enough())
    first = desk.series()[0].start
    desk.service.on_load_older(LoadOlder(KEY))
    desk.service.on_load_older(LoadOlder(KEY))
    assert [one.until for one in desk.venue.asked[1:]] == [first]
    desk.answer([desk.bar(-402), desk.bar(-401), desk.bar(-400)], has_older=False)
    assert desk.series()[0].start == desk.minute - timedelta(minutes=402)
    assert len(desk.series()) == 403
    assert not desk.series().has_older
    desk.service.on_load_older(LoadOlder(KEY))
    assert len(desk.venue.asked) == 2


def test_no_more_is_loaded_than_a_series_may_hold() -> None:
    desk = Desk()
    desk.show()
    desk.answer(desk.enough())
    desk.service.on_load_older(LoadOlder(KEY))
    desk.answer([desk.bar(minute) for minute in range(-MOST_BARS - 500, -400)])
    assert desk.series().closed_count == MOST_BARS
    assert not desk.series().has_older


def test_an_answer_nobody_waits_for_changes_nothing() -> None:
    desk = Desk()
    desk.show()
    desk.answer(desk.enough())
    before = desk.series()
    desk.answer([desk.bar(-1000)])
    desk.service.on_failed(HistoryFailed(99, KEY, "late"))
    desk.service.on_arrived(HistoryArrived(1, ChartKey("sim", "X", KEY.interval), (), BarSource.VENUE))
    desk.later(1)
    assert desk.series() is before


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_failure_is_told_and_tried_again_later_and_the_bars_stay() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000")
    desk.fail("The port is closed.")
    desk.answer([], BarSource.OWN, has_older=False)
    desk.later(1)
    assert desk.series().problem == "The port is closed."
    assert len(desk.series()) == 1
    desk.later(3)
    assert len(desk.venue.asked) == 1
    desk.later(2)
    assert len(desk.venue.asked) == 2
    desk.answer(desk.enough())
    assert desk.series().problem == ""


def test_the_venue_is_not_asked_sooner_than_it_wants() -> None:
    desk = Desk()
    desk.show()
    desk.fail(after_s=60)
    desk.answer([], BarSource.OWN, has_older=False)
    desk.later(59)
    assert len(desk.venue.asked) == 1
    desk.later(2)
    assert len(desk.venue.asked) == 2


def test_the_trader_can_have_it_asked_again_at_once() -> None:
    desk = Desk()
    desk.show()
    desk.fail()
    desk.answer([], BarSource.OWN, has_older=False)
    desk.service.on_retry(RetryHistory(KEY))
    assert len(desk.venue.asked) == 2
    assert desk.series().progress == (0, 0)


def test_where_the_venue_fails_what_was_seen_before_is_shown_meanwhile() -> None:
    desk = Desk()
    desk.show()
    desk.fail()
    desk.answer(desk.enough(), BarSource.OWN)
    assert len(desk.series()) == 401
    assert desk.series().source is BarSource.OWN
    assert desk.series().problem
    desk.later(6)
    desk.answer(desk.enough(first=-900))
    assert desk.series().source is BarSource.VENUE
    assert len(desk.series()) == 901


def test_a_venue_without_history_is_no_problem_and_not_asked_again() -> None:
    desk = Desk()
    desk.show()
    desk.fail(is_final=True)
    desk.answer(desk.enough(), BarSource.OWN, has_older=False)
    desk.later(400)
    assert desk.series().problem == ""
    assert desk.series().source is BarSource.OWN
    assert len(desk.venue.asked) == 1


def test_a_venue_without_history_is_asked_again_on_its_next_line() -> None:
    desk = Desk()
    desk.show()
    desk.fail(is_final=True)
    desk.answer(desk.enough(), BarSource.OWN, has_older=False)
    desk.link(Link.OFFLINE)
    desk.link(Link.SYNCING)
    desk.later(1)
    assert len(desk.venue.asked) == 2
    desk.fail(is_final=True)
    desk.later(400)
    assert len(desk.venue.asked) == 2
    assert len(desk.own.asked) == 1
    assert len(desk.series()) == 401


def test_a_connection_nobody_serves_history_for_has_what_was_seen() -> None:
    desk = Desk(venue=False)
    desk.show()
    desk.answer(desk.enough(), BarSource.OWN, has_older=False)
    assert len(desk.series()) == 401


def test_an_answer_that_never_comes_is_a_failure() -> None:
    desk = Desk()
    desk.show()
    desk.later(181)
    assert "in time" in desk.series().problem


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_the_bar_that_was_not_seen_whole_is_asked_for_again_when_it_is_over() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000", at=desk.minute)
    desk.answer([*desk.enough(-1), desk.bar(0, volume=3)])
    desk.later(32)
    desk.trade("5001", at=desk.minute + timedelta(minutes=1))
    desk.later(1)
    desk.later(3)
    assert [one.since for one in desk.venue.asked[1:]] == [desk.minute - timedelta(minutes=1)]
    desk.answer([desk.bar(0, volume=11), desk.bar(1, volume=1)])
    desk.later(5)
    assert desk.series()[-2].is_gap  # the venue may have told of its last trades before it kept them
    desk.later(6)
    desk.answer([desk.bar(0, volume=12), desk.bar(1, volume=1)])
    desk.later(1)
    assert volumes(desk.series())[-2:] == [12, 1]
    assert not any(bar.is_gap for bar in desk.series())
    assert desk.series().complete_from == desk.minute - timedelta(minutes=400)


def whole() -> Desk:
    """Return a desk whose bars are all whole, the market being two minutes further."""
    desk = Desk()
    desk.show()
    desk.trade("5000", at=desk.minute)
    desk.answer([*desk.enough(-1), desk.bar(0, volume=3)])
    for minute in (1, 2):
        desk.later(60)
        desk.trade("5001", at=desk.minute + timedelta(minutes=minute))
        for wait_s in (3, 3, 12):
            desk.later(wait_s)
            if minute == 1 and len(desk.venue.asked) > 1:
                desk.answer([desk.bar(0, volume=12), desk.bar(1, volume=1)])
    assert len(desk.venue.asked) == 2
    assert not any(bar.is_gap for bar in desk.series())
    return desk


def test_what_was_missed_while_the_line_was_down_is_asked_for_when_it_is_back() -> None:
    desk = whole()
    desk.link(Link.OFFLINE)
    desk.later(300)
    assert len(desk.venue.asked) == 2
    desk.link(Link.SYNCING)
    desk.trade("5010", at=desk.minute + timedelta(minutes=8))
    desk.later(1)
    marked = [bar.start for bar in desk.series() if bar.is_gap]
    assert marked == [desk.minute + timedelta(minutes=2), desk.minute + timedelta(minutes=8)]
    assert desk.series().complete_from is None
    desk.later(3)
    assert [one.since for one in desk.venue.asked[2:]] == [marked[0] - timedelta(minutes=1)]
    desk.answer([desk.bar(minute, volume=20) for minute in range(2, 9)])
    desk.later(1)
    assert volumes(desk.series())[-8:] == [1, *[20] * 7]
    assert [bar.start for bar in desk.series() if bar.is_gap] == [marked[1]]  # it is not over


def test_a_line_that_fell_within_a_bar_has_it_asked_for_before_it_is_over() -> None:
    desk = whole()
    desk.link(Link.OFFLINE)
    desk.link(Link.SYNCING)
    desk.trade("5010", at=desk.minute + timedelta(minutes=2))
    desk.later(1)
    assert len(desk.venue.asked) == 2
    desk.later(3)
    assert len(desk.venue.asked) == 3


def test_bars_that_are_whole_stay_the_very_objects_they_were() -> None:
    desk = whole()
    before = desk.series()
    desk.link(Link.OFFLINE)
    desk.link(Link.SYNCING)
    desk.trade("5010", at=desk.minute + timedelta(minutes=2))
    desk.later(1)
    desk.later(3)
    desk.answer([desk.bar(2, volume=20)])
    assert desk.series() is not before
    assert desk.series()[50] is before[50]


def test_what_the_engine_was_too_slow_for_is_asked_for() -> None:
    desk = whole()
    desk.trade("5002", at=desk.minute + timedelta(minutes=2), dropped=9)
    desk.later(1)
    desk.later(3)
    assert len(desk.venue.asked) == 3


def test_a_feed_that_was_down_leaves_a_gap_too() -> None:
    desk = whole()
    desk.state.put_quote("sim", Quote(SYMBOL, stale=True))
    desk.later(1)
    desk.state.put_quote("sim", Quote(SYMBOL, stale=False))
    desk.later(1)
    desk.trade("5010", at=desk.minute + timedelta(minutes=3))
    desk.later(1)
    desk.later(3)
    assert len(desk.venue.asked) == 3


def test_a_gap_the_venue_cannot_fill_stays_marked_and_is_not_asked_for_for_ever() -> None:
    desk = whole()
    desk.link(Link.OFFLINE)
    desk.link(Link.SYNCING)
    desk.trade("5010", at=desk.minute + timedelta(minutes=7))
    for _ in range(100):
        desk.later(10)
        wanted = desk.venue.asked[-1]
        desk.service.on_arrived(HistoryArrived(wanted.ticket, KEY, (), BarSource.VENUE))
    assert len(desk.venue.asked) <= 8
    assert any(bar.is_gap for bar in desk.series())


def test_a_failure_on_the_way_is_not_forgotten_for_a_gap() -> None:
    desk = Desk()
    desk.show()
    desk.trade("5000", at=desk.minute)
    desk.fail(after_s=100)
    desk.answer([], BarSource.OWN, has_older=False)
    desk.later(61)
    desk.trade("5000", at=desk.minute + timedelta(minutes=1))
    for _ in range(3):
        desk.later(10)
    assert len(desk.venue.asked) == 1
    desk.later(20)
    assert len(desk.venue.asked) == 2
    assert desk.venue.asked[1].since < desk.minute - timedelta(days=1)
