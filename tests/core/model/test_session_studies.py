"""What the trades of a session add up to, held against sums done the long way."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from core.model.contract import product_of
from core.model.market import Aggressor, Tick
from core.model.session import trading_day
from core.model.session_studies import SessionCount, SessionStudies

ES = "ESZ26_FUT_CME"
# Friday 20 November 2026, 09:12 in Chicago; the trading day of ES ends at 17:00.
START = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
TURN = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
BUYER, SELLER, NOBODY = Aggressor.BUYER, Aggressor.SELLER, Aggressor.UNKNOWN


def tick(price: str, volume: str = "1", side: Aggressor = BUYER, at: datetime = START) -> Tick:
    return Tick(ES, Decimal(price), Decimal(volume), side, at, at)


def counted(ticks: Iterable[Tick], symbol: str = ES) -> SessionStudies:
    count = SessionCount(symbol)
    count.add(ticks)
    return known(count)


def known(count: SessionCount) -> SessionStudies:
    found = count.studies()
    assert found is not None
    return found


def said(*figures: object) -> tuple[object, ...]:
    return figures


def test_before_the_first_trade_there_is_nothing() -> None:
    assert SessionCount(ES).studies() is None


def test_vwap_weighs_each_price_by_its_volume() -> None:
    assert counted([tick("5000", "1"), tick("5001", "3")]).vwap == Decimal("5000.75")


def test_delta_is_bought_less_sold_and_the_rest_is_kept_apart() -> None:
    found = counted([tick("5000", "5"), tick("5000", "7", SELLER), tick("5000", "2", NOBODY)])
    assert said(found.delta, found.sideless, found.volume) == (-2, 2, 14)


def test_delta_is_unknown_where_no_trade_tells_its_side_and_zero_where_they_cancel() -> None:
    assert counted([tick("5000", "2", NOBODY)]).delta is None
    assert counted([tick("5000", "2"), tick("5000", "2", SELLER)]).delta == 0


def test_the_point_of_control_is_the_price_of_the_most_volume_not_of_the_most_trades() -> None:
    trades = [tick("5000"), tick("5000"), tick("5000.25", "9"), tick("5000", "3")]
    assert counted(trades).poc == Decimal("5000.25")


def test_of_several_points_of_control_the_nearest_to_the_vwap_holds_then_the_lower() -> None:
    # The VWAP is 5001.125: 5001 is nearer than 5000 and 5002.
    assert counted([tick("5000", "4"), tick("5001", "4"), tick("5002", "4"), tick("5003", "1")]).poc == 5001
    assert counted([tick("5002", "4"), tick("5000", "4")]).poc == 5000


def test_a_point_of_control_that_is_overtaken_is_one_no_more() -> None:
    assert (
        counted([tick("5000", "4"), tick("5002", "4"), tick("5002", "1"), tick("5000", "1"), tick("5002")]).poc == 5002
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("at_once", [1, 7, 400])
def test_every_figure_is_what_the_long_way_gives_however_the_trades_are_handed_over(seed: int, at_once: int) -> None:
    rng = random.Random(seed)
    sides = (BUYER, SELLER, NOBODY)
    trades = [
        tick(
            str(Decimal(20000 + rng.randint(-9, 9)) / 4),
            str(Decimal(rng.randint(1, 400)) / 100),
            rng.choice(sides),
            START + timedelta(seconds=number),
        )
        for number in range(400)
    ]
    count = SessionCount(ES)
    for first in range(0, len(trades), at_once):
        count.add(trades[first : first + at_once])
    found = known(count)
    total = sum((Fraction(one.volume) for one in trades), Fraction(0))
    mean = sum(Fraction(one.price) * Fraction(one.volume) for one in trades) / total
    at_price: dict[Decimal, Decimal] = {}
    for one in trades:
        at_price[one.price] = at_price.get(one.price, Decimal(0)) + one.volume
    most = max(at_price.values())
    tied = [price for price, volume in at_price.items() if volume == most]
    assert found.vwap == rounded_once(mean)
    assert found.poc == min(tied, key=lambda price: (abs(Fraction(price) - mean), price))
    bought, sold = (
        sum((one.volume for one in trades if one.aggressor is side), Decimal(0)) for side in (BUYER, SELLER)
    )
    assert said(found.volume, found.delta, found.ticks) == (total, bought - sold, 400)
    assert said(found.since, found.day) == (START, date(2026, 11, 20))


def rounded_once(exact: Fraction) -> Decimal:
    """Return the nearest of 28 digits."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def test_the_sums_are_exact_over_amounts_that_28_digits_cannot_hold() -> None:
    # Each of the small ones is less than half of the last digit of the large one.
    trades = [tick("99999999.99999999", "99999999.99999999"), *[tick("0.00000004", "0.00001")] * 1000]
    exact = sum((Fraction(one.price) * Fraction(one.volume) for one in trades), Fraction(0))
    found = counted(trades)
    assert found.vwap == rounded_once(exact / Fraction(found.volume))


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_the_next_trading_day_begins_at_nothing() -> None:
    count = SessionCount(ES)
    count.add([tick("5000", "9"), tick("5100", "2", at=SUNDAY), tick("5101", "2", at=SUNDAY)])
    found = known(count)
    assert said(found.vwap, found.volume, found.day) == (Decimal("5100.5"), 4, date(2026, 11, 23))
    assert found.since == SUNDAY


def test_the_first_session_is_not_whole_and_one_that_began_under_our_eyes_is() -> None:
    count = SessionCount(ES)
    count.add([tick("5000")])
    assert not known(count).is_whole
    count.add([tick("5000", at=SUNDAY)])
    assert known(count).is_whole


def test_a_session_ends_when_its_day_does_and_not_a_microsecond_before() -> None:
    step = timedelta(microseconds=1)
    assert counted([tick("5000"), tick("5000", at=TURN - step)]).ticks == 2
    assert counted([tick("5000"), tick("5000", at=TURN)]).ticks == 1


def test_what_trades_over_a_weekend_is_of_the_day_to_come() -> None:
    saturday = SUNDAY - timedelta(days=1)
    found = counted([tick("5000", at=saturday), tick("5000", at=SUNDAY), tick("5000", at=SUNDAY + timedelta(hours=1))])
    assert said(found.ticks, found.since) == (3, saturday)


def test_the_end_of_the_day_by_our_clock_follows_how_late_trades_are_told() -> None:
    replayed = replace(tick("5000"), received_at=START + timedelta(days=100))
    assert counted([replayed]).ends_at == TURN + timedelta(days=100)


def test_a_perpetual_begins_anew_at_midnight_utc() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert counted([tick("5000"), tick("5000", at=midnight)], "BTC-PERP").since == midnight


def test_a_symbol_nobody_knows_has_the_day_of_utc() -> None:
    assert counted([tick("5000")], "XYZ").until == datetime(2026, 11, 21, tzinfo=UTC)


def test_a_trade_of_the_day_before_that_is_told_late_is_left_out() -> None:
    found = counted([tick("5000"), tick("5100", at=SUNDAY), tick("4000", at=SUNDAY - timedelta(minutes=1))])
    # Sunday before the opening belongs to Monday already, so it counts there;
    assert found.ticks == 2
    turn = datetime(2026, 11, 23, 23, tzinfo=UTC)
    late = tick("4000", at=turn - timedelta(seconds=1))
    found = counted([tick("5100", at=SUNDAY), tick("5200", at=turn), late, tick("5200", at=turn)])
    # but the last second of Monday told on Tuesday counts nowhere.
    assert said(found.ticks, found.vwap, found.since) == (2, 5200, turn)


def test_a_clock_that_was_set_back_begins_a_session_that_is_not_whole() -> None:
    found = counted([tick("5000", at=SUNDAY), tick("5001", at=START)])
    assert said(found.ticks, found.day, found.is_whole) == (1, date(2026, 11, 20), False)


@pytest.mark.parametrize("first", [START, datetime.max.replace(tzinfo=UTC)])
def test_a_date_beyond_the_calendar_is_left_out(first: datetime) -> None:
    found = counted([tick("5000", at=first), tick("5100", at=datetime.max.replace(tzinfo=UTC)), tick("5200")])
    assert found.since == START and found.vwap == (5100 if first == START else 5200)


def test_a_trade_a_little_out_of_order_counts_and_moves_the_beginning() -> None:
    found = counted([tick("5000"), tick("5001", at=START - timedelta(seconds=1))])
    assert said(found.ticks, found.since) == (2, START - timedelta(seconds=1))


# -- gaps -------------------------------------------------------------------------------------------------------------


def test_a_gap_is_dated_by_the_first_trade_after_it() -> None:
    count = SessionCount(ES)
    count.add([tick("5000"), tick("5000", at=SUNDAY)])
    assert count.miss() and not count.miss()
    assert said(known(count).missed_at, known(count).is_whole, known(count).missed_after(SUNDAY)) == (None, False, True)
    count.add([tick("5000", at=SUNDAY + timedelta(minutes=5)), tick("5000", at=SUNDAY + timedelta(minutes=6))])
    found = known(count)
    assert said(found.missed_at, found.is_whole) == (SUNDAY + timedelta(minutes=5), False)
    assert found.missed_after(SUNDAY) and not found.missed_after(SUNDAY + timedelta(minutes=6))


def test_a_gap_over_the_turn_of_the_day_leaves_the_new_one_not_whole_and_without_a_gap() -> None:
    count = SessionCount(ES)
    count.add([tick("5000")])
    count.miss()
    count.add([tick("5000", at=SUNDAY)])
    found = known(count)
    assert said(found.is_whole, found.missed_at) == (False, None)


def test_the_figures_hold_from_the_last_trade_to_the_end_of_the_day_and_in_no_gap() -> None:
    count = SessionCount(ES)
    count.add([tick("5000"), tick("5000", at=START + timedelta(hours=1))])
    hour = START + timedelta(hours=1)
    moments = (
        START - timedelta(minutes=1),
        START,
        hour - timedelta(seconds=3),
        hour,
        TURN - timedelta(seconds=1),
        TURN,
    )
    assert [known(count).hold_at(moment) for moment in moments] == [False, False, True, True, True, False]
    count.miss()
    assert not known(count).hold_at(hour)


@pytest.mark.parametrize("symbol", [ES, "BTC-PERP"])
def test_the_end_of_a_day_is_the_moment_the_calendar_turns_over_a_whole_year(symbol: str) -> None:
    product = product_of(symbol)
    assert product is not None
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    while moment < datetime(2027, 1, 1, tzinfo=UTC):
        until = counted([tick("5000", at=moment)], symbol).until
        day, after = (trading_day(one, product.hours) for one in (until - timedelta(microseconds=1), until))
        assert (day, after > day) == (trading_day(moment, product.hours), True)
        moment += timedelta(hours=13)
