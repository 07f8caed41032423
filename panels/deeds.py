"""What the terminal's window does for each action it has: the one place that joins names to panels.

What is not in the window has no deed, and so neither a key nor a line in the palette.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTabBar, QWidget

from core.model.fill import Side
from core.snapshot import Snapshot
from panels import action_refusals as why
from panels import deck as places
from panels.account_list import AccountList
from panels.deed import Deed
from panels.diagnostics_facts import OpenDiagnostics
from panels.focus_ring import FocusRing, Stop, first_control
from panels.layouts import WORKSPACES
from panels.position_aloud import position_aloud
from panels.position_parts import half_refusal
from panels.reverse_button import reverse_refusal
from panels.shown import Shown, shown_in
from panels.ticket_sending import TicketSending
from panels.wishes import OpenAlertForm, OpenAlerts, OpenReconcile, OpenSettings

if TYPE_CHECKING:
    from panels.command_palette import CommandPalette
    from panels.terminal_view import TerminalView

DOCS = Path(__file__).parents[1] / "docs" / "README.md"
PANELS = {
    "panel-1": places.ACCOUNT,
    "panel-2": places.POSITION,
    "panel-3": places.STATISTICS,
    "chart": places.CHART,
    "dom": places.DOM,
    "orders": places.ORDERS,
    "fills": places.FILLS,
    "positions": places.POSITIONS,
    "watchlist": places.WATCHLIST,
    "log": places.LOG,
}
# What a panel can do with the keyboard on it, by the name of its method.
OF_PANEL = {
    "filter-table": ("open_filter", "Go to a table first: there is nothing to filter here."),
    "export": ("export", "Go to a table first: there is nothing to export here."),
}


class TerminalDeeds:
    """The deeds of one view."""

    def __init__(
        self,
        view: TerminalView,
        snapshot: Callable[[], Snapshot],
        say: Callable[[str], None],
        take: Callable[[object], None],
    ) -> None:
        """Look at the panels when a deed is asked for, not before.

        Args:
            snapshot: what is on show.
            say: speaks a sentence to the eye and the ear.
            take: answers a wish, as if a panel had it.
        """
        self._view, self._snapshot, self._say, self._take = view, snapshot, say, take
        self._sending = TicketSending(view.ticket)
        self._ring = FocusRing(self._stops)
        self._accounts = AccountList(view)
        self._accounts.intent.connect(take)

    def all(self) -> dict[str, Deed]:
        """Return every deed by the name of its action."""
        return {**self._position(), **self._account(), **self._ticket(), **self._panels(), **self._window()}

    @cached_property
    def palette(self) -> CommandPalette:
        """Everything by its name, made when it is first wanted."""
        from panels.command_palette import CommandPalette

        made = CommandPalette(self._view.keys.theme, self._view, self._view.keys)
        made.intent.connect(self._take)
        return made

    def _position(self) -> dict[str, Deed]:
        position = self._view.position
        moves = position.moves
        return {
            "close-position": Deed(position.press_close, lambda: why.close_refusal(self._shown)),
            "close-half": Deed(position.parts.press_half, lambda: half_refusal(self._shown)),
            "cancel-entries": Deed(self._cancel_entries, lambda: why.cancel_refusal(self._snapshot(), self._shown)),
            "stop-breakeven": Deed(moves.press_breakeven, self._no_exit),
            "stop-up": Deed(partial(moves.press_stop, 1), self._no_exit),
            "stop-down": Deed(partial(moves.press_stop, -1), self._no_exit),
            "target-up": Deed(partial(moves.press_target, 1), self._no_exit),
            "target-down": Deed(partial(moves.press_target, -1), self._no_exit),
            "reverse": Deed(position.reverse.press, self._no_reverse),
            "reconcile": Deed(self._reconcile),
            "read-position": Deed(lambda: self._say(position_aloud(self._snapshot()))),
        }

    def _account(self) -> dict[str, Deed]:
        view = self._view
        return {
            "flatten-account": Deed(view.ticket.press_flatten, lambda: why.flatten_refusal(self._shown)),
            "arm": Deed(self._arm, lambda: why.arming_refusal(self._snapshot(), self._shown)),
            "lock-session": Deed(view.account_menu.press_lock, lambda: why.flatten_refusal(self._shown)),
            "account-list": Deed(self._list_accounts),
        }

    def _ticket(self) -> dict[str, Deed]:
        sending = self._sending
        return {
            "new-ticket": Deed(self._view.ticket.focus_first),
            "detach-ticket": Deed(self._view.detach_ticket),
            "send-ticket": Deed(sending.send, sending.refusal),
            **{
                f"{side.value.lower()}-market": Deed(
                    partial(sending.market, side), lambda: why.scope_refusal(self._shown), partial(sending.words, side)
                )
                for side in Side
            },
        }

    def _panels(self) -> dict[str, Deed]:
        deck = self._view.deck
        return {
            **{name: Deed(partial(self._open, place)) for name, place in PANELS.items() if place in deck.docks},
            "next-panel": Deed(partial(self._ring.step, 1)),
            "previous-panel": Deed(partial(self._ring.step, -1)),
            "add-symbol": Deed(self._view.add_symbol),
            "preview": Deed(self._preview, lambda: why.scope_refusal(self._shown)),
            **{name: Deed(partial(self._in_panel, *how)) for name, how in OF_PANEL.items()},
        }

    def _window(self) -> dict[str, Deed]:
        view = self._view
        return {
            "command-palette": Deed(lambda: self.palette.put_up(self._snapshot())),
            "settings": Deed(lambda: self._take(OpenSettings())),
            "hotkeys": Deed(lambda: self._take(OpenSettings("hotkeys"))),
            "help": Deed(_open_help),
            "alerts": Deed(lambda: self._take(OpenAlerts())),
            "alert-set": Deed(self._set_alert, lambda: why.scope_refusal(self._shown)),
            "diagnostics": Deed(lambda: self._take(OpenDiagnostics())),
            "zoom-in": Deed(partial(view.zoom, 1)),
            "zoom-out": Deed(partial(view.zoom, -1)),
            "full-screen": Deed(self._full_screen),
            **{
                f"workspace-{at}": Deed(partial(view.workspaces.open, name), partial(self._is_open, name))
                for at, name in enumerate(WORKSPACES, start=1)
            },
        }

    def _set_alert(self) -> None:
        shown = self._shown
        if shown.key is not None:
            self._take(OpenAlertForm(shown.key, value=None if shown.quote is None else shown.quote.last))

    def _is_open(self, name: str) -> str:
        return f"{WORKSPACES[name].title} is open already." if self._view.workspaces.current == name else ""

    @property
    def _shown(self) -> Shown:
        return shown_in(self._snapshot())

    def _stops(self) -> list[Stop]:
        """Return what F6 stops at: every part of the window in sight."""
        view, deck = self._view, self._view.deck
        enters: dict[QWidget, Callable[[], object]] = {
            dock: partial(deck.open, one) for one, dock in deck.docks.items()
        }
        enters[view.toolbar] = view.ticket.focus_first
        return [Stop(part, enters.get(part)) for part in view.parts() if not isinstance(part, QTabBar)]

    def _in_panel(self, method: str, refusal: str) -> str | None:
        name = self._view.deck.focused()
        act = getattr(self._view.deck.panel(name), method, None) if name else None
        if act is None:
            return refusal
        act()
        return None

    def _arm(self) -> str | None:
        return None if self._view.arm.press_keys() else "Press it once more within two seconds to arm."

    def _preview(self) -> str | None:
        """Show the chart and begin to preview an order on it, or leave that."""
        deck = self._view.deck
        act = getattr(deck.panel(places.CHART), "press_preview", None)
        if act is None:
            return "There is no chart."
        deck.open(places.CHART)
        act()
        return None

    def _list_accounts(self) -> None:
        self._accounts.open_over(self._snapshot(), self._view.status.cells["statusAccount"])

    def _open(self, place: str) -> str | None:
        """Show a panel with the keyboard on it, or say that it takes none now."""
        deck = self._view.deck
        deck.open(place)
        control = None if deck.focused() == place else first_control(deck.docks[place])
        if control is not None:
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif deck.focused() != place:
            return f"{deck.docks[place].windowTitle()} is in front; nothing in it takes the keyboard now."
        return None

    def _reconcile(self) -> str | None:
        from panels.reconcile_words import differing  # the dialog is imported when it is first wanted, and so is this

        if self._shown.key is None and not differing(self._snapshot()):
            return why.scope_refusal(self._shown)
        self._take(OpenReconcile())
        return None

    def _no_exit(self) -> str:
        return why.exit_refusal(self._shown)

    def _no_reverse(self) -> str:
        return why.scope_refusal(self._shown) or reverse_refusal(self._snapshot(), self._shown)

    def _cancel_entries(self) -> None:
        key = self._shown.key
        if key is not None:
            self._view.cancels.cancel_entries(key)

    def _full_screen(self) -> None:
        window = self._view.window()
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def _open_help() -> str | None:
    """Open the documentation with what this system reads such files with."""
    if DOCS.exists() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(DOCS))):
        return None
    return f"The documentation is in {DOCS}."
