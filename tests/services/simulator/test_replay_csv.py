"""CSV recordings: what is read, and how a wrong line is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from services.simulator.errors import UnreadableRecording
from services.simulator.orders import Side
from services.simulator.replay_csv import CsvRecording
from services.simulator.replay_records import Record, RecordedQuote, RecordedTrade, Terms
from tests.services.simulator.recordings import HEADER, START_US, moments, rows, write_csv

D = Decimal
TERMS = {"MESZ25": Terms("MESZ25_FUT_CME", D("0.25"))}
UNNAMED = {"": Terms("MESZ25_FUT_CME", D("0.25"))}


def read(path: Path, lines: list[str], header: str = HEADER, terms: dict[str, Terms] = TERMS) -> list[Record]:
    return list(CsvRecording(write_csv(path / "day.csv", lines, header)).records(terms))


def test_a_trade_and_a_quote_are_read_as_they_are_written(tmp_path: Path) -> None:
    quote, trade = read(tmp_path, rows(moments(1)))
    assert quote == RecordedQuote("MESZ25_FUT_CME", START_US, D("6505"), D("6505.25"), D(25), D(25))
    assert trade == RecordedTrade("MESZ25_FUT_CME", START_US, D("6505"), D(1), Side.SELL)


@pytest.mark.parametrize(
    "time",
    ["2025-11-20T15:00:00Z", "2025-11-20 15:00:00", "2025-11-20T15:00:00.000000+00:00", "2025-11-20T10:00:00-05:00"],
)
def test_a_time_may_be_iso_and_is_utc_unless_it_says_otherwise(tmp_path: Path, time: str) -> None:
    (trade,) = read(tmp_path, [f"{time},6500.25,2"], "time,price,size", UNNAMED)
    assert trade.at_us == START_US


def test_columns_come_in_any_order_and_case_and_others_are_not_read(tmp_path: Path) -> None:
    (trade,) = read(tmp_path, [f"x, 2 ,b,6500.25,{START_US}"], "Note,SIZE,Aggressor,Price,Time", UNNAMED)
    assert trade == RecordedTrade("MESZ25_FUT_CME", START_US, D("6500.25"), D(2), Side.BUY)


def test_a_side_without_a_price_or_with_size_nothing_is_empty(tmp_path: Path) -> None:
    header = "time,bid,bid_size,ask,ask_size"
    first, second = read(tmp_path, [f"{START_US},,,6500,3", f"{START_US},6499.75,0,6500,3"], header, UNNAMED)
    assert isinstance(first, RecordedQuote)
    assert isinstance(second, RecordedQuote)
    assert first.bid is second.bid is None
    assert (first.ask, first.ask_size) == (D(6500), D(3))


def test_a_price_near_a_tick_is_the_tick_and_any_other_is_kept(tmp_path: Path) -> None:
    near, off = read(tmp_path, [f"{START_US},6500.2500000001,1", f"{START_US},6500.3,1"], "time,price,size", UNNAMED)
    assert isinstance(near, RecordedTrade)
    assert isinstance(off, RecordedTrade)
    assert (str(near.price), str(off.price)) == ("6500.25", "6500.3")


def test_symbols_are_told_with_their_first_time_and_others_are_left_out(tmp_path: Path) -> None:
    lines = [f"{START_US},A,5,1", f"{START_US + 7},MESZ25,6500,1"]
    recording = CsvRecording(write_csv(tmp_path / "two.csv", lines, "time,symbol,price,size"))
    assert recording.symbols() == {"A": START_US, "MESZ25": START_US + 7}
    assert [record.symbol for record in recording.records(TERMS)] == ["MESZ25_FUT_CME"]


def test_nothing_before_the_wanted_time_is_returned(tmp_path: Path) -> None:
    recording = CsvRecording(write_csv(tmp_path / "day.csv", rows(moments(10))))
    assert {record.at_us for record in recording.records(TERMS, START_US + 800_000)} == {
        START_US + 800_000,
        START_US + 900_000,
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{t},MESZ25,trade,nan,1,buy,,,,", "price is 'nan'; expected a number greater than 0"),
        ("{t},MESZ25,trade,-6500,1,buy,,,,", "price is '-6500'"),
        ("{t},MESZ25,trade,inf,1,buy,,,,", "price is 'inf'"),
        ("{t},MESZ25,trade,1e999999999999999999999,1,buy,,,,", "price is"),
        ("{t},MESZ25,trade,,1,buy,,,,", "price is ''"),
        ("{t},MESZ25,trade,6500,0,buy,,,,", "size is '0'"),
        ("{t},MESZ25,trade,6500,many,buy,,,,", "size is 'many'"),
        ("{t},MESZ25,trade,6500,1,up,,,,", "aggressor is 'up'; expected buy, sell or nothing"),
        ("{t},MESZ25,bar,6500,1,buy,,,,", "kind is 'bar'; expected trade or quote"),
        ("{t},MESZ25,quote,,,,6500,-1,6500.25,1", "bid_size is '-1'"),
        ("{t},MESZ25,quote,,,,6500,1,NaN,1", "ask is 'NaN'"),
        ("{t},MESZ25,trade,6500", "there are 4 values; expected 10"),
        ("{t},,trade,6500,1,buy,,,,", "symbol is empty"),
        ("yesterday,MESZ25,trade,6500,1,buy,,,,", "time is 'yesterday'; expected ISO 8601"),
        ("1763650800,MESZ25,trade,6500,1,buy,,,,", "expected ISO 8601 or microseconds since 1970"),
        ("²,MESZ25,trade,6500,1,buy,,,,", "time is"),
        ("2025-11-20T14:59:59Z,MESZ25,trade,6500,1,buy,,,,", "is before that of the line before"),
    ],
)
def test_a_wrong_line_is_refused_with_its_file_number_and_what_was_expected(
    tmp_path: Path, line: str, words: str
) -> None:
    good = f"{START_US},MESZ25,trade,6500,1,buy,,,,"
    with pytest.raises(UnreadableRecording) as refused:
        read(tmp_path, [good, line.format(t=START_US)])
    assert str(refused.value).startswith("day.csv, line 3: ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("price,size", "expected time"),
        ("time,symbol", "the columns are time, symbol"),
        ("time,price,size,price", "2 columns price"),
        ("time,price,size,bid,ask", "need a column kind"),
        ("", "expected time"),
    ],
)
def test_a_header_without_what_is_needed_is_refused(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(UnreadableRecording, match=words):
        read(tmp_path, [], header)


def test_what_is_no_text_is_refused_with_the_line_before_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "day.csv", rows(moments(1)))
    path.write_bytes(path.read_bytes() + b"\xff\xfe\x00junk\n" * 10)
    with pytest.raises(UnreadableRecording, match=r"day\.csv, after line"):
        list(CsvRecording(path).records(TERMS))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecording, match="cannot be read"):
        CsvRecording(tmp_path / "none.csv").symbols()


def test_a_file_is_read_as_it_is_needed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "day.csv", [*rows(moments(2_000)), "broken"])
    records = CsvRecording(path).records(TERMS)
    assert next(records).at_us == START_US
    with pytest.raises(UnreadableRecording, match="line 4002"):
        list(records)
