"""Which workspace is open, and what the trader made of each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from panels.deck import Deck
from panels.layouts import TRADE, WORKSPACES, Layout, Layouts
from panels.widgets.controls import button
from panels.window_place import place
from panels.workspaces import arrange, fit, is_wide, needed


class WorkspaceSwitch(QObject):
    """Open workspaces on a deck and remember each.

    Signals:
        changed: the Layouts as they are now; to be stored.
        lock_wanted: whether nothing is to be moved, which is a preference.
    """

    changed = Signal(object)
    lock_wanted = Signal(bool)

    def __init__(self, deck: Deck, parent: QWidget) -> None:
        super().__init__(parent)
        self._deck, self._view = deck, parent
        self.layouts = Layouts()
        self._is_open = self._is_wide = False
        self._needed = 0
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
        self._show(current, moves_window=False)

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
        self._arrange()
        self._remember()
        self.changed.emit(self.layouts)

    def fit(self) -> None:
        """Give the panels the sizes of their arrangement in the window as it is now, unless the trader moved any."""
        if not self._is_open or self._deck.is_moved:
            return
        if is_wide(self._deck) is self._is_wide:
            fit(self._deck, self.current)
        else:
            self._arrange()

    def refresh(self) -> None:
        """Give the live trade the room it needs by now, at the cost of the lists and not of the chart."""
        height = needed(self._deck)
        if height != self._needed:
            self._needed = height
            self.fit()

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
        locked.triggered.connect(self.lock_wanted)
        menu.addAction("Reset this workspace").triggered.connect(self.reset)
        return menu

    def _show(self, name: str, moves_window: bool) -> None:
        kept, workspace = self.layouts.kept.get(name), WORKSPACES[name]
        self._view.setMinimumSize(*workspace.minimum)
        if moves_window:
            place(self._view.window(), workspace, kept)
        self._is_open = True
        if kept is None or not kept.docks or not self._deck.take_layout(kept.docks):
            self._arrange()
        self.button.setText(f"{workspace.title} ▾")
        self.button.setAccessibleName(f"Workspace: {workspace.title}")

    def _arrange(self) -> None:
        self._is_wide = is_wide(self._deck)
        arrange(self._deck, self.current)

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
