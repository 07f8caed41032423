"""Own fills and trades on the bars: in the bar they were done in, shape and side before colour."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.model.fill import Side
from panels.charts.bar_columns import BarColumns
from panels.charts.trade_marks import Connector, Mark, connectors_of, marks_of, triangle
from tests.panels.charts.chart_worlds import series
from tests.panels.worlds import ES_KEY, MES_KEY, NOW, fill, trade


def columns() -> BarColumns:
    """Return a hundred minutes up to NOW."""
    made = BarColumns()
    made.take(series(100))
    return made


def test_fills_stand_in_their_bar_and_parts_of_one_are_one_mark() -> None:
    at = NOW - timedelta(minutes=30)
    parts = [fill(number, fill_time=at + timedelta(seconds=number)) for number in (1, 2)]
    other = fill(3, fill_time=at, side=Side.SELL, price=Decimal("5051.00"))
    assert marks_of([*parts, other], ES_KEY, columns()) == (
        Mark(70, Side.BUY, 5050.25, Decimal(2)),
        Mark(70, Side.SELL, 5051.0, Decimal(1)),
    )


def test_fills_of_others_before_the_first_bar_or_without_a_price_have_no_mark() -> None:
    early = fill(1, fill_time=NOW - timedelta(days=3))
    none = fill(2, price=None)
    other = fill(3, key=MES_KEY)
    assert marks_of([early, none, other], ES_KEY, columns()) == ()


def test_a_round_trip_joins_its_ends_and_says_whether_it_made_money() -> None:
    made = trade(entry_time=NOW - timedelta(minutes=40), exit_time=NOW - timedelta(minutes=10))
    lost = replace(made, realized_pnl=Decimal(-50))
    unknown = replace(made, realized_pnl=None)
    assert connectors_of([made, lost, unknown], ES_KEY, columns()) == (
        Connector(60, 5050.25, 90, 5052.75, 1),
        Connector(60, 5050.25, 90, 5052.75, -1),
        Connector(60, 5050.25, 90, 5052.75, 0),
    )
    assert connectors_of([replace(made, exit_price=None), replace(made, entry_time=None)], ES_KEY, columns()) == ()


def test_a_buy_points_up_from_below_and_a_sale_down_from_above() -> None:
    bought, sold = triangle(100, 50, Side.BUY), triangle(100, 50, Side.SELL)
    assert bought.boundingRect().top() == 50
    assert sold.boundingRect().bottom() == 50
    assert bought.at(0) == sold.at(0)
