"""The VWAP of the trading days: of days that are known from their beginning, reckoned once for each bar that closes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.bar import Bar, BarSeries, extended
from core.model.bar_studies import DayTotals
from core.model.session import AROUND_THE_CLOCK, GLOBEX_EQUITY_INDEX, SessionTemplate
from panels.charts.bar_columns import BarColumns
from panels.charts.day_lines import DayLines
from tests.panels.charts.chart_worlds import KEY, TICK, bars

MIDNIGHT = datetime(2025, 11, 12, tzinfo=UTC)
# Half-hours of three days and a half, and the last two of the day before those.
ALL = bars(170, MIDNIGHT + timedelta(hours=12), step_s=1800)


class Days:
    """Lines that follow a series."""

    def __init__(self, hours: SessionTemplate = AROUND_THE_CLOCK) -> None:
        self.columns, self.lines, self.hours = BarColumns(), DayLines(), hours

    def take(self, closed: tuple[Bar, ...], forming: Bar | None = None, front: tuple[Bar, ...] = ()) -> "Days":
        """Take bars; those in front are in chunks of their own, as history has them."""
        chunks = (*extended((), front), *extended((), closed))
        older = self.columns.take(BarSeries(KEY, chunks, forming))
        self.lines.follow(self.columns, older, self.hours, TICK)
        return self


def by_hand(days: tuple[Bar, ...]) -> list[Decimal | None]:
    """Return the VWAP after each bar of one day."""
    totals, found = DayTotals(TICK), []
    for bar in days:
        totals.add(bar)
        found.append(totals.vwap)
    return found


def test_each_day_begins_anew_at_its_start() -> None:
    days = Days().take(ALL)
    lines = days.lines.between(0, len(ALL))
    starts = [at for at, bar in enumerate(ALL) if bar.start.time() == MIDNIGHT.time()]
    assert [line.first for line in lines] == starts
    for line, first, end in zip(lines, starts, [*starts[1:], len(ALL)], strict=True):
        assert line.prices == by_hand(ALL[first:end])
        assert days.lines.at(first) == line.prices[0]


def test_a_day_whose_beginning_is_not_among_the_bars_has_no_line() -> None:
    part = tuple(bar for bar in ALL if bar.start >= MIDNIGHT + timedelta(minutes=30))
    days = Days().take(part)
    assert days.lines.between(0, len(part)) == []
    assert days.lines.last() is None
    assert days.lines.at(3) is None
    whole = tuple(bar for bar in ALL if bar.start >= MIDNIGHT)
    assert len(Days().take(whole).lines.between(0, len(whole))) == 1


def test_a_day_of_which_trades_may_be_missing_before_its_first_bar_has_no_line() -> None:
    marked = tuple(replace(bar, is_gap=bar.start == MIDNIGHT) for bar in ALL)
    days = Days().take(marked)
    assert days.lines.last() is None
    assert len(days.lines.between(0, len(marked))) == 3


def test_from_a_bar_on_of_which_trades_may_be_missing_the_line_is_broken() -> None:
    at = len(ALL) - 5
    marked = (*ALL[:at], replace(ALL[at], is_gap=True), *ALL[at + 1 :])
    days = Days().take(marked)
    last = days.lines.last()
    assert last is not None
    assert last.is_broken
    assert days.lines.between(at, len(ALL))[0].gap == at
    mended = days.take(ALL).lines.last()
    assert mended is not None
    assert not mended.is_broken


def test_futures_begin_their_day_at_five_in_chicago_and_monday_on_friday_evening() -> None:
    opening = datetime(2025, 11, 9, 23, tzinfo=UTC)  # Sunday, 17:00 in Chicago
    after = bars(20, opening + timedelta(hours=10), step_s=1800)
    days = Days(GLOBEX_EQUITY_INDEX).take(after)
    last = days.lines.last()
    assert last is not None
    assert last.begins == opening
    assert last.ends == datetime(2025, 11, 10, 23, tzinfo=UTC)
    assert Days(GLOBEX_EQUITY_INDEX).take(after[1:]).lines.last() is None


def test_the_last_day_has_the_bar_that_forms_in_its_figures() -> None:
    days = Days().take(ALL[:-1], ALL[-1])
    last = days.lines.last()
    today = tuple(bar for bar in ALL if bar.start >= MIDNIGHT)
    assert last is not None
    assert last.figures.vwap == by_hand(today)[-1]
    assert last.before == by_hand(today)[-2]
    only = Days().take(ALL[: -len(today)], today[0]).lines.last()
    assert only is not None
    assert only.before is None
    assert only.begins == MIDNIGHT


def test_a_tick_adds_no_closed_bar_again_and_one_that_closes_adds_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[Bar] = []
    add = DayTotals.add

    def counted(totals: DayTotals, bar: Bar) -> None:
        added.append(bar)
        add(totals, bar)

    monkeypatch.setattr(DayTotals, "add", counted)
    days = Days().take(ALL[:-2], ALL[-2])
    days.lines.last()
    added.clear()
    for more in range(5):
        days.take(ALL[:-2], replace(ALL[-2], volume=Decimal(1000 + more))).lines.last()
    assert added == []
    days.take(ALL[:-1], ALL[-1]).lines.last()
    assert added == [ALL[-2]]


def test_bars_that_come_in_front_have_no_day_reckoned_anew() -> None:
    days = Days().take(ALL[90:])
    before = days.lines.between(0, len(ALL) - 90)
    after = days.take(ALL[90:], front=ALL[:90]).lines.between(90, len(ALL))
    assert [line.totals for line in before] == [line.totals for line in after][1:]
    assert after[-1].first + len(after[-1].prices) == len(ALL)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["older", "newer", "mended", "marked", "asked"]), st.integers(1, 40)), max_size=8
    )
)
def test_whatever_the_bars_do_the_lines_are_those_of_the_bars_there_are(steps: list[tuple[str, int]]) -> None:
    held, first, end, days = list(ALL), 60, 120, Days()
    for word, amount in steps:
        at = first + amount % (end - first)
        if word == "older":
            first = max(0, first - amount)
        elif word == "newer":
            end = min(len(ALL), end + amount)
        elif word == "asked":
            days.lines.at(amount)
        else:
            held[at] = replace(held[at], volume=Decimal(1000 + amount), is_gap=word == "marked")
        front, rest = tuple(held[first:60]), tuple(held[60:end])
        days.take(rest, front=front)
        fresh = Days().take((*front, *rest))
        total = end - first
        assert [(one.first, one.gap, one.prices) for one in days.lines.between(0, total)] == [
            (one.first, one.gap, one.prices) for one in fresh.lines.between(0, total)
        ]
        assert days.lines.last() == fresh.lines.last()


def test_of_more_days_than_can_be_told_apart_none_is_drawn() -> None:
    many = bars(60, MIDNIGHT, step_s=86_400)
    assert Days().take(many).lines.between(0, 60) == []
