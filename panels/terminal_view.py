"""The terminal's content: every panel in its place, one way in (`refresh`), one way out (`intent`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QTabBar, QVBoxLayout, QWidget

from core.announcement import Announcement, Level
from core.clock import Clock, SystemClock
from core.preferences import LEAST_ZOOM, MOST_ZOOM, Preferences
from core.snapshot import Snapshot
from panels import deck as places
from panels.account_panel import AccountPanel
from panels.action_ids import ActionIds
from panels.arm_button import ArmButton
from panels.changed import is_market_only
from panels.deck import Deck
from panels.deck_area import scrolled
from panels.display_zone import DisplayZone
from panels.each import each, parts_of
from panels.feed_watch import FeedWatch
from panels.layouts import Layouts
from panels.mode_band import FrameWidget, ModeBand
from panels.position_panel import PositionPanel
from panels.shown import shown_in
from panels.status_bar import StatusBar
from panels.theme import Theme
from panels.widgets.scroller import Strip
from panels.window_title import window_title
from panels.workspace_switch import WorkspaceSwitch
from panels.zoomed import sizes_itself

if TYPE_CHECKING:
    from panels.ticket_window import TicketWindow

MINIMUM = (1200, 720)
DEFAULT = (1440, 900)
FIRST_LAYOUTS = Layouts()
# Prices move as fast as can be read; what else they touch (ages, previews, lists) keeps up four times a second.
CALM_S = 0.25
ZOOM_STEP = 10
LOUD = frozenset({Level.ERROR, Level.ALARM})
# The room of the ticket, which is not there in the first frame; the same as it takes in any window.
TOOLBAR = 74


class TerminalView(QWidget):
    """All panels of the window.

    Signals:
        intent: a value of core.commands; what any panel asks for.
    """

    intent = Signal(object)

    def __init__(
        self,
        theme: Theme,
        clock: Clock | None = None,
        ids: ActionIds | None = None,
        zone: tzinfo | None = None,
        is_complete: bool = True,
        layouts: Layouts = FIRST_LAYOUTS,
    ) -> None:
        """Make the view; what the first frame does not show is made by `complete` where `is_complete` is False."""
        super().__init__()
        self.setObjectName("terminalView")
        sizes_itself(self)
        self.setMinimumSize(*MINIMUM)
        self.resize(*DEFAULT)
        clock = clock or SystemClock()
        # Panels hold this one object; where it points is the trader's choice, and may change.
        self._own_zone = DisplayZone() if zone is None else None
        self._zone = zone = zone or self._own_zone
        self._preferences = Preferences()
        ids = ids or ActionIds(clock.monotonic)
        self._feed = feed = FeedWatch()
        self._snapshot = self._drawn = Snapshot()
        self._drawn_s = float("-inf")
        self._now: datetime | None = None
        self._monotonic = clock.monotonic
        self.arm = ArmButton()
        self.band = ModeBand(theme, arm=self.arm)
        self.account = AccountPanel(theme, zone, is_complete=False)
        self.position = PositionPanel(theme, ids, feed, zone, is_complete=False)
        self.status = StatusBar(feed, zone)
        self._theme, self._ids = theme, ids
        self._is_complete = False
        self._ticket_window: TicketWindow | None = None
        self._brackets = self._snapshot.settings.brackets
        self.deck = Deck(theme)
        self.workspaces = WorkspaceSwitch(self.deck, self)
        self.band.add(self.workspaces.button)
        self.deck.fill(places.ACCOUNT, self.account)
        self.deck.fill(places.POSITION, self.position)
        self._lay_out(theme)
        self._connect()
        self.workspaces.begin(layouts)
        if is_complete:
            self.complete()

    def complete(self) -> None:
        """Make what a first frame could do without; nothing happens the second time."""
        if self._is_complete:
            return
        from panels.alert_menu import OF_ACCOUNT, AlertMenu
        from panels.deeds import TerminalDeeds
        from panels.later_parts import LaterParts
        from panels.shortcuts import Shortcuts

        self._later = made = LaterParts(self, self._theme, self._ids, self._feed, self._zone, self._monotonic)
        self.ticket, self.banner, self.checklist = made.ticket, made.banner, made.checklist
        self.chart, self.orders, self.toasts = made.chart, made.orders, made.toasts
        self.account_menu, self.dialogs = made.account_menu, made.dialogs
        self.cancels, self.entries = made.cancels, made.entries
        self._put_in()
        self.alert_menus = (AlertMenu(self.position), AlertMenu(self.account, OF_ACCOUNT))
        for part in (self.ticket, self.banner, self.checklist, self.account_menu, self.dialogs, *self.alert_menus):
            part.intent.connect(self._take)
        self.cancels.intent.connect(self.intent)
        self.entries.intent.connect(self.intent)
        self.status.account_pressed.connect(self.account_menu.open_over)
        self.chart.interval_chosen.connect(lambda interval: self._prefer(chart_interval=interval))
        deeds = TerminalDeeds(self, lambda: self._snapshot, self.tell, self._take)
        self.keys = Shortcuts(self, self._theme, deeds.all())
        self.keys.told.connect(self.tell)
        self.keys.chosen_changed.connect(lambda chosen: self._prefer(hotkeys=chosen))
        self.keys.set_keys(self._preferences.hotkeys)
        self.dialogs.settings_pages["hotkeys"] = self._keys_page
        self.chart.set_preferences(self._preferences)
        self._is_complete = True
        if self._now is not None:
            # A press that waited for the event loop must find it knowing what stands against an order.
            self.ticket.refresh(self._snapshot, self._now, self._monotonic())

    def _put_in(self) -> None:
        """Put what was made later where its room was kept."""
        self._toolbar_layout.addWidget(self.ticket)
        under = self._rows.indexOf(self.toolbar) + 1
        for at, row in enumerate((self.banner, self.checklist)):
            self._rows.insertWidget(under + at, row)
        for name, panel in self._later.panels.items():
            self.deck.fill(name, panel)
        self.account.complete()
        self.position.complete()
        self._place_toasts()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot; also to be called, with the same one, a few times a second so that times move."""
        self._snapshot, self._now = snapshot, now_utc
        if self._is_calm(snapshot, monotonic_s):
            self.deck.follow_market(snapshot, now_utc, monotonic_s)
            return
        self._drawn, self._drawn_s = snapshot, monotonic_s
        failed = ""
        try:
            self._draw(snapshot, now_utc, monotonic_s)
        except Exception as error:
            failed = f"Could not be drawn, and shows nothing or what is old: {', '.join(parts_of(error))}."
            raise
        finally:
            if self._is_complete:
                self.banner.stand("Window", failed)

    def _draw(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        each(
            partial(self._point_zone, snapshot),
            *(partial(one.refresh, snapshot) for one in (self.band, self.frame)),
            *(partial(one.refresh, snapshot, now_utc, monotonic_s) for one in (self.arm, self.status)),
            *(self._later_steps(snapshot, now_utc, monotonic_s) if self._is_complete else ()),
            partial(self.deck.refresh, snapshot, now_utc, monotonic_s),
            partial(self._count, snapshot),
            self.workspaces.refresh,
        )

    def _later_steps(self, snapshot: Snapshot, now: datetime, monotonic_s: float) -> Iterator[Callable[[], object]]:
        yield partial(self._follow_brackets, snapshot)
        yield from self._later.steps(snapshot, now, monotonic_s)
        yield partial(self.keys.refresh, snapshot, monotonic_s)
        if self._ticket_window is not None:
            yield partial(self._ticket_window.refresh, snapshot)
        for menu in self.alert_menus:
            yield partial(menu.refresh, snapshot, now)

    def _is_calm(self, snapshot: Snapshot, monotonic_s: float) -> bool:
        """Say whether prices alone moved since everything was drawn, a moment ago, and no question is open."""
        if snapshot is self._drawn or monotonic_s - self._drawn_s >= CALM_S:
            return False
        return QApplication.activeModalWidget() is None and is_market_only(self._drawn, snapshot)

    def set_preferences(self, preferences: Preferences) -> None:
        """Show everything as the trader prefers it from now on."""
        self._preferences = preferences
        if self.deck.is_locked is not preferences.layout_locked:
            self.deck.lock(preferences.layout_locked)
        self._point_zone(self._snapshot)
        self.position.set_preferences(preferences)
        if not self._is_complete:
            return
        if self.keys.chosen != preferences.hotkeys:
            self.keys.set_keys(preferences.hotkeys)
        for part in (self.dialogs, self.chart, self.checklist):
            part.set_preferences(preferences)
        self.checklist.refresh(self._snapshot)

    def announce(self, notice: Announcement) -> None:
        """Tell the trader one happening: toast, and screen reader."""
        from panels.aloud import say_aloud

        self.toasts.announce(notice, self._monotonic())
        say_aloud(self, notice.text, notice.level in LOUD)

    def tell(self, text: str) -> None:
        """Tell the trader a sentence, on screen and to the ear."""
        if self._now is not None:
            self.announce(Announcement(Level.INFO, text, self._now))

    def set_theme(self, theme: Theme) -> None:
        """Draw the painted parts in another theme; `Theme.apply` does the rest."""
        self._theme = theme
        for asking in (self.cancels, self.keys, self.entries, self.dialogs) if self._is_complete else ():
            asking.set_theme(theme)
        for child in self.findChildren(QWidget):
            taker: Callable[[Theme], None] | None = getattr(child, "set_theme", None)
            if taker is not None:
                taker(theme)

    def detach_ticket(self) -> None:
        """Put the ticket into a window of its own, or back into the toolbar."""
        if self._ticket_window is not None:
            self._ticket_window.close()
            return
        from panels.ticket_window import TicketWindow

        window = self._ticket_window = TicketWindow(self._theme, self.ticket, self)
        window.closed.connect(self._take_ticket_back)
        window.refresh(self._snapshot)
        self.toolbar.hide()
        window.show()
        self.ticket.focus_first()

    def title(self) -> str:
        """Return the window title: "[LIVE] ACCT-123 · MESZ5 LONG 2 · +12.50 · Stanchion"."""
        return window_title(self._snapshot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the toasts in their corner."""
        super().resizeEvent(event)
        if self._is_complete:
            self._place_toasts()

    def add_symbol(self) -> None:
        """Show the watchlist, with the keyboard where a symbol is added."""
        from panels.watchlist_panel import WatchlistPanel

        self.deck.open(places.WATCHLIST)
        watchlist = self.deck.panel(places.WATCHLIST)
        if isinstance(watchlist, WatchlistPanel):
            watchlist.focus_add()

    def parts(self) -> list[QWidget]:
        """Return the parts of the window in the order the keyboard visits them."""
        docks = self.deck.docks
        bars = self.deck.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        above = [dock for name, dock in docks.items() if name not in places.LISTS]
        below = [dock for name, dock in docks.items() if name in places.LISTS]
        rows = [self.banner, self.checklist] if self._is_complete else []
        return [self.band, self.toolbar, *rows, *above, *bars, *below, self.status]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go from part to part, past what lies behind a tab."""
        from panels.focus_ring import tab

        return tab(self.parts(), self.focusWidget(), forward)

    def zoom(self, step: int) -> str | None:
        """Draw everything larger, or with -1 smaller, by a step; return why not."""
        percent = min(max(self._preferences.zoom_percent + step * ZOOM_STEP, LEAST_ZOOM), MOST_ZOOM)
        if percent == self._preferences.zoom_percent:
            return f"{percent} % is as {'large' if step > 0 else 'small'} as it goes."
        self._prefer(zoom_percent=percent)
        return None

    def _keys_page(self) -> QWidget:
        from panels.hotkeys_page import HotkeysPage

        return HotkeysPage(self._theme, self.keys)

    def _open_alerts(self) -> None:
        from panels.wishes import OpenAlerts

        self._take(OpenAlerts())

    def _place_toasts(self) -> None:
        self.toasts.place(QPoint(self.width() - 16, self.height() - self.status.height() - 16))

    def _take_ticket_back(self) -> None:
        window = self._ticket_window
        if window is None:
            return
        self._toolbar_layout.addWidget(self.ticket)
        self.toolbar.show()
        self._ticket_window = None
        window.deleteLater()

    def _take(self, wish: object) -> None:
        """Pass a panel's wish on; what concerns the window itself is answered here."""
        from core.commands import CancelOrder, OpenWithBracket, SubmitOrder
        from panels.wishes import PointAt

        if isinstance(wish, CancelOrder):
            self.cancels.send(wish)
        elif isinstance(wish, SubmitOrder | OpenWithBracket):
            self.entries.send(wish)
        elif isinstance(wish, PointAt):
            self._point_at(wish.control)
        elif not self.dialogs.open(wish, self._monotonic()):
            self.intent.emit(wish)

    def _connect(self) -> None:
        for part in (self.arm, self.deck, self.status):
            part.intent.connect(self._take)
        self.workspaces.lock_wanted.connect(lambda locked: self._prefer(layout_locked=locked))
        self.status.alerts_pressed.connect(self._open_alerts)

    def _lay_out(self, theme: Theme) -> None:
        self.toolbar = toolbar = QWidget()
        toolbar.setObjectName("toolbar")
        toolbar.setProperty("kind", "bar")
        toolbar.setMinimumHeight(TOOLBAR)
        self._toolbar_layout = QVBoxLayout(toolbar)
        self._toolbar_layout.setContentsMargins(0, 0, 0, 0)
        content = QWidget()
        layout = self._rows = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.band)
        layout.addWidget(toolbar)
        layout.addWidget(scrolled(self.deck), 1)
        layout.addWidget(Strip(self.status))
        self.frame = FrameWidget(theme, content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.frame)

    def _prefer(self, **changes: Any) -> None:
        from panels.wishes import ChangePreferences

        self.intent.emit(ChangePreferences(replace(self._preferences, **changes)))

    def _point_zone(self, snapshot: Snapshot) -> None:
        key = shown_in(snapshot).key
        if self._own_zone is not None and self._own_zone.point_to(self._preferences.zone, key.symbol if key else ""):
            for child in self.findChildren(QWidget):
                child.update()

    def _point_at(self, control: str) -> None:
        found = self.findChild(QWidget, control)
        if found is not None:
            found.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _follow_brackets(self, snapshot: Snapshot) -> None:
        """Offer the templates of the settings when they change; what was used last stays, unless the default is new."""
        before, book = self._brackets, snapshot.settings.brackets
        if book == before:
            return
        self._brackets = book
        used = self.ticket.book.last if book.default == before.default else {}
        offered = replace(book, last={symbol: name for symbol, name in used.items() if name in book.templates})
        self.ticket.offer(offered)
        self.position.parts.offer(offered)

    def _count(self, snapshot: Snapshot) -> None:
        self.deck.rename(places.ORDERS, f"Orders {sum(order.is_alive for order in snapshot.orders.values())}")
        self.deck.rename(places.POSITIONS, f"Positions {len(snapshot.positions)}")
