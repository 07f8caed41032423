"""The database keeps where accounts stand against their limits, as its stand-in in memory does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from core.model.guard_day import AccountLock, GuardState
from core.model.guard_lock import GuardLock, LockKind
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.scope import AccountKey, Mode
from core.ports import GuardRepository
from data.store import Store
from tests.data.books import fresh_store
from tests.fakes.repositories import InMemoryStore

D = Decimal
ONE, OTHER = AccountKey("sim", "Sim1"), AccountKey("sim", "Sim2")
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
RULES = GuardRules(
    day_loss=D("500.50"),
    profit_floor=ProfitFloor(D(300), D(500)),
    prop_floor=PropFloor(FloorShape.END_OF_DAY, D(2000), D(50000), D(50100), D(50100)),
    trades=5,
    size=D("2.5"),
    flat_by=time(15, 10),
    news=(NewsWindow(NOW, NOW + timedelta(minutes=5)),),
    actions={Guard.DAY_LOSS: GuardAction.FLATTEN, Guard.NEWS: GuardAction.WARN},
)
STATE = GuardState(
    NOW,
    (RULES, GuardRules()),
    D("-12.5"),
    D(40),
    3,
    D(50000),
    D(50010),
    D("50020.10"),
    frozenset({"a", "b"}),
    frozenset({"a"}),
)
LOCK = AccountLock(ONE, Guard.DAY_LOSS, "Sim1 is locked.", NOW, NOW + timedelta(hours=8))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store | InMemoryStore]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    with fresh_store() as real:
        yield real


@pytest.fixture
def guards(store: Store | InMemoryStore) -> GuardRepository:
    return store.guards


def test_a_state_comes_back_as_it_was_saved_and_the_newest_counts(guards: GuardRepository) -> None:
    assert dict(guards.states()) == {}
    guards.save(ONE, STATE, None, None)
    guards.save(OTHER, GuardState(NOW), None, Mode.SIM)
    assert dict(guards.states()) == {ONE: STATE, OTHER: GuardState(NOW)}
    later = replace(STATE, best=D(50))
    guards.save(ONE, later, None, None)
    assert guards.states()[ONE] == later


def test_a_lock_stands_until_its_end_and_not_a_moment_longer(guards: GuardRepository) -> None:
    guards.save(ONE, STATE, LOCK, Mode.EVAL)
    assert guards.locks(NOW) == (LOCK,)
    assert guards.locks(LOCK.until - timedelta(microseconds=1)) == (LOCK,)
    assert guards.locks(LOCK.until) == ()


def test_a_lock_of_an_account_is_audited_and_is_not_one_of_everything() -> None:
    with fresh_store() as store:
        store.guards.save(ONE, STATE, LOCK, Mode.EVAL)
        store.guard_locks.add(GuardLock(LockKind.PANIC, "Panic.", NOW))
        assert [one.kind for one in store.guard_locks.standing()] == [LockKind.PANIC]
        assert store.guards.locks(NOW) == (LOCK,)
        store.guard_locks.release(LockKind.PANIC, NOW)
        assert store.guards.locks(NOW) == (LOCK,)
        with store.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT account, text, cause FROM audit_event WHERE kind = 'lock'").all()
    assert tuple(rows[0]) == ("Sim1", "Sim1 is locked.", "day loss")
