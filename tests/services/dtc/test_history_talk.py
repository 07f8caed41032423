"""A history is asked for and read whatever the encoding, the compression and the cuts; a broken one ends in words."""

import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest

from core.errors import ConnectionLost
from services.dtc import history_stream
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.errors import ProtocolError, RemoteProtocolError
from services.dtc.history_records import RecordReader, request_for
from services.dtc.history_talk import HEADER_WITHIN_S, SILENT_S, HistoryTalk
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataReject,
    HistoricalPriceDataRequest,
    HistoricalPriceDataResponseHeader,
    HistoricalPriceDataResponseTrailer,
)
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested
from services.dtc.session_settings import Role, SessionSettings
from tests.services.dtc.test_history_records import reader, record, wanted

BINARY, JSON, COMPACT = (
    EncodingEnum.BINARY_ENCODING,
    EncodingEnum.JSON_ENCODING,
    EncodingEnum.JSON_COMPACT_ENCODING,
)
Answer = Callable[[HistoricalPriceDataRequest, EncodingEnum], bytes]


class Meeting:
    """A talk and a server on bytes; the server answers 800 with what it was given."""

    def __init__(self, answer: Answer, encoding: EncodingEnum = BINARY, cut: int = 1 << 20) -> None:
        self.now_s = 100.0
        self.asked: list[HistoricalPriceDataRequest] = []
        self.reader: RecordReader = reader()
        client = Session(Role.CLIENT, SessionSettings(encoding=encoding), self.now_s)
        self.talk = HistoryTalk(client, request_for(wanted(), compress=True), self.reader)
        self.server = Session(Role.SERVER, SessionSettings(), self.now_s)
        self.logon = LogonResponse(Result=1)
        self._answer = answer
        self._encoding = encoding
        self._cut = cut

    def hold(self) -> "Meeting":
        """Move bytes until nobody has anything to say."""
        for _ in range(20):
            data = b"".join(self._served())
            for at in range(0, len(data), self._cut):
                if not self.talk.is_over:
                    self.talk.receive(data[at : at + self._cut], self.now_s)
            if self.talk.is_over:
                break
        return self

    def _served(self) -> Iterator[bytes]:
        while sent := self.talk.to_send():
            self.server.receive_data(sent, self.now_s)
        for item in self.server.messages():
            if isinstance(item, LogonRequested) and self.logon.Result == 1:
                self.server.accept_logon(self.logon)
            elif isinstance(item, LogonRequested):
                self.server.refuse_logon(self.logon.ResultText, LogonStatusEnum(self.logon.Result))
            elif isinstance(item, HistoricalPriceDataRequest):
                self.asked.append(item)
                yield self._flushed()
                yield self._answer(item, self.server.encoding)
        yield self._flushed()

    def _flushed(self) -> bytes:
        data = self.server.data_to_send(1 << 20)
        self.server.data_sent(len(data))
        return data


def header(encoding: EncodingEnum, **fields: int) -> bytes:
    return encode(HistoricalPriceDataResponseHeader(RequestID=1, RecordInterval=60, **fields), encoding)


def records(count: int = 100, *, ends: bool = True) -> list[Message]:
    return [record(minute, IsFinalRecord=int(ends and minute == count - 1)) for minute in range(count)]


def plain(*messages: Message) -> Answer:
    return lambda _, encoding: header(encoding) + b"".join(encode(one, encoding) for one in messages)


def compressed(*messages: Message) -> Answer:
    def answer(_: HistoricalPriceDataRequest, encoding: EncodingEnum) -> bytes:
        body = b"".join(encode(one, encoding) for one in messages)
        return header(encoding, UseZLibCompression=1) + zlib.compress(body)

    return answer


@pytest.mark.parametrize("cut", [1, 7, 4096, 1 << 20])
@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
@pytest.mark.parametrize("answer", [plain, compressed])
def test_a_history_is_read_in_every_encoding_compressed_or_not_however_it_is_cut(
    answer: Callable[..., Answer], encoding: EncodingEnum, cut: int
) -> None:
    met = Meeting(answer(*records()), encoding, cut).hold()
    assert met.talk.is_over
    assert [one.Symbol for one in met.asked] == ["ESZ26_FUT_CME"]
    assert len(met.reader.bars()) == 100
    assert met.reader.bars()[99].start - met.reader.bars()[0].start == timedelta(minutes=99)


def test_what_is_inflated_is_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_stream, "PIECE_BYTES", 50)
    assert len(Meeting(compressed(*records())).hold().reader.bars()) == 100


def test_a_server_with_nothing_says_so_at_once() -> None:
    met = Meeting(lambda _, encoding: header(encoding, NoRecordsToReturn=1)).hold()
    assert met.talk.is_over
    assert met.reader.bars() == ()


def test_a_trailer_ends_an_answer_too() -> None:
    assert Meeting(plain(*records(5, ends=False), HistoricalPriceDataResponseTrailer())).hold().talk.is_over


def test_a_refusal_is_the_answer() -> None:
    refusal = HistoricalPriceDataReject(RejectText="no such data", RejectReasonCode=2)
    met = Meeting(lambda _, encoding: encode(refusal, encoding)).hold()
    assert met.talk.is_over
    assert met.talk.refusal == refusal


def test_a_logon_that_is_refused_is_told_in_the_servers_words() -> None:
    met = Meeting(plain(*records()))
    met.logon = LogonResponse(Result=2, ResultText="who are you")
    with pytest.raises(ConnectionLost, match="who are you"):
        met.hold()


def test_a_connection_that_ends_before_the_answer_does_is_a_failure() -> None:
    met = Meeting(plain(*records(5, ends=False))).hold()
    assert not met.talk.is_over
    with pytest.raises(ConnectionLost, match="before the last record"):
        met.talk.receive_eof()
    with pytest.raises(ConnectionLost, match="without an answer"):
        Meeting(plain()).talk.receive_eof()


def test_an_end_behind_the_answer_is_none_of_our_business() -> None:
    met = Meeting(plain(*records())).hold()
    met.talk.receive_eof()


def test_a_server_that_falls_silent_is_given_up() -> None:
    met = Meeting(plain(*records(5, ends=False))).hold()
    met.talk.tick(met.now_s + SILENT_S - 1)
    with pytest.raises(ConnectionLost, match="does not answer"):
        met.talk.tick(met.now_s + SILENT_S)


def test_a_server_that_never_answers_is_given_up() -> None:
    met = Meeting(lambda _, encoding: b"").hold()
    with pytest.raises(ConnectionLost, match=r"does not answer|ended the conversation"):
        met.talk.tick(met.now_s + HEADER_WITHIN_S)


def test_a_compression_nobody_asked_for_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="nobody asked for"):
        Meeting(lambda _, encoding: header(encoding, UseZLibNGCompression=1) + b"xxxx").hold()


def test_what_only_looks_compressed_is_an_error_in_words() -> None:
    with pytest.raises(RemoteProtocolError, match="cannot be read"):
        Meeting(lambda _, encoding: header(encoding, UseZLibCompression=1) + b"no zlib at all").hold()


def test_a_bomb_does_not_fill_the_memory() -> None:
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    met = Meeting(lambda _, encoding: header(encoding, UseZLibCompression=1) + bomb)
    with pytest.raises(RemoteProtocolError):
        met.hold()  # zeros are messages of no size


@pytest.mark.parametrize("seed", range(30))
def test_nonsense_behind_the_header_never_does_more_than_end_the_talk(seed: int) -> None:
    rng = Random(seed)
    body = b"".join(encode(one, BINARY) for one in records())
    spoilt = bytearray(body)
    for _ in range(rng.randrange(1, 40)):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    packed = zlib.compress(bytes(spoilt)) if seed % 2 else bytes(spoilt)
    met = Meeting(lambda _, encoding: header(encoding, UseZLibCompression=seed % 2) + packed, cut=rng.randrange(1, 900))
    try:
        met.hold()
        met.talk.receive_eof()
    except (ConnectionLost, ProtocolError) as error:
        assert str(error)
    for bar in met.reader.bars():
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.volume >= 0
