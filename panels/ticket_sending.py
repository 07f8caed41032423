"""Sending the ticket by key: exactly what a press of its button does, and never on Enter alone.

The ticket has two sides and no key can know which is meant: on the button of a side Ctrl+Enter presses it, in a field
it opens the choice of both, in which neither is chosen beforehand.
"""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from core.model.fill import Side
from core.model.order import OrderType
from panels.order_entry_panel import OrderEntryPanel
from panels.ticket_draft import TYPES

NOT_THERE = "Go to the ticket first (Ctrl+T)."


class SideMenu(QMenu):
    """The choice of a side: Enter takes one only after it was chosen with the arrows, and held keys take none."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter without effect while neither side is chosen."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and (event.isAutoRepeat() or self.activeAction() is None):
            event.accept()
        else:
            super().keyPressEvent(event)


class TicketSending:
    """The keys of one ticket."""

    def __init__(self, ticket: OrderEntryPanel) -> None:
        self._ticket = ticket
        self.menu = SideMenu(ticket)
        self.menu.setObjectName("sendMenu")
        self.menu.setAccessibleName("Send the ticket: which side")
        self.menu.setToolTipsVisible(True)

    def refusal(self) -> str:
        """Return why Ctrl+Enter sends nothing now."""
        focus = self._ticket.window().focusWidget()
        if focus is None or not (focus is self._ticket or self._ticket.isAncestorOf(focus)):
            return NOT_THERE
        sides = (self._button(Side.BUY), self._button(Side.SELL))
        return "" if any(one.isEnabled() for one in sides) else _reason(sides[0])

    def send(self) -> str | None:
        """Press the side that has the keyboard, or ask which."""
        focus = self._ticket.window().focusWidget()
        for side in Side:
            if focus is self._button(side):
                return self._press(side)
        self._offer(focus)
        return None

    def market(self, side: Side) -> str | None:
        """Choose a market order and press a side."""
        at_market = next(words for words, kind in TYPES.items() if kind is OrderType.MARKET)
        self._ticket.fields.type.setCurrentText(at_market)
        return self._press(side)

    def words(self, side: Side) -> str:
        """Return what a press of a side would send, as its button says it."""
        return self._button(side).accessibleName()

    def _offer(self, field: QWidget | None) -> None:
        self.menu.clear()
        for side, mnemonic in ((Side.BUY, "&"), (Side.SELL, "&")):
            pressed = self._button(side)
            made = self.menu.addAction(f"{mnemonic}{pressed.text()}")
            made.setObjectName(f"send{side.value.title()}")
            made.setEnabled(pressed.isEnabled())
            made.setToolTip(pressed.accessibleDescription())
            made.triggered.connect(partial(self._take, side, self.words(side), field))
        below = field if field is not None else self._ticket
        self.menu.popup(below.mapToGlobal(below.rect().bottomLeft()))

    def _take(self, side: Side, offered: str, field: QWidget | None, _checked: bool = False) -> None:
        """Press what was offered; what would send something else by now is offered anew."""
        if self.words(side) == offered:
            self._press(side)
        else:
            self._offer(field)

    def _press(self, side: Side) -> str | None:
        pressed = self._button(side)
        if not pressed.isEnabled():
            return _reason(pressed)
        pressed.click()
        return None

    def _button(self, side: Side) -> QPushButton:
        return self._ticket.fields.buy if side is Side.BUY else self._ticket.fields.sell


def _reason(pressed: QPushButton) -> str:
    return pressed.accessibleDescription() or "It cannot be sent now."
