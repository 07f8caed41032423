"""A row of pills of which one is down: the stretch of time on show."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from core.model.period import Period
from panels.theme import font

WIDTH, HEIGHT, GAP = 34, 24, 2
MEANINGS = {
    Period.LIVE: "the last hour",
    Period.DAY: "this trading day",
    Period.WEEK: "the last seven days",
    Period.MONTH: "the last 30 days",
    Period.QUARTER: "the last 91 days",
    Period.YEAR: "this year",
    Period.ALL: "everything stored",
}


class Pills(QWidget):
    """Choose a period.

    Attributes:
        period: the one chosen.

    Signals:
        chosen: the Period just chosen.
    """

    chosen = Signal(object)

    def __init__(self, prefix: str, name: str, periods: Sequence[Period], start: Period = Period.DAY):
        super().__init__()
        self.period = start
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(len(periods) * (WIDTH + GAP) - GAP)
        for period in periods:
            pill = QPushButton(period.value)
            pill.setObjectName(f"{prefix}_{period.value}")
            pill.setAccessibleName(f"{name}: {MEANINGS[period]}")
            pill.setToolTip(MEANINGS[period].capitalize())
            pill.setProperty("kind", "pill")
            pill.setFont(font("label", bold=True))
            pill.setCheckable(True)
            pill.setChecked(period is start)
            pill.setFixedSize(WIDTH, HEIGHT)
            pill.clicked.connect(lambda _checked=False, chosen=period: self._choose(chosen))
            self._group.addButton(pill)
            layout.addWidget(pill)
        layout.addStretch(1)

    def focus_chosen(self) -> None:
        """Put the keyboard on the pill that is down."""
        down = self._group.checkedButton()
        if down is not None:
            down.setFocus()

    def _choose(self, period: Period) -> None:
        if period is not self.period:
            self.period = period
            self.chosen.emit(period)
