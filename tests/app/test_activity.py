"""A touch of the window is told, seldom, and only while it is asked for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import activity
from app.activity import Activity


@pytest.fixture
def pressed(qtbot: QtBot) -> QPushButton:
    made = QPushButton("x")
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_tells_a_touch_while_it_watches_and_not_otherwise(
    qapp: QApplication, pressed: QPushButton, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "TELL_EVERY_S", 0.0)
    watch, told = Activity(qapp), []
    watch.touched.connect(lambda: told.append(1))
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    assert told == []
    watch.watch(True)
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    QTest.keyClick(pressed, Qt.Key.Key_Tab)
    assert len(told) >= 2
    watch.watch(False)
    before = len(told)
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    assert len(told) == before


def test_many_touches_are_told_once_in_ten_seconds(qapp: QApplication, pressed: QPushButton) -> None:
    watch, told = Activity(qapp), []
    watch.touched.connect(lambda: told.append(1))
    watch.watch(True)
    for _ in range(20):
        QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    watch.watch(False)
    assert len(told) == 1
