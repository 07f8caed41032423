"""A right click on the live trade offers an alert on each of its figures, filled in with how it stands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from core.model.alert import AlertKind
from core.preferences import PnlMark
from core.snapshot import Snapshot
from panels.alert_menu import OF_ACCOUNT, AlertMenu
from panels.theme import Theme
from panels.wishes import OpenAlertForm
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, NOW, flat, long_two

pytestmark = pytest.mark.qt_log_ignore(r"does not support (raise|grabbing)")


@pytest.fixture
def menu(theme: Theme, bench: Any) -> Bench:
    owner: Bench = bench(QWidget())
    made = AlertMenu(owner.widget)
    made.intent.connect(owner.take)
    owner.menu = made  # type: ignore[attr-defined]
    return owner


def act(menu: Bench, name: str) -> None:
    made = menu.widget.findChild(QAction, name)
    assert made is not None
    made.trigger()


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("alertOn_price", AlertKind.PRICE, "5051.50"),
        ("alertOn_open_pnl", AlertKind.OPEN_PNL, "125"),
        ("alertOn_r", AlertKind.R, "0.25"),
        ("alertOn_time_in_trade", AlertKind.TIME_IN_TRADE, "750"),
    ],
)
def test_each_figure_is_offered_with_how_it_stands(menu: Bench, name: str, kind: AlertKind, value: str) -> None:
    menu.menu.open_for(long_two(), NOW, QPoint(0, 0))  # type: ignore[attr-defined]
    act(menu, name)
    assert menu.intents == [OpenAlertForm(ES_KEY, kind, Decimal(value))]


def test_a_flat_scope_offers_what_it_has_not_yet(menu: Bench) -> None:
    menu.menu.open_for(flat(), NOW, QPoint(0, 0))  # type: ignore[attr-defined]
    act(menu, "alertOn_open_pnl")
    assert menu.intents == [OpenAlertForm(ES_KEY, AlertKind.OPEN_PNL, None)]


def test_a_panel_opens_it_where_it_was_asked(menu: Bench) -> None:
    made = menu.menu  # type: ignore[attr-defined]
    made.refresh(long_two(), NOW)
    menu.widget.customContextMenuRequested.emit(QPoint(5, 5))
    assert [one.text().split("\t") for one in made.actions()][1] == ["Alert on open P&&L…", "125.00"]


def test_where_the_window_marks_otherwise_the_figure_of_an_alert_says_that_it_is_gross(menu: Bench) -> None:
    made = menu.menu  # type: ignore[attr-defined]
    made.open_for(replace(long_two(), pnl_mark=PnlMark.NET), NOW, QPoint(0, 0))
    texts = [one.text().split("\t") for one in made.actions()]
    assert texts[1:3] == [["Alert on open P&&L, gross…", "125.00"], ["Alert on R, gross…", "0.25R"]]


def test_nothing_on_show_offers_nothing(menu: Bench) -> None:
    menu.menu.open_for(Snapshot(), NOW, QPoint(0, 0))  # type: ignore[attr-defined]
    assert not menu.menu.isVisible()  # type: ignore[attr-defined]
    assert OF_ACCOUNT == (AlertKind.LIMIT,)
