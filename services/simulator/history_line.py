"""One client of the history port, without its socket: it logs on, asks once, is answered, and that is the end.

Records are made only as fast as they are taken. What is compressed is one zlib stream behind the header, with nothing
else in it: neither heartbeat nor goodbye.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Final

import msgspec

from core.model.bar import Bar
from core.model.bar_clock import BarClock
from services.dtc.codec import encode
from services.dtc.enums import AtBidOrAskEnum
from services.dtc.enums import HistoricalPriceDataRejectReasonCodeEnum as Why
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataRecordResponse,
    HistoricalPriceDataReject,
    HistoricalPriceDataRequest,
    HistoricalPriceDataResponseHeader,
    HistoricalPriceDataTickRecordResponse,
)
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested
from services.dtc.session_settings import Role, SessionSettings
from services.simulator.contracts import Contract
from services.simulator.history_book import DAILY, DAY_S, HistoryBook
from services.simulator.orders import Side
from services.simulator.ports import Traded
from services.simulator.session_clock import hours_of
from services.simulator.wire import to_wire

AT_ONCE: Final = 25
_MOST_SECONDS: Final = 3_600
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SOON: Final = timedelta(seconds=1)
_WELCOME: Final = LogonResponse(
    Result=1,
    ResultText="Historical prices only",
    ServerName="Stanchion simulator",
    HistoricalPriceDataSupported=1,
    OneHistoricalPriceDataRequestPerConnection=1,
)


class HistoryLine:
    """A connected client. Only the server's thread uses it.

    Attributes:
        session: the conversation up to the answer.
        is_over: everything that will be said is in `next_bytes`.
    """

    def __init__(
        self,
        settings: SessionSettings,
        book: HistoryBook,
        contracts: Mapping[str, Contract],
        now_us: Callable[[], int],
        now: float,
    ) -> None:
        """Begin a conversation; `now_us` is the market's time."""
        self.session = Session(Role.SERVER, settings, now)
        self.is_over = False
        self._book = book
        self._contracts = contracts
        self._now_us = now_us
        self._answer: Iterator[bytes] = iter(())
        self._is_answering = False

    def receive(self, data: bytes, now: float) -> None:
        """Handle what a client sent.

        Raises:
            RemoteProtocolError: it does not keep to the protocol.
        """
        self.session.receive_data(data, now)
        for item in self.session.messages():
            if isinstance(item, LogonRequested):
                self.session.accept_logon(_WELCOME)
            elif isinstance(item, HistoricalPriceDataRequest) and not self._is_answering:
                self._is_answering = True
                self._begin(item)

    def tick(self, now: float) -> None:
        """Look at the time, as long as no answer is under way."""
        if not self._is_answering:
            self.session.tick(now)
            for _ in self.session.messages():
                continue

    def next_bytes(self) -> bytes:
        """Return what is to be sent next; empty when there is nothing now."""
        data = self.session.data_to_send()
        self.session.data_sent(len(data))
        if not data and self._is_answering:
            data = next(self._answer, b"")
            self.is_over = not data
        return data

    def _begin(self, request: HistoricalPriceDataRequest) -> None:
        refused = self._refusal(request)
        if refused is not None:
            self.session.send(refused)
            return
        records = self._records(request)
        first = next(records, None)
        self.session.send(
            HistoricalPriceDataResponseHeader(
                RequestID=request.RequestID,
                RecordInterval=request.RecordInterval,
                UseZLibCompression=int(request.UseZLibCompression != 0 and first is not None),
                NoRecordsToReturn=int(first is None),
            )
        )
        if first is not None:
            plain = self._pieces(first, records, request.RequestID)
            self._answer = _compressed(plain) if request.UseZLibCompression else plain

    def _refusal(self, request: HistoricalPriceDataRequest) -> HistoricalPriceDataReject | None:
        seconds, never = request.RecordInterval, Why.HPDR_UNABLE_TO_SERVE_DATA_DO_NOT_RETRY
        text, why = "", never
        if not self._book.knows(request.Symbol):
            text = f"Symbol {request.Symbol or '(empty)'} is unknown"
        elif not 0 <= seconds <= _MOST_SECONDS and seconds != DAY_S:
            text = f"Bars of {seconds} seconds are not served"
        elif request.EndDateTime and request.EndDateTime < request.StartDateTime:
            text, why = "The end is before the start", Why.HPDR_GENERAL_REJECT_ERROR
        return (
            HistoricalPriceDataReject(RequestID=request.RequestID, RejectText=text, RejectReasonCode=why)
            if text
            else None
        )

    def _records(self, request: HistoricalPriceDataRequest) -> Iterator[Message]:
        symbol, contract = request.Symbol, self._contracts[request.Symbol]
        now = _EPOCH + timedelta(microseconds=self._now_us()) + _SOON
        since = max(_EPOCH, _moment(request.StartDateTime))
        if request.MaxDaysToReturn:
            since = max(since, now - timedelta(days=min(request.MaxDaysToReturn, 40_000)))
        until = min(_moment(request.EndDateTime), now) if request.EndDateTime else now
        if request.RecordInterval == 0:
            return (_tick_record(trade, contract) for trade in self._book.trades(symbol, since, until))
        bars = self._book.bars(symbol, request.RecordInterval, since, until)
        if request.RecordInterval == DAY_S:
            clock = BarClock(DAILY, hours_of(symbol))
            return (_record(bar, contract, _midnight(bar, clock)) for bar in bars)
        return (_record(bar, contract, bar.start) for bar in bars)

    def _pieces(self, first: Message, rest: Iterator[Message], request_id: int) -> Iterator[bytes]:
        """Yield encoded records, some at a time; the last one says that it is."""
        encoding, ahead = self.session.encoding, first
        while piece := list(islice(rest, AT_ONCE)):
            told, ahead = [ahead, *piece[:-1]], piece[-1]
            yield b"".join(encode(_marked(record, request_id), encoding) for record in told)
        yield encode(_marked(ahead, request_id, is_final=True), encoding)


def _compressed(plain: Iterator[bytes]) -> Iterator[bytes]:
    deflater = zlib.compressobj()
    for piece in plain:
        # Flushed, since an empty piece would mean the end.
        yield deflater.compress(piece) + deflater.flush(zlib.Z_SYNC_FLUSH)
    yield deflater.flush()


def _record(bar: Bar, contract: Contract, moment: datetime) -> HistoricalPriceDataRecordResponse:
    return HistoricalPriceDataRecordResponse(
        StartDateTime=(moment - _EPOCH) // timedelta(microseconds=1),
        OpenPrice=to_wire(bar.open, contract),
        HighPrice=to_wire(bar.high, contract),
        LowPrice=to_wire(bar.low, contract),
        LastPrice=to_wire(bar.close, contract),
        Volume=float(bar.volume),
        NumTrades=bar.trades,
        BidVolume=float(bar.bid_volume),
        AskVolume=float(bar.ask_volume),
    )


def _tick_record(trade: Traded, contract: Contract) -> HistoricalPriceDataTickRecordResponse:
    return HistoricalPriceDataTickRecordResponse(
        DateTime=trade.at_us / 1_000_000,
        AtBidOrAsk=AtBidOrAskEnum.AT_ASK if trade.aggressor is Side.BUY else AtBidOrAskEnum.AT_BID,
        Price=to_wire(trade.price, contract),
        Volume=float(trade.size),
    )


def _marked(record: Message, request_id: int, *, is_final: bool = False) -> Message:
    return msgspec.structs.replace(record, RequestID=request_id, IsFinalRecord=int(is_final))


def _midnight(bar: Bar, clock: BarClock) -> datetime:
    """Return a trading day as servers tell it: its date at midnight, UTC."""
    return datetime.combine(clock.day_of(bar.start), time(0), UTC)


def _moment(seconds: int) -> datetime:
    """Return a moment of the wire; what no calendar holds is its end."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) - timedelta(days=400)
