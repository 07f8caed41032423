"""What a chart says beside its picture: how old it is, why something was not done, and what there is for the ear."""

from math import inf

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from panels.charts.chart_frame import ChartFrame
from panels.charts.scene import Scene
from panels.charts.spoken import spoken
from panels.shown import Shown
from panels.widgets.labels import Chip
from panels.zoomed import factor, px

SPEAKS_S = 1.0
SAYS_S = 4.0


class ChartWords:
    """The words of one chart.

    Attributes:
        stale: how old the last bar is, at the head of the plot.
    """

    def __init__(self, chart: QWidget, scene: Scene) -> None:
        self._chart, self._scene = chart, scene
        self._spoken_s = self._said_s = float("-inf")
        self._now_s = 0.0
        self.stale = Chip("chartStale", "Market data")
        self.stale.setParent(chart)
        self.stale.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.stale.hide()

    def begin(self, stale: str, now_s: float) -> None:
        """Begin a frame: say how old the last bar is, which is hatched meanwhile; forget what was said long enough."""
        self._now_s = now_s
        self._scene.is_stale = bool(stale)
        self.stale.setVisible(bool(stale))
        self.stale.show_value(stale, "danger")
        if self._scene.said and now_s - self._said_s >= SAYS_S:
            self._scene.said = ""

    def place(self, frame: ChartFrame | None) -> None:
        """Keep the words at the head of the plot, in the row of the figures: tags stand below it."""
        self._scene.stale_left = inf
        if self.stale.isHidden() or frame is None:
            return
        self.stale.adjustSize()
        place = QPoint(px(frame.right - 6) - self.stale.width(), px(2))
        self._scene.stale_left = place.x() / factor()
        if self.stale.pos() != place:
            self.stale.move(place)

    def say(self, text: str) -> None:
        """Say why something was not done, for a few seconds, and to the ear at once."""
        self._scene.said, self._said_s = text, self._now_s
        if not text:
            return
        self._chart.setAccessibleDescription(text)
        self._spoken_s = self._now_s
        event = QAccessibleAnnouncementEvent(self._chart, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def describe(self, shown: Shown) -> None:
        """Describe the chart, at most once a second: nobody can listen to every tick."""
        if self._now_s - self._spoken_s < SPEAKS_S:
            return
        words = spoken(self._scene, shown)
        if words != self._chart.accessibleDescription():
            self._spoken_s = self._now_s
            self._chart.setAccessibleDescription(words)
