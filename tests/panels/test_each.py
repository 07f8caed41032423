"""What one part of the window cannot draw keeps nothing else from being drawn, and is said."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import ClosePosition
from core.snapshot import Snapshot
from panels import deck as places
from panels.dom_rows import BID
from panels.each import each, parts_of
from panels.failed_cover import FailedCover
from panels.order_entry_panel import OrderEntryPanel
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, flat, long_two, quote


def fail(*_: Any) -> None:
    raise ValueError("cannot be drawn")


def test_every_step_is_taken_and_what_failed_is_raised() -> None:
    taken: list[int] = []
    with pytest.raises(ValueError):
        each(fail, lambda: taken.append(1))
    with pytest.raises(ExceptionGroup) as several:
        each(fail, lambda: taken.append(2), fail)
    assert taken == [1, 2] and len(several.value.exceptions) == 2


@pytest.mark.parametrize("broken", ["banner", "band", "ticket", "account", "chart"])
def test_a_panel_that_fails_leaves_the_way_out(view: Bench, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    view.show(flat())
    monkeypatch.setattr(getattr(view.widget, broken), "refresh", fail)
    with pytest.raises(ValueError):
        view.show(long_two(), after_s=1)
    assert view.text("p2Close") and view.is_shown("p2Close")
    view.press("p2Close")
    assert view.intents == [ClosePosition("A1", ES_KEY)]


def test_a_figure_of_the_position_that_fails_leaves_the_way_out(view: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view.show(flat())
    monkeypatch.setattr(view.widget.position.live, "refresh", fail)
    with pytest.raises(ValueError):
        view.show(long_two(), after_s=1)
    view.press("p2Close")
    assert view.intents == [ClosePosition("A1", ES_KEY)]


def test_a_panel_that_fails_while_only_prices_move_leaves_the_others(
    view: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    now = long_two()
    view.show(now)
    monkeypatch.setattr(view.widget.ticket, "refresh", lambda *_: drawn.append("ticket"))
    monkeypatch.setattr(view.widget.deck.docks[places.CHART], "refresh", fail)
    monkeypatch.setattr(view.widget.deck.docks[places.POSITION], "refresh", lambda *_: drawn.append("position"))
    with pytest.raises(ValueError):
        view.show(replace(now, quotes=MappingProxyType({("sim", "ESZ5"): quote("5052.00")})), after_s=0.1)
    assert drawn == ["position"]


# -- what failed looks it ---------------------------------------------------------------------------------------------


def covers(view: Bench) -> dict[str, str]:
    """Return what stands in place of panels, by the names of their docks."""
    docks = view.widget.deck.docks.items()
    return {name: one.text.text() for name, dock in docks for one in dock.findChildren(FailedCover) if one.isVisible()}


def keeps_failing(view: Bench, now: Snapshot, frames: int = 3) -> None:
    """Show frames of which every one fails."""
    for _ in range(frames):
        with pytest.raises(ValueError):
            view.show(now, after_s=1)


def banners(view: Bench) -> str:
    return str(view.find("bannerArea").accessibleName())


def test_a_sentence_stands_in_place_of_figures_that_fail_and_close_beside_it(
    view: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.widget.show()
    view.show(long_two())
    with monkeypatch.context() as broken:
        broken.setattr(view.widget.position.live, "refresh", fail)
        keeps_failing(view, long_two())
        assert covers(view) == {
            places.POSITION: "Live trade could not be drawn since 15:41:08 UTC. What it showed would be old by now."
        }
        assert "Could not be drawn, and shows nothing or what is old: Live trade." in banners(view)
        cover, pages = view.find("failed_position"), view.widget.position.pages
        assert cover.size() == pages.size() and cover.mapToGlobal(QPoint()) == pages.mapToGlobal(QPoint())
        assert not pages.isEnabled() and cover.accessibleName().startswith("Live trade could not be drawn")
        assert view.text("p2Side") == "LONG 2 ▲", "what could be drawn is true"
        view.press("p2Close")
        assert view.intents == [ClosePosition("A1", ES_KEY)]
    view.show(long_two(), after_s=1).show(long_two(), after_s=1)
    assert covers(view) == {} and pages.isEnabled() and "could not be drawn" not in banners(view).lower()


def test_a_header_that_fails_names_no_side(view: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view.widget.show()
    view.show(long_two())
    monkeypatch.setattr(view.widget.position.symbol, "show_value", fail)
    keeps_failing(view, flat())
    assert view.text("p2Side") == "—" and view.is_shown("p2Flat")


def test_a_ladder_that_fails_takes_neither_clicks_nor_keys(view: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view.widget.show()
    view.show(flat()).show(flat(), after_s=1)
    ladder = view.find("domView")
    at = ladder.visualRect(ladder.ladder_model.index(ladder.ladder_model.axis.row(Decimal("5051.00")), BID)).center()
    monkeypatch.setattr(view.widget.deck.panel(places.DOM), "refresh", fail)
    keeps_failing(view, flat())
    assert list(covers(view)) == [places.DOM] and not ladder.isEnabled()
    QTest.mouseClick(ladder.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(ladder, Qt.Key.Key_Return)
    assert view.intents == []


def test_the_keyboard_goes_to_the_sentence_and_not_on_to_another_button(
    view: Bench, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(flat())
    view.find("domView").setFocus()
    monkeypatch.setattr(view.widget.deck.panel(places.DOM), "refresh", fail)
    keeps_failing(view, flat())
    assert view.widget.focusWidget().objectName() == "failed_dom"


def test_a_part_outside_the_panels_is_named_in_the_banner(view: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view.show(flat())
    monkeypatch.setattr(OrderEntryPanel, "refresh", fail)
    keeps_failing(view, flat())
    assert "shows nothing or what is old: Order ticket." in banners(view) and covers(view) == {}


def test_whose_step_failed_is_noted_once_however_deep() -> None:
    class Thing:
        def inner(self) -> None:
            fail()

        def outer(self) -> None:
            each(self.inner, lambda: None)

    with pytest.raises(ValueError) as told:
        each(Thing().outer)
    assert parts_of(told.value) == ("Thing",) and told.value.__notes__ == ["Thing"]
