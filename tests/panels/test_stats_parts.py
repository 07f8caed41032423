"""The tabs of panel 3 and its filter: what they ask for, what they show in words, and what Ctrl+E hands over."""

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.commands import RunQuery
from core.events import Link
from core.model.breakdown import breakdown_of, days_of
from core.model.scope import Mode
from core.model.trade import Trade
from core.queries import ALL_ROWS, TradeFilter, TradesFound
from core.sheet import Sheet
from core.snapshot import Snapshot
from panels.exporting.asking import ExportFile
from panels.stats_filter import MIXED, account_words
from panels.stats_panel import BREAKDOWN, CALENDAR, EMPTY, EXPORT_TICKET, SUMMARY, TRADES, StatisticsPanel
from panels.theme import Theme
from tests.core.model.histories import closed
from tests.panels.conftest import Bench
from tests.panels.worlds import (
    ACCOUNT,
    NOW,
    OTHER_ACCOUNT,
    answered,
    counted,
    flat,
    link_is,
    several_trades,
    with_answers,
)


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(StatisticsPanel(theme, UTC))
    made.widget.resize(1180, 420)
    made.widget.show()
    return made


def found(trades: tuple[Trade, ...], total: int | None = None) -> TradesFound:
    """Return the answer to a question for these trades."""
    symbols = tuple(sorted({one.key.symbol for one in trades}))
    made = counted(trades, total)
    return replace(made, breakdown=breakdown_of(trades), days=days_of(trades), symbols=symbols)


def shown(panel: Bench, trades: tuple[Trade, ...], world: Snapshot | None = None, total: int | None = None) -> Snapshot:
    """Show the answer to what the panel asks; return the world it is in."""
    world = world or flat()
    panel.show(world)
    answer = with_answers(world, answered(panel.queries[-1], found(trades, total)))
    panel.show(answer)
    return answer


def cells(panel: Bench, name: str, title: str, role: int = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    """Return what a table shows under a title."""
    model = panel.find(name).rows_model
    at = [one.title for one in model.columns].index(title)
    return [model.data(model.index(row, at), role) for row in range(model.rowCount())]


def test_the_curve_says_where_it_ends_and_gives_way_where_the_figures_need_the_room(panel: Bench) -> None:
    shown(panel, several_trades())
    assert panel.is_shown("p3Curve")
    assert panel.text("p3CurveText").startswith("Result, trade by trade: +")
    assert "profit" in panel.find("p3Curve").accessibleDescription() + panel.find("p3Curve").accessibleName()
    QTest.keyClick(panel.find("p3Curve"), Qt.Key.Key_Left)
    assert panel.text("p3CurveText").startswith("Result, trade by trade: +")
    for _ in several_trades():
        QTest.keyClick(panel.find("p3Curve"), Qt.Key.Key_Left)
    assert panel.text("p3CurveText").startswith("Result, trade by trade: 0.00 at")
    panel.widget.resize(1180, 220)
    QApplication.processEvents()
    assert not panel.is_shown("p3Curve")


def test_the_filter_asks_for_another_account_symbol_and_side(panel: Bench) -> None:
    world = shown(panel, several_trades())
    panel.find("p3Account").setCurrentText(account_words(OTHER_ACCOUNT))
    panel.find("p3Symbol").setCurrentIndex(1)
    panel.find("p3Side").setCurrentText("SHORT")
    panel.show(world)
    wanted = panel.queries[-1].filter
    assert isinstance(wanted, TradeFilter)
    assert (wanted.account, wanted.symbol, wanted.direction) == (OTHER_ACCOUNT, several_trades()[0].key.symbol, -1)
    assert panel.text("p3Scope").endswith("short only")


def test_modes_mix_only_when_the_trader_ticks_it_and_then_the_header_says_so(panel: Bench) -> None:
    world = shown(panel, several_trades())
    assert panel.queries[-1].filter.others == frozenset()  # type: ignore[union-attr]
    panel.find("p3Mix").setChecked(True)
    panel.show(world)
    wanted = panel.queries[-1].filter
    assert isinstance(wanted, TradeFilter) and wanted.mode is Mode.SIM and wanted.others == MIXED - {Mode.SIM}
    assert panel.text("p3Scope") == "Sim1 · LIVE + EVAL + SIM + REPLAY + unclassified mixed"
    assert panel.tone("p3Scope") == "caution"


def test_a_filter_that_leaves_nothing_offers_to_be_cleared(panel: Bench) -> None:
    shown(panel, several_trades())
    panel.find("p3Side").setCurrentText("SHORT")
    world = shown(panel, ())
    assert panel.text("p3Message") == EMPTY and panel.is_shown("p3ClearEmpty")
    panel.press("p3ClearEmpty")
    panel.show(world)
    assert panel.queries[-1].filter.direction == 0  # type: ignore[union-attr]


def test_without_a_filter_there_is_nothing_to_clear(panel: Bench) -> None:
    shown(panel, ())
    assert panel.text("p3Message") == EMPTY and not panel.is_shown("p3ClearEmpty")
    assert not panel.find("p3Clear").isEnabled() and panel.find("p3Clear").accessibleDescription()


def test_it_works_without_a_line_and_says_that_it_is_offline(panel: Bench) -> None:
    shown(panel, several_trades(), link_is(Link.OFFLINE, flat()))
    assert panel.text("p3Offline") == "offline" and panel.text("p3Cell_trades") == "8"


def test_the_calendar_shows_what_each_day_made_in_figures_and_words(panel: Bench) -> None:
    trades = (closed("100", at=NOW), closed("-30", at=NOW), closed("-45", at=NOW - timedelta(days=1)))
    shown(panel, trades)
    panel.widget.open_tab(CALENDAR)
    assert panel.text("p3Month") == "November 2025"
    assert panel.text("p3MonthSum") == "+25.00 ▲ USD · 2 trading days with trades, 1 up, 1 down"
    week = cells(panel, "p3Calendar", "Week").index("+25.00 ▲")
    assert cells(panel, "p3Calendar", "Wednesday")[week] == "12  +70.00"
    assert cells(panel, "p3Calendar", "Thursday")[week] == "13"
    spoken = cells(panel, "p3Calendar", "Wednesday", Qt.ItemDataRole.AccessibleTextRole)[week]
    assert spoken == "Wednesday: 12 November, plus 70.00 USD, profit, 2 trades"
    titles = [one.title for one in panel.find("p3Calendar").rows_model.columns]
    assert panel.find("p3Calendar").isColumnHidden(titles.index("Saturday"))


@pytest.mark.parametrize(("tab", "name"), [(CALENDAR, "p3Calendar"), (BREAKDOWN, "p3Breakdown")])
def test_a_week_and_a_bucket_are_seen_whole_beside_the_chart(panel: Bench, tab: int, name: str) -> None:
    panel.widget.resize(656, 440)
    shown(panel, (closed("-1388.25", at=NOW),))
    panel.widget.open_tab(tab)
    QApplication.processEvents()
    view = panel.find(name)
    assert view.horizontalScrollBar().maximum() == 0
    for at in range(view.model().columnCount()):
        for row in range(view.model().rowCount() if not view.isColumnHidden(at) else 0):
            assert view.sizeHintForIndex(view.model().index(row, at)).width() <= view.columnWidth(at)


def test_the_calendar_turns_as_far_as_there_are_results(panel: Bench) -> None:
    shown(panel, (closed("5", at=NOW - timedelta(days=65)), closed("7", at=NOW)))
    panel.widget.open_tab(CALENDAR)
    assert (panel.find("p3Earlier").isEnabled(), panel.find("p3Later").isEnabled()) == (True, False)
    panel.press("p3Earlier")
    assert panel.text("p3Month") == "October 2025"
    assert panel.text("p3MonthSum") == "No trades ended in this month."
    panel.press("p3Earlier")
    assert panel.text("p3Month") == "September 2025" and not panel.find("p3Earlier").isEnabled()


def test_the_breakdown_hides_the_means_of_few_trades_and_says_so(panel: Bench) -> None:
    few = tuple(closed("10", at=NOW) for _ in range(9))
    shown(panel, few)
    panel.widget.open_tab(BREAKDOWN)
    panel.press("p3By_side")
    assert cells(panel, "p3Breakdown", "Bucket") == ["LONG"] and cells(panel, "p3Breakdown", "Mean") == ["—"]
    assert panel.is_shown("p3BreakdownHint")
    shown(panel, (*few, closed("10", at=NOW)), flat(version=7))
    assert cells(panel, "p3Breakdown", "Mean") == ["+10.00 ▲"] and not panel.is_shown("p3BreakdownHint")


def export(panel: Bench, tab: int, target: Path) -> Sheet:
    """Press Ctrl+E on a tab; return what is to be written."""
    panel.widget.open_tab(tab)
    panel.widget.setFocus()
    QTest.keyClick(panel.widget, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = panel.widget.exports.asking.dialog
    assert dialog is not None
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    asked = panel.intents[-1]
    assert isinstance(asked, ExportFile) and isinstance(asked.content, Sheet)
    return asked.content


def test_every_tab_is_exported_with_the_figures_on_screen(panel: Bench, tmp_path: Path) -> None:
    shown(panel, several_trades())
    figures = export(panel, SUMMARY, tmp_path / "a.csv")
    assert tuple(figures.rows[0][:3]) == ("Total P&L", "+328.00", "8")
    trades = export(panel, TRADES, tmp_path / "b.csv")
    assert len(trades.rows) == 8 and [one.name for one in trades.columns][:3] == [
        "Closed UTC",
        "Closed local",
        "Symbol",
    ]
    assert export(panel, CALENDAR, tmp_path / "c.csv").rows
    assert export(panel, BREAKDOWN, tmp_path / "d.csv").columns[0].name == "Bucket"


def test_an_export_of_many_trades_asks_for_all_pages_first(panel: Bench, tmp_path: Path) -> None:
    world = shown(panel, several_trades(), total=431)
    panel.widget.open_tab(TRADES)
    panel.widget.export()
    query = panel.queries[-1]
    assert query == RunQuery(EXPORT_TICKET, TradeFilter(ACCOUNT, Mode.SIM, query.filter.since), ALL_ROWS)  # type: ignore[union-attr]
    assert panel.widget.exports.asking.dialog is None, "the rows have not come yet"
    every = answered(query, found(several_trades() * 2, 16))
    panel.show(with_answers(world, *world.queries.values(), every))
    dialog = panel.find("exportDialog")
    dialog.fileSelected.emit(str(tmp_path / "all.csv"))
    dialog.reject()
    assert len(panel.intents[-1].content.rows) == 16


@pytest.mark.parametrize(("width", "columns"), [(1180, 5), (500, 3)])
def test_the_grid_has_three_columns_where_five_do_not_fit(panel: Bench, width: int, columns: int) -> None:
    panel.widget.resize(width, 440)
    shown(panel, several_trades())
    QApplication.processEvents()
    tops = [panel.find(f"p3Cell_{name}").parent().y() for name in ("pnl", "drawdown", "runup", "expectancy")]
    assert (tops[0] == tops[3]) is (columns == 5)
    scroll = panel.find("p3Scroll")
    assert scroll.horizontalScrollBar().maximum() == 0
