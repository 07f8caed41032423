"""Which bars and prices are in view: zoom, pan, following the last bar, and own lines that may widen the range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.charts.view_range import LEAST_BARS, MOST_BARS, ViewRange, end_of, is_settled, price_range


@given(
    right=st.floats(0, 5000),
    count=st.floats(20, 5000),
    factor=st.floats(0.5, 2),
    anchor=st.floats(0, 1),
)
def test_what_lies_at_the_pointer_stays_there(right: float, count: float, factor: float, anchor: float) -> None:
    view = ViewRange(right, count, follows=False).panned(0, 10_000)
    zoomed = view.zoomed(factor, 10_000, anchor)
    held = (zoomed.right >= end_of(zoomed.count, 10_000)) or zoomed.right <= zoomed.count * 0.1 + 1e-6
    if not held and LEAST_BARS < zoomed.count < MOST_BARS:
        assert view.left + anchor * view.count == pytest.approx(zoomed.left + anchor * zoomed.count, abs=1e-6)


@given(
    total=st.integers(0, 5000),
    moves=st.lists(
        st.tuples(st.sampled_from(["pan", "zoom", "key", "start", "end"]), st.floats(-3000, 3000)), max_size=9
    ),
)
def test_wherever_one_goes_some_bars_stay_in_view(total: int, moves: list[tuple[str, float]]) -> None:
    view = ViewRange().followed(total)
    for word, amount in moves:
        match word:
            case "pan":
                view = view.panned(amount, total)
            case "zoom":
                view = view.zoomed(2.0 ** (amount / 1000), total, 0.3)
            case "key":
                view = view.zoomed(0.8, total)
            case "start":
                view = view.from_start(total)
            case _:
                view = view.followed(total)
        first, end = view.visible(total)
        assert 0 <= first <= end <= total
        assert end > first or total == 0
        assert LEAST_BARS <= view.count <= MOST_BARS


def test_a_new_bar_moves_the_view_only_while_it_follows() -> None:
    view = ViewRange(count=100).followed(500)
    assert view.grown(501).right == view.right + 1
    stays = view.panned(-50, 500)
    assert not stays.follows
    assert stays.grown(501) == stays


def test_panning_back_to_the_end_follows_again() -> None:
    view = ViewRange(count=100).followed(500).panned(-50, 500)
    assert view.panned(30, 500).follows is False
    assert view.panned(60, 500) == ViewRange(count=100).followed(500)


def test_zooming_at_the_pointer_leaves_the_last_bar_and_by_key_keeps_it() -> None:
    view = ViewRange(count=100).followed(500)
    assert view.zoomed(0.5, 500, 0.2).follows is False
    assert view.zoomed(2, 500, 0.2).follows is True
    by_key = view.zoomed(0.5, 500)
    assert by_key.follows
    assert by_key.right == end_of(50, 500)


def test_bars_that_come_in_front_move_nothing_on_the_screen() -> None:
    view = ViewRange(right=150.0, count=100, follows=False)
    assert view.shifted(512).left - view.left == 512


def test_own_lines_widen_the_range_until_the_bars_could_not_be_read() -> None:
    lows, highs = [100.0, 101.0], [104.0, 105.0]
    near = price_range(lows, highs, [98.0, 107.0])
    assert near is not None
    assert near[0] < 98 < 107 < near[1]
    far = price_range(lows, highs, [98.0, 150.0])
    assert far is not None
    assert far[0] < 98
    assert far[1] < 107
    assert price_range([], []) is None


def test_the_first_bar_of_a_day_leaves_room_for_a_stop() -> None:
    found = price_range([5050.0], [5050.5], [5047.0], least=4.0)
    assert found is not None
    assert found[0] < 5047.0
    assert price_range([5050.0], [5050.5], [5047.0]) != found


def test_a_bar_of_one_price_has_a_range() -> None:
    found = price_range([5050.0], [5050.0])
    assert found is not None
    assert found[0] < 5050.0 < found[1]


def test_a_range_is_kept_until_something_is_cut_off_or_much_is_empty() -> None:
    assert is_settled((99.0, 106.0), (99.1, 105.9))
    assert not is_settled((99.0, 106.0), (99.0, 107.0))
    assert not is_settled((90.0, 120.0), (99.0, 106.0))
