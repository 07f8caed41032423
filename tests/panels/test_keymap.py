"""Which key does what: one meaning for each key, whatever the trader chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QKeySequence

from panels.actions import ACTIONS, action_named
from panels.keymap import Weight, as_tried, clashes, keymap_of, read_key, spoken_key, untried, with_key
from panels.system_keys import SYSTEM_KEYS

NAMES = [one.name for one in ACTIONS]
KEYS = ["Ctrl+Shift+X", "Ctrl+Shift+F", "Ctrl+K", "B", "F7", "Ctrl+Alt+B", "", "Ctrl+Enter", "Alt+1", "no key at all"]


def test_without_choices_every_action_has_what_it_ships_with() -> None:
    keymap = keymap_of(ACTIONS, {}, "linux")
    assert keymap.first("close-position") == "Ctrl+Shift+X" and keymap.first("buy-market") == ""
    assert keymap.keys["zoom-in"] == ("Ctrl+=", "Ctrl++")
    assert keymap.torn == {} and keymap.unread == ()


def test_a_chosen_key_replaces_the_shipped_ones_and_no_key_is_a_choice_too() -> None:
    keymap = keymap_of(ACTIONS, {"zoom-in": "F9", "close-position": ""}, "linux")
    assert keymap.keys["zoom-in"] == ("F9",) and keymap.keys["close-position"] == ()
    assert keymap.holder("Ctrl+Shift+X") == "" and keymap.holder("F9") == "zoom-in"


def test_a_chosen_key_is_taken_from_the_action_that_ships_with_it() -> None:
    keymap = keymap_of(ACTIONS, {"reverse": "Ctrl+K"}, "linux")
    assert keymap.holder("Ctrl+K") == "reverse" and keymap.keys["command-palette"] == ()


def test_a_key_chosen_twice_stands_for_nothing() -> None:
    keymap = keymap_of(ACTIONS, {"reverse": "F7", "close-position": "F7"}, "linux")
    assert keymap.torn == {"F7": ("close-position", "reverse")}
    assert keymap.holder("F7") == "" and keymap.first("close-position") == ""


def test_a_key_that_cannot_be_read_leaves_the_shipped_one() -> None:
    keymap = keymap_of(ACTIONS, {"close-position": "Hyper+Bogus"}, "linux")
    assert keymap.unread == ("close-position",) and keymap.first("close-position") == "Ctrl+Shift+X"


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(KEYS), max_size=12))
def test_no_choice_gives_one_key_two_meanings(chosen: dict[str, str]) -> None:
    keymap = keymap_of(ACTIONS, chosen, "win32")
    held = [key for keys in keymap.keys.values() for key in keys]
    assert len(held) == len(set(held))
    assert not set(held) & set(keymap.torn)
    for name, text in chosen.items():
        key = read_key(text)
        if key:
            assert keymap.holder(key) == name or name in keymap.torn[key]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ctrl+shift+x", "Ctrl+Shift+X"),
        ("F6", "F6"),
        ("Ctrl+K, Ctrl+B", ""),
        ("", ""),
        ("Ctrl", ""),
        ("rubbish here", ""),
        ("Ctrl++", "Ctrl++"),
    ],
)
def test_keys_are_read_in_one_form_and_only_one_at_a_time(text: str, read: str) -> None:
    assert read_key(text) == read


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_no_shipped_key_is_one_the_system_keeps(platform: str) -> None:
    keymap = keymap_of(ACTIONS, {}, platform)
    for one in ACTIONS:
        for key in keymap.keys[one.name]:
            assert [clash for clash in clashes(key, one, ACTIONS, keymap, platform) if clash.weight is _REFUSED] == []


def test_every_system_key_is_written_as_qt_writes_it() -> None:
    for one in SYSTEM_KEYS:
        assert read_key(one.key) == one.key == QKeySequence(one.key).toString(QKeySequence.SequenceFormat.PortableText)


def test_clashes_name_the_system_the_other_action_and_the_slip_of_a_finger() -> None:
    keymap = keymap_of(ACTIONS, {}, "linux")
    close = action_named("close-position")

    def weights(key: str) -> list[tuple[Weight, str]]:
        return [(one.weight, one.action) for one in clashes(key, close, ACTIONS, keymap, "linux")]

    assert weights("Alt+F4") == [(Weight.REFUSED, "")]
    assert weights("Return") == [(Weight.REFUSED, "")]
    assert weights("Ctrl+Shift+R") == [(Weight.TAKEN, "reverse")]
    assert weights("Ctrl+C") == [(Weight.KNOWN, "")]
    assert weights("B") == [(Weight.KNOWN, "")]
    assert weights("Ctrl+Shift+X") == []
    assert [one.weight for one in clashes("B", action_named("help"), ACTIONS, keymap, "linux")] == []


def test_a_key_is_said_in_words() -> None:
    assert spoken_key("Ctrl+Shift+PgUp") == "Control Shift Page Up"
    assert spoken_key("Ctrl++") == "Control Plus"
    assert spoken_key("Ctrl+,") == "Control Comma"
    assert spoken_key("") == ""


def test_an_own_key_is_untried_until_it_was_used_and_again_when_it_is_another() -> None:
    chosen = with_key({}, "reverse", "F7")
    assert untried(chosen) == {"reverse"}
    used = as_tried(chosen, "reverse")
    assert untried(used) == set() and keymap_of(ACTIONS, used, "linux").first("reverse") == "F7"
    assert untried({**used, "reverse": "F8"}) == {"reverse"}
    assert with_key(used, "reverse", None) == {} and untried(with_key(used, "reverse", "")) == set()


_REFUSED = Weight.REFUSED
