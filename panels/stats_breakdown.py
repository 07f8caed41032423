"""Trades by what they have in common, one kind at a time; a bucket of few trades hides its means."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.model.breakdown import ENOUGH, Breakdown, Bucket, By
from panels import formatting as f
from panels.theme import Theme, font
from panels.widgets.flow import FlowRow
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, Figure, RowsModel
from panels.widgets.table import RowsView

CAPTIONS = {
    By.HOUR: "By half hour of the first entry, on the exchange's clock",
    By.WEEKDAY: "By trading day of the first entry",
    By.DURATION: "By time from first entry to last exit",
    By.SIDE: "By side",
    By.SYMBOL: "By symbol",
}
HIDDEN_MEANS = f"Buckets of fewer than {ENOUGH} trades hide their means."
PILL = (74, 24)


def columns() -> tuple[Column[Bucket], ...]:
    """Return the columns of the breakdown."""
    return (
        Column("Bucket", lambda row: row.name, 112),
        Column("Trades", lambda row: str(row.count), 56, True, value=lambda row: row.count),
        Column("Won", lambda row: str(row.wins), 48, True, value=lambda row: row.wins),
        Column("Lost", lambda row: str(row.losses), 48, True, value=lambda row: row.losses),
        Column("Hit rate", lambda row: f.percent(row.win_rate), 70, True, value=lambda row: row.win_rate),
        _money("Net", "net"),
        _money("Mean", "mean"),
        Column("Mean R", lambda row: f.r_multiple(row.mean_r), 76, True, value=lambda row: row.mean_r, figure=Figure.R),
    )


def _money(title: str, name: str) -> Column[Bucket]:
    return Column(
        title,
        lambda row: f.result(getattr(row, name)),
        108,
        True,
        tone=lambda row: f.tone_of(getattr(row, name)),
        spoken=lambda row: f.spoken_result(getattr(row, name)),
        value=lambda row: getattr(row, name),
        figure=Figure.MONEY,
    )


class StatsBreakdown(QWidget):
    """Buckets of one kind; asks for nothing.

    Signals:
        chosen: another kind is on show.
    """

    chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.by = By.HOUR
        self._breakdown: Breakdown = {}
        self._model: RowsModel[Bucket] = RowsModel(columns(), key=lambda row: row.name)
        self.view = RowsView("p3Breakdown", "Breakdown", self._model, theme)
        self.caption = TextLabel("p3BreakdownCaption", "label", wrap=False)
        self.hint = TextLabel("p3BreakdownHint", "label", wrap=False)
        self._group = QButtonGroup(self)
        self.view.horizontalHeader().setStretchLastSection(False)
        pills = QWidget()
        pills.setFixedHeight(PILL[1])
        row = QHBoxLayout(pills)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for by in By:
            row.addWidget(self._pill(by))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(FlowRow(pills, self.caption, self.hint))
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def show_buckets(self, breakdown: Breakdown) -> None:
        """Show the buckets of the chosen kind."""
        self._breakdown = breakdown
        self._show()

    def _show(self) -> None:
        rows = self._breakdown.get(self.by, ())
        self._model.set_rows(rows)
        hides = any(row.mean is None for row in rows)
        self.caption.say(CAPTIONS[self.by], "ink2")
        self.hint.say(HIDDEN_MEANS, "ink2")
        self.hint.setVisible(hides)
        self.view.setAccessibleName(f"Breakdown: {CAPTIONS[self.by]}")

    def _choose(self, by: By) -> None:
        self.by = by
        self._show()
        self.chosen.emit()

    def _pill(self, by: By) -> QPushButton:
        pill = QPushButton(by.value)
        pill.setObjectName(f"p3By_{by.name.lower()}")
        pill.setAccessibleName(f"Breakdown: {CAPTIONS[by]}")
        pill.setProperty("kind", "pill")
        pill.setFont(font("label", bold=True))
        pill.setCheckable(True)
        pill.setChecked(by is self.by)
        pill.setFixedSize(*PILL)
        pill.clicked.connect(lambda: self._choose(by))
        self._group.addButton(pill)
        return pill
