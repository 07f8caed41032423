"""JSON as it comes from real servers, and nonsense."""

import pytest

from services.dtc.codec import MAX_MALFORMED_IN_A_ROW, Decoder, encode
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.accounts import AccountBalanceUpdate
from services.dtc.messages.connection import Heartbeat, LogonRequest
from services.dtc.messages.market_data import (
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateBidAskCompact,
    MarketDataUpdateTrade,
)
from services.dtc.messages.notices import GeneralLogMessage
from services.dtc.messages.order_entry import CancelOrder
from services.dtc.messages.trading import OrderUpdate, PositionUpdate
from tests.services.dtc.wire import BINARY, JSON, decoded, from_json


@pytest.mark.parametrize(
    "odd", ["NaN", "Infinity", "-Infinity", "1.7976931348623157e+308", "1e999", "null", "1" + "0" * 400]
)
def test_a_number_that_is_none_never_leaves_the_json_decoder(odd: str) -> None:
    trade = from_json('{"Type":107,"SymbolID":7,"Price":' + odd + "}")
    assert trade == MarketDataUpdateTrade(SymbolID=7)


def test_a_float32_marker_is_unset_in_json_too() -> None:
    assert from_json('{"Type":117,"SymbolID":7,"BidPrice":3.4028234663852886e+38}') == MarketDataUpdateBidAskCompact(
        SymbolID=7
    )
    assert from_json('{"Type":104,"OpenInterest":4294967295}') == MarketDataSnapshot()


@pytest.mark.parametrize("odd", ["null", "1.7976931348623157e+308", "NaN", "1e999"])
def test_a_number_that_is_none_is_unset_in_short_form_too(odd: str) -> None:
    quote = from_json('{"Type":108,"F":[7,' + odd + ",0,6510.25,8.0]}")
    assert quote == MarketDataUpdateBidAsk(SymbolID=7, BidQuantity=0.0, AskPrice=6510.25, AskQuantity=8.0)


def test_a_missing_quantity_in_json_is_unknown_and_a_zero_is_a_zero() -> None:
    position = from_json('{"Type":306,"Symbol":"ES"}')
    assert isinstance(position, PositionUpdate)
    assert position.Quantity is None
    flat = from_json('{"Type":306,"Symbol":"ES","Quantity":0}')
    assert isinstance(flat, PositionUpdate)
    assert flat.Quantity == 0.0
    balance = from_json('{"Type":600,"TradeAccount":"Sim1"}')
    assert isinstance(balance, AccountBalanceUpdate)
    assert balance.CashBalance is None


@pytest.mark.parametrize(
    "text",
    [
        '{"Type":3,"F":[2,1790000000]}',
        '{"Type":3,"F":[2,1790000000,"of a later age"]}',
        '{"F":[2.0,1790000000.5],"Type":3}',
        '{"Type":3,"NumDroppedMessages":2.0,"CurrentDateTime":1790000000.375}',
        ' {"NumDroppedMessages":2, "CurrentDateTime":1790000000, "Type":3, "Later":null} ',
        '{"Type":3.0,"NumDroppedMessages":2,"CurrentDateTime":1790000000}',
    ],
)
def test_a_heartbeat_is_understood_in_every_form_seen_in_the_wild(text: str) -> None:
    assert from_json(text) == Heartbeat(NumDroppedMessages=2, CurrentDateTime=1790000000)


def test_json_booleans_are_numbers_and_nulls_are_absent() -> None:
    assert from_json('{"Type":301,"NoOrders":true,"Symbol":null,"OrderStatus":null,"Price1":true}') == OrderUpdate(
        NoOrders=1, Price1=1.0
    )


def test_eight_bit_and_control_characters_are_text() -> None:
    assert from_json('{"Type":701,"MessageText":"5 € für\tdich\n"}') == GeneralLogMessage(MessageText="5 € für\tdich\n")
    [odd] = decoded(b'{"Type":701,"MessageText":"\x81\xff"}\0', JSON)
    assert odd == GeneralLogMessage(MessageText="\x81ÿ")
    assert encode(odd, JSON) == b'{"Type":701,"MessageText":"\x81\xff"}\0'
    assert decoded(encode(odd, BINARY)) == [odd]


def test_a_zero_inside_a_json_text_ends_it() -> None:
    assert from_json(r'{"Type":203,"ServerOrderID":"12\u00003"}') == CancelOrder(ServerOrderID="12")


def test_half_a_surrogate_is_no_character() -> None:
    assert from_json(r'{"Type":203,"ClientOrderID":"x\ud800"}') == CancelOrder(ClientOrderID="x?")


def test_empty_frames_between_messages_are_harmless() -> None:
    assert decoded(b'\0{"Type":3}\0\0{"Type":3}\0', JSON) == [Heartbeat(), Heartbeat()]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"Type":306,"Quantity":"2"}', "Quantity is not a number"),
        ('{"Type":306,"Quantity":[2]}', "Quantity is not a number"),
        ('{"Type":306,"NoPositions":0.5}', "NoPositions is not a whole number"),
        ('{"Type":306,"NoPositions":1e300}', "NoPositions is not a whole number"),
        ('{"Type":306,"Symbol":5}', "Symbol is not text"),
        ('{"Type":"306"}', "Type is not a whole number"),
        ('{"Symbol":"ES"}', "Type is not a whole number"),
        ("[306]", "not a JSON object"),
        ('{"Type":306,', "not JSON"),
        ("[" * 100000, "not JSON"),
        ("1" * 5000, "not JSON"),
        ("HTTP/1.1 400 Bad Request", "not JSON"),
    ],
)
def test_a_senseless_object_is_skipped_counted_and_explained(text: str, reason: str) -> None:
    decoder = Decoder(JSON)
    decoder.feed(text.encode() + b"\0" + encode(Heartbeat(), JSON))
    assert list(decoder) == [Heartbeat()]
    assert decoder.malformed == 1
    assert decoder.samples[0].reason == reason
    assert len(decoder.samples[0].sample) <= 500


def test_twenty_senseless_objects_in_a_row_lose_the_stream() -> None:
    decoder = Decoder(JSON)
    almost = b"rubbish\0" * (MAX_MALFORMED_IN_A_ROW - 1)
    decoder.feed(almost + encode(Heartbeat(), JSON) + almost)
    assert list(decoder) == [Heartbeat()]
    decoder.feed(b"rubbish\0")
    with pytest.raises(RemoteProtocolError, match="in a row"):
        list(decoder)


def test_no_sample_shows_a_secret() -> None:
    decoder = Decoder(JSON)
    decoder.feed(b'{"Type":1,"Password":"hunter2","Integer_1":"x"}\0{"Type":1,"F":[8,"me","hunter2",1]}\0')
    decoder.feed(b'{"Type":"1","Password" : "hun\\"hunter2","Username":"hunter2\0')
    assert list(decoder) == []
    assert decoder.malformed == 3
    assert "hunter2" not in repr(decoder.samples)
    assert "hunter2" not in repr(LogonRequest(Username="me", Password="hunter2"))
    assert "J. Doe" not in repr(AccountBalanceUpdate(TradeAccount="J. Doe 12", Description="J. Doe"))
