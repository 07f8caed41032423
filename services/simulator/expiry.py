"""The end of a contract: what works in it is cancelled, what is held is settled in cash. Pure.

A settlement is a fill like any other, of an order the broker makes: nobody needs to know a second way to become flat.
"""

from __future__ import annotations

from typing import Final

from services.simulator.orders import Order, OrderKind, Side
from services.simulator.records import Records
from services.simulator.requests import NewOrder

EXPIRED: Final = "expired"
SETTLEMENT: Final = "Settlement at expiry"


def orders_in(symbol: str, records: Records) -> list[Order]:
    """Return the orders that could still trade in a contract."""
    return [order for order in records.open_orders() if order.symbol == symbol]


def settlements(symbol: str, records: Records) -> list[NewOrder]:
    """Return the orders that make everybody flat in a contract."""
    held = [each for each in records.positions if each.symbol == symbol and each.quantity]
    return [
        NewOrder(
            client_order_id="",
            account=each.account,
            symbol=symbol,
            side=Side.SELL if each.quantity > 0 else Side.BUY,
            kind=OrderKind.MARKET,
            quantity=abs(each.quantity),
            free_text=SETTLEMENT,
        )
        for each in held
    ]


def refusal(symbol: str) -> str:
    """Return why an order in a contract that has ended is refused."""
    return f"Contract {symbol} has expired"
