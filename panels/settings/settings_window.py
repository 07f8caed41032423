"""The settings: a window of their own beside the terminal, one page at a time, and a search over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from core.model.scope import AccountKey
from core.preferences import Preferences
from core.settings_facts import SettingsFacts
from core.snapshot import Snapshot
from panels.settings.accounts_page import AccountsPage
from panels.settings.appearance_page import AppearancePage
from panels.settings.confirmations_page import ConfirmationsPage
from panels.settings.connections_page import ConnectionsPage
from panels.settings.data_page import DataPage
from panels.settings.diagnostics_page import DiagnosticsPage
from panels.settings.formats_page import FormatsPage
from panels.settings.orders_page import OrdersPage
from panels.settings.page import Page, SettingsState
from panels.settings.risk_page import RiskPage
from panels.settings.slot_page import HotkeysSlot, SlotPage
from panels.settings.sounds_page import SoundsPage
from panels.theme import font, size
from panels.widgets.labels import TextLabel
from panels.wishes import OpenSettings

PAGES: Mapping[str, type[Page]] = {
    "accounts": AccountsPage,
    "connections": ConnectionsPage,
    "risk": RiskPage,
    "orders": OrdersPage,
    "confirmations": ConfirmationsPage,
    "hotkeys": HotkeysSlot,
    "formats": FormatsPage,
    "appearance": AppearancePage,
    "sounds": SoundsPage,
    "data": DataPage,
    "diagnostics": DiagnosticsPage,
}
DEFAULT = (1000, 700)
MINIMUM = (920, 520)
LIST_WIDTH = 190


class SettingsWindow(QWidget):
    """Not modal: the terminal goes on, and shows what is changed here.

    Signals:
        intent: commands and wishes of the pages.
    """

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("settingsView")
        self.setWindowTitle("Settings · Stanchion")
        self.setAccessibleName("Settings")
        self.setMinimumSize(*MINIMUM)
        self.resize(*DEFAULT)
        self._seen = SettingsState()
        self._fillings: dict[str, QWidget] = {}
        self.pages: dict[str, Page] = {}
        self.search = QLineEdit()
        self.search.setObjectName("settingsSearch")
        self.search.setAccessibleName("Search the settings")
        self.search.setPlaceholderText("Search the settings")
        self.search.setClearButtonEnabled(True)
        self.search.setFont(font("body"))
        self.search.setFixedHeight(size("control"))
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._enter)
        self.list = QListWidget()
        self.list.setObjectName("settingsPages")
        self.list.setAccessibleName("Pages")
        self.list.setFont(font("body"))
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.setSpacing(2)
        for name, made in PAGES.items():
            item = QListWidgetItem(made.title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.list.addItem(item)
        self.list.currentRowChanged.connect(self._open_row)
        self.none = TextLabel("settingsNothing")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.none)
        self._lay_out()
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        self.list.setCurrentRow(0)

    def open_page(self, name: str = "") -> None:
        """Show the window on a page, the one shown last where none is named, and give it the keyboard.

        Args:
            name: of PAGES; "risk/CONNECTION/ACCOUNT" is the limits of an account.
        """
        page_name, _, rest = name.partition("/")
        self.search.clear()
        if page_name in PAGES:
            self.list.setCurrentRow(list(PAGES).index(page_name))
        self.show()
        self.activateWindow()
        page = self._current()
        if page is None:
            return
        page.take(self._seen, is_new=True)
        connection, _, account = rest.partition("/")
        if isinstance(page, RiskPage) and account:
            page.open_account(AccountKey(connection, account))
        page.focus_first()

    def fill(self, name: str, content: QWidget) -> None:
        """Put the content into a page that another part of the window makes."""
        self._fillings[name] = content
        page = self.pages.get(name)
        if isinstance(page, SlotPage):
            page.fill(content)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show what binds and what is connected; nothing happens while the window is closed."""
        self._seen = replace(self._seen, snapshot=snapshot, now=now_utc)
        self._show()

    def set_preferences(self, preferences: Preferences) -> None:
        """Show preferences as they are now."""
        self._seen = replace(self._seen, preferences=preferences)
        self._show()

    def set_facts(self, facts: SettingsFacts) -> None:
        """Show what stands outside the engine."""
        self._seen = replace(self._seen, facts=facts)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the search, then closes the window."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.search.text():
            self.search.clear()
        else:
            self.close()

    # -- private ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        page = self._current()
        if page is not None and self.isVisible():
            page.take(self._seen)

    def _current(self) -> Page | None:
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def _made(self, name: str) -> Page:
        page = self.pages.get(name)
        if page is None:
            page = self.pages[name] = PAGES[name](name)
            page.intent.connect(self._take)
            self.stack.addWidget(page)
            if isinstance(page, SlotPage) and name in self._fillings:
                page.fill(self._fillings[name])
        return page

    def _take(self, wish: object) -> None:
        if isinstance(wish, OpenSettings):
            self.open_page(wish.page)
        else:
            self.intent.emit(wish)

    def _open_row(self, at: int) -> None:
        if at < 0:
            self.stack.setCurrentWidget(self.none)
            return
        page = self._made(self.list.item(at).data(Qt.ItemDataRole.UserRole))
        self.stack.setCurrentWidget(page)
        page.take(self._seen, is_new=True)

    def _search(self, text: str) -> None:
        """Keep the pages that say every word, and of each the rows that do."""
        words = text.split()
        found = []
        for at, name in enumerate(PAGES):
            hit = self._made(name).search(words)
            self.list.item(at).setHidden(not hit)
            if hit:
                found.append(at)
        self.none.say(f"Nothing in the settings says “{text.strip()}”.", "ink2")
        if not found:
            self.list.setCurrentRow(-1)
        elif self.list.currentRow() not in found:
            self.list.setCurrentRow(found[0])
        for page in self.pages.values():
            page.take(self._seen, is_new=False)

    def _enter(self) -> None:
        page = self._current()
        if page is not None:
            page.focus_first()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        self.search.setFixedWidth(LIST_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(16)
        layout.addLayout(left)
        layout.addWidget(self.stack, 1)
