"""Every situation a restart can find, with a real broker that was traded behind our back, and every decision."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core.events import Link
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.snapshot import Certainty, Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.engine_process import ACCOUNT, SYMBOL, Driver


class Sessions:
    """Sessions of one terminal, one after another, in this process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: Driver | None = None

    def start(self) -> Driver:
        """Start the terminal's engine."""
        self._running = Driver(self._world.folder, self._world.address, {})
        self._running.engine.start()
        return self._running

    def stop(self) -> None:
        """End it cleanly, if it runs."""
        if self._running is not None:
            self._running.engine.stop()
            self._running = None


@pytest.fixture
def sessions(world: World) -> Iterator[Sessions]:
    made = Sessions(world)
    yield made
    made.stop()


def traded_elsewhere(world: World, quantity: int, with_fills: bool = False) -> None:
    """Change the broker's position as another platform would."""
    world.venue.control("set_position", account=ACCOUNT, symbol=SYMBOL, quantity=quantity, with_fills=with_fills)


def holding(sessions: Sessions, quantity: int) -> None:
    """Run a session that ends holding a position."""
    driver = sessions.start()
    driver.ready()
    if quantity:
        (driver.buy if quantity > 0 else driver.sell)(Decimal(abs(quantity)))
    driver.settle()
    sessions.stop()


def found(driver: Driver) -> RecoveryRow:
    """Wait for the dialog and return its one row."""
    driver.wait(lambda s: s.recovery is not None and s.recovery.wants_dialog and not s.recovery.asking, "the dialog")
    snapshot = driver.engine.state.snapshot()
    assert snapshot.recovery is not None
    (row,) = snapshot.recovery.undecided
    assert snapshot.connections["venue"].link is Link.SYNCING, "entries stay locked until it is decided"
    return row


def decide(driver: Driver, row: RecoveryRow, choice: RecoveryChoice) -> None:
    """Apply a choice and wait until the line is open."""
    from core.commands import DecideRecovery

    driver.engine.post(DecideRecovery(row.key, choice, row.version))
    driver.wait(is_ready, "READY after the decision")


def is_ready(snapshot: Snapshot) -> bool:
    status = snapshot.connections.get("venue")
    return status is not None and status.link is Link.READY


@pytest.mark.row(75, 76, 77)
@pytest.mark.parametrize(
    ("ours", "theirs", "situation"),
    [
        (2, 0, Situation.CLOSED_AT_BROKER),
        (2, 3, Situation.SIZE_DIFFERS),
        (3, 1, Situation.SIZE_DIFFERS),
        (-2, -5, Situation.SIZE_DIFFERS),
        (2, -1, Situation.OPPOSITE_SIDE),
        (0, 4, Situation.ONLY_AT_BROKER),
        (0, -1, Situation.ONLY_AT_BROKER),
    ],
)
def test_a_difference_is_found_shown_and_adopted_as_the_broker_states_it(
    world: World, sessions: Sessions, ours: int, theirs: int, situation: Situation
) -> None:
    holding(sessions, ours)
    traded_elsewhere(world, theirs)
    driver = sessions.start()
    row = found(driver)
    assert row.situation is situation
    assert row.broker_quantity == theirs
    wanted = row.choices[0] if row.choices[0] is not RecoveryChoice.VERIFY else RecoveryChoice.ADOPT
    decide(driver, row, wanted)
    snapshot = driver.engine.state.snapshot()
    held = snapshot.positions.get(driver.key)
    assert (0 if held is None else held.quantity) == theirs == world.broker_quantity()
    assert snapshot.scopes[driver.key].certainty is Certainty.CONFIRMED
    sessions.stop()
    invariants.check(world.database)
    corrections = [
        row for row in invariants.rows(world.database, "fill_record") if row["source"] in ("RECON", "MANUAL")
    ]
    assert corrections
    if ours and theirs * ours >= 0:
        assert all(correction["price"] is None for correction in corrections), "no price and no profit is invented"
    if theirs == 0:
        (trade,) = invariants.rows(world.database, "trade_record")
        assert trade["exit_price"] is None
        assert trade["realized_pnl"] is None
        assert trade["source"] == "MANUAL"


@pytest.mark.row(75)
def test_what_was_filled_elsewhere_while_away_is_booked_and_nothing_is_left_to_decide(
    world: World, sessions: Sessions
) -> None:
    holding(sessions, 2)
    traded_elsewhere(world, -1, with_fills=True)
    driver = sessions.start()
    driver.wait(is_ready, "READY")
    snapshot = driver.engine.state.snapshot()
    assert snapshot.positions[driver.key].quantity == -1
    assert snapshot.recovery is None or not snapshot.recovery.undecided
    sessions.stop()
    invariants.check(world.database)
    theirs = {fill["execution_id"] for fill in world.state()["fills"]}
    assert {row["execution_id"] for row in invariants.rows(world.database, "fill_record")} == theirs


def test_ignore_keeps_the_record_and_locks_the_scope(world: World, sessions: Sessions) -> None:
    holding(sessions, 2)
    traded_elsewhere(world, 1)
    driver = sessions.start()
    decide(driver, found(driver), RecoveryChoice.IGNORE)
    snapshot = driver.engine.state.snapshot()
    assert snapshot.positions[driver.key].quantity == 2
    assert snapshot.scopes[driver.key].lock


def test_a_clean_restart_that_matches_asks_nothing(world: World, sessions: Sessions) -> None:
    holding(sessions, 2)
    driver = sessions.start()
    driver.wait(is_ready, "READY")
    driver.wait(lambda s: "Restored 1 position, confirmed by broker." in driver.said, "the toast")


@pytest.mark.row(81)
def test_ten_restarts_change_nothing(world: World, sessions: Sessions) -> None:
    holding(sessions, 2)
    tables = ("fill_record", "open_position", "trade_record", "order_record")
    before = {table: invariants.rows(world.database, table) for table in tables[:1] + tables[2:]}
    for _ in range(10):
        driver = sessions.start()
        driver.wait(is_ready, "READY")
        sessions.stop()
    assert {table: invariants.rows(world.database, table) for table in before} == before
    invariants.check(world.database)


def test_silence_about_positions_proves_nothing(world: World, sessions: Sessions) -> None:
    holding(sessions, 2)
    world.venue.control("mute", types=[306], count=100)
    driver = sessions.start()
    driver.wait(lambda s: s.recovery is not None and s.recovery.wants_dialog, "the dialog")
    snapshot = driver.engine.state.snapshot()
    assert snapshot.recovery is not None
    assert [row.situation for row in snapshot.recovery.rows] == [Situation.NO_ANSWER]
    assert snapshot.positions[driver.key].quantity == 2
    assert not is_ready(snapshot)
    world.venue.control("mute", types=[306], count=0)
    driver.wait(is_ready, "READY once the broker answers")
    assert driver.engine.state.snapshot().positions[driver.key].quantity == 2
