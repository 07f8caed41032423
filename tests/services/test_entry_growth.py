"""An entry fills on and its stop does not follow: it is asked for again and said aloud within five seconds."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands
from core.events import Level, PositionReported
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryStep
from core.model.fill import Side
from core.model.finding import FindingChoice, FindingKind
from core.model.order import OrderState, OrderType
from core.model.protection import protection_of
from tests.fakes.broker import Fate, Placed
from tests.fakes.checker import Checker
from tests.fakes.engine import ES, MES, Desk
from tests.services.test_entry_service import enter, entry, priced

D = Decimal
STOP = Bracket(ExitPoint(price=D(4990)))
PAIR = Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(5020))),))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    desk.after.append(Checker(desk).check)
    priced(desk, "5000")
    yield desk


def begun(desk: Desk, bracket: Bracket = STOP, quantity: int = 3) -> Placed:
    """Have one of a limit entry filled, and its stop work."""
    enter(desk, bracket, quantity, OrderType.LIMIT, "4995")
    working = desk.broker.find(entry(desk).legs[0].entry_id)
    fill(desk, working)
    desk.tick(2)
    assert covered(desk) == 1
    return working


def fill(desk: Desk, working: Placed) -> None:
    desk.broker.fill(working, 1, D(4995))
    desk.settle()


def covered(desk: Desk) -> Decimal:
    return protection_of(desk.position(), desk.orders()).stop_quantity


def test_a_stop_the_broker_will_not_enlarge_is_said_within_five_seconds_and_asked_for_again(desk: Desk) -> None:
    working = begun(desk)
    desk.broker.script.refuse_changes = True
    fill(desk, working)
    desk.tick(5)
    assert desk.heard("UNPROTECTED 1", Level.ALARM)
    desk.tick(60)
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.MISSING_PROTECTION]
    assert len(desk.broker.changes) < 15, "again and again, and not without end"
    desk.broker.script.refuse_changes = False
    desk.tick(11)
    assert covered(desk) == 2
    assert entry(desk).doubt == ""
    desk.tick(1)
    assert desk.snapshot.findings == ()


def test_a_stop_whose_growth_was_not_sent_grows_when_the_line_is_back(desk: Desk) -> None:
    working = begun(desk)
    desk.broker.script.change_fate = Fate.UNSENT
    fill(desk, working)
    desk.tick(1)
    desk.broker.connect()
    desk.settle()
    desk.tick(11)
    assert covered(desk) == 2


def test_a_stop_at_the_broker_that_does_not_grow_with_its_entry_is_enlarged_from_here(desk: Desk) -> None:
    working = begun(desk, PAIR, 2)
    stop = desk.broker.find(entry(desk).legs[0].stop_id)
    stop.asked = D(1)
    fill(desk, working)
    desk.tick(4)
    assert covered(desk) == 2
    assert stop.quantity == 2
    desk.tick(3)
    assert entry(desk).step is EntryStep.ACTIVE
    assert desk.snapshot.findings == ()


def test_what_fills_after_its_stop_was_taken_away_is_said_to_be_bare(desk: Desk) -> None:
    working = begun(desk)
    desk.handle(commands.CancelOrder(entry(desk).legs[0].stop_id))
    fill(desk, working)
    desk.tick(5)
    assert desk.heard("UNPROTECTED 2", Level.ALARM)
    desk.close(ES)
    desk.tick(5)
    assert desk.quantity() == 0
    assert entry(desk).is_over


@pytest.mark.row(57)
def test_an_entry_that_fills_after_it_was_cancelled_misses_its_stop(desk: Desk) -> None:
    enter(desk, PAIR, 2, OrderType.LIMIT, "4995")
    working = desk.broker.find(entry(desk).legs[0].entry_id)
    desk.broker.end(working, OrderState.CANCELLED)
    desk.settle()
    desk.tick(3)
    assert entry(desk).step is EntryStep.FAILED
    fill(desk, working)
    desk.tick(4)
    (finding,) = desk.snapshot.findings
    assert (finding.kind, finding.quantity, finding.planned) == (FindingKind.MISSING_PROTECTION, D(1), D(4990))
    desk.handle(commands.DecideFinding(ES, "", FindingChoice.PLACE_PLANNED_STOP, finding.version))
    desk.tick(4)
    assert covered(desk) == 1
    desk.close(ES)
    desk.tick(5)
    desk.buy(1)
    desk.clock.advance(10)
    desk.tick(4)
    assert desk.snapshot.findings == (), "what was opened later was to have no stop"


def test_a_stop_taken_away_because_all_was_gone_is_placed_again_when_more_fills(desk: Desk) -> None:
    line = desk.snapshot.connections["sim"]
    desk.state.set_connection(replace(line, brackets_supported=False, oco_supported=False))
    desk.broker.script.no_oco = True
    working = begun(desk, PAIR, 2)
    desk.broker.fill(desk.broker.find(entry(desk).legs[0].target_id), 1, D(5020))
    desk.settle()
    desk.tick(3)
    assert desk.heard("is flat: SELL 1 STOP 4990.00 is being cancelled")
    fill(desk, working)
    desk.tick(4)
    assert covered(desk) == 1
    assert desk.heard("the stop is gone; it is placed again at 4990.00")
    assert entry(desk).step is EntryStep.ACTIVE


def test_a_stop_grows_at_once_also_when_the_first_fill_is_long_ago_and_out_of_sight(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.state_manager.FILLS_SHOWN", 4)
    working = begun(desk)
    for number in range(4):
        desk.broker.by_hand(MES, Side.BUY if number % 2 else Side.SELL, 1)
        desk.settle()
    desk.by_hand = True
    desk.broker.fill(working, 1, D(4995))
    while desk.broker.out:
        desk.clock.advance(0.01)
        message = desk.broker.out.popleft()
        if isinstance(message, PositionReported):
            message = PositionReported(replace(message.report, received_at=desk.clock.now()))
        desk.deliver(message)
    desk.by_hand = False
    desk.tick(1)
    assert covered(desk) == 2


def test_an_exit_that_grew_and_filled_while_we_were_away_is_not_called_filled_beyond_its_size(desk: Desk) -> None:
    working = begun(desk, PAIR, 2)
    target = desk.broker.find(entry(desk).legs[0].target_id)
    desk.kill()
    desk.broker.fill(working, 1, D(4995))
    desk.broker.fill(target, 2, D(5020))
    desk.clock.advance(60)
    desk.start()
    desk.tick(5)
    order = desk.snapshot.orders[target.client_order_id]
    assert (desk.quantity(), order.quantity, order.filled_quantity) == (D(0), D(2), D(2))
    assert not desk.heard("more than was ordered")
