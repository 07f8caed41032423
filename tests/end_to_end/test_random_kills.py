"""Kill the engine at random moments while it trades as fast as it can; after each restart everything adds up."""

import random
from collections import Counter

import pytest

from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import pause

KILLS_SHORT, KILLS_LONG = 5, 125


def kill_again_and_again(world: World, seed: int, kills: int) -> None:
    dice = random.Random(seed)
    for number in range(kills):
        process = world.engine("ready", "mark", f"storm:{seed * 1000 + number}")
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == '{"mark": true}\n', f"seed {seed}, start {number}"
        process.stdin.write("go\n")
        process.stdin.flush()
        pause(dice.uniform(0.05, 1.2))
        process.kill()
        process.wait(20)
        # A working order may fill at any moment; for the comparison the market stands still.
        world.venue.control("freeze", on=True)
        (facts,) = world.run("ready", "settle", "facts")
        where = f"seed {seed}, kill {number}: {facts}"
        invariants.check(world.database)
        assert not facts["halted"], where
        assert float(facts["quantity"]) == world.broker_quantity(), where
        booked = {row["execution_id"] for row in invariants.rows(world.database, "fill_record")}
        assert booked == {fill["execution_id"] for fill in world.state()["fills"]}, where
        names = Counter(order["client_order_id"] for order in world.state()["orders"])
        assert max(names.values(), default=0) <= 1, where
        world.venue.control("freeze", on=False)


@pytest.mark.row(124)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_kills_under_load_lose_nothing_and_double_nothing(world: World, seed: int) -> None:
    kill_again_and_again(world, seed, KILLS_SHORT)


@pytest.mark.row(124)
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_five_hundred_random_kills(world: World, seed: int) -> None:
    kill_again_and_again(world, seed, KILLS_LONG)
