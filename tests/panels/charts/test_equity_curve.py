"""The equity curve: steps that hold, few points however many there are, and the moment that is looked at."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.model.equity import EquityKind, EquityPoint
from panels.charts.equity_curve import MARGIN, Curve, EquityCurve, plot_of
from panels.theme import Theme, load_theme
from tests.panels.worlds import NOW, ago

WIDTH, HEIGHT = 300, 100


def curve(*cash: int, marked: tuple[EquityPoint, ...] = ()) -> Curve:
    start = ago(60 * len(cash))
    points = [EquityPoint(start + timedelta(minutes=at), Decimal(one)) for at, one in enumerate(cash)]
    return Curve(tuple(points), marked, NOW)


@pytest.fixture
def widget(theme: Theme, qtbot: QtBot) -> Iterator[EquityCurve]:
    made = EquityCurve(theme)
    qtbot.addWidget(made)
    made.resize(WIDTH, HEIGHT)
    made.show()
    yield made


def corners(drawn: Curve) -> list[QPointF]:
    plot = plot_of(drawn, WIDTH, HEIGHT)
    assert plot is not None
    return [plot.steps.at(at) for at in range(plot.steps.count())]


def test_closed_equity_holds_until_the_next_trade_and_the_last_until_now() -> None:
    places = corners(curve(100, 110, 105))
    for before, after in pairwise(places):
        assert before.x() == after.x() or before.y() == after.y()
    assert places[0].x() == MARGIN and places[-1].x() == pytest.approx(WIDTH - MARGIN)
    assert places[-1].y() == places[-2].y()


def test_more_money_is_higher_and_all_of_it_is_inside() -> None:
    places = corners(curve(100, 110, 90))
    levels = list(dict.fromkeys(place.y() for place in places))
    assert levels[1] < levels[0] < levels[2]
    assert all(MARGIN <= place.y() <= HEIGHT - MARGIN for place in places)


def test_a_curve_that_never_moved_is_a_line_in_the_middle() -> None:
    assert {place.y() for place in corners(curve(100, 100))} == {HEIGHT / 2}


def test_ten_thousand_trades_cost_no_more_points_than_the_columns_can_show() -> None:
    assert len(corners(curve(*(100 + at % 13 for at in range(10_000))))) <= 8 * WIDTH + 2


def test_marked_equity_is_a_line_of_its_own_within_the_same_scale() -> None:
    marked = (EquityPoint(ago(30), Decimal(150)), EquityPoint(NOW, Decimal(160)))
    plot = plot_of(curve(100, 110, marked=marked), WIDTH, HEIGHT)
    assert plot is not None and plot.marked.count() == 2
    assert min(plot.steps.at(at).y() for at in range(plot.steps.count())) > plot.marked.at(1).y() >= MARGIN


def test_money_set_anew_has_a_mark() -> None:
    drawn = curve(100, 110)
    moved = Curve((*drawn.points, EquityPoint(ago(10), Decimal(500), EquityKind.RESET)), (), NOW)
    plot = plot_of(moved, WIDTH, HEIGHT)
    assert plot is not None and len(plot.moved) == 1


def test_nothing_to_draw_and_no_room_to_draw_it_are_no_plot() -> None:
    assert plot_of(Curve((), (), NOW), WIDTH, HEIGHT) is None
    assert plot_of(curve(1, 2), 10, 10) is None


def test_the_pointer_finds_the_equity_in_force_at_its_moment(widget: EquityCurve) -> None:
    seen: list[EquityPoint | None] = []
    widget.looked_at.connect(seen.append)
    widget.show_curve(curve(100, 110, 105))
    for share in (0.0, 0.5, 0.99):
        QTest.mouseMove(widget, QPointF(MARGIN + share * (WIDTH - 2 * MARGIN), 50).toPoint())
    widget.leaveEvent(None)
    assert [None if one is None else one.cash for one in seen] == [100, 110, 105, None]


def test_the_arrow_keys_walk_from_trade_to_trade(widget: EquityCurve) -> None:
    seen: list[EquityPoint | None] = []
    widget.looked_at.connect(seen.append)
    widget.show_curve(curve(100, 110, 105))
    for key in (*[Qt.Key.Key_Left] * 4, Qt.Key.Key_Right, Qt.Key.Key_Escape):
        QTest.keyClick(widget, key)
    assert [None if one is None else one.cash for one in seen] == [105, 110, 100, 100, 110, None]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_is_painted_in_the_ink_of_its_theme(widget: EquityCurve, name: str) -> None:
    theme = load_theme(name)
    widget.set_theme(theme)
    widget.show_curve(curve(*range(100, 120)))
    picture = widget.grab().toImage()
    ink = theme.colour("ink.1").rgb()
    assert any(picture.pixel(x, y) == ink for x in range(WIDTH) for y in range(HEIGHT))
