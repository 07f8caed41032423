"""Orders and stops that went astray, with a real broker: found at the next start, decided, and put right there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.commands import DecideFinding, DecideRecovery
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.recovery import RecoveryChoice, Situation
from core.snapshot import Certainty
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import ACCOUNT, SYMBOL, Driver
from tests.end_to_end.test_recovery import Sessions, traded_elsewhere

WORKING = ("WORKING", "OPEN", "ACCEPTED")


@pytest.fixture
def sessions(world: World) -> Iterator[Sessions]:
    made = Sessions(world)
    yield made
    made.stop()


def long_two_with_stop(sessions: Sessions) -> None:
    """Run a session that ends long two behind a stop."""
    driver = sessions.start()
    driver.ready()
    driver.buy(Decimal(2))
    driver.stop(Decimal(2))
    driver.settle()
    sessions.stop()


def finding(driver: Driver, kind: FindingKind) -> Finding:
    driver.wait(lambda s: any(one.kind is kind and one.decided is None for one in s.findings), kind.value)
    return next(one for one in driver.engine.state.snapshot().findings if one.kind is kind)


def decide(driver: Driver, found: Finding, choice: FindingChoice) -> None:
    driver.engine.post(DecideFinding(found.key, found.name, choice, found.version))


def stops(world: World) -> list[dict[str, Any]]:
    """Return the stops that work at the broker."""
    orders = world.state()["orders"]
    return [one for one in orders if one["kind"].upper().startswith("STOP") and one["status"].upper() in WORKING]


def test_the_stop_of_a_position_closed_elsewhere_is_an_orphan_and_is_cancelled(
    world: World, sessions: Sessions
) -> None:
    long_two_with_stop(sessions)
    traded_elsewhere(world, 0)
    driver = sessions.start()
    found = finding(driver, FindingKind.ORPHAN_ORDER)
    assert found.at_start
    recovery = driver.engine.state.snapshot().recovery
    assert recovery is not None
    (row,) = recovery.rows
    assert row.situation is Situation.CLOSED_AT_BROKER
    driver.engine.post(DecideRecovery(row.key, RecoveryChoice.RECORD_CLOSED, row.version))
    decide(driver, found, FindingChoice.CANCEL_ORDER)
    driver.wait(lambda s: not s.findings and not s.positions, "nothing left")
    until(lambda: stops(world) == [], "the broker to have cancelled it")
    invariants.check(world.database)


def test_a_stop_the_broker_lost_is_placed_again_where_it_was(world: World, sessions: Sessions) -> None:
    long_two_with_stop(sessions)
    (before,) = stops(world)
    world.venue.control("forget_orders")
    finding(sessions.start(), FindingKind.MISSING_PROTECTION)
    sessions.stop()  # a start that decides nothing changes nothing
    driver = sessions.start()
    found = finding(driver, FindingKind.MISSING_PROTECTION)
    assert stops(world) == []
    decide(driver, found, FindingChoice.PLACE_PLANNED_STOP)
    until(lambda: len(stops(world)) == 1, "the stop at the broker")
    (after,) = stops(world)
    assert (after["side"], Decimal(after["quantity"]), Decimal(after["stop_price"])) == (
        before["side"],
        Decimal(2),
        Decimal(before["stop_price"]),
    )
    driver.wait(lambda s: not s.findings, "the finding to go")
    invariants.check(world.database)


def test_a_difference_that_comes_up_while_trading_is_settled_by_a_choice(world: World, sessions: Sessions) -> None:
    driver = sessions.start()
    driver.ready()
    driver.buy(Decimal(2))
    driver.settle()
    traded_elsewhere(world, 1)
    driver.wait(lambda s: any(one.certainty is Certainty.MISMATCH for one in s.scopes.values()), "the mismatch")
    driver.wait(lambda s: s.recovery is not None and any(one.in_session for one in s.recovery.rows), "its row")
    snapshot = driver.engine.state.snapshot()
    assert snapshot.recovery is not None and not snapshot.recovery.wants_dialog
    (row,) = snapshot.recovery.rows
    driver.engine.post(DecideRecovery(row.key, RecoveryChoice.CLOSE_BROKER, row.version, "phone desk"))
    until(lambda: world.broker_quantity() == 0.0, "the broker to be flat")
    driver.wait(lambda s: not s.positions and not (s.recovery and s.recovery.rows), "both flat")
    sold = [one for one in world.state()["orders"] if one["side"] == "SELL"]
    assert [Decimal(one["quantity"]) for one in sold] == [1]
    assert (row.key.account, row.key.symbol) == (ACCOUNT, SYMBOL)
    invariants.check(world.database)
