"""Which workspace is open, and what the trader made of each; layouts are values here, files in app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from panels.deck import Deck
from panels.widgets.controls import button
from panels.workspaces import TRADE, WORKSPACES, arrange, fit, is_wide


@dataclass(frozen=True, slots=True)
class Layout:
    """What the trader made of a workspace.

    Attributes:
        docks: as the deck gave it; empty while the trader moved nothing.
        window: left, top, width and height on the desktop; None leaves it where it is.
    """

    docks: bytes
    window: tuple[int, int, int, int] | None = None
    maximized: bool = False


@dataclass(frozen=True, slots=True)
class Layouts:
    """Every workspace.

    Attributes:
        current: the one that is open. locked: nothing can be moved.
    """

    current: str = TRADE
    kept: Mapping[str, Layout] = field(default_factory=lambda: MappingProxyType({}))
    locked: bool = False

    def of(self, name: str, layout: Layout) -> Layouts:
        """Return a copy with one layout set."""
        return replace(self, kept=MappingProxyType({**self.kept, name: layout}))


class WorkspaceSwitch(QObject):
    """Open workspaces on a deck and remember each.

    Signals:
        changed: the Layouts as they are now; to be stored.
    """

    changed = Signal(object)

    def __init__(self, deck: Deck, parent: QWidget) -> None:
        super().__init__(parent)
        self._deck, self._view = deck, parent
        self.layouts = Layouts()
        self._is_open = self._is_wide = False
        deck.settled.connect(self._keep)
        deck.resized.connect(self.fit)
        deck.menu_wanted.connect(self.pop_up)
        self.button = button("workspaceButton", "Trade ▾", "Workspace: Trade", "arm")
        self.button.setToolTip("Workspaces, panels, and locking the layout")
        self.button.clicked.connect(lambda: self.pop_up(self._below(self.button)))

    @property
    def current(self) -> str:
        """The workspace that is open."""
        return self.layouts.current

    def begin(self, layouts: Layouts) -> None:
        """Open what was open last, as it was; what cannot be read begins anew."""
        current = layouts.current if layouts.current in WORKSPACES else TRADE
        self.layouts = replace(layouts, current=current)
        self._show(current, moves_window=True)
        self._deck.lock(layouts.locked)

    def open(self, name: str) -> None:
        """Change to another workspace; the one left is remembered as it is."""
        if name == self.layouts.current and self._is_open:
            return
        self._remember()
        self.layouts = replace(self.layouts, current=name)
        self._show(name, moves_window=True)
        self.changed.emit(self.layouts)

    def reset(self) -> None:
        """Put the panels of the open workspace where they are at first."""
        name = self.layouts.current
        kept = {one: layout for one, layout in self.layouts.kept.items() if one != name}
        self.layouts = replace(self.layouts, kept=MappingProxyType(kept))
        self._show(name, moves_window=False)
        self.changed.emit(self.layouts)

    def lock(self, locked: bool) -> None:
        """Keep the panels where they are, or let them be moved."""
        self._deck.lock(locked)
        self.layouts = replace(self.layouts, locked=locked)
        self.changed.emit(self.layouts)

    def fit(self) -> None:
        """Give the panels the sizes of their arrangement in the window as it is now, unless the trader moved any."""
        if not self._is_open or self._deck.is_moved:
            return
        if is_wide(self._deck) is self._is_wide:
            fit(self._deck, self.current)
        else:
            self._arrange()

    def as_now(self) -> Layouts:
        """Return the layouts with the open workspace as it is at this moment."""
        self._remember()
        return self.layouts

    def pop_up(self, at: QPoint) -> None:
        """Offer the workspaces and the panels."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu(self) -> QMenu:
        """Return what can be opened, shown and locked."""
        menu = QMenu(self._view)
        menu.setObjectName("workspaceMenu")
        for at, (name, one) in enumerate(WORKSPACES.items(), start=1):
            action = menu.addAction(f"{one.title}\tAlt+{at}")
            action.setCheckable(True)
            action.setChecked(name == self.current)
            action.triggered.connect(lambda _checked=False, name=name: self.open(name))
        menu.addSeparator()
        self._deck.actions_of(menu)
        menu.addSeparator()
        locked = menu.addAction("Lock layout")
        locked.setCheckable(True)
        locked.setChecked(self._deck.is_locked)
        locked.triggered.connect(self.lock)
        menu.addAction("Reset this workspace").triggered.connect(self.reset)
        return menu

    def _show(self, name: str, moves_window: bool) -> None:
        kept, workspace, window = self.layouts.kept.get(name), WORKSPACES[name], self._view.window()
        for one in {self._view, window}:
            one.setMinimumSize(*workspace.minimum)
        if moves_window:
            self._move_window(window, kept, workspace.size)
        self._is_open = True
        if kept is None or not kept.docks or not self._deck.take_layout(kept.docks):
            self._arrange()
        self.button.setText(f"{workspace.title} ▾")
        self.button.setAccessibleName(f"Workspace: {workspace.title}")

    def _arrange(self) -> None:
        self._is_wide = is_wide(self._deck)
        arrange(self._deck, self.current)

    @staticmethod
    def _move_window(window: QWidget, kept: Layout | None, size: tuple[int, int]) -> None:
        if window.isMaximized() or window.isFullScreen():
            return
        if kept is None or kept.window is None:
            screen = window.screen()
            room = screen.availableGeometry().size() if screen is not None else None
            width, height = size if room is None else (min(size[0], room.width()), min(size[1], room.height()))
            window.resize(max(width, window.minimumWidth()), max(height, window.minimumHeight()))
            return
        window.setGeometry(on_screen(QRect(*kept.window)))
        if kept.maximized:
            window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)

    def _keep(self) -> None:
        before = self.layouts
        self._remember()
        if self.layouts != before:
            self.changed.emit(self.layouts)

    def _remember(self) -> None:
        if not self._is_open:
            return
        window = self._view.window()
        place = window.normalGeometry() if window.isMaximized() else window.geometry()
        docks = self._deck.layout_bytes() if self._deck.is_moved else b""
        layout = Layout(docks, (place.x(), place.y(), place.width(), place.height()), window.isMaximized())
        self.layouts = self.layouts.of(self.layouts.current, layout)

    @staticmethod
    def _below(pressed: QPushButton) -> QPoint:
        return pressed.mapToGlobal(QPoint(0, pressed.height()))


def on_screen(wanted: QRect) -> QRect:
    """Return a place for a window on a screen that exists: where it was, if any of it can be seen there."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not screens or any(room.intersects(wanted) for room in screens):
        return wanted
    room = screens[0]
    return QRect(room.topLeft(), wanted.size().boundedTo(room.size()))
