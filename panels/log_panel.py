"""The log: everything that was recorded and announced, in one order of time, searched and paged; nothing is deleted."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.announcement import Announcement
from core.commands import RunQuery
from core.model.scope import AccountKey
from core.queries import ALL_ROWS, PAGE_ROWS, EventFilter, EventsFound, QueryResult
from core.snapshot import Snapshot
from panels.asking import Asking
from panels.exporting.table_export import TableExport
from panels.log_rows import LogRow, columns, matches, merged, of_notice
from panels.theme import Theme
from panels.widgets.controls import button
from panels.widgets.filter_line import FilterLine
from panels.widgets.flow import FlowRow
from panels.widgets.labels import TextLabel
from panels.widgets.rows import RowsModel
from panels.widgets.table import RowsView

TICKET, EXPORT_TICKET = "events", "events-export"
NONE_FOUND, NOTHING = "No entries for this filter.", "Nothing has been recorded yet."
SEARCHING = "Searching…"
# Sooner a word would only flash.
SAID_AFTER_S = 0.3
UNREADABLE = "The recorded events cannot be read: {}. What was announced in this run is shown."


class LogPanel(QWidget):
    """Records and announcements under a filter line; follows the newest while its first page is on show.

    Signals:
        intent: RunQuery, ExportFile.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        super().__init__()
        self._asking = Asking(TICKET)
        self._snapshot = Snapshot()
        self._now: datetime | None = None
        self._cause: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._notices: tuple[LogRow, ...] = ()
        self._noted: tuple[Announcement, ...] | None = None
        self._page = 0
        self._export: RunQuery | None = None
        self._model: RowsModel[LogRow] = RowsModel(columns(zone), key=lambda row: row.key)
        self.view = RowsView("logView", "Log", self._model, theme)
        self.line = FilterLine("logFilter", "Filter the log")
        self.filter, self.count = self.line.field, self.line.count
        self.newer = button("logNewer", "Newer", "Newer entries")
        self.older = button("logOlder", "Older", "Older entries")
        self.failure = TextLabel("logFailure", "label", bold=True, wrap=False)
        self.failure.hide()
        self.exports = TableExport(self, self.view, zone)
        self._lay_out()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the page on show, and ask for it anew when something happened since."""
        self._snapshot, self._now = snapshot, now_utc
        if self.isVisible():
            query = self._asking.wish(snapshot, self._wanted, self._since(snapshot), monotonic_s, self._page)
            if query is not None:
                self.intent.emit(query)
        self._note(snapshot)
        result = self._asking.result(snapshot)
        drawn = (result, self._notices, self.line.text, self._is_searching(result))
        if drawn != self._drawn:
            self._drawn = drawn
            self._show(result)
        self._export_answer(snapshot)

    def columns(self) -> dict[str, object]:
        """Return how the columns stand."""
        return self.view.columns()

    def focus_first(self) -> None:
        """Put the keyboard on the filter."""
        self.filter.setFocus()

    def open_filter(self) -> None:
        """Put the keyboard on the filter, what stands there chosen."""
        self.line.open()

    def export(self) -> None:
        """Ask where to, and have every entry that fits the filter written there."""
        self._export = RunQuery(EXPORT_TICKET, self._wanted, ALL_ROWS)
        self.intent.emit(self._export)

    @property
    def _wanted(self) -> EventFilter:
        return EventFilter(self.line.text)

    def _since(self, snapshot: Snapshot) -> tuple[object, ...]:
        """Return one and the same value until something happens that is recorded."""
        parts = (
            snapshot.orders,
            snapshot.fills,
            snapshot.notices,
            snapshot.operations,
            snapshot.accounts,
            snapshot.recovery,
        )
        if len(self._cause) != len(parts) or any(a is not b for a, b in zip(parts, self._cause, strict=True)):
            self._cause = parts
        return self._cause

    def _note(self, snapshot: Snapshot) -> None:
        if snapshot.notices is not self._noted:
            self._noted = snapshot.notices
            self._notices = tuple(of_notice(one, self._mode_of) for one in snapshot.notices)

    def _mode_of(self, key: AccountKey) -> str:
        account = self._snapshot.accounts.get(key)
        return account.mode.value if account is not None and account.mode is not None else ""

    def _fitting(self) -> list[LogRow]:
        return [row for row in self._notices if matches(row, self.line.text)]

    def _is_searching(self, result: QueryResult | None) -> bool:
        """Say whether what is wanted has been waited for so long that it is worth a word."""
        is_answered = result is not None and result.page == self._page
        return not is_answered and (self._asking.waits_s or 0.0) >= SAID_AFTER_S

    def _show(self, result: QueryResult | None) -> None:
        found = result.found if result is not None and isinstance(result.found, EventsFound) else None
        page = result.page if result is not None else 0
        total = found.total if found is not None else 0
        fitting = self._fitting()
        events, older_at = (found.events, found.older_at) if found is not None else ((), None)
        or_more = " or more" if found is not None and not found.is_whole else ""
        self._model.set_rows(merged(events, fitting, page == 0, older_at))
        first = page * PAGE_ROWS
        records = f"{first + 1}–{first + len(events)} of {total}{or_more} records" if events else "no records"
        said = SEARCHING if self._is_searching(result) else f"{records}, {len(fitting)} announcements"
        self.count.say(said, "ink2")
        self.newer.setEnabled(page > 0)
        self.older.setEnabled(older_at is not None)
        failure = result.error if result is not None else ""
        self.failure.setVisible(bool(failure))
        self.failure.say(UNREADABLE.format(failure.rstrip(".")) if failure else "", "danger")
        if result is None and self._asking.waits_s is not None:
            self.view.say_when_empty(SEARCHING)
        else:
            self.view.say_when_empty(NONE_FOUND if self.line.text else NOTHING)

    def _export_answer(self, snapshot: Snapshot) -> None:
        """Go on with an export whose rows have come."""
        result = snapshot.queries.get(EXPORT_TICKET)
        if self._export is None or result is None or result.filter != self._export.filter:
            return
        self._export = None
        found = result.found if isinstance(result.found, EventsFound) else EventsFound((), 0)
        events, is_cut = found.events, found.total > len(found.events)
        self.exports.title = f"Log, the newest {len(events)} of {found.total} records" if is_cut else "Log"
        about = [f"Filter: {self.line.text}"] if self.line.text else []
        self.exports.ask(self._now, about, merged(events, self._fitting(), True, None))

    def _turn(self, pages: int) -> None:
        self._page = max(0, self._page + pages)

    def _search(self) -> None:
        self._page = 0

    def _leave_filter(self) -> None:
        self.view.setFocus()

    def _lay_out(self) -> None:
        self.line.changed.connect(self._search)
        self.line.left.connect(self._leave_filter)
        self.newer.clicked.connect(lambda: self._turn(-1))
        self.older.clicked.connect(lambda: self._turn(1))
        self.exports.intent.connect(self.intent)
        for keys, act in (("Ctrl+F", self.open_filter), ("Ctrl+E", self.export)):
            key = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.setAutoRepeat(False)
            key.activated.connect(act)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(FlowRow(self.line, self.newer, self.older, self.failure))
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
