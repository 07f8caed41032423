"""The figures of an open position, checked against hand-made ones."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.model.fill import Side
from core.model.market import Quote
from core.model.order import Held, Order, OrderType
from core.model.position import Position
from core.model.protection import protection_of
from core.preferences import PnlMark
from panels.cell import Cell
from panels.position_figures import CELLS, Figures, figures
from tests.panels.worlds import ES, ES_KEY, NOW, ago, order, position, quote


def drawn(
    held: Position, last: str | None = "5051.50", orders: tuple[Order, ...] = (), at: Quote | None = None, **more: Any
) -> Figures:
    now = at or (None if last is None else quote(last))
    return figures(held, ES, now, protection_of(held, orders), NOW, zone=UTC, **more)


def cell(name: str, held: Position | None = None, last: str | None = "5051.50", **more: Any) -> Cell:
    return drawn(held or position(), last, **more).cells[name]


def test_a_long_is_marked_at_the_last_trade() -> None:
    found = drawn(position())
    assert (found.pnl.value, found.pnl.tone) == ("+125.00 ▲", "up")
    assert found.pnl.spoken == "plus 125.00 USD, profit"
    assert (found.r.value, found.ticks.value) == ("+0.25R", "+5t")


def test_a_short_gains_when_price_falls() -> None:
    found = drawn(position(quantity="-2"), "5049.00")
    assert (found.pnl.value, found.ticks.value) == ("+125.00 ▲", "+5t")
    assert drawn(position(quantity="-2"), "5051.50").pnl.value == "−125.00 ▼"


def test_the_profit_its_r_and_the_distance_are_marked_alike_and_say_how() -> None:
    at = quote("5051.50", bid=Decimal("5051.25"), ask=Decimal("5051.75"))
    found = drawn(position(), at=at, mark=PnlMark.NET)
    assert (found.pnl.value, found.pnl.sub, found.r.value, found.ticks.value) == ("+116.00 ▲", "net", "+0.23R", "+5t")
    assert (found.cells["rmult"].value, found.cells["rmult"].sub) == ("+0.23R", "1R = 500.00 · net")
    found = drawn(position(), at=at, mark=PnlMark.EXIT)
    assert (found.pnl.value, found.pnl.sub, found.r.value) == ("+100.00 ▲", "at bid", "+0.20R")
    assert found.ticks.value == "+4t"
    assert (found.cells["pts"].value, found.cells["pts"].sub) == ("+1.00", "+4t at bid")
    found = drawn(position(quantity="-2"), at=at, mark=PnlMark.EXIT)
    assert (found.pnl.value, found.pnl.spoken) == ("−150.00 ▼", "minus 150.00 USD, loss at ask")
    assert (found.r.value, found.ticks.value) == ("−0.30R", "−6t")


def test_what_the_statistics_keep_stays_gross_at_the_last_trade() -> None:
    at = quote("5051.50", bid=Decimal("5051.25"), ask=Decimal("5051.75"))
    kept = ("heat", "mae", "mfe", "eff", "range", "risk", "price")
    usual = drawn(position(), at=at).cells
    for mark in PnlMark:
        found = drawn(position(), at=at, mark=mark).cells
        assert {name: found[name] for name in kept} == {name: usual[name] for name in kept}, mark


def test_heat_warns_after_the_times_the_trader_chose() -> None:
    for under_water, tone, edge in (
        (59, "ink2", ""),
        (60, "caution", ""),
        (90, "caution", "caution"),
        (120, "danger", "danger"),
    ):
        found = cell("heat", position(heat_since=ago(under_water)), heat_s=(60, 90, 120))
        assert (found.tone, found.edge) == (tone, edge), under_water


def test_a_mark_that_is_not_known_is_a_dash_and_never_another() -> None:
    for found in (
        drawn(position(commissions=None), mark=PnlMark.NET),
        drawn(position(), at=quote(bid=None), mark=PnlMark.EXIT),
        drawn(position(), None, mark=PnlMark.EXIT),
    ):
        assert found.pnl.value == "—" and found.pnl.sub in ("net", "at bid")


def test_there_are_fifteen_cells_and_all_are_drawn() -> None:
    assert len(CELLS) == 15
    assert set(drawn(position()).cells) == {name for name, _ in CELLS}


def test_without_a_price_what_depends_on_it_is_a_dash() -> None:
    found = drawn(position(), None)
    assert (found.pnl.value, found.r.value, found.ticks.value) == ("—", "—", "—")
    assert {found.cells[name].value for name in ("rmult", "eff", "pts", "heat")} == {"—"}


def test_an_adopted_position_without_entry_says_so() -> None:
    held = replace(position(), entry_price=None, entry_time=None, initial_risk=None, mae=None, mfe=None)
    assert cell("price", held).value == "—"
    assert cell("time", held) == Cell("—", "since unknown")
    assert {cell(name, held).value for name in ("mae", "mfe", "rmult", "eff", "pts")} == {"—"}


def test_a_restored_trade_says_since_when() -> None:
    assert cell("time") == Cell("12:30", "since 15:28")
    assert cell("time", restored=True).sub == "since 15:28 (restored)"


@pytest.mark.parametrize(
    ("seconds", "tone", "edge"),
    [(0, "ink2", ""), (179, "ink2", ""), (180, "caution", ""), (269, "caution", ""), (270, "caution", "caution"),
     (299, "caution", "caution"), (300, "danger", "danger")],
)  # fmt: skip
def test_heat_grows_louder_at_three_four_and_a_half_and_five_minutes(seconds: int, tone: str, edge: str) -> None:
    found = cell("heat", replace(position(), heat_since=ago(seconds)), "5049.50")
    assert (found.tone, found.edge) == (tone, edge)


def test_heat_shows_the_longest_stretch_even_while_it_is_the_running_one() -> None:
    assert cell("heat").sub == "max 4:40"
    assert cell("heat", replace(position(), heat_since=ago(290)), "5049.50").sub == "max 4:50"
    assert cell("heat", replace(position(), extremes_complete=False)).sub == "max ≥4:40"


def test_a_missing_stop_is_said_out_loud() -> None:
    assert cell("stop") == Cell("NONE", "no stop works", "danger", "danger")
    assert cell("target").value == "—"


def test_exits_show_distance_and_who_holds_them() -> None:
    target = order(2, type=OrderType.LIMIT, price=Decimal("5055.25"), trigger_price=None, held=Held.LOCAL)
    found = drawn(position(), orders=(order(1), target)).cells
    assert (found["stop"].value, found["stop"].sub, found["stop"].edge) == ("5045.25", "25t · SERVER", "")
    assert (found["target"].value, found["target"].sub) == ("5055.25", "15t · LOCAL")


def test_a_stop_within_four_ticks_has_a_danger_border() -> None:
    assert cell("stop", last="5046.25", orders=(order(1),)).edge == "danger"
    assert cell("stop", last="5046.50", orders=(order(1),)).edge == ""


def test_a_stop_that_covers_too_little_says_how_much_is_bare() -> None:
    found = cell("stop", orders=(order(1, quantity=Decimal(1)),))
    assert (found.sub, found.tone) == ("UNPROTECTED 1", "danger")


def test_an_order_of_another_scope_is_no_protection() -> None:
    other = replace(ES_KEY, account="Sim2")
    assert cell("stop", orders=(order(1, key=other),)).value == "NONE"
    assert cell("stop", orders=(order(1, side=Side.BUY),)).value == "NONE"


def test_risk_is_what_the_stop_costs_from_here_with_costs() -> None:
    found = cell("risk", orders=(order(1),), equity=Decimal("62950"))
    # 25 ticks × 12.50 × 2 = 625.00, and 4.50 to leave.
    assert (found.value, found.sub) == ("629.50", "1.0 % of equity")
    assert cell("risk").value == "—"


def test_extremes_that_missed_prices_carry_at_least() -> None:
    gap = replace(position(), extremes_complete=False)
    assert (cell("mae", gap).value, cell("mfe", gap).value, cell("range", gap).value) == ("≥87.50", "≥250.00", "≥13t")
    assert cell("mae", gap).spoken == "at least 87.50 USD"
    assert (cell("mae").value, cell("mae").sub) == ("87.50", "0.18R")


def test_efficiency_is_the_path_over_the_best_and_says_what_was_given_back() -> None:
    assert cell("eff") == Cell("0.50", "back 125.00")


def test_partial_exits_count_in_r_and_efficiency_but_not_in_open_profit() -> None:
    held = replace(
        position(quantity="1"),
        opened_quantity=Decimal(2),
        opened_value=Decimal("10100.50"),
        closed_value=Decimal("5051.50"),
    )
    found = drawn(held)
    assert found.pnl.value == "+62.50 ▲"
    assert (found.r.value, found.cells["eff"].value) == ("+0.25R", "0.50")


def test_points_per_unit_have_a_sign() -> None:
    assert (cell("pts").value, cell("pts").sub) == ("+1.25", "+5t")
    assert cell("pts", last="5049.25").value == "−1.00"


def test_the_time_in_a_replayed_trade_is_counted_on_the_clock_of_the_replay() -> None:
    past = NOW - timedelta(days=365)
    entered = replace(position(), entry_time=past - timedelta(seconds=90))
    replayed = quote(ahead=timedelta(days=-365))
    assert cell("time", entered, venue_now=replayed.venue_time(NOW)).value == "1:30"
    assert quote(ahead=timedelta(minutes=-59)).venue_time(NOW) == NOW
