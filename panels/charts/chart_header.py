"""The line above a chart: symbol, interval, whether it follows, how its bars are, and the way out of the position."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent

from core.model.bar import BarSeries, BarSource, Interval
from panels import formatting as f
from panels.shown import Shown
from panels.widgets.controls import Choice, button, explain
from panels.widgets.header import PanelHeader
from panels.widgets.labels import TextLabel, ValueLabel, set_property
from panels.zoomed import px

PRESETS = ("1m", "5m", "15m", "1h", "1d")
HEIGHT, SPACE = 36, 6
HINT = "A number and t, s, m, h or d: 100t, 15s, 5m, 1h, 1d. Enter shows it, Esc restores."
FOLLOWS = "The last bar stays in view."
STAYS = "The view stays where it is; press to go back to the last bar. End"
SOURCES = {
    BarSource.NOTHING: ("no history", "Bars begin with the first trade that was seen here."),
    BarSource.OWN: ("own ticks", "The venue serves no history here: bars are of the trades this program has seen."),
}
PREVIEW_HINT = "Shows an order at the pointer before it is sent. Ctrl+P"


class IntervalBox(Choice):
    """The interval: presets, or what is typed; what cannot be read leaves the chart as it is and says why.

    Signals:
        taken: another interval was chosen.
    """

    taken = Signal()

    def __init__(self) -> None:
        super().__init__("chartInterval", "Bar interval", PRESETS, width=76)
        self.setEditable(True)
        self.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        self.chosen = Interval.parse(PRESETS[0])
        edit = self.lineEdit()
        assert edit is not None
        self._edit = edit
        edit.setMaxLength(8)
        edit.returnPressed.connect(self.take)
        edit.textEdited.connect(self._edited)
        self.activated.connect(self.take)
        explain(self, HINT)

    def take(self) -> None:
        """Show bars of the length that is typed."""
        before = self.chosen
        try:
            self.chosen = Interval.parse(self.currentText())
        except ValueError as refused:
            set_property(self, "tone", "danger")
            explain(self, str(refused))
            return
        self.restore()
        if self.chosen != before:
            self.taken.emit()

    def restore(self) -> None:
        """Write the interval on show."""
        with QSignalBlocker(self):
            self.setCurrentText(str(self.chosen))
        self._edited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Restore on Escape."""
        if Qt.Key(event.key()) is Qt.Key.Key_Escape:
            self.restore()
        else:
            super().keyPressEvent(event)

    def _edited(self) -> None:
        set_property(self, "tone", "")
        explain(self, HINT)


class ChartHeader(PanelHeader):
    """The line; what its buttons do is the panel's business."""

    def __init__(self) -> None:
        super().__init__(HEIGHT)
        self.symbol = ValueLabel("chartSymbol", "Symbol", "body", bold=True)
        self.interval = IntervalBox()
        self.follow = button("chartFollow", "Follow", "Follow the last bar", "pill")
        self.follow.setCheckable(True)
        self.follow.setFixedSize(56, 24)
        self.preview = button("chartPreview", "Preview", "Preview an order", "pill")
        self.preview.setCheckable(True)
        self.preview.setFixedSize(64, 24)
        explain(self.preview, PREVIEW_HINT)
        self.history = TextLabel("chartHistory", "label", wrap=False)
        self.retry = button("chartRetry", "Retry", "Ask for the history again")
        self.close_button = button("chartClose", "✕ Close", "Close position")
        row = self.row
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(SPACE)
        for part in (self.symbol, self.interval, self.follow, self.preview, self.history, self.retry):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.close_button)
        for part in (self.retry, self.close_button):
            part.hide()

    @property
    def chosen(self) -> Interval:
        """The interval on show."""
        return self.interval.chosen

    def choose(self, interval: Interval) -> None:
        """Show another interval."""
        self.interval.chosen = interval
        self.interval.restore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for what cannot be done elsewhere."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave the preview to its key where the line is too narrow for its button."""
        parts = (self.symbol, self.interval, self.follow, self.history, self.retry, self.close_button)
        wanted = sum(one.sizeHint().width() + px(SPACE) for one in parts if not one.isHidden())
        self.preview.setVisible(wanted + self.preview.width() + px(3 * SPACE) <= self.width())

    def show_follow(self, follows: bool) -> None:
        """Say whether the last bar stays in view."""
        self.follow.setChecked(follows)
        explain(self.follow, FOLLOWS if follows else STAYS)

    def show_preview(self, is_on: bool, has_symbol: bool) -> None:
        """Say whether a preview stands at the pointer."""
        self.preview.setChecked(is_on)
        self.preview.setEnabled(has_symbol)

    def show_history(self, series: BarSeries | None, has_symbol: bool) -> None:
        """Say how the bars are: on their way, failed, or where from."""
        words, tone, detail = "", "ink2", ""
        if not has_symbol:
            pass
        elif series is None:
            words = "Loading bars…"
        elif series.problem:
            words, tone, detail = "History failed.", "danger", series.problem
        elif series.progress is not None:
            words = f"Loading bars {series.progress[0]}/{series.progress[1]}"
        elif not len(series):
            words = "No bars yet."
        elif series.source in SOURCES:
            words, detail = SOURCES[series.source]
        self.history.say(words, tone)
        explain(self.history, detail)
        self.history.setVisible(bool(words))
        self.retry.setVisible(series is not None and bool(series.problem))
        self._make_room()
        explain(self.retry, detail)

    def show_close(self, words: str, ready: bool, shown: Shown) -> None:
        """Offer to close what is open."""
        at_broker = shown.status is not None and bool(shown.status.broker_quantity)
        self.close_button.setVisible(shown.position is not None or at_broker or not ready)
        text = f"✕ {words}"
        if self.close_button.text() != text:
            self.close_button.setText(text)
            self._make_room()
        self.close_button.setEnabled(ready)
        if shown.key is None:
            return
        held = "" if shown.position is None else f", {f.held(shown.position.quantity, shown.instrument).lower()}"
        name = f"{words}, {shown.key.symbol}{held}, account {shown.key.account}, {shown.mode_word}"
        if self.close_button.accessibleName() != name:
            self.close_button.setAccessibleName(name)
        explain(
            self.close_button,
            "Cancels the working orders of this symbol, then closes at the market. Ctrl+Shift+X"
            if ready
            else "A close is running; a further press does nothing.",
        )
