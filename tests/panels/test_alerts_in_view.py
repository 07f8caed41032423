"""Alerts in the whole window: the cell opens the list, a right click the form, and what it sets leaves the window."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from core.alert_commands import AddAlert, MarkAlertsRead
from core.announcement import About
from core.events import Level, Link
from core.model.alert import AlertKind, Way
from panels.wishes import OpenAlertForm
from tests.panels.conftest import Bench
from tests.panels.test_alerts_panel import RANG
from tests.panels.test_roll_words import FRIDAY, NEW, OLD, showing
from tests.panels.worlds import ES_KEY, announcement, flat, link_is, long_two

pytestmark = pytest.mark.qt_log_ignore(r"does not support (raise|grabbing|requestActivate)")


def dialog(view: Bench, name: str) -> QDialog:
    (found,) = view.widget.findChildren(QDialog, name)
    return found  # type: ignore[no-any-return]


def test_the_cell_opens_the_list_and_closing_it_reads_what_rang(view: Bench) -> None:
    view.widget.show()
    view.show(long_two(alerts=(RANG,)))
    assert view.text("statusAlerts") == "Alerts 1 new"
    view.press("statusAlerts")
    view.show(long_two(alerts=(RANG,)), after_s=0.1)
    box = dialog(view, "alertsBox")
    assert box.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()
    assert view.intents == [MarkAlertsRead()]


def test_a_right_click_on_the_live_trade_sets_an_alert(view: Bench) -> None:
    view.widget.show()
    view.show(long_two())
    panel = view.find("panel2")
    panel.customContextMenuRequested.emit(QPoint(20, 20))
    act = panel.findChild(QAction, "alertOn_open_pnl")
    assert act is not None
    act.trigger()
    form = dialog(view, "alertForm")
    assert form.isVisible() and view.find("alertValue").text() == "125.00"
    view.find("alertValue").setText("−100")
    view.press("alertSet")
    (command,) = view.intents
    assert isinstance(command, AddAlert)
    assert (command.kind, command.way, command.level) == (AlertKind.OPEN_PNL, Way.BELOW, Decimal(-100))


@pytest.mark.parametrize(("name", "panel"), [("p2Pnl", "panel2"), ("p2Close", "panel2"), ("p1Balance", "panel1")])
def test_a_right_click_on_any_figure_of_a_panel_reaches_its_menu(view: Bench, name: str, panel: str) -> None:
    view.widget.show()
    view.show(long_two())
    figure = view.find(name)
    place = QPoint(2, 2)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, figure.mapToGlobal(place))
    QApplication.sendEvent(figure, event)
    menus = [one for one in view.find(panel).findChildren(QMenu, "alertMenu") if one.isVisible()]
    assert len(menus) == 1
    menus[0].close()


def test_any_panel_opens_the_form_with_a_price(view: Bench) -> None:
    view.widget.show()
    view.show(flat())
    view.widget._take(OpenAlertForm(ES_KEY, value=Decimal("5060.25")))
    assert view.find("alertValue").text() == "5060.25"
    dialog(view, "alertForm").reject()


def test_a_row_of_the_watchlist_offers_an_alert_on_its_price(view: Bench) -> None:
    view.widget.show()
    view.show(flat(watched=(("sim", "ESZ5"),)))
    table = view.find("watchView")
    menu = QMenu(table)
    table.offer(menu, table.rows_model.at(0))
    (action,) = menu.actions()
    assert action.text() == "Alert on ESZ5…"
    action.trigger()
    assert view.find("alertValue").text() == "5051.50"
    dialog(view, "alertForm").reject()


def test_a_roll_is_a_banner_that_leads_to_the_successor(view: Bench) -> None:
    view.clock.now = lambda: FRIDAY  # type: ignore[method-assign]
    view.show(showing())
    assert "ESZ26 rolls in 3 days" in view.text("bannerText_0")
    view.press("bannerAction_0")
    assert [(one.connection, one.symbol) for one in view.intents] == [("sim", NEW)]
    assert OLD not in view.text("bannerText_0"), "as traders write it"


def test_a_fill_in_parts_is_one_toast_and_a_line_that_is_back_closes_its_own(view: Bench) -> None:
    view.show(flat())
    for text, last in (("Bought 1 ESZ5 (1 of 2).", False), ("Bought 1 ESZ5 (2 of 2).", True)):
        fill = announcement(text, Level.SUCCESS)
        view.widget.announce(replace(fill, about=About.FILL, cause="ST1", is_last=last))
    fallen = announcement("sim is offline.", Level.ERROR, key=None)
    view.widget.announce(replace(fallen, about=About.LINE, cause="sim"))
    assert list(view.widget.toasts.texts) == ["sim is offline.", "Bought 1 ESZ5 (2 of 2).  ×2"]
    view.show(link_is(Link.OFFLINE, flat()), after_s=6)
    assert list(view.widget.toasts.texts) == ["sim is offline."]
    view.show(flat(), after_s=1)
    assert list(view.widget.toasts.texts) == []


def test_alerts_are_drawn_with_their_world(view: Bench) -> None:
    view.show(flat(alerts=(RANG,), armed=MappingProxyType({})))
    assert view.tone("statusAlerts") == "caution"
