"""A close on a disk that is full: it proceeds, it is kept beside the database, and nothing is lost or doubled."""

import sys

import pytest

from tests.end_to_end import invariants
from tests.end_to_end.conftest import World

LOG = "emergency.jsonl"


def merged(world: World) -> list[str]:
    return sorted(path.name for path in world.folder.glob("emergency-*.jsonl"))


@pytest.mark.row(93)
def test_a_close_on_a_full_disk_survives_a_kill_and_is_in_the_books_after_the_next_start(world: World) -> None:
    process = world.engine("ready", "buy:2", "stop:2", "full", "close", "facts", "mark", "hang")
    assert process.stdout is not None
    out = [process.stdout.readline() for _ in range(2)]
    assert '"unsaved": 0' not in out[0] and '"in_memory": 0' in out[0] and '"quantity": "0"' in out[0], out
    assert world.broker_quantity() == 0.0
    process.kill()
    process.wait(20)
    assert [row["qty"] for row in invariants.rows(world.database, "open_position")] == ["2"]
    if sys.platform != "win32":
        assert (world.folder / LOG).stat().st_mode & 0o777 == 0o600
    (known,) = world.run("ready", "settle", "facts")
    assert known["quantity"] == "0" and not known["halted"] and known["unsaved"] == 0
    assert set(known["orders"].values()) <= {"FILLED", "CANCELLED"}
    assert any("of the emergency log" in text for text in known["said"])
    invariants.check(world.database)
    (trade,) = invariants.rows(world.database, "trade_record")
    assert trade["qty"] == "2" and trade["realized_pnl"] is not None
    assert not (world.folder / LOG).exists() and len(merged(world)) == 1
    causes = [row["cause"] for row in invariants.rows(world.database, "audit_event") if row["kind"] == "fill"]
    assert causes[-1].startswith("emergency log")


@pytest.mark.row(93)
@pytest.mark.parametrize("again", [False, True])
def test_what_a_full_disk_kept_out_is_written_when_there_is_room_again(world: World, again: bool) -> None:
    more = ("full", "close_if_open", "room") if again else ()
    (known,) = world.run("ready", "buy:2", "full", "close", "room", *more, "facts")
    assert known["quantity"] == "0" and known["unsaved"] == 0
    assert any("The database takes writes again" in text for text in known["said"])
    invariants.check(world.database)
    assert len(invariants.rows(world.database, "trade_record")) == 1
    assert not (world.folder / LOG).exists() and len(merged(world)) == 1
    (known,) = world.run("ready", "settle", "facts")
    assert known["quantity"] == "0" and known["links"] == {"venue": "READY"}
    invariants.check(world.database)
