"""The assembled engine beside accounts that are not like the first one: in another currency, and under evaluation."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core.model.scope import AccountKey, PositionKey
from core.snapshot import Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.engine_process import SYMBOL, Driver

EURO, EVALUATION = AccountKey("venue", "EurSim"), AccountKey("venue", "Eval50K")


@pytest.fixture
def driver(world: World) -> Iterator[Driver]:
    made = Driver(world.folder, world.address, {})
    made.engine.start()
    made.ready()
    yield made
    made.engine.stop()
    invariants.check(world.database)


def held(snapshot: Snapshot, account: AccountKey) -> Decimal:
    position = snapshot.positions.get(PositionKey(account.connection, account.account, SYMBOL))
    return Decimal(0) if position is None else position.quantity


def test_dollars_never_come_to_an_account_in_euro(world: World, driver: Driver) -> None:
    driver.wait(lambda s: EURO in s.ledger and s.ledger[EURO].cash == 50_000, "our figure to begin")
    world.venue.control("set_position", account="EurSim", symbol=SYMBOL, quantity=2)
    driver.wait(lambda s: held(s, EURO) == 2, "a position in the euro account")
    world.venue.control("set_position", account="EurSim", symbol=SYMBOL, quantity=0)
    driver.wait(lambda s: held(s, EURO) == 0, "its end")
    driver.wait(lambda s: s.balances[EURO].cash != 50_000, "the broker's figure")
    snapshot = driver.engine.state.snapshot()
    assert snapshot.balances[EURO].currency == snapshot.accounts[EURO].currency == "EUR"
    assert (snapshot.ledger[EURO].cash, snapshot.ledger[EURO].day_net) == (None, None)
    assert any("currencies are not added" in text for text in driver.said)


def test_an_account_the_broker_empties_is_flat_here_too_and_its_lock_is_told(world: World, driver: Driver) -> None:
    last = Decimal(world.state()["last"][SYMBOL])
    world.venue.control("set_position", account="Eval50K", symbol=SYMBOL, quantity=40, price=str(last + 20))
    driver.wait(lambda s: len(s.trades) == 1 and held(s, EVALUATION) == 0, "the account to be empty")
    driver.wait(lambda s: any("is locked: trailing drawdown" in text for text in driver.said), "the lock to be told")
    fills = invariants.rows(world.database, "fill_record")
    assert {(row["account"], row["source"]) for row in fills} == {("Eval50K", "EXTERNAL")}
