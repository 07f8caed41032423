"""One id per press, so that a hand that shakes is still one order."""

from collections.abc import Callable
from os import urandom

WINDOW_S = 0.25


def _mint() -> str:
    return f"A{urandom(12).hex()[:23]}"


class ActionIds:
    """Mints action ids; presses of one control that follow each other within 250 ms share one.

    The window runs from the last press, so a burst of any length is one action.
    """

    def __init__(self, monotonic: Callable[[], float], mint: Callable[[], str] = _mint):
        self._monotonic = monotonic
        self._mint = mint
        self._last: dict[str, tuple[float, str]] = {}

    def press(self, control: str) -> str:
        """Return the id for a press, now, of a control (named with what it acts on)."""
        now = self._monotonic()
        at, action_id = self._last.get(control, (float("-inf"), ""))
        if now - at > WINDOW_S:
            action_id = self._mint()
        self._last = {name: entry for name, entry in self._last.items() if now - entry[0] <= WINDOW_S}
        self._last[control] = (now, action_id)
        return action_id

    def each(self) -> str:
        """Return the id of a press that counts however soon it follows another, as a step by a tick does."""
        return self._mint()
