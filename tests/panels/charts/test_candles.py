"""Candles and volume in device pixels: sharp, in their place, and of few bars as well as of very many."""

from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.charts.bar_columns import BarColumns
from panels.charts.candles import Shapes, body_width, candles, shapes_of
from panels.charts.chart_frame import ChartFrame
from panels.charts.view_range import ViewRange
from panels.charts.volume import highest_volume, volume_box, volume_rects
from tests.panels.charts.chart_worlds import series


def columns(count: int = 400) -> BarColumns:
    """Return the columns of so many bars and a forming one."""
    made = BarColumns()
    made.take(series(count))
    return made


def frame(seen: float, total: int = 401, ratio: float = 1.0, width: int = 860) -> ChartFrame:
    """Return a frame that shows so many bars."""
    return ChartFrame(width, 480, ratio, 60, ViewRange(count=seen).followed(total), 5030.0, 5070.0)


def drawn(shapes: Shapes) -> int:
    """Return how many bodies, or lines, there are."""
    return len(shapes.rising) + len(shapes.falling) or len(shapes.rising_wicks) + len(shapes.falling_wicks)


def test_a_rising_bar_is_hollow_with_its_wick_outside_and_a_falling_one_solid() -> None:
    shown = frame(40)
    shapes = candles(range(2), ([5050.0, 5052.0], [5053.0, 5053.0], [5049.0, 5049.0], [5052.0, 5050.0]), shown)
    (rising,), (falling,) = shapes.rising, shapes.falling
    assert shapes.hollow
    assert rising.top() == falling.top()
    # An outline is painted a pixel wider and higher than it is.
    rising = rising.adjusted(0, 0, 1, 1)
    assert rising.height() == falling.height()
    assert {(one.y1(), one.y2()) for one in shapes.rising_wicks} == {
        (round(shown.scale.y(5053.0)), rising.top() - 1),
        (rising.top() + rising.height(), round(shown.scale.y(5049.0))),
    }
    assert len(shapes.falling_wicks) == 1


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_wick_is_in_the_middle_of_its_body_at_every_scale_of_the_screen(ratio: float) -> None:
    shown = frame(60, ratio=ratio)
    shapes = shapes_of(columns(), 300, 400, shown)
    middles = {one.x1() for one in (*shapes.rising_wicks, *shapes.falling_wicks)}
    edge = int(shapes.hollow)
    rising = [one.adjusted(0, 0, edge, edge) for one in shapes.rising]
    assert all(one.width() % 2 == 1 for one in (*rising, *shapes.falling))
    assert all(one.x() + one.width() // 2 in middles for one in shapes.falling)
    place = 350
    body = next(
        one for one in (*rising, *shapes.falling) if one.x() <= round((place + 0.5) * shown.pitch) <= one.right() + 1
    )
    assert (body.x() + body.width() // 2 - shown.offset + 0.5) / ratio == pytest.approx(shown.middle(place))


def test_panning_moves_the_shapes_and_changes_none() -> None:
    held, here = columns(), frame(120)
    there = ChartFrame(860, 480, 1.0, 60, here.view.panned(-33.3, 401), 5030.0, 5070.0)
    assert shapes_of(held, 100, 200, here).rising == shapes_of(held, 100, 200, there).rising


@given(seen=st.floats(20, 4000))
def test_every_bar_in_view_is_in_some_line_and_no_line_is_drawn_twice(seen: float) -> None:
    held, shown = columns(2000), frame(seen, 2001)
    first, end = shown.view.visible(2000)
    shapes = shapes_of(held, first, end, shown)
    lowest = max(one.y2() for one in (*shapes.rising_wicks, *shapes.falling_wicks))
    assert lowest >= round(shown.scale.y(min(held.lows[first:end]))) - 1
    assert drawn(shapes) <= max(end - first, 1)
    assert drawn(shapes) <= 2 * shown.right + 2


def test_where_many_bars_share_a_pixel_the_groups_stay_the_same_wherever_one_pans() -> None:
    held, shown = columns(4000), frame(4000, 4001, width=460)
    lines = {(one.x1(), one.y1(), one.y2()) for one in shapes_of(held, 0, 4000, shown).rising_wicks}
    others = {(one.x1(), one.y1(), one.y2()) for one in shapes_of(held, 1003, 3000, shown).rising_wicks}
    assert len(others - lines) <= 1


@pytest.mark.parametrize(("pitch", "width"), [(0.4, 1), (3.0, 1), (5.0, 3), (10.0, 7), (40.0, 27)])
def test_a_body_leaves_a_gap_to_the_next(pitch: float, width: int) -> None:
    assert body_width(pitch) == width
    assert width < pitch or width == 1


def test_volume_stands_on_the_axis_and_the_highest_reaches_the_head() -> None:
    held, shown = columns(), frame(100)
    highest = highest_volume(held, 300, 401)
    rising, falling = volume_rects(held, 300, 400, highest, shown)
    assert len(rising) + len(falling) == 100
    assert {one.y() + one.height() for one in (*rising, *falling)} == {round(shown.bottom)}
    tallest = max((*rising, *falling), key=lambda one: one.height())
    assert tallest.y() == pytest.approx(shown.volume_top, abs=1)
    assert volume_box(400, highest / 2, highest, shown).height() == pytest.approx(tallest.height() / 2, abs=1)


def test_without_volume_nothing_is_drawn() -> None:
    assert volume_rects(columns(), 0, 10, 0.0, frame(100)) == ([], [])
    assert volume_box(3, 0.0, 0.0, frame(100)).isEmpty()


def test_many_bars_share_their_volume_too() -> None:
    held, shown = columns(4000), frame(4000, 4001, width=460)
    rising, falling = volume_rects(held, 0, 4000, highest_volume(held, 0, 4001), shown)
    assert len(rising) + len(falling) <= 500


@given(seen=st.floats(10, 3000), ratio=st.sampled_from([1.0, 1.25, 1.5, 2.0]), x=st.floats(0, 799))
def test_a_pixel_and_its_place_among_the_bars_are_one(seen: float, ratio: float, x: float) -> None:
    shown = frame(seen, ratio=ratio)
    assert shown.x(shown.index(x)) == pytest.approx(x, abs=1e-6)
    place = int(shown.index(x) // 1)
    assert abs(shown.middle(place) - shown.x(place + 0.5)) <= 1.1 / ratio


def test_the_sharp_place_is_the_middle_of_a_device_pixel() -> None:
    for ratio in (1.0, 1.25, 1.5, 2.0):
        at = frame(100, ratio=ratio).sharp(123.4)
        assert (at * ratio) % 1 == pytest.approx(0.5)
        assert abs(at - 123.4) <= 0.5 / ratio + 1e-9


def test_a_price_is_where_the_scale_says() -> None:
    shown = frame(100)
    assert shown.scale.on_grid(shown.scale.y(5051.25), Decimal("0.25")) == Decimal("5051.25")
    assert shown.scale.top < shown.scale.y(5069.0) < shown.scale.y(5031.0) < shown.volume_top


def test_only_what_is_in_view_is_drawn_of_what_is_in_stock() -> None:
    held, shown = columns(), frame(120)
    first, end = shown.view.visible(400)
    left, right = shown.offset - ceil(shown.pitch), shown.offset + 800
    part = shapes_of(held, 0, 400, shown).between(left, right)
    whole = shapes_of(held, first, end, shown)
    for kept, wanted in (
        (part.rising, whole.rising),
        (part.falling, whole.falling),
        (part.rising_wicks, whole.rising_wicks),
        (part.falling_wicks, whole.falling_wicks),
    ):
        assert all(one in kept for one in wanted)
        assert len(kept) <= len(wanted) + 4
