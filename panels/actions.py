"""Everything a key or the command palette can do: its name, its words, its keys. Pure.

What an action does is joined to its name by the window (`deeds.py`); an action without a deed is neither bound, listed
nor offered, so nothing is promised that is not there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum


class Group(Enum):
    """Under which heading an action is listed."""

    TRADE = "Position and orders"
    TICKET = "Order ticket"
    ACCOUNT = "Account"
    PANELS = "Panels"
    WINDOW = "Window"


class Effect(Enum):
    """What an action touches.

    LOOK: what is shown or where the keyboard is, nothing else. CHANGE: orders, positions, locks or the books.
    ENTRY: it may open or add.
    """

    LOOK = "look"
    CHANGE = "change"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be asked for by key or by name.

    Attributes:
        name: stable; settings keep keys under it.
        words: what it does, as one says it.
        keys: those it ships with, in Qt's portable form; none: it ships without.
        while_typing: it also answers while a text field has the keyboard.
        also: further words it is found by.
    """

    name: str
    words: str
    group: Group
    keys: tuple[str, ...] = ()
    effect: Effect = Effect.LOOK
    while_typing: bool = True
    also: str = ""


def _trade(name: str, words: str, key: str, also: str = "", while_typing: bool = False) -> Action:
    return Action(name, words, Group.TRADE, (key,), Effect.CHANGE, while_typing, also)


def _entry(name: str, words: str, *keys: str, also: str = "", while_typing: bool = False) -> Action:
    return Action(name, words, Group.TICKET, keys, Effect.ENTRY, while_typing, also)


def _panel(name: str, words: str, *keys: str, also: str = "") -> Action:
    return Action(name, words, Group.PANELS, keys, also=also)


def _window(name: str, words: str, *keys: str, also: str = "") -> Action:
    return Action(name, words, Group.WINDOW, keys, also=also)


_TRADE = (
    _trade("close-position", "Close the position", "Ctrl+Shift+X", "exit flat out", while_typing=True),
    _trade("cancel-entries", "Cancel the working entries of the symbol", "Ctrl+Shift+C"),
    _trade("stop-breakeven", "Move the stop to breakeven", "Ctrl+Shift+E", "be entry price"),
    _trade("stop-up", "Move the stop up a tick", "Ctrl+Shift+Up"),
    _trade("stop-down", "Move the stop down a tick", "Ctrl+Shift+Down"),
    _trade("target-up", "Move the target up a tick", "Ctrl+Shift+PgUp"),
    _trade("target-down", "Move the target down a tick", "Ctrl+Shift+PgDown"),
    Action("close-half", "Close half of the position", Group.TRADE, (), Effect.CHANGE, False, "half reduce part"),
    Action("reverse", "Reverse the position", Group.TRADE, ("Ctrl+Shift+R",), Effect.ENTRY, False, "turn"),
    Action("reconcile", "Compare with the broker", Group.TRADE, ("Ctrl+Shift+Y",), also="reconcile mismatch"),
    Action("read-position", "Read the position aloud", Group.TRADE, ("Ctrl+Shift+P",), also="speak say pnl"),
    _trade("note-trade", "Tag or note the last trade", "Ctrl+J", "journal"),
)
_TICKET = (
    Action("new-ticket", "New order: go to the ticket", Group.TICKET, ("Ctrl+T",), also="buy sell quantity"),
    Action("detach-ticket", "Detach the ticket", Group.TICKET, ("Ctrl+Shift+T",)),
    _entry("send-ticket", "Send the ticket", "Ctrl+Return", "Ctrl+Enter", also="order", while_typing=True),
    _entry("buy-market", "Buy at the market", also="long entry"),
    _entry("sell-market", "Sell at the market", also="short entry"),
    Action("preview", "Preview an order on the chart", Group.TICKET, ("Ctrl+P",), while_typing=False),
)
_ACCOUNT = (
    Action(
        "flatten-account",
        "Flatten the account",
        Group.ACCOUNT,
        ("Ctrl+Shift+F",),
        Effect.CHANGE,
        also="close everything panic out",
    ),
    Action("arm", "Arm (press twice) or disarm", Group.ACCOUNT, ("Ctrl+Shift+A",), Effect.CHANGE, while_typing=False),
    Action(
        "lock-session",
        "Lock trading for this session",
        Group.ACCOUNT,
        ("Ctrl+Shift+L",),
        Effect.CHANGE,
        while_typing=False,
        also="stop trading today",
    ),
    Action("account-list", "List of accounts and their modes", Group.ACCOUNT, ("Ctrl+Shift+M",), also="live sim eval"),
)
_PANELS = (
    _panel("panel-1", "Go to the account", "Ctrl+1", also="balance equity panel 1"),
    _panel("panel-2", "Go to the live trade", "Ctrl+2", also="position panel 2"),
    _panel("panel-3", "Go to the statistics", "Ctrl+3", also="panel 3 trades"),
    _panel("chart", "Go to the chart", "Ctrl+4"),
    _panel("dom", "Go to the ladder", "Ctrl+5", also="dom depth price ladder"),
    _panel("orders", "Go to the orders", "Ctrl+6"),
    _panel("positions", "Go to the positions", "Ctrl+7"),
    _panel("watchlist", "Go to the watchlist", "Ctrl+8"),
    _panel("log", "Go to the log", "Ctrl+0", also="audit"),
    _panel("fills", "Go to the fills", also="executions"),
    _panel("next-panel", "Next panel", "F6"),
    _panel("previous-panel", "Previous panel", "Shift+F6"),
    _panel("filter-table", "Filter the table", "Ctrl+F", also="find search"),
    Action("export", "Export the panel", Group.PANELS, ("Ctrl+E",), while_typing=False, also="csv xlsx save"),
    _panel("add-symbol", "Add the symbol to the watchlist", "Ctrl+I"),
)
_WINDOW = (
    _window("command-palette", "Find a command", "Ctrl+K"),
    _window("workspace-1", "Workspace Companion", "Alt+1"),
    _window("workspace-2", "Workspace Trade", "Alt+2"),
    _window("workspace-3", "Workspace Review", "Alt+3"),
    _window("alerts", "List of alerts", also="bell rang notify"),
    _window("alert-set", "Set an alert", also="bell price notify"),
    _window("settings", "Settings", "Ctrl+,", also="preferences options"),
    _window("hotkeys", "Keys", also="keyboard shortcuts hotkeys rebind"),
    _window("diagnostics", "Diagnostics", "Ctrl+Shift+D", also="log bundle crash report"),
    _window("help", "Help", "F1", also="manual documentation"),
    _window("zoom-in", "Larger", "Ctrl+=", "Ctrl++", also="zoom"),
    _window("zoom-out", "Smaller", "Ctrl+-", also="zoom"),
    _window("full-screen", "Full screen", "F11"),
)
ACTIONS = (*_TRADE, *_TICKET, *_ACCOUNT, *_PANELS, *_WINDOW)


def action_named(name: str) -> Action:
    """Return the action of that name.

    Raises:
        KeyError: there is none.
    """
    for one in ACTIONS:
        if one.name == name:
            return one
    raise KeyError(name)


def those_of(names: Iterable[str]) -> tuple[Action, ...]:
    """Return the actions of these names, in the order they are listed in; names nobody knows are left out."""
    wanted = frozenset(names)
    return tuple(one for one in ACTIONS if one.name in wanted)


def shipped_keys(action: Action, platform: str) -> Iterator[str]:
    """Yield the keys an action ships with on a platform (`sys.platform`).

    Qt makes Ctrl the Cmd key of a Mac by itself; only where Alt types letters there, the keys differ.
    """
    for key in action.keys:
        yield key.replace("Alt+", "Meta+") if platform == "darwin" and key.startswith("Alt+") else key
