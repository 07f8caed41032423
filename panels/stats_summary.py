"""The fifteen figures, the Sharpe ratio and the curve: three rows of five, or five of three where it is narrow."""

from datetime import tzinfo

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.model.equity import EquityPoint
from core.model.statistics import Statistics
from panels.stats_curve import StatsCurve
from panels.stats_figures import CELLS, SHARPE, Figure, figures
from panels.theme import Theme
from panels.widgets.controls import explain
from panels.widgets.labels import FitLabel, TextLabel, ValueLabel
from panels.widgets.sharpe_bar import SharpeBar

WIDE, NARROW = 5, 3
CELL_WIDTH, CELL_HEIGHT, HIGHEST, GAP = 112, 38, 84, 3


class StatsSummary(QWidget):
    """The figures; asks for nothing."""

    def __init__(self, theme: Theme, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.setObjectName("p3Summary")
        self.cells = {name: FitLabel(f"p3Cell_{name}", full_name) for name, _, full_name in CELLS}
        self.sharpe = ValueLabel(f"p3Cell_{SHARPE}", "Sharpe ratio, daily", "value", bold=True)
        self.bar = SharpeBar(theme)
        self.curve = StatsCurve(theme, zone)
        self._frames = [_cell(title, self.cells[name]) for name, title, _ in CELLS]
        self._columns = 0
        self._cells = QWidget()
        self._grid = QGridLayout(self._cells)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        ratio = QHBoxLayout()
        ratio.setSpacing(12)
        ratio.addWidget(self.sharpe)
        ratio.addWidget(self.bar, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self._cells, 1)
        layout.addLayout(ratio)
        layout.addWidget(self.curve, 1)
        self._arrange(WIDE)

    def show_figures(self, stats: Statistics | None, curve: tuple[EquityPoint, ...] = ()) -> None:
        """Show what trades amount to; "—" in every cell for none."""
        self.curve.show_points(curve)
        made = {} if stats is None else figures(stats)
        for name, label in (*self.cells.items(), (SHARPE, self.sharpe)):
            figure = made.get(name, Figure(tone="ink3"))
            text = f"Sharpe {figure.value}" if name == SHARPE else figure.value
            label.show_value(text, figure.tone, figure.spoken or figure.value)
            explain(label, "" if stats is None else figure.tooltip(stats))
        daily = None if stats is None else stats.daily
        self.bar.show_value(None if daily is None else daily.sharpe, daily is None or not daily.is_enough)

    def minimumSizeHint(self) -> QSize:
        """Return the width of three columns: where there are five they are put away."""
        return QSize(NARROW * (CELL_WIDTH + GAP), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cells into as many columns as fit."""
        super().resizeEvent(event)
        self._arrange(WIDE if self.width() >= WIDE * (CELL_WIDTH + GAP) else NARROW)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, frame in enumerate(self._frames):
            self._grid.addWidget(frame, at // columns, at % columns)
        self._cells.setMaximumHeight(len(self._frames) // columns * HIGHEST)


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
