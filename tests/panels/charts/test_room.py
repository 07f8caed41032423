"""What a chart shows in how much room: the bars come first, words where they hide none of the last ones."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from panels.action_ids import ActionIds
from panels.chart_panel import ChartPanel
from panels.charts.chart_frame import ChartFrame
from panels.charts.live_layer import CLEAR_BARS, readout_of, tags_of
from panels.charts.tags import PlacedTag, TagMeasure
from panels.charts.view_range import ViewRange
from panels.feed_watch import FeedWatch
from panels.theme import Theme
from tests.panels.charts.chart_worlds import charted, entry, series, stop, target, trading
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import by_id, quote

Made = Callable[[int, int], Bench]


@pytest.fixture
def made(theme: Theme, ids: ActionIds, clock: HandClock, bench: Callable[..., Bench], qtbot: QtBot) -> Made:
    def make(width: int, height: int) -> Bench:
        found = bench(ChartPanel(theme, ids, FeedWatch(), ZoneInfo("America/Chicago")))
        found.widget.resize(width, height)
        with qtbot.waitExposed(found.widget):
            found.widget.show()
        found.show(trading())
        found.widget.grab()
        return found

    return make


def frame_of(panel: Bench) -> ChartFrame:
    """Return where everything of a chart lies."""
    found = panel.widget.view.frame()
    assert found is not None
    return found  # type: ignore[no-any-return]


def tags(panel: Bench) -> list[PlacedTag]:
    """Return the tags of a chart."""
    return tags_of(panel.widget.view.scene, frame_of(panel), TagMeasure())


def test_the_figures_take_no_row_of_their_own() -> None:
    frame = ChartFrame(660, 150, 1.0, 60, ViewRange(), 5000.0, 5100.0)
    assert frame.scale.y(5100.0) < 8
    assert frame.scale.y(5000.0) > frame.height * 0.65


@pytest.mark.parametrize("width", [420, 600, 900, 1400])
@pytest.mark.parametrize("count", [10.0, 120.0, 1000.0])
def test_the_figures_hide_none_of_the_last_bars(made: Made, width: int, count: float) -> None:
    panel = made(width, 300)
    view = panel.widget.view
    view.range.view = ViewRange(count=count).followed(201)
    frame = frame_of(panel)
    boxes = [box for box, _, _ in readout_of(view.scene, frame, TagMeasure())]
    assert all(box.right() <= max(frame.x(201 - CLEAR_BARS), frame.x(201 - count * 0.3)) for box in boxes)
    assert boxes or (width == 420 and count == 10)


def test_the_figures_of_the_bar_under_the_pointer_are_shown_with_the_vwap_it_had(made: Made) -> None:
    panel = made(1400, 300)
    panel.show(charted(trading(), series(1000)))
    view, frame = panel.widget.view, frame_of(panel)
    last = [words for _, words, _ in readout_of(view.scene, frame, TagMeasure())]
    view.scene.pointer = QPointF(frame.middle(960), 40)
    then = [words for _, words, _ in readout_of(view.scene, frame, TagMeasure())]
    assert last[0].startswith("O 5051.50  H 5052.00")
    assert last[2:] == ["VWAP 5050.75", "POC 5050.00"]
    assert then[0] != last[0]
    assert then[2].endswith("by bars")
    assert then[2:] != last[2:]
    assert then[3] == "POC 5050.00"


def test_the_words_of_old_prices_lie_over_neither_figures_nor_tags(made: Made) -> None:
    panel = made(600, 150)
    panel.show(trading(quotes={("sim", "ESZ5"): quote(age_s=600)}), 1.0)
    view = panel.widget.view
    chip = view.words.stale.geometry()
    figures = [box for box, _, _ in readout_of(view.scene, frame_of(panel), TagMeasure())]
    assert view.words.stale.isVisible()
    assert figures
    assert all(box.right() <= chip.left() for box in figures)
    assert all(one.box.top() >= chip.bottom() or one.box.right() <= chip.left() for one in tags(panel))
    panel.show(trading(), 1.0)
    assert len(readout_of(view.scene, frame_of(panel), TagMeasure())) > len(figures)


def test_a_tag_that_would_take_much_of_the_width_leaves_out_that_the_broker_holds_it(made: Made) -> None:
    assert [one.words for one in tags(made(900, 300)) if "STOP" in one.words] == ["STOP 2 · SERVER · −500.00 · −1.0R"]
    assert [one.words for one in tags(made(420, 300)) if "STOP" in one.words] == ["STOP 2 · −500.00 · −1.0R"]


@pytest.mark.parametrize("height", [90, 110, 140, 190, 400])
def test_at_every_height_each_tag_can_be_read_and_taken_hold_of(made: Made, height: int) -> None:
    panel = made(900, height)
    many = [stop(at, f"{5046 + at}.25") for at in range(1, 3)]
    panel.show(trading(orders=by_id(*many, target(5), target(6, "5056.00"), entry(7))))
    boxes = [one.box for one in tags(panel)]
    assert len(boxes) == 6
    for at, box in enumerate(boxes):
        assert box.bottom() <= frame_of(panel).bottom
        for other in boxes[at + 1 :]:
            shared = box.intersected(other)
            assert shared.isEmpty() or shared.height() <= 4


def test_the_lowest_chart_still_shows_bars_from_its_head_to_its_foot(made: Made) -> None:
    panel = made(600, 60)
    assert panel.widget.minimumSizeHint().height() <= 80
    panel.widget.resize(600, panel.widget.minimumSizeHint().height())
    panel.show(trading())
    frame = frame_of(panel)
    assert panel.widget.view.isVisible()
    assert frame.is_low
    assert frame.bottom == frame.height
    assert frame.volume_top == frame.bottom
    assert frame.scale.bottom - frame.scale.top > frame.height * 0.7
    assert readout_of(panel.widget.view.scene, frame, TagMeasure()) == []
