"""A panel in its dock: a title bar that takes no room it need not, and a frame of the mode where it stands alone."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QEvent, QSize, Signal, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from core.snapshot import Snapshot
from panels.failed_cover import FailedCover
from panels.mode_band import FrameWidget, ModeBand
from panels.theme import Theme
from panels.widgets.header import PanelHeader
from panels.widgets.labels import TextLabel
from panels.widgets.title_button import Sign, TitleButton


class Panel(Protocol):
    """What a dock wants of a panel, which is a widget besides: one way in, one way out."""

    intent: SignalInstance

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot."""
        ...


DIALOG_BAND = 20
MOVABLE = (
    QDockWidget.DockWidgetFeature.DockWidgetMovable
    | QDockWidget.DockWidgetFeature.DockWidgetFloatable
    | QDockWidget.DockWidgetFeature.DockWidgetClosable
)


class TitleBar(PanelHeader):
    """The bar of a panel without a header of its own: its name, and buttons to float and to close it."""

    def __init__(self, dock: PanelDock, title: str, theme: Theme):
        super().__init__(22, dock)
        self._title = TextLabel(f"{dock.objectName()}Title", "label", bold=True, wrap=False)
        self._title.say(title, "ink2")
        self.buttons = [
            TitleButton(theme, f"{dock.objectName()}Float", Sign.FLOAT, f"Float or dock {title}", self),
            TitleButton(theme, f"{dock.objectName()}Close", Sign.CLOSE, f"Hide {title}", self),
        ]
        self.buttons[0].clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.buttons[1].clicked.connect(dock.toggleViewAction().trigger)
        self.row.setContentsMargins(8, 0, 2, 0)
        self.row.setSpacing(2)
        self.row.addWidget(self._title, 1)
        for one in self.buttons:
            self.row.addWidget(one)

    def lock(self, locked: bool) -> None:
        """Take the buttons away while the layout is locked."""
        for one in self.buttons:
            one.setVisible(not locked)


class PanelDock(QDockWidget):
    """A panel that docks, floats and tabs.

    Signals:
        intent: what its panel asks for.
        touched: it was moved, resized, floated, shown or hidden; the layout may have changed.
        moved: it was put elsewhere, floated, or switched on or off in the list of panels.
        menu_wanted: its bar was pressed with the right button, at that global point.
    """

    intent = Signal(object)
    touched = Signal()
    moved = Signal()
    menu_wanted = Signal(object)

    def __init__(
        self, name: str, title: str, theme: Theme, parent: QWidget, sends_orders: bool, gives_way: bool = False
    ):
        """Make an empty dock.

        Args:
            name: stable, of the stored layouts.
            sends_orders: it carries band and frame of the mode while it floats.
            gives_way: it may be squeezed to nothing where panels beside it need the room.
        """
        super().__init__(title, parent)
        self.name = name
        self.setObjectName(f"dock_{name}")
        self.setAccessibleName(title)
        self.setFeatures(MOVABLE)
        self.panel: QWidget = QWidget()
        self._filled: Panel | None = None
        self._title, self._gives_way, self._locked = title, gives_way, False
        self._band = ModeBand(theme, DIALOG_BAND, f"{name}Band") if sends_orders else None
        self._inner = QWidget()
        self._inner_layout = QVBoxLayout(self._inner)
        self._inner_layout.setContentsMargins(0, 0, 0, 0)
        self._inner_layout.setSpacing(0)
        if self._band is not None:
            self._inner_layout.addWidget(self._band)
            self._band.hide()
        self._inner_layout.addWidget(self.panel, 1)
        self._cover = FailedCover(self._inner, name, title)
        self._frame = _Holder(theme, self._inner, gives_way)
        self.setWidget(self._frame)
        self._bar: QWidget = TitleBar(self, title, theme)
        self._no_bar = QWidget()
        self.setTitleBarWidget(self._bar)
        self.topLevelChanged.connect(self._stand_alone)
        for moved in (self.dockLocationChanged, self.topLevelChanged, self.toggleViewAction().triggered):
            moved.connect(lambda *_: self.moved.emit())
        self.moved.connect(self.touched)
        self.visibilityChanged.connect(self.touched)

    @property
    def is_filled(self) -> bool:
        """Whether there is a panel in it."""
        return self._filled is not None

    @property
    def is_squeezed(self) -> bool:
        """Whether it is open, and others leave it no room to show its panel in."""
        return self.isVisible() and not self._inner.isVisible()

    def fill(self, filling: Panel) -> None:
        """Put the panel in; its `header` is the bar it is moved by where it has one."""
        panel = filling
        assert isinstance(panel, QWidget)
        filling.intent.connect(self.intent)
        self._filled = filling
        old, self.panel = self.panel, panel
        # What held the place stays, hidden: Python's object of its item, which a zoom has looked at, would outlive it.
        self._inner_layout.addWidget(panel, 1)
        old.hide()
        header = getattr(panel, "header", None)
        if isinstance(header, QWidget):
            was = self._bar
            self._bar = header
            self.setTitleBarWidget(header)
            was.deleteLater()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot, and the mode where the panel stands alone.

        Raises:
            Exception: the panel could not be drawn; a sentence stands in its place until it can.
        """
        if self._filled is not None:
            try:
                self._filled.refresh(snapshot, now_utc, monotonic_s)
            except Exception:
                self._cover.lie_over(self.panel, now_utc)
                raise
            self._cover.lift()
        if self._band is not None and self.isFloating():
            self._band.refresh(snapshot)
            self._frame.refresh(snapshot)

    def show_bar(self, wanted: bool) -> None:
        """Show the title bar, or none where a tab names the panel already; a header of its own always shows."""
        bar = self._bar if wanted or not isinstance(self._bar, TitleBar) else self._no_bar
        if self.titleBarWidget() is not bar:
            self.setTitleBarWidget(bar)
            bar.setVisible(True)

    def lock(self, locked: bool) -> None:
        """Keep the panel where it is, or let it be moved."""
        self._locked = locked
        self.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures if locked else MOVABLE)
        if isinstance(self._bar, TitleBar):
            self._bar.lock(locked)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the panel, on its bar."""
        bar = self.titleBarWidget()
        if bar is not None and bar.geometry().contains(event.pos()):
            self.menu_wanted.emit(event.globalPos())
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Float on a double click, unless the layout is locked."""
        if not self._locked:
            super().mouseDoubleClickEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell of a new size."""
        if event.type() is QEvent.Type.Resize:
            self.touched.emit()
        return super().event(event)

    def _stand_alone(self, alone: bool) -> None:
        if self._band is not None:
            self._band.setVisible(alone)
            self._frame.show_edge(alone)
        self.show_bar(True)


class _Holder(FrameWidget):
    """The mode's frame around a panel, without edge while it is docked; a panel that gives way is whole or away."""

    def __init__(self, theme: Theme, content: QWidget, gives_way: bool):
        super().__init__(theme, content)
        self._content, self._gives_way = content, gives_way
        self.show_edge(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show no panel where it could show no more than a part of its controls."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        if self._gives_way:
            self._content.setVisible(self.height() >= self._content.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the room the panel needs, sentences that wrap included, or none where it gives way."""
        needed, layout = super().minimumSizeHint(), self.layout()
        if self._gives_way or layout is None:
            return QSize(needed.width(), 0)
        # A dock asks for a size and never for the height at a width.
        high = layout.minimumHeightForWidth(self.width()) if layout.hasHeightForWidth() else 0
        return QSize(needed.width(), max(needed.height(), high))
