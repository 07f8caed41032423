"""Intraday files of Sierra Chart: single trades with their quote, marks, bars, growth."""

import struct
from decimal import Decimal
from pathlib import Path

import pytest

from services.simulator.errors import UnreadableRecording
from services.simulator.orders import Side
from services.simulator.replay_records import Record, RecordedQuote, RecordedTrade, Terms
from services.simulator.replay_scid import FIRST_OF_BUNDLE, LAST_OF_BUNDLE, ScidRecording
from tests.services.simulator.recordings import START_US, moments, scid_record, scid_records, write_scid

D = Decimal
TERMS = {"": Terms("MESZ25_FUT_CME", D("0.25"))}


def read(path: Path, records: list[bytes], terms: dict[str, Terms] = TERMS) -> list[Record]:
    return list(ScidRecording(write_scid(path / "MESZ25.scid", records)).records(terms))


def test_a_record_is_the_quote_a_trade_was_made_at_and_the_trade(tmp_path: Path) -> None:
    quote, trade = read(tmp_path, [scid_record(7, 6500.25, ask_volume=3, ask=6500.25, bid=6500.0)])
    assert quote == RecordedQuote("MESZ25_FUT_CME", START_US + 7, D(6500), D("6500.25"))
    assert trade == RecordedTrade("MESZ25_FUT_CME", START_US + 7, D("6500.25"), D(3), Side.BUY)


def test_the_first_and_the_last_trade_of_a_bundle_are_trades_like_others(tmp_path: Path) -> None:
    bundle = [
        scid_record(i, 6500.0, bid_volume=1 + i, ask=6500.25, bid=6500.0, opened=opened)
        for i, opened in enumerate((FIRST_OF_BUNDLE, 0.0, LAST_OF_BUNDLE))
    ]
    trades = [each for each in read(tmp_path, bundle) if isinstance(each, RecordedTrade)]
    assert [(each.size, each.aggressor) for each in trades] == [(D(1), Side.SELL), (D(2), Side.SELL), (D(3), Side.SELL)]


def test_volume_on_both_sides_is_two_trades_and_on_neither_one_of_unknown_side(tmp_path: Path) -> None:
    both = scid_record(0, 6500.0, bid_volume=2, ask_volume=3)
    neither = scid_record(1, 6500.0, volume=4)
    found = [(each.size, each.aggressor) for each in read(tmp_path, [both, neither]) if isinstance(each, RecordedTrade)]
    assert found == [(D(2), Side.SELL), (D(3), Side.BUY), (D(4), None)]


@pytest.mark.parametrize(("ask", "bid"), [(0.0, 0.0), (6500.25, 0.0), (6500.0, 6500.0), (6499.0, 6500.0)])
def test_a_quote_that_is_none_is_left_out(tmp_path: Path, ask: float, bid: float) -> None:
    (trade,) = read(tmp_path, [scid_record(0, 6500.0, bid_volume=1, ask=ask, bid=bid)])
    assert isinstance(trade, RecordedTrade)


def test_equal_prices_are_a_trade_without_a_quote(tmp_path: Path) -> None:
    (trade,) = read(tmp_path, [scid_record(0, 6500.0, bid_volume=1, ask=6500.0, bid=6500.0, opened=6500.0)])
    assert isinstance(trade, RecordedTrade)


def test_a_bar_is_refused_with_its_number(tmp_path: Path) -> None:
    bar = scid_record(1, 6500.0, bid_volume=9, ask=6501.0, bid=6499.0, opened=6500.5)
    with pytest.raises(UnreadableRecording, match=r"MESZ25\.scid, record 2: it is a bar"):
        read(tmp_path, [*scid_records(moments(1)), bar])


@pytest.mark.parametrize(
    ("tick", "multiplier", "stored", "true"),
    [
        ("0.015625", "1", 112.515625, "112.515625"),
        ("0.00005", "1", 1.16005, "1.16005"),
        ("0.10", "1", 4100.3, "4100.30"),
        ("0.25", "0.01", 2400025.0, "24000.25"),
        ("0.01", "1", 61.37, "61.37"),
        ("0.25", "1", 6500.1, "6500.1"),
    ],
)
def test_a_price_of_24_bits_is_the_tick_it_stands_for(
    tmp_path: Path, tick: str, multiplier: str, stored: float, true: str
) -> None:
    terms = {"": Terms("X", D(tick), D(multiplier))}
    (trade,) = read(tmp_path, [scid_record(0, stored, bid_volume=1)], terms)
    assert isinstance(trade, RecordedTrade)
    assert str(trade.price) == true


def test_header_and_record_may_be_longer_than_today(tmp_path: Path) -> None:
    usual = read(tmp_path, scid_records(moments(5)))
    longer = write_scid(tmp_path / "L.scid", scid_records(moments(5)), header_size=64, record_size=48)
    assert list(ScidRecording(longer).records(TERMS)) == usual


def test_half_a_record_at_the_end_is_left_for_later(tmp_path: Path) -> None:
    path = write_scid(tmp_path / "MESZ25.scid", scid_records(moments(3)))
    path.write_bytes(path.read_bytes() + b"\0" * 39)
    assert len(list(ScidRecording(path).records(TERMS))) == 6


def test_what_is_written_while_it_is_read_is_read_too(tmp_path: Path) -> None:
    first, later = scid_records(moments(5_000))[:4_999], scid_records(moments(5_000))[4_999:]
    path = write_scid(tmp_path / "MESZ25.scid", first)
    records = ScidRecording(path).records(TERMS)
    next(records)
    with path.open("ab") as file:
        file.write(later[0])
    assert sum(1 for _ in records) == 9_999


def test_a_time_is_looked_up_and_not_read_up_to(tmp_path: Path) -> None:
    made = scid_records(moments(1_000))
    made[3] = b"\xff" * 40
    path = write_scid(tmp_path / "MESZ25.scid", made)
    found = list(ScidRecording(path).records(TERMS, START_US + 99_850_000))
    assert [each.at_us for each in found] == [START_US + 99_900_000] * 2


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (scid_record(0, float("nan"), bid_volume=1), "its price is nan; expected a number greater than 0"),
        (scid_record(0, float("inf"), bid_volume=1), "its price is inf"),
        (scid_record(0, -6500.0, bid_volume=1), "its price is -6500.0"),
        (scid_record(-1_000_001, 6500.0, bid_volume=1), "is before that of the record before"),
        (struct.pack("<d", 45_981.5) + scid_record(0, 6500.0, 1)[8:], "expected microseconds since 1899-12-30"),
    ],
    ids=["nan", "infinity", "negative", "backwards", "days"],
)
def test_what_is_wrong_is_refused_with_its_record(tmp_path: Path, record: bytes, words: str) -> None:
    with pytest.raises(UnreadableRecording) as refused:
        read(tmp_path, [scid_record(-1_000_000, 6500.0, bid_volume=1), record])
    assert str(refused.value).startswith("MESZ25.scid, record 2: ")
    assert words in str(refused.value)


def test_a_file_without_records_has_no_symbol_and_one_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert ScidRecording(write_scid(tmp_path / "E.scid", [])).symbols() == {}
    for content in (b"", b"SCID", b"SCDD" + bytes(60), b"SCID" + struct.pack("<II", 56, 8) + bytes(48)):
        path = tmp_path / "other.scid"
        path.write_bytes(content)
        with pytest.raises(UnreadableRecording, match="expected an intraday data file"):
            ScidRecording(path).symbols()
    with pytest.raises(UnreadableRecording, match="cannot be read"):
        ScidRecording(tmp_path / "none.scid").symbols()
