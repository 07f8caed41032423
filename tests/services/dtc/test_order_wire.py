"""Our orders in DTC words."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderType, TimeInForce
from core.model.scope import PositionKey
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum
from services.dtc.order_wire import cancellation, submission
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
