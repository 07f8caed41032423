"""Bytes to messages and back: goldens, encodings, lost streams, and what is refused."""

import json
import struct
from typing import Any

import pytest

from services.dtc.codec import MAX_JSON_BYTES, Decoder, encode
from services.dtc.enums import EncodingEnum
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.layout import layout_of
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE, MESSAGES, SHORT_FORM
from services.dtc.messages.connection import EncodingResponse, Heartbeat
from services.dtc.messages.market_data import (
    MarketDataUpdateBidAskCompact,
)
from services.dtc.messages.notices import GeneralLogMessage
from services.dtc.messages.order_entry import FlattenPositionsForTradeAccount, SubmitNewSingleOrder
from services.dtc.messages.trading import OrderUpdate
from tests.services.dtc.wire import BINARY, COMPACT, DESCRIBED, GOLDENS, JSON, decoded, from_json, unset_as_binary_says


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: str(golden["id"]))
def test_a_golden_message_is_written_and_read_in_binary(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    wire = bytes.fromhex(golden["encodings"]["binary"]["hex"])
    assert encode(message, BINARY) == wire
    assert decoded(wire) == [unset_as_binary_says(message)]


@pytest.mark.parametrize("golden", [g for g in GOLDENS if "json" in g["encodings"]], ids=lambda g: str(g["id"]))
def test_a_golden_message_is_written_and_read_in_json(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    assert from_json(golden["encodings"]["json"]["text"]) == message
    written = encode(message, JSON)
    assert written.endswith(b"}\0")
    assert written.startswith(b'{"Type":%d' % golden["type"])
    says = json.loads(written[:-1])
    assert {name: says[name] for name in golden["values"]} == golden["values"]
    assert None not in says.values()
    assert decoded(written, JSON) == [message]


@pytest.mark.parametrize("golden", [g for g in GOLDENS if "compact_json" in g["encodings"]], ids=lambda g: str(g["id"]))
def test_a_golden_message_in_compact_form_is_read_from_a_json_stream(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    assert unset_as_binary_says(from_json(golden["encodings"]["compact_json"]["text"])) == unset_as_binary_says(message)


@pytest.mark.parametrize("golden", [g for g in GOLDENS if "compact_json" in g["encodings"]], ids=lambda g: str(g["id"]))
def test_a_golden_message_is_written_in_compact_form_where_the_protocol_lists_it(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    written = encode(message, COMPACT)
    if golden["type"] in SHORT_FORM:
        assert written == golden["encodings"]["compact_json"]["text"].encode() + b"\0"
        assert decoded(written, COMPACT) == [unset_as_binary_says(message)]
    else:
        assert written == encode(message, JSON)


@pytest.mark.parametrize("golden", [g for g in GOLDENS if "json" in g["encodings"]], ids=lambda g: str(g["id"]))
def test_a_golden_message_by_name_is_read_from_a_compact_stream(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    assert decoded(golden["encodings"]["json"]["text"].encode("cp1252") + b"\0", COMPACT) == [message]


@pytest.mark.parametrize("encoding", [JSON, COMPACT])
@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_every_message_there_is_can_be_read_in_short_form(cls: type[Message], encoding: EncodingEnum) -> None:
    message = cls(**{place.name: 7 + i for i, place in enumerate(layout_of(cls).places) if not place.is_text})
    values = [getattr(message, place.name) for place in layout_of(cls).places]
    frame = json.dumps({"Type": cls.TYPE, "F": values}).encode() + b"\0"
    assert decoded(frame, encoding) == [message]


def test_every_full_struct_has_the_size_the_protocol_says() -> None:
    for cls in MESSAGES:
        assert len(encode(cls(), BINARY)) == DESCRIBED[cls.TYPE]["struct_size"], cls.__name__


@pytest.mark.parametrize("number", [0, 4, 211, 900, 10115, 65535])
def test_unknown_types_are_skipped_and_counted(number: int) -> None:
    beat = Heartbeat(NumDroppedMessages=3)
    decoder = Decoder(BINARY)
    decoder.feed(struct.pack("<HH5s", 9, number, b"abcde") * 2 + encode(beat, BINARY))
    assert list(decoder) == [beat]
    assert (decoder.unknown, decoder.frames) == ({number: 2}, 3)
    decoder = Decoder(JSON)
    decoder.feed(b'{"Type":%d,"X":[1,{}]}\0' % number + encode(beat, JSON))
    assert list(decoder) == [beat]
    assert (decoder.unknown, decoder.malformed) == ({number: 1}, 0)


@pytest.mark.parametrize("encoding", [JSON, COMPACT])
def test_a_message_without_a_fixed_layout_is_told_by_names(encoding: EncodingEnum) -> None:
    flatten = FlattenPositionsForTradeAccount(TradeAccount="Sim1", ClientOrderID="C1", FreeFormText="enough")
    decoder = Decoder(encoding)
    decoder.feed(encode(flatten, encoding))
    assert list(decoder) == [flatten]


def test_a_message_without_a_fixed_layout_is_not_written_in_binary_and_skipped_when_it_is_read() -> None:
    with pytest.raises(LocalProtocolError, match="FlattenPositionsForTradeAccount does not fit its binary layout"):
        encode(FlattenPositionsForTradeAccount(TradeAccount="Sim1"), BINARY)
    decoder = Decoder(BINARY)
    decoder.feed(struct.pack("<HH", 4, 210))
    assert (list(decoder), decoder.unknown) == ([], {210: 1})


def test_absurd_type_numbers_do_not_grow_the_counter() -> None:
    decoder = Decoder(JSON)
    decoder.feed(b"".join(b'{"Type":%d}\0' % number for number in range(70000, 71000)))
    assert list(decoder) == []
    assert decoder.unknown == {-1: 1000}


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_a_binary_size_below_four_loses_the_stream_for_good(size: int) -> None:
    decoder = Decoder(BINARY)
    decoder.feed(encode(Heartbeat(), BINARY) + struct.pack("<HH", size, 3) + encode(Heartbeat(), BINARY))
    messages = iter(decoder)
    assert next(messages) == Heartbeat()
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match=f"of {size} bytes"):
            list(decoder)
        decoder.feed(encode(Heartbeat(), BINARY))
    assert decoder.waiting == b""


def test_fifty_mebibytes_without_an_end_are_refused_early_and_not_kept() -> None:
    decoder = Decoder(JSON)
    chunk = b'{"Type":700,"UserMessage":"' + b"x" * 65000
    held = 0
    for fed in range(1, 50 * 1024 * 1024 // len(chunk)):
        decoder.feed(chunk)
        try:
            assert list(decoder) == []
        except RemoteProtocolError:
            assert fed * len(chunk) >= MAX_JSON_BYTES
        held = max(held, len(decoder._buffer))
    assert held <= MAX_JSON_BYTES + len(chunk)
    assert len(decoder._buffer) == 0


def test_an_object_that_ends_too_late_is_refused_too() -> None:
    decoder = Decoder(JSON)
    decoder.feed(b'{"Type":3}' + b" " * MAX_JSON_BYTES + b"\0")
    with pytest.raises(RemoteProtocolError, match="more than"):
        list(decoder)


def test_the_byte_behind_the_encoding_response_belongs_to_the_new_encoding() -> None:
    decoder = Decoder(BINARY)
    decoder.feed(encode(EncodingResponse(Encoding=2), BINARY) + encode(Heartbeat(NumDroppedMessages=1), JSON))
    seen: list[Message] = []
    for message in decoder:
        seen.append(message)
        if isinstance(message, EncodingResponse):
            decoder.switch(EncodingEnum(message.Encoding))
    assert seen == [EncodingResponse(Encoding=2), Heartbeat(NumDroppedMessages=1)]


@pytest.mark.parametrize(
    "encoding",
    [
        EncodingEnum.BINARY_WITH_VARIABLE_LENGTH_STRINGS,
        EncodingEnum.PROTOCOL_BUFFERS,
    ],
)
def test_an_encoding_we_do_not_speak_is_named(encoding: EncodingEnum) -> None:
    with pytest.raises(LocalProtocolError, match=encoding.name):
        encode(Heartbeat(), encoding)
    with pytest.raises(LocalProtocolError, match=encoding.name):
        Decoder(encoding)


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (SubmitNewSingleOrder(ClientOrderID="x" * 32), "ClientOrderID holds 31 characters"),
        (SubmitNewSingleOrder(Symbol="E\0S"), "Symbol holds 63 characters"),
        (SubmitNewSingleOrder(Symbol="株"), "Symbol has a character"),
        (SubmitNewSingleOrder(Quantity=float("nan")), "Quantity must be a finite number"),
        (SubmitNewSingleOrder(Price1=float("inf")), "Price1 must be a finite number"),
        (SubmitNewSingleOrder(Quantity="2"), "Quantity must be a finite number, not str"),  # type: ignore[arg-type]
        (SubmitNewSingleOrder(BuySell=1.0), "BuySell must be a whole number"),  # type: ignore[arg-type]
        (SubmitNewSingleOrder(BuySell=None), "BuySell must be a whole number"),  # type: ignore[arg-type]
        (SubmitNewSingleOrder(Symbol=None), "Symbol must be text"),  # type: ignore[arg-type]
    ],
)
def test_what_would_not_arrive_as_meant_is_not_sent(message: Message, complaint: str, encoding: EncodingEnum) -> None:
    with pytest.raises(LocalProtocolError, match=complaint):
        encode(message, encoding)


def test_a_number_too_large_for_its_place_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="does not fit"):
        encode(SubmitNewSingleOrder(BuySell=1 << 40), BINARY)
    with pytest.raises(LocalProtocolError, match="does not fit"):
        encode(MarketDataUpdateBidAskCompact(BidPrice=1e39), BINARY)


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_prose_is_cut_to_its_place(encoding: EncodingEnum) -> None:
    assert decoded(encode(GeneralLogMessage(MessageText="株" + "x" * 200), encoding), encoding) == [
        GeneralLogMessage(MessageText="?" + "x" * 126)
    ]


def test_a_boolean_is_sent_as_a_number() -> None:
    assert encode(OrderUpdate(NoOrders=True), JSON).count(b'"NoOrders":1') == 1
