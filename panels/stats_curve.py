"""What the trades of the statistics added up to, one after the other: the curve below their figures."""

from datetime import tzinfo

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from core.model.equity import EquityPoint
from panels import formatting as f
from panels.charts.equity_curve import Curve, EquityCurve
from panels.theme import Theme
from panels.widgets.labels import name_value
from panels.widgets.wordings import Wordings
from panels.zoomed import px

NAME = "Result, trade by trade"
LEAST_HEIGHT = 72


class StatsCurve(QWidget):
    """Caption and curve; takes the height that the figures leave, and shows nothing where that is too little."""

    def __init__(self, theme: Theme, zone: tzinfo | None) -> None:
        super().__init__()
        self._zone = zone
        self._points: tuple[EquityPoint, ...] = ()
        self.caption = Wordings("p3CurveText", NAME, number=False)
        self.curve = EquityCurve(theme)
        self.curve.setObjectName("p3Curve")
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 4, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.caption)
        inside.addWidget(self.curve, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.curve.looked_at.connect(self._say)

    def show_points(self, points: tuple[EquityPoint, ...]) -> None:
        """Draw what trades added up to, oldest first, from zero on."""
        if points == self._points:
            return
        self._points = points
        self.curve.show_curve(Curve(points, (), points[-1].at) if points else None)
        self._say(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the curve where it can be read."""
        super().resizeEvent(event)
        self._inside.setVisible(self.height() >= px(LEAST_HEIGHT))

    def _say(self, looked_at: EquityPoint | None) -> None:
        """Say where the curve ends, or where it was at the moment looked at."""
        if not self._points:
            self.caption.show_wordings([""])
            name_value(self.curve, NAME, "no trades")
            return
        point = looked_at or self._points[-1]
        result = f.result(point.cash)
        time = f"{f.day(point.at, self._zone)} {f.clock(point.at, self._zone, seconds=False)}"
        zone = f.zone_label(point.at, self._zone)
        self.caption.show_wordings([f"{NAME}: {result} at {time} {zone}", f"{result} at {time}", result], "ink2")
        name_value(self.curve, NAME, f"{f.spoken_result(point.cash)} at {time} {zone}")
