"""What the broker says of orders and fills in an order nobody wished for: the ledger ends as his."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from core import commands
from core.broker_report import ReportKind
from core.events import FillReceived, Level, OrderReported
from core.model.fill import Fill, FillSource, Side, synthetic_execution_id
from core.model.finding import FindingKind
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import PositionKey
from core.snapshot import Certainty
from panels.formatting import duration
from tests.fakes.broker import Answers, Placed
from tests.fakes.engine import ES, MES, Desk, seen

UNDEFINED = PositionKey("sim", "Sim1", "NQZ6")


def fill_of(desk: Desk, execution_id: str, **changes: object) -> Fill:
    made = Fill(ES, execution_id, Side.BUY, Decimal(1), Decimal(5000), desk.clock.now(), desk.clock.now())
    return replace(made, **changes)  # type: ignore[arg-type]


def bid(desk: Desk, quantity: int = 2) -> Placed:
    desk.press(Side.BUY, quantity, OrderType.LIMIT, "4990")
    return desk.broker.last()


@pytest.mark.row(53)
def test_a_conflicting_fill_is_booked_as_first_told_and_the_broker_is_asked(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, "X1")))
    asked = len(desk.broker.asked)
    desk.handle(FillReceived(fill_of(desk, "X1", price=Decimal(4000))))
    (booked,) = desk.store.positions.recent_fills(9)
    assert booked.price == 5000
    assert desk.heard("differently", Level.ALARM)
    assert len(desk.broker.asked) == asked + 1


@pytest.mark.row(54)
def test_fills_without_an_id_of_the_broker_are_booked_once_over_a_restart(stored_desk: Desk) -> None:
    desk = stored_desk
    first, second = (
        fill_of(desk, synthetic_execution_id(ES, "S7", "ST7", Decimal(filled)), server_order_id="S7")
        for filled in (1, 2)
    )
    desk.handle(FillReceived(first), FillReceived(second))
    desk.restart()
    desk.handle(FillReceived(first), FillReceived(second))
    assert len(desk.store.positions.recent_fills(9)) == 2


@pytest.mark.row(55)
@pytest.mark.parametrize("sum_first", [True, False])
def test_a_sum_without_its_fills_is_waited_for_and_never_booked_beside_them(desk: Desk, sum_first: bool) -> None:
    order = bid(desk, 9)
    desk.broker.fill(order, 2)
    desk.settle()
    desk.broker.fill(order, 5)
    said = list(desk.broker.out)
    desk.broker.out.clear()
    reports = [one for one in said if isinstance(one, OrderReported)]
    fills = [one for one in said if isinstance(one, FillReceived)]
    told: list[OrderReported | FillReceived] = [*reports, *fills] if sum_first else [*fills, *reports]
    for message in (*told, *fills):
        desk.deliver(message)
    assert seen(desk.quantity(), desk.order().filled_quantity, desk.snapshot.halted) == (7, 7, "")
    assert len(desk.store.positions.recent_fills(9)) == 2


@pytest.mark.row(55)
def test_a_sum_whose_fills_never_come_is_fetched_with_their_own_ids(desk: Desk) -> None:
    order = bid(desk, 9)
    desk.broker.fill(order, 7)
    lost = [one for one in desk.broker.out if isinstance(one, FillReceived)]
    for one in lost:
        desk.broker.out.remove(one)
    desk.settle()
    assert desk.order().filled_quantity == 7
    desk.tick(60)
    assert desk.quantity() == 7
    assert [one.execution_id for one in desk.snapshot.fills] == [one.fill.execution_id for one in lost]


@pytest.mark.row(56)
def test_a_sum_that_goes_down_is_not_taken_and_a_position_that_fell_with_it_is_an_alarm(desk: Desk) -> None:
    order = bid(desk, 9)
    desk.broker.fill(order, 7)
    desk.settle()
    desk.handle(OrderReported(replace(desk.broker.order_rows()[0], filled_quantity=Decimal(5))))
    assert seen(desk.order().filled_quantity, desk.quantity()) == (7, 7)
    desk.broker.by_hand(ES, Side.SELL, 2, told=False, trace=False)
    asked = len(desk.broker.asked)
    desk.tick(60)
    assert seen(desk.quantity(), desk.scope().broker_quantity, desk.scope().certainty) == (7, 5, Certainty.MISMATCH)
    assert len(desk.broker.asked) > asked and any(one.level is Level.ALARM for one in desk.said)
    assert desk.scope().lock


@pytest.mark.row(58)
@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("filled", [1, 2])
def test_a_fill_that_crosses_a_cancel_ends_with_the_brokers_numbers_in_every_order(
    desk: Desk, order: tuple[int, ...], filled: int
) -> None:
    placed = bid(desk)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.broker.fill(placed, filled)
    desk.broker.release()
    said = list(desk.broker.out)
    desk.broker.out.clear()
    told = [one for one in said if isinstance(one, OrderReported | FillReceived)]
    assert len(told) == 3
    for index in order:
        desk.deliver(told[index])
    desk.tick(10)
    end = OrderState.FILLED if filled == 2 else OrderState.CANCELLED
    assert seen(placed.state, desk.order().state) == (end, end)
    assert seen(desk.order().filled_quantity, desk.quantity(), desk.snapshot.halted) == (filled, filled, "")


@pytest.mark.row(61)
@pytest.mark.parametrize("closed", [False, True])
def test_an_execution_the_broker_takes_back_is_a_difference_to_decide_and_the_ledger_keeps_it(
    desk: Desk, closed: bool
) -> None:
    desk.buy(2)
    if closed:
        desk.sell(2)
    before = desk.store.positions.recent_fills(9)
    side = Side.BUY if closed else Side.SELL
    desk.broker.by_hand(ES, side, 2, told=False, trace=False)
    desk.tick(60)
    assert desk.has_row() and desk.scope().lock
    assert desk.quantity() == (0 if closed else 2), "nothing is booked before the trader decides"
    desk.decide(RecoveryChoice.ADOPT if closed else RecoveryChoice.RECORD_CLOSED)
    after = desk.store.positions.recent_fills(9)
    assert desk.quantity() == desk.broker.positions[ES] == (2 if closed else 0)
    assert after[: len(before)] == before, "what was booked stays"
    assert [one.source for one in after[len(before) :]] == [FillSource.RECON if closed else FillSource.MANUAL]


@pytest.mark.row(66)
def test_a_server_id_used_again_the_next_day_is_another_order(desk: Desk) -> None:
    placed = bid(desk, 1)
    used = placed.server_order_id
    desk.broker.fill(placed, 1)
    desk.settle()
    desk.tick(24 * 3600, step_s=3600)
    row = replace(desk.broker.report(placed, ReportKind.ACCEPTED), client_order_id="", state=OrderState.WORKING)
    desk.handle(OrderReported(replace(row, server_order_id=used, quantity=Decimal(5), filled_quantity=Decimal(0))))
    assert [seen(one.quantity, one.state) for one in desk.orders()] == [(1, OrderState.FILLED), (5, OrderState.WORKING)]


@pytest.mark.row(66)
def test_so_is_one_of_somebody_else_which_is_seen_and_closed_with_the_rest(desk: Desk) -> None:
    desk.buy(1)
    old = desk.broker.place_by_hand(ES, Side.SELL, OrderType.LIMIT, 1, "5050")
    desk.settle()
    desk.broker.end(old, OrderState.CANCELLED)
    desk.tick(24 * 3600, step_s=3600)
    old.state, old.quantity = OrderState.WORKING, Decimal(2)
    for kind in (ReportKind.ACCEPTED, ReportKind.RESTATED):
        desk.handle(OrderReported(desk.broker.report(old, kind)))
    others = [one for one in desk.orders() if one.external]
    assert [seen(one.quantity, one.state) for one in others] == [(1, OrderState.CANCELLED), (2, OrderState.WORKING)]
    desk.close()
    desk.tick(2)
    assert old.state is OrderState.CANCELLED and desk.quantity() == 0


def test_a_stop_refused_after_it_was_accepted_is_an_alarm_with_the_way_to_place_it_again(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.tick(1)
    desk.broker.end(desk.broker.last(), OrderState.REJECTED, "No stops now")
    desk.settle()
    desk.tick(5)
    assert desk.heard("No stops now", Level.ALARM)
    (finding,) = desk.snapshot.findings
    assert seen(finding.kind, finding.planned) == (FindingKind.MISSING_PROTECTION, 4990)


@pytest.mark.row(68)
def test_while_an_order_is_unknown_no_entry_passes_in_its_scope_and_exits_do(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.buy(1)
    desk.tick(11)
    assert desk.order().state is OrderState.UNKNOWN
    sent = len(desk.broker.received)
    desk.buy(1)
    assert len(desk.broker.received) == sent
    desk.sell(1)
    assert len(desk.broker.received) == sent + 1


@pytest.mark.row(69)
def test_a_cancel_without_an_answer_stays_pending_until_the_brokers_list_and_is_not_repeated(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.hold_cancels = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.tick(20)
    assert desk.order().state is OrderState.PENDING_CANCEL
    desk.tick(40)
    assert desk.broker.order_requests >= 1
    assert seen(len(desk.broker.cancels), desk.order().state) == (1, OrderState.WORKING)


@pytest.mark.row(69)
def test_cancels_refused_again_and_again_send_nothing_by_themselves_and_are_told(desk: Desk) -> None:
    bid(desk)
    desk.broker.script.refuse_cancels = True
    for _ in range(5):
        desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.tick(60)
    assert seen(len(desk.broker.cancels), desk.order().state) == (5, OrderState.WORKING)
    assert sum("refused to cancel" in text for text in desk.texts()) == 5


@pytest.mark.row(70)
def test_a_fill_at_price_zero_is_booked_at_zero(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, "X1", price=Decimal(0), commission=Decimal("-0.30"))))
    assert seen(desk.position().entry_price, desk.position().commissions) == (0, Decimal("-0.30"))


@pytest.mark.row(71)
def test_a_position_of_an_undefined_contract_has_a_quantity_and_no_money(desk: Desk) -> None:
    desk.handle(
        FillReceived(fill_of(desk, "X1", key=UNDEFINED, quantity=Decimal(2))),
        FillReceived(fill_of(desk, "X2", key=UNDEFINED, side=Side.SELL, quantity=Decimal(2), price=Decimal(5010))),
    )
    (trade,) = desk.snapshot.trades
    assert seen(trade.quantity, trade.realized_pnl) == (2, None)


@pytest.mark.row(72)
def test_fills_of_one_millisecond_are_booked_in_the_order_they_arrived(desk: Desk) -> None:
    one, two = (fill_of(desk, name, price=Decimal(price)) for name, price in (("X2", 5001), ("X1", 5000)))
    desk.handle(FillReceived(one), FillReceived(two))
    assert one.fill_time == two.fill_time
    assert [booked.execution_id for booked in desk.store.positions.recent_fills(9)] == ["X2", "X1"]


@pytest.mark.row(73)
def test_five_thousand_fills_in_one_burst_are_all_booked_and_the_view_stays_bounded() -> None:
    desk, sums = Desk().start(), {ES: Decimal(0), MES: Decimal(0)}
    for number in range(5000):
        key, side = (ES, MES)[number % 2], (Side.BUY, Side.SELL)[number // 2 % 3 == 0]
        made = fill_of(desk, f"X{number}", key=key, side=side)
        sums[key] += made.signed_quantity
        desk.deliver(FillReceived(made))
    booked = desk.store.positions.recent_fills(20_000)
    assert len({one.execution_id for one in booked}) == 5000
    assert {key: desk.quantity(key) for key in sums} == sums
    assert len(desk.snapshot.fills) <= 500


@pytest.mark.row(146)
def test_fills_whose_times_are_out_of_order_are_booked_as_they_arrived_and_last_no_less_than_nothing(
    desk: Desk,
) -> None:
    now = desk.clock.now()
    desk.handle(
        FillReceived(fill_of(desk, "X1", fill_time=now + timedelta(hours=1))),
        FillReceived(fill_of(desk, "X2", side=Side.SELL, price=Decimal(5010), fill_time=now - timedelta(hours=1))),
    )
    assert [one.execution_id for one in desk.store.positions.recent_fills(9)] == ["X1", "X2"]
    (trade,) = desk.snapshot.trades
    assert trade.realized_pnl == 500
    assert duration((trade.exit_time - (trade.entry_time or now)).total_seconds()) == "0:00"
