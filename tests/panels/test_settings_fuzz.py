"""Whatever is pressed, chosen and typed in the settings: nothing fails, and nothing wanted is impossible."""

import random
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListWidget
from pytestqt.qtbot import QtBot

from app.config import StoredSettings, parse_options, read_settings, write_settings
from core.binding_settings import BindingSettings
from core.errors import ConfigurationError
from core.preferences import Preferences
from core.settings_commands import (
    ChangeBrackets,
    ChangeCommissions,
    ChangeGuards,
    ChangeSanityLimits,
    SetArmTime,
    SetDesk,
)
from core.settings_facts import SettingsFacts
from core.snapshot import Snapshot
from panels.settings.settings_window import PAGES, SettingsWindow
from panels.theme import Theme
from panels.wishes import ChangeAddresses, ChangePreferences
from tests.panels.test_settings_window import BOOK, world
from tests.panels.worlds import NOW, long_two

NUMBERS = ("", "1", "5", "0", "-1", "1e9", "abc", "NaN", "10t", "2R", "50% at 1R, 2R", "22:00", "25:00")
WORDS = (*NUMBERS, "dtc://me@h:1", "١", "FLATTEN", "a\u200bb", "ünï", "a.b", "none", '"', "ES", "'")
PRESSES = 250


class Answering:
    """Takes what the window wants, as the engine and the program would, and shows what came of it."""

    def __init__(self, window: SettingsWindow, snapshot: Snapshot) -> None:
        self._window, self._snapshot = window, snapshot
        self.binding, self.taken = BindingSettings(brackets=BOOK), 0
        self.preferences = Preferences()
        self.facts = SettingsFacts(in_use=MappingProxyType({"sim": "sim"}), folder="/data")
        window.intent.connect(self.take)
        self.show()

    def take(self, wish: object) -> None:
        """Do what is wanted."""
        self.taken += 1
        if isinstance(wish, ChangePreferences):
            self.preferences = wish.preferences
            self._window.set_preferences(wish.preferences)
        elif isinstance(wish, SetDesk):
            self.binding = replace(self.binding, desk={**self.binding.desk, wish.connection: wish.phone})
        elif isinstance(wish, ChangeAddresses):
            self.facts = replace(self.facts, addresses=wish.addresses)
        elif isinstance(wish, ChangeGuards):
            self.binding = replace(self.binding, guards={**self.binding.guards, wish.key: wish.rules})
        elif isinstance(wish, ChangeSanityLimits):
            self.binding = replace(self.binding, limits=wish.limits)
        elif isinstance(wish, ChangeCommissions):
            self.binding = replace(self.binding, rates=wish.rates)
        elif isinstance(wish, ChangeBrackets):
            self.binding = replace(self.binding, brackets=wish.book)
        elif isinstance(wish, SetArmTime):
            assert 5 <= wish.minutes <= 120
            self.binding = replace(self.binding, arm_minutes=wish.minutes)
        self.show()

    def show(self) -> None:
        """Show what stands now."""
        self._window.set_facts(self.facts)
        self._window.refresh(replace(self._snapshot, settings=self.binding, limits=self.binding.limits), NOW, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_in_the_settings_fails(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, seed: int, tmp_path: Path
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)
    window = SettingsWindow()
    qtbot.addWidget(window)
    window.set_preferences(Preferences())
    answering = Answering(window, world(long_two()) if seed % 2 else world())
    dice = random.Random(seed)
    window.open_page("accounts")
    for _ in range(PRESSES):
        if dice.random() < 0.15:
            window.open_page(dice.choice(list(PAGES)))
        page = window.stack.currentWidget()
        assert page is not None
        kind = dice.choice((QAbstractButton, QLineEdit, QLineEdit, QComboBox, QListWidget))
        seen = [one for one in page.findChildren(kind) if one.isVisibleTo(window) and one.isEnabled()]
        if not seen:
            continue
        control = dice.choice(seen)
        if isinstance(control, QAbstractButton):
            control.click()
        elif isinstance(control, QLineEdit):
            control.selectAll()
            control.insert(dice.choice(WORDS))
            control.textEdited.emit(control.text())  # as by hand
            QTest.keyClick(control, Qt.Key.Key_Return)
        elif isinstance(control, QComboBox) and control.count():
            at = dice.randrange(control.count())
            control.setCurrentIndex(at)
            control.activated.emit(at)
        elif isinstance(control, QListWidget) and control.count():
            control.setCurrentRow(dice.randrange(control.count()))
    assert answering.taken > 20
    window.close()
    stored = stored_from(answering)
    write_settings(tmp_path, stored)
    assert read_settings(tmp_path) == stored, "what the window wants keeps no start from starting"


def stored_from(answering: Answering) -> StoredSettings:
    """Return settings as they would be stored."""
    binding = answering.binding
    return StoredSettings(
        "ABCD",
        limits=binding.limits,
        commissions=binding.rates,
        guards=binding.guards,
        brackets=binding.brackets,
        desk=binding.desk,
        arm_minutes=binding.arm_minutes,
        preferences=answering.preferences,
        connections=tuple(one for one in answering.facts.addresses if is_address(one)),
    )


def is_address(text: str) -> bool:
    """Return whether the program around the window would take it."""
    try:
        parse_options(["--connect", text])
    except ConfigurationError:
        return False
    return True
