"""Toasts are told once, merged where one happening goes on, and errors stay."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.announcement import About
from core.events import Level, Link
from core.model.scope import PositionKey
from panels.theme import Theme
from panels.toasts import MAX_TOASTS, ToastArea, add_toast, expire
from tests.panels.worlds import MES_KEY, announcement, flat, link_is


@pytest.fixture
def area(theme: Theme, qtbot: QtBot) -> ToastArea:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(1200, 720)
    made = ToastArea(parent)
    made.place(QPoint(1184, 680))
    made._keep = parent  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(("level", "life"), [(Level.INFO, 4), (Level.SUCCESS, 4), (Level.CAUTION, 10)])
def test_passing_news_goes_by_itself(level: Level, life: int) -> None:
    stack = add_toast((), announcement("News.", level), 100.0)
    assert len(expire(stack, 100.0 + life - 0.01)) == 1
    assert expire(stack, 100.0 + life) == ()


@pytest.mark.parametrize("level", [Level.ERROR, Level.ALARM])
def test_bad_news_stays(level: Level) -> None:
    assert len(expire(add_toast((), announcement("Bad.", level), 0.0), 1e9)) == 1


def test_partial_fills_of_one_happening_are_one_toast() -> None:
    stack: Any = ()
    for filled, at in ((1, 0.0), (2, 1.0), (3, 2.0)):
        stack = add_toast(stack, announcement(f"Bought {filled} of 3 @ 5050.25.", Level.SUCCESS), at)
    assert [one.text for one in stack] == ["Bought 3 of 3 @ 5050.25.  ×3"]
    assert len(expire(stack, 5.9)) == 1


@pytest.mark.parametrize(
    ("text", "level", "key"),
    [
        ("Sold 1 of 3.", Level.SUCCESS, None),
        ("Bought 1 of 3.", Level.INFO, None),
        ("Bought 1 of 3.", Level.SUCCESS, MES_KEY),
    ],
)
def test_another_happening_is_a_toast_of_its_own(text: str, level: Level, key: PositionKey | None) -> None:
    first = announcement("Bought 1 of 3.", Level.SUCCESS)
    other = announcement(text, level, key=key or first.key)
    assert len(add_toast(add_toast((), first, 0.0), other, 0.0)) == 2


def test_errors_are_never_merged() -> None:
    stack: Any = ()
    for _ in range(2):
        stack = add_toast(stack, announcement("Rejected 1.", Level.ERROR), 0.0)
    assert len(stack) == 2


def test_fills_of_an_order_are_one_toast_that_says_how_far_it_is() -> None:
    stack: Any = ()
    for number, text in enumerate(("Bought 1 ESZ5 @ 5050.25 (1 of 3).", "Bought 2 ESZ5 @ 5050.50 (3 of 3).")):
        fill = announcement(text, Level.SUCCESS)
        stack = add_toast(stack, replace(fill, about=About.FILL, cause="ST1"), float(number))
    other = replace(announcement("Bought 2 ESZ5 @ 5050.50.", Level.SUCCESS), about=About.FILL, cause="ST2")
    stack = add_toast(stack, other, 2.0)
    assert [one.text for one in stack] == ["Bought 2 ESZ5 @ 5050.50.", "Bought 2 ESZ5 @ 5050.50 (3 of 3).  ×2"]


def test_a_red_toast_goes_when_its_cause_has_passed_and_it_could_be_read(area: ToastArea) -> None:
    fallen = replace(announcement("sim is offline.", Level.ERROR, key=None), about=About.LINE, cause="sim")
    area.announce(fallen, 0.0)
    area.announce(announcement("Rejected.", Level.ERROR), 0.0)
    area.refresh(1.0, flat())
    assert len(area.texts) == 2, "it came back at once: there was no time to read it"
    area.refresh(9.0, link_is(Link.OFFLINE, flat()))
    assert len(area.texts) == 2
    area.refresh(10.0, flat())
    assert list(area.texts) == ["Rejected."]


def test_at_most_four_are_up_and_passing_ones_give_way_first() -> None:
    stack = add_toast((), announcement("Rejected: size limit.", Level.ERROR), 0.0)
    for word in "abcdef":
        stack = add_toast(stack, announcement(f"Note {word}."), 0.0)
    assert len(stack) == MAX_TOASTS
    assert [one.text for one in stack] == ["Note f.", "Note e.", "Note d.", "Rejected: size limit."]


def test_the_area_shows_the_newest_on_top_in_its_corner(area: ToastArea) -> None:
    area.announce(announcement("First."), 0.0)
    area.announce(announcement("Second.", Level.ERROR), 0.5)
    assert list(area.texts) == ["Second.", "First."]
    assert not area.isHidden()
    assert (area.geometry().right(), area.geometry().bottom()) == (1184, 680)
    area.refresh(4.1)
    assert list(area.texts) == ["Second."]


def test_a_toast_is_dismissed_by_its_button(area: ToastArea) -> None:
    area.announce(announcement("Rejected.", Level.ERROR), 0.0)
    button = area.findChild(QWidget, "toastClose_0")
    button.click()  # type: ignore[union-attr]
    assert area.texts == ()
    assert area.isHidden()


def test_a_toast_reads_itself_out(area: ToastArea) -> None:
    area.announce(announcement("Rejected.", Level.ERROR), 0.0)
    frame = area.findChild(QWidget, "toast_0")
    assert frame is not None and frame.accessibleName() == "Error: Rejected."


def test_a_toast_never_takes_the_keyboard(area: ToastArea, qtbot: QtBot) -> None:
    window = area.parentWidget()
    assert window is not None
    field = QLineEdit(window)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5000)
    for at, level in enumerate((Level.INFO, Level.ERROR, Level.ALARM)):
        area.announce(announcement(f"Number {at}.", level), float(at))
        assert field.hasFocus()
    area.refresh(60.0)
    assert field.hasFocus()
