"""Our orders in DTC words."""

import json
import struct
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderType, TimeInForce
from core.model.order_change import Terms
from core.model.scope import PositionKey
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum
from services.dtc.order_wire import cancellation, replacement, submission
from services.dtc.price_scale import PriceScale

AT = datetime(2026, 11, 20, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
ORDER = Order(
    key=PositionKey("x", "Sim1", "ES"),
    client_order_id="ST1234ABCDEFGHIJKLMNOP",
    side=Side.SELL,
    intent=Intent.OPEN,
    type=OrderType.MARKET,
    quantity=Decimal(3),
    created_at=AT,
    updated_at=AT,
)


@pytest.mark.parametrize(
    ("type_", "price", "trigger", "first", "second", "number"),
    [
        (OrderType.MARKET, None, None, None, None, 1),
        (OrderType.MARKET, "4000.50", "4000.50", None, None, 1),
        (OrderType.LIMIT, "4000.50", None, 400050.0, None, 2),
        (OrderType.STOP, None, "4000.25", 400025.0, None, 3),
        (OrderType.STOP_LIMIT, "4000.50", "4000.25", 400025.0, 400050.0, 4),
    ],
)
def test_prices_go_where_the_order_type_wants_them(
    type_: OrderType,
    price: str | None,
    trigger: str | None,
    first: float | None,
    second: float | None,
    number: int,
) -> None:
    order = replace(
        ORDER,
        type=type_,
        price=None if price is None else Decimal(price),
        trigger_price=None if trigger is None else Decimal(trigger),
    )
    message = submission(order, SCALE)
    assert (message.OrderType, message.Price1, message.Price2) == (number, first, second)


def test_an_order_says_whose_it_is_what_it_wants_and_that_a_person_sent_it() -> None:
    message = submission(replace(ORDER, time_in_force=TimeInForce.GTC), SCALE)
    assert (message.Symbol, message.TradeAccount, message.ClientOrderID) == ("ES", "Sim1", ORDER.client_order_id)
    assert (message.BuySell, message.Quantity, message.TimeInForce) == (2, 3.0, 2)
    assert (message.IsAutomatedOrder, message.IsParentOrder, message.FreeFormText) == (0, 0, "")
    assert submission(replace(ORDER, side=Side.BUY), SCALE).BuySell == 1
    for encoding in (EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING):
        assert encode(message, encoding)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": Decimal(0)}, "not a positive number"),
        ({"quantity": Decimal(-1)}, "not a positive number"),
        ({"quantity": Decimal("NaN")}, "not a positive number"),
        ({"quantity": Decimal("Infinity")}, "not a positive number"),
        ({"quantity": Decimal("0.12345678901234567890123")}, "more digits"),
        ({"client_order_id": ""}, "1 to 31"),
        ({"client_order_id": "A" * 32}, "1 to 31"),
        ({"key": PositionKey("x", "", "ES")}, "symbol and an account"),
        ({"key": PositionKey("x", "Sim1", "")}, "symbol and an account"),
        ({"type": OrderType.LIMIT}, "needs its price"),
        ({"type": OrderType.STOP, "price": Decimal(4000)}, "needs its price"),
        ({"type": OrderType.STOP_LIMIT, "price": Decimal(4000)}, "needs its price"),
        ({"type": OrderType.LIMIT, "price": Decimal("4000.10")}, "tick grid"),
    ],
)
def test_what_cannot_be_said_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidOrder, match=words):
        submission(replace(ORDER, **changes), SCALE)  # type: ignore[arg-type]


def test_a_market_order_needs_no_scale_and_a_limit_order_does() -> None:
    assert submission(ORDER, None).Quantity == 3.0
    with pytest.raises(InvalidOrder, match="price scale of ES"):
        submission(replace(ORDER, type=OrderType.LIMIT, price=Decimal(4000)), None)


def test_a_fraction_goes_out_as_it_is() -> None:
    assert submission(replace(ORDER, quantity=Decimal("0.005")), SCALE).Quantity == 0.005


def test_the_name_we_gave_an_order_of_others_stays_with_us() -> None:
    ours = cancellation(replace(ORDER, server_order_id="S1"))
    assert (ours.ServerOrderID, ours.ClientOrderID, ours.TradeAccount) == ("S1", ORDER.client_order_id, "Sim1")
    others = cancellation(replace(ORDER, client_order_id="EXT-x-S2", server_order_id="S2", external=True))
    assert (others.ServerOrderID, others.ClientOrderID) == ("S2", "")


STOP_LIMIT = replace(
    ORDER,
    type=OrderType.STOP_LIMIT,
    price=Decimal("4000.50"),
    trigger_price=Decimal("4000.25"),
    server_order_id="S1",
)


@pytest.mark.parametrize(
    ("type_", "wanted", "first", "second"),
    [
        (OrderType.LIMIT, Terms(price=Decimal("4000.75")), 400075.0, None),
        (OrderType.STOP, Terms(trigger_price=Decimal("4001.25")), 400125.0, None),
        (OrderType.STOP_LIMIT, Terms(trigger_price=Decimal("4001.25")), 400125.0, 400050.0),
        (OrderType.STOP_LIMIT, Terms(price=Decimal("4001.25")), 400025.0, 400125.0),
        (OrderType.LIMIT, Terms(quantity=Decimal(2)), None, None),
        (OrderType.STOP_LIMIT, Terms(quantity=Decimal(2)), None, None),
    ],
)
def test_a_change_states_what_is_wanted_and_says_which_prices_count(
    type_: OrderType, wanted: Terms, first: float | None, second: float | None
) -> None:
    message = replacement(replace(STOP_LIMIT, type=type_), wanted, SCALE)
    assert (message.ServerOrderID, message.ClientOrderID, message.TradeAccount) == (
        "S1",
        ORDER.client_order_id,
        "Sim1",
    )
    assert (message.Price1, message.Price2) == (first, second)
    assert (message.Price1IsSet, message.Price2IsSet) == (int(first is not None), int(second is not None))
    assert message.Quantity == (None if wanted.quantity is None else 2.0)
    assert message.TimeInForce == 0  # stays


@pytest.mark.parametrize(
    ("order", "wanted", "scale", "text"),
    [
        (replace(STOP_LIMIT, server_order_id=""), Terms(price=Decimal(4000)), SCALE, "not named this order"),
        (STOP_LIMIT, Terms(price=Decimal("4000.10")), SCALE, "not a price on the tick grid"),
        (STOP_LIMIT, Terms(price=Decimal(4000)), None, "price scale of ES"),
        (STOP_LIMIT, Terms(quantity=Decimal(0)), SCALE, "not a positive number"),
        (replace(STOP_LIMIT, price=None), Terms(trigger_price=Decimal(4000)), SCALE, "needs its price"),
    ],
)
def test_a_change_that_cannot_be_said_on_the_wire_is_refused(
    order: Order, wanted: Terms, scale: PriceScale | None, text: str
) -> None:
    with pytest.raises(InvalidOrder, match=text):
        replacement(order, wanted, scale)


def test_a_change_of_size_alone_needs_no_price_scale_and_keeps_the_name_of_others_here() -> None:
    others = replace(STOP_LIMIT, client_order_id="EXT-x-S2", external=True)
    message = replacement(others, Terms(quantity=Decimal("0.005")), None)
    assert (message.ServerOrderID, message.ClientOrderID, message.Quantity) == ("S1", "", 0.005)


def test_the_bytes_of_a_change_are_these() -> None:
    wanted = Terms(quantity=Decimal(2), trigger_price=Decimal("4001.25"))
    message = replacement(replace(STOP_LIMIT, type=OrderType.STOP, price=None), wanted, SCALE)
    binary = encode(message, EncodingEnum.BINARY_ENCODING)
    assert len(binary) == 192
    assert struct.unpack_from("<HH32s32s", binary) == (
        192,
        204,
        b"S1".ljust(32, b"\0"),
        ORDER.client_order_id.encode().ljust(32, b"\0"),
    )
    assert struct.unpack_from("<dddBB", binary, 72) == (400125.0, 0.0, 2.0, 1, 0)
    assert binary[121:153] == b"Sim1".ljust(32, b"\0")
    assert not any(binary[98:121]) and not any(binary[153:])
    for encoding in (EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING):
        text = encode(message, encoding)
        assert text.endswith(b"\0")
        told = json.loads(text[:-1])
        assert told["Type"] == 204  # a client sends no short form of it
        stated = {name: told[name] for name in ("ServerOrderID", "Price1", "Quantity", "Price1IsSet", "Price2IsSet")}
        assert stated == {"ServerOrderID": "S1", "Price1": 400125, "Quantity": 2, "Price1IsSet": 1, "Price2IsSet": 0}
        assert "Price2" not in told
