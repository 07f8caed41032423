"""What the first frame of the window does without; a module of its own, so that nothing of it is imported before."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import partial

from PySide6.QtWidgets import QWidget

from core.snapshot import Snapshot
from panels import deck as places
from panels.account_menu import AccountMenu
from panels.action_ids import ActionIds
from panels.banner import BannerArea
from panels.cancel_asking import CancelAsking
from panels.chart_panel import ChartPanel
from panels.charts.preview import plans_of
from panels.checklist import Checklist
from panels.dom_panel import DomPanel
from panels.feed_watch import FeedWatch
from panels.fills_panel import FillsPanel
from panels.log_panel import LogPanel
from panels.order_asking import OrderAsking
from panels.order_entry_panel import OrderEntryPanel
from panels.orders_panel import OrdersPanel
from panels.panel_dock import Panel
from panels.positions_panel import PositionsPanel
from panels.stats_panel import StatisticsPanel
from panels.theme import Theme
from panels.toasts import ToastArea
from panels.watchlist_panel import WatchlistPanel
from panels.window_dialogs import WindowDialogs


class LaterParts:
    """Each of them, made: rows above the panels, what stands over the window, and the panels but for two."""

    def __init__(
        self,
        view: QWidget,
        theme: Theme,
        ids: ActionIds,
        feed: FeedWatch,
        zone: tzinfo | None,
        monotonic: Callable[[], float],
    ) -> None:
        self.ticket = ticket = OrderEntryPanel(theme, ids)
        self.banner, self.checklist = BannerArea(), Checklist()
        self.toasts = ToastArea(view)
        self.account_menu = AccountMenu(theme, view, zone)
        self.cancels = CancelAsking(theme, view)
        self.entries = OrderAsking(theme, view)
        self.entries.intent.connect(ticket.went)
        self.dialogs = WindowDialogs(theme, view, zone)
        self.chart = ChartPanel(theme, ids, feed, zone, plans_of(ticket.fields))
        self.orders = OrdersPanel(theme, ids, zone)
        self.panels: dict[str, Panel] = {
            places.CHART: self.chart,
            places.DOM: DomPanel(theme, ids, feed, ticket, monotonic, zone),
            places.WATCHLIST: WatchlistPanel(theme, zone),
            places.ORDERS: self.orders,
            places.FILLS: FillsPanel(theme, zone),
            places.POSITIONS: PositionsPanel(theme, ids, zone),
            places.STATISTICS: StatisticsPanel(theme, zone),
            places.LOG: LogPanel(theme, zone),
        }

    def steps(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> Iterator[Callable[[], object]]:
        """Return what it takes to draw all but the panels, the ticket before the panels that show its plans."""
        yield partial(self.checklist.refresh, snapshot)
        yield partial(self.banner.refresh, snapshot, monotonic_s, now_utc)
        for timed in (self.ticket, self.account_menu, self.entries, self.dialogs):
            yield partial(timed.refresh, snapshot, now_utc, monotonic_s)
        yield partial(self.cancels.refresh, snapshot, monotonic_s)
        yield partial(self.toasts.refresh, monotonic_s, snapshot)
