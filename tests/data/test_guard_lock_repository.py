"""Locks on entries: they stand until they are lifted, over every restart."""

from datetime import timedelta
from pathlib import Path

from core.model.guard_lock import GuardLock, LockKind
from data.store import open_store
from tests.fakes.clock import ManualClock


def test_a_lock_stands_after_a_restart_until_it_is_lifted_and_stays_as_a_row(tmp_path: Path) -> None:
    clock = ManualClock()
    lock = GuardLock(LockKind.PANIC, "Locked by panic.", clock.now())
    store = open_store(tmp_path, clock)
    assert store.guard_locks.standing() == ()
    store.guard_locks.add(lock)
    store.close()
    again = open_store(tmp_path, clock)
    assert again.guard_locks.standing() == (lock,)
    again.guard_locks.release(LockKind.PANIC, clock.now() + timedelta(hours=1))
    assert again.guard_locks.standing() == ()
    with again.database.reading() as connection:
        (row,) = connection.exec_driver_sql("SELECT kind, reason, released_at FROM guard_lock").all()
        texts = [one.text for one in connection.exec_driver_sql("SELECT text FROM audit_event WHERE kind = 'lock'")]
    assert (row.kind, row.reason, row.released_at is not None) == ("PANIC", "Locked by panic.", True)
    assert texts == ["Locked by panic.", "the lock by panic is lifted"]
    again.close()
