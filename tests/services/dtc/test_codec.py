"""Bytes to messages and back, whatever the chunks, the age of the peer or the state of its mind."""

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from services.dtc.codec import MAX_JSON_BYTES, MAX_MALFORMED_IN_A_ROW, Decoder, encode
from services.dtc.enums import EncodingEnum
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.layout import layout_of
from services.dtc.messages.accounts import AccountBalanceUpdate
from services.dtc.messages.base import DBL_MAX, FLT_MAX, UINT_MAX, Message
from services.dtc.messages.catalog import BY_TYPE, MESSAGES
from services.dtc.messages.connection import EncodingResponse, Heartbeat, LogonRequest
from services.dtc.messages.market_data import (
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateBidAskCompact,
    MarketDataUpdateTrade,
)
from services.dtc.messages.notices import GeneralLogMessage
from services.dtc.messages.order_entry import CancelOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import OrderUpdate, PositionUpdate

BINARY = EncodingEnum.BINARY_ENCODING
JSON = EncodingEnum.JSON_ENCODING
GOLDENS: list[dict[str, Any]] = [
    golden
    for golden in json.loads((Path(__file__).parent / "goldens.json").read_text())["examples"]
    if golden["type"] in BY_TYPE
]
DESCRIBED: dict[int, dict[str, Any]] = {
    entry["type"]: entry
    for entry in json.loads(
        (Path(__file__).parents[3] / "services/dtc/messages.json").read_text(encoding="utf-8")
    )["messages"]
}


def decoded(data: bytes, encoding: EncodingEnum = BINARY) -> list[Message]:
    decoder = Decoder(encoding)
    decoder.feed(data)
    return list(decoder)


def from_json(text: str) -> Message:
    [message] = decoded(text.encode("cp1252") + b"\0", JSON)
    return message


def unset_as_binary_says(message: Message) -> Message:
    """None becomes the protocol's default where binary cannot tell it from a value."""
    changes = {
        place.name: place.at.unset
        for place in layout_of(type(message)).places
        if getattr(message, place.name) is None
        and place.at.unset is not None
        and place.limit is not None
        and place.at.unset < place.limit
    }
    return type(message)(**{f: getattr(message, f) for f in message.__struct_fields__} | changes)


# --- goldens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: str(golden["id"]))
def test_a_golden_message_is_written_and_read_in_binary(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    wire = bytes.fromhex(golden["encodings"]["binary"]["hex"])
    assert encode(message, BINARY) == wire
    assert decoded(wire) == [unset_as_binary_says(message)]


@pytest.mark.parametrize(
    "golden", [g for g in GOLDENS if "json" in g["encodings"]], ids=lambda g: str(g["id"])
)
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


@pytest.mark.parametrize(
    "golden", [g for g in GOLDENS if "compact_json" in g["encodings"]], ids=lambda g: str(g["id"])
)
def test_a_golden_message_in_compact_form_is_read_from_a_json_stream(golden: dict[str, Any]) -> None:
    message = BY_TYPE[golden["type"]](**golden["values"])
    assert unset_as_binary_says(
        from_json(golden["encodings"]["compact_json"]["text"])
    ) == unset_as_binary_says(message)
