"""Steps of a driven window that concern its lists: what the watchlist and the log show, exports and the log bundle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from app.terminal import Terminal


class TableSteps:
    """Taken by the window's hand, each tried until it has succeeded."""

    _terminal: Terminal
    _begun: bool
    _find: Callable[..., Any]

    def _watch(self, symbol: str) -> bool:
        """A symbol is added to the watchlist, which is opened by its key."""
        self._terminal.view.add_symbol()
        adding: QLineEdit = self._find("watchAdd", QLineEdit)
        adding.setText(symbol)
        QTest.keyClick(adding, Qt.Key.Key_Return)
        return True

    def _watched(self, name: str) -> bool:
        """The watchlist shows a price of the symbol of that name."""
        if not self._begun:
            self._terminal.view.deck.open("watchlist")
            self._begun = True
        rows = self._shown("watchlist")
        return any(row.name == name and row.last is not None and row.age_s is not None for row in rows)

    def _logged(self, text: str) -> bool:
        """The log shows a record with that text in it."""
        if not self._begun:
            self._terminal.view.deck.open("log")
            self._begun = True
        return any(row.number is not None and text in row.text for row in self._shown("log"))

    def _export(self, what: str) -> bool:
        """A panel is exported to a file, `fills=FILE`, through its dialog."""
        name, _, target = what.partition("=")
        panel: Any = self._terminal.view.deck.panel(name)
        if not self._begun:
            self._terminal.view.deck.open(name)
            self._begun = bool(self._shown(name))
            if self._begun:
                panel.export()
            return False
        return self._answer(panel.exports.asking.dialog, target) and Path(target).exists()

    def _bundle(self, target: str) -> bool:
        """The log bundle is gathered, looked at and saved through the diagnostics."""
        from panels.diagnostics_facts import OpenDiagnostics

        if not self._begun:
            self._terminal.view.intent.emit(OpenDiagnostics())
            self._find("diagnosticsBundle", QPushButton).click()
            self._begun = True
        save = self._find("bundleSave", QPushButton)
        if save.isEnabled() and self._find("bundleFileDialog", QFileDialog) is None:
            save.click()
        return self._answer(self._find("bundleFileDialog", QFileDialog), target) and Path(target).exists()

    @staticmethod
    def _answer(dialog: QFileDialog | None, target: str) -> bool:
        """Choose a file once; the dialog is gone after that."""
        if dialog is not None and not Path(target).exists() and dialog.isVisible():
            dialog.hide()
            dialog.fileSelected.emit(target)
        return True

    def _shown(self, name: str) -> tuple[Any, ...]:
        panel: Any = self._terminal.view.deck.panel(name)
        rows: tuple[Any, ...] = panel.view.rows_model.rows
        return rows
