"""What leaves the program is what stands on screen: the same figures, an ASCII minus, a dot, no grouping."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.order import OrderState
from core.model.position import Position
from core.preferences import PnlMark
from core.sheet import Kind
from core.snapshot import Certainty
from data.export.file import Format, write_sheet
from panels.exporting.sheets import paper_of, plain, sheet_of
from panels.open_result import OpenResult, open_result
from panels.orders_panel import OrderRow
from panels.orders_panel import columns as order_columns
from panels.positions_panel import PositionRow
from panels.positions_panel import columns as position_columns
from tests.panels.worlds import ES, ES_KEY, order, position, quote

CHICAGO = ZoneInfo("America/Chicago")


def loss() -> PositionRow:
    """Return a short position that loses a little more than twelve thousand."""
    return row_of(position(ES_KEY, "-2", "5050.25"))


def row_of(held: Position) -> PositionRow:
    """Return a position marked at 5171.50."""
    last = Decimal("5171.50")
    worth = open_result(held, ES, quote("5171.50"), PnlMark.GROSS)
    return PositionRow(
        held, ES, "SIM", last, worth, None, None, Decimal(0), Certainty.CONFIRMED, False, "12:30", age_s=750
    )


def cells(row: PositionRow) -> dict[str, object]:
    """Return a position as it is exported, by column."""
    sheet = sheet_of(position_columns(), [row], CHICAGO)
    return {column.name: value for column, value in zip(sheet.columns, sheet.rows[0], strict=True)}


def test_figures_lose_arrows_grouping_and_the_long_minus_and_keep_their_digits() -> None:
    found = cells(loss())
    assert found["Open P&L"] == "-12125.00"
    assert found["R"] == "-24.25"
    assert (found["Last"], found["Last text"]) == ("5171.50", "5171.50")
    assert found["Age"] == "12:30"


def test_a_result_is_rounded_as_on_screen_and_nothing_is_minus_zero() -> None:
    held = replace(loss().position, initial_risk=Decimal(300))
    assert cells(row_of(held))["R"] == "-40.42"
    assert (plain(Decimal("-0.00")), plain(Decimal("-1E+3")), plain(Decimal("1E-7"))) == ("0.00", "-1000", "0.0000001")


def test_unknown_is_empty_and_never_zero() -> None:
    found = cells(replace(loss(), last=None, worth=OpenResult(None, None, None)))
    assert [found[name] for name in ("Last", "Last text", "Open P&L", "R", "Stop")] == [None] * 5


def test_a_fraction_is_exported_exactly_and_as_it_is_quoted() -> None:
    note = replace(ES, symbol="ZNZ25_FUT_CME", tick_size=Decimal("0.015625"), price_format=134)
    found = cells(replace(loss(), instrument=note, last=Decimal("110.515625")))
    assert (found["Last"], found["Last text"]) == ("110.515625", "110'165")


def test_buttons_are_not_exported_and_times_stand_in_both_zones() -> None:
    row = OrderRow(order(1), ES, "")
    sheet = sheet_of(order_columns(CHICAGO), [row], CHICAGO)
    names = [column.name for column in sheet.columns]
    assert names[:3] == ["Time UTC", "Time America/Chicago", "Symbol"] and "Action" not in names
    assert sheet.rows[0][:2] == ("2025-11-12T15:29:28.000000+00:00", "2025-11-12T09:29:28.000000-06:00")
    assert sheet.columns[0].kind is Kind.TIME


def test_a_csv_of_orders_is_this_to_the_byte(tmp_path: Path) -> None:
    refused = order(
        2, state=OrderState.REJECTED, reason='=HYPERLINK("x")', price=Decimal("5049.50"), trigger_price=None
    )
    columns = [one for one in order_columns(UTC) if one.title in ("Time", "Side", "Qty", "Price", "State", "Reason")]
    sheet = sheet_of(columns, [OrderRow(refused, ES, ""), OrderRow(order(1), ES, "11:39")], UTC)
    target = tmp_path / "orders.csv"
    write_sheet(sheet, Format.CSV, target)
    assert target.read_bytes() == (
        b"Time UTC,Time local,Side,Qty,Price,Price text,State,Reason\r\n"
        b"2025-11-12T15:29:29.000000+00:00,2025-11-12T15:29:29.000000+00:00,SELL,2,5049.50,5049.50,REJECTED,"
        b'"\'=HYPERLINK(""x"")"\r\n'
        b"2025-11-12T15:29:28.000000+00:00,2025-11-12T15:29:28.000000+00:00,SELL,2,,,WORKING,\r\n"
    )


def test_an_older_file_of_that_name_is_replaced_whole_and_kept_when_the_new_one_fails(tmp_path: Path) -> None:
    target = tmp_path / "orders.csv"
    target.write_text("older")
    sheet = sheet_of(order_columns(UTC), [OrderRow(order(1), ES, "")], UTC)
    write_sheet(sheet, Format.CSV, target)
    whole = target.read_bytes()
    assert b"older" not in whole
    broken = replace(sheet, rows=[("too", "few")])
    with pytest.raises(ValueError):
        write_sheet(broken, Format.XLSX, target)
    assert target.read_bytes() == whole and list(tmp_path.iterdir()) == [target]


def test_paper_shows_the_texts_of_the_screen_without_signs_a_printer_may_lack() -> None:
    paper = paper_of("Positions", ["Filter: es"], position_columns(), [loss()])
    shown = dict(zip(paper.titles, paper.rows[0], strict=True))
    assert shown["Open P&L"] == "-12125.00" and shown["Side"] == "SHORT" and "Action" not in shown
    assert shown["Last"] == "5171.50" and shown["R"] == "-24.25R"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9))
def test_a_number_is_read_back_as_it_was(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value and set(text) <= set("-.0123456789")
    assert not (value == 0 and text.startswith("-"))
