"""Every text of the windows beside the terminal can be read at every zoom."""

from collections.abc import Iterator
from datetime import UTC

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.preferences import Preferences
from panels.action_ids import ActionIds
from panels.alert_form import AlertForm
from panels.look import Look
from panels.quit_dialog import QuitDialog
from panels.record_closed_dialog import RecordClosedDialog
from panels.settings.settings_window import SettingsWindow
from tests.panels.conftest import HandClock
from tests.panels.legibility import clipped
from tests.panels.worlds import ES_KEY, long_two


@pytest.fixture(params=[100, 150, 200])
def look(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Look]:
    """A look at each zoom, that leaves the program as it found it."""
    made = Look(qapp, Preferences())
    made.theme.apply(qapp)
    made.apply(Preferences(zoom_percent=request.param))
    yield made
    made.apply(Preferences())
    made.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, look: Look) -> QWidget:
    """What the dialogs stand over."""
    made = QWidget()
    made.resize(1440, 900)
    qtbot.addWidget(made)
    made.show()
    return made


def faults_of(shown: QWidget) -> list[str]:
    shown.show()
    for _ in range(3):
        QApplication.processEvents()
    found = clipped(shown)
    shown.close()
    return found


def test_the_way_out(look: Look, window: QWidget, ids: ActionIds) -> None:
    asked = QuitDialog(look.theme, window, ids)
    asked.refresh(long_two(), 0.0)
    assert faults_of(asked) == []


def test_the_record_of_a_close(look: Look, window: QWidget, clock: HandClock) -> None:
    form = RecordClosedDialog(look.theme, window, UTC)
    form.put_up(long_two(), clock.now(), clock.monotonic(), ES_KEY)
    assert faults_of(form) == []


def test_an_alert(look: Look, window: QWidget, ids: ActionIds) -> None:
    assert faults_of(AlertForm(ids, window)) == []


def test_each_page_of_the_settings(look: Look, window: QWidget) -> None:
    settings = SettingsWindow(window)
    settings.show()
    found = {}
    for at in range(settings.list.count()):
        settings.list.setCurrentRow(at)
        QApplication.processEvents()
        found[settings.list.item(at).text()] = clipped(settings)
    settings.close()
    assert {page: faults for page, faults in found.items() if faults} == {}
