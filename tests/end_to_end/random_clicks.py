"""A hand that presses whatever the window offers, seeded: what a nervous trader, a child or a cat would do in an hour.

It only ever touches what can be seen and is enabled. Orders are a fair part of the presses; the rest goes to every
button, field, list and tab there is. Left alone: leaving the program, the account, since the invariants are read
for one, and the settings, one of which ends trading for the day and another opens a folder of the system.
"""

import random
from decimal import Decimal
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from app.terminal import Terminal

TRADING = ("buyButton", "sellButton", "buyButton", "sellButton", "p2Close", "flattenButton")
SPARED = ("p1Account", "p1Classify", "p1ClassifyMenu", "statusAccount", "checklist", "settingsView")
PRICE_FIELDS = ("priceBox", "triggerBox")
WORDS = ("", "1", "2", "5", "0", "-1", "1e9", "abc", "NaN", "110'16", "9999999", "=1+1", "١")


Widget = TypeVar("Widget", bound=QWidget)


class RandomClicks:
    """Presses for one terminal (GUI thread)."""

    def __init__(self, terminal: Terminal, seed: int) -> None:
        self._terminal = terminal
        self._dice = random.Random(seed)
        self.presses = 0

    def press(self) -> None:
        """Do one thing."""
        self.presses += 1
        kind = self._dice.choices(
            ("trade", "price", "button", "choice", "field", "tab", "key"), (40, 12, 20, 8, 6, 4, 4)
        )
        getattr(self, f"_{kind[0]}")()

    def _trade(self) -> None:
        """Press what trades; every other time with a ticket in order, or what was typed before would refuse most."""
        kinds = self._named("typeBox")
        if self._dice.random() < 0.5 and isinstance(kinds, QComboBox):
            self._click(self._named(self._dice.choice(("confirmYes", "confirmNo"))))
            kinds.setCurrentIndex(0)
            for name, text in (("qtyBox", "1"), ("stopBox", ""), ("targetBox", "")):
                self._write(self._named(name), text)
        self._click(self._named(self._dice.choice(TRADING)))

    def _price(self) -> None:
        """Choose a kind of order, and write a price near the market."""
        kinds = self._named("typeBox")
        if isinstance(kinds, QComboBox) and kinds.isEnabled():
            kinds.setCurrentIndex(self._dice.randrange(kinds.count()))
        snapshot = self._terminal.engine.state.snapshot()
        for (connection, symbol), quote in snapshot.quotes.items():
            instrument = snapshot.instruments.get((connection, symbol))
            shown = symbol == snapshot.selected_symbol.get(connection)
            if not shown or quote.last is None or instrument is None or instrument.tick_size is None:
                continue
            for name in PRICE_FIELDS:
                price = quote.last + self._dice.randint(-12, 12) * instrument.tick_size
                off = Decimal("0.01") if self._dice.random() < 0.1 else Decimal(0)
                self._write(self._named(name), f"{price + off:f}")
        size = self._named("qtyBox")
        self._write(size, self._dice.choice(("1", "1", "2", "3")))

    def _button(self) -> None:
        buttons = [one for one in self._seen(QAbstractButton) if one.isEnabled()]
        if buttons:
            self._click(self._dice.choice(buttons))

    def _choice(self) -> None:
        boxes = [one for one in self._seen(QComboBox) if one.isEnabled() and one.count()]
        if boxes:
            box = self._dice.choice(boxes)
            at = self._dice.randrange(box.count())
            box.setCurrentIndex(at)
            box.activated.emit(at)  # as a choice by hand does

    def _field(self) -> None:
        fields = [one for one in self._seen(QLineEdit) if one.isEnabled() and not one.isReadOnly()]
        if fields:
            self._write(self._dice.choice(fields), self._dice.choice(WORDS))

    def _tab(self) -> None:
        deck = self._terminal.view.deck
        deck.docks[self._dice.choice(sorted(deck.docks))].raise_()

    def _key(self) -> None:
        target = QApplication.focusWidget() or self._terminal.view
        key = self._dice.choice(
            (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Space)
        )
        QTest.keyClick(target, key)

    def _click(self, widget: QWidget | None) -> None:
        if widget is not None and widget.isVisible() and widget.isEnabled():
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def _write(self, field: QWidget | None, text: str) -> None:
        if isinstance(field, QLineEdit) and field.isVisible() and field.isEnabled():
            field.setText(text)
            field.editingFinished.emit()

    def _named(self, name: str) -> QWidget | None:
        return next((one for one in self._seen(QWidget) if one.objectName() == name), None)

    def _seen(self, kind: type[Widget]) -> list[Widget]:
        found = [one for top in QApplication.topLevelWidgets() if top.isVisible() for one in top.findChildren(kind)]
        return [one for one in found if one.isVisible() and not any(name in _path(one) for name in SPARED)]


def _path(widget: QWidget | None) -> list[str]:
    """Return the names of a widget and of what it stands in."""
    names = []
    while widget is not None:
        names.append(widget.objectName())
        widget = widget.parentWidget()
    return names
