"""Each limit is judged by its own numbers, to the cent and to the second, and says them."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.guard_day import GuardFigures, GuardState, day_result, noted, on_day
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.guards import GuardLevel, GuardVerdict, floor_words, gauge_of, judge, judged, strictest
from core.model.trading_day import CHICAGO, day_start

D = Decimal
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = day_start(NOW)
STATE = GuardState(DAY, carried=D(0), start=D(50000), close_peak=D(50000), peak=D(50000))
MONEY = st.decimals(-5000, 5000, places=2)


def figures(open_pnl: str | Decimal = "0", **changes: object) -> GuardFigures:
    return replace(GuardFigures(balance=D(50000), currency="USD", open_pnl=D(open_pnl)), **changes)  # type: ignore[arg-type]


def only(rules: GuardRules, now: GuardFigures, state: GuardState = STATE, at: datetime = NOW) -> GuardVerdict:
    (verdict,) = judge(rules, now, state, at)
    return verdict


# -- levels and boundaries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_pnl", "level"),
    [
        ("250", GuardLevel.OK),
        ("0", GuardLevel.OK),
        ("-499.99", GuardLevel.OK),
        ("-500", GuardLevel.AMBER),
        ("-749.99", GuardLevel.AMBER),
        ("-750", GuardLevel.RED),
        ("-899.99", GuardLevel.RED),
        ("-900", GuardLevel.ALARM),
        ("-999.99", GuardLevel.ALARM),
        ("-1000", GuardLevel.BREACHED),
        ("-1000.01", GuardLevel.BREACHED),
    ],
)
def test_a_limit_is_amber_at_half_red_at_three_quarters_an_alarm_at_nine_tenths(
    open_pnl: str, level: GuardLevel
) -> None:
    assert only(GuardRules(day_loss=D(1000)), figures(open_pnl)).level is level


def test_what_was_closed_and_what_is_open_count_together() -> None:
    verdict = only(GuardRules(day_loss=D(500)), figures("-300", day_net=D(-150)))
    assert verdict.used == 450 and verdict.left == 50 and not verdict.breached
    assert verdict.text == "The day has lost 450.00 USD of 500.00 USD."


@pytest.mark.parametrize(
    ("action", "refuses", "locks"),
    [(GuardAction.WARN, False, False), (GuardAction.BLOCK, True, True), (GuardAction.FLATTEN, True, True)],
)
def test_what_follows_is_what_was_chosen(action: GuardAction, refuses: bool, locks: bool) -> None:
    verdict = only(GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: action}), figures("-500"))
    assert (verdict.refuses, verdict.locks) == (refuses, locks)


def test_a_refusal_names_the_time_of_release() -> None:
    verdict = only(GuardRules(day_loss=D(500)), figures("-500"))
    assert verdict.refusal.endswith("Entries open again at the session reset, 17:00 in Chicago.")


@given(best=MONEY, now=MONEY, back=st.decimals("0.01", 3000, places=2), since=st.decimals(0, 3000, places=2))
def test_given_back_profit_never_counts_below_nothing(
    best: Decimal, now: Decimal, back: Decimal, since: Decimal
) -> None:
    best = max(D(0), best, now)
    state = replace(STATE, best=best)
    found = judge(GuardRules(profit_floor=ProfitFloor(back, since)), figures(now), state, NOW)
    if best < max(back, since):
        assert found == ()
        return
    (verdict,) = found
    assert verdict.breached == (now <= best - back)


# -- the three shapes of a floor ---------------------------------------------------------------------------------------

DAYS = st.lists(st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=6), min_size=1, max_size=5)


def lived(days: list[list[tuple[Decimal, Decimal]]]) -> tuple[GuardState, GuardFigures, list[Decimal], list[Decimal]]:
    """Live days of (closed today, open) from 50 000; return the state, the last figures, every equity, every close."""
    state: GuardState | None = None
    balance, equities, closes = D(50000), [], [D(50000)]
    now = GuardFigures()
    for number, steps in enumerate(days):
        at = DAY + timedelta(days=number, hours=2)
        for closed, opened in steps:
            now = GuardFigures(balance=balance + closed, day_net=closed, open_pnl=opened)
            equities.append(now.equity)
            state = noted(on_day(state, at, GuardRules()), now, at)
        balance += steps[-1][0]
        if number < len(days) - 1:
            closes.append(balance)
    assert state is not None
    return state, now, equities, closes


def floor_of(rule: PropFloor, state: GuardState, now: GuardFigures) -> Decimal:
    gauge = gauge_of(now, replace(state, rules=(GuardRules(prop_floor=rule),)))
    assert gauge is not None
    assert gauge.distance == now.equity - gauge.floor
    return gauge.floor


@given(days=DAYS)
def test_a_static_floor_never_moves(days: list[list[tuple[Decimal, Decimal]]]) -> None:
    state, now, _, _ = lived(days)
    assert floor_of(PropFloor(FloorShape.STATIC, D(2000), start=D(50000)), state, now) == 48000


@given(days=DAYS)
def test_an_end_of_day_floor_hangs_from_the_best_closed_day(days: list[list[tuple[Decimal, Decimal]]]) -> None:
    state, now, _, closes = lived(days)
    assert floor_of(PropFloor(FloorShape.END_OF_DAY, D(2000), start=D(50000)), state, now) == max(closes) - 2000


@given(days=DAYS)
def test_an_intraday_floor_hangs_from_the_best_moment_and_stops_where_it_freezes(
    days: list[list[tuple[Decimal, Decimal]]],
) -> None:
    state, now, equities, _ = lived(days)
    best = max(D(50000), *equities)
    assert floor_of(PropFloor(FloorShape.INTRADAY, D(2000), start=D(50000)), state, now) == best - 2000
    frozen = PropFloor(FloorShape.INTRADAY, D(2000), start=D(50000), freeze=D(50100))
    assert floor_of(frozen, state, now) == min(D(50100), best - 2000)


@given(days=DAYS, more=MONEY)
def test_no_floor_ever_falls(days: list[list[tuple[Decimal, Decimal]]], more: Decimal) -> None:
    state, now, _, _ = lived(days)
    later = GuardFigures(balance=now.balance + more, day_net=now.day_net + more, open_pnl=now.open_pnl)
    after = noted(state, later, DAY + timedelta(days=9))
    for shape in FloorShape:
        rule = PropFloor(shape, D(2000), start=D(50000))
        assert floor_of(rule, after, later) >= floor_of(rule, state, now)


@given(days=DAYS)
def test_what_is_noted_twice_is_noted_once(days: list[list[tuple[Decimal, Decimal]]]) -> None:
    state, now, _, _ = lived(days)
    at = DAY + timedelta(days=len(days) - 1, hours=2)
    assert noted(state, now, at) == state


@pytest.mark.parametrize(("equity", "breached"), [("48000.01", False), ("48000", True), ("47999.99", True)])
def test_the_floor_itself_is_a_breach_and_a_cent_above_is_not(equity: str, breached: bool) -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(2000), start=D(50000)))
    verdict = only(rules, figures(balance=D(equity)))
    assert verdict.breached is breached


def test_a_peak_from_before_this_program_counts() -> None:
    rule = PropFloor(FloorShape.INTRADAY, D(2000), start=D(50000), peak=D(51500), freeze=D(50100))
    assert floor_of(rule, STATE, figures()) == 49500
    assert floor_words(rule) == "intraday trailing, freezes at 50 100"


def test_beyond_a_frozen_floor_the_distance_may_be_more_than_the_rule_says() -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), freeze=D(50100)))
    verdict = only(rules, figures(balance=D(56000)), replace(STATE, peak=D(56000)))
    assert verdict.used == 0 and verdict.share == 0


# -- counts and times --------------------------------------------------------------------------------------------------


def test_the_last_trade_is_no_breach_and_the_one_after_is() -> None:
    rules = GuardRules(trades=2)
    full, over = only(rules, figures(trades=2)), only(rules, figures(trades=3))
    assert (full.refuses, full.breached, over.breached) == (True, False, True)
    assert not only(rules, figures(trades=2, at_risk=True)).refuses


def test_no_trades_at_all_may_be_allowed() -> None:
    assert only(GuardRules(trades=0), figures()).refuses


def at_chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("flat_by", "now", "begins"),
    [
        (time(15, 10), "2026-11-20T09:00", "2026-11-20T15:10"),
        (time(15, 10), "2026-11-19T17:00", "2026-11-20T15:10"),  # the evening before is of the same day
        (time(15, 10), "2026-11-20T16:59", "2026-11-20T15:10"),
        (time(17, 0), "2026-11-19T20:00", "2026-11-19T17:00"),
        (time(20, 0), "2026-11-20T09:00", "2026-11-19T20:00"),
        (time(16, 59), "2026-11-20T09:00", "2026-11-20T16:59"),
        (time(15, 10), "2026-03-08T09:00", "2026-03-08T15:10"),  # the clocks went forward in the night
        (time(15, 10), "2026-11-01T09:00", "2026-11-01T15:10"),  # they went back
    ],
)
def test_the_time_to_be_flat_by_is_wall_time_in_chicago_of_the_trading_day(
    flat_by: time, now: str, begins: str
) -> None:
    state = on_day(None, at_chicago(now), GuardRules())
    verdict = only(GuardRules(flat_by=flat_by), figures(), state, at_chicago(now))
    assert verdict.begins_at == at_chicago(begins)


def test_from_the_second_on_it_is_refused_and_with_something_open_it_is_a_breach() -> None:
    rules = GuardRules(flat_by=time(15, 10))
    begins = at_chicago("2026-11-20T15:10")
    before = only(rules, figures(at_risk=True), at=begins - timedelta(seconds=1))
    flat, held = only(rules, figures(), at=begins), only(rules, figures(at_risk=True), at=begins)
    assert (before.refuses, before.breached) == (False, False)
    assert (flat.refuses, flat.breached) == (True, False)
    assert (held.refuses, held.breached, held.locks) == (True, True, False)


@pytest.mark.parametrize(
    ("minutes", "level"), [(31, GuardLevel.OK), (30, GuardLevel.AMBER), (15, GuardLevel.RED), (6, GuardLevel.ALARM)]
)
def test_a_countdown_presses_in_its_last_half_hour(minutes: int, level: GuardLevel) -> None:
    at = at_chicago("2026-11-20T15:10") - timedelta(minutes=minutes)
    assert only(GuardRules(flat_by=time(15, 10)), figures(), at=at).level is level


def test_a_news_window_holds_its_first_moment_and_not_its_last() -> None:
    begins, ends = NOW, NOW + timedelta(minutes=5)
    rules = GuardRules(news=(NewsWindow(begins, ends),))
    second = timedelta(seconds=1)
    assert not only(rules, figures(), at=begins - second).refuses
    assert only(rules, figures(), at=begins).refuses and only(rules, figures(), at=ends - second).refuses
    assert judge(rules, figures(), STATE, ends) == ()


def test_news_of_another_day_is_not_shown() -> None:
    tomorrow = NewsWindow(NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=5))
    assert judge(GuardRules(news=(tomorrow,)), figures(), STATE, NOW) == ()


# -- what is not known -------------------------------------------------------------------------------------------------


def test_of_unknown_money_nothing_is_judged_and_counts_are() -> None:
    rules = GuardRules(D(1), ProfitFloor(D(1)), PropFloor(FloorShape.STATIC, D(1)), trades=3, size=D(2))
    found = judge(rules, GuardFigures(unknown="Guard paused: data stale"), STATE, NOW)
    assert {one.guard for one in found} == {Guard.TRADES, Guard.SIZE}
    assert gauge_of(GuardFigures(unknown="?"), replace(STATE, rules=(rules,))) is None


def test_unknown_money_moves_no_mark() -> None:
    assert noted(STATE, GuardFigures(unknown="?", trades=2), NOW) == replace(STATE, trades=2)


# -- the day -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "reset"),
    [
        ("2026-11-20T16:59:59", "2026-11-20T17:00:00", "2026-11-21T17:00:00"),
        ("2026-03-07T16:59:59", "2026-03-07T17:00:00", "2026-03-08T17:00:00"),  # 23 hours
        ("2026-10-31T16:59:59", "2026-10-31T17:00:00", "2026-11-01T17:00:00"),  # 25 hours
    ],
)
def test_the_day_begins_anew_at_five_in_chicago_and_marks_of_a_floor_stay(before: str, after: str, reset: str) -> None:
    old = noted(on_day(None, at_chicago(before), GuardRules()), figures("700", trades=2), at_chicago(before))
    assert old.resets_at == at_chicago(after)
    same, new = on_day(old, at_chicago(before), GuardRules()), on_day(old, at_chicago(after), GuardRules())
    assert same == old
    assert new.best == new.trades == 0 and new.carried is None and not new.to_flatten
    assert (new.peak, new.start) == (old.peak, old.start)
    assert new.resets_at == at_chicago(reset)


def test_a_clock_that_was_set_back_does_not_begin_a_day_anew() -> None:
    state = replace(STATE, best=D(500), trades=4)
    assert on_day(state, NOW - timedelta(days=2), GuardRules()) == replace(state, rules=(GuardRules(),))


def test_open_profit_that_came_over_the_reset_is_not_of_the_day() -> None:
    fresh = on_day(None, DAY, GuardRules())
    state = noted(fresh, figures("400"), DAY + timedelta(seconds=1))
    assert day_result(state, figures("100")) == -300
    later = noted(fresh, figures("400"), DAY + timedelta(hours=1))
    assert day_result(later, figures("100")) == 100


# -- several sets of rules ---------------------------------------------------------------------------------------------

LIMITS = st.lists(st.decimals(1, 2000, places=2), min_size=1, max_size=5)


@given(limits=LIMITS, loss=st.decimals(0, 2500, places=2))
def test_within_a_day_only_the_tightest_ever_set_counts(limits: list[Decimal], loss: Decimal) -> None:
    state = replace(STATE, rules=())
    for limit in limits:
        state = on_day(state, NOW, GuardRules(day_loss=limit))
    (verdict,) = strictest(judged(figures(-loss), state, NOW))
    assert verdict.breached == (loss >= min(limits))
    tomorrow = on_day(state, NOW + timedelta(days=1), GuardRules(day_loss=limits[-1]))
    assert tomorrow.rules == (GuardRules(day_loss=limits[-1]),)


def test_a_milder_action_does_not_count_before_the_next_session() -> None:
    harsh = GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: GuardAction.FLATTEN})
    mild = GuardRules(day_loss=D(500), actions={Guard.DAY_LOSS: GuardAction.WARN})
    state = on_day(on_day(None, NOW, harsh), NOW, mild)
    (verdict,) = strictest(judged(figures("-500"), replace(STATE, rules=state.rules), NOW))
    assert verdict.action is GuardAction.FLATTEN
