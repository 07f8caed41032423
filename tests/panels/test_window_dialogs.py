"""The windows over the window are made when they are wanted, and then know what was told before."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.commands import SelectSymbol
from core.preferences import Preferences, ThemeChoice
from core.settings_facts import SettingsFacts
from panels.theme import Theme
from panels.window_dialogs import WindowDialogs
from panels.wishes import OpenSettings
from tests.panels.worlds import NOW, flat


@pytest.fixture
def dialogs(theme: Theme, qtbot: QtBot) -> Iterator[WindowDialogs]:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    made = WindowDialogs(theme, owner, None)
    yield made
    if "settings" in vars(made):
        made.settings.close()


def test_the_settings_are_made_when_they_are_first_wanted(dialogs: WindowDialogs) -> None:
    dialogs.set_preferences(Preferences(theme=ThemeChoice.LIGHT))
    dialogs.set_facts(SettingsFacts(folder="/data"))
    dialogs.refresh(flat(), NOW, 1.0)
    assert "settings" not in vars(dialogs)
    assert dialogs.open(OpenSettings("appearance"), 1.0)
    assert dialogs.settings.isVisible()
    assert dialogs.settings.pages["appearance"].theme.currentText() == "Light"  # type: ignore[attr-defined]
    assert dialogs.open(OpenSettings("data"), 1.0)
    assert dialogs.settings.pages["data"].folder.text() == "/data"  # type: ignore[attr-defined]


def test_what_is_changed_elsewhere_is_shown_while_they_are_open(dialogs: WindowDialogs) -> None:
    dialogs.refresh(flat(), NOW, 1.0)
    dialogs.open(OpenSettings("appearance"), 1.0)
    dialogs.set_preferences(Preferences(zoom_percent=120))
    assert dialogs.settings.pages["appearance"].zoom.text() == "120"  # type: ignore[attr-defined]
    dialogs.open(OpenSettings("confirmations"), 1.0)
    dialogs.refresh(replace(flat(), settings=replace(flat().settings, arm_minutes=60)), NOW, 1.1)
    assert dialogs.settings.pages["confirmations"].minutes.text() == "60"  # type: ignore[attr-defined]


def test_before_the_first_snapshot_nothing_opens_and_other_wishes_go_on(dialogs: WindowDialogs) -> None:
    assert dialogs.open(OpenSettings(), 1.0) and "settings" not in vars(dialogs)
    assert not dialogs.open(SelectSymbol("sim", "ESZ5"), 1.0)
