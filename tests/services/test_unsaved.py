"""What the database refuses is kept beside it, shown as UNSAVED, and written in its order; nothing lost or doubled."""

from dataclasses import replace
from decimal import Decimal

from core import commands
from core.emergency import EmergencyEntry, UnsavedFill, UnsavedOperation, UnsavedOrder
from core.errors import PersistenceError
from core.events import FillReceived, Level, Link, TicksWaiting
from core.model.fill import Side
from core.model.market import Aggressor, Tick
from core.model.operation import CloseStep
from core.model.order import OrderType
from core.model.position import apply_fill
from core.model.recovery import RecoveryChoice
from core.snapshot import Certainty
from core.state_manager import FILLS_SHOWN
from core.unsaved_work import UnsavedWork
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.engine import ES, MES, Desk
from tests.services.outages import FULL, closed_unsaved, nothing_is_missing, protected

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
    assert desk.quantity() == 1 and desk.snapshot.connections["sim"].link is Link.READY
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


def test_a_fill_too_old_to_be_shown_is_known_from_the_ledger() -> None:
    desk = Desk().start()
    desk.buy(1)
    old = desk.broker.fills[0]
    for number in range(FILLS_SHOWN):
        desk.broker.by_hand(ES, Side.SELL if number % 2 else Side.BUY, 1)
    desk.settle()
    assert old not in desk.snapshot.fills
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    desk.handle(FillReceived(old))
    assert desk.quantity() == 2 and len(desk.snapshot.unsaved.fills) == 1


def test_what_is_unsaved_is_confirmed_by_the_broker_only(desk: Desk) -> None:
    desk.buy(1)
    desk.sell(1)  # an explicit zero, which outlives the line
    desk.broker.script.tells_positions = desk.broker.script.lists_positions = False
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()
    desk.settle()
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    desk.unsaved = True
    desk.memory.disk.error = FULL
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


def test_what_moved_after_an_unsaved_fill_is_stored_once_the_fill_is(desk: Desk) -> None:
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    now = desk.clock.now()
    desk.state.put_tick("sim", Tick("ESZ6", Decimal(5020), Decimal(1), Aggressor.BUYER, now, now, 1))
    desk.handle(TicksWaiting())
    desk.tick()
    assert desk.position().mfe == 1000
    desk.memory.disk.error = None
    desk.tick(12)
    assert desk.position().mfe == 1000 and desk.store.positions.get_open_position(ES) == desk.position()


def test_what_was_in_memory_only_is_not_logged_once_it_is_in_the_database(desk: Desk) -> None:
    desk.buy(3)
    desk.unsaved = True
    append, desk.emergency.append = desk.emergency.append, no_room  # type: ignore[method-assign]
    desk.memory.disk.error = FULL
    desk.sell(1)
    desk.memory.disk.error = None
    desk.tick(12)
    nothing_is_missing(desk)
    desk.emergency.append = append  # type: ignore[method-assign]
    desk.memory.disk.error = FULL
    desk.sell(1)
    assert len(desk.emergency.entries) == desk.snapshot.unsaved.entries
    desk.memory.disk.error = None
    desk.tick(12)
    nothing_is_missing(desk)


def no_room(entry: EmergencyEntry) -> None:
    raise FULL


def test_where_the_database_has_something_else_it_is_right_and_the_trader_is_told() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.memory.disk.error = FULL
    desk.broker.by_hand(ES, Side.SELL, 1)
    desk.settle()
    change = next(one.change for one in desk.emergency.entries if isinstance(one, UnsavedFill))
    desk.memory.disk.error = None
    told = replace(change.fill, quantity=Decimal(2))
    desk.memory.positions.record(apply_fill(change.before, told, ES_CONTRACT), None, "somebody else wrote")
    desk.tick(6)
    assert desk.quantity() == 0 and desk.heard("shown was 1, the database has 0", Level.ALARM)


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
