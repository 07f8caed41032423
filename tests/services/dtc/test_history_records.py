"""Records of the past made into bars: prices on the grid, nothing impossible, nothing drawn that is no bar."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.history import HistoryWanted
from core.model.bar import Bar, ChartKey, Interval
from core.model.bar_clock import BarClock, hours_of
from core.model.instrument import Instrument
from services.dtc.history_records import Record, RecordReader, expected_records, request_for, served_interval
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataRecordResponse as BarRecord,
)
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataTickRecordResponse as TickRecord,
)
from services.dtc.price_scale import PriceScale

SYMBOL = "ESZ26_FUT_CME"
SINCE = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
US = 1_000_000


def wanted(interval: str = "1m", until: datetime | None = None, symbol: str = SYMBOL) -> HistoryWanted:
    return HistoryWanted(7, ChartKey("x", symbol, Interval.parse(interval)), SINCE, until)


def reader(question: HistoryWanted | None = None, multiplier: str = "1") -> RecordReader:
    asked = question or wanted()
    scale = PriceScale(Instrument(SYMBOL, Decimal("0.25")), Decimal(multiplier))
    return RecordReader(asked, BarClock(asked.key.interval, hours_of(asked.key.symbol)), scale, NOW)


def record(minute: float, **fields: object) -> BarRecord:
    at = int((SINCE + timedelta(minutes=minute)).timestamp() * US)
    values = {"OpenPrice": 5000.0, "HighPrice": 5002.0, "LowPrice": 4999.0, "LastPrice": 5001.0, "Volume": 10.0}
    return BarRecord(**{"StartDateTime": at, "NumTrades": 5, **values, **fields})  # type: ignore[arg-type]


def trade(second: float, price: float = 5000.0, side: int = 2, size: float | None = 1.0) -> TickRecord:
    return TickRecord(
        DateTime=(SINCE + timedelta(seconds=second)).timestamp(), Price=price, Volume=size, AtBidOrAsk=side
    )


def bars_of(records: list[Record], question: HistoryWanted | None = None) -> tuple[Bar, ...]:
    read = reader(question)
    for one in records:
        read.take(one)
    return read.bars()


@pytest.mark.parametrize(
    ("interval", "served"),
    [
        *[("1s", 1), ("3s", 1), ("4s", 4), ("15s", 5), ("90s", 30), ("1m", 60), ("7m", 60), ("15m", 900)],
        *[("1h", 3600), ("4h", 3600), ("1d", 86400), ("7d", 86400), ("100t", 0)],
    ],
)
def test_bars_are_made_of_the_longest_a_server_has_that_fits(interval: str, served: int) -> None:
    assert served_interval(wanted(interval)) == served


def test_the_question_names_symbol_stretch_and_length_and_no_end_of_days() -> None:
    asked = request_for(wanted("5m", NOW), compress=True)
    assert (asked.Symbol, asked.RecordInterval, asked.UseZLibCompression) == (SYMBOL, 300, 1)
    assert (asked.StartDateTime, asked.EndDateTime) == (int(SINCE.timestamp()), int(NOW.timestamp()))
    assert request_for(wanted("1d", NOW), compress=False).EndDateTime == 0
    assert request_for(wanted("5m"), compress=False).EndDateTime == 0


def test_a_bar_begins_with_its_stretch_though_its_record_is_dated_by_its_first_trade() -> None:
    (bar,) = bars_of([record(3.4)])
    assert bar.start == SINCE + timedelta(minutes=3)
    assert [bar.open, bar.high, bar.low, bar.close] == [Decimal(n) for n in (5000, 5002, 4999, 5001)]
    assert (bar.volume, bar.trades) == (Decimal(10), 5)


@pytest.mark.parametrize("unit", [1, 1_000, US])
def test_the_time_of_a_record_is_told_by_its_magnitude(unit: int) -> None:
    (bar,) = bars_of([record(0, StartDateTime=int(SINCE.timestamp()) * unit)])
    assert bar.start == SINCE


def test_prices_are_put_on_the_grid_and_scaled() -> None:
    read = reader(multiplier="0.01")
    read.take(record(0, OpenPrice=500000.0, HighPrice=500025.00001, LowPrice=499975.0, LastPrice=500000.0))
    assert read.bars()[0].high == Decimal("5000.25")


def test_longer_bars_are_folded_of_those_served() -> None:
    bars = bars_of([record(minute) for minute in range(14)], wanted("7m"))
    # counted from five in the afternoon in Chicago, fifteen hours before
    assert [bar.start - SINCE for bar in bars] == [timedelta(minutes=n) for n in (-4, 3, 10)]
    assert [bar.volume for bar in bars] == [Decimal(30), Decimal(70), Decimal(40)]


def test_a_day_is_told_as_a_date_and_means_the_trading_day() -> None:
    midnight = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()) * US
    (bar,) = bars_of([record(0, StartDateTime=midnight)], wanted("1d"))
    assert bar.start == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)  # the evening before, in Chicago
    assert bar.trades == 0  # the number may be the open interest


def test_a_single_trade_in_the_clothes_of_a_bar_is_drawn_as_one_price() -> None:
    single = {"OpenPrice": 0.0, "HighPrice": 5001.25, "LowPrice": 5001.0, "LastPrice": 5001.25, "NumTrades": 1}
    (bar,) = bars_of([record(0, **single)])
    assert bar.open == bar.high == bar.low == bar.close == Decimal("5001.25")


def test_bars_of_trades_are_made_of_either_kind_of_record() -> None:
    told = [trade(1, 5000.0, 2), trade(2, 5001.0, 1), trade(3, 5002.0, 0)]
    (first, second) = bars_of([*told], wanted("2t"))
    assert (first.open, first.close, first.delta) == (Decimal(5000), Decimal(5001), Decimal(0))
    assert (second.trades, second.delta) == (1, Decimal(0))
    sierra = record(0, OpenPrice=0.0, HighPrice=5001.25, LowPrice=5001.0, LastPrice=5001.25, NumTrades=1, AskVolume=3.0)
    (bar,) = bars_of([sierra], wanted("2t"))
    assert (bar.close, bar.ask_volume) == (Decimal("5001.25"), Decimal(10))


@pytest.mark.parametrize(
    "fields",
    [
        {"HighPrice": 4990.0},
        {"LastPrice": 6000.0},
        {"OpenPrice": 6000.0},
        {"LastPrice": None},
        {"LowPrice": None},
        {"Volume": -1.0},
        {"Volume": 1e30},
        {"LastPrice": 1e30, "HighPrice": 1e30},
        {"StartDateTime": -5},
        {"StartDateTime": 2**62},
        {"StartDateTime": int((NOW + timedelta(days=9)).timestamp()) * US},
    ],
)
def test_what_is_impossible_is_left_out_and_counted(fields: dict[str, object]) -> None:
    read = reader()
    for one in (record(0), record(1, **fields), record(2)):
        read.take(one)
    assert [bar.start for bar in read.bars()] == [SINCE, SINCE + timedelta(minutes=2)]
    assert (read.taken, read.left_out) == (2, 1)


def test_records_that_go_back_in_time_are_left_out() -> None:
    assert [bar.volume for bar in bars_of([record(5), record(4), record(6)])] == [Decimal(10), Decimal(10)]
    assert sum(bar.trades for bar in bars_of([trade(5), trade(4), trade(6)], wanted("100t"))) == 2


def test_what_was_not_asked_for_is_left_out() -> None:
    until = SINCE + timedelta(minutes=3)
    bars = bars_of([record(minute) for minute in range(-2, 6)], wanted(until=until))
    assert [bar.start for bar in bars] == [SINCE + timedelta(minutes=n) for n in range(3)]


def test_an_empty_last_record_ends_the_answer_and_is_no_fault() -> None:
    read = reader()
    read.take(record(0))
    read.take(BarRecord(IsFinalRecord=1))
    assert (read.taken, read.left_out) == (1, 0)


def test_how_many_are_to_come_is_guessed_of_time_and_not_of_trades() -> None:
    assert expected_records(wanted("1m"), NOW) == 80
    assert expected_records(wanted("100t"), NOW) == 0
