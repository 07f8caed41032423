"""The table of actions: every key of the specification once, nothing promised twice."""

from collections import Counter

import pytest

from panels.actions import ACTIONS, Effect, action_named, shipped_keys, those_of

PROMISED = {
    "Ctrl+K": "command-palette",
    "Ctrl+1": "panel-1",
    "Ctrl+2": "panel-2",
    "Ctrl+3": "panel-3",
    "Ctrl+4": "chart",
    "Ctrl+5": "dom",
    "Ctrl+6": "orders",
    "Ctrl+7": "positions",
    "Ctrl+8": "watchlist",
    "Ctrl+0": "log",
    "F6": "next-panel",
    "Shift+F6": "previous-panel",
    "Alt+1": "workspace-1",
    "Alt+2": "workspace-2",
    "Alt+3": "workspace-3",
    "Ctrl+Shift+M": "account-list",
    "Ctrl+Shift+A": "arm",
    "Ctrl+T": "new-ticket",
    "Ctrl+Shift+T": "detach-ticket",
    "Ctrl+P": "preview",
    "Ctrl+Shift+P": "read-position",
    "Ctrl+Shift+Y": "reconcile",
    "Ctrl+E": "export",
    "Ctrl+,": "settings",
    "F1": "help",
    "F11": "full-screen",
    "Ctrl+Shift+X": "close-position",
    "Ctrl+Shift+F": "flatten-account",
    "Ctrl+Shift+C": "cancel-entries",
    "Ctrl+Shift+E": "stop-breakeven",
    "Ctrl+Shift+R": "reverse",
    "Ctrl+Shift+Up": "stop-up",
    "Ctrl+Shift+Down": "stop-down",
    "Ctrl+Shift+PgUp": "target-up",
    "Ctrl+Shift+PgDown": "target-down",
    "Ctrl+Shift+L": "lock-session",
    "Ctrl+Return": "send-ticket",
    "Ctrl+I": "add-symbol",
    "Ctrl+Shift+D": "diagnostics",
    "Ctrl+J": "note-trade",
    "Ctrl+F": "filter-table",
    "Ctrl+=": "zoom-in",
    "Ctrl+-": "zoom-out",
}


def test_every_key_of_the_specification_stands_for_its_action() -> None:
    shipped = {key: one.name for one in ACTIONS for key in one.keys}
    assert {key: shipped.get(key) for key in PROMISED} == PROMISED


def test_no_name_no_words_and_no_key_are_there_twice() -> None:
    for values in ([one.name for one in ACTIONS], [one.words for one in ACTIONS], [k for a in ACTIONS for k in a.keys]):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_entries_at_the_market_ship_without_a_key() -> None:
    assert action_named("buy-market").keys == action_named("sell-market").keys == ()


@pytest.mark.parametrize("name", ["close-position", "flatten-account", "command-palette", "send-ticket"])
def test_what_must_work_from_a_field_does(name: str) -> None:
    assert action_named(name).while_typing


def test_what_touches_orders_is_kept_from_fields_but_for_the_ways_out() -> None:
    touching = {one.name for one in ACTIONS if one.effect is not Effect.LOOK and one.while_typing}
    assert touching == {"close-position", "flatten-account", "send-ticket"}


def test_a_mac_has_control_where_alt_would_type_a_letter() -> None:
    workspace = action_named("workspace-1")
    assert list(shipped_keys(workspace, "darwin")) == ["Meta+1"]
    assert list(shipped_keys(workspace, "win32")) == ["Alt+1"]


def test_actions_are_listed_in_their_order_and_strangers_left_out() -> None:
    assert [one.name for one in those_of(["help", "close-position", "nobody"])] == ["close-position", "help"]
    with pytest.raises(KeyError):
        action_named("nobody")
