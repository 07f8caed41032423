"""Our orders in DTC words: 208 to submit, 201 for two linked exits, 204 to change, 203 to cancel.

An entry with its exits is a 208 that says it is a parent and, directly behind it, the 201 that names it: the server
holds the parent back until then, and refuses it when anything else comes between.
"""

from decimal import Decimal

import msgspec

from core.errors import InvalidOrder
from core.model.bracket import Offsets
from core.model.fill import Side
from core.model.order import Order, OrderType, TimeInForce
from core.model.order_change import Terms, changed
from services.dtc.enums import BuySellEnum, OrderTypeEnum, PartialFillHandlingEnum, TimeInForceEnum
from services.dtc.messages.order_entry import CancelOrder, CancelReplaceOrder, SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.price_scale import PriceScale, tidy

LONGEST_ID = 31

_TYPES = {
    OrderType.MARKET: OrderTypeEnum.ORDER_TYPE_MARKET,
    OrderType.LIMIT: OrderTypeEnum.ORDER_TYPE_LIMIT,
    OrderType.STOP: OrderTypeEnum.ORDER_TYPE_STOP,
    OrderType.STOP_LIMIT: OrderTypeEnum.ORDER_TYPE_STOP_LIMIT,
}
_SIDES = {Side.BUY: BuySellEnum.BUY, Side.SELL: BuySellEnum.SELL}
_TIMES = {TimeInForce.DAY: TimeInForceEnum.TIF_DAY, TimeInForce.GTC: TimeInForceEnum.TIF_GOOD_TILL_CANCELED}


def submission(order: Order, scale: PriceScale | None) -> SubmitNewSingleOrder:
    """Return the message that places an order; a person placed it, so it is not marked automated.

    Raises:
        InvalidOrder: it cannot be said on the wire; the sentence says why.
    """
    _must_be_named(order)
    first, second = _two_prices(order)
    return SubmitNewSingleOrder(
        Symbol=order.key.symbol,
        TradeAccount=order.key.account,
        ClientOrderID=order.client_order_id,
        OrderType=_TYPES[order.type],
        BuySell=_SIDES[order.side],
        Price1=_wire(order, first, scale),
        Price2=_wire(order, second, scale),
        Quantity=_quantity(order),
        TimeInForce=_TIMES[order.time_in_force],
        IsAutomatedOrder=0,
    )


def pair_submission(first: Order, second: Order, scale: PriceScale | None) -> SubmitNewOCOOrder:
    """Return the message that places two orders of which one ends, or shrinks with, the other.

    Raises:
        InvalidOrder: one of them cannot be said on the wire, or they do not go together; the sentence says why.
    """
    message = _pair(first, second)
    (one, other), (third, fourth) = _two_prices(first), _two_prices(second)
    return msgspec.structs.replace(
        message,
        Price1_1=_wire(first, one, scale),
        Price2_1=_wire(first, other, scale),
        Price1_2=_wire(second, third, scale),
        Price2_2=_wire(second, fourth, scale),
    )


def bracket_submission(
    entry: Order, stop: Order, target: Order, offsets: Offsets | None, scale: PriceScale | None
) -> tuple[SubmitNewSingleOrder, SubmitNewOCOOrder]:
    """Return the two messages that place an entry with its exits, to be sent with nothing between them.

    With offsets the exits carry no prices, and the entry carries the reference also when it is a market order; without,
    the exits keep their prices whatever the entry fills at.

    Raises:
        InvalidOrder: one of them cannot be said on the wire, or they do not go together; the sentence says why.
    """
    _must_close(entry, stop, target)
    parent = msgspec.structs.replace(submission(entry, scale), IsParentOrder=1)
    name = entry.client_order_id
    if offsets is None:
        exits = pair_submission(target, stop, scale)
        return parent, msgspec.structs.replace(exits, ParentTriggerClientOrderID=name, MaintainSamePricesOnParentFill=1)
    if OrderType.STOP_LIMIT in (stop.type, target.type):
        raise InvalidOrder("The limit of a stop-limit exit cannot be given as a distance from the fill.")
    if entry.type is OrderType.MARKET:
        parent = msgspec.structs.replace(parent, Price1=_wire(entry, offsets.reference, scale))
    return parent, msgspec.structs.replace(
        _pair(target, stop),
        ParentTriggerClientOrderID=name,
        UseOffsets=1,
        OffsetFromParent1=_distance(target, offsets.target, scale),
        OffsetFromParent2=_distance(stop, offsets.stop, scale),
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


def _pair(first: Order, second: Order) -> SubmitNewOCOOrder:
    """Return what a pair says beside its prices; a partial fill of one reduces the other.

    Raises:
        InvalidOrder: one of them cannot be said on the wire, or they do not go together; the sentence says why.
    """
    for order in (first, second):
        _must_be_named(order)
    if first.client_order_id == second.client_order_id:
        raise InvalidOrder(f"Two orders cannot both be {first.client_order_id}.")
    if first.key != second.key or first.time_in_force is not second.time_in_force:
        raise InvalidOrder("Two linked orders share symbol, account and time in force.")
    return SubmitNewOCOOrder(
        Symbol=first.key.symbol,
        TradeAccount=first.key.account,
        TimeInForce=_TIMES[first.time_in_force],
        ClientOrderID_1=first.client_order_id,
        OrderType_1=_TYPES[first.type],
        BuySell_1=_SIDES[first.side],
        Quantity_1=_quantity(first),
        ClientOrderID_2=second.client_order_id,
        OrderType_2=_TYPES[second.type],
        BuySell_2=_SIDES[second.side],
        Quantity_2=_quantity(second),
        IsAutomatedOrder=0,
        PartialFillHandling=PartialFillHandlingEnum.PARTIAL_FILL_HANDLING_REDUCE_QUANTITY,
    )


def _must_be_named(order: Order) -> None:
    if not order.key.symbol or not order.key.account:
        raise InvalidOrder("An order needs a symbol and an account.")
    if not 0 < len(order.client_order_id) <= LONGEST_ID:
        raise InvalidOrder(f"The order id {order.client_order_id!r} does not have 1 to {LONGEST_ID} characters.")


def _must_close(entry: Order, stop: Order, target: Order) -> None:
    """See that the exits are of this entry and lead out of it: what is taken wrongly here trades wrongly there."""
    for order in (stop, target):
        if order.key != entry.key or order.side is entry.side or _quantity(order) > _quantity(entry):
            raise InvalidOrder(f"{order.client_order_id} does not close what {entry.client_order_id} opens.")
        if order.client_order_id == entry.client_order_id:
            raise InvalidOrder(f"Two orders cannot both be {order.client_order_id}.")
    if stop.type not in (OrderType.STOP, OrderType.STOP_LIMIT) or target.type is not OrderType.LIMIT:
        raise InvalidOrder(f"An entry's exits are a stop and a limit, not {stop.type.value} and {target.type.value}.")


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


def _distance(order: Order, distance: Decimal, scale: PriceScale | None) -> float:
    """Return a distance on the wire, in the scale of prices."""
    if not distance.is_finite() or distance <= 0:
        raise InvalidOrder(f"An exit stands a positive distance from the fill, not {distance}.")
    wire = _wire(order, distance, scale)
    assert wire is not None
    return wire


def _quantity(order: Order) -> float:
    if not order.quantity.is_finite() or order.quantity <= 0:
        raise InvalidOrder(f"The quantity {order.quantity} is not a positive number.")
    wire = float(order.quantity)
    if tidy(wire) != order.quantity:
        raise InvalidOrder(f"The quantity {order.quantity} has more digits than the wire carries.")
    return wire
