"""One account over two lines, or from two computers: it is noticed, said, and nothing more is opened on the second."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.broker_report import ReportKind
from core.events import FillReceived, Level, OrderReported, PositionReported
from core.model.fill import Side
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.market import Quote
from core.model.order import OrderType
from core.model.scope import Mode, PositionKey
from services.panic.files import Request
from tests.fakes.broker import FakeBroker, Placed
from tests.fakes.clock import ManualClock
from tests.fakes.engine import Desk

FIRST = PositionKey("first", "Acct", "ESZ6")
SECOND = PositionKey("second", "Acct", "ESZ6")
OTHER = PositionKey("second", "Other", "ESZ6")


def two_lines(folder: Path | None = None, second: tuple[str, ...] = ("Acct", "Other")) -> Desk:
    clock = ManualClock()
    brokers = [FakeBroker(clock, "first", ("Acct",)), FakeBroker(clock, "second", second)]
    classify = {"Acct": Mode.SIM, "Other": Mode.SIM}
    return Desk(folder, brokers=brokers, clock=clock, simulated=frozenset(), classify=classify).start()


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield two_lines()


def order_over_second(desk: Desk, placed: Placed) -> None:
    report = desk.brokers["first"].report(placed, ReportKind.RESTATED)
    desk.handle(OrderReported(replace(report, key=SECOND)))


def fill_over_second(desk: Desk) -> None:
    """Tell the first line's last execution over the second, as a server does that knows of both."""
    fill = desk.brokers["first"].fills[-1]
    desk.handle(FillReceived(replace(fill, key=SECOND, client_order_id="")))


def entries_refused(desk: Desk, key: PositionKey) -> bool:
    broker = desk.brokers[key.connection]
    sent = len(broker.received)
    desk.buy(1, key=key)
    return len(broker.received) == sent and desk.heard("is the same account on first and on second")


@pytest.mark.row(27)
def test_an_order_of_ours_told_over_another_line_stays_what_it_was_and_where_it_was(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4900", key=FIRST)
    (order,) = desk.orders()
    order_over_second(desk, desk.brokers["first"].last())
    assert desk.orders() == [order]
    assert desk.heard("is the same account on first and on second", Level.ALARM)
    assert entries_refused(desk, SECOND)
    desk.buy(1, key=FIRST)
    assert desk.quantity(FIRST) == 1, "the first goes on"


@pytest.mark.row(27)
def test_an_execution_two_lines_tell_alike_is_noticed_once(desk: Desk) -> None:
    desk.buy(1, key=FIRST)
    fill_over_second(desk)
    desk.buy(1, key=FIRST)
    fill_over_second(desk)
    said = [one for one in desk.said if "is the same account" in one.text]
    assert [one.level for one in said] == [Level.ALARM]
    assert entries_refused(desk, SECOND)
    desk.buy(1, key=OTHER)
    assert desk.quantity(OTHER) == 1, "another account of that line is no matter"


@pytest.mark.row(27)
def test_it_is_found_again_at_the_next_start_and_closing_works(tmp_path: Path) -> None:
    desk = two_lines(tmp_path)
    desk.buy(1, key=FIRST)
    fill_over_second(desk)
    desk.brokers["second"].positions[SECOND] = Decimal(1)
    desk.restart()
    assert entries_refused(desk, SECOND)
    desk.close(SECOND)
    assert desk.brokers["second"].received[-1].side is Side.SELL
    desk.kill()


@pytest.mark.row(27)
def test_a_panic_closes_an_account_of_two_lines_over_one_of_them(desk: Desk) -> None:
    desk.buy(2, key=FIRST)
    fill_over_second(desk)
    desk.brokers["second"].positions[SECOND] = Decimal(2)
    desk.panic_files.requested = Request("p1", desk.clock.now())
    desk.tick(3)
    assert [one.side for one in desk.brokers["first"].received] == [Side.BUY, Side.SELL]
    assert desk.brokers["second"].received == []


@pytest.mark.row(27)
def test_limits_of_both_connections_close_an_account_of_two_lines_over_one_of_them() -> None:
    rules = GuardRules(day_loss=Decimal(500), actions={Guard.DAY_LOSS: GuardAction.FLATTEN})
    desk = two_lines()
    desk.stop()
    desk.guards = {FIRST.account_key: rules, SECOND.account_key: rules}
    desk.start()
    desk.tick(1)
    desk.buy(1, key=FIRST)
    fill_over_second(desk)
    desk.brokers["second"].positions[SECOND] = Decimal(1)
    for line in ("first", "second"):
        desk.state.put_quote(line, Quote("ESZ6", last=Decimal(4980), received_at=desk.clock.now()))
        desk.handle(PositionReported(desk.brokers[line].position_rows()[0]))
    desk.tick(3)
    assert desk.snapshot.guards[SECOND.account_key].locked
    assert [one.side for one in desk.brokers["first"].received] == [Side.BUY, Side.SELL]
    assert desk.brokers["second"].received == []


def test_two_brokers_that_call_an_account_the_same_are_two_accounts(desk: Desk) -> None:
    desk.buy(1, key=FIRST)
    desk.tick(1)
    desk.buy(1, key=SECOND)
    first, second = desk.brokers["first"].fills[-1], desk.brokers["second"].fills[-1]
    assert first.execution_id == second.execution_id and first.server_order_id == second.server_order_id
    assert desk.quantity(FIRST) == desk.quantity(SECOND) == 1
    assert not desk.snapshot.shared and not any(one.level is Level.ALARM for one in desk.said)


@pytest.mark.row(103)
def test_an_order_of_another_installation_is_adopted_and_said_once(desk: Desk) -> None:
    broker = desk.brokers["first"]
    for _ in range(2):
        placed = broker.place_by_hand(FIRST, Side.BUY, OrderType.LIMIT, 1, "4900")
        placed.client_order_id = "STHOMEAGQ7SXJ6IAAA6QSA"
        desk.handle(OrderReported(broker.report(placed, ReportKind.ACCEPTED)))
    said = [one for one in desk.said if "Another Stanchion (HOME)" in one.text]
    assert [one.level for one in said] == [Level.ALARM]
    assert all(one.external for one in desk.orders())
    broker.place_by_hand(FIRST, Side.BUY, OrderType.LIMIT, 1, "4890")
    desk.settle()
    assert len([one for one in desk.said if one.level is Level.ALARM]) == 1, "another program's order is no alarm"


@pytest.mark.row(27)
@pytest.mark.parametrize(("quantity", "price", "told"), [(2, "5000", 1), (1, "5000", 0), (2, "5000.25", 0)])
def test_the_very_same_position_on_two_lines_is_said_once_and_stops_nothing(
    quantity: int, price: str, told: int
) -> None:
    desk = two_lines()
    desk.stop()
    desk.brokers["first"].move(FIRST, Decimal(2), Decimal("5000"))
    desk.brokers["second"].move(SECOND, Decimal(quantity), Decimal(price))
    desk.start()
    desk.restart()
    said = [one for one in desk.said if "LONG 2 ESZ6 at the same average on first and second" in one.text]
    assert [one.level for one in said] == [Level.ALARM] * told
    assert not desk.snapshot.shared
