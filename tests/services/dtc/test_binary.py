"""Fixed-length structs: unset markers, and peers of another age."""

import struct

import pytest

from services.dtc.codec import encode
from services.dtc.layout import layout_of
from services.dtc.messages.base import DBL_MAX, FLT_MAX, UINT_MAX, Message
from services.dtc.messages.catalog import MESSAGES
from services.dtc.messages.market_data import (
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateBidAskCompact,
    MarketDataUpdateTrade,
)
from services.dtc.messages.order_entry import CancelOrder
from services.dtc.messages.trading import OrderUpdate, PositionUpdate
from tests.services.dtc.wire import BINARY, DESCRIBED, decoded, from_json


def test_unset_markers_of_every_kind_become_none() -> None:
    quote = encode(MarketDataUpdateBidAsk(SymbolID=7), BINARY)
    assert struct.pack("<d", DBL_MAX) in quote
    assert decoded(quote) == [MarketDataUpdateBidAsk(SymbolID=7, BidQuantity=0.0, AskQuantity=0.0)]
    compact = encode(MarketDataUpdateBidAskCompact(SymbolID=7), BINARY)
    assert struct.pack("<f", FLT_MAX) in compact
    [read] = decoded(compact)
    assert isinstance(read, MarketDataUpdateBidAskCompact)
    assert read.BidPrice is None
    snapshot = encode(MarketDataSnapshot(SymbolID=7), BINARY)
    assert struct.pack("<I", UINT_MAX) in snapshot
    [state] = decoded(snapshot)
    assert isinstance(state, MarketDataSnapshot)
    assert state.OpenInterest is None


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf"), DBL_MAX, -DBL_MAX, 1.75e308])
def test_a_number_that_is_none_never_leaves_the_binary_decoder(odd: float) -> None:
    wire = bytearray(encode(MarketDataUpdateTrade(SymbolID=7, Price=5.0), BINARY))
    struct.pack_into("<d", wire, 16, odd)
    [trade] = decoded(wire)
    assert isinstance(trade, MarketDataUpdateTrade)
    assert trade.Price is None


def test_no_orders_comes_with_every_price_and_quantity_unset() -> None:
    wire = encode(
        OrderUpdate(RequestID=3, TotalNumMessages=1, MessageNumber=1, OrderUpdateReason=1, NoOrders=1), BINARY
    )
    assert wire.count(struct.pack("<d", DBL_MAX)) == 8
    [update] = decoded(wire)
    assert isinstance(update, OrderUpdate)
    assert update.NoOrders == 1
    assert (update.Price1, update.OrderQuantity, update.LastFillPrice) == (None, None, None)


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_struct_of_any_length_is_read_as_far_as_it_goes(cls: type[Message]) -> None:
    wire = encode(cls(), BINARY)
    [full] = decoded(wire)
    older = {entry["struct_size"] for entry in DESCRIBED[cls.TYPE].get("size_history", [])}
    for size in {*older, *range(4, cls.SIZE, 7), cls.SIZE + 9}:
        cut = struct.pack("<H", size) + wire[2:size] + b"\xee" * (size - len(wire))
        [read] = decoded(cut)
        for place in layout_of(cls).places:
            expected = getattr(full if place.end <= size else cls(), place.name)
            if (cls.TYPE, size, place.name) != (306, 208, "OpenProfitLoss"):
                assert getattr(read, place.name) == expected, (size, place.name)


def test_the_208_byte_position_has_no_profit_where_it_kept_a_limit() -> None:
    wire = bytearray(encode(PositionUpdate(Symbol="ES", Quantity=2.0, OpenProfitLoss=99.0), BINARY)[:208])
    struct.pack_into("<H", wire, 0, 208)
    [position] = decoded(wire)
    assert isinstance(position, PositionUpdate)
    assert position.Quantity == 2.0
    assert position.OpenProfitLoss is None


def test_padding_and_bytes_behind_the_end_of_a_text_mean_nothing() -> None:
    update = OrderUpdate(Symbol="ES", Price1=4.0, NoOrders=1, OrderQuantity=0.5, Username="me")
    wire = bytearray(encode(update, BINARY))
    [clean] = decoded(wire)
    used = {i for place in layout_of(OrderUpdate).places for i in range(place.at.offset, place.end)} | {0, 1, 2, 3}
    for i in set(range(len(wire))) - used:
        wire[i] = 0xC9
    wire[16 + 3 : 16 + 64] = b"\xaa" * 61  # behind "ES\0"
    assert decoded(wire) == [clean]


def test_a_text_that_fills_its_place_to_the_last_byte_is_read_whole() -> None:
    wire = bytearray(encode(CancelOrder(), BINARY))
    wire[4:36] = b"A" * 32
    [cancel] = decoded(wire)
    assert isinstance(cancel, CancelOrder)
    assert cancel.ServerOrderID == "A" * 32


def test_a_value_of_a_later_enumeration_survives() -> None:
    assert decoded(encode(OrderUpdate(OrderStatus=99), BINARY))[0].__getattribute__("OrderStatus") == 99
    update = from_json('{"Type":301,"OrderStatus":99}')
    assert isinstance(update, OrderUpdate)
    assert update.OrderStatus == 99
