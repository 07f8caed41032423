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
        """Return what the largest page needs, or the height of the bar while the pages make room."""
        natural = super().minimumSizeHint()
        return QSize(natural.width(), self.tabBar().sizeHint().height()) if self._gives_way else natural

    def make_room_for(self, panel: QWidget) -> None:
        """Give way where the panel above could not show all it has beside the pages, and only there."""
        together = panel.height() + self.height()
        needed = panel.minimumSizeHint().height() + super().minimumSizeHint().height()
        if (needed > together) is not self._gives_way:
            self._gives_way = not self._gives_way
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show no page at all where it could show no more than a part of itself."""
        super().resizeEvent(event)
        pages = self.findChild(QStackedWidget)
        assert pages is not None
        least = max((page.minimumSizeHint().height() for page in self._pages), default=0)
        pages.setVisible(self.height() >= self.tabBar().sizeHint().height() + least)

    @property
    def _pages(self) -> list[QWidget]:
        return [page for page in map(self.widget, range(self.count())) if page is not None]

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
