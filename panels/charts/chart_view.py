"""The chart: a painted widget of two layers, with its wheel, its keys and its lines to be dragged.

What a tick does not change is painted once and kept as a picture (`static_layer`); the last bar, the lines and the
pointer go over it (`live_layer`). Frames come with the snapshots, and every 16 ms while the trader drags or pans.
"""

from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.chart_commands import LoadOlder
from core.model.bar import BarSeries
from core.snapshot import Snapshot
from panels.charts.chart_frame import ChartFrame
from panels.charts.chart_range import ChartRange
from panels.charts.chart_trading import ChartTrading
from panels.charts.chart_words import ChartWords
from panels.charts.crosshair import price_at
from panels.charts.drag import Drag, Gesture, line_at
from panels.charts.live_layer import paint_live, tags_of
from panels.charts.price_axis import PriceScale
from panels.charts.scene import Scene
from panels.charts.static_layer import StaticLayer, stands_for
from panels.charts.tags import PlacedTag, TagMeasure
from panels.charts.trade_lines import TradeLine
from panels.shown import Shown
from panels.theme import Theme
from panels.zoomed import at_100, factor, px

MOVING_MS = 16
WHEEL_STEP = 120.0
ZOOM = 0.85
STEP_SHARE, PAGE_SHARE = 0.1, 0.9


class ChartView(QWidget):
    """The chart of the scope on show.

    Signals:
        intent: LoadOlder.
        moved: it follows the last bar, or does not any more.
        menu_wanted: a menu at a place (global) for a price.
    """

    intent = Signal(object)
    moved = Signal()
    menu_wanted = Signal(QPoint, object)

    def __init__(self, theme: Theme, trading: ChartTrading, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.setObjectName("chartView")
        self.setAccessibleName("Chart")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.scene = Scene(theme, zone)
        self.range = ChartRange()
        self.trading = trading
        self.words = ChartWords(self, self.scene)
        self._static = StaticLayer()
        self._series: BarSeries | None = None
        self._tags: list[PlacedTag] = []
        self._measure = TagMeasure()
        self._gesture, self._from = Gesture.NONE, QPointF()
        self._now_s = 0.0
        self._seen: tuple[object, ...] = ()
        self._scale: PriceScale | None = None
        self._since_paint = QElapsedTimer()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.update)
        trading.said.connect(self.say)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.scene.theme = theme
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Return what a chart needs to show anything; with more room it shows more."""
        return QSize(px(320), px(36))

    def refresh(
        self, snapshot: Snapshot, shown: Shown, series: BarSeries | None, stale: str, now: datetime, now_s: float
    ) -> None:
        """Draw a snapshot.

        Args:
            stale: how old the last bar is, in words; empty while it is true.
        """
        self._now_s = now_s
        if series is None or self._series is None or series.key != self._series.key:
            self.range.begin()
            self._stop()
        self._series = series
        self.words.begin(stale, now_s)
        self.trading.fill(self.scene, snapshot, shown, series, now, now_s)
        older = self.scene.columns.take(series)
        self.trading.study(self.scene, older, now)
        self.range.follow(self.scene, older)
        self._follow_scale()
        self.trading.mark(self.scene)
        if self.scene.drag is not None and not self.trading.keeps(self.scene):
            self._stop()
        self.words.place(self.frame())
        self._ask_older()
        self.words.describe(shown)
        self._update_if_changed()

    def _update_if_changed(self) -> None:
        """Paint where anything looks different: most snapshots are about something else."""
        seen = (*self.scene.looks, self.frame(), stands_for(self.scene))
        if seen != self._seen:
            self._seen = seen
            self.update()

    def say(self, text: str) -> None:
        """Say why something was not done, for a few seconds."""
        self.words.say(text)
        self._move()

    def press_follow(self) -> None:
        """Show the last bar and follow it, or stay where it is from now on."""
        self.range.toggle_follow(len(self.scene.columns))
        self._changed()

    @property
    def follows(self) -> bool:
        """Whether the last bar stays in view."""
        return self.range.view.follows

    def frame(self) -> ChartFrame | None:
        """Return where everything lies now; None while there is no price to draw at."""
        by = factor()
        return self.range.frame(self.width() / by, self.height() / by, self.devicePixelRatioF() * by)

    # ------------------------------------------------------------------------------------------------- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the kept picture and over it what moves."""
        painter = QPainter(self)
        frame = self.frame()
        if frame is None:
            painter.fillRect(self.rect(), self.scene.theme.colour("bg.1"))
        else:
            self._static.paint(painter, self.scene, frame, self.devicePixelRatioF())
            self._tags = tags_of(self.scene, frame, self._measure)
            painter.scale(factor(), factor())
            paint_live(painter, self.scene, frame, self._tags, self._measure)
            painter.resetTransform()
        if self.hasFocus():
            painter.setClipping(False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.scene.theme.colour("focus"), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
        self._since_paint.start()

    @property
    def static_paints(self) -> int:
        """How often what a tick does not change was painted."""
        return self._static.painted

    def _move(self) -> None:
        """Paint soon, at most every 16 ms: the pointer moves more often than that."""
        if self._soon.isActive():
            return
        passed = self._since_paint.elapsed() if self._since_paint.isValid() else MOVING_MS
        self._soon.start(max(0, MOVING_MS - int(passed)))

    def _changed(self) -> None:
        """Follow a change of what is in view."""
        self.range.fit(self.scene)
        self._follow_scale()
        self.words.place(self.frame())
        self._ask_older()
        self.moved.emit()
        self._move()

    def _follow_scale(self) -> None:
        """Know when a place means another price: the preview goes on standing at the pointer, and takes no click."""
        frame = self.frame()
        scale = None if frame is None else frame.scale
        if scale != self._scale:
            self._scale = scale
            self.trading.deafen()
            self._aim(self.trading.is_stop)

    def _ask_older(self) -> None:
        """Ask for older bars once for each first bar, when the left edge is near."""
        if self._series is not None and self.range.wants_older(self._series):
            self.intent.emit(LoadOlder(self._series.key))

    # ------------------------------------------------------------------------------------------------ the pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a line, of an axis or of the chart; in a preview, send."""
        frame, at = self.frame(), at_100(event.position())
        if frame is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        self.scene.said = ""
        self._from = at
        if at.x() >= frame.right:
            self._gesture = Gesture.PRICES
        elif self.trading.previews:
            shown = self.scene.preview
            self._point(event)
            # What nobody could see yet is shown now, and sent by the next press.
            if shown is self.scene.preview:
                self.trading.send(self.scene)
        elif (line := line_at(at, self.scene.lines, self._tags)) is not None:
            self._take_hold(line, at.y(), frame)
        else:
            self._gesture = Gesture.PAN
        self._move()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held, or point."""
        frame, at = self.frame(), at_100(event.position())
        if frame is None:
            return
        if self._gesture is not Gesture.NONE and not event.buttons() & Qt.MouseButton.LeftButton:
            self._stop()  # it was let go where we did not hear of it
        scene, step = self.scene, at - self._from
        if self._gesture is Gesture.LINE and scene.drag is not None and scene.instrument is not None:
            scene.drag = scene.drag.moved(at.y(), frame.scale, scene.instrument)
        elif self._gesture is Gesture.PAN:
            self._from = at
            self.range.drag(step.x(), step.y(), frame, len(scene.columns))
            self._changed()
        elif self._gesture is Gesture.PRICES:
            self._from = at
            self.range.stretch(step.y(), frame)
            self._changed()
        self._point(event)
        self._move()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: a line that was dragged is asked for, once."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        drag, self.scene.drag = self.scene.drag, None
        self._gesture = Gesture.NONE
        if drag is not None and drag.is_active:
            self.trading.release(drag, self._now_s)
        self._point(event)
        self._move()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Have an axis fit by itself again; elsewhere it is another press."""
        frame, at = self.frame(), at_100(event.position())
        if frame is None or (at.x() < frame.right and at.y() < frame.bottom):
            self.mousePressEvent(event)
            return
        self.range.reset(len(self.scene.columns), prices=at.x() >= frame.right)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is; sideways, pan."""
        frame, turn = self.frame(), event.angleDelta()
        if frame is None:
            return
        event.accept()
        if abs(turn.x()) > abs(turn.y()):
            self.range.pan(-turn.x() / WHEEL_STEP * self.range.view.count * STEP_SHARE, len(self.scene.columns))
        elif turn.y():
            share = min(1.0, max(0.0, at_100(event.position()).x() / frame.right))
            self.range.zoom(ZOOM ** (turn.y() / WHEEL_STEP), len(self.scene.columns), share)
        self._changed()

    def leaveEvent(self, event: object) -> None:
        """Point at nothing."""
        self.scene.pointer = None
        self.trading.point(self.scene, None, is_stop=False)
        self._move()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done at a price: under the pointer, by key at the last one."""
        frame = self.frame()
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        price: Decimal | None = self.scene.last
        if not by_key and frame is not None:
            price = price_at(event.pos().y() / factor(), frame.scale, self.scene.instrument)
        place = self.mapToGlobal(self.rect().center()) if by_key else event.globalPos()
        if price is not None:
            self.menu_wanted.emit(place, price)

    def _point(self, event: QMouseEvent) -> None:
        """Follow the pointer: the preview stands at its price, the cursor says what a press would do."""
        frame, at = self.frame(), at_100(event.position())
        inside = frame is not None and 0 <= at.x() < frame.right and 0 <= at.y() < frame.volume_top
        self.scene.pointer = at if inside else None
        self._aim(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if self._gesture is Gesture.NONE:
            line = None if self.trading.previews else line_at(at, self.scene.lines, self._tags)
            shape = Qt.CursorShape
            cursor = (
                shape.ArrowCursor if line is None else shape.ForbiddenCursor if line.refused else shape.SizeVerCursor
            )
            self.setCursor(shape.CrossCursor if self.trading.previews else cursor)

    def _aim(self, is_stop: bool) -> None:
        """Have the preview stand at the pointer."""
        frame, at = self.frame(), self.scene.pointer
        price = None if frame is None or at is None else price_at(at.y(), frame.scale, self.scene.instrument)
        self.trading.point(self.scene, price, is_stop=is_stop)

    def _take_hold(self, line: TradeLine, y: float, frame: ChartFrame) -> None:
        if line.refused:
            self.say(line.refused)
            return
        self._gesture = Gesture.LINE
        self.scene.drag = Drag.begun(line, y, frame.scale)

    def _stop(self) -> None:
        """Forget what is held; nothing is sent."""
        self.scene.drag = None
        self._gesture = Gesture.NONE

    # ---------------------------------------------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan, zoom, go to an end; Escape lets go of a line or leaves the preview."""
        key, total = Qt.Key(event.key()), len(self.scene.columns)
        share = PAGE_SHARE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_SHARE
        if key is Qt.Key.Key_Escape and not self._escape():
            event.ignore()
        elif key is Qt.Key.Key_Shift:
            self._aim(is_stop=True)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.range.pan((1 if key is Qt.Key.Key_Right else -1) * share * self.range.view.count, total)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.range.zoom(1 / ZOOM if key is Qt.Key.Key_Minus else ZOOM, total, None)
        elif key is Qt.Key.Key_Home:
            self.range.to_start(total)
        elif key is Qt.Key.Key_End:
            self.range.to_end(total)
        elif key is not Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        self._changed()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Preview a limit order again once Shift is let go."""
        super().keyReleaseEvent(event)
        if Qt.Key(event.key()) is Qt.Key.Key_Shift:
            self._aim(is_stop=False)
            self._move()

    def changeEvent(self, event: QEvent) -> None:
        """Take no click that was meant to bring the window to the front."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.trading.deafen()

    def _escape(self) -> bool:
        """Let go of what is held, or leave the preview; say whether there was anything to leave."""
        if self.scene.drag is not None or self._gesture is not Gesture.NONE:
            self._stop()
            return True
        return self.trading.leave_preview(self.scene)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of what is held: a release elsewhere would not be seen."""
        super().focusOutEvent(event)
        self._stop()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep as many bars in view; the picture is painted anew."""
        super().resizeEvent(event)
        self.range.fit(self.scene)
        self._follow_scale()
        self.words.place(self.frame())
