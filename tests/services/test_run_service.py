"""The program's pulse, and how its store is doing."""

import pytest

from core.errors import PersistenceError
from core.events import Level
from core.ports import LastRun
from tests.fakes.engine import Desk


def test_a_sign_of_life_is_stored_every_five_seconds(desk: Desk) -> None:
    desk.tick()
    first = desk.memory.runs.last
    desk.tick(4.5)
    assert desk.memory.runs.last == first
    desk.tick(1)
    assert desk.memory.runs.last is not None and desk.memory.runs.last != first


def test_an_unclean_end_knows_when_the_program_was_last_alive(desk: Desk) -> None:
    desk.tick(20)
    alive_at = desk.memory.runs.last
    desk.restart(clean=False)
    assert alive_at is not None and desk.snapshot.recovery is not None
    assert desk.snapshot.recovery.ended_at == alive_at.alive_at
    assert desk.snapshot.recovery.unclean


def test_a_clean_end_is_one(desk: Desk) -> None:
    desk.stop()
    assert desk.memory.runs.last == LastRun(clean=True, alive_at=desk.clock.now())
    desk.start()
    assert desk.snapshot.recovery is not None and not desk.snapshot.recovery.unclean


@pytest.mark.row(93)
def test_a_store_that_refuses_is_shown_halts_and_is_said_once(desk: Desk) -> None:
    desk.tick()
    assert desk.snapshot.database.ok
    desk.memory.disk.error = PersistenceError("no room")
    desk.tick(30)
    assert not desk.snapshot.database.ok and desk.snapshot.database.text == "no room"
    assert desk.snapshot.halted
    assert len([one for one in desk.said if one.level is Level.ALARM]) == 1
    desk.memory.disk.error = None
    desk.tick(10)
    assert desk.snapshot.database.ok and desk.snapshot.halted
