"""The terms of an order: on the grid, as a client changes them, and whether two are the same. Pure."""

from __future__ import annotations

from dataclasses import replace

from services.simulator.contracts import Contract
from services.simulator.orders import Order
from services.simulator.requests import Change
from services.simulator.rules import on_grid


def snapped(order: Order, contract: Contract) -> Order:
    """Return an order with its prices on the grid."""
    limit, stop = order.limit_price, order.stop_price
    return replace(
        order,
        limit_price=None if limit is None else on_grid(limit, contract.tick_size),
        stop_price=None if stop is None else on_grid(stop, contract.tick_size),
    )


def changed(order: Order, change: Change) -> Order:
    """Return an order as its client wants it; an exit that is moved keeps no distance any more."""
    is_tied = order.wanted > 0 and change.quantity is not None
    quantity = order.quantity if change.quantity is None else change.quantity
    after = replace(
        order,
        quantity=quantity,
        wanted=quantity + order.taken if is_tied else order.wanted,
        limit_price=order.limit_price if change.limit_price is None else change.limit_price,
        stop_price=order.stop_price if change.stop_price is None else change.stop_price,
    )
    return after if same_prices(order, after) else replace(after, distance=None)


def same_prices(one: Order, other: Order) -> bool:
    """Whether two orders stand where the other does."""
    return (one.limit_price, one.stop_price) == (other.limit_price, other.stop_price)
