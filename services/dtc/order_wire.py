"""Our orders in DTC words: 208 to submit, 204 to change, 203 to cancel."""

from decimal import Decimal

from core.errors import InvalidOrder
from core.model.fill import Side
from core.model.order import Order, OrderType, TimeInForce
from core.model.order_change import Terms, changed
from services.dtc.enums import BuySellEnum, OrderTypeEnum, TimeInForceEnum
from services.dtc.messages.order_entry import CancelOrder, CancelReplaceOrder, SubmitNewSingleOrder
from services.dtc.price_scale import PriceScale, tidy

LONGEST_ID = 31

_TYPES = {
    OrderType.MARKET: OrderTypeEnum.ORDER_TYPE_MARKET,
    OrderType.LIMIT: OrderTypeEnum.ORDER_TYPE_LIMIT,
    OrderType.STOP: OrderTypeEnum.ORDER_TYPE_STOP,
    OrderType.STOP_LIMIT: OrderTypeEnum.ORDER_TYPE_STOP_LIMIT,
}
_TIMES = {TimeInForce.DAY: TimeInForceEnum.TIF_DAY, TimeInForce.GTC: TimeInForceEnum.TIF_GOOD_TILL_CANCELED}


def submission(order: Order, scale: PriceScale | None) -> SubmitNewSingleOrder:
    """Return the message that places an order; a person placed it, so it is not marked automated.

    Raises:
        InvalidOrder: it cannot be said on the wire; the sentence says why.
    """
    if not order.key.symbol or not order.key.account:
        raise InvalidOrder("An order needs a symbol and an account.")
    if not 0 < len(order.client_order_id) <= LONGEST_ID:
        raise InvalidOrder(f"The order id {order.client_order_id!r} does not have 1 to {LONGEST_ID} characters.")
    first, second = _two_prices(order)
    return SubmitNewSingleOrder(
        Symbol=order.key.symbol,
        TradeAccount=order.key.account,
        ClientOrderID=order.client_order_id,
        OrderType=_TYPES[order.type],
        BuySell=BuySellEnum.BUY if order.side is Side.BUY else BuySellEnum.SELL,
        Price1=_wire(order, first, scale),
        Price2=_wire(order, second, scale),
        Quantity=_quantity(order),
        TimeInForce=_TIMES[order.time_in_force],
        IsAutomatedOrder=0,
    )


def cancellation(order: Order) -> CancelOrder:
    """Return the message that asks to cancel an order; the id we gave an order of others stays with us."""
    return CancelOrder(
        ServerOrderID=order.server_order_id,
        ClientOrderID="" if order.external else order.client_order_id,
        TradeAccount=order.key.account,
    )


def replacement(order: Order, wanted: Terms, scale: PriceScale | None) -> CancelReplaceOrder:
    """Return the message that asks for other terms; what stays is not stated, but both prices of a type go together.

    Raises:
        InvalidOrder: it cannot be said on the wire; the sentence says why.
    """
    if not order.server_order_id:
        raise InvalidOrder("The broker has not named this order yet, so it cannot be changed.")
    asked, first, second = changed(order, wanted), None, None
    if wanted.price is not None or wanted.trigger_price is not None:
        first, second = _two_prices(asked)
    return CancelReplaceOrder(
        ServerOrderID=order.server_order_id,
        ClientOrderID="" if order.external else order.client_order_id,
        Price1=_wire(asked, first, scale),
        Price2=_wire(asked, second, scale),
        Quantity=None if wanted.quantity is None else _quantity(asked),
        Price1IsSet=int(first is not None),
        Price2IsSet=int(second is not None),
        TradeAccount=order.key.account,
    )


def _two_prices(order: Order) -> tuple[Decimal | None, Decimal | None]:
    """Return what goes into Price1 and Price2.

    Raises:
        InvalidOrder: a price its type needs is missing.
    """
    if order.type is OrderType.MARKET:
        return None, None
    needed = {
        OrderType.LIMIT: (order.price,),
        OrderType.STOP: (order.trigger_price,),
        OrderType.STOP_LIMIT: (order.trigger_price, order.price),
    }[order.type]
    if None in needed:
        raise InvalidOrder(f"A {order.type.value} order needs its price.")
    return needed[0], needed[1] if len(needed) > 1 else None


def _wire(order: Order, price: Decimal | None, scale: PriceScale | None) -> float | None:
    if price is None:
        return None
    if scale is None:
        raise InvalidOrder(f"The venue has not confirmed the price scale of {order.key.symbol}; only market orders go.")
    return scale.wire(price)


def _quantity(order: Order) -> float:
    if not order.quantity.is_finite() or order.quantity <= 0:
        raise InvalidOrder(f"The quantity {order.quantity} is not a positive number.")
    wire = float(order.quantity)
    if tidy(wire) != order.quantity:
        raise InvalidOrder(f"The quantity {order.quantity} has more digits than the wire carries.")
    return wire
