"""What each limit says, to the word: its numbers, what it refuses, until when, and how its floor is drawn."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from core.model.guard_day import GuardFigures, GuardState, begun_anew, next_reset, noted, on_day
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.guards import AccountGuards, FloorGauge, GuardLevel, GuardVerdict, gauge_of, judge, judged, strictest
from core.model.scope import AccountKey
from core.model.trading_day import day_start

D = Decimal
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = day_start(NOW)
RESET = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
STATE = GuardState(DAY, carried=D(0), start=D(50000), close_peak=D(50000), peak=D(50000))
BLOCK = GuardAction.BLOCK
MINUTE = timedelta(minutes=1)


def figures(**changes: Any) -> GuardFigures:
    return replace(GuardFigures(balance=D(50000), currency="USD"), **changes)


def only(rules: GuardRules, now: GuardFigures, state: GuardState = STATE, at: datetime = NOW) -> GuardVerdict:
    (verdict,) = judge(rules, now, state, at)
    return verdict


def test_a_loss_of_the_day() -> None:
    assert only(GuardRules(day_loss=D(1000)), figures(open_pnl=D(-1250))) == GuardVerdict(
        Guard.DAY_LOSS, "day loss", BLOCK, D(1250), D(1000), D("1.25"), True, True, RESET,
        "The day has lost 1,250.00 USD of 1,000.00 USD.",
    )  # fmt: skip
    assert only(GuardRules(day_loss=D(1000)), figures(open_pnl=D(50))).used == 0


def test_profit_given_back() -> None:
    rules, state = GuardRules(profit_floor=ProfitFloor(D(300), D(500))), replace(STATE, best=D(800))
    assert only(rules, figures(day_net=D(600)), state) == GuardVerdict(
        Guard.PROFIT_FLOOR, "profit floor", BLOCK, D(200), D(300), D(200) / D(300), False, False, RESET,
        "Of the day's best, 800.00 USD, 200.00 USD is given back; 300.00 USD may be.",
    )  # fmt: skip
    assert only(rules, figures(day_net=D(900)), state).used == 0
    assert judge(rules, figures(), replace(STATE, best=D("499.99")), NOW) == ()
    assert only(rules, figures(), replace(STATE, best=D(500))).breached


def test_a_prop_floor() -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.END_OF_DAY, D(2000)))
    assert only(rules, figures(open_pnl=D(-500))) == GuardVerdict(
        Guard.PROP_FLOOR, "prop floor", BLOCK, D(500), D(2000), D("0.25"), False, False, RESET,
        "Equity 49,500.00 USD is 1,500.00 USD from the floor 48,000.00 USD (end of day trailing).",
    )  # fmt: skip
    assert only(rules, figures(open_pnl=D(-500), currency="")).text.startswith("Equity 49,500.00 is 1,500.00 from")
    for mark in ("start", "close_peak", "peak"):
        unmarked: dict[str, Any] = {mark: None}
        assert judge(rules, figures(), replace(STATE, **unmarked), NOW) == ()


def test_trades_of_the_day() -> None:
    assert only(GuardRules(trades=4), figures(trades=1), replace(STATE, trades=3)) == GuardVerdict(
        Guard.TRADES, "trades", BLOCK, D(3), D(4), D("0.75"), False, False, RESET, "3 of 4 trades of the day are begun."
    )
    none = only(GuardRules(trades=0), figures())
    assert (none.share, none.refuses, none.breached, none.left) == (D(1), True, False, D(0))
    warned = GuardRules(trades=1, actions={Guard.TRADES: GuardAction.WARN})
    assert not only(warned, figures(trades=1)).refuses


def test_contracts() -> None:
    full = only(GuardRules(size=D(4)), figures(size=D(4)))
    assert full == GuardVerdict(
        Guard.SIZE, "size", BLOCK, D(4), D(4), D(1), False, False, RESET,
        "4 of 4 contracts are used, working and unknown entries counted.",
    )  # fmt: skip
    over = only(GuardRules(size=D(4)), figures(size=D(5)))
    assert (over.breached, over.refuses, over.left, full.left) == (True, False, D(0), D(0))


def test_the_time_to_be_flat_by() -> None:
    begins = datetime(2026, 11, 20, 21, 10, tzinfo=UTC)
    rules = GuardRules(flat_by=time(15, 10))
    assert only(rules, figures(at_risk=True), at=begins) == GuardVerdict(
        Guard.FLAT_BY, "flat by", BLOCK, None, None, D(1), True, True, RESET, "Flat by 15:10 in Chicago.", begins
    )
    assert only(rules, figures(), at=begins).refusal.startswith("Flat by 15:10 in Chicago. Entries open again at the")
    assert only(rules, figures(), at=begins - 31 * MINUTE).share == 0
    assert not only(rules, figures(at_risk=True), at=RESET).refuses
    warned = replace(rules, actions={Guard.FLAT_BY: GuardAction.WARN})
    assert not only(warned, figures(), at=begins).refuses


def test_news() -> None:
    begins, ends = NOW + 10 * MINUTE, NOW + 20 * MINUTE
    verdict = only(GuardRules(news=(NewsWindow(begins, ends),)), figures(at_risk=True))
    assert verdict == GuardVerdict(
        Guard.NEWS, f"news {begins.isoformat()}", BLOCK, None, None, D("0.75"), False, False, ends,
        "No entries around the news, 09:10 in Chicago.", begins,
    )  # fmt: skip
    assert verdict.refusal.endswith("09:10 in Chicago. Entries open again at 09:20 in Chicago.")


def test_news_at_the_edges_of_the_day_is_of_the_day_it_touches() -> None:
    for begins, ends, shown in (
        (RESET - MINUTE, RESET + MINUTE, True),
        (RESET, RESET + MINUTE, False),
        (DAY - MINUTE, DAY + MINUTE, True),
        (DAY - MINUTE, DAY, False),
    ):
        rules = GuardRules(news=(NewsWindow(begins, ends),))
        assert bool(judge(rules, figures(), STATE, DAY - 2 * MINUTE)) is shown


def test_only_what_costs_money_locks_when_it_blocks_and_everything_when_it_flattens() -> None:
    for guard in Guard:
        money = guard in (Guard.DAY_LOSS, Guard.PROFIT_FLOOR, Guard.PROP_FLOOR)
        for action, locks in ((GuardAction.WARN, False), (BLOCK, money), (GuardAction.FLATTEN, True)):
            verdict = GuardVerdict(guard, "", action, D(1), D(1), D(1), True, False, RESET, "")
            assert verdict.locks is locks
            assert not replace(verdict, breached=False).locks


def test_what_is_left_is_unknown_of_a_time() -> None:
    verdict = GuardVerdict(Guard.SIZE, "", BLOCK, D(1), D(4), D(0), False, False, RESET, "")
    assert verdict.left == 3
    assert replace(verdict, used=None).left is None
    assert replace(verdict, limit=None).left is None


# -- the strictest word ------------------------------------------------------------------------------------------------


def test_the_strictest_word_refuses_then_breaches_then_is_nearest_then_acts() -> None:
    mild = GuardVerdict(Guard.DAY_LOSS, "day loss", GuardAction.WARN, D(1), D(2), D("0.5"), False, False, RESET, "")
    ladder = [
        mild,
        replace(mild, action=BLOCK),
        replace(mild, action=GuardAction.FLATTEN),
        replace(mild, share=D("0.6")),
        replace(mild, breached=True),
        replace(mild, refuses=True),
    ]
    for lower, upper in pairwise(ladder):
        assert strictest((lower, upper)) == strictest((upper, lower)) == (upper,)
    first, second = replace(mild, text="first"), replace(mild, text="second")
    assert strictest((first, second)) == (first,)


def test_limits_stand_in_the_order_of_the_guards_and_occasions_by_time() -> None:
    late, early = NewsWindow(NOW + 9 * MINUTE, NOW + 10 * MINUTE), NewsWindow(NOW + MINUTE, NOW + 2 * MINUTE)
    rules = GuardRules(
        day_loss=D(1),
        prop_floor=PropFloor(FloorShape.STATIC, D(2000)),
        trades=3,
        size=D(2),
        flat_by=time(15),
        news=(late, early),
    )
    found = strictest(tuple(reversed(judge(rules, figures(), STATE, NOW))))
    assert [one.guard for one in found] == [
        Guard.DAY_LOSS, Guard.PROP_FLOOR, Guard.TRADES, Guard.SIZE, Guard.FLAT_BY, Guard.NEWS, Guard.NEWS,
    ]  # fmt: skip
    assert [one.begins_at for one in found[-2:]] == [early.begins_at, late.begins_at]
    guards = AccountGuards(AccountKey("sim", "Sim1"), found, RESET)
    assert guards.verdict(Guard.NEWS) == found[-2]
    assert guards.verdict(Guard.PROFIT_FLOOR) is None


def test_every_set_of_rules_of_the_day_is_judged() -> None:
    state = replace(STATE, rules=(GuardRules(day_loss=D(5)), GuardRules(trades=3), GuardRules()))
    assert [one.guard for one in judged(figures(), state, NOW)] == [Guard.DAY_LOSS, Guard.TRADES]


# -- the gauge ---------------------------------------------------------------------------------------------------------


def test_the_nearest_floor_is_drawn() -> None:
    far = GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(3000)))
    near = GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), freeze=D(50100)))
    state = replace(STATE, peak=D(51000), rules=(far, near, GuardRules()))
    now = figures(open_pnl=D(-500), ticks=D("12.5"), held="2 MES")
    assert gauge_of(now, state) == FloorGauge(
        "intraday trailing, freezes at 50 100", D(49000), D(49500), D(51000), D(500), D(40), "2 MES", GuardLevel.RED
    )
    assert gauge_of(now, replace(state, rules=(near, far))) == gauge_of(now, state)
    flat = gauge_of(replace(now, ticks=None, held=""), replace(state, rules=(far,)))
    assert flat == FloorGauge("static", D(47000), D(49500), D(51000), D(2500), None, "", GuardLevel.OK)
    assert gauge_of(now, replace(state, rules=(GuardRules(),))) is None
    assert gauge_of(now, replace(state, peak=None)) is None


def test_the_peak_of_the_gauge_is_the_highest_of_what_was_seen_is_seen_and_was_told() -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), peak=D(52000)))
    for seen, worth, drawn in ((51000, 50000, 52000), (53000, 50000, 53000), (51000, 54000, 54000)):
        gauge = gauge_of(figures(balance=D(worth)), replace(STATE, peak=D(seen), rules=(rules,)))
        assert gauge is not None
        assert gauge.peak == drawn


# -- what is remembered ------------------------------------------------------------------------------------------------


def test_the_first_figures_of_a_day_are_its_marks_and_later_ones_raise_them() -> None:
    first = noted(GuardState(DAY), figures(day_net=D(100), open_pnl=D(40), trades=1), DAY + 2 * MINUTE)
    assert first == GuardState(
        DAY, carried=D(0), best=D(140), trades=1, start=D(50040), close_peak=D(49900), peak=D(50040)
    )
    up = noted(first, figures(balance=D(50200), day_net=D(200), best_above=D(30)), DAY + 3 * MINUTE)
    assert (up.best, up.peak, up.close_peak, up.start, up.trades) == (D(230), D(50230), D(50000), D(50040), 1)
    down = noted(up, figures(balance=D(49000), day_net=D(-1000)), DAY + 4 * MINUTE)
    assert down == up


def test_what_came_over_the_reset_is_never_of_the_day_however_late_it_is() -> None:
    over = noted(GuardState(DAY), figures(open_pnl=D(40)), DAY)
    assert (over.carried, over.best) == (D(40), D(0))
    later = noted(over, figures(day_net=D(30), open_pnl=D(100)), DAY + timedelta(hours=3))
    assert (later.carried, later.best) == (D(40), D(90))


def test_the_rules_wanted_now_stand_last_and_are_not_kept_twice() -> None:
    first, then = GuardRules(trades=1), GuardRules(trades=2)
    state = on_day(on_day(None, NOW, first), NOW, then)
    assert state.rules == (first, then)
    assert on_day(state, NOW, then) is state
    assert on_day(state, NOW, first).rules == (then, first)


def test_what_is_open_within_a_minute_of_the_reset_came_over_it() -> None:
    for after, carried in ((timedelta(0), 40), (MINUTE - timedelta(seconds=1), 40), (MINUTE, 0)):
        assert noted(GuardState(DAY), figures(open_pnl=D(40)), DAY + after).carried == carried


def test_an_account_begun_anew_keeps_its_day_and_its_trades_and_forgets_its_money() -> None:
    lived = replace(
        STATE, carried=D(40), best=D(500), trades=4, rules=(GuardRules(trades=4),), flattened=frozenset({"day loss"})
    )
    assert begun_anew(lived) == GuardState(
        DAY, lived.rules, carried=D(0), best=D(0), trades=4, flattened=frozenset({"day loss"})
    )


def test_the_next_reset_is_the_beginning_of_the_next_day() -> None:
    assert next_reset(NOW) == RESET
    assert next_reset(RESET - timedelta(seconds=1)) == RESET
    assert next_reset(RESET) == RESET + timedelta(days=1)
    assert STATE.resets_at == RESET


# -- the rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limit",
    [
        GuardRules(day_loss=D(1)),
        GuardRules(profit_floor=ProfitFloor(D(1))),
        GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(1))),
        GuardRules(trades=0),
        GuardRules(size=D(1)),
        GuardRules(flat_by=time(15)),
        GuardRules(news=(NewsWindow(NOW, RESET),)),
    ],
)
def test_rules_are_empty_only_without_any_limit(limit: GuardRules) -> None:
    assert not limit.is_empty
    assert GuardRules(actions={Guard.SIZE: GuardAction.WARN}).is_empty


def test_a_limit_blocks_unless_something_else_was_said() -> None:
    rules = GuardRules(actions={Guard.SIZE: GuardAction.WARN})
    assert rules.action(Guard.SIZE) is GuardAction.WARN
    assert rules.action(Guard.TRADES) is BLOCK


@pytest.mark.parametrize(
    ("shape", "more", "top"),
    [
        (FloorShape.STATIC, {}, 100),
        (FloorShape.STATIC, {"start": D(90), "peak": D(500)}, 90),
        (FloorShape.END_OF_DAY, {}, 120),
        (FloorShape.INTRADAY, {}, 150),
        (FloorShape.INTRADAY, {"start": D(170)}, 170),
        (FloorShape.INTRADAY, {"start": D(170), "peak": D(160)}, 170),
        (FloorShape.INTRADAY, {"peak": D(160)}, 160),
        (FloorShape.END_OF_DAY, {"peak": D(110)}, 120),
        (FloorShape.INTRADAY, {"freeze": D(110)}, 130),
        (FloorShape.INTRADAY, {"freeze": D(140)}, 150),
    ],
)
def test_what_a_floor_hangs_from(shape: FloorShape, more: dict[str, Any], top: int) -> None:
    rule = PropFloor(shape, D(20), **more)
    assert rule.top(D(100), D(120), D(150)) == top
    assert rule.floor(D(100), D(120), D(150)) == top - 20


def test_each_limit_has_the_action_that_was_chosen_for_it() -> None:
    flat, warn = GuardAction.FLATTEN, GuardAction.WARN
    actions = {guard: flat if number % 2 else warn for number, guard in enumerate(Guard)}
    rules = GuardRules(
        day_loss=D(1), profit_floor=ProfitFloor(D(1)), prop_floor=PropFloor(FloorShape.STATIC, D(2000)), trades=3,
        size=D(2), flat_by=time(15), news=(NewsWindow(NOW, RESET),), actions=actions,
    )  # fmt: skip
    found = judge(rules, figures(), replace(STATE, best=D(5)), NOW)
    assert {one.guard: one.action for one in found} == actions


def test_a_time_is_judged_by_the_moment_also_where_several_rules_are_in_force() -> None:
    begins = datetime(2026, 11, 20, 21, 10, tzinfo=UTC)
    state = replace(STATE, rules=(GuardRules(flat_by=time(15, 10)), GuardRules(news=(NewsWindow(begins, RESET),))))
    assert [one.refuses for one in judged(figures(), state, begins - MINUTE)] == [False, False]
    assert [one.refuses for one in judged(figures(), state, begins)] == [True, True]


def test_occasions_that_end_together_stand_by_their_beginning() -> None:
    first, then = NewsWindow(NOW + MINUTE, RESET), NewsWindow(NOW + 2 * MINUTE, RESET - MINUTE)
    found = strictest(judge(GuardRules(news=(then, first)), figures(), STATE, NOW))
    assert [one.begins_at for one in found] == [first.begins_at, then.begins_at]


def test_rules_without_a_floor_hide_none_that_came_later() -> None:
    floor = GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(3000)))
    gauge = gauge_of(figures(), replace(STATE, rules=(GuardRules(), floor)))
    assert gauge is not None
    assert gauge.floor == 47000
