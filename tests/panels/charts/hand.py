"""A hand on the mouse and the keys of a chart, beside a ticket."""

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.chart_commands import HideChart, LoadOlder, ShowChart
from core.snapshot import Snapshot
from panels.chart_panel import ChartPanel
from panels.charts.chart_frame import ChartFrame
from panels.charts.chart_view import ChartView
from panels.charts.tags import PlacedTag
from panels.order_entry_panel import OrderEntryPanel
from tests.panels.conftest import Bench

LEFT = Qt.MouseButton.LeftButton


class Hand:
    """The panel, shown, and a hand on its mouse."""

    def __init__(self, made: Bench, ticket: OrderEntryPanel) -> None:
        self.bench, self.ticket = made, ticket
        self.panel: ChartPanel = made.widget
        self.view: ChartView = made.widget.view
        self.is_pressed = False

    def show(self, world: Snapshot, after_s: float = 1.0) -> "Hand":
        """Show a world; the frame is painted."""
        self.bench.show(world, after_s)
        self.ticket.refresh(world, self.bench.clock.now(), self.bench.clock.monotonic())
        self.view.grab()
        return self

    @property
    def orders(self) -> list[Any]:
        """What was asked for beside bars."""
        return [one for one in self.bench.intents if not isinstance(one, ShowChart | HideChart | LoadOlder)]

    @property
    def frame(self) -> ChartFrame:
        """Where everything lies."""
        found = self.view.frame()
        assert found is not None
        return found

    def tag(self, name: str) -> PlacedTag:
        """Return where the tag of a line was painted."""
        self.view.grab()
        return next(one for one in self.view._tags if one.tag.name == name)

    def at(self, price: str, x: float | None = None) -> QPoint:
        """Return the pixel of a price."""
        y = self.frame.scale.y(float(price))
        return QPointF(self.frame.right * 0.6 if x is None else x, y).toPoint()

    def drag(self, name: str, price: str, let_go: bool = True) -> None:
        """Drag a line by its tag to a price."""
        begin = self.tag(name).box.center().toPoint()
        self.move(begin)
        self.press(begin)
        line = next(one for one in self.view.scene.lines if one.name == name)
        by = self.frame.scale.y(float(price)) - self.frame.scale.y(float(line.price))
        end = begin + QPoint(0, round(by))
        self.move(begin + QPoint(0, 5 if by > 0 else -5))
        self.move(end)
        if let_go:
            self.release(end)

    def press(self, at: QPoint) -> None:
        """Press the left button."""
        self.is_pressed = True
        QTest.mousePress(self.view, LEFT, pos=at)

    def release(self, at: QPoint) -> None:
        """Let go of the left button."""
        self.is_pressed = False
        QTest.mouseRelease(self.view, LEFT, pos=at)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Move there and click, as a hand does."""
        self.move(at, modifiers)
        QTest.mouseClick(self.view, LEFT, modifiers, at)

    def move(self, to: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Move the pointer, with whatever is pressed."""
        place = QPointF(to)
        pressed = LEFT if self.is_pressed else Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, QPointF(self.view.mapToGlobal(to)), pressed, pressed, modifiers
        )
        QApplication.sendEvent(self.view, event)

    def wheel(self, steps: float, x: float, sideways: bool = False) -> None:
        """Turn the wheel, away from the hand where positive."""
        turn = QPoint(round(steps * 120), 0) if sideways else QPoint(0, round(steps * 120))
        place = QPointF(x, self.view.height() / 2)
        event = QWheelEvent(
            place,
            QPointF(self.view.mapToGlobal(place.toPoint())),
            QPoint(),
            turn,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.view, event)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key on the chart."""
        QTest.keyClick(self.view, key, modifiers)


def ready(hand: Hand, world: Snapshot, quantity: str = "2") -> None:
    """Type an order with a stop and a target into the ticket, and begin a preview."""
    hand.show(world).show(world)
    hand.ticket.fields.quantity.setText(quantity)
    hand.ticket.fields.exits.stop.setText("8t")
    hand.ticket.fields.exits.target.setText("16t")
    hand.panel.press_preview()
