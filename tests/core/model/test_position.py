"""What single fills and prices do to a position, one sentence at a time; the long run is in the properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.model.errors import WrongInstrument
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.position import Position, PositionChange, apply_fill, initial_risk, revalue, track
from core.model.scope import PositionKey
from core.model.session_marks import SessionMarks
from core.model.trade import Trade

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ES = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD")
KEY = PositionKey("sim", "Sim1", "ESZ6")


def said(*figures: object) -> tuple[object, ...]:
    return figures


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def fill(
    signed: str,
    price: str | None = "5000",
    cost: str | None = "2",
    source: FillSource = FillSource.OURS,
    time: datetime | None = START,
    key: PositionKey = KEY,
) -> Fill:
    quantity = Decimal(signed)
    return Fill(
        key=key,
        execution_id=f"E{signed}@{price}",
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=abs(quantity),
        price=None if price is None else Decimal(price),
        fill_time=time,
        received_at=START,
        commission=None if cost is None else Decimal(cost),
        source=source,
    )


def after(*fills: Fill, instrument: Instrument = ES) -> Position:
    change = applied(*fills, instrument=instrument)
    assert change.after is not None
    return change.after


def ended(*fills: Fill, instrument: Instrument = ES) -> Trade:
    change = applied(*fills, instrument=instrument)
    assert change.trade is not None
    return change.trade


def applied(*fills: Fill, instrument: Instrument = ES) -> PositionChange:
    position, change = None, None
    for one in fills:
        change = apply_fill(position, one, instrument)
        position = change.after
    assert change is not None
    return change


# -- quantity and average cost ----------------------------------------------------------------------------------------


def test_a_partial_close_keeps_the_entry_price_and_the_entry_time() -> None:
    position = after(fill("3", "5000"), fill("-1", "5010", time=at(60)))
    assert said(position.quantity, position.entry_price, position.entry_time) == (2, Decimal(5000), START)
    assert position.realized_pnl == 500


def test_an_add_after_a_partial_close_averages_only_what_is_still_open() -> None:
    position = after(fill("3", "5000"), fill("-2", "5010"), fill("1", "5020"))
    assert said(position.quantity, position.entry_price) == (2, Decimal(5010))
    assert position.realized_pnl == 1000
    assert said(position.opened_quantity, position.max_quantity) == (4, 3)


def test_the_average_of_entries_is_rounded_once_however_many_there_are() -> None:
    fills = [fill("1", price) for price in ("100", "101", "101")] * 7
    position = after(*fills, fill("7", "102"))
    assert position.entry_price == Decimal(101)


def test_a_reversal_ends_a_trade_and_opens_the_other_side_with_the_rest() -> None:
    change = applied(fill("3", "5000"), fill("-5", "5002"))
    assert change.trade is not None and change.after is not None
    assert said(change.trade.quantity, change.trade.realized_pnl, change.trade.direction) == (3, 300, 1)
    assert said(change.after.quantity, change.after.entry_price, change.after.side_word) == (-2, Decimal(5002), "SHORT")
    assert [(leg.leg, str(leg.quantity)) for leg in change.legs] == [(0, "3"), (1, "2")]


def test_a_reversal_starts_the_new_trade_with_figures_of_its_own() -> None:
    before = replace(after(fill("3", "5000")), initial_risk=Decimal(500), stop_price=Decimal(4990), heat_total_s=9)
    new = apply_fill(track(before, Decimal(4980), ES, at(1)), fill("-5", "5002"), ES).after
    assert new is not None
    assert said(new.initial_risk, new.stop_price, new.heat_since, new.heat_total_s) == (None, None, None, 0)
    assert said(new.mae, new.mfe, new.min_price, new.max_price, new.max_quantity) == (0, 0, 5002, 5002, 2)


@pytest.mark.row(63)
@pytest.mark.parametrize("cost", ["10", "2.10", "0.01", "-0.25", "0"])
@pytest.mark.parametrize(("held", "sold"), [("1", "-3"), ("0.00000001", "-70000"), ("2", "-30000"), ("1", "-7")])
def test_the_parts_of_a_commission_split_over_a_reversal_add_up_to_it_exactly(cost: str, held: str, sold: str) -> None:
    change = applied(fill(held), fill(sold, cost=cost))
    parts = [leg.commission for leg in change.legs]
    numerators = [part.as_integer_ratio() for part in parts if part is not None]
    assert len(numerators) == 2
    (a, b), (c, d) = numerators
    total = Decimal(cost).as_integer_ratio()
    assert (a * d + c * b) * total[1] == total[0] * b * d


def test_what_is_closed_exactly_leaves_no_position_and_no_second_leg() -> None:
    change = applied(fill("0.3"), fill("-0.1"), fill("-0.2"))
    assert (change.after, len(change.legs)) == (None, 1)


def test_the_money_of_a_trade_comes_from_the_sums_and_has_no_rounding() -> None:
    trade = ended(fill("1", "100"), fill("1", "101"), fill("1", "101"), fill("-1", "100.5"), fill("-2", "101"))
    assert trade.realized_pnl == Decimal("0.5") * 50


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.row(70)
@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_fill_of_nothing_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        apply_fill(None, replace(fill("1"), quantity=Decimal(quantity)), ES)


def test_a_fill_of_another_scope_is_refused() -> None:
    other = replace(KEY, account="Sim2")
    with pytest.raises(WrongInstrument, match="Sim2"):
        apply_fill(after(fill("1")), fill("1", key=other), ES)


def test_the_contract_of_another_symbol_is_refused() -> None:
    with pytest.raises(WrongInstrument, match="NQZ6"):
        apply_fill(None, fill("1"), replace(ES, symbol="NQZ6"))


# -- what is not known ------------------------------------------------------------------------------------------------


def test_an_entry_without_a_price_makes_money_unknown_and_never_zero() -> None:
    position = after(fill("2", None))
    assert said(position.quantity, position.entry_price, position.mae, position.mfe) == (2, None, None, None)
    trade = apply_fill(position, fill("-2", "5010"), ES).trade
    assert trade is not None
    assert said(trade.entry_price, trade.exit_price, trade.realized_pnl) == (None, Decimal(5010), None)
    assert said(trade.r_multiple, trade.capture, trade.net) == (None, None, None)


def test_an_exit_without_a_price_makes_the_result_unknown_and_keeps_the_entry() -> None:
    trade = ended(fill("2", "5000"), fill("-1", None), fill("-1", "5010"))
    assert said(trade.entry_price, trade.exit_price, trade.realized_pnl) == (Decimal(5000), None, None)


def test_a_fill_without_a_price_marks_the_extremes_incomplete_since_the_path_cannot_be_followed() -> None:
    assert not after(fill("1"), fill("1", None)).extremes_complete
    assert not after(fill("2"), fill("-1", None)).extremes_complete
    assert not after(fill("2", None)).extremes_complete


@pytest.mark.parametrize("source", [FillSource.RECON, FillSource.MANUAL])
def test_a_correction_marks_the_extremes_incomplete_since_nobody_watched_it(source: FillSource) -> None:
    assert not after(fill("1", source=source)).extremes_complete
    assert not after(fill("1"), fill("1", source=source)).extremes_complete
    assert not after(fill("2"), fill("-1", source=source)).extremes_complete


def test_an_adopted_position_has_no_entry_time_unless_the_broker_told_one() -> None:
    assert after(fill("1", source=FillSource.RECON, time=None)).entry_time is None
    assert after(fill("1", source=FillSource.RECON)).entry_time == START
    assert after(fill("1", time=None)).entry_time == START


def test_a_cost_that_is_unknown_makes_the_net_result_unknown_and_leaves_the_gross() -> None:
    trade = ended(fill("1", "5000", cost=None), fill("-1", "5010"))
    assert said(trade.realized_pnl, trade.commissions, trade.net) == (500, None, None)


@pytest.mark.row(71)
def test_an_unknown_contract_books_quantity_and_points_and_no_money() -> None:
    position = after(fill("3", "5000"), fill("-1", "5010"), instrument=Instrument("ESZ6"))
    assert said(position.quantity, position.realized_points, position.realized_pnl) == (2, 10, None)
    assert said(position.mae, position.mfe, position.max_price) == (None, None, 5010)


def test_a_contract_that_becomes_known_gives_the_realised_points_their_money() -> None:
    position = revalue(after(fill("3"), fill("-1", "5010"), instrument=Instrument("ESZ6")), ES)
    assert said(position.realized_pnl, position.currency) == (500, "USD")


def test_prices_seen_before_the_contract_was_known_leave_the_excursions_incomplete() -> None:
    unknown = Instrument("ESZ6")
    position = track(after(fill("1"), instrument=unknown), Decimal(4990), unknown, at(1))
    known = revalue(position, ES)
    assert said(known.mae, known.extremes_complete) == (None, False)
    known = track(known, Decimal(4995), ES, at(2))
    assert said(known.mae, known.mfe) == (250, 0)


def test_a_contract_known_before_any_price_moved_loses_nothing() -> None:
    known = revalue(after(fill("1"), instrument=Instrument("ESZ6")), ES)
    assert said(known.mae, known.mfe, known.extremes_complete) == (0, 0, True)


# -- excursions -------------------------------------------------------------------------------------------------------


def test_excursions_are_the_worst_and_best_of_the_path_in_money() -> None:
    position = after(fill("2", "5000"))
    for price in ("5004", "4997", "5001"):
        position = track(position, Decimal(price), ES, at(1))
    assert said(position.mae, position.mfe) == (300, 400)
    assert said(position.min_price, position.max_price) == (4997, 5004)


def test_what_was_realised_counts_in_the_path() -> None:
    position = track(after(fill("2", "5000"), fill("-1", "5010")), Decimal(4995), ES, at(1))
    assert said(position.mfe, position.mae) == (1000, 0)
    assert position.path(Decimal(4995), ES) == 250


def test_a_short_is_hurt_by_a_rise() -> None:
    position = track(after(fill("-2", "5000")), Decimal(5001), ES, at(1))
    assert said(position.mae, position.mfe) == (100, 0)


def test_a_trade_that_ends_at_its_best_captures_all_of_it_and_never_more() -> None:
    entries = [fill("1", price) for price in ("100", "101", "101")]
    trade = ended(*entries, fill("-1", "101.25"), fill("-1", "101.5"), fill("-1", "102"))
    assert trade.capture == 1
    assert trade.mfe == trade.realized_pnl


def test_a_trade_that_never_was_ahead_has_no_capture() -> None:
    entries = [fill("1", price) for price in ("101", "100.75", "100.5")]
    trade = ended(*entries, fill("-1", "100.25"), fill("-2", "100"))
    assert said(trade.mfe, trade.capture) == (0, None)
    break_even = ended(
        *(fill("1", price) for price in ("100", "101", "101")), fill("-1", "100.5"), fill("-2", "100.75")
    )
    assert break_even.realized_pnl == 0


def test_a_path_that_returns_exactly_to_zero_is_zero() -> None:
    position = after(*(fill("1", price) for price in ("100", "101", "101")), fill("-1", "102"))
    assert position.path(Decimal(100), ES) == 0


def test_a_price_while_the_entry_is_unknown_moves_the_extremes_and_no_money() -> None:
    position = track(after(fill("1", None)), Decimal(5003), ES, at(1))
    assert said(position.min_price, position.max_price, position.mae, position.mfe) == (5003, 5003, None, None)


def test_a_price_that_changes_nothing_returns_the_very_same_position() -> None:
    position = track(after(fill("1")), Decimal(5003), ES, at(1))
    assert track(position, Decimal(5002), ES, at(2)) is position


# -- heat: the time the open result is below zero ---------------------------------------------------------------------


def test_heat_runs_from_the_first_price_under_water_to_the_first_at_or_above() -> None:
    position = track(after(fill("1", "5000")), Decimal(4999), ES, at(10))
    assert position.heat_since == at(10)
    position = track(position, Decimal(4990), ES, at(15))
    assert position.heat_since == at(10)
    position = track(position, Decimal(5000), ES, at(40))
    assert said(position.heat_since, position.heat_total_s, position.heat_max_s) == (None, 30, 30)
    position = track(track(position, Decimal(4999), ES, at(50)), Decimal(5001), ES, at(60))
    assert said(position.heat_total_s, position.heat_max_s) == (40, 30)


def test_many_short_times_under_water_add_up() -> None:
    position = after(fill("1", "5000"))
    for second in range(10):
        position = track(position, Decimal(4999), ES, at(second))
        position = track(position, Decimal(5001), ES, at(second + 0.75))
    assert said(position.heat_total_s, position.heat_max_s) == (7, 0)


def test_heat_ends_when_the_entry_becomes_unknown_instead_of_running_for_ever() -> None:
    position = track(after(fill("1", "5000")), Decimal(4999), ES, at(10))
    position = apply_fill(position, fill("1", None, time=at(25)), ES).after or position
    assert said(position.entry_price, position.heat_since, position.heat_total_s) == (None, None, 15)


def test_a_time_under_water_that_runs_at_the_end_is_of_the_trade() -> None:
    position = track(after(fill("1", "5000")), Decimal(4999), ES, at(10))
    position = track(track(position, Decimal(5001), ES, at(30)), Decimal(4998), ES, at(40))
    trade = apply_fill(position, replace(fill("-1", "4998"), received_at=at(75)), ES).trade
    assert trade is not None and said(trade.heat_total_s, trade.heat_max_s) == (55, 35)


def test_the_heat_of_a_trade_without_an_entry_price_is_unknown_and_of_a_dry_one_zero() -> None:
    unknown, dry = ended(fill("1", None), fill("-1", "5000")), ended(fill("1"), fill("-1", "5001"))
    assert said(unknown.heat_total_s, unknown.heat_max_s) == (None, None)
    assert said(dry.heat_total_s, dry.heat_max_s) == (0, 0)


def test_a_reversal_begins_with_no_heat_and_its_own_marks() -> None:
    entry, turn = SessionMarks(Decimal(4999)), SessionMarks(Decimal(5003), Decimal(-7), Decimal(5002))
    first = apply_fill(None, fill("2", "5000"), ES, entry).after
    assert first is not None
    wet = track(first, Decimal(4999), ES, at(10))
    change = apply_fill(wet, replace(fill("-5", "4999"), received_at=at(20)), ES, turn)
    assert change.trade is not None and change.after is not None
    assert said(change.trade.heat_total_s, change.after.heat_total_s, change.after.heat_since) == (10, 0, None)
    assert (change.trade.entry_marks, change.trade.exit_marks, change.after.entry_marks) == (entry, turn, turn)


def test_what_is_added_or_taken_off_keeps_the_marks_of_the_first_entry() -> None:
    entry = SessionMarks(Decimal(4999), Decimal(3), Decimal(4998))
    position = apply_fill(None, fill("2"), ES, entry).after
    for signed in ("1", "-2"):
        position = apply_fill(position, fill(signed), ES, SessionMarks(Decimal(1))).after
    assert position is not None and position.entry_marks == entry


def test_a_price_older_than_the_heat_takes_nothing_away() -> None:
    position = track(after(fill("1", "5000")), Decimal(4999), ES, at(10))
    position = track(position, Decimal(5001), ES, at(5))
    assert said(position.heat_since, position.heat_total_s) == (None, 0)


# -- initial risk: the sum over entries of quantity × distance to the stop known at that fill -------------------------


def risking(position: Position, stop: str) -> Position:
    return replace(position, stop_price=Decimal(stop), initial_risk=initial_risk(position, Decimal(stop), ES))


def test_initial_risk_takes_every_entry_so_far_against_the_stop() -> None:
    position = after(fill("1", "5000"), fill("1", "5004"))
    assert initial_risk(position, Decimal(4990), ES) == (10 + 14) * 50


def test_an_entry_that_was_closed_again_still_counts_in_the_initial_risk() -> None:
    position = after(fill("2", "5000"), fill("-1", "5004"))
    assert initial_risk(position, Decimal(4990), ES) == 2 * 10 * 50


def test_an_add_brings_its_own_distance_to_the_stop_known_then() -> None:
    position = risking(after(fill("1", "5000")), "4990")
    moved = replace(position, stop_price=Decimal(4998))
    added = apply_fill(moved, fill("2", "5002"), ES).after
    assert added is not None
    assert added.initial_risk == 10 * 50 + 2 * 4 * 50


def test_a_short_add_brings_its_own_distance_too() -> None:
    position = risking(after(fill("-1", "5000")), "5010")
    added = apply_fill(position, fill("-1", "4996"), ES).after
    assert added is not None
    assert added.initial_risk == (10 + 14) * 50


@pytest.mark.parametrize(("stop", "price"), [(None, "5002"), ("4990", None)])
def test_an_add_without_a_stop_or_a_price_leaves_the_risk_unknown(stop: str | None, price: str | None) -> None:
    position = risking(after(fill("1", "5000")), "4990")
    position = replace(position, stop_price=None if stop is None else Decimal(stop))
    added = apply_fill(position, fill("1", price), ES).after
    assert added is not None and added.initial_risk is None


def test_an_exit_leaves_the_initial_risk_as_it_is() -> None:
    position = risking(after(fill("2", "5000")), "4990")
    trade = apply_fill(position, fill("-2", "5020", cost="4"), ES).trade
    assert trade is not None
    assert said(trade.initial_risk, trade.net) == (1000, 1994)
    assert trade.r_multiple == Decimal("1.994")


def test_without_a_stop_there_is_no_r_multiple() -> None:
    assert ended(fill("1"), fill("-1", "5010")).r_multiple is None


# -- what the money and the words say ----------------------------------------------------------------------------------


def test_a_position_says_its_side() -> None:
    assert said(after(fill("2")).side_word, after(fill("2")).direction) == ("LONG", 1)
    assert said(after(fill("-2")).side_word, after(fill("-2")).direction) == ("SHORT", -1)


def test_a_price_at_the_entry_or_a_little_above_it_is_not_under_water() -> None:
    small = replace(ES, tick_value=Decimal("0.25"))
    for price in ("5000", "5000.25"):
        dry = track(after(fill("1"), instrument=small), Decimal(price), small, at(1))
        assert dry.heat_since is None
        assert track(dry, Decimal(5001), small, at(60)).heat_total_s == 0
    wet = track(after(fill("1"), instrument=small), Decimal("4999.75"), small, at(1))
    assert wet.heat_since == at(1)


def test_the_definition_of_a_contract_told_again_changes_nothing() -> None:
    moved = track(track(after(fill("1")), Decimal(4990), ES, at(1)), Decimal(5010), ES, at(2))
    assert revalue(moved, ES) == moved


def test_a_contract_told_without_its_money_leaves_the_extremes_as_they_were() -> None:
    bare = Instrument("ESZ6")
    moved = track(after(fill("1"), instrument=bare), Decimal(4990), bare, at(1))
    assert revalue(moved, Instrument("ESZ6", currency="USD")) == replace(moved, currency="USD")


def test_a_contract_that_becomes_known_of_a_position_without_any_price_gives_it_its_currency() -> None:
    bare = after(fill("1", None), instrument=Instrument("ESZ6"))
    assert revalue(bare, ES) == replace(bare, realized_pnl=Decimal(0), currency="USD")


def test_the_fill_booked_last_is_remembered_whatever_it_did() -> None:
    fills = [fill("2"), fill("1", "5001"), fill("-2", "5002"), fill("-3", "5003")]
    for count, booked in enumerate(fills, 1):
        assert after(*fills[:count]).last_execution_id == booked.execution_id


def test_an_add_and_a_partial_close_leave_the_time_under_water_running() -> None:
    wet = track(after(fill("2", "5000")), Decimal(4999), ES, at(10))
    for more in (fill("1", "4999", time=at(20)), fill("-1", "4999", time=at(20))):
        position = apply_fill(wet, more, ES).after
        assert position is not None
        assert said(position.heat_since, position.heat_total_s) == (at(10), 0)


def test_an_add_whose_distance_has_no_money_leaves_the_risk_unknown() -> None:
    planned = replace(after(fill("1")), initial_risk=Decimal(500), stop_price=Decimal(4990))
    more = apply_fill(planned, fill("1"), Instrument("ESZ6")).after
    assert more is not None
    assert more.initial_risk is None


def test_the_cash_of_a_fill_is_what_it_realised_less_its_own_cost() -> None:
    opened = applied(fill("2", "5000", "3"))
    assert said(opened.cash, opened.currency) == (-3, "USD")
    assert opened.after is not None
    taken = apply_fill(opened.after, fill("-1", "5010", "2"), ES)
    assert taken.cash == 498
    assert taken.after is not None
    assert apply_fill(taken.after, fill("-1", "4990", "1"), ES).cash == -501
    assert apply_fill(taken.after, fill("-1", "4990", None), ES).cash == -500


def test_the_cash_of_what_is_not_known_is_nothing() -> None:
    bare = Instrument("ESZ6")
    opened = applied(fill("2", "5000", "3"), instrument=bare)
    assert said(opened.cash, opened.currency) == (-3, "")
    assert opened.after is not None
    assert apply_fill(opened.after, fill("-1", "5010", None), bare).cash == 0
    assert apply_fill(revalue(opened.after, ES), fill("-2", "5010", "2"), ES).currency == "USD"
    assert apply_fill(after(fill("2")), fill("-2", None), ES).cash == -2


def test_a_change_carries_the_fill_its_legs_and_what_was_before() -> None:
    opening, adding, reducing = fill("2"), fill("1", "5001"), fill("-1", "5002")
    opened = applied(opening)
    assert said(opened.fill, opened.legs, opened.before, opened.trade) == (opening, (opening,), None, None)
    held = opened.after
    assert held is not None
    for more in (adding, reducing):
        change = apply_fill(held, more, ES)
        assert said(change.fill, change.legs, change.before, change.trade) == (more, (more,), held, None)


def test_costs_and_fractions_of_entries_add_up() -> None:
    position = after(fill("0.5", "5000", "2"), fill("0.25", "5006", "1"))
    assert said(position.side_word, position.commissions, position.opened_value) == ("LONG", 3, Decimal("3751.5"))
    assert position.entry_price == 5002
    # A part is closed, so the average is of what is open and not of the sums.
    assert after(fill("0.5", "5000"), fill("-0.25", "5000"), fill("0.25", "5006")).entry_price == 5003


def test_the_trade_of_a_round_trip_is_told_whole() -> None:
    held = track(after(fill("2", "5000", "2")), Decimal(4990), ES, at(10))
    held = track(held, Decimal(5010), ES, at(20))
    change = apply_fill(held, fill("-2", "5004", "3", time=at(30)), ES)
    assert change.trade == Trade(
        key=KEY,
        direction=1,
        quantity=Decimal(2),
        entry_price=Decimal(5000),
        exit_price=Decimal(5004),
        entry_time=START,
        exit_time=at(30),
        realized_pnl=Decimal(400),
        commissions=Decimal(5),
        initial_risk=None,
        mae=Decimal(1000),
        mfe=Decimal(1000),
        extremes_complete=True,
        currency="USD",
        exit_reason="",
        source=FillSource.OURS,
        heat_total_s=10,
        heat_max_s=10,
    )


def test_the_price_of_a_fill_widens_the_extremes_and_never_narrows_them() -> None:
    held = track(track(after(fill("2", "5000")), Decimal(4990), ES, at(10)), Decimal(5010), ES, at(20))
    for price, low, high in (("5004", 4990, 5010), ("4980", 4980, 5010), ("5020", 4990, 5020)):
        position = apply_fill(held, fill("-1", price), ES).after
        assert position is not None
        assert said(position.min_price, position.max_price, position.extremes_complete) == (low, high, True)


@pytest.mark.parametrize(
    ("cost", "closing", "rest"), [("3", "1.00", "2.00"), ("6", "2.00", "4.00"), (None, None, None)]
)
def test_a_cost_is_split_over_a_reversal_by_quantity(cost: str | None, closing: str | None, rest: str | None) -> None:
    first, second = apply_fill(after(fill("2")), fill("-6", "5000", cost), ES).legs
    wanted = [None if one is None else Decimal(one) for one in (closing, rest)]
    assert [first.commission, second.commission] == wanted
