"""What the database refuses is kept beside it, shown as UNSAVED, and written in its order; nothing lost or doubled."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.emergency import UnsavedFill, UnsavedOperation, UnsavedOrder, UnsavedWork
from core.errors import DiskFull, PersistenceError
from core.events import FillReceived, Level
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.operation import CloseOperation, CloseStep
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import Mode, PositionKey
from core.snapshot import Certainty
from services.emergency_merge import EmergencyMerge
from tests.data.books import fresh_store
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.checker import Checker, check_ledger
from tests.fakes.engine import ES, MES, Desk, contract
from tests.fakes.repositories import InMemoryStore

FULL = DiskFull("no room left on the disk")
EVERYTHING = 1_000


def protected(desk: Desk, quantity: int = 2) -> None:
    desk.buy(quantity)
    desk.press(Side.SELL, quantity, OrderType.STOP, "4980")


def closed_unsaved(desk: Desk) -> None:
    """Close a protected position while the database refuses everything."""
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.close()
    desk.tick(1)


def nothing_is_missing(desk: Desk) -> None:
    """What is shown is in the database, and the ledger is the broker's."""
    store = desk.store
    fills = store.positions.recent_fills(EVERYTHING)
    assert desk.snapshot.unsaved == UnsavedWork() and desk.emergency.entries == []
    check_ledger(fills, store.positions.recover_all_open_positions(), store.positions.recent_trades(EVERYTHING), desk)
    executed = {one.execution_id: one.signed_quantity for one in desk.broker.fills}
    booked: dict[str, Decimal] = {}
    for one in fills:
        booked[one.execution_id] = booked.get(one.execution_id, Decimal(0)) + one.signed_quantity
    assert booked == executed
    assert desk.snapshot.trades == store.positions.recent_trades(EVERYTHING)
    kept = {one.client_order_id: one.state for one in store.orders.recent(EVERYTHING)}
    assert {name: one.state for name, one in desk.snapshot.orders.items()} == kept


# -- while the database refuses -------------------------------------------------------------------------------------


def test_b8_a_close_proceeds_and_every_step_of_it_is_in_the_emergency_log_in_order(desk: Desk) -> None:
    closed_unsaved(desk)
    assert desk.broker.positions[ES] == 0 and desk.operation().step is CloseStep.DONE
    kinds = [type(one) for one in desk.emergency.entries]
    assert kinds[0] is UnsavedOperation and UnsavedFill in kinds and kinds.count(UnsavedOrder) > 3
    ends = [one.operation.step for one in desk.emergency.entries if isinstance(one, UnsavedOperation)]
    assert ends[-1] is CloseStep.DONE
    work = desk.snapshot.unsaved
    assert (work.entries, work.in_memory, len(work.fills)) == (len(kinds), 0, 1)


def test_an_exit_is_in_the_emergency_log_before_it_reaches_the_line(desk: Desk) -> None:
    desk.buy(1)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.script.market_price = None
    seen: list[bool] = []
    submit = desk.broker.submit

    def looked(order: object) -> None:
        seen.append(any(isinstance(one, UnsavedOrder) and one.order == order for one in desk.emergency.entries))
        submit(order)  # type: ignore[arg-type]

    desk.broker.submit = looked  # type: ignore[method-assign]
    desk.sell(1)
    assert seen == [True]


def test_row_92_a_locked_database_is_waited_for_once_and_not_at_each_step(desk: Desk) -> None:
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    asked: list[float] = []
    write = desk.memory.disk.write

    def counted() -> None:
        asked.append(desk.clock.monotonic())
        write()

    desk.memory.disk.write = counted  # type: ignore[method-assign]
    desk.close()
    assert desk.broker.positions[ES] == 0 and len(asked) == 1
    desk.tick(60)
    assert len(asked) <= 8


def test_the_broker_telling_a_fill_again_does_not_book_it_again(desk: Desk) -> None:
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    told = desk.broker.fills[-1]
    desk.handle(FillReceived(told))
    assert desk.quantity() == 1 and len(desk.snapshot.unsaved.fills) == 1
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()  # and the history of the day with the snapshot
    desk.settle()
    assert desk.quantity() == 1
    desk.memory.disk.error = None
    desk.tick(12)
    desk.handle(FillReceived(told))
    assert desk.quantity() == 1
    nothing_is_missing(desk)


def test_a_fill_that_is_stored_is_known_as_such_while_the_database_refuses(desk: Desk) -> None:
    desk.buy(2)
    stored = desk.broker.fills[-1]
    desk.memory.disk.error = FULL
    desk.handle(FillReceived(stored))
    assert desk.quantity() == 2 and desk.snapshot.unsaved == UnsavedWork()


def test_what_is_unsaved_is_confirmed_by_the_broker_only(desk: Desk) -> None:
    desk.buy(1)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.script.tells_positions = False
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    assert desk.quantity() == 0 and desk.scope().certainty is not Certainty.CONFIRMED
    desk.memory.disk.error = None


def test_no_difference_is_decided_while_something_waits(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900", key=MES)
    desk.broker.positions[ES] = Decimal(3)
    desk.handle(commands.AskBroker("sim"))
    desk.tick(5)
    assert desk.scope().lock
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.memory.disk.error = None
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.heard("first what the database refused must be saved")
    assert desk.scope().lock and desk.quantity() == 2
    desk.tick(6)
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 3


def test_what_happens_in_memory_only_is_an_alarm_that_goes_when_the_log_can_be_written(desk: Desk) -> None:
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = desk.emergency.error = FULL
    desk.close()
    assert desk.broker.positions[ES] == 0
    work = desk.snapshot.unsaved
    assert work.in_memory == work.entries > 5 and desk.emergency.entries == []
    assert desk.heard("The emergency log cannot be written either", Level.ALARM)
    assert sum("cannot be written either" in text for text in desk.texts()) == 1
    desk.emergency.error = None
    desk.tick(6)
    assert len(desk.emergency.entries) == desk.snapshot.unsaved.entries and not desk.snapshot.unsaved.in_memory
    desk.kill()
    desk.memory.disk.error = None
    desk.start()
    nothing_is_missing(desk)


# -- when it gives way ----------------------------------------------------------------------------------------------


def test_what_waits_is_written_while_running_and_the_log_put_aside(desk: Desk) -> None:
    closed_unsaved(desk)
    desk.memory.disk.error = None
    desk.tick(12)
    nothing_is_missing(desk)
    assert desk.emergency.merged and desk.heard("The database takes writes again", Level.CAUTION)
    assert desk.snapshot.halted  # a human starts again
    causes = [row.cause for row in desk.memory.audit.rows]
    assert sum(cause.startswith("emergency log") for cause in causes) > 5
    desk.tick(6)
    assert desk.snapshot.database.ok


def test_the_excursions_of_what_is_unsaved_go_on_and_are_stored_with_it(desk: Desk) -> None:
    desk.unsaved = True
    desk.broker.script.market_price = None
    desk.press(Side.BUY, 2, OrderType.LIMIT, "5000")
    desk.memory.disk.error = FULL
    desk.broker.fill(desk.broker.last(), 2, "5000")
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 1, price="5010")
    desk.settle()
    assert desk.position().mfe == 1000
    desk.memory.disk.error = None
    desk.tick(12)
    assert desk.store.positions.get_open_position(ES) == desk.position()
    nothing_is_missing(desk)


def test_a_log_that_cannot_be_put_aside_is_written_through_until_it_can(desk: Desk) -> None:
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.sell(1)
    desk.memory.disk.error = None
    retire = desk.emergency.retire

    def held(aside: object) -> None:
        raise PersistenceError("emergency.jsonl is open in another program")

    desk.emergency.retire = held  # type: ignore[method-assign]
    desk.tick(12)
    assert desk.snapshot.unsaved.entries == 0 and desk.heard("Everything is in the database, but")
    before = len(desk.emergency.entries)
    desk.sell(1)
    assert len(desk.emergency.entries) > before
    desk.kill()  # and the next start reads lines that are in the database already
    desk.emergency.retire = retire  # type: ignore[method-assign]
    desk.start()
    nothing_is_missing(desk)
    assert desk.quantity() == 0


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


def refusing(told: list[str]) -> Callable[..., None]:
    def refuse(*args: object) -> None:
        told.append(str(args[0]))
        raise FULL

    return refuse


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
