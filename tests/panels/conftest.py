"""Panels under test: a theme, a clock moved by hand, action ids that count, and a view that collects its intents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from itertools import count
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.chart_commands import HideChart, ShowChart
from core.commands import RunQuery
from core.depth_commands import FollowDepth
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.terminal_view import TerminalView
from panels.theme import Theme, load_theme
from tests.panels.worlds import NOW

# What a panel says by itself as it is shown.
LOOKED_AT = (ShowChart, HideChart, FollowDepth)


@dataclass
class HandClock:
    """A clock that moves only when told."""

    seconds: float = 100.0

    def now(self) -> Any:
        """Return wall time."""
        return NOW + timedelta(seconds=self.seconds - 100.0)

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return self.seconds


@dataclass
class Bench:
    """A panel or view on the bench.

    Attributes:
        intents: what it asked for; that the view says what is looked at in it is not kept.
        queries: what it asked the history, which panels do by themselves.
    """

    widget: Any
    clock: HandClock
    intents: list[Any] = field(default_factory=list)
    queries: list[RunQuery] = field(default_factory=list)

    def take(self, intent: Any) -> None:
        """Keep what the panel asks for."""
        if isinstance(intent, RunQuery):
            self.queries.append(intent)
        elif not (isinstance(self.widget, TerminalView) and isinstance(intent, LOOKED_AT)):
            self.intents.append(intent)

    def show(self, snapshot: Snapshot, after_s: float = 0.0) -> "Bench":
        """Refresh with a snapshot, some seconds later."""
        self.clock.seconds += after_s
        self.widget.refresh(snapshot, self.clock.now(), self.clock.monotonic())
        return self

    def find(self, name: str) -> Any:
        """Return the one widget of that objectName."""
        found = self.widget.findChildren(QWidget, name)
        assert len(found) == 1, f"{name}: {len(found)} found"
        return found[0]

    def text(self, name: str) -> str:
        """Return the text of a label or button."""
        widget = self.find(name)
        assert isinstance(widget, QLabel | QAbstractButton)
        return widget.text()

    def tone(self, name: str) -> str:
        """Return the tone a widget is drawn in."""
        return str(self.find(name).property("tone") or "")

    def spoken(self, name: str) -> str:
        """Return the accessible name."""
        return str(self.find(name).accessibleName())

    def is_shown(self, name: str) -> bool:
        """Return whether a widget would be seen when its panel is."""
        return bool(self.find(name).isVisibleTo(self.widget))

    def press(self, name: str) -> None:
        """Click a button."""
        self.find(name).click()


def tab_to(bench: Bench, name: str) -> None:
    """Walk with Tab to the widget of that objectName."""
    for _ in range(60):
        walker = bench.widget.focusWidget()
        if walker.objectName() == name:
            return
        QTest.keyClick(walker, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The dark theme, applied."""
    made = load_theme("dark")
    if qapp.styleSheet() != made.sheet():
        made.apply(qapp)
    return made


@pytest.fixture
def clock() -> HandClock:
    """A clock moved by hand."""
    return HandClock()


@pytest.fixture
def ids(clock: HandClock) -> ActionIds:
    """Action ids A1, A2 …"""
    numbers = count(1)
    return ActionIds(clock.monotonic, lambda: f"A{next(numbers)}")


@pytest.fixture
def bench(qtbot: QtBot, clock: HandClock) -> Iterator[Callable[[QWidget], Bench]]:
    """Put a panel on the bench; it is gone, and not merely closed, when the test ends."""
    placed: list[QWidget] = []

    def put(widget: QWidget) -> Bench:
        placed.append(widget)
        made = Bench(widget, clock)
        if hasattr(widget, "intent"):
            widget.intent.connect(made.take)
        return made

    yield put
    for widget in placed:
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def view(theme: Theme, clock: HandClock, ids: ActionIds, bench: Callable[[QWidget], Bench]) -> Bench:
    """The whole view, times in UTC."""
    return bench(TerminalView(theme, clock, ids, UTC))
