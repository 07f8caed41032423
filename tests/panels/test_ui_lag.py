"""How late the window is, is the worst of the last two seconds."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from panels.ui_lag import EVERY_MS, REMEMBERED_S, SETTLES_S, UiLag
from tests.panels.conftest import HandClock


@pytest.fixture
def lag(qapp: object, clock: HandClock) -> Iterator[UiLag]:
    parent = QObject()
    made = UiLag(parent, clock.monotonic)
    made.start()
    yield made
    made.stop()


def ring(lag: UiLag, clock: HandClock, late_ms: float = 0.0) -> None:
    """Let the timer ring, so much later than it should."""
    clock.seconds += (EVERY_MS + late_ms) / 1000
    lag.ring()


def settled(lag: UiLag, clock: HandClock) -> None:
    for _ in range(int(SETTLES_S * 1000 / EVERY_MS) + 2):
        ring(lag, clock)


def test_one_hitch_is_told_for_two_seconds(lag: UiLag, clock: HandClock) -> None:
    settled(lag, clock)
    assert lag.worst_ms() == pytest.approx(0.0, abs=0.1)
    ring(lag, clock, 340)
    ring(lag, clock, 5)
    assert lag.worst_ms() == pytest.approx(340)
    clock.seconds += REMEMBERED_S
    assert lag.worst_ms() < 340


def test_a_window_that_is_being_made_is_not_called_late(lag: UiLag, clock: HandClock) -> None:
    ring(lag, clock, 800)
    assert lag.worst_ms() == 0.0
