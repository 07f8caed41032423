"""Records of historical prices, DTC 803 and 804, made into bars. Pure.

A server has bars of a few lengths; ours are made of the longest that fits into them. What is no bar is never drawn as
one: Sierra Chart sends a single trade as an 803 without an opening price, its high the ask and its low the bid. A
record that says something impossible is left out and counted.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from core.history import HistoryWanted
from core.model.bar import Bar, IntervalUnit
from core.model.bar_building import BarBuilder, folded
from core.model.bar_clock import BarClock
from core.model.market import Aggressor, Tick
from services.dtc.border import total, traded
from services.dtc.enums import HistoricalDataIntervalEnum as Served
from services.dtc.messages.base import TimeUnit
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataRecordResponse,
    HistoricalPriceDataRequest,
    HistoricalPriceDataTickRecordResponse,
)
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused
from services.dtc.translate_market import AGGRESSORS
from services.dtc.wire_time import from_wire, to_wire

Record = HistoricalPriceDataRecordResponse | HistoricalPriceDataTickRecordResponse

MOST_BARS: Final = 100_000
# Longer ones than an hour do not begin with the session everywhere.
_LONGEST_S: Final = Served.INTERVAL_1_HOUR
_AHEAD: Final = timedelta(days=2)
_ZERO: Final = Decimal(0)


def served_interval(wanted: HistoryWanted) -> int:
    """Return which of the lengths a server has the bars are made of, in seconds; 0 is single trades."""
    seconds = wanted.key.interval.seconds
    if seconds is None:
        return Served.INTERVAL_TICK
    if wanted.key.interval.is_daily:
        return Served.INTERVAL_1_DAY
    return max(one for one in Served if 0 < one <= _LONGEST_S and seconds % one == 0)


def request_for(wanted: HistoryWanted, *, compress: bool) -> HistoricalPriceDataRequest:
    """Return the question as a message; an end is not told for days, where servers do not know it."""
    until = None if wanted.key.interval.is_daily else wanted.until
    return HistoricalPriceDataRequest(
        RequestID=1,
        Symbol=wanted.key.symbol,
        RecordInterval=served_interval(wanted),
        StartDateTime=to_wire(wanted.since, TimeUnit.SECONDS),
        EndDateTime=0 if until is None else to_wire(until, TimeUnit.SECONDS),
        UseZLibCompression=int(compress),
    )


class RecordReader:
    """Takes the records of one answer, oldest first (history thread).

    Attributes:
        taken: how many made sense. left_out: how many did not.
    """

    def __init__(self, wanted: HistoryWanted, clock: BarClock, scale: PriceScale, now: datetime) -> None:
        """Begin; `now` is the latest of the venue's time and ours: what is far behind it is no past."""
        self.taken = 0
        self.left_out = 0
        self._wanted = wanted
        self._clock = clock
        self._scale = scale
        self._ends = min(wanted.until or now + _AHEAD, now + _AHEAD)
        self._is_of_trades = wanted.key.interval.unit is IntervalUnit.TICKS
        self._builder = BarBuilder(wanted.key.interval, clock.hours)
        self._bars: deque[Bar] = deque(maxlen=MOST_BARS)
        self._begins = clock.period(wanted.since).start
        self._latest = self._begins - _AHEAD

    def take(self, record: Record) -> None:
        """Take one record; the last one may be empty."""
        try:
            if self._is_of_trades:
                self._take_trade(record)
            elif isinstance(record, HistoricalPriceDataRecordResponse):
                self._take_bar(record)
        except (Refused, ArithmeticError):
            self.left_out += 1

    def bars(self) -> tuple[Bar, ...]:
        """Return the bars of the length that was asked for, within the stretch that was asked for."""
        if self._is_of_trades:
            forming = self._builder.forming
            return (*self._bars, forming) if forming is not None else tuple(self._bars)
        return tuple(folded(self._bars, self._clock))

    def _take_bar(self, record: HistoricalPriceDataRecordResponse) -> None:
        moment = from_wire(record.StartDateTime)
        if moment is None:
            self.left_out += not record.IsFinalRecord
            return
        if self._clock.interval.is_daily and moment.time() == time(0):
            moment = self._clock.day_start(moment.date())
        if moment < self._latest or moment >= self._ends:
            self.left_out += 1
            return
        bar = self._bar(record, moment)
        if moment >= self._begins:
            self._latest = moment
            self._bars.append(bar)
            self.taken += 1

    def _bar(self, record: HistoricalPriceDataRecordResponse, moment: datetime) -> Bar:
        shown = self._scale.shown
        if record.LastPrice is None or record.HighPrice is None or record.LowPrice is None:
            raise Refused("a bar without prices")
        close, high, low = shown(record.LastPrice)[0], shown(record.HighPrice)[0], shown(record.LowPrice)[0]
        opened = shown(record.OpenPrice or 0.0)[0]
        if high < low:
            raise Refused("a bar whose high is below its low")
        if not low <= opened <= high:
            if record.OpenPrice or record.NumTrades > 1:
                raise Refused("a bar that opens outside itself")
            opened = high = low = close
        if not low <= close <= high:
            raise Refused("a bar that closes outside itself")
        sold, bought = total(record.BidVolume, "BidVolume") or _ZERO, total(record.AskVolume, "AskVolume") or _ZERO
        volume = total(record.Volume, "Volume") or sold + bought
        # Of a day the same four bytes may be the open interest, and nothing tells which.
        trades = 0 if self._clock.interval.is_daily else record.NumTrades
        return Bar(moment, opened, high, low, close, volume, trades, sold, bought)

    def _take_trade(self, record: Record) -> None:
        moment = from_wire(_time_of(record))
        price = _price_of(record)
        if moment is None or price is None:
            self.left_out += not record.IsFinalRecord
            return
        if not self._wanted.since <= moment < self._ends or moment < self._latest:
            self.left_out += 1
            return
        volume = traded(record.Volume, "Volume")
        tick = Tick(self._wanted.key.symbol, self._scale.shown(price)[0], volume, _side_of(record), moment, moment)
        self._latest = moment
        self._bars.extend(self._builder.add((tick,)))
        self.taken += 1


def _time_of(record: Record) -> float | None:
    return record.StartDateTime if isinstance(record, HistoricalPriceDataRecordResponse) else record.DateTime


def _price_of(record: Record) -> float | None:
    return record.LastPrice if isinstance(record, HistoricalPriceDataRecordResponse) else record.Price


def _side_of(record: Record) -> Aggressor:
    if isinstance(record, HistoricalPriceDataTickRecordResponse):
        return AGGRESSORS.get(record.AtBidOrAsk, Aggressor.UNKNOWN)
    if record.AskVolume:
        return Aggressor.BUYER
    return Aggressor.SELLER if record.BidVolume else Aggressor.UNKNOWN


def expected_records(wanted: HistoryWanted, now: datetime) -> int:
    """Return about how many bars an answer will have; of trades nobody knows."""
    seconds = wanted.key.interval.seconds
    if seconds is None:
        return 0
    return max(1, int(((wanted.until or now) - wanted.since).total_seconds() / seconds / 1.5))


def progress_of(wanted: HistoryWanted, reader: RecordReader) -> int:
    """Return how many bars of the wanted length have come so far, about."""
    seconds, served = wanted.key.interval.seconds, served_interval(wanted)
    return reader.taken if not seconds or not served else reader.taken * served // seconds


def records(message: object) -> Iterator[Record]:
    """Yield a message if it is a record."""
    if isinstance(message, HistoricalPriceDataRecordResponse | HistoricalPriceDataTickRecordResponse):
        yield message
