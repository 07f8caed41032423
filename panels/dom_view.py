"""The ladder itself: a table that paints its own rows, and turns pointer and keys into what they mean.

It decides nothing: what a click would send and whether it may is asked of the panel, which is told what was meant. Rows
stay where they are unless somebody scrolls; for a quarter of a second after rows moved under a resting pointer nothing
that is pressed counts. What is let go is what was pressed, and what was pressed is what stood at the pointer: where it
would be something else by then, nothing is sent and that is said.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QShowEvent

from core.model.fill import Side
from core.model.order import Order, OrderType
from panels.dom_model import DomModel, Index
from panels.dom_painting import Hover
from panels.dom_rows import ASK, BID, MY_BUYS, MY_SELLS, SIDES
from panels.dom_table import DomTable, Point
from panels.theme import Theme

DRAG_PX = 4
ANOTHER = "It would be another order by now; nothing was sent."
Describe = Callable[[int, Side, OrderType, Order | None], tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Pressed:
    """Where the left button went down, on which of our orders, and what a click there is: so until it is let go."""

    at: QPoint
    point: Point
    own: Order | None
    kind: OrderType
    words: str


class DomView(DomTable):
    """Rows of a DomModel.

    Attributes:
        describe: asked what an order (or, with one of ours, its move) at a row is in words, what is odd about it, and
            why it cannot be.
        may_drag: asked why one of our orders cannot be moved; "" when it can.

    Signals:
        wanted: (row, side, type) of an order that was clicked or entered.
        cancel_wanted: a row. moved: (order, row). menu_wanted: (row, side, global point).
        step_wanted: the quantity by so many. recentre_wanted. pointed: what is under the pointer, or where the
            keys' cursor is, changed.
        refused: a sentence on why nothing happened.
    """

    wanted = Signal(int, object, object)
    cancel_wanted = Signal(int)
    moved = Signal(object, int)
    menu_wanted = Signal(int, object, QPoint)
    step_wanted = Signal(int)
    recentre_wanted = Signal()
    pointed = Signal()
    refused = Signal(str)

    def __init__(self, model: DomModel, theme: Theme, monotonic: Callable[[], float]) -> None:
        super().__init__(model, theme, monotonic)
        self.describe: Describe = lambda row, side, kind, order: ("", "", "")
        self.may_drag: Callable[[Order], str] = lambda order: ""
        self._pressed: Pressed | None = None
        self._dragged: Order | None = None
        self._at = QPoint(-1, -1)
        self._shift = False
        self._acts: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Return: self._enter,
            Qt.Key.Key_Enter: self._enter,
            Qt.Key.Key_Delete: self._cancel_here,
            Qt.Key.Key_Space: self.recentre_wanted.emit,
            Qt.Key.Key_BracketLeft: lambda: self.step_wanted.emit(-1),
            Qt.Key.Key_BracketRight: lambda: self.step_wanted.emit(1),
        }

    # -- the pointer ------------------------------------------------------------------------------------------------

    @property
    def dragged(self) -> Order | None:
        """The order of ours that is being moved."""
        return self._dragged

    @property
    def is_held(self) -> bool:
        """True between a press and its release."""
        return self._pressed is not None

    def deafen(self) -> None:
        """Let nothing that is pressed count for a quarter of a second, nor what is pressed already."""
        super().deafen()
        self._pressed = None
        self.abort_drag()

    def centre(self, row: int) -> None:
        """Put a row in the middle, and say anew what is under the pointer."""
        super().centre(row)
        self.look_again()

    def abort_drag(self) -> None:
        """Leave a dragged order where it is."""
        if self._dragged is not None:
            self._dragged = self._pressed = None
            self.unsetCursor()
            self.look_again()

    @property
    def keyed(self) -> Hover | None:
        """What Enter would do where the keys' cursor is; None without the keyboard."""
        point = self.cursor_point
        if point is None or not self.hasFocus():
            return None
        kind = self._kind(QGuiApplication.keyboardModifiers())
        return Hover(*point, *self.describe(*point, kind, None))

    def look_again(self) -> None:
        """Say anew what is under the pointer: the market, a key or a scroll may have changed it."""
        if self.hover is not None:
            self._point_at(self._at, QGuiApplication.keyboardModifiers())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag; the middle button centres."""
        point = self._point(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton:
            self.recentre_wanted.emit()
            return
        if point is None:
            return
        row, side = point
        self.put_cursor(row, side)
        if self.is_deaf:
            return
        if event.button() is Qt.MouseButton.LeftButton:
            self._press(event.position().toPoint(), point, event.modifiers())
        elif event.button() is Qt.MouseButton.RightButton:
            self.menu_wanted.emit(row, side, event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second press of a double click for a press."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point, or drag."""
        at, pressed = event.position().toPoint(), self._pressed
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._pressed = None  # it was let go where we did not hear of it
            self.abort_drag()
        elif pressed is not None and self._dragged is None and (at - pressed.at).manhattanLength() > DRAG_PX:
            self._begin_drag(pressed.own)
        self._point_at(at, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Send what was pressed and released on one cell, or the order that was dragged."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        pressed, self._pressed = self._pressed, None
        dragged, self._dragged = self._dragged, None
        at, said = event.position().toPoint(), self.hover
        row = self.rowAt(at.y()) if self.viewport().rect().contains(at) else -1
        if dragged is not None:
            self.unsetCursor()
            if pressed is not None and said is not None and row == said.row != pressed.point[0]:
                self.moved.emit(dragged, row)
        elif pressed is not None and pressed.own is None and self._point(at) == pressed.point:
            self._click(pressed)
        self._point_at(at, event.modifiers())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Say anew what is under the pointer: another row is, without its moving."""
        super().scrollContentsBy(dx, dy)
        self.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        """Let nothing count before what is on show now has been drawn."""
        super().showEvent(event)
        self.deafen()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        super().leaveEvent(event)
        if self._dragged is None:
            self._hover_over(None)

    # -- the keys ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, or act where it is; what acts does not repeat by itself."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key is Qt.Key.Key_Escape:
            self.abort_drag()
        elif key is Qt.Key.Key_Shift:
            self.look_again()
            self.pointed.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.cursor_point is not None:
            self.put_cursor(self.cursor_point[0], Side.BUY if key is Qt.Key.Key_Left else Side.SELL)
        elif modifiers & Qt.KeyboardModifier.ControlModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._once(event, lambda: self._move_here(-1 if key is Qt.Key.Key_Up else 1))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            super().keyPressEvent(event)
        elif key in self._acts:
            self._once(event, self._acts[key])
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Say what is under the pointer without Shift."""
        super().keyReleaseEvent(event)
        self.look_again()
        self.pointed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Say what the keys would do now, before they do it."""
        super().currentChanged(current, previous)
        self.pointed.emit()

    # -- private ----------------------------------------------------------------------------------------------------

    def _press(self, at: QPoint, point: Point, modifiers: Qt.KeyboardModifier) -> None:
        """Take a press for what stands at the pointer; it counts for nothing where that is out of date."""
        words = {kind: self.describe(*point, kind, None)[0] for kind in (OrderType.LIMIT, OrderType.STOP)}
        own, before, kind = self._resting(point, at), self.hover, self._kind(modifiers)
        is_there = before is not None and (before.row, before.side) == point
        if own is None and is_there and before is not None and before.words not in words.values():
            self._point_at(at, modifiers)
            self.refused.emit(ANOTHER)
        else:
            self._pressed = Pressed(at, point, own, kind, words[kind])

    def _click(self, pressed: Pressed) -> None:
        if self.describe(*pressed.point, pressed.kind, None)[0] == pressed.words:
            self.wanted.emit(*pressed.point, pressed.kind)
        else:
            self.refused.emit(ANOTHER)

    @staticmethod
    def _kind(modifiers: Qt.KeyboardModifier) -> OrderType:
        return OrderType.STOP if modifiers & Qt.KeyboardModifier.ShiftModifier else OrderType.LIMIT

    def _is_mine(self, at: QPoint) -> bool:
        return self.columnAt(at.x()) in (MY_BUYS, MY_SELLS)

    def _point(self, at: QPoint) -> Point | None:
        row, side = self.rowAt(at.y()), SIDES.get(self.columnAt(at.x()))
        return (row, side) if row >= 0 and side is not None else None

    def _point_at(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._at = at
        point = self._point(at) if self.viewport().rect().contains(at) else None
        if self._dragged is not None:
            row = self.rowAt(at.y())
            point = (row, self._dragged.side) if row >= 0 else None
        if point is None:
            self._hover_over(None)
            return
        kind = self._kind(modifiers) if self._pressed is None else self._pressed.kind
        said = self.describe(*point, kind, self._dragged or self._resting(point, at))
        self._hover_over(Hover(*point, *said, is_drag=self._dragged is not None))

    def _resting(self, point: Point, at: QPoint) -> Order | None:
        """Return the order of ours the pointer rests on: a click there sends nothing, a drag moves it."""
        own = self.ladder_model.ladder.own(*point) if self._is_mine(at) else ()
        return own[0] if own else None

    def _hover_over(self, hover: Hover | None) -> None:
        if hover == self.hover:
            return
        for one in (self.hover, hover):
            if one is not None:
                self.update_rows(one.row - 1, one.row + 1)
        self.hover = hover
        self.pointed.emit()

    def _begin_drag(self, order: Order | None) -> None:
        if order is None:
            return
        reason = self.may_drag(order)
        if reason:
            self._pressed = None
            self.refused.emit(reason)
            return
        self._dragged = order
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _once(self, event: QKeyEvent, act: Callable[[], None]) -> None:
        if not event.isAutoRepeat():
            self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            act()

    def _enter(self) -> None:
        point = self.cursor_point
        if point is not None and not self.is_deaf:
            self.wanted.emit(*point, OrderType.STOP if self._shift else OrderType.LIMIT)

    def _cancel_here(self) -> None:
        if self.cursor_point is not None and not self.is_deaf:
            self.cancel_wanted.emit(self.cursor_point[0])

    def _move_here(self, rows: int) -> None:
        """Move our order under the cursor by a tick, and the cursor with it."""
        if self.is_deaf:
            return
        point = self.cursor_point
        own = self.ladder_model.ladder.own(*point) if point is not None else ()
        if point is None or not own:
            self.refused.emit("No order of ours under the cursor.")
        elif reason := self.may_drag(own[0]):
            self.refused.emit(reason)
        elif 0 <= point[0] + rows < self.ladder_model.rowCount():
            self.moved.emit(own[0], point[0] + rows)
            self.setCurrentIndex(self.ladder_model.index(point[0] + rows, BID if point[1] is Side.BUY else ASK))
