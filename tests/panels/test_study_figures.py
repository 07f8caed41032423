"""VWAP, delta and point of control beside a position, checked against hand-made ones."""

from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from core.model.instrument import Instrument
from core.model.position import Position
from core.model.session_marks import NO_MARKS, SessionMarks
from core.model.session_studies import SessionStudies
from panels.cell import Cell
from panels.study_figures import study_cells
from tests.panels.worlds import ES, NOW, ago, position, studies

THIN = "\u2009"
ENTERED = SessionMarks(Decimal("5049.75"), Decimal(-1000), Decimal("5049.50"))


def cell(
    name: str,
    counted: SessionStudies | None,
    last: str | None = "5051.50",
    instrument: Instrument = ES,
    marks: SessionMarks = ENTERED,
    **changes: Any,
) -> Cell:
    held: Position = position(entry_marks=marks, **changes)
    return study_cells(held, instrument, None if last is None else Decimal(last), counted, NOW, UTC)[name]


def test_vwap_is_the_ticks_from_it_now_and_at_the_entry() -> None:
    found = cell("vwap", studies())
    assert (found.value, found.sub, found.spoken) == ("+3t", "entry +2t", "+3t")
    assert cell("vwap", studies(), "5050.25").value == "−2t"


def test_a_vwap_between_ticks_has_one_decimal() -> None:
    assert cell("vwap", studies(vwap=Decimal("5050.7083"))).value == "+3.2t"


def test_delta_is_the_change_since_the_entry_and_the_sum_now() -> None:
    found = cell("delta", studies())
    assert (found.value, found.sub) == (f"+1{THIN}320", "now +320")
    assert cell("delta", studies(bought=Decimal(21_000))).value == "−679"
    assert cell("delta", studies(bought=Decimal(21_679))).value == "0"


def test_delta_of_a_fractional_market_keeps_its_fractions() -> None:
    found = cell("delta", studies(bought=Decimal("22679.375")), marks=SessionMarks(cum_delta=Decimal("0.125")))
    assert (found.value, found.sub) == ("+0.25", "now +0.375")


def test_the_point_of_control_is_the_ticks_from_it_and_its_price() -> None:
    found = cell("poc", studies())
    assert (found.value, found.sub) == ("+6t", "5050.00")


def test_prices_are_written_as_the_product_is_quoted() -> None:
    note = Instrument("ZNZ5", Decimal("0.015625"), Decimal("15.625"), "USD", price_format=134)
    poc = cell("poc", studies(poc=Decimal("110.515625")), "110.53125", instrument=note)
    assert (poc.value, poc.sub) == ("+1t", note.written(Decimal("110.515625")))


@pytest.mark.parametrize("name", ["vwap", "delta", "poc"])
def test_before_the_first_trade_everything_is_a_dash_and_says_so(name: str) -> None:
    found = cell(name, None)
    assert found.value == "—"
    assert "No trade seen in this trading day yet." in found.tip


@pytest.mark.parametrize("name", ["vwap", "delta", "poc"])
def test_a_trading_day_that_is_over_is_shown_no_more(name: str) -> None:
    assert cell(name, studies(ends_at=NOW)) == cell(name, None)


def test_without_a_price_the_distances_are_dashes_and_the_marks_stay() -> None:
    vwap, poc = cell("vwap", studies(), None), cell("poc", studies(), None)
    assert (vwap.value, vwap.sub, poc.value, poc.sub) == ("—", "entry +2t", "—", "5050.00")


def test_without_a_tick_size_the_distances_are_dashes() -> None:
    assert cell("vwap", studies(), instrument=Instrument("ESZ5")).value == "—"


def test_figures_nobody_took_at_the_entry_are_dashes() -> None:
    vwap, delta = cell("vwap", studies(), marks=NO_MARKS), cell("delta", studies(), marks=NO_MARKS)
    assert (vwap.value, vwap.sub) == ("+3t", "entry —")
    assert (delta.value, delta.sub) == ("—", "now +320")


def test_delta_since_the_entry_is_unknown_where_the_count_began_after_it() -> None:
    # Restarted, or a new trading day: the count has another zero than the one of the entry.
    assert cell("delta", studies(since=ago(60))).value == "—"
    assert cell("delta", studies(), entry_time=None).value == "—"


def test_delta_is_a_dash_where_no_trade_told_its_side() -> None:
    found = cell("delta", studies(bought=Decimal(0), sold=Decimal(0), volume=Decimal(9)))
    assert (found.value, found.sub) == ("—", "now —")


# -- what does not rest on every trade -------------------------------------------------------------------------------


def test_a_day_that_was_not_seen_from_its_beginning_is_about() -> None:
    partly = studies(is_whole=False)
    assert (cell("vwap", partly).value, cell("poc", partly).value) == ("≈+3t", "≈+6t")
    assert cell("vwap", partly).spoken == "about +3t"
    # The change since the entry was counted whole; the sum was not.
    assert (cell("delta", partly).value, cell("delta", partly).sub) == (f"+1{THIN}320", "now ≈+320")
    assert "may have begun earlier" in cell("vwap", partly).tip


def test_trades_missed_since_the_entry_make_the_change_about_and_those_before_do_not() -> None:
    missed = studies(is_whole=False, missed_at=ago(60))
    assert cell("delta", missed).value.startswith("≈")
    assert "missed before 15:40:07 UTC" in cell("delta", missed).tip
    assert cell("delta", studies(is_whole=False, missed_at=ago(3600))).value == f"+1{THIN}320"


def test_trades_that_are_being_missed_make_everything_about() -> None:
    cut = studies(is_whole=False, is_cut=True)
    assert all(cell(name, cut).value.startswith("≈") for name in ("vwap", "delta", "poc"))
    assert "are being missed" in cell("poc", cut).tip


def test_trades_without_a_side_make_delta_about_and_nothing_else() -> None:
    silent = studies(sold=Decimal(22_600), volume=Decimal(45_678))
    assert cell("delta", silent).value.startswith("≈") and cell("delta", silent).sub.startswith("now ≈")
    assert cell("vwap", silent).value == "+3t"
    assert "volume 79 did not tell its side" in cell("delta", silent).tip


def test_a_tooltip_has_the_formula_the_figures_and_what_they_rest_on() -> None:
    assert cell("vwap", studies()).tip.splitlines() == [
        "Last price − VWAP. VWAP: Σ price × volume ÷ Σ volume of the trading day.",
        "VWAP 5050.75, at the entry 5049.75",
        "Entry: average entry price − VWAP at the entry, +2t",
        f"12{THIN}345 trades, volume 45{THIN}678, since 09:41:07 UTC",
    ]
