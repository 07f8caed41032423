"""An hour of a market at which somebody clicks on everything: each minute the books add up, and memory stays flat."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from statistics import median
from subprocess import Popen
from typing import Any

import pytest

from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World
from tests.end_to_end.deadlines import until

SPEED = 20
# How much more the terminal may hold at the end than when it had seen everything once.
GROWTH = 1.05

Books = dict[tuple[str, str], Fraction]


@pytest.fixture
def fast_world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, speed=SPEED)
    yield made
    made.close()


def ours(database: Path) -> Books:
    found = invariants.rows(database, "open_position")
    return {(row["account"], row["symbol"]): Fraction(row["qty"]) for row in found}


def theirs(world: World) -> Books:
    found = ((row["account"], row["symbol"], Fraction(row["quantity"])) for row in world.state()["positions"])
    return {(account, symbol): quantity for account, symbol, quantity in found if quantity}


def copied(database: Path, target: Path) -> Path:
    """Return one moment of a database that is being written."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def minute(world: World, process: Popen[str], copy: Path) -> dict[str, Any]:
    """Wait for the end of a minute, check everything while the market stands still, and let the next begin."""
    assert process.stdout is not None and process.stdin is not None
    line = process.stdout.readline()
    assert line, f"the terminal ended with {process.wait(20)}"
    facts: dict[str, Any] = json.loads(line)
    assert "missed" not in facts, facts
    world.venue.control("freeze", on=True)
    until(lambda: ours(world.database) == theirs(world), f"the books to agree after {facts}")
    invariants.check(copied(world.database, copy))
    assert not facts["halted"], facts
    world.venue.control("freeze", on=False)
    process.stdin.write("go\n")
    process.stdin.flush()
    return facts


def trade_for(world: World, minutes: int, seed: int, folder: Path) -> list[dict[str, Any]]:
    process = world.engine("ready", f"clicks:{minutes},{seed},{SPEED}", "quit", program=WINDOW)
    found = [minute(world, process, folder / "copy.sqlite3") for _ in range(minutes)]
    process.communicate(timeout=60)
    assert process.returncode == 0, found[-1]
    return found


def test_some_minutes_of_random_clicks_keep_every_promise(fast_world: World, tmp_path: Path) -> None:
    found = trade_for(fast_world, 4, 1, tmp_path)
    assert found[-1]["presses"] > 100
    assert len(invariants.rows(fast_world.database, "fill_record")) > 3


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_hour_of_random_clicks_keeps_every_promise_and_memory_flat(
    fast_world: World, tmp_path: Path, seed: int
) -> None:
    found = trade_for(fast_world, 60, seed, tmp_path)
    assert len(invariants.rows(fast_world.database, "fill_record")) > 200
    early, late = (median(one["rss"] for one in part) for part in (found[15:25], found[-10:]))
    assert late <= early * GROWTH, f"{early:.0f} MiB after a quarter of an hour, {late:.0f} MiB at the end"
