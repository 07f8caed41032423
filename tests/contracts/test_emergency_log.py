"""One suite for the emergency log's file and for its stand-in in memory, so that the stand-in cannot drift."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.ports import EmergencyLog
from data.emergency_log import FileEmergencyLog
from tests.data.books import StillClock
from tests.fakes.emergency import InMemoryEmergencyLog, entries

Reopened = Callable[[], EmergencyLog]


@pytest.fixture(params=["memory", "file"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Reopened:
    """Return what opens the log as the next life of the program does."""
    memory = InMemoryEmergencyLog()
    return lambda: memory if request.param == "memory" else FileEmergencyLog(tmp_path, StillClock())


def test_a_log_nobody_wrote_is_empty(reopened: Reopened) -> None:
    assert reopened().read().entries == ()


def test_entries_are_read_back_as_they_were_and_in_order_by_the_next_life(reopened: Reopened) -> None:
    written = entries() * 3
    for entry in written:
        reopened().append(entry)
    found = reopened().read()
    assert found.entries == tuple(written) and not found.torn and found.unreadable == 0


def test_a_log_that_was_put_aside_is_empty_and_can_be_written_again(reopened: Reopened) -> None:
    first, second, third = entries()[:3]
    reopened().append(first)
    reopened().retire([first])
    assert reopened().read().entries == ()
    reopened().append(second)
    reopened().append(third)
    assert reopened().read().entries == (second, third)
    reopened().retire([])
    assert reopened().read().entries == ()


def test_to_put_aside_what_is_not_there_changes_nothing(reopened: Reopened) -> None:
    reopened().retire([])
    assert reopened().read().entries == ()
