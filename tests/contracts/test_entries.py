"""What an EntryRepository keeps, in SQLite and in memory alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.scope import Mode, PositionKey
from core.model.stop_plan import StopPlan
from core.ports import EntryRepository
from data.store import open_store
from tests.data.books import StillClock
from tests.fakes.repositories import InMemoryStore

KEY = PositionKey("sim", "Sim1", "MESZ6")
NOW = datetime(2025, 11, 12, 15, 0, tzinfo=UTC)
STOP, TARGET = ExitPoint(price=Decimal("5045.25")), ExitPoint(distance=Decimal("5.00"))
BRACKET = Bracket(STOP, (BracketTarget(Decimal(1), TARGET),), Decimal("2.5"), Decimal(3))
LEGS = (
    EntryLeg("ST1", "ST11", "ST12", "ST13", "ST14", True, Decimal(1), Decimal("5045.25"), None, None, Decimal(5)),
    EntryLeg("ST2", "ST21", "", "ST23", "ST24", False, Decimal(1), stop_price=Decimal("5045.25")),
)


def an_entry(step: EntryStep = EntryStep.PREPARING, name: str = "press-1") -> EntryOperation:
    return EntryOperation(name, KEY, Side.BUY, step, NOW, NOW, BRACKET, LEGS, "Sending", "no answer")


@pytest.fixture(params=["sqlite", "memory"])
def entries(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EntryRepository]:
    if request.param == "memory":
        yield InMemoryStore().entries
        return
    store = open_store(tmp_path / "data", StillClock())
    yield store.entries
    store.close()


@pytest.mark.parametrize("step", EntryStep)
def test_an_entry_is_unfinished_until_it_is_over(entries: EntryRepository, step: EntryStep) -> None:
    operation = an_entry(step)
    entries.save(operation, Mode.SIM)
    assert entries.unfinished() == (() if operation.is_over else (operation,))


def test_an_entry_is_moved_in_its_place(entries: EntryRepository) -> None:
    entries.save(an_entry(name="a"), None)
    entries.save(an_entry(name="b"), None)
    moved = replace(an_entry(EntryStep.STOP_PENDING, "a"), text="", doubt="")
    entries.save(moved, None)
    assert entries.unfinished() == (moved, an_entry(name="b"))


def test_the_newest_plan_of_a_scope_stands_until_nothing_is_planned(entries: EntryRepository) -> None:
    other = PositionKey("sim", "Sim1", "ESZ6")
    entries.save_plan(StopPlan(KEY, NOW, trail=Decimal(2)), Mode.SIM)
    entries.save_plan(StopPlan(other, NOW, breakeven_after=Decimal("2.5")), None)
    entries.save_plan(StopPlan(KEY, NOW, Decimal(3), Decimal(4), Decimal(5000)), Mode.SIM)
    assert set(entries.plans()) == {
        StopPlan(KEY, NOW, Decimal(3), Decimal(4), Decimal(5000)),
        StopPlan(other, NOW, breakeven_after=Decimal("2.5")),
    }
    entries.save_plan(StopPlan(KEY, NOW), None)
    assert [plan.key for plan in entries.plans()] == [other]


def test_a_close_and_an_entry_do_not_take_each_other_for_their_own(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", StillClock())
    store.entries.save(an_entry(), Mode.SIM)
    assert store.operations.unfinished() == ()
    assert store.entries.plans() == ()
    store.close()
