"""Panel 3, statistics: closed trades in figures, one by one, by trading day, and by what they have in common."""

from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.commands import RunQuery
from core.link import Link
from core.model.equity import trading_date
from core.model.period import Period, period_start
from core.queries import ALL_ROWS, PAGE_ROWS, QueryResult, TradeFilter, TradesFound
from core.snapshot import Snapshot
from panels.asking import PATIENCE_S, Asking
from panels.exporting.table_export import TableExport
from panels.shown import shown_in
from panels.stats_breakdown import StatsBreakdown
from panels.stats_calendar import StatsCalendar
from panels.stats_figures import caveat
from panels.stats_filter import StatsFilter
from panels.stats_summary import StatsSummary
from panels.stats_tables import FigureRow, days_view, figures_view, page_of, rows_of, trades_view
from panels.theme import Theme
from panels.widgets.controls import button
from panels.widgets.flow import FlowRow
from panels.widgets.labels import Chip, TextLabel
from panels.widgets.pills import Pills
from panels.widgets.table import RowsView

PERIODS = (Period.DAY, Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR, Period.ALL)
SUMMARY, TRADES, CALENDAR, BREAKDOWN = range(4)
TABS = ("Summary", "Trades", "Calendar", "Breakdown")
# A skeleton shorter than this would only flicker.
SKELETON_S = 0.2
EMPTY, READING = "No closed trades in this filter.", "Reading trades…"
FAILED, UNANSWERED = "Statistics failed; trades are safe.", "No answer yet; it is asked again."
NO_ACCOUNT = "No account yet."
TICKET, EXPORT_TICKET = "statistics", "statistics-export"


class StatisticsPanel(QFrame):
    """Statistics of the account and mode on show, or of what is filtered by.

    Signals:
        intent: RunQuery, ExportFile.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        super().__init__()
        self.setObjectName("panel3")
        self.setAccessibleName("Statistics")
        self._zone = zone
        self._asking = Asking(TICKET)
        self._drawn: tuple[object, ...] = ()
        self._page = 0
        self._wanted: TradeFilter | None = None
        self._snapshot, self._now = Snapshot(), None  # type: tuple[Snapshot, datetime | None]
        self._export: RunQuery | None = None
        self.pills = Pills("p3Pill", "Statistics of", PERIODS)
        self.filter = StatsFilter()
        self.filter.hide()
        self.more = button("p3More", "Filter", "Filter the statistics by account, symbol, side and mode")
        self.more.setCheckable(True)
        self.scope = TextLabel("p3Scope", "label", bold=True, wrap=False)
        self.note = TextLabel("p3Note", "label", bold=True, wrap=False)
        self.offline = TextLabel("p3Offline", "label", wrap=False)
        self.sample = Chip("p3Sample", "Size of sample")
        self.newer = button("p3Newer", "Newer", "Newer trades")
        self.older = button("p3Older", "Older", "Older trades")
        self.rows = TextLabel("p3Rows", "label", wrap=False)
        self.message = TextLabel("p3Message")
        self.clear = button("p3ClearEmpty", "Clear filter", "Clear the filter of the statistics", "default")
        self.tabs = QTabBar()
        self.tabs.setObjectName("p3Tabs")
        self.tabs.setAccessibleName("Statistics")
        self.tabs.setDrawBase(False)
        for title in TABS:
            self.tabs.addTab(title)
        self.summary, self.calendar = StatsSummary(theme, zone), StatsCalendar(theme)
        self.breakdown, self.view = StatsBreakdown(theme), trades_view(theme, zone)
        self._figures, self._days = figures_view(theme), days_view(theme)
        for never_shown in (self._figures, self._days):
            never_shown.setParent(self)
            never_shown.hide()
        self.pages, self.stack = QStackedWidget(), _Stack()
        self._lay_out()
        self.exports = TableExport(self, self.view, zone)
        self.exports.intent.connect(self.intent)
        self._connect()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the answer to what is wanted, and ask for it when it is missing or trades were closed meanwhile."""
        self._snapshot, self._now = snapshot, now_utc
        wanted = self.filter.wanted(shown_in(snapshot), snapshot, period_start(self.pills.period, now_utc))
        if wanted != self._wanted:
            self._wanted, self._page = wanted, 0
        if wanted is None:
            self._show(snapshot, now_utc, None, NO_ACCOUNT)
            return
        if self.isVisible():
            query = self._asking.wish(snapshot, wanted, snapshot.trades, monotonic_s, self._page)
            if query is not None:
                self.intent.emit(query)
        result = self._asking.result(snapshot)
        self._show(snapshot, now_utc, result, self._waiting(result))
        self._export_answer(snapshot)

    def focus_first(self) -> None:
        """Put the keyboard on the pill that is down."""
        self.pills.focus_chosen()

    def open_tab(self, at: int) -> None:
        """Show a tab."""
        self.tabs.setCurrentIndex(at)

    def open_filter(self) -> None:
        """Show what can be filtered by, with the keyboard."""
        self.more.setChecked(True)
        self.filter.account.setFocus()

    def export(self) -> None:
        """Ask where to, and have the tab on show written there; trades of all pages."""
        result = self._asking.result(self._snapshot)
        found = result.found if result is not None and isinstance(result.found, TradesFound) else None
        if found is None or self._wanted is None:
            return
        tab = self.tabs.currentIndex()
        if tab == TRADES and found.total > len(found.trades):
            self._export = RunQuery(EXPORT_TICKET, self._wanted, ALL_ROWS)
            self.intent.emit(self._export)
            return
        by = self.breakdown.by.value.casefold()
        views: dict[int, tuple[RowsView[Any], str]] = {
            SUMMARY: (self._figures, "Statistics"),
            TRADES: (self.view, "Closed trades"),
            CALENDAR: (self._days, "Results by day"),
            BREAKDOWN: (self.breakdown.view, f"Breakdown by {by}"),
        }
        self.exports.view, self.exports.title = views[tab]
        self.exports.ask(self._now, self._about())

    def _export_answer(self, snapshot: Snapshot) -> None:
        """Go on with an export whose rows have come."""
        result = snapshot.queries.get(EXPORT_TICKET)
        if self._export is None or result is None or result.filter != self._export.filter:
            return
        self._export = None
        if isinstance(result.found, TradesFound):
            self.exports.view, self.exports.title = self.view, "Closed trades"
            self.exports.ask(self._now, self._about(), rows_of(snapshot, result.found))

    def _about(self) -> list[str]:
        return [f"{self.scope.text()} · {self.pills.period.value}", *filter(None, [self.note.text()])]

    def _waiting(self, result: QueryResult | None) -> str:
        waits_s = self._asking.waits_s
        if result is not None or waits_s is None or waits_s < SKELETON_S:
            return ""
        return f"{FAILED} {UNANSWERED}" if waits_s >= PATIENCE_S else READING

    def _show(self, snapshot: Snapshot, now: datetime, result: QueryResult | None, waiting: str) -> None:
        shown = shown_in(snapshot)
        drawn = (result, waiting, snapshot.instruments, shown.account, snapshot.accounts, snapshot.connections)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        found = result.found if result is not None and isinstance(result.found, TradesFound) else None
        self.filter.offer(sorted(snapshot.accounts), found.symbols if found is not None else ())
        mode = snapshot.accounts.get(self._wanted.account) if self._wanted is not None else None
        word = mode.mode.value if mode is not None and mode.mode is not None else shown.mode_word
        said = "" if self._wanted is None else self.filter.words(self._wanted, word)
        self.scope.say(said, "caution" if self._wanted is not None and self._wanted.others else "ink2")
        failure = result.error if result is not None else ""
        is_empty = found is not None and not found.total
        self._say(f"{FAILED} {failure}" if failure else waiting or (EMPTY if is_empty else ""))
        self.view.rows_model.set_rows(rows_of(snapshot, found))
        self._show_figures(found, bool(failure))
        self._show_parts(found, now)
        self._show_pages(found, result.page if result is not None else 0)
        down = all(one.link is not Link.READY for one in snapshot.connections.values())
        self.offline.say("offline" if down and snapshot.connections else "", "ink2")

    def _say(self, text: str) -> None:
        """Say why there is nothing to show, in the place of the tab."""
        self.view.say_when_empty(text)
        self.message.say(text, "danger" if text.startswith(FAILED) else "ink2")
        self.clear.setVisible(text == EMPTY and self.filter.is_set)
        self.stack.setCurrentIndex(1 if text else 0)

    def _show_figures(self, found: TradesFound | None, failed: bool) -> None:
        stats = found.statistics if found is not None else None
        self.summary.show_figures(stats, found.curve if found is not None else ())
        self._figures.rows_model.set_rows([] if stats is None else FigureRow.all_of(stats))
        is_small = stats is not None and stats.count > 0 and stats.is_small
        self.sample.setVisible(is_small)
        if stats is not None:
            self.sample.show_value(f"n {stats.count} · small sample", "", f"{stats.count} trades, small sample")
        text = FAILED if failed else caveat(stats) if stats is not None else ""
        self.note.setVisible(bool(text))
        self.note.say(text, "danger" if failed else "caution")

    def _show_parts(self, found: TradesFound | None, now: datetime) -> None:
        currency = found.statistics.currency if found is not None else ""
        self._days.rows_model.set_rows(found.days if found is not None else ())
        self.calendar.show_days(found.days if found is not None else (), currency, trading_date(now))
        self.breakdown.show_buckets(found.breakdown if found is not None else {})

    def _show_pages(self, found: TradesFound | None, page: int) -> None:
        total = found.total if found is not None else 0
        for control in (self.newer, self.older, self.rows):
            control.setVisible(self.tabs.currentIndex() == TRADES and (total > PAGE_ROWS or page > 0))
        words, has_newer, has_older = page_of(total, page)
        self.newer.setEnabled(has_newer)
        self.older.setEnabled(has_older)
        self.rows.say(words, "ink2")

    def _turn(self, pages: int) -> None:
        self._page = max(0, self._page + pages)

    def _open(self, tab: int) -> None:
        self.pages.setCurrentIndex(tab)
        self._drawn = ()
        page = self.pages.currentWidget()
        if page is not None:
            self.setFocusProxy(page if tab != SUMMARY else self.tabs)

    def _connect(self) -> None:
        self.newer.clicked.connect(lambda: self._turn(-1))
        self.older.clicked.connect(lambda: self._turn(1))
        self.clear.clicked.connect(self.filter.reset)
        self.more.toggled.connect(self.filter.setVisible)
        for keys, act in (("Ctrl+E", self.export), ("Ctrl+F", self.open_filter)):
            key = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.setAutoRepeat(False)
            key.activated.connect(act)
        self.tabs.currentChanged.connect(self._open)

    def _lay_out(self) -> None:
        choices = FlowRow(self.tabs, self.pills, self.more, self.scope, self.sample, self.note, self.offline)
        pager = FlowRow(self.rows, self.newer, self.older)
        for page in (self.summary, self.view, self.calendar, self.breakdown):
            self.pages.addWidget(page)
        empty = QWidget()
        inside = QVBoxLayout(empty)
        inside.addStretch(1)
        inside.addWidget(self.message, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(1)
        self.stack.addWidget(self.pages)
        self.stack.addWidget(empty)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(6, 3, 6, 2)
        inner.setSpacing(3)
        for row in (choices, self.filter, pager):
            inner.addWidget(row)
        inner.addWidget(self.stack, 1)
        # In a low window the figures scroll; they are never squeezed.
        scroll = QScrollArea()
        scroll.setObjectName("p3Scroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.setFocusProxy(self.tabs)


class _Stack(QStackedWidget):
    """Pages that ask for no more height than they need: beside lines that wrap, what is asked for is given."""

    def sizeHint(self) -> QSize:
        """Return the least."""
        return self.minimumSizeHint()
