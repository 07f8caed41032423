"""The VWAP of a day as it is drawn: through its bars, broken behind a gap, and the same while one pans."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from core.model.bar_studies import DayTotals
from panels.charts.chart_frame import ChartFrame, wick_of
from panels.charts.day_lines import DayLine
from panels.charts.day_paths import DASH, paint_paths, paths_of
from panels.charts.view_range import ViewRange

FRAME = ChartFrame(660, 320, 1.0, 60, ViewRange(200.0, 100.0), 5000.0, 5100.0)


def line(first: int = 100, count: int = 90, gap: int | None = None) -> DayLine:
    """Return a VWAP that rises by a point with each bar."""
    return DayLine(first, DayTotals(None), [Decimal(5000 + at) for at in range(count)], gap)


def test_a_path_goes_through_the_middle_of_every_bar() -> None:
    (path,) = paths_of([line()], 100, 190, FRAME)
    assert [(point.x(), point.y()) for point in path] == [
        (wick_of(at, FRAME.pitch) + 0.5, FRAME.scale.y(5000 + at - 100)) for at in range(100, 190)
    ]


def test_behind_a_gap_the_path_is_broken_and_joins_on() -> None:
    whole, *dashes = paths_of([line(gap=150)], 100, 190, FRAME)
    assert len(whole) == 50
    assert dashes[0][0].x() <= whole[-1].x() + 2 * DASH
    inked = sum(dash[-1].x() - dash[0].x() for dash in dashes)
    assert 0.4 < inked / (wick_of(190, FRAME.pitch) - whole[-1].x()) < 0.7
    begun = paths_of([line(gap=100)], 100, 190, FRAME)
    assert all(dash[-1].x() - dash[0].x() < 2 * DASH for dash in begun)
    later = {dash[0].x() for dash in paths_of([line(gap=100)], 150, 190, FRAME)[1:]}
    assert later <= {dash[0].x() for dash in begun}


def test_two_days_are_two_paths_and_a_bar_without_volume_is_left_out() -> None:
    first, then = line(100, 40), line(140, 50)
    first.prices[0] = None
    paths = paths_of([first, then], 100, 190, FRAME)
    assert [len(path) for path in paths] == [39, 50]


@pytest.mark.parametrize("first", [0, 7, 300])
def test_where_bars_are_many_the_same_few_are_joined_wherever_the_view_is(first: int) -> None:
    frame = replace(FRAME, view=ViewRange(1200.0, 1200.0))
    points = {point.x() for path in paths_of([line(0, 1200)], 0, 1200, frame) for point in path}
    assert len(points) < 250
    seen = {point.x() for path in paths_of([line(0, 1200)], first, 900, frame) for point in path[1:-1]}
    assert seen <= points


def test_it_is_painted_where_it_is_and_nowhere_else(qtbot: QtBot) -> None:
    image, violet = QImage(660, 320, QImage.Format.Format_RGB32), QColor("#C9A6FF")
    image.fill(QColor("black"))
    painter = QPainter(image)
    painter.translate(-FRAME.offset, 0)
    paint_paths(painter, paths_of([line()], 100, 190, FRAME), FRAME.offset, FRAME.offset + 660, violet, 2)
    painter.end()
    x = wick_of(150, FRAME.pitch) - FRAME.offset
    inked = [y for y in range(320) if image.pixelColor(x, y).lightness() > 60]
    assert inked
    assert all(abs(y - FRAME.scale.y(5050)) < 4 for y in inked)
