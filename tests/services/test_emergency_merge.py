"""What a program left in the emergency log is merged by the next one: before anything else, in order, once."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import CancelOrder
from core.emergency import UnsavedFill, UnsavedOperation, UnsavedOrder
from core.errors import PersistenceError
from core.events import Level
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.operation import CloseOperation
from core.model.order import OrderState, OrderType
from core.model.scope import Mode, PositionKey
from services.emergency_merge import EmergencyMerge
from tests.data.books import fresh_store
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.checker import Checker
from tests.fakes.engine import ES, Desk, contract
from tests.fakes.repositories import InMemoryStore
from tests.services.outages import FULL, closed_unsaved, nothing_is_missing, protected, refusing

# -- the next start -------------------------------------------------------------------------------------------------


def test_what_a_killed_program_left_is_merged_before_anything_is_shown(desk: Desk) -> None:
    closed_unsaved(desk)
    desk.kill()
    desk.memory.disk.error = None
    desk.clock.advance(60)
    desk.start(connect=False)
    assert desk.quantity() == 0 and desk.heard("of the emergency log", Level.CAUTION)
    (trade,) = desk.store.positions.recent_trades(9)
    assert trade.realized_pnl is not None and desk.store.operations.unfinished() == ()
    assert {one.state for one in desk.orders()} == {OrderState.FILLED, OrderState.CANCELLED}
    nothing_is_missing(desk)


@pytest.mark.row(93)
@pytest.mark.parametrize("restarted", [True, False])
def test_a_stop_that_was_placed_and_lost_while_the_store_refused_is_found(desk: Desk, restarted: bool) -> None:
    desk.buy(2)
    desk.tick(1)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    stop = desk.broker.last()
    assert stop.alive
    if restarted:
        desk.broker.end(stop, OrderState.CANCELLED)
        desk.settle()
        desk.kill()
        desk.memory.disk.error = None
        desk.start()
    else:
        desk.tick(1)
        desk.broker.end(stop, OrderState.CANCELLED)
        desk.settle()
    desk.tick(10)
    (finding,) = desk.snapshot.findings
    assert finding.kind is FindingKind.MISSING_PROTECTION and finding.planned == 4980


@pytest.mark.parametrize("filled", [True, False])
def test_a_stop_that_did_its_work_or_was_taken_away_while_the_store_refused_is_not_missed(
    desk: Desk, filled: bool
) -> None:
    desk.buy(2)
    desk.tick(1)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.press(Side.SELL, 1, OrderType.STOP, "4980")
    if filled:
        desk.broker.fill(desk.broker.last())
        desk.settle()
    else:
        desk.handle(CancelOrder(desk.order().client_order_id))
    desk.kill()
    desk.memory.disk.error = None
    desk.start()
    desk.tick(10)
    assert desk.snapshot.findings == () and desk.quantity() == (1 if filled else 2)


def test_a_start_that_cannot_write_leaves_the_log_and_the_next_has_the_same_result(desk: Desk) -> None:
    closed_unsaved(desk)
    desk.kill()
    waiting = list(desk.emergency.entries)
    with pytest.raises(PersistenceError):
        desk.start()
    assert desk.emergency.entries == waiting
    desk.memory.disk.error = None
    desk.start()
    nothing_is_missing(desk)


def test_a_start_goes_on_though_the_merged_log_cannot_be_put_aside_yet(desk: Desk) -> None:
    closed_unsaved(desk)
    desk.kill()
    desk.memory.disk.error = None
    retire = desk.emergency.retire

    def held(aside: object) -> None:
        raise PersistenceError("emergency.jsonl is open in another program")

    desk.emergency.retire = held  # type: ignore[method-assign]
    desk.start()
    assert desk.heard("is open in another program", Level.CAUTION) and desk.quantity() == 0
    desk.emergency.retire = retire  # type: ignore[method-assign]
    desk.tick(12)
    nothing_is_missing(desk)


def close_unsaved(desk: Desk) -> bool:
    """Die while a close is written to the log."""
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = FULL

    def act() -> None:
        desk.close()
        desk.tick(1)

    return desk.dies_in(act)


def merge_at_start(desk: Desk) -> bool:
    """Die while the next start merges."""
    closed_unsaved(desk)
    desk.kill()
    desk.memory.disk.error = None
    return desk.dies_in(desk.start)


def merge_while_running(desk: Desk) -> bool:
    """Die while what waits is written by the program that kept it."""
    closed_unsaved(desk)
    desk.memory.disk.error = None
    return desk.dies_in(lambda: desk.tick(12))


@pytest.mark.parametrize(
    ("point", "scene"),
    [
        ("emergency.written", close_unsaved),
        ("emergency.merged_one", merge_at_start),
        ("emergency.renamed", merge_at_start),
        ("emergency.merged_one", merge_while_running),
        ("emergency.renamed", merge_while_running),
    ],
)
def test_a_death_at_every_step_of_writing_and_of_merging_loses_and_doubles_nothing(
    point: str, scene: Callable[[Desk], bool]
) -> None:
    for times in range(1, 40):
        desk = Desk().start()
        desk.after.append(Checker(desk).check)
        desk.dies_at(point, times)
        if not scene(desk):
            assert times > 1
            return
        desk.memory.disk.error = None
        desk.clock.advance(60)
        desk.start()
        desk.tick(15)
        assert desk.broker.positions[ES] == desk.quantity()
        nothing_is_missing(desk)
        names = [order.client_order_id for order in desk.broker.received]
        assert len(names) == len(set(names))
    raise AssertionError("it never came to an end")


def test_the_same_on_a_real_database(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    protected(desk)
    store = desk.store
    refusals: list[str] = []
    for repository in (store.orders, store.operations):
        repository.save = refusing(refusals)  # type: ignore[method-assign]
    store.positions.record = refusing(refusals)  # type: ignore[method-assign]
    desk.close()
    desk.tick(1)
    assert refusals and desk.quantity() == 0 and desk.broker.positions[ES] == 0
    desk.kill()
    desk.clock.advance(60)
    desk.start()
    nothing_is_missing(desk)
    desk.kill()


# -- entry by entry -------------------------------------------------------------------------------------------------


def test_an_execution_the_database_has_with_other_facts_is_kept_aside_and_told(desk: Desk) -> None:
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.SELL, 1, price="5001")
    desk.settle()
    entry = next(one for one in desk.emergency.entries if isinstance(one, UnsavedFill))
    desk.kill()
    desk.memory.disk.error = None
    told = replace(entry.change.fill, price=Decimal("5002"))
    desk.memory.positions.record(replace(entry.change, fill=told, legs=(told,)), None, "somebody else wrote")
    desk.start()
    assert desk.heard("is in the database with other facts", Level.ALARM)
    assert [one for one in desk.emergency.aside if isinstance(one, UnsavedFill)] == [entry]
    assert any("kept aside" in row.text for row in desk.memory.audit.rows)
    assert desk.quantity() == 1 and desk.emergency.entries == []


def test_a_fill_is_applied_to_what_the_database_holds_when_that_is_not_what_it_was_applied_to(desk: Desk) -> None:
    """A backup was put back meanwhile: the fill happened all the same."""
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    entry = next(one for one in desk.emergency.entries if isinstance(one, UnsavedFill))
    older = InMemoryStore()
    merge = EmergencyMerge(older.positions, older.orders, older.operations, older.accounts, older.audit)
    assert merge.write(entry) == "" == merge.write(entry)
    held = older.positions.get_open_position(ES)
    assert held is not None and held.quantity == -1 and len(older.positions.fills) == 1
    desk.memory.disk.error = None


def test_an_order_that_has_ended_does_not_come_alive_again(desk: Desk) -> None:
    desk.buy(1)
    ended = desk.order()
    with fresh_store() as store:
        merge = EmergencyMerge(store.positions, store.orders, store.operations, store.accounts, store.audit)
        store.orders.save(ended, None, "test")
        merge.write(UnsavedOrder(replace(ended, state=OrderState.WORKING), None, "test"))
        assert store.orders.get(ended.client_order_id) == ended


def test_an_entry_a_working_database_refuses_does_not_stand_in_the_way_of_the_others(desk: Desk) -> None:
    closed_unsaved(desk)
    poison = next(one for one in desk.emergency.entries if isinstance(one, UnsavedOperation))
    desk.kill()
    desk.memory.disk.error = None
    save = desk.memory.operations.save

    def refused(operation: CloseOperation, mode: Mode | None) -> None:
        if operation == poison.operation:
            raise PersistenceError("a CHECK failed; nothing was changed")
        save(operation, mode)

    desk.memory.operations.save = refused  # type: ignore[method-assign]
    desk.start()
    assert desk.heard("The database works and does not take an entry", Level.ALARM)
    assert desk.emergency.aside == [poison]
    nothing_is_missing(desk)


def test_a_stop_that_is_gone_is_told_though_the_database_fails(desk: Desk) -> None:
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.end(desk.broker.last(), OrderState.REJECTED, "The venue says so")
    desk.settle()
    desk.tick(6)
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.MISSING_PROTECTION]
    desk.memory.disk.error = None


def test_a_contract_defined_while_the_database_fails_is_stored_before_the_fills_that_were_valued_by_it(
    desk: Desk,
) -> None:
    far = PositionKey("sim", "Sim1", "NQZ6")
    desk.unsaved = True
    desk.memory.disk.error = FULL
    contract(desk, replace(ES_CONTRACT, symbol="NQZ6"))
    desk.broker.by_hand(far, Side.BUY, 2, price="20000")
    desk.broker.by_hand(far, Side.SELL, 1, price="20001")
    desk.settle()
    assert desk.position(far).realized_pnl == 50
    desk.kill()
    desk.memory.disk.error = None
    desk.start()
    assert desk.position(far).realized_pnl == 50
    nothing_is_missing(desk)


def test_the_same_while_it_runs_and_in_a_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    far = PositionKey("sim", "Sim1", "NQZ6")
    desk.broker.by_hand(far, Side.BUY, 2, price="20000")
    desk.settle()
    save = desk.store.accounts.save_instrument
    desk.store.accounts.save_instrument = refusing([])  # type: ignore[method-assign]
    contract(desk, replace(ES_CONTRACT, symbol="NQZ6"))
    desk.broker.by_hand(far, Side.SELL, 1, price="20001")
    desk.settle()
    assert desk.position(far).realized_pnl == 50 and desk.snapshot.unsaved.entries
    desk.store.accounts.save_instrument = save  # type: ignore[method-assign]
    desk.tick(12)
    assert desk.store.positions.get_open_position(far) == desk.position(far)
    desk.store.positions.prove()
    desk.kill()


def test_what_was_open_in_a_contract_is_valued_when_its_definition_is_merged() -> None:
    desk = Desk().start()
    far = PositionKey("sim", "Sim1", "NQZ6")
    desk.broker.by_hand(far, Side.BUY, 2, price="20000")
    desk.settle()
    assert desk.position(far).realized_pnl is None
    desk.memory.disk.error = FULL
    contract(desk, replace(ES_CONTRACT, symbol="NQZ6"))
    desk.kill()
    desk.memory.disk.error = None
    desk.start()
    assert desk.position(far).realized_pnl == 0 and desk.position(far).currency == "USD"
