"""The terminal's side of a panic, on one thread: it locks, flattens and answers, and no order passes a claim."""

from datetime import timedelta

import pytest

from core.commands import AskBroker
from core.errors import PersistenceError
from core.events import Level
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from services.panic.files import Act, Answer, Request
from tests.fakes.engine import ES, MES, Desk


def requested(desk: Desk, connections: tuple[str, ...] = (), accounts: tuple[str, ...] = ()) -> Request:
    """Leave a request, and let the terminal see it."""
    request = Request("one", desk.clock.now(), connections, accounts)
    desk.panic_files.requested = request
    desk.tick(0.75)
    return request


def claimed(desk: Desk, text: str = "") -> Act:
    """Have a panic process claim the line; it is over when it has a text."""
    act = Act("act", "one", desk.clock.now(), 1, ("sim",), text)
    desk.panic_files.acted, desk.panic_files.acting = act, not text
    return act


def last(desk: Desk) -> Answer:
    return desk.panic_files.answers[-1]


def test_everything_is_cancelled_and_closed_and_told(desk: Desk) -> None:
    desk.buy(2)
    desk.buy(1, key=MES)
    desk.press(Side.SELL, 2, OrderType.STOP, "5900")
    requested(desk)
    assert desk.heard("Panic: every order is cancelled and every position closed; Sim1.", Level.ALARM)
    desk.tick(4)
    assert desk.quantity() == desk.quantity(MES) == 0
    assert not [one for one in desk.snapshot.orders.values() if one.is_alive]
    assert (last(desk).is_over, last(desk).left, last(desk).connections) == (True, (), ("sim",))
    assert desk.heard("Panic is over: all is flat, nothing works.")


def test_the_answer_is_there_before_anything_is_done(desk: Desk) -> None:
    desk.buy(2)

    def refuse(content: Answer) -> None:
        raise PersistenceError("The disk is full.")

    desk.panic_files.write = refuse  # type: ignore[method-assign]
    requested(desk)
    desk.tick(2)
    assert desk.quantity() == 2, "the panic process sees no answer, and acts"
    assert desk.snapshot.locked and not desk.snapshot.halted
    assert desk.heard("The disk is full. Nothing is closed from here", Level.ALARM)


def test_a_beat_shows_that_the_terminal_is_alive(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.hold_acks = True
    requested(desk)
    first = last(desk).beat
    desk.tick(1)
    assert last(desk).beat == first + 2
    assert last(desk).left == ("Sim1 ESZ6: LONG 2 is open and 1 order(s) may still trade.",)
    desk.broker.release()
    desk.broker.fill(desk.broker.last(), 2, "5000")
    desk.tick(3)
    assert last(desk).is_over and last(desk).left == ()


def test_only_the_accounts_meant_are_flattened(desk: Desk) -> None:
    desk.buy(2)
    requested(desk, accounts=("Other",))
    desk.tick(3)
    assert desk.quantity() == 2
    assert last(desk).is_over and last(desk).left == ()
    assert desk.snapshot.locked, "the lock is on all entries"


@pytest.mark.row(140)
@pytest.mark.parametrize("restarted", [True, False])
def test_a_panic_while_the_line_is_down_cancels_the_entries_first_when_it_is_back(desk: Desk, restarted: bool) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4900")
    stop = desk.broker.last()
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4800")
    entry = desk.broker.last()
    theirs = desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 1, "4700")
    desk.settle()
    desk.broker.drop()
    desk.settle()
    requested(desk)
    assert desk.guard_locks.standing(), "it is stored before anything else"
    if restarted:
        desk.restart(clean=False)
    desk.broker.cancels.clear()
    desk.broker.connect()
    desk.settle()
    assert desk.broker.cancels == [entry.server_order_id] or restarted
    desk.tick(2)
    assert (entry.alive, stop.alive, theirs.alive) == (False, True, True) and desk.broker.positions[ES] == 2
    assert desk.heard("1 working entries on sim are cancelled", Level.ALARM)
    desk.buy(1)
    assert desk.heard("entries are locked")


def test_an_entry_that_is_being_cancelled_under_the_lock_is_said_once(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4800")
    desk.broker.drop()
    desk.settle()
    requested(desk)
    desk.broker.script.hold_cancels = True
    desk.broker.connect()
    desk.settle()
    for _ in range(3):
        desk.handle(AskBroker("sim"))
        desk.tick(5)
    assert len([one for one in desk.said if "working entries on sim" in one.text]) == 1
    desk.broker.release()
    desk.settle()
    assert not desk.broker.last().alive


def test_a_line_that_is_down_is_left_to_the_panic_process(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    requested(desk)
    assert last(desk).connections == ()
    assert desk.snapshot.locked
    desk.broker.connect()
    desk.settle()


def test_entries_are_locked_with_the_way_to_lift_it_and_stay_so_over_a_restart(desk: Desk) -> None:
    request = requested(desk)
    reason = f"Locked by panic at {request.at:%H:%M:%S} UTC; lift it with `stanchion panic --lift`."
    assert desk.snapshot.locked == reason
    desk.buy(1)
    assert desk.quantity() == 0 and desk.heard(f"Not sent: entries are locked. {reason}")
    desk.panic_files.requested = None
    desk.restart()
    assert desk.snapshot.locked == reason, "the lock is stored, the file is not needed"


def test_a_lift_opens_entries_again(desk: Desk) -> None:
    requested(desk)
    desk.tick(2)
    desk.panic_files.lift = True
    desk.tick(0.75)
    assert desk.snapshot.locked == "" and desk.panic_files.requested is None
    assert desk.guard_locks.standing() == ()
    desk.buy(1)
    assert desk.quantity() == 1
    desk.restart()
    assert desk.snapshot.locked == ""


def test_no_lift_while_a_panic_acts(desk: Desk) -> None:
    requested(desk)
    desk.panic_files.lift = desk.panic_files.acting = True
    desk.tick(1)
    assert desk.snapshot.locked
    desk.panic_files.acting = False


def test_no_lift_before_the_broker_was_read_after_a_panic(desk: Desk) -> None:
    desk.buy(2)
    claimed(desk, "0 orders cancelled, 1 position closed")
    desk.broker.by_hand(ES, Side.SELL, 2, told=False)
    desk.panic_files.lift = True
    desk.sell(2)
    assert desk.order().state is OrderState.DENIED
    desk.tick(2)
    assert desk.quantity() == 0 and not desk.panic_files.lift


def test_a_request_of_before_the_start_locks_and_is_not_carried_out(desk: Desk) -> None:
    desk.buy(2)
    desk.kill()
    desk.panic_files.requested = Request("old", desk.clock.now())
    desk.start()
    desk.tick(3)
    assert desk.quantity() == 2
    assert desk.snapshot.locked and desk.panic_files.answers == []


def test_a_request_seen_a_minute_late_locks_and_is_not_carried_out(desk: Desk) -> None:
    desk.buy(2)
    desk.panic_files.requested = Request("late", desk.clock.now() - timedelta(seconds=61))
    desk.tick(3)
    assert desk.quantity() == 2 and desk.panic_files.answers == []
    assert desk.snapshot.locked and desk.heard("look what is open", Level.ALARM)


def test_what_a_panic_did_alone_is_told_at_the_next_start(desk: Desk) -> None:
    desk.kill()
    desk.panic_files.requested = Request("one", desk.clock.now())
    act = claimed(desk, "2 orders cancelled, 1 position closed")
    desk.start()
    desk.tick(1)
    text = f"Panic acted at {act.at:%H:%M:%S} UTC: 2 orders cancelled, 1 position closed; record panic.jsonl."
    assert desk.texts().count(text) == 1


def test_no_order_passes_a_claim_and_none_after_it_before_the_broker_was_read_anew(desk: Desk) -> None:
    desk.buy(2)
    received = len(desk.broker.received)
    claimed(desk)
    desk.close()
    desk.tick(1)
    assert desk.order().state is OrderState.DENIED and desk.heard("Panic acts on sim since")
    desk.broker.by_hand(ES, Side.SELL, 2, told=False)  # what the panic process does, and we have not heard of
    claimed(desk, "0 orders cancelled, 1 position closed")
    desk.sell(2)
    assert desk.order().state is OrderState.DENIED, "our books still say that there is something to close"
    desk.tick(6)
    assert desk.quantity() == 0 and len(desk.broker.received) == received
    desk.buy(1)
    assert desk.quantity() == 1, "the broker was read: the line is ours again"


def test_a_claim_in_the_middle_of_our_close_stops_it(desk: Desk) -> None:
    desk.buy(2)
    requested(desk)
    claimed(desk)
    beats = last(desk).beat
    desk.tick(2)
    assert last(desk).beat <= beats + 1, "the panic process has it now; this terminal says no more of it"


def test_a_panic_that_died_in_the_middle_leaves_the_line_to_us_once_the_broker_was_read(desk: Desk) -> None:
    desk.buy(2)
    claimed(desk)
    desk.tick(1)
    desk.panic_files.acting = False
    desk.tick(6)
    assert desk.heard("it ended in the middle")
    desk.close()
    desk.tick(4)
    assert desk.quantity() == 0


@pytest.mark.row(142)
def test_a_clock_that_is_set_back_after_a_panic_keeps_no_exit_back(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    claimed(desk, "0 orders cancelled, 0 positions closed")
    desk.tick(1)
    desk.clock.jump_wall(-3600)
    desk.broker.connect()
    desk.tick(6)
    desk.close()
    desk.tick(3)
    assert desk.quantity() == 0


@pytest.mark.row(142)
def test_a_clock_that_is_set_back_while_it_flattens_does_not_keep_it_from_being_over(desk: Desk) -> None:
    desk.buy(2)
    requested(desk)
    desk.clock.jump_wall(-3600)
    desk.tick(3)
    assert desk.quantity() == 0 and last(desk).is_over


def test_a_request_that_cannot_be_read_locks_and_does_not_keep_the_terminal_from_starting(desk: Desk) -> None:
    def refuse() -> Request | None:
        raise PersistenceError("panic.json cannot be read.")

    desk.panic_files.request = refuse  # type: ignore[method-assign]
    desk.restart()
    desk.tick(2)
    assert desk.snapshot.locked == (
        "Locked by panic: panic.json cannot be read. Lift it with `stanchion panic --lift`."
    )
    assert len([one for one in desk.texts() if one.startswith("panic.json cannot be read. Nothing is closed")]) == 1
