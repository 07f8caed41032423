"""The list of alerts shows each with its state, and what rang last on top; a row is switched and removed by keys."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.alert_commands import MarkAlertsRead, RemoveAlert, SwitchAlert
from core.model.alert import Alert, AlertKind, AlertState, Way
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.alerts_panel import AlertsBox, AlertsPanel, unread
from panels.theme import Theme
from panels.wishes import OpenAlertForm
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import ES_KEY, ago, flat, long_two

D = Decimal
PRICE = Alert("A1", AlertKind.PRICE, PositionKey("sim", "", "ESZ5"), Way.ABOVE, D("5060.25"), ago(600), armed=True)
LOSS = Alert("A2", AlertKind.OPEN_PNL, ES_KEY, Way.BELOW, D(-100), ago(500), repeats=True, armed=True)
BLIND = replace(PRICE, alert_id="A3", state=AlertState.NOT_EVALUATED, reason="sim is down", created_at=ago(400))
RANG = replace(
    PRICE,
    alert_id="A4",
    state=AlertState.TRIGGERED,
    armed=False,
    fired=1,
    unread=1,
    fired_at=ago(60),
    fired_value=D("5061"),
    note="range high",
)
OFF = replace(PRICE, alert_id="A5", state=AlertState.OFF, armed=None, created_at=ago(700))
BEYOND = replace(PRICE, alert_id="A6", armed=False, level=D(5000), created_at=ago(800))


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(AlertsPanel(theme, UTC))
    return made


def shown(panel: Bench, column: str) -> list[str]:
    model = panel.widget.view.rows_model
    at = [one.title for one in model.columns].index(column)
    return [model.index(row, at).data() for row in range(model.rowCount())]


def world(*alerts: Alert) -> Snapshot:
    return long_two(alerts=alerts)


def test_every_state_has_its_words_and_what_rang_last_is_on_top(panel: Bench) -> None:
    panel.show(world(PRICE, LOSS, BLIND, RANG, OFF, BEYOND))
    assert shown(panel, "State") == [
        "TRIGGERED",
        "NOT EVALUATED: sim is down",
        "ACTIVE",
        "ACTIVE",
        "OFF",
        "ACTIVE · waits for it to come back",
    ]
    assert shown(panel, "Watching")[:3] == [
        "ESZ5 ≥ 5060.25",
        "ESZ5 ≥ 5060.25",
        "Open P&L of ESZ5 in Sim1 ≤ −100.00, each time",
    ]
    spoken = panel.widget.view.rows_model.index(2, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Watching: Open P&L of ESZ5 in Sim1 at or below −100.00, each time"
    assert shown(panel, "Now") == ["—", "5051.50", "125.00", "5051.50", "—", "5051.50"]
    assert shown(panel, "To go") == ["", "35t", "225.00", "35t", "", "206t"]
    assert (shown(panel, "New")[0], shown(panel, "Rang")[0], shown(panel, "At")[0]) == (
        "1",
        "15:40:07 UTC",
        "5061.00",
    )
    assert shown(panel, "Note")[0] == "range high"


def test_an_empty_list_says_how_an_alert_is_set(panel: Bench) -> None:
    panel.show(flat())
    assert panel.widget.view.empty_text == "No alerts. Set one here, or by a right click on a price."
    assert not panel.find("alertRemove").isEnabled()
    assert panel.find("alertRemove").accessibleDescription() == "Choose an alert first."


def test_a_row_is_switched_and_removed_by_keys(panel: Bench, qtbot: QtBot) -> None:
    panel.widget.show()
    panel.show(world(PRICE))
    panel.widget.activateWindow()
    panel.widget.focus_first()
    qtbot.waitUntil(panel.widget.view.hasFocus, timeout=5000)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Insert):
        QTest.keyClick(panel.widget.view, key)
    assert panel.intents == [SwitchAlert("A1", False), RemoveAlert("A1"), OpenAlertForm(ES_KEY, value=D("5051.50"))]


def test_one_that_rang_or_is_off_can_be_watched_again(panel: Bench) -> None:
    for alert in (RANG, OFF):
        panel.show(world(alert))
        panel.widget.focus_first()
        panel.show(world(alert))
        assert panel.text("alertSwitch") == "Watch again"
        panel.press("alertSwitch")
        assert panel.intents.pop() == SwitchAlert(alert.alert_id, True)


def test_the_chosen_row_stays_chosen_when_another_rings(panel: Bench) -> None:
    panel.show(world(PRICE, LOSS))
    panel.widget.focus_first()
    chosen = panel.widget.chosen
    panel.show(world(PRICE, LOSS, RANG))
    assert panel.widget.chosen.alert_id == chosen.alert_id


@pytest.mark.qt_log_ignore(r"does not support (raise|requestActivate)")
def test_what_was_shown_is_read_once_the_list_is_closed(theme: Theme, bench: Any) -> None:
    window: QWidget = bench(QWidget()).widget
    window.resize(1200, 720)
    cell = QPushButton("Alerts", window)
    cell.setGeometry(1100, 694, 80, 26)
    window.show()
    box = Bench(AlertsBox(theme, window, UTC), HandClock())
    box.widget.intent.connect(box.take)
    box.show(world(RANG))
    box.widget.open_over(cell)
    box.show(world(RANG))
    assert window.geometry().contains(box.widget.geometry())
    assert (unread(world(RANG)), box.intents) == (1, [])
    box.widget.hide()
    assert box.intents == [MarkAlertsRead()]
