"""Why the broker refuses an order: pure checks, each with the sentence the client reads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.simulator.contracts import Contract
from services.simulator.orders import Order, OrderKind

_GRID_TOLERANCE: Final = Decimal("0.000001")


def on_grid(price: Decimal, tick_size: Decimal) -> Decimal | None:
    """Return the price snapped to its tick, None if it is further from one than a float's noise."""
    ticks = (price / tick_size).to_integral_value()
    return ticks * tick_size if abs(price / tick_size - ticks) <= _GRID_TOLERANCE else None


def refusal(order: Order, contracts: Mapping[str, Contract], last: Decimal | None) -> str:
    """Return why an order cannot work, empty if it can; money is checked apart.

    Args:
        order: as received, prices not yet snapped.
        contracts: what is listed, by symbol.
        last: price of the last trade of the symbol, if any.
    """
    contract = contracts.get(order.symbol)
    if contract is None:
        return f"Symbol {order.symbol or '(empty)'} is unknown"
    return quantity_refusal(order, contract) or _price_refusal(order, contract) or _stop_refusal(order, last)


def quantity_refusal(order: Order, contract: Contract) -> str:
    """Return what is wrong with the quantity, empty if nothing."""
    if order.quantity <= 0:
        return f"Order quantity {order.quantity} is not greater than zero"
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


def _stop_refusal(order: Order, last: Decimal | None) -> str:
    if order.stop_price is None or last is None or order.triggered:
        return ""
    if order.side.sign * (order.stop_price - last) > 0:
        return ""
    wanted = "above" if order.side.sign > 0 else "below"
    return f"{order.side.value.capitalize()} stop price {order.stop_price} is not {wanted} the last trade {last}"
