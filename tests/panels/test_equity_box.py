"""The curve of panel 1: what trading added, the moment looked at, marked equity in a trade, and what went wrong."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.model.equity import EquityKind, EquityPoint, performance
from core.model.period import Period, period_start
from core.queries import EquityFilter, EquityFound
from core.snapshot import Snapshot
from panels.account_panel import AccountPanel
from panels.equity_box import EMPTY, FAILED, READING
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import (
    ACCOUNT,
    NOW,
    OTHER_ACCOUNT,
    ago,
    answered,
    equity_of,
    flat,
    long_two,
    quote,
    several_trades,
    with_answers,
)

POINTS = equity_of(several_trades())


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(AccountPanel(theme, UTC))
    made.widget.resize(320, 520)
    made.widget.show()
    return made


def found(points: tuple[EquityPoint, ...] = POINTS) -> EquityFound:
    return EquityFound(points, performance(points))


def drawn(panel: Bench, world: Snapshot, points: tuple[EquityPoint, ...] = POINTS) -> Snapshot:
    """Show a world, answer what is asked, show it again."""
    panel.show(world)
    there = with_answers(world, answered(panel.queries[-1], found(points)))
    panel.show(there)
    return there


def text(panel: Bench) -> str:
    return panel.text("p1CurveText").replace("\u2009", " ")


def test_it_asks_for_today_and_says_what_trading_added(panel: Bench) -> None:
    drawn(panel, flat())
    assert panel.queries[0].filter == EquityFilter(ACCOUNT, period_start(Period.DAY, NOW))
    assert text(panel) == "+328.00 ▲ since 14:41:07 UTC"
    assert panel.tone("p1CurveText") == "up"
    assert panel.spoken("p1Curve") == "Equity curve: plus 328.00, profit since 14:41:07"


def test_the_moment_looked_at_is_said_with_its_equity_and_the_change_since_the_start(panel: Bench) -> None:
    drawn(panel, flat())
    panel.find("p1Curve").looked_at.emit(EquityPoint(ago(200), Decimal("50123.45")))
    assert text(panel) == "15:37:47 UTC · 50 123.45 · +123.45 ▲"
    panel.find("p1Curve").looked_at.emit(None)
    assert text(panel).startswith("+328.00 ▲")


def test_money_moved_by_hand_is_not_part_of_the_change(panel: Bench) -> None:
    points = (
        EquityPoint(ago(3000), Decimal(1000), EquityKind.ANCHOR),
        EquityPoint(ago(2000), Decimal(6000), EquityKind.RESET),
        EquityPoint(ago(1000), Decimal(6050)),
    )
    drawn(panel, flat(), points)
    assert text(panel).startswith("+50.00 ▲")
    panel.find("p1Curve").looked_at.emit(EquityPoint(ago(500), Decimal(6050)))
    assert text(panel).endswith("+50.00 ▲")


def test_while_in_a_trade_the_marked_equity_is_kept_once_a_second_and_dropped_when_flat(panel: Bench) -> None:
    world = drawn(panel, long_two())
    for at in range(30):
        price = quote(str(Decimal("5050.25") + at * Decimal("0.25")))
        panel.show(replace(world, quotes=MappingProxyType({("sim", "ESZ5"): price})), after_s=0.5)
    marks = panel.widget.equity._marks
    assert 14 <= len(marks) <= 17
    assert marks[-1].cash - marks[0].cash > 0
    panel.show(with_answers(flat(), *world.queries.values()))
    assert panel.widget.equity._marks == []


def test_another_account_begins_without_the_marks_of_this_one(panel: Bench) -> None:
    drawn(panel, long_two())
    panel.show(long_two(selected_account=OTHER_ACCOUNT))
    assert panel.widget.equity._marks == []


def test_a_long_trade_keeps_a_bounded_number_of_marks(panel: Bench) -> None:
    world = drawn(panel, long_two())
    for _ in range(700):
        panel.show(world, after_s=1.0)
    assert len(panel.widget.equity._marks) <= 300


def test_waiting_failing_and_having_nothing_are_told_apart(panel: Bench) -> None:
    panel.show(flat())
    assert text(panel) == READING
    query = panel.queries[-1]
    panel.show(with_answers(flat(), answered(query, None, "The disk failed.")))
    assert (text(panel), panel.tone("p1CurveText")) == (FAILED, "danger")
    panel.show(with_answers(flat(), answered(query, EquityFound((), Decimal(0)))))
    assert text(panel) == EMPTY
    panel.show(Snapshot())
    assert text(panel) == EMPTY


def test_a_pill_changes_the_stretch_of_time_and_the_dates(panel: Bench) -> None:
    panel.show(flat()).press("p1Pill_ALL")
    drawn(panel, flat())
    assert panel.queries[-1].filter == EquityFilter(ACCOUNT, None)
    assert text(panel) == "+328.00 ▲ since 2025-11-12 14:41 UTC"


def test_a_booked_fill_has_the_curve_asked_for_anew(panel: Bench) -> None:
    world = drawn(panel, flat())
    before = len(panel.queries)
    ledger = MappingProxyType({ACCOUNT: replace(world.ledger[ACCOUNT], cash=Decimal(1))})
    panel.show(replace(world, ledger=ledger), after_s=1.0)
    assert len(panel.queries) == before + 1


def test_a_caption_too_long_for_its_place_gives_up_what_matters_least(panel: Bench) -> None:
    panel.widget.resize(280, 520)
    panel.press("p1Pill_ALL")
    drawn(panel, flat())
    panel.find("p1Curve").looked_at.emit(EquityPoint(ago(200), Decimal("1050123.45")))
    label = panel.find("p1CurveText")
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.contentsRect().width()
    assert "1 050 123.45" in text(panel)
