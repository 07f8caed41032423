"""Fills become positions: once each, committed before they are shown."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core import state_manager
from core.commands import CancelOrder
from core.errors import DiskFull, PersistenceError
from core.events import CorrectionDecided, FillReceived, FillsWhileAway, InstrumentReported, Level, TicksWaiting
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.market import Aggressor, Tick
from core.model.order import OrderState, OrderType
from core.model.scope import Mode, PositionKey
from core.model.session_marks import NO_MARKS, SessionMarks
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.engine import ES, MES, Desk, contract, seen

FAR = PositionKey("sim", "Sim1", "NQZ6")


def fill_of(desk: Desk, execution_id: str = "X1", **changes: object) -> Fill:
    made = Fill(ES, execution_id, Side.BUY, Decimal(1), Decimal(5000), desk.clock.now(), desk.clock.now())
    return replace(made, **changes)  # type: ignore[arg-type]


def tick(desk: Desk, price: str, symbol: str = "ESZ6") -> None:
    now = desk.clock.now()
    desk.state.put_tick("sim", Tick(symbol, Decimal(price), Decimal(1), Aggressor.BUYER, now, now))


# -- once each ------------------------------------------------------------------------------------------------------


def test_a_fill_opens_a_position(desk: Desk) -> None:
    desk.buy(2)
    position = desk.position()
    assert seen(position.quantity, position.entry_price, position.commissions) == (2, 5000, Decimal("4.20"))


@pytest.mark.row(52)
@pytest.mark.parametrize("times", [2, 5])
def test_a_fill_told_again_is_booked_once(desk: Desk, times: int) -> None:
    desk.handle(*[FillReceived(fill_of(desk))] * times)
    assert desk.quantity() == 1
    assert len(desk.store.positions.recent_fills(9)) == 1
    assert len(desk.snapshot.fills) == 1


@pytest.mark.row(53)
def test_a_fill_told_again_and_differently_stays_as_it_was_and_alarms(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk)), FillReceived(fill_of(desk, quantity=Decimal(3))))
    assert desk.quantity() == 1
    assert desk.heard("told execution X1 twice, and differently", Level.ALARM)


@pytest.mark.row(53)
def test_a_fill_told_differently_long_after_it_left_the_view_alarms_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_manager, "FILLS_SHOWN", 1)
    desk.handle(FillReceived(fill_of(desk)))
    desk.buy(1)
    desk.handle(FillReceived(fill_of(desk)))
    assert not desk.heard("twice")
    desk.handle(FillReceived(fill_of(desk, quantity=Decimal(3))))
    assert desk.quantity() == 2
    assert desk.heard("told execution X1 twice, and differently", Level.ALARM)


def test_a_fill_told_again_without_its_price_is_no_conflict(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk)), FillReceived(fill_of(desk, price=None)))
    assert not desk.heard("differently")


def test_a_reversal_told_again_is_no_conflict(desk: Desk) -> None:
    reversal = fill_of(desk, "X2", side=Side.SELL, quantity=Decimal(3))
    desk.handle(FillReceived(fill_of(desk)), FillReceived(reversal), FillReceived(reversal))
    assert desk.quantity() == -2
    assert not desk.heard("differently")


def test_the_same_execution_in_another_account_is_another_fill(desk: Desk) -> None:
    other = PositionKey("sim", "Sim2", "ESZ6")
    desk.handle(FillReceived(fill_of(desk)), FillReceived(fill_of(desk, key=other, side=Side.SELL)))
    assert seen(desk.quantity(), desk.quantity(other)) == (1, -1)


@pytest.mark.row(51)
def test_a_fill_before_its_acknowledgement_is_booked_and_the_order_stays_filled(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.buy(2)
    desk.broker.fill(desk.broker.last(), 2, report=False)
    desk.settle()
    assert desk.quantity() == 2
    desk.broker.release()
    desk.settle()
    assert desk.order().state is OrderState.FILLED


@pytest.mark.row(57)
@pytest.mark.parametrize("end", [OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED])
@pytest.mark.parametrize("report", [True, False])
def test_a_fill_after_the_end_moves_the_position_keeps_the_state_and_alarms(
    desk: Desk, end: OrderState, report: bool
) -> None:
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    order = desk.broker.last()
    desk.broker.end(order, end)
    desk.settle()
    desk.broker.fill(order, 1, report=report)
    desk.settle()
    assert desk.quantity() == 1
    assert seen(desk.order().state, desk.order().filled_quantity) == (end, 1)
    assert desk.heard(f"filled an order after it was {end.value.lower()}", Level.ALARM)


@pytest.mark.row(60)
@pytest.mark.parametrize("report", [True, False])
def test_an_over_fill_is_booked_flagged_and_alarmed(desk: Desk, report: bool) -> None:
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    desk.broker.fill(desk.broker.last(), 3, report=report)
    desk.settle()
    assert desk.quantity() == 3
    assert desk.order().over_filled
    assert desk.heard("more than was ordered", Level.ALARM)


@pytest.mark.row(60)
@pytest.mark.parametrize(
    ("point", "report"), [("order.report_committed", True), ("fill.committed", False), ("fill.published", False)]
)
def test_an_over_fill_whose_alarm_died_with_the_program_is_said_at_the_next_start(
    desk: Desk, point: str, report: bool
) -> None:
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    desk.broker.fill(desk.broker.last(), 3, report=report)
    desk.dies_at(point)
    assert desk.dies_in(desk.settle)
    assert not desk.ever_heard("more than was ordered")
    desk.clock.advance(3600)
    desk.start()
    assert desk.quantity() == 3 and desk.heard("more than was ordered", Level.ALARM)
    desk.restart()
    assert not desk.heard("more than was ordered"), "after a clean end it was said"


def test_partial_fills_add_up_to_their_average(desk: Desk) -> None:
    desk.press(Side.BUY, 3, OrderType.LIMIT, "5001")
    order = desk.broker.last()
    desk.broker.fill(order, 1, "5000.25")
    desk.settle()
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.PARTIAL, 1)
    desk.broker.fill(order, 2, "5001")
    desk.settle()
    assert desk.order().state is OrderState.FILLED
    assert desk.position().entry_price == Decimal("5000.75")


@pytest.mark.row(63)
def test_a_reversal_through_zero_ends_one_trade_and_begins_the_next(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, quantity=Decimal(3))))
    desk.handle(FillReceived(fill_of(desk, "X2", side=Side.SELL, quantity=Decimal(5), price=Decimal(5010))))
    assert seen(desk.quantity(), desk.position().entry_price) == (-2, 5010)
    (trade,) = desk.snapshot.trades
    assert seen(trade.quantity, trade.realized_pnl, trade.commissions) == (3, 1500, Decimal("12.60"))
    assert desk.position().commissions == Decimal("4.20")
    assert [seen(one.quantity, one.leg) for one in desk.snapshot.fills] == [(3, 0), (3, 0), (2, 1)]


def test_a_fill_without_a_price_counts_and_leaves_money_unknown(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, price=None)))
    assert desk.position().entry_price is None
    desk.handle(FillReceived(fill_of(desk, "X2", side=Side.SELL)))
    (trade,) = desk.snapshot.trades
    assert (trade.entry_price, trade.realized_pnl) == (None, None)
    assert desk.heard("Bought 1 ESZ6 at an unknown price")


@pytest.mark.row(71)
def test_a_contract_defined_after_the_fill_values_the_position(desk: Desk) -> None:
    nasdaq = Instrument("NQZ6", Decimal("0.25"), Decimal(5), "USD")
    desk.handle(
        FillReceived(fill_of(desk, key=FAR, quantity=Decimal(2))),
        FillReceived(fill_of(desk, "X2", key=FAR, side=Side.SELL, price=Decimal(5010))),
    )
    assert desk.position(FAR).realized_pnl is None
    desk.handle(InstrumentReported("sim", nasdaq))
    assert seen(desk.position(FAR).realized_pnl, desk.position(FAR).currency) == (200, "USD")
    stored = desk.store.positions.get_open_position(FAR)
    assert stored is not None and stored.realized_pnl == 200


def test_a_venue_that_refuses_to_define_a_contract_again_takes_nothing_back(desk: Desk) -> None:
    desk.buy(1)
    desk.handle(InstrumentReported("sim", Instrument("ESZ6", description="Refused.")))
    assert desk.snapshot.instruments["sim", "ESZ6"] == ES_CONTRACT


# -- whose it is, and what it costs ---------------------------------------------------------------------------------


def test_a_fill_of_our_order_is_ours_and_one_of_another_program_is_external(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.settle()
    assert [one.source for one in desk.snapshot.fills] == [FillSource.OURS, FillSource.EXTERNAL]
    assert desk.quantity() == 2


def test_a_fill_that_names_only_the_servers_id_finds_its_order(desk: Desk) -> None:
    desk.press(Side.BUY, 2, OrderType.LIMIT, "4990")
    order = desk.broker.last()
    desk.handle(FillReceived(fill_of(desk, server_order_id=order.server_order_id)))
    (made,) = desk.snapshot.fills
    assert (made.client_order_id, made.source) == (desk.order().client_order_id, FillSource.OURS)
    assert desk.order().filled_quantity == 1


def test_a_commission_comes_from_the_schedule_of_the_root(desk: Desk) -> None:
    desk.buy(2, key=MES)
    assert desk.position(MES).commissions == Decimal("1.20")


def test_a_commission_nobody_knows_is_unknown(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, key=FAR)))
    assert desk.position(FAR).commissions is None


@pytest.mark.row(70)
def test_a_commission_the_broker_states_is_kept(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, commission=Decimal("-0.30"))))
    assert desk.position().commissions == Decimal("-0.30")


def test_a_fill_is_stored_under_the_mode_of_its_account(desk: Desk) -> None:
    desk.buy(1)
    assert desk.memory.positions.modes[ES] is Mode.SIM


# -- commit, then publish -------------------------------------------------------------------------------------------


@pytest.mark.row(138)
def test_a_position_that_was_not_committed_is_never_shown_but_as_unsaved(desk: Desk) -> None:
    shown: list[tuple[bool, bool]] = []

    def look(_: object) -> None:
        shown.append((ES in desk.snapshot.positions, desk.snapshot.unsaved.holds(ES)))

    desk.state.changed.connect(look, weak=False)
    desk.memory.disk.error = PersistenceError("no room")
    desk.handle(FillReceived(fill_of(desk)))
    assert (True, True) in shown and (True, False) not in shown
    assert desk.snapshot.halted and desk.heard("The database did not store this: no room", Level.ALARM)


def test_a_fill_the_database_refused_is_stored_when_it_gives_way(desk: Desk) -> None:
    desk.unsaved = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.memory.disk.error = PersistenceError("no room")
    desk.broker.fill(desk.broker.last())
    desk.settle()
    assert desk.quantity() == 1 and desk.snapshot.unsaved.holds(ES) and desk.store.positions.recent_fills(1) == ()
    desk.memory.disk.error = None
    desk.tick(5)
    assert desk.quantity() == 1 and not desk.snapshot.unsaved.entries
    assert desk.store.positions.get_open_position(ES) == desk.position()
    assert desk.snapshot.halted  # a human starts again


def test_what_moved_is_not_forgotten_when_the_database_refuses_it_once(desk: Desk) -> None:
    desk.buy(1)
    tick(desk, "5010")
    desk.handle(TicksWaiting())
    desk.memory.disk.error = PersistenceError("no room")
    desk.tick()
    desk.memory.disk.error = None
    desk.tick(11)
    assert desk.position().mfe == 500
    assert desk.store.positions.get_open_position(ES) == desk.position()


# -- excursions -----------------------------------------------------------------------------------------------------


def test_ticks_move_the_excursions_once_a_look(desk: Desk) -> None:
    desk.buy(2)
    writes = desk.memory.disk.commits
    for price in ("5004", "4990", "5001"):
        tick(desk, price)
    desk.handle(TicksWaiting())
    assert desk.memory.disk.commits == writes
    desk.tick()
    assert seen(desk.position().mae, desk.position().mfe) == (1000, 400)


def test_what_moved_is_committed_before_a_fill(desk: Desk) -> None:
    desk.buy(1)
    tick(desk, "4990")
    desk.handle(TicksWaiting())
    desk.sell(1)
    assert desk.snapshot.trades[-1].mae == 500


def test_a_tick_from_before_the_entry_is_none_of_its_excursions(desk: Desk) -> None:
    tick(desk, "4000")
    desk.clock.advance(0.01)
    desk.buy(1)
    tick(desk, "5001")
    desk.handle(TicksWaiting())
    desk.tick()
    assert seen(desk.position().mae, desk.position().mfe) == (0, 50)


def test_a_tick_of_one_symbol_moves_no_other(desk: Desk) -> None:
    desk.buy(1)
    desk.buy(1, key=MES)
    tick(desk, "4990", "MESZ6")
    desk.handle(TicksWaiting())
    desk.tick()
    assert seen(desk.position().mae, desk.position(MES).mae) == (0, 50)


def test_a_lost_line_makes_the_excursions_incomplete(desk: Desk) -> None:
    desk.buy(1)
    assert desk.position().extremes_complete
    desk.broker.drop()
    desk.settle()
    desk.tick()
    assert not desk.position().extremes_complete


def test_a_restored_position_has_incomplete_excursions(desk: Desk) -> None:
    desk.buy(1)
    desk.restart()
    desk.tick()
    assert not desk.position().extremes_complete


# -- the session's figures at entry and exit --------------------------------------------------------------------------

FIRST, SECOND = (
    SessionMarks(Decimal(5000), Decimal(1), Decimal(5000)),
    SessionMarks(Decimal(5004), Decimal(2), Decimal(5000)),
)


def counted(desk: Desk, price: str) -> None:
    tick(desk, price)
    desk.handle(TicksWaiting())


def test_entry_and_exit_keep_the_figures_of_their_moments(desk: Desk) -> None:
    counted(desk, "5000")
    desk.buy(1)
    counted(desk, "5008")
    desk.tick()
    assert desk.position().entry_marks == FIRST
    desk.sell(1)
    (trade,) = desk.snapshot.trades
    assert (trade.entry_marks, trade.exit_marks) == (FIRST, SECOND)


def test_a_reversal_ends_with_the_figures_the_next_trade_begins_with(desk: Desk) -> None:
    counted(desk, "5000")
    desk.handle(FillReceived(fill_of(desk)))
    counted(desk, "5008")
    desk.handle(FillReceived(fill_of(desk, "X2", side=Side.SELL, quantity=Decimal(3))))
    assert (desk.snapshot.trades[-1].exit_marks, desk.position().entry_marks) == (SECOND, SECOND)


def test_a_fill_before_the_first_trade_we_saw_has_no_figures(desk: Desk) -> None:
    desk.buy(1)
    assert desk.position().entry_marks == NO_MARKS


def test_a_fill_that_is_told_late_takes_no_figures_of_another_moment(desk: Desk) -> None:
    before = desk.clock.now()
    counted(desk, "5000")
    desk.clock.advance(60)
    counted(desk, "5008")
    desk.handle(FillReceived(fill_of(desk, fill_time=before)))
    assert desk.position().entry_marks == NO_MARKS


def test_a_fill_done_while_away_takes_no_figures(desk: Desk) -> None:
    counted(desk, "5000")
    desk.tick()
    desk.handle(FillsWhileAway("sim", (fill_of(desk),)))
    assert desk.position().entry_marks == NO_MARKS
    desk.handle(FillsWhileAway("sim", (fill_of(desk, "X2", side=Side.SELL),)))
    assert desk.snapshot.trades[-1].exit_marks == NO_MARKS


def test_a_correction_takes_no_figures(desk: Desk) -> None:
    counted(desk, "5000")
    desk.tick()
    adopted = fill_of(desk, "R1", source=FillSource.RECON)
    desk.handle(CorrectionDecided(adopted, "adopted", Decimal(0)))
    assert desk.position().entry_marks == NO_MARKS


def test_a_fill_the_database_refused_keeps_the_figures_of_when_it_was_told(desk: Desk) -> None:
    desk.unsaved = True
    counted(desk, "5000")
    desk.memory.disk.error = PersistenceError("no room")
    desk.handle(FillReceived(fill_of(desk)))
    counted(desk, "5008")
    desk.memory.disk.error = None
    desk.tick(6)
    assert desk.position().entry_marks == FIRST


def test_the_figures_of_the_entry_survive_a_crash_in_a_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    counted(desk, "5000")
    desk.buy(2)
    desk.restart(clean=False)
    assert desk.position().entry_marks == FIRST
    counted(desk, "6000")
    desk.tick()
    assert desk.position().entry_marks == FIRST
    desk.stop()


# -- exits on the position ------------------------------------------------------------------------------------------


def test_the_nearest_stop_and_target_are_noted_on_the_position(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    desk.tick()
    assert seen(desk.position().stop_price, desk.position().target_price) == (4990, 5020)
    assert desk.position().initial_risk == 1000


def test_a_stop_that_comes_late_is_no_initial_risk(desk: Desk) -> None:
    desk.buy(1)
    desk.tick(61)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick()
    assert seen(desk.position().stop_price, desk.position().initial_risk) == (4990, None)


def test_a_stop_the_trader_cancels_leaves_the_position(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick()
    desk.handle(CancelOrder(desk.order().client_order_id))
    desk.tick()
    assert desk.order().state is OrderState.CANCELLED
    assert desk.position().stop_price is None


def test_where_a_stop_was_that_ended_unasked_is_remembered(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick()
    desk.broker.end(desk.broker.last(), OrderState.CANCELLED)
    desk.settle()
    desk.tick()
    assert desk.position().stop_price == 4990


def test_where_a_stop_was_is_remembered_when_the_program_died_before_writing_it_down(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.kill()
    desk.broker.last().state = OrderState.CANCELLED
    desk.clock.advance(60)
    desk.start()
    desk.tick(10)
    assert seen(desk.order().state, desk.position().stop_price) == (OrderState.CANCELLED, 4990)


def test_what_is_added_while_no_stop_works_has_no_known_risk(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick()
    desk.broker.end(desk.broker.last(), OrderState.CANCELLED)
    desk.settle()
    desk.handle(FillReceived(fill_of(desk, execution_id="ADDED")))
    assert seen(desk.quantity(), desk.position().initial_risk, desk.position().stop_price) == (2, None, 4990)


def test_a_wrong_clock_makes_no_negative_age(desk: Desk) -> None:
    desk.handle(FillReceived(fill_of(desk, fill_time=desk.clock.now() + timedelta(hours=1))))
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick()
    assert desk.position().stop_price == 4990


def test_a_contract_the_database_refuses_to_store_is_known_all_the_same(desk: Desk) -> None:
    defined = replace(ES_CONTRACT, symbol="NQZ6")
    desk.memory.disk.error = DiskFull("no room")
    contract(desk, defined)
    assert desk.snapshot.instruments["sim", "NQZ6"] == defined
    assert "no room" in desk.snapshot.halted
    desk.memory.disk.error = None
