"""The address of notices is typed hidden, handed on once, and kept nowhere in the window."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from core.settings_facts import Trial
from panels.settings.notice_address import NoticeAddress
from panels.theme import Theme
from panels.wishes import StoreNoticeAddress, TryNotice
from tests.panels.conftest import Bench
from tests.panels.worlds import NOW

SECRET = "ntfys://user:POISONED@ntfy.example/desk"


@pytest.fixture
def box(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(NoticeAddress())
    return made


def test_it_is_hidden_handed_on_and_gone(box: Bench) -> None:
    field = box.find("settingsNoticeAddress")
    assert field.echoMode() is QLineEdit.EchoMode.Password
    field.setText(f"  {SECRET} ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (wish,) = box.intents
    assert wish == StoreNoticeAddress(SECRET)
    assert field.text() == "" and "POISONED" not in repr(wish)


def test_what_became_of_it_is_said_beside_it(box: Bench) -> None:
    box.widget.say(None)
    assert not box.is_shown("settingsNoticeWords")
    box.widget.say(Trial(False, "The service did not take it.", NOW))
    assert (box.text("settingsNoticeWords"), box.tone("settingsNoticeWords")) == (
        "The service did not take it.",
        "danger",
    )
    box.widget.say(Trial(True, "Taken.", NOW))
    assert box.tone("settingsNoticeWords") == "ink2"


def test_nothing_typed_stores_nothing_and_removing_is_its_own_button(box: Bench) -> None:
    assert not box.find("settingsNoticeStore").isEnabled()
    QTest.keyClick(box.find("settingsNoticeAddress"), Qt.Key.Key_Return)
    assert box.intents == []
    box.press("settingsNoticeRemove")
    box.press("settingsNoticeTest")
    assert box.intents == [StoreNoticeAddress(""), TryNotice()]
