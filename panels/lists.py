"""The lists below the panels, one page each: orders, fills, positions, statistics, log."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.orders_panel import OrdersPanel
from panels.theme import Theme

if TYPE_CHECKING:
    from panels.fills_panel import FillsPanel
    from panels.log_panel import LogPanel
    from panels.positions_panel import PositionsPanel
    from panels.stats_panel import StatisticsPanel

ORDERS, FILLS, POSITIONS, STATISTICS, LOG = range(5)
# The header of a list and about one row: with more, the limits of an account would be cut in the smallest window.
ONE_ROW = 49


class Lists(QTabWidget):
    """The pages; those behind the first are made by `complete`, which the first frame does not wait for.

    Signals:
        intent: what any of them asks for.
    """

    intent = Signal(object)

    fills: FillsPanel
    positions: PositionsPanel
    statistics: StatisticsPanel
    log: LogPanel

    def __init__(self, theme: Theme, ids: ActionIds, zone: tzinfo | None):
        super().__init__()
        self.setObjectName("tabs")
        self.setAccessibleName("Lists")
        self._ids, self._zone = ids, zone
        self._is_complete = self._gives_way = False
        self.orders = OrdersPanel(theme, ids, zone)
        self.orders.intent.connect(self.intent)
        self.addTab(self.orders, "Orders")
        for title in ("Fills", "Positions", "Statistics", "Log"):
            self.addTab(QWidget(), title)
        self.currentChanged.connect(self._show_page)

    def complete(self, theme: Theme) -> None:
        """Make the pages that are not made yet."""
        if self._is_complete:
            return
        from panels.fills_panel import FillsPanel
        from panels.log_panel import LogPanel
        from panels.positions_panel import PositionsPanel
        from panels.stats_panel import StatisticsPanel

        self._is_complete = True
        self.fills = FillsPanel(theme, self._zone)
        self.positions = PositionsPanel(theme, self._ids, self._zone)
        self.statistics = StatisticsPanel(theme, self._zone)
        self.log = LogPanel(theme, self._zone)
        self.positions.intent.connect(self.intent)
        self.statistics.intent.connect(self.intent)
        for at, page in enumerate((self.fills, self.positions, self.statistics, self.log), start=FILLS):
            empty, title = self.widget(at), self.tabText(at)
            assert empty is not None
            self.removeTab(at)
            self.insertTab(at, page, title)
            empty.deleteLater()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot."""
        self._count(snapshot)
        self.orders.refresh(snapshot, now_utc, monotonic_s)
        if self._is_complete:
            for page in (self.fills, self.positions, self.statistics, self.log):
                page.refresh(snapshot, now_utc, monotonic_s)

    def minimumSizeHint(self) -> QSize:
        """Return a height for the bar and one row, or for the bar alone while the panel above needs it."""
        bar = self.tabBar().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), bar if self._gives_way else bar + ONE_ROW)

    def make_room_for(self, panel: QWidget) -> None:
        """Give way where the panel above could not show all it has beside a row, and only there."""
        together = panel.height() + self.height()
        gives_way = panel.minimumSizeHint().height() + self.tabBar().sizeHint().height() + ONE_ROW > together
        if gives_way is not self._gives_way:
            self._gives_way = gives_way
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look again whether the page on show has room."""
        super().resizeEvent(event)
        self._show_page()

    def _show_page(self) -> None:
        """Show no page at all where it could show no more than a part of its controls."""
        pages, page = self.findChild(QStackedWidget), self.currentWidget()
        if pages is not None and page is not None:
            pages.setVisible(self.height() >= self.tabBar().sizeHint().height() + page.minimumSizeHint().height())

    def open_page(self, at: int) -> None:
        """Show a page and put the keyboard on it."""
        self.setCurrentIndex(at)
        page = self.widget(at)
        assert page is not None
        page.setFocus()

    def _count(self, snapshot: Snapshot) -> None:
        working = sum(order.is_alive for order in snapshot.orders.values())
        for at, text in ((ORDERS, f"Orders {working}"), (POSITIONS, f"Positions {len(snapshot.positions)}")):
            if self.tabText(at) != text:
                self.setTabText(at, text)
