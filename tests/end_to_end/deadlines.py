"""Waiting on a condition, with a deadline."""

import time
from collections.abc import Callable
from threading import Event

WITHIN_S = 20.0
_LOOK_S = 0.02


def until(condition: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + within_s
    pause = Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s} s for {what}")
        pause.wait(_LOOK_S)


def pause(seconds: float) -> None:
    """Let a moment pass in which anything may happen; never to wait for something that must."""
    Event().wait(seconds)
