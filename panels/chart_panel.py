"""The chart panel: bars of the symbol on show in an interval of the trader's choice, with his lines, to trade from.

Every state has its words: no symbol, bars on their way, history that failed (the bars there are stay), a market that
is silent. The bars are the engine's; this panel says which it wants to see.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QVBoxLayout

from core.alert_commands import AddAlert
from core.chart_commands import HideChart, RetryHistory, ShowChart
from core.commands import ClosePosition
from core.model.alert import AlertKind, Way
from core.model.bar import BarSeries, ChartKey, Interval
from core.model.scope import PositionKey
from core.preferences import Preferences
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.charts.chart_header import ChartHeader
from panels.charts.chart_trading import ChartTrading
from panels.charts.chart_view import ChartView
from panels.charts.preview import PlanFor, Preview
from panels.feed_watch import FeedWatch, Freshness
from panels.position_panel import close_words
from panels.shown import shown_in
from panels.theme import Theme
from panels.widgets.controls import on_press
from panels.widgets.labels import TextLabel

NO_SYMBOL = "Choose a symbol."
# A command can be lost to a full inbox; what was wanted is said again after this long.
AGAIN_S = 5.0


class ChartPanel(QFrame):
    """The chart of the scope on show.

    Signals:
        intent: ShowChart, HideChart, LoadOlder, RetryHistory, ChangeOrder, SubmitOrder, OpenWithBracket, ClosePosition,
            AddAlert.
        interval_chosen: the trader chose bars of another length, as it is written.
    """

    intent = Signal(object)
    interval_chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        ids: ActionIds,
        feed: FeedWatch,
        zone: tzinfo | None = None,
        plan_for: PlanFor | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("chartPanel")
        self.setProperty("kind", "panel")
        self.setAccessibleName("Chart panel")
        self._ids, self._feed, self._zone = ids, feed, zone
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._key: ChartKey | None = None
        self._wanted_s: float | None = None
        self._is_drawn = self._wants_preview = False
        self.header = ChartHeader()
        self.trading = ChartTrading(theme, ids, self, plan_for)
        self.view = ChartView(theme, self.trading, zone)
        self.empty = TextLabel("chartEmpty", "value")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.say(NO_SYMBOL, "ink2")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.pages, 1)
        self._connect()

    def set_theme(self, theme: Theme) -> None:
        """Draw and ask in another theme."""
        self.view.set_theme(theme)
        self.trading.set_theme(theme)

    def set_preferences(self, preferences: Preferences) -> None:
        """Show bars as long as the trader had them last."""
        self.choose_interval(Interval.parse(preferences.chart_interval))

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot; nothing while it cannot be seen, but for a question that was asked."""
        self.trading.follow(snapshot, now_utc, monotonic_s)
        if not self.isVisible():
            return
        self._snapshot, self._shown = snapshot, shown_in(snapshot)
        shown = self._shown
        feed = self._feed.judge(shown, now_utc)
        self._ask_for_bars(monotonic_s)
        series = None if self._key is None else snapshot.charts.get(self._key)
        is_stale = shown.quote is not None and (feed.freshness is Freshness.SILENT or not shown.link_alive)
        self.pages.setCurrentWidget(self.empty if shown.key is None else self.view)
        stale = self._stale_words(series, feed.age_s) if is_stale else ""
        self.view.refresh(snapshot, shown, series, stale, now_utc, monotonic_s)
        self._show_header(series, now_utc)
        self._is_drawn = True
        if self._wants_preview:
            self.press_preview()

    def focus_first(self) -> None:
        """Put the keyboard on the chart, or on the interval while there is none."""
        (self.view if self.pages.currentWidget() is self.view else self.header.interval).setFocus()

    def press_preview(self) -> None:
        """Begin the preview of an order, or leave it: the key; on a chart that comes up just now, once it is drawn."""
        self.view.setFocus()
        self._wants_preview = not self._is_drawn
        if self._is_drawn:
            self.trading.press_preview(self.view.scene)

    def hideEvent(self, event: QHideEvent) -> None:
        """Know no more how things stand, and preview nothing by it."""
        super().hideEvent(event)
        self._is_drawn = False
        self.trading.leave_preview(self.view.scene)

    @property
    def interval(self) -> Interval:
        """How long a bar is."""
        return self.header.chosen

    def choose_interval(self, interval: Interval) -> None:
        """Show bars of this length from the next frame on."""
        if interval != self.header.chosen:
            self.header.choose(interval)

    def _ask_for_bars(self, monotonic_s: float) -> None:
        """Say which bars are wanted; once, and again where nothing came of it."""
        shown = self._shown.key
        key = None if shown is None else ChartKey(shown.connection, shown.symbol, self.header.chosen)
        if key != self._key:
            if self._key is not None:
                self.intent.emit(HideChart(self._key))
            self._key, self._wanted_s = key, None
        if key is None:
            return
        asked_s = self._wanted_s
        if asked_s is None or (key not in self._snapshot.charts and monotonic_s - asked_s >= AGAIN_S):
            self._wanted_s = monotonic_s
            self.intent.emit(ShowChart(key))

    def _show_header(self, series: BarSeries | None, now: datetime) -> None:
        shown, header = self._shown, self.header
        header.symbol.show_value(f.UNKNOWN if shown.key is None else shown.key.symbol)
        header.show_follow(self.view.follows)
        header.show_history(series, shown.key is not None)
        header.show_preview(self.trading.previews, shown.key is not None)
        held = "" if shown.position is None else f.quantity(abs(shown.position.quantity), shown.instrument)
        words, ready = close_words(shown.operation, held, now)
        header.show_close(words, ready, shown)

    def _stale_words(self, series: BarSeries | None, age_s: float | None) -> str:
        """Return how old what is shown is: "STALE 7 s · last tick 09:41:07 CET"."""
        last = None if series is None else series.last_trade
        if last is None and self._shown.quote is not None:
            last = self._shown.quote.received_at
        age = "" if age_s is None else f" {int(age_s)} s" if age_s < 60 else f" {f.duration(age_s)}"
        return f"STALE{age} · last tick {f.zoned(last, self._zone)}"

    def _close(self) -> None:
        """Ask for the scope to be closed: the same as panel 2's button."""
        key = self._shown.key
        if key is not None and self.header.close_button.isEnabled():
            self.intent.emit(ClosePosition(self._ids.press(f"close {key}"), key))

    def _retry(self) -> None:
        if self._key is not None:
            self.intent.emit(RetryHistory(self._key))

    def _open_menu(self, place: QPoint, price: Decimal) -> None:
        """Offer an alert and an order at a price."""
        key = self._shown.key
        if key is None:
            return
        menu = QMenu(self)
        menu.setObjectName("chartMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for is_stop in (False, True):
            preview = self.trading.order_at(price, is_stop)
            if preview is not None:
                action = menu.addAction(preview.words[0])
                action.setEnabled(not preview.refused)
                action.setToolTip(" · ".join(preview.words[1:-1]) or preview.refused)
                action.triggered.connect(self._offered(preview, key))
        if menu.actions():
            menu.addSeparator()
        alert = menu.addAction(f"Alert at {f.price(price, self._shown.instrument)}")
        alert.triggered.connect(lambda: self._alert(price, key))
        menu.popup(place)

    def _offered(self, preview: Preview, key: PositionKey) -> Callable[[], None]:
        return lambda: self.trading.send_offered(preview, key, self.view.scene)

    def _alert(self, price: Decimal, key: PositionKey) -> None:
        """Have a price watched that was offered in a scope, from the side its market is on."""
        quote = self._snapshot.quotes.get((key.connection, key.symbol))
        last = None if quote is None else quote.last
        way = Way.BELOW if last is not None and price < last else Way.ABOVE
        self.intent.emit(AddAlert(self._ids.press(f"alert {key} {price}"), AlertKind.PRICE, key, way, price))

    def _connect(self) -> None:
        self.view.intent.connect(self.intent)
        self.trading.intent.connect(self.intent)
        self.trading.previewed.connect(lambda on: self.header.show_preview(on, True))
        self.view.moved.connect(lambda: self.header.show_follow(self.view.follows))
        self.view.menu_wanted.connect(self._open_menu)
        self.header.interval.taken.connect(lambda: self.interval_chosen.emit(str(self.header.chosen)))
        self.header.follow.clicked.connect(self.view.press_follow)
        self.header.preview.clicked.connect(self.press_preview)
        self.header.retry.clicked.connect(self._retry)
        on_press(self.header.close_button, lambda: self._shown.key, self._close)
