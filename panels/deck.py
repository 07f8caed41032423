"""The deck: every panel in a dock of its own, and the workspaces that arrange them.

A workspace is a name, an arrangement it begins with, and what the trader made of it. The deck knows no file: it gives
and takes its layout as bytes, and says when it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QTabBar, QTabWidget, QWidget

from core.snapshot import Snapshot
from panels.each import each
from panels.panel_dock import Panel, PanelDock
from panels.theme import Theme
from panels.zoomed import factor, px

# Raise it when a dock is added or renamed in a way an old layout cannot carry; an older layout is then not taken.
LAYOUT_VERSION = 1
SETTLED_MS = 2000
# The height a squeezed list gets when it is asked for, logical pixels.
READABLE = 176
# What a panel has that floats because there was no room for it, logical pixels.
ALONE = (480, 320)

ACCOUNT, POSITION, STATISTICS = "account", "position", "statistics"
CHART, DOM, WATCHLIST = "chart", "dom", "watchlist"
ORDERS, FILLS, POSITIONS, LOG = "orders", "fills", "positions", "log"
QUICK, MONEY = (CHART, POSITION, DOM), (ACCOUNT, POSITIONS)
LISTS = (ORDERS, FILLS, POSITIONS, STATISTICS, LOG)


@dataclass(frozen=True, slots=True)
class Place:
    """What a dock is for.

    Attributes:
        sends_orders: it carries the mode wherever it floats.
        gives_way: it may be squeezed to nothing where others need the room.
        is_tall: it comes up at the right, as high as there is room, in an arrangement that has no place for it.
    """

    title: str
    sends_orders: bool = False
    gives_way: bool = False
    is_tall: bool = False


# In the order the keyboard walks them.
PLACES: dict[str, Place] = {
    ACCOUNT: Place("Account"),
    WATCHLIST: Place("Watchlist", gives_way=True),
    CHART: Place("Chart", sends_orders=True, gives_way=True),
    POSITION: Place("Live trade", sends_orders=True),
    DOM: Place("DOM", sends_orders=True, gives_way=True, is_tall=True),
    ORDERS: Place("Orders", sends_orders=True, gives_way=True),
    FILLS: Place("Fills", gives_way=True),
    POSITIONS: Place("Positions", sends_orders=True, gives_way=True),
    STATISTICS: Place("Statistics", gives_way=True),
    LOG: Place("Log", gives_way=True),
}


class Deck(QMainWindow):
    """The docks of the window (a widget inside it, not a window).

    Attributes:
        is_moved: the trader put something elsewhere since it was arranged.

    Signals:
        intent: what any panel asks for.
        settled: the trader changed the layout, and two seconds have passed.
        resized: it has another size.
        menu_wanted: the list of panels is wanted at a global point.
    """

    intent = Signal(object)
    settled = Signal()
    resized = Signal()
    menu_wanted = Signal(object)

    def __init__(self, theme: Theme, names: Iterable[str] = PLACES) -> None:
        """Make the docks of these panels, still empty."""
        super().__init__()
        self.setObjectName("deck")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setAnimated(False)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.docks: dict[str, PanelDock] = {}
        self.is_locked = self.is_moved = self._arranging = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLED_MS)
        self._settling.timeout.connect(self.settled)
        self._tidying = QTimer(self)
        self._tidying.setSingleShot(True)
        self._tidying.setInterval(0)
        self._tidying.timeout.connect(self.tidy)
        for name in names:
            place = PLACES[name]
            dock = PanelDock(name, place.title, theme, self, place.sends_orders, place.gives_way)
            dock.intent.connect(self.intent)
            dock.moved.connect(self._moved_by_hand)
            dock.touched.connect(self._touched)
            dock.menu_wanted.connect(self.menu_wanted)
            dock.toggleViewAction().triggered.connect(partial(self._make_room_soon, name))
            self.docks[name] = dock

    def sizeHint(self) -> QSize:
        """Ask for no more than there is."""
        return QSize(800, 500)

    def minimumSizeHint(self) -> QSize:
        """Leave the least size to the window, which is the same whatever is open; drawn larger, the deck scrolls."""
        return super().minimumSizeHint() if factor() > 1 else QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of the new size."""
        super().resizeEvent(event)
        self.resized.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the panels fitted once they are there: sizes given before that are not all kept."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.resized.emit)

    # -- panels -----------------------------------------------------------------------------------------------------

    def fill(self, name: str, panel: Panel) -> None:
        """Put a panel into its dock."""
        self.docks[name].fill(panel)

    def panel(self, name: str) -> QWidget:
        """Return what is in a dock."""
        return self.docks[name].panel

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot in every panel."""
        each(*(partial(dock.refresh, snapshot, now_utc, monotonic_s) for dock in self.docks.values()))

    def follow_market(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot in the panels that say what the market does, and, where anything is open, what it makes."""
        names = (*QUICK, *(MONEY if snapshot.positions else ()))
        each(*(partial(self.docks[name].refresh, snapshot, now_utc, monotonic_s) for name in names))

    def rename(self, name: str, title: str) -> None:
        """Set the words of a panel's tab."""
        dock = self.docks[name]
        if dock.windowTitle() != title:
            dock.setWindowTitle(title)

    def is_seen(self, name: str) -> bool:
        """Return whether a panel is open and not behind another tab."""
        dock = self.docks[name]
        return dock.isVisible() and not dock.visibleRegion().isEmpty()

    def open(self, name: str) -> None:
        """Show a panel in front of what covers it, with room to be read, and put the keyboard on it."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        if dock.isFloating():
            dock.activateWindow()
        else:
            self._make_room_soon(name)
        taker = getattr(dock.panel, "focus_first", None)
        if taker is not None:
            taker()
        else:
            dock.panel.setFocus()

    def walk(self, step: int) -> None:
        """Put the keyboard on the next open panel, or with -1 on the one before."""
        seen = [name for name in self.docks if self.is_seen(name)]
        if not seen:
            return
        here = next((at for at, name in enumerate(seen) if self._has_keyboard(name)), -1 if step > 0 else 0)
        self.open(seen[(here + step) % len(seen)])

    def focused(self) -> str:
        """Return the panel that has the keyboard; "" when none has."""
        return next((name for name in self.docks if self._has_keyboard(name)), "")

    def lock(self, locked: bool) -> None:
        """Keep every panel where it is, or let them be moved."""
        self.is_locked = locked
        for dock in self.docks.values():
            dock.lock(locked)

    def actions_of(self, menu: QMenu) -> list[QAction]:
        """Return one switch for each panel, to show and to hide it."""
        made = []
        for dock in self.docks.values():
            action = dock.toggleViewAction()
            menu.addAction(action)
            made.append(action)
        return made

    # -- layout -----------------------------------------------------------------------------------------------------

    def layout_bytes(self) -> bytes:
        """Return where everything is."""
        return bytes(self.saveState(LAYOUT_VERSION).data())

    def take_layout(self, kept: bytes) -> bool:
        """Put everything where it was; False, with nothing moved, when that cannot be read."""
        with self._by_itself():
            if not self.restoreState(QByteArray(kept), LAYOUT_VERSION):
                return False
            self.pull_on_screen()
        self.is_moved = True
        self.tidy()
        return True

    @contextmanager
    def arranging(self) -> Iterator[None]:
        """Take every panel down, let the caller put those it wants in their places, and call that not moved."""
        with self._by_itself():
            for dock in self.docks.values():
                dock.setFloating(False)
                self.removeDockWidget(dock)
            for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
                # Rows of tabs that are left over would stay where they were until they are used again.
                bar.hide()
            yield
            for name, dock in self.docks.items():
                if self.dockWidgetArea(dock) is Qt.DockWidgetArea.NoDockWidgetArea:
                    if PLACES[name].is_tall:
                        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock, Qt.Orientation.Horizontal)
                    else:
                        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
                    dock.hide()
        self.is_moved = False
        self.tidy()

    def put(self, names: Iterable[str], area: Qt.DockWidgetArea) -> None:
        """Put panels behind one another at a side, the first in front."""
        first, *others = [self.docks[name] for name in names if name in self.docks]
        self.addDockWidget(area, first)
        for dock in others:
            self.addDockWidget(area, dock)
            self.tabifyDockWidget(first, dock)
        for dock in (*others, first):
            dock.show()
        first.raise_()

    def split(self, name: str, beside: str, direction: Qt.Orientation) -> None:
        """Put a panel to the right of another or under it; one that does not exist takes no room."""
        if name in self.docks:
            self.splitDockWidget(self.docks[beside], self.docks[name], direction)
            self.docks[name].show()

    def give(self, sizes: Mapping[str, int], direction: Qt.Orientation) -> None:
        """Give panels a width or a height, logical pixels, as far as there is room."""
        there = {name: max(1, pixels) for name, pixels in sizes.items() if name in self.docks}
        self.resizeDocks([self.docks[name] for name in there], list(there.values()), direction)

    def pull_on_screen(self) -> None:
        """Bring back whatever floats where no screen is any more."""
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if not screens:
            return
        for dock in self.docks.values():
            if dock.isFloating() and not any(room.intersects(dock.frameGeometry()) for room in screens):
                dock.move(screens[0].topLeft() + QPoint(48, 48))

    def tidy(self) -> None:
        """Let tabs name what they hold, and give every row of tabs a name and the keyboard."""
        for dock in self.docks.values():
            dock.show_bar(dock.isFloating() or not self.tabifiedDockWidgets(dock))
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if not bar.count():
                bar.hide()
            if bar.objectName() != "dockTabs":
                bar.setObjectName("dockTabs")
                bar.setAccessibleName("Panels behind one another")
                bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setUsesScrollButtons(True)
                bar.installEventFilter(self)
                bar.tabBarClicked.connect(self._make_room)

    def event(self, event: QEvent) -> bool:
        """Notice a hand on what is between the panels."""
        if event.type() is QEvent.Type.MouseButtonPress:
            self._moved_by_hand()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open what a tab names by Enter and the down arrow, as by a press."""
        if isinstance(watched, QTabBar) and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            name = self._named(watched.tabText(watched.currentIndex()))
            if name and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.open(name)
                return True
        return super().eventFilter(watched, event)

    def _named(self, title: str) -> str:
        return next((name for name, dock in self.docks.items() if dock.windowTitle() == title), "")

    def _make_room(self, at: int) -> None:
        """Give a squeezed panel room as its tab is pressed."""
        bar = self.sender()
        if isinstance(bar, QTabBar) and (name := self._named(bar.tabText(at))):
            dock = self.docks[name]
            together = [dock, *(one for one in self.tabifiedDockWidgets(dock) if isinstance(one, PanelDock))]
            if max(one.panel.height() for one in together if one.isVisible()) < 40:
                self.give({name: px(READABLE)}, Qt.Orientation.Vertical)

    def _make_room_soon(self, name: str, *_: object) -> None:
        self._make_room_for(name)
        # What was hidden until now does not know yet what height it will be given.
        QTimer.singleShot(0, self.docks[name], partial(self._make_room_for, name))

    def _make_room_for(self, name: str) -> None:
        """Give a panel that was asked for the height to be read; without room for that it floats."""
        dock = self.docks[name]
        if dock.is_squeezed or dock.panel.height() < 80:
            self.give({name: px(READABLE)}, Qt.Orientation.Vertical)
            QTimer.singleShot(0, dock, partial(self._free, name))

    def _free(self, name: str) -> None:
        """Let a panel float that was asked for and has no room among the others: it must not be there unseen."""
        dock = self.docks[name]
        if dock.is_squeezed and not self.tabifiedDockWidgets(dock):
            dock.setFloating(True)
            dock.resize(dock.sizeHint().expandedTo(QSize(*map(px, ALONE))))
            dock.move(self.mapToGlobal(self.rect().center()) - dock.rect().center())

    def _has_keyboard(self, name: str) -> bool:
        holder, dock = self.window().focusWidget() if not self.docks[name].isFloating() else None, self.docks[name]
        holder = dock.focusWidget() if dock.isFloating() and dock.isActiveWindow() else holder
        return holder is not None and dock.isAncestorOf(holder)

    @contextmanager
    def _by_itself(self) -> Iterator[None]:
        self._arranging = True
        try:
            yield
        finally:
            self._arranging = False

    def _moved_by_hand(self) -> None:
        if not self._arranging:
            self.is_moved = True

    def _touched(self) -> None:
        self._tidying.start()
        self._settling.start()
