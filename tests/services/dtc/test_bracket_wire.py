"""Linked exits, and an entry with its exits, in DTC words."""

import json
import struct
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import InvalidOrder
from core.model.bracket import Offsets
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderType, TimeInForce
from core.model.scope import PositionKey
from services.dtc.codec import Decoder, encode
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.order_wire import bracket_submission, pair_submission
from services.dtc.price_scale import PriceScale

AT = datetime(2026, 11, 20, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
NAME = "ST1234ABCDEFGHIJKLMNOP"
ENTRY = Order(
    key=PositionKey("x", "Sim1", "ES"),
    client_order_id=NAME,
    side=Side.BUY,
    intent=Intent.OPEN,
    type=OrderType.LIMIT,
    quantity=Decimal(3),
    created_at=AT,
    updated_at=AT,
    price=Decimal("4000.50"),
)
OUT = replace(ENTRY, side=Side.SELL, intent=Intent.PROTECT, time_in_force=TimeInForce.GTC)
STOP = replace(OUT, client_order_id=f"{NAME}0", type=OrderType.STOP, price=None, trigger_price=Decimal("3990.25"))
TARGET = replace(OUT, client_order_id=f"{NAME}1", price=Decimal("4020.75"))
MARKET = replace(ENTRY, type=OrderType.MARKET, price=None)
OFFSETS = Offsets(Decimal("10.25"), Decimal("20.5"), Decimal("4000.75"))
SPOKEN = (EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING)


def test_a_pair_says_each_exit_and_that_one_reduces_the_other() -> None:
    assert pair_submission(STOP, TARGET, SCALE) == SubmitNewOCOOrder(
        Symbol="ES",
        TradeAccount="Sim1",
        TimeInForce=2,
        ClientOrderID_1=f"{NAME}0",
        OrderType_1=3,
        BuySell_1=2,
        Price1_1=399025.0,
        Quantity_1=3.0,
        ClientOrderID_2=f"{NAME}1",
        OrderType_2=2,
        BuySell_2=2,
        Price1_2=402075.0,
        Quantity_2=3.0,
        PartialFillHandling=1,
    )


def test_a_stop_limit_exit_carries_both_its_prices() -> None:
    stop = replace(STOP, type=OrderType.STOP_LIMIT, price=Decimal(3989))
    message = pair_submission(TARGET, stop, SCALE)
    assert (message.Price1_1, message.Price2_1) == (402075.0, None)
    assert (message.OrderType_2, message.Price1_2, message.Price2_2) == (4, 399025.0, 398900.0)


def test_an_entry_is_a_parent_and_its_exits_name_it_and_keep_their_prices() -> None:
    parent, exits = bracket_submission(ENTRY, STOP, TARGET, None, SCALE)
    assert (parent.IsParentOrder, parent.ClientOrderID, parent.TimeInForce) == (1, NAME, 1)
    assert (parent.OrderType, parent.BuySell, parent.Price1, parent.Quantity) == (2, 1, 400050.0, 3.0)
    assert (exits.ParentTriggerClientOrderID, exits.TimeInForce, exits.PartialFillHandling) == (NAME, 2, 1)
    assert (exits.UseOffsets, exits.MaintainSamePricesOnParentFill) == (0, 1)
    assert (exits.ClientOrderID_1, exits.Price1_1) == (TARGET.client_order_id, 402075.0)
    assert (exits.ClientOrderID_2, exits.Price1_2) == (STOP.client_order_id, 399025.0)
    assert (exits.OffsetFromParent1, exits.OffsetFromParent2) == (None, None)


@pytest.mark.parametrize(("entry", "carried"), [(MARKET, 400075.0), (ENTRY, 400050.0)])
def test_exits_at_a_distance_carry_no_price_and_the_entry_always_does(entry: Order, carried: float) -> None:
    parent, exits = bracket_submission(entry, STOP, TARGET, OFFSETS, SCALE)
    assert (parent.IsParentOrder, parent.Price1) == (1, carried)
    assert (exits.UseOffsets, exits.MaintainSamePricesOnParentFill) == (1, 0)
    assert (exits.OffsetFromParent1, exits.OffsetFromParent2) == (2050.0, 1025.0)
    assert [exits.Price1_1, exits.Price2_1, exits.Price1_2, exits.Price2_2] == [None] * 4


def test_a_market_entry_whose_exits_have_prices_carries_none() -> None:
    parent, _ = bracket_submission(MARKET, STOP, TARGET, None, SCALE)
    assert (parent.Price1, parent.IsParentOrder) == (None, 1)


def test_a_short_entry_is_bought_back_and_crypto_keeps_every_digit() -> None:
    coin = PriceScale(Instrument("BTC", Decimal("0.1"), quantity_step=Decimal("0.001")))
    entry, stop, target = (
        replace(one, side=side, quantity=Decimal("0.005"), price=price, trigger_price=trigger)
        for one, side, price, trigger in (
            (ENTRY, Side.SELL, Decimal("64000.3"), None),
            (STOP, Side.BUY, None, Decimal("64100.1")),
            (TARGET, Side.BUY, Decimal("63900.7"), None),
        )
    )
    parent, exits = bracket_submission(entry, stop, target, None, coin)
    assert (parent.BuySell, exits.BuySell_1, exits.BuySell_2) == (2, 1, 1)
    assert (parent.Price1, exits.Price1_1, exits.Price1_2) == (64000.3, 63900.7, 64100.1)
    assert (parent.Quantity, exits.Quantity_1, exits.Quantity_2) == (0.005,) * 3


@pytest.mark.parametrize(
    ("entry", "stop", "target", "offsets", "scale", "text"),
    [
        (ENTRY, STOP, TARGET, None, None, "price scale of ES"),
        (MARKET, STOP, TARGET, OFFSETS, None, "price scale of ES"),
        (ENTRY, replace(STOP, trigger_price=Decimal("3990.10")), TARGET, None, SCALE, "not a price on the tick grid"),
        (ENTRY, STOP, replace(TARGET, price=Decimal("4020.60")), None, SCALE, "not a price on the tick grid"),
        (ENTRY, STOP, TARGET, replace(OFFSETS, stop=Decimal("10.10")), SCALE, "not a price on the tick grid"),
        (MARKET, STOP, TARGET, replace(OFFSETS, reference=Decimal("4000.6")), SCALE, "not a price on the tick grid"),
        (ENTRY, STOP, TARGET, replace(OFFSETS, target=Decimal(0)), SCALE, "positive distance"),
        (ENTRY, STOP, TARGET, replace(OFFSETS, stop=Decimal(-10)), SCALE, "positive distance"),
        (ENTRY, STOP, TARGET, replace(OFFSETS, stop=Decimal("NaN")), SCALE, "positive distance"),
        (ENTRY, replace(STOP, type=OrderType.STOP_LIMIT), TARGET, OFFSETS, SCALE, "as a distance"),
        (ENTRY, replace(STOP, trigger_price=None), TARGET, None, SCALE, "needs its price"),
        (ENTRY, STOP, replace(TARGET, client_order_id=STOP.client_order_id), None, SCALE, "Two orders"),
        (ENTRY, replace(STOP, client_order_id=NAME), TARGET, None, SCALE, "Two orders"),
        (ENTRY, replace(STOP, client_order_id="S" * 32), TARGET, None, SCALE, "1 to 31"),
        (replace(ENTRY, client_order_id="S" * 32), STOP, TARGET, None, SCALE, "1 to 31"),
        (ENTRY, replace(STOP, side=Side.BUY), TARGET, None, SCALE, "does not close"),
        (ENTRY, STOP, replace(TARGET, quantity=Decimal(4)), None, SCALE, "does not close"),
        (ENTRY, STOP, replace(TARGET, key=PositionKey("x", "Sim2", "ES")), None, SCALE, "does not close"),
        (ENTRY, TARGET, STOP, None, SCALE, "a stop and a limit"),
        (ENTRY, replace(STOP, time_in_force=TimeInForce.DAY), TARGET, None, SCALE, "share symbol"),
        (ENTRY, replace(STOP, quantity=Decimal(0)), TARGET, None, SCALE, "not a positive number"),
        (ENTRY, STOP, replace(TARGET, quantity=Decimal("NaN")), None, SCALE, "not a positive number"),
        (replace(ENTRY, quantity=Decimal("NaN")), STOP, TARGET, OFFSETS, SCALE, "not a positive number"),
    ],
)
def test_what_cannot_be_said_or_does_not_go_together_is_refused(
    entry: Order, stop: Order, target: Order, offsets: Offsets | None, scale: PriceScale | None, text: str
) -> None:
    with pytest.raises(InvalidOrder, match=text):
        bracket_submission(entry, stop, target, offsets, scale)


def test_two_orders_of_different_scopes_are_no_pair() -> None:
    with pytest.raises(InvalidOrder, match="share symbol"):
        pair_submission(STOP, replace(TARGET, key=PositionKey("x", "Sim2", "ES")), SCALE)


@pytest.mark.parametrize("encoding", SPOKEN)
@pytest.mark.parametrize("offsets", [None, OFFSETS])
def test_the_other_end_reads_what_was_meant(encoding: EncodingEnum, offsets: Offsets | None) -> None:
    decoder = Decoder(encoding)
    messages = bracket_submission(MARKET, STOP, TARGET, offsets, SCALE)
    for message in messages:
        decoder.feed(encode(message, encoding))
    parent, exits = decoder
    assert isinstance(parent, SubmitNewSingleOrder)
    assert isinstance(exits, SubmitNewOCOOrder)
    wanted = messages[1]
    assert (parent.IsParentOrder, parent.ClientOrderID) == (1, exits.ParentTriggerClientOrderID)
    for name in ("ClientOrderID_1", "ClientOrderID_2", "UseOffsets", "PartialFillHandling", "Quantity_1"):
        assert getattr(exits, name) == getattr(wanted, name)
    for name in ("Price1_1", "Price1_2", "OffsetFromParent1", "OffsetFromParent2"):
        assert (getattr(exits, name) or None) == getattr(wanted, name), name


def test_the_bytes_of_an_entry_with_its_exits_are_these() -> None:
    parent, exits = (
        encode(one, EncodingEnum.BINARY_ENCODING) for one in bracket_submission(MARKET, STOP, TARGET, OFFSETS, SCALE)
    )
    assert struct.unpack_from("<HH", parent) == (304, 208)
    assert struct.unpack_from("<ddd", parent, 160) == (400075.0, 0.0, 3.0)
    assert (parent[116:148].rstrip(b"\0"), parent[200], parent[201]) == (NAME.encode(), 0, 1)
    assert struct.unpack_from("<HH", exits) == (448, 201)
    assert (exits[84:116].rstrip(b"\0"), exits[152:184].rstrip(b"\0")) == (f"{NAME}1".encode(), f"{NAME}0".encode())
    assert struct.unpack_from("<ii4xddd", exits, 116) == (2, 2, 0.0, 0.0, 3.0)
    assert struct.unpack_from("<iiddd", exits, 184) == (3, 2, 0.0, 0.0, 3.0)
    assert struct.unpack_from("<i", exits, 216) == (2,)
    assert exits[265:297].rstrip(b"\0") == NAME.encode()
    assert struct.unpack_from("<bB6xdd", exits, 352) == (1, 1, 2050.0, 1025.0)
    for encoding in (EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING):
        text = encode(bracket_submission(MARKET, STOP, TARGET, OFFSETS, SCALE)[1], encoding)
        told = json.loads(text[:-1])
        assert (told["Type"], told["UseOffsets"], told["OffsetFromParent1"]) == (201, 1, 2050)
        assert not {"Price1_1", "Price1_2", "Price2_1", "Price2_2"} & set(told)


def test_exits_of_an_entry_are_said_as_in_the_reference() -> None:
    examples = json.loads((Path(__file__).parent / "goldens.json").read_text())["examples"]
    golden = next(one for one in examples if one["id"] == "submit_oco_bracket_children")["encodings"]["binary"]["hex"]
    scale = PriceScale(Instrument("ESZ26_FUT_CME", Decimal("0.25")))
    entry, stop, target = (
        replace(
            one,
            key=PositionKey("x", "Sim1", "ESZ26_FUT_CME"),
            client_order_id=name,
            quantity=Decimal(2),
            price=price,
            trigger_price=trigger,
            time_in_force=TimeInForce.DAY,
        )
        for one, name, price, trigger in (
            (MARKET, "T-0001", None, None),
            (STOP, "T-0003", None, Decimal(6495)),
            (TARGET, "T-0002", Decimal(6515), None),
        )
    )
    frame = bytearray(encode(bracket_submission(entry, stop, target, None, scale)[1], EncodingEnum.BINARY_ENCODING))
    assert frame[376] == 1  # MaintainSamePricesOnParentFill: beyond the reference
    frame[376] = 0
    assert frame.hex() == golden


def test_no_id_is_longer_than_the_wire_carries() -> None:
    longest = f"ST1234{'A' * 24}0"
    stop = replace(STOP, client_order_id=longest)
    assert len(longest) == 31
    exits = bracket_submission(ENTRY, stop, TARGET, None, SCALE)[1]
    frame = encode(exits, EncodingEnum.BINARY_ENCODING)
    assert frame[152:184] == longest.encode() + b"\0"
