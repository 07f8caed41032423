"""VWAP and point of control on the chart: of one source, which is named where it is not every trade of the day."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.model.bar_studies import DayFigures
from panels.charts.day_lines import LastDay
from panels.charts.studies_lines import study_lines
from tests.panels.worlds import ES, NOW, ago, studies

CHICAGO = ZoneInfo("America/Chicago")
DAY = LastDay(
    ago(9 * 3600), ago(-7 * 3600), DayFigures(Decimal("5049.4712"), Decimal("5048.25")), Decimal("5049.25"), False
)


def test_what_was_counted_whole_is_the_figure_also_where_the_line_comes_from_bars() -> None:
    vwap, poc = study_lines(studies(), DAY, ES, NOW)
    assert (vwap.words, poc.words) == ("VWAP 5050.75", "POC 5050.00")
    assert (vwap.name, poc.name) == ("VWAP", "POC")
    assert (vwap.since, poc.since) == (None, studies().since)
    assert (vwap.dashed, poc.dashed) == (False, True)


def test_bars_of_the_whole_day_come_before_what_was_counted_of_a_part_of_it_and_say_so() -> None:
    for part in (studies(is_whole=False), None):
        vwap, poc = study_lines(part, DAY, ES, NOW)
        assert (vwap.words, poc.words) == ("VWAP ≈5049.50 by bars", "POC ≈5048.25 by bars")
        assert (vwap.price, poc.since) == (Decimal("5049.4712"), DAY.begins)


def test_without_bars_of_the_whole_day_the_count_says_since_when_and_is_a_level() -> None:
    vwap, poc = study_lines(studies(is_whole=False), None, ES, NOW, CHICAGO)
    assert (vwap.words, poc.words) == ("VWAP ≈5050.75 since 03:41", "POC ≈5050.00 since 03:41")
    assert vwap.since == poc.since == studies().since


def test_a_day_that_is_over_has_no_figures() -> None:
    over = NOW + timedelta(hours=7)
    assert study_lines(studies(), DAY, ES, over) == ()
    assert study_lines(None, None, ES, NOW) == ()
    assert [one.words for one in study_lines(studies(ends_at=NOW), DAY, ES, NOW)][:1] == ["VWAP ≈5049.50 by bars"]


def test_a_figure_the_bars_do_not_tell_is_left_out() -> None:
    day = replace(DAY, figures=DayFigures(Decimal("5049.50"), None))
    assert [one.name for one in study_lines(None, day, ES, NOW)] == ["≈VWAP"]
    assert study_lines(None, replace(DAY, figures=DayFigures()), ES, NOW) == ()
