"""Why the broker refuses an order: pure checks, each with the sentence the client reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.simulator.contracts import Contract
from services.simulator.orders import Order, OrderKind, OrderStatus

_GRID_TOLERANCE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """What no order may exceed, whoever sends it.

    Attributes:
        max_quantity: the largest single order, in contracts or coins.
        price_band: how far limit and stop prices may be from the last trade, as a share of it.
    """

    max_quantity: Decimal = Decimal(500)
    price_band: Decimal = Decimal("0.10")


def on_grid(price: Decimal, tick_size: Decimal) -> Decimal | None:
    """Return the price snapped to its tick, None if it is further from one than a float's noise."""
    ticks = (price / tick_size).to_integral_value()
    return ticks * tick_size if abs(price / tick_size - ticks) <= _GRID_TOLERANCE else None


def refusal(order: Order, contracts: Mapping[str, Contract], last: Decimal | None, limits: OrderLimits) -> str:
    """Return why an order cannot work, empty if it can; account and money are checked apart.

    Where the market is when an exit begins to work is not known while it waits.

    Args:
        order: as received, prices not yet snapped.
        contracts: what is listed, by symbol.
        last: price of the last trade of the symbol, if any.
    """
    contract = contracts.get(order.symbol)
    if contract is None:
        return f"Symbol {order.symbol or '(empty)'} is unknown"
    return (
        _quantity_refusal(order, contract, limits.max_quantity)
        or _price_refusal(order, contract)
        or _band_refusal(order, contract, last, limits.price_band)
        or _stop_refusal(order, last)
    )


def _quantity_refusal(order: Order, contract: Contract, most: Decimal) -> str:
    if order.quantity <= 0:
        return f"Order quantity {order.quantity} is not greater than zero"
    if order.quantity > most:  # first: of a number beyond all digits no remainder can be told
        return f"Order quantity {order.quantity} is more than the largest order of {most}"
    if order.quantity % contract.quantity_step:
        if contract.quantity_step == 1:
            return f"Order quantity {order.quantity} is not a whole number of contracts"
        return f"Order quantity {order.quantity} is not a multiple of {contract.quantity_step}"
    return ""


def _price_refusal(order: Order, contract: Contract) -> str:
    if order.kind in (OrderKind.LIMIT, OrderKind.STOP_LIMIT) and order.limit_price is None:
        return f"A {order.kind.value.lower().replace('_', '-')} order needs a limit price"
    if order.kind in (OrderKind.STOP, OrderKind.STOP_LIMIT) and order.stop_price is None:
        return f"A {order.kind.value.lower().replace('_', '-')} order needs a stop price"
    for price in (order.limit_price, order.stop_price):
        if price is None:
            continue
        if price <= 0:
            return f"Price {price} is not greater than zero"
        if on_grid(price, contract.tick_size) is None:
            return f"Price {price} is not a multiple of the tick size {contract.tick_size}"
    return ""


def _band_refusal(order: Order, contract: Contract, last: Decimal | None, share: Decimal) -> str:
    """Return which price is too far from the last trade; a price of a triggered stop has done its work."""
    if last is None:
        return ""
    width = abs(last) * share
    low, high = (_to_tick(edge, contract.tick_size) for edge in (last - width, last + width))
    stop = None if order.triggered else order.stop_price
    for name, price in (("Limit", order.limit_price), ("Stop", stop)):
        if price is not None and not low <= price <= high:
            return f"{name} price {price} is outside the price band of {low} to {high}"
    return ""


def _to_tick(price: Decimal, tick_size: Decimal) -> Decimal:
    return (price / tick_size).to_integral_value() * tick_size


def _stop_refusal(order: Order, last: Decimal | None) -> str:
    if order.stop_price is None or last is None or order.triggered or order.status is OrderStatus.HELD:
        return ""
    if order.side.sign * (order.stop_price - last) > 0:
        return ""
    wanted = "above" if order.side.sign > 0 else "below"
    return f"{order.side.value.capitalize()} stop price {order.stop_price} is not {wanted} the last trade {last}"
