"""Emptying an account: cancel what works in it, close what it holds at the market.

The broker does it itself with an account that reached a limit of its evaluation, again and again while it is locked;
a client asks for it once (210). What closes a locked account is left to its end either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from services.simulator.clearing import Clearing
from services.simulator.orders import Order, OrderKind, Side, TimeInForce
from services.simulator.records import Records
from services.simulator.requests import NewOrder, OrderName
from services.simulator.supervision import is_at_exchange, is_liquidation

BY_CLIENT = "Cancelled: the client flattens the account"


class Floor(Protocol):
    """What the desk does for it."""

    records: Records
    clearing: Clearing

    def write_down(self, new: NewOrder, now_us: int) -> Order:
        """Remember an order as received."""

    def arrive(self, order: Order, now_us: int) -> None:
        """Let an order work, or refuse it."""

    def work(self, order: Order, now_us: int) -> None:
        """Enter an order into its book, unasked."""

    def withdraw(self, orders: Iterable[Order], text: str, now_us: int) -> None:
        """Cancel orders together."""


def liquidate(floor: Floor, account: str, text: str, now_us: int) -> None:
    """Empty a locked account, however often it takes; orders of its own that cover what it holds are let work."""
    working = [each for each in floor.records.open_orders(account) if is_at_exchange(each)]
    held = {each.symbol: each.quantity for each in floor.clearing.positions(account)}
    for symbol in dict.fromkeys([*held, *(each.symbol for each in working)]):
        of_symbol = [each for each in working if each.symbol == symbol]
        closing = [each for each in of_symbol if is_liquidation(each)]
        is_covered = held.get(symbol, Decimal(0)) + _signed(closing) == 0
        floor.withdraw([each for each in of_symbol if not is_covered or each not in closing], text, now_us)
        if not is_covered and symbol in held:
            new = _closing("", account, symbol, held[symbol], text)
            floor.work(floor.write_down(new, now_us), now_us)


def flatten(floor: Floor, name: OrderName, free_text: str, now_us: int) -> str:
    """Empty an account for its client; return why there was nothing to do, empty if there was.

    Each symbol is closed by an order of its own; the client's id goes to the first of them.
    """
    if floor.records.accounts.get(name.account) is None:
        return f"Trade account {name.account or '(empty)'} is unknown"
    working = floor.records.open_orders(name.account)
    closing = [each for each in working if is_liquidation(each)]
    ended = [each for each in working if each not in closing]
    held = {each.symbol: each.quantity for each in floor.clearing.positions(name.account)}
    left = {symbol: held[symbol] + _signed(each for each in closing if each.symbol == symbol) for symbol in held}
    if not ended and not any(left.values()):
        return f"There is nothing to flatten in {name.account}"
    floor.withdraw(ended, BY_CLIENT, now_us)
    client_order_id = name.client_order_id
    for symbol in [symbol for symbol, quantity in left.items() if quantity]:
        new = _closing(client_order_id, name.account, symbol, left[symbol], free_text)
        floor.arrive(floor.write_down(new, now_us), now_us)
        client_order_id = ""
    return ""


def _signed(orders: Iterable[Order]) -> Decimal:
    return sum((each.side.sign * each.remaining for each in orders), Decimal(0))


def _closing(client_order_id: str, account: str, symbol: str, held: Decimal, text: str) -> NewOrder:
    side, gtc = Side.SELL if held > 0 else Side.BUY, TimeInForce.GTC
    return NewOrder(
        client_order_id, account, symbol, side, OrderKind.MARKET, abs(held), time_in_force=gtc, free_text=text
    )
