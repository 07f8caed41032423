"""One trade by the keyboard alone: order, bracket, close, export. Real keys on a real screen, heard as it is spoken."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.accessibility import keys
from tests.accessibility.conftest import Heard
from tests.accessibility.session import missing

if missing() or keys.missing():
    pytest.skip(missing() or keys.missing(), allow_module_level=True)

from tests.accessibility.tree import Node, State, wait_for


class Hands:
    """What the trader does, and hears."""

    def __init__(self, heard: Heard) -> None:
        self.heard, self.keys = heard, keys.Keys.of(heard.display)
        self.keys.activate()

    def focus(self) -> str:
        """Return what has the keyboard."""
        return next((one.called for one in self._focused() if one.role != "page tab"), "")

    def press(self, chord: str) -> "Hands":
        """Press keys together, no faster than the program can follow: a hand lets go of Ctrl before the next key."""
        self.keys.press(chord)
        _ = self.heard.window.name
        return self

    def go(self, chord: str, to: str) -> "Hands":
        """Press keys and wait until the keyboard is on what is called so."""
        self.press(chord)
        wait_for(lambda: self.focus().startswith(to), f"the keyboard on “{to}”, it is on “{self.focus()}”", 5)
        return self

    def tab_to(self, to: str) -> "Hands":
        """Press Tab until the keyboard is on what is called so."""
        passed: list[str] = []
        while len(passed) < 40:
            here = self.focus()
            if here.startswith(to):
                return self
            passed.append(here)
            self.press("Tab")
            wait_for(lambda before=here: self.focus() != before, f"Tab to leave “{here}”", 5)  # type: ignore[misc]
        raise AssertionError(f"Tab does not lead to “{to}”, only to {passed}")

    def write(self, text: str) -> "Hands":
        """Put a text in place of what stands in the field, and read it back: keys on this screen come in a burst."""
        for _ in range(5):
            self.press("Control_L+a")
            self.heard.bus.listen(0.1)
            for letter in text:
                self.press(letter)
            self.heard.bus.listen(0.2)
            if any(one.text == text for one in self._focused() if one.role == "text"):
                return self
        raise AssertionError(f"{text} could not be typed into {self.focus()}")

    def choose_first(self) -> "Hands":
        """Press Down until a menu has it: a menu is no part of the tree, but then no control has the keyboard."""
        for _ in range(10):
            self.heard.bus.listen(0.4)  # at the pace of a hand
            self.press("Down")
            self.heard.bus.listen(0.4)
            if not self.focus():
                return self
        raise AssertionError(f"no menu came up; on {self.focus()}, heard last {self.heard.bus.spoken[-3:]}")

    def _focused(self) -> Iterator[Node]:
        for window in (*self.heard.dialogs(), self.heard.window):
            yield from (one for one in window.walk() if State.FOCUSED in one.states)


def held(heard: Heard, word: str) -> list[str]:
    """Return what is said of an exit that the broker holds."""
    said = [one.called for one in heard.window.walk() if one.role in ("label", "text", "panel")]
    return [one for one in said if one.startswith(word) and "SERVER" in one]


def exported(home: Path) -> list[dict[str, str]]:
    """Return the rows of the fills that were written somewhere under the trader's home."""
    found = [path for path in home.rglob("*.csv") if "fills" in path.name.casefold()]
    if not found:
        return []
    with found[0].open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_order_bracket_close_and_export_by_keyboard_alone(heard: Heard) -> None:
    hands = Hands(heard)
    if heard.look("label", "Side and quantity: flat") is None:
        hands.press("Control_L+Shift_L+x")  # what the tests before have left
        heard.find("label", "Side and quantity: flat")
    hands.go("Control_L+t", "Quantity").write("2")
    hands.tab_to("Stop of the order").write("20t")
    hands.tab_to("Target of the order").write("40t")
    for _ in range(3):  # without a window manager a menu that has just gone may keep a key
        hands.press("Control_L+Return").choose_first().press("Return")
        heard.bus.listen(5.0)
        if not heard.look("label", "Side and quantity: flat"):
            break
        hands.press("Escape")
        hands.keys.activate()
    assert heard.find("label", "Side and quantity: LONG 2")
    for exit_word in ("Stop", "Target"):
        wait_for(lambda word=exit_word: held(heard, word), f"a {exit_word} at the broker")  # type: ignore[misc]
    hands.press("Control_L+Shift_L+x")
    assert heard.find("label", "Side and quantity: flat")
    hands.press("Control_L+k").go("Control_L+a", "Find a command").write("go to the fills").press("Return")
    wait_for(lambda: len(heard.find("table", "Fills").rows()) >= 2, "both fills in the table")
    hands.keys.activate()  # there is no window manager here to do it when the palette has gone
    hands.press("Control_L+e")
    wait_for(heard.dialogs, "the question where to")
    hands.keys.activate()
    hands.press("Return")
    written = wait_for(lambda: exported(heard.folder.parent), "the export")
    assert {"BUY", "SELL"} <= {one["Side"] for one in written if one["Qty"] == "2"}, written
