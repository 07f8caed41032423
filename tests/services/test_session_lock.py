"""The trader locks an account until the session reset: no entry passes, nothing lifts it, what reduces risk works."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.errors import DatabaseLocked
from core.events import Level
from core.model.bracket import Bracket, ExitPoint
from core.model.fill import Side
from core.model.guard_lock import LockKind
from core.model.market import Quote
from core.model.order import OrderState, OrderType
from core.model.scope import AccountKey, Mode, PositionKey
from core.snapshot import Certainty
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk

RESET = datetime(2026, 11, 20, 23, tzinfo=UTC)
OTHER = AccountKey("sim", "Sim2")
REFUSAL = "Sim1 is locked by you for this session. Entries open again at the session reset, 17:00 in Chicago."


def lock(desk: Desk) -> None:
    desk.handle(commands.LockSession(ACCOUNT))


def live_desk(folder: Path | None = None) -> Desk:
    """Return a desk with two LIVE accounts, armed the first."""
    clock = ManualClock()
    broker = FakeBroker(clock, accounts=("Sim1", "Sim2"))
    modes = {"Sim1": Mode.LIVE, "Sim2": Mode.LIVE}
    desk = Desk(folder, brokers=[broker], clock=clock, simulated=frozenset(), classify=modes).start()
    desk.handle(commands.ArmAccount(ACCOUNT))
    return desk


def test_an_entry_is_refused_with_the_time_of_release() -> None:
    desk = Desk().start()
    lock(desk)
    desk.buy(1)
    assert desk.quantity() == 0 and desk.heard(f"Not sent: {REFUSAL}")
    assert desk.snapshot.guards[ACCOUNT].locked == REFUSAL
    assert desk.snapshot.guards[ACCOUNT].locked_until == RESET


def test_it_disarms_and_cannot_be_armed_before_the_reset() -> None:
    desk = live_desk()
    lock(desk)
    assert not desk.snapshot.armed and desk.heard("Sim1 is disarmed: its entries are locked.")
    desk.handle(commands.ArmAccount(ACCOUNT))
    assert not desk.snapshot.armed and desk.heard(f"Not armed: {REFUSAL}")


def test_another_account_trades_on() -> None:
    desk = live_desk()
    lock(desk)
    desk.handle(commands.SelectAccount(OTHER), commands.ArmAccount(OTHER))
    desk.buy(1, key=PositionKey("sim", "Sim2", "ESZ6"))
    assert len(desk.broker.received) == 1


def test_reducing_protecting_and_closing_work() -> None:
    desk = Desk().start()
    desk.buy(3)
    lock(desk)
    desk.press(Side.SELL, 2, OrderType.STOP, "4950")
    desk.sell(1)
    assert desk.quantity() == 2 and len(desk.orders(OrderState.WORKING)) == 1
    desk.close()
    desk.tick(2)
    assert desk.quantity() == 0


def test_working_entries_go_with_it_and_exits_stay() -> None:
    desk = Desk().start()
    desk.buy(1)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.press(Side.SELL, 1, OrderType.STOP, "4950")
    lock(desk)
    states = {one.type: one.state for one in desk.orders()}
    assert states[OrderType.LIMIT] is OrderState.CANCELLED and states[OrderType.STOP] is OrderState.WORKING


def test_working_entries_go_with_it_though_a_position_differs() -> None:
    desk = Desk().start()
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(15)
    assert desk.scope().certainty is Certainty.MISMATCH
    lock(desk)
    assert [one.state for one in desk.orders()] == [OrderState.CANCELLED]


def test_it_opens_at_the_reset_and_not_a_second_before() -> None:
    desk = Desk().start()
    lock(desk)
    desk.clock.advance((RESET - desk.clock.now()).total_seconds() - 2)
    desk.tick(1)
    desk.buy(1)
    assert desk.quantity() == 0
    desk.tick(3)
    desk.buy(1)
    assert desk.quantity() == 1


def with_stop(desk: Desk, action: str) -> None:
    """Ask for a working entry with its stop."""
    at = Decimal(4980)
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000), received_at=desk.clock.now()))
    entry = commands.SubmitOrder(action, ES, Side.BUY, OrderType.LIMIT, Decimal(1), at, confirmed=True)
    desk.handle(commands.OpenWithBracket(entry, Bracket(ExitPoint(price=Decimal(4970)))))


def test_an_entry_with_its_exits_goes_too_and_no_other_is_sent() -> None:
    desk = Desk().start()
    with_stop(desk, "one")
    assert any(one.is_alive for one in desk.orders())
    lock(desk)
    desk.tick(2)
    assert [one for one in desk.orders() if one.is_alive] == []
    sent = len(desk.broker.received)
    with_stop(desk, "two")
    assert len(desk.broker.received) == sent and desk.heard(REFUSAL)


def test_on_the_next_day_it_can_be_locked_again() -> None:
    desk = Desk().start()
    lock(desk)
    desk.clock.advance(timedelta(days=1).total_seconds())
    desk.tick(1)
    assert not desk.snapshot.guards[ACCOUNT].locked
    lock(desk)
    assert desk.snapshot.guards[ACCOUNT].locked_until == RESET + timedelta(days=1)
    desk.buy(1)
    assert desk.quantity() == 0


@pytest.mark.row(143)
@pytest.mark.parametrize("clean", [True, False])
def test_no_restart_lifts_it(clean: bool, tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    lock(desk)
    desk.restart(clean=clean)
    desk.buy(1)
    assert desk.quantity() == 0 and desk.heard(REFUSAL)
    desk.kill()


def test_a_lock_that_could_not_be_stored_holds_says_so_and_is_stored_later() -> None:
    desk = Desk().start()
    desk.memory.disk.error = DatabaseLocked("busy")
    lock(desk)
    assert desk.heard("could not be stored", Level.ALARM)
    desk.buy(1)
    assert not desk.broker.received
    desk.memory.disk.error = None
    desk.tick(5)
    (stored,) = desk.memory.guards.locks(desk.clock.now())
    assert (stored.guard, stored.until) == (LockKind.SESSION, RESET)


def test_the_end_of_a_panic_does_not_lift_it() -> None:
    desk = Desk().start()
    lock(desk)
    desk.panic_files.lift = True
    desk.tick(2)
    assert desk.snapshot.guards[ACCOUNT].locked == REFUSAL


def test_pressed_twice_it_is_one_lock() -> None:
    desk = Desk().start()
    lock(desk)
    lock(desk)
    assert len(desk.memory.guards.locks(desk.clock.now())) == 1 and desk.heard(REFUSAL, Level.INFO)


def test_an_account_the_broker_did_not_name_is_not_locked() -> None:
    desk = Desk().start()
    desk.handle(commands.LockSession(AccountKey("sim", "Nobody")))
    assert not desk.snapshot.guards and desk.heard("Not locked: the broker has not named an account Nobody.")


def test_it_is_audited_with_the_time_of_its_end(tmp_path: Path) -> None:
    desk = live_desk(tmp_path)
    lock(desk)
    assert desk._store is not None
    with desk._store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT account, mode, cause, data FROM audit_event WHERE kind = 'lock'")
        (row,) = rows.all()
    assert tuple(row[:3]) == ("Sim1", "LIVE", "SESSION") and "2026-11-20T23:00:00" in row[3]
    desk.kill()


def test_a_friday_is_locked_to_its_own_reset() -> None:
    desk = Desk(clock=ManualClock()).start()
    desk.clock.advance(timedelta(days=2).total_seconds())
    desk.tick(1)
    lock(desk)
    until = desk.snapshot.guards[ACCOUNT].locked_until
    assert until is not None and timedelta(0) < until - desk.clock.now() <= timedelta(days=1)
