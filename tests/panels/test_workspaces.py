"""The deck and its workspaces: panels dock, float and tab, are remembered, and never leave the screens."""

from datetime import UTC
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar
from pytestqt.qtbot import QtBot

from core.model.scope import Mode
from core.preferences import Preferences
from panels.deck import ACCOUNT, CHART, FILLS, ORDERS, POSITION, STATISTICS, WATCHLIST
from panels.layouts import COMPANION, REVIEW, TRADE, Layout, Layouts
from panels.mode_band import ModeBand
from panels.terminal_view import TerminalView
from panels.theme import Theme
from panels.window_place import on_screen
from panels.wishes import ChangePreferences
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import in_mode, long_two

ALT = Qt.KeyboardModifier.AltModifier


def settle(times: int = 4) -> None:
    """Let the layouts come to rest."""
    for _ in range(times):
        QApplication.processEvents()


@pytest.fixture
def seen(view: Bench, qtbot: QtBot) -> Bench:
    """The view on the screen, with a position."""
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    settle()
    return view


def open_docks(view: Bench) -> set[str]:
    """Return the panels that are not hidden."""
    return {name for name, dock in view.widget.deck.docks.items() if not dock.isHidden()}


def test_keys_open_the_workspaces(seen: Bench) -> None:
    for key, name in ((Qt.Key.Key_1, COMPANION), (Qt.Key.Key_3, REVIEW), (Qt.Key.Key_2, TRADE)):
        QTest.keyClick(seen.widget, key, ALT)
        settle()
        assert seen.widget.workspaces.current == name
        assert seen.find("workspaceButton").text().lower().startswith(name)


def test_companion_is_three_panels_side_by_side(seen: Bench) -> None:
    seen.widget.workspaces.open(COMPANION)
    seen.widget.resize(1440, 560)
    settle()
    assert open_docks(seen) == {ACCOUNT, POSITION, STATISTICS}
    docks = [seen.widget.deck.docks[name] for name in (ACCOUNT, POSITION, STATISTICS)]
    assert [dock.x() for dock in docks] == sorted({dock.x() for dock in docks})
    assert len({dock.y() for dock in docks}) == 1


def test_the_figures_of_a_narrow_companion_are_a_tab_of_the_money(seen: Bench) -> None:
    seen.widget.workspaces.open(COMPANION)
    seen.widget.resize(1240, 560)
    settle()
    deck = seen.widget.deck
    assert deck.docks[STATISTICS] in deck.tabifiedDockWidgets(deck.docks[ACCOUNT])


def test_what_the_trader_moved_comes_back_with_its_workspace_and_after_a_start(
    seen: Bench, theme: Theme, clock: HandClock, bench: Any
) -> None:
    deck, workspaces = seen.widget.deck, seen.widget.workspaces
    deck.docks[FILLS].toggleViewAction().trigger()
    settle()
    assert FILLS not in open_docks(seen)
    workspaces.open(REVIEW)
    settle()
    assert FILLS in open_docks(seen)
    workspaces.open(TRADE)
    settle()
    assert FILLS not in open_docks(seen)
    again = bench(TerminalView(theme, clock, zone=UTC, layouts=workspaces.as_now()))
    assert FILLS not in open_docks(again)
    assert again.widget.workspaces.current == TRADE


def test_a_change_is_told_once_it_has_settled_and_an_untouched_workspace_follows_the_program(
    seen: Bench, qtbot: QtBot
) -> None:
    workspaces = seen.widget.workspaces
    assert workspaces.as_now().kept[TRADE].docks == b""
    with qtbot.waitSignal(workspaces.changed, timeout=10_000) as told:
        seen.widget.deck.docks[FILLS].setFloating(True)
    assert told.args is not None
    assert told.args[0].kept[TRADE].docks


def test_a_reset_puts_everything_back(seen: Bench) -> None:
    seen.widget.deck.docks[FILLS].toggleViewAction().trigger()
    seen.widget.workspaces.reset()
    assert FILLS in open_docks(seen)
    assert seen.widget.workspaces.as_now().kept[TRADE].docks == b""


@pytest.mark.parametrize("junk", [b"junk", b"\x00" * 40])
def test_a_layout_that_cannot_be_read_begins_anew(theme: Theme, clock: HandClock, bench: Any, junk: bytes) -> None:
    made = bench(TerminalView(theme, clock, zone=UTC, layouts=Layouts(TRADE, {TRADE: Layout(junk)})))
    assert {ACCOUNT, POSITION, ORDERS} <= open_docks(made)


def test_nothing_can_be_moved_while_the_layout_is_locked(seen: Bench) -> None:
    seen.widget.set_preferences(Preferences(layout_locked=True))
    dock = seen.widget.deck.docks[POSITION]
    assert dock.features() == dock.DockWidgetFeature.NoDockWidgetFeatures
    seen.widget.set_preferences(Preferences())
    assert dock.features() & dock.DockWidgetFeature.DockWidgetFloatable


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.SIM])
def test_a_panel_that_sends_orders_carries_the_mode_where_it_floats(seen: Bench, mode: Mode) -> None:
    dock = seen.widget.deck.docks[POSITION]
    band = dock.findChild(ModeBand)
    assert not band.isVisible()
    dock.setFloating(True)
    seen.show(in_mode(mode, long_two()))
    settle()
    assert band.isVisible()
    assert mode.value in band.accessibleName()
    dock.setFloating(False)
    settle()
    assert not band.isVisible()


def test_what_floats_where_no_screen_is_any_more_is_pulled_back(seen: Bench) -> None:
    dock = seen.widget.deck.docks[FILLS]
    dock.setFloating(True)
    dock.move(20_000, 20_000)
    settle()
    seen.widget.deck.pull_on_screen()
    room = QApplication.primaryScreen().availableGeometry()
    assert room.intersects(dock.frameGeometry())


def test_a_window_left_on_a_screen_that_is_gone_comes_up_on_one_that_is_there() -> None:
    room = QApplication.primaryScreen().availableGeometry()
    assert room.contains(on_screen(QRect(9_000, 9_000, 400, 300)))
    seen = QRect(room.topLeft() + QPoint(5, 5), room.size() / 2)
    assert on_screen(seen) == seen


def test_f6_walks_over_the_panels_and_back(seen: Bench) -> None:
    deck = seen.widget.deck
    deck.open(ACCOUNT)
    assert deck.focused() == ACCOUNT
    for name in (WATCHLIST, CHART, POSITION):
        QTest.keyClick(seen.widget, Qt.Key.Key_F6)
        assert deck.focused() == name
    for _ in range(3):
        QTest.keyClick(seen.widget, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert deck.focused() == ACCOUNT


def test_the_tabs_are_named_and_opened_by_keyboard(seen: Bench) -> None:
    bar = seen.widget.deck.findChildren(QTabBar, "dockTabs")[0]
    assert bar.accessibleName()
    bar.setFocus()
    titles = [bar.tabText(at) for at in range(bar.count())]
    bar.setCurrentIndex(titles.index("Fills"))
    QTest.keyClick(bar, Qt.Key.Key_Return)
    assert seen.widget.deck.focused() == FILLS


def test_the_menu_offers_the_workspaces_the_panels_and_the_lock(seen: Bench) -> None:
    menu = seen.widget.workspaces.menu()
    lock = next(action for action in menu.actions() if action.text() == "Lock layout")
    lock.trigger()
    assert seen.intents == [ChangePreferences(Preferences(layout_locked=True))]
    texts = [action.text() for action in menu.actions()]
    assert texts[:3] == ["Companion\tAlt+1", "Trade\tAlt+2", "Review\tAlt+3"]
    assert {"Account", "Live trade", "Fills", "Lock layout", "Reset this workspace"} <= set(texts)


def test_the_detached_ticket_carries_the_mode_and_comes_back_when_its_window_closes(seen: Bench) -> None:
    view = seen.widget
    view.detach_ticket()
    seen.show(in_mode(Mode.LIVE, long_two()))
    settle()
    window = view.ticket.window()
    assert window is not view.window()
    assert Mode.LIVE.value in window.findChild(ModeBand).accessibleName()
    assert not view.toolbar.isVisible()
    seen.press("sellButton")
    assert [type(one).__name__ for one in seen.intents] == ["SubmitOrder"]
    window.close()
    settle()
    assert view.ticket.window() is view.window() and view.toolbar.isVisible()
    view.detach_ticket()
    view.detach_ticket()
    settle()
    assert view.ticket.isVisible() and view.ticket.window() is view.window()


def test_changing_workspaces_leaves_no_tabs_behind_and_every_panel_can_be_called_up(seen: Bench) -> None:
    deck = seen.widget.deck
    for name in (REVIEW, COMPANION, TRADE, REVIEW):
        seen.widget.workspaces.open(name)
        settle()
        bars = [one for one in deck.findChildren(QTabBar, "dockTabs") if one.isVisible()]
        titles = [tuple(bar.tabText(at) for at in range(bar.count())) for bar in bars]
        assert len(set(titles)) == len(titles)
        for bar in bars:
            assert not any(
                bar.geometry().intersects(dock.geometry()) for dock in deck.docks.values() if deck.is_seen(dock.name)
            )
    for panel in deck.docks:
        deck.open(panel)
        settle()
        assert deck.is_seen(panel)


@pytest.mark.parametrize("by_menu", [False, True])
@pytest.mark.parametrize("name", [WATCHLIST, CHART])
def test_a_panel_asked_for_where_there_is_no_room_floats_instead_of_being_there_unseen(
    seen: Bench, name: str, by_menu: bool
) -> None:
    seen.widget.workspaces.open(COMPANION)
    seen.widget.resize(1440, 560)
    settle()
    deck = seen.widget.deck
    if by_menu:
        deck.docks[name].toggleViewAction().trigger()
    else:
        deck.open(name)
    settle()
    assert deck.docks[name].isFloating() and deck.panel(name).isVisible()


def test_a_panel_asked_for_where_there_is_room_stays_in_its_place(seen: Bench) -> None:
    seen.widget.workspaces.open(COMPANION)
    seen.widget.resize(1440, 1100)
    settle()
    seen.widget.deck.open(WATCHLIST)
    settle()
    assert not seen.widget.deck.docks[WATCHLIST].isFloating() and seen.widget.deck.panel(WATCHLIST).isVisible()
