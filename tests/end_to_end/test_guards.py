"""An evaluation account at the simulator, under limits of ours that are tighter than the broker's."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

import pytest

from core import commands
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import AccountKey, Mode, PositionKey
from core.snapshot import Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import SYMBOL, Driver

EVALUATION = AccountKey("venue", "Eval50K")
KEY = PositionKey("venue", "Eval50K", SYMBOL)
RULES = """
installation = "TEST"
[guards."venue/Eval50K"]
prop_floor = "600"
prop_floor_shape = "intraday"
prop_floor_start = "50000"
prop_floor_freeze = "50100"
prop_floor_then = "{then}"
size = "5"
"""
NO_RULES = 'installation = "TEST"\n'
Start = Callable[[str], Driver]


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Start an engine with these settings, after ending the one before."""
    running: list[Driver] = []

    def begin(settings: str) -> Driver:
        while running:
            running.pop().engine.stop()
        (world.folder / "settings.toml").write_text(settings, encoding="utf-8")
        driver = Driver(world.folder, world.address, {})
        running.append(driver)
        driver.engine.start()
        driver.ready()
        return driver

    yield begin
    while running:
        running.pop().engine.stop()
    invariants.check(world.database)


def held(snapshot: Snapshot) -> Decimal:
    position = snapshot.positions.get(KEY)
    return Decimal(0) if position is None else position.quantity


def lose(world: World, driver: Driver) -> None:
    """Be long five, some 700 under water: beyond our floor, and 300 from the broker's day loss."""
    driver.wait(lambda s: EVALUATION in s.ledger and s.ledger[EVALUATION].cash is not None, "the money")
    driver.wait(lambda s: EVALUATION in s.guards and not s.guards[EVALUATION].paused, "the guards to know it")
    last = Decimal(world.state()["last"][SYMBOL])
    world.venue.control("set_position", account="Eval50K", symbol=SYMBOL, quantity=5, price=str(last + 28))
    driver.wait(lambda s: s.guards[EVALUATION].locked != "", "the lock")


def refused(driver: Driver) -> str:
    """Buy one and return why nothing was sent."""
    before, orders = len(driver.said), set(driver.engine.state.snapshot().orders)
    driver.engine.post(commands.SubmitOrder("again", KEY, Side.BUY, OrderType.MARKET, Decimal(1), confirmed=True))
    driver.wait(lambda _: any(text.startswith("Not sent") for text in driver.said[before:]), "an answer")
    assert set(driver.engine.state.snapshot().orders) == orders
    return next(text for text in driver.said[before:] if text.startswith("Not sent"))


def broker_locked(world: World, driver: Driver) -> bool:
    return any("Account Eval50K is locked" in text for text in driver.said)


def test_our_floor_empties_and_locks_the_account_before_the_broker_does(world: World, start: Start) -> None:
    driver = start(RULES.format(then="flatten"))
    driver.engine.post(commands.ClassifyAccount(EVALUATION, Mode.EVAL))
    lose(world, driver)
    driver.wait(lambda s: held(s) == 0, "the account to be flat")
    driver.wait(lambda s: s.operations[KEY].is_over, "the close to end")
    assert world.broker_quantity("Eval50K") == 0 and not broker_locked(world, driver)
    assert "Eval50K is locked. Equity" in refused(driver)
    fills = invariants.rows(world.database, "fill_record")
    assert [row["source"] for row in fills][-1] == "OURS"
    gauge = driver.engine.state.snapshot().guards[EVALUATION].gauge
    assert gauge is not None and gauge.rule == "intraday trailing, freezes at 50 100"


@pytest.mark.row(158)
def test_a_lock_blocks_holds_over_a_restart_without_the_rule_and_lets_the_position_be_closed(
    world: World, start: Start
) -> None:
    driver = start(RULES.format(then="block"))
    driver.engine.post(commands.ClassifyAccount(EVALUATION, Mode.EVAL))
    lose(world, driver)
    assert held(driver.engine.state.snapshot()) == 5 and not broker_locked(world, driver)
    assert "Eval50K is locked. Equity" in refused(driver)
    driver = start(NO_RULES)
    assert driver.engine.state.snapshot().guards[EVALUATION].locked
    driver.engine.post(commands.ClosePosition("out", KEY))
    driver.wait(lambda s: held(s) == 0 and s.operations[KEY].is_over, "the account to be flat")
    assert "Eval50K is locked. Equity" in refused(driver)
    (lock,) = invariants.rows(world.database, "guard_lock")
    assert (lock["account"], lock["kind"], lock["released_at"]) == ("Eval50K", "prop floor", None)


SIZE = 'installation = "TEST"\n[guards."venue/Sim1"]\nsize = "{0}"\n'
ONE_ORDER = 'installation = "TEST"\n[limits]\nquantity_soft = "1"\nquantity_hard = "{0}"\n'


@pytest.mark.parametrize(
    ("tight", "loose"),
    [
        (SIZE.format(1), SIZE.format(9)),
        (SIZE.format(1), NO_RULES),
        (ONE_ORDER.format(1), ONE_ORDER.format(9)),
        (ONE_ORDER.format(1), NO_RULES),
    ],
    ids=["guard raised", "guard taken away", "order limit raised", "order limit taken away"],
)
def test_what_was_in_force_binds_for_the_session_whatever_is_written_into_the_file(
    start: Start, tight: str, loose: str
) -> None:
    key = PositionKey("venue", "Sim1", SYMBOL)
    two = commands.SubmitOrder("two", key, Side.BUY, OrderType.MARKET, Decimal(2), confirmed=True)
    for settings in (tight, loose, loose):
        driver = start(settings)
        driver.engine.post(two)
        until(partial(is_refused, driver), "a refusal")
        assert not driver.engine.state.snapshot().orders


def is_refused(driver: Driver) -> bool:
    return any("Not sent" in text for text in driver.said)
