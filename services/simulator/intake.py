"""DTC words to the broker's words: requests as they came in, with prices turned into true ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec

from services.dtc import text
from services.dtc.enums import BuySellEnum, OrderTypeEnum, PartialFillHandlingEnum, TimeInForceEnum
from services.dtc.messages.order_entry import (
    CancelOrder,
    CancelReplaceOrder,
    FlattenPositionsForTradeAccount,
    SubmitFlattenPositionOrder,
    SubmitNewOCOOrder,
    SubmitNewSingleOrder,
)
from services.simulator.contracts import Contract
from services.simulator.orders import Order, OrderKind, Side, TimeInForce
from services.simulator.requests import Change, NewOrder, NewPair, OrderName

_SIDES: Final[Mapping[int, Side]] = {BuySellEnum.BUY: Side.BUY, BuySellEnum.SELL: Side.SELL}
_KINDS: Final[Mapping[int, OrderKind]] = {
    OrderTypeEnum.ORDER_TYPE_MARKET: OrderKind.MARKET,
    OrderTypeEnum.ORDER_TYPE_LIMIT: OrderKind.LIMIT,
    OrderTypeEnum.ORDER_TYPE_STOP: OrderKind.STOP,
    OrderTypeEnum.ORDER_TYPE_STOP_LIMIT: OrderKind.STOP_LIMIT,
}
_TIMES_IN_FORCE: Final[Mapping[int, TimeInForce]] = {
    TimeInForceEnum.TIF_UNSET: TimeInForce.DAY,
    TimeInForceEnum.TIF_DAY: TimeInForce.DAY,
    TimeInForceEnum.TIF_GOOD_TILL_CANCELED: TimeInForce.GTC,
    TimeInForceEnum.TIF_GOOD_TILL_DATE_TIME: TimeInForce.GTD,
    TimeInForceEnum.TIF_IMMEDIATE_OR_CANCEL: TimeInForce.IOC,
    TimeInForceEnum.TIF_FILL_OR_KILL: TimeInForce.FOK,
}
ID_LENGTH: Final = 31
SYMBOL_LENGTH: Final = 63
FREE_TEXT_LENGTH: Final = 47
ABSURD_QUANTITY: Final = 1e12


class Unreadable(Exception):
    """An order lacks something without which it is not even an order; the text tells the client what."""


def new_order(message: SubmitNewSingleOrder, contracts: Mapping[str, Contract]) -> NewOrder:
    """Return the order a client asks for.

    Raises:
        Unreadable: side, type, quantity or time in force are missing or not supported.
    """
    side, kind = _SIDES.get(message.BuySell), _KINDS.get(message.OrderType)
    lifetime = _TIMES_IN_FORCE.get(message.TimeInForce)
    if side is None:
        raise Unreadable(f"BuySell {message.BuySell} is neither buy nor sell")
    if kind is None:
        raise Unreadable(f"Order type {message.OrderType} is not supported")
    if lifetime is None:
        raise Unreadable(f"Time in force {message.TimeInForce} is not supported")
    if lifetime is TimeInForce.GTD and message.GoodTillDateTime <= 0:
        raise Unreadable("A good-till-date order needs a date and time")
    if message.Quantity is None:
        raise Unreadable("Order quantity is not set")
    if abs(message.Quantity) > ABSURD_QUANTITY:  # while it is on its way it counts in sums that have their digits
        raise Unreadable(f"Order quantity {message.Quantity:g} is no quantity")
    symbol = identifier(message.Symbol, SYMBOL_LENGTH)
    first, second = (from_wire(price, contracts.get(symbol)) for price in (message.Price1, message.Price2))
    limit, stop = _prices(kind, first, second)
    return NewOrder(
        client_order_id=identifier(message.ClientOrderID, ID_LENGTH),
        account=identifier(message.TradeAccount, ID_LENGTH),
        symbol=symbol,
        side=side,
        kind=kind,
        quantity=Decimal(str(message.Quantity)).normalize() + 0,
        limit_price=limit,
        stop_price=stop,
        time_in_force=lifetime,
        expires_us=message.GoodTillDateTime * 1_000_000 if lifetime is TimeInForce.GTD else 0,
        free_text=identifier(message.FreeFormText, FREE_TEXT_LENGTH),
        reference_price=first or None if message.IsParentOrder and kind is OrderKind.MARKET else None,
    )


def new_pair(message: SubmitNewOCOOrder, contracts: Mapping[str, Contract]) -> NewPair:
    """Return the two linked orders a client asks for; how a partial fill is handled is "reduce" where it is not said.

    Raises:
        Unreadable: one of them lacks what an order needs, or the way they are tied is not supported.
    """
    handling = message.PartialFillHandling
    if handling not in tuple(PartialFillHandlingEnum):
        raise Unreadable(f"Partial fill handling {handling} is not supported")
    if message.UseOffsets and not message.ParentTriggerClientOrderID:
        raise Unreadable("Offsets need a parent order")
    distances = (message.OffsetFromParent1, message.OffsetFromParent2) if message.UseOffsets else (None, None)
    if message.UseOffsets and None in distances:
        raise Unreadable("An offset from the parent is not set")
    contract = contracts.get(identifier(message.Symbol, SYMBOL_LENGTH))
    first, second = (
        _at_distance(new_order(half, contracts), from_wire(distance, contract))
        for half, distance in zip(halves_of(message), distances, strict=True)
    )
    if message.MaintainSamePricesOnParentFill:
        first, second = replace(first, keeps_price=True), replace(second, keeps_price=True)
    cancels = handling == PartialFillHandlingEnum.PARTIAL_FILL_HANDLING_IMMEDIATE_CANCEL
    return NewPair(first, second, cancels, identifier(message.ParentTriggerClientOrderID, ID_LENGTH))


def halves_of(message: SubmitNewOCOOrder) -> tuple[SubmitNewSingleOrder, SubmitNewSingleOrder]:
    """Return the two orders of a 201, each as if it had been sent alone."""
    first = SubmitNewSingleOrder(
        Symbol=message.Symbol,
        TradeAccount=message.TradeAccount,
        ClientOrderID=message.ClientOrderID_1,
        OrderType=message.OrderType_1,
        BuySell=message.BuySell_1,
        Price1=message.Price1_1,
        Price2=message.Price2_1,
        Quantity=message.Quantity_1,
        TimeInForce=message.TimeInForce,
        GoodTillDateTime=message.GoodTillDateTime,
        FreeFormText=message.FreeFormText,
    )
    second = msgspec.structs.replace(
        first,
        ClientOrderID=message.ClientOrderID_2,
        OrderType=message.OrderType_2,
        BuySell=message.BuySell_2,
        Price1=message.Price1_2,
        Price2=message.Price2_2,
        Quantity=message.Quantity_2,
    )
    return first, second


def order_name(
    message: CancelOrder | CancelReplaceOrder | SubmitFlattenPositionOrder | FlattenPositionsForTradeAccount,
) -> OrderName:
    """Return which order a request is about; for a flatten, the name of the order it will make."""
    server = message.ServerOrderID if isinstance(message, CancelOrder | CancelReplaceOrder) else ""
    return OrderName(
        identifier(server, ID_LENGTH),
        identifier(message.ClientOrderID, ID_LENGTH),
        identifier(message.TradeAccount, ID_LENGTH),
    )


def change(message: CancelReplaceOrder, order: Order | None, contracts: Mapping[str, Contract]) -> Change:
    """Return the new terms of a replace; what is not set or 0 stays as it is."""
    if order is None:
        return Change()
    contract = contracts.get(order.symbol)
    first = from_wire(message.Price1, contract) if message.Price1IsSet and message.Price1 else None
    second = from_wire(message.Price2, contract) if message.Price2IsSet and message.Price2 else None
    limit, stop = _prices(order.kind, first, second)
    return Change(Decimal(str(message.Quantity)).normalize() + 0 if message.Quantity else None, limit, stop)


def identifier(words: str, longest: int) -> str:
    """Return a text that fits its place on the wire in every encoding."""
    return text.decode(text.encode(words, "replace"))[:longest]


def from_wire(price: float | None, contract: Contract | None) -> Decimal | None:
    """Return the true price of a wire price: times the price multiplier of the contract."""
    if price is None:
        return None
    return Decimal(str(price)) * (contract.price_multiplier if contract else Decimal(1))


def _prices(kind: OrderKind, first: Decimal | None, second: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return limit and stop price of Price1 and Price2."""
    if kind is OrderKind.STOP_LIMIT:
        return second, first
    return (first if kind is OrderKind.LIMIT else None), (first if kind is OrderKind.STOP else None)


def _at_distance(order: NewOrder, distance: Decimal | None) -> NewOrder:
    """Return an order that stands at a distance if there is one; its prices then are those that were really set."""
    if distance is None:
        return order
    return replace(order, distance=distance, limit_price=order.limit_price or None, stop_price=order.stop_price or None)
