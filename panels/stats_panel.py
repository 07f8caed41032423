"""Panel 3, statistics: what the closed trades of the account on show amount to, and the trades themselves."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.model.period import Period, period_start
from core.queries import PAGE_ROWS, QueryResult, TradeFilter, TradesFound
from core.snapshot import Snapshot
from panels import formatting as f
from panels.asking import PATIENCE_S, Asking
from panels.shown import Shown, shown_in
from panels.stats_figures import CELLS, SHARPE, Figure, caveat, figures
from panels.theme import Theme
from panels.trades_list import Row
from panels.trades_list import columns as trade_columns
from panels.widgets.controls import button, explain
from panels.widgets.labels import Chip, FitLabel, TextLabel, ValueLabel
from panels.widgets.pills import Pills
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView

PERIODS = (Period.DAY, Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR, Period.ALL)
COLUMNS, CELL_WIDTH, CELL_HEIGHT = 5, 112, 38
# A skeleton shorter than this would only flicker.
SKELETON_S = 0.2
EMPTY, READING = "No closed trades in this filter.", "Reading trades…"
FAILED, UNANSWERED = "Statistics failed; trades are safe.", "No answer yet; it is asked again."


def columns(zone: tzinfo | None) -> tuple[Column[Row], ...]:
    """Return the columns of the trades: those of the latest trades, dated, with their symbol."""
    return (
        Column("Closed", lambda row: f"{f.day(row[0].exit_time, zone)} {f.clock(row[0].exit_time, zone)}", 178, True),
        Column("Symbol", lambda row: row[0].key.symbol, 152),
        *trade_columns(zone)[1:],
    )


class StatisticsPanel(QFrame):
    """Statistics of the account and mode on show.

    Signals:
        intent: RunQuery.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        super().__init__()
        self.setObjectName("panel3")
        self.setAccessibleName("Statistics")
        self._asking = Asking("statistics")
        self._drawn: tuple[object, ...] = ()
        self._page = 0
        self._wanted: TradeFilter | None = None
        self.pills = Pills("p3Pill", "Statistics of", PERIODS)
        self.scope = TextLabel("p3Scope", "label", wrap=False)
        self.note = TextLabel("p3Note", "label", bold=True, wrap=False)
        self.sample = Chip("p3Sample", "Size of sample")
        self.sharpe = ValueLabel(f"p3Cell_{SHARPE}", "Sharpe ratio, daily", "value", bold=True)
        self.newer = button("p3Newer", "Newer", "Newer trades")
        self.older = button("p3Older", "Older", "Older trades")
        self.rows = TextLabel("p3Rows", "label", wrap=False)
        self.cells = {name: FitLabel(f"p3Cell_{name}", full_name) for name, _, full_name in CELLS}
        self._model: RowsModel[Row] = RowsModel(
            columns(zone), key=lambda row: (row[0].key, row[0].exit_time, row[0].entry_time, row[0].quantity)
        )
        self.view = RowsView("p3Trades", "Closed trades", self._model, theme)
        self._lay_out()
        self.newer.clicked.connect(lambda: self._turn(-1))
        self.older.clicked.connect(lambda: self._turn(1))

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the answer to what is wanted, and ask for it when it is missing or trades were closed meanwhile."""
        shown = shown_in(snapshot)
        wanted = self._filter(shown, now_utc)
        if wanted != self._wanted:
            self._wanted, self._page = wanted, 0
        if wanted is None:
            self._show(snapshot, shown, None, "No account yet.")
            return
        if self.isVisible():
            query = self._asking.wish(snapshot, wanted, snapshot.trades, monotonic_s, self._page)
            if query is not None:
                self.intent.emit(query)
        result = self._asking.result(snapshot)
        self._show(snapshot, shown, result, self._waiting(result))

    def focus_first(self) -> None:
        """Put the keyboard on the pill that is down."""
        self.pills.focus_chosen()

    def _filter(self, shown: Shown, now: datetime) -> TradeFilter | None:
        if shown.account_key is None:
            return None
        mode = shown.account.mode if shown.account is not None else None
        return TradeFilter(shown.account_key, mode, period_start(self.pills.period, now))

    def _waiting(self, result: QueryResult | None) -> str:
        waits_s = self._asking.waits_s
        if result is not None or waits_s is None or waits_s < SKELETON_S:
            return ""
        return f"{FAILED} {UNANSWERED}" if waits_s >= PATIENCE_S else READING

    def _show(self, snapshot: Snapshot, shown: Shown, result: QueryResult | None, waiting: str) -> None:
        drawn = (result, waiting, snapshot.instruments, shown.account, shown.mode_word)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        account = "" if shown.account_key is None else f"{shown.account_key.account} · {shown.mode_word}"
        found = result.found if result is not None and isinstance(result.found, TradesFound) else None
        self.scope.say(account, "ink2")
        failure = result.error if result is not None else ""
        self.view.say_when_empty(f"{FAILED} {failure}" if failure else waiting or (EMPTY if found is not None else ""))
        self._model.set_rows(self._rows(snapshot, found))
        self._show_figures(found, bool(failure))
        self._show_pages(found, result.page if result is not None else 0)

    def _show_figures(self, found: TradesFound | None, failed: bool) -> None:
        stats = found.statistics if found is not None else None
        made = {} if stats is None else figures(stats)
        for name, label in (*self.cells.items(), (SHARPE, self.sharpe)):
            figure = made.get(name, Figure(tone="ink3"))
            text = f"Sharpe {figure.value}" if name == SHARPE else figure.value
            label.show_value(text, figure.tone, figure.spoken or figure.value)
            tip = "" if stats is None else figure.tooltip(stats)
            explain(label, tip)
        is_small = stats is not None and stats.count > 0 and stats.is_small
        self.sample.setVisible(is_small)
        if stats is not None:
            self.sample.show_value(f"n {stats.count} · small sample", "", f"{stats.count} trades, small sample")
        text = FAILED if failed else caveat(stats) if stats is not None else ""
        self.note.setVisible(bool(text))
        self.note.say(text, "danger" if failed else "caution")

    def _rows(self, snapshot: Snapshot, found: TradesFound | None) -> list[Row]:
        trades = found.trades if found is not None else ()
        return [(one, snapshot.instruments.get((one.key.connection, one.key.symbol))) for one in trades]

    def _show_pages(self, found: TradesFound | None, page: int) -> None:
        total = found.total if found is not None else 0
        for control in (self.newer, self.older, self.rows):
            control.setVisible(total > PAGE_ROWS or page > 0)
        first = page * PAGE_ROWS
        self.newer.setEnabled(page > 0)
        self.older.setEnabled(first + PAGE_ROWS < total)
        self.rows.say(f"{first + 1}–{min(total, first + PAGE_ROWS)} of {total}", "ink2")

    def _turn(self, pages: int) -> None:
        self._page = max(0, self._page + pages)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(10)
        before: tuple[QWidget, ...] = (self.pills, self.scope, self.sample, self.note)
        after: tuple[QWidget, ...] = (self.sharpe, self.rows, self.newer, self.older)
        for part in before:
            header.addWidget(part)
        header.addStretch(1)
        for part in after:
            header.addWidget(part)
        grid = QGridLayout()
        grid.setSpacing(3)
        for at, (name, title, _) in enumerate(CELLS):
            grid.addWidget(_cell(title, self.cells[name]), at // COLUMNS, at % COLUMNS)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addLayout(grid, 2)
        body.addWidget(self.view, 3)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(6, 3, 6, 2)
        inner.setSpacing(3)
        inner.addLayout(header)
        inner.addLayout(body, 1)
        # In a low window the figures scroll; they are never squeezed.
        scroll = QScrollArea()
        scroll.setObjectName("p3Scroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.setFocusProxy(self.view)


def _cell(title: str, value: FitLabel) -> QFrame:
    frame = QFrame()
    frame.setProperty("kind", "cell")
    frame.setMinimumSize(CELL_WIDTH, CELL_HEIGHT)
    name = TextLabel(step="label", wrap=False)
    name.say(title, "ink2")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(6, 0, 6, 0)
    layout.setSpacing(0)
    layout.addStretch(1)
    layout.addWidget(name)
    layout.addWidget(value)
    layout.addStretch(1)
    return frame
