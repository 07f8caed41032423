"""Money and positions as the simulated broker books them. Pure.

A position keeps its cost (signed quantity times price) instead of an average, so adding fills divides
nothing. Reducing takes the closed share of the cost; at flat the cost is used up exactly.

Fees per contract and side, published so that the terminal can use the same schedule: ES 2.25 USD, MES 0.62
USD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from services.simulator.contracts import Contract
from services.simulator.orders import Order, Side

DEFAULT_FEES: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        "ES": Decimal("2.25"),
        "MES": Decimal("0.62"),
        "NQ": Decimal("2.25"),
        "MNQ": Decimal("0.62"),
        "RTY": Decimal("2.25"),
        "YM": Decimal("2.25"),
        "CL": Decimal("2.45"),
        "GC": Decimal("2.55"),
        "ZN": Decimal("1.70"),
        "ZB": Decimal("1.85"),
        "6E": Decimal("2.50"),
        "BTC-PERP": Decimal("40.00"),
        "ETH-PERP": Decimal("1.50"),
    }
)
"""Commission per unit (contract or coin) and side, by root, in the contract's currency."""

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `cash` = opening cash + realized - commissions, all in its currency.

    Attributes:
        day_us: beginning of the trading day `day_equity` is of; 0 before the first.
        day_equity: what the account was worth when the day began, open profit included.
    """

    name: str
    currency: str
    cash: Decimal
    realized: Decimal = _ZERO
    commissions: Decimal = _ZERO
    day_us: int = 0
    day_equity: Decimal = _ZERO

    @property
    def opened_with(self) -> Decimal:
        """Cash the account began with, or was reset to."""
        return self.cash - self.realized + self.commissions


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution.

    Attributes:
        client_order_id: empty for trades of another platform, or of the broker itself.
        quantity: positive.
        commission: in the account's currency.
    """

    execution_id: str
    server_order_id: str
    client_order_id: str
    account: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    at_us: int


@dataclass(frozen=True, slots=True)
class Position:
    """What an account holds of a symbol: signed quantity and cost, time of the opening fill (0: flat)."""

    account: str
    symbol: str
    quantity: Decimal = _ZERO
    cost: Decimal = _ZERO
    entry_us: int = 0

    @property
    def average_price(self) -> Decimal:
        """Average cost of what is held, 0 when flat."""
        return self.cost / self.quantity if self.quantity else _ZERO


def apply_fill(before: Position, fill: Fill, contract: Contract) -> tuple[Position, Decimal]:
    """Return the position after a fill and the profit it realized, before commission."""
    signed = fill.side.sign * fill.quantity
    after = before.quantity + signed
    if before.quantity * signed >= 0:
        entry_us = before.entry_us or fill.at_us
        return replace(before, quantity=after, cost=before.cost + signed * fill.price, entry_us=entry_us), _ZERO
    closed = min(abs(signed), abs(before.quantity)) * (1 if before.quantity > 0 else -1)
    cost_closed = before.cost * closed / before.quantity
    realized = contract.value(closed * fill.price - cost_closed, Decimal(1))
    if after * before.quantity > 0:
        return replace(before, quantity=after, cost=before.cost - cost_closed), realized
    entry_us = fill.at_us if after else 0
    return replace(before, quantity=after, cost=after * fill.price, entry_us=entry_us), realized


def open_profit(
    positions: Iterable[Position], last: Mapping[str, Decimal], contracts: Mapping[str, Contract]
) -> Decimal:
    """Return the unrealized profit of positions in some contracts at the last prices, in the contracts' currency."""
    profits = (
        contracts[each.symbol].value(last[each.symbol] * each.quantity - each.cost, Decimal(1))
        for each in positions
        if each.quantity and each.symbol in last and each.symbol in contracts
    )
    return sum(profits, _ZERO)


def margin_required(
    positions: Iterable[Position], orders: Iterable[Order], contracts: Mapping[str, Contract]
) -> Decimal:
    """Return the margin of an account: per symbol the larger side its position and orders could reach.

    Symbols that are not among the contracts need none.
    """
    known = ((contracts[symbol], size) for symbol, size in reach(positions, orders).items() if symbol in contracts)
    return sum((contract.margin * size for contract, size in known), _ZERO)


def reach(positions: Iterable[Position], orders: Iterable[Order]) -> dict[str, Decimal]:
    """Return the largest position by symbol, long or short, that working orders could still make.

    An exit that waits for its entry counts with that; of two linked orders of one side only the larger can trade.
    """
    most: dict[str, tuple[Decimal, Decimal]] = {each.symbol: (each.quantity, -each.quantity) for each in positions}
    for order in _apart(orders):
        longest, shortest = most.get(order.symbol, (_ZERO, _ZERO))
        if order.side is Side.BUY:
            longest += order.remaining
        else:
            shortest += order.remaining
        most[order.symbol] = (longest, shortest)
    return {symbol: max(*sides, _ZERO) for symbol, sides in most.items()}


def _apart(orders: Iterable[Order]) -> Iterator[Order]:
    """Leave out the orders that can only trade instead of another or after it."""
    named = {each.server_order_id: each for each in orders}
    for order in named.values():
        other = named.get(order.linked_id)
        is_instead = other is not None and other.side is order.side and _size(other) > _size(order)
        if not order.waits and not is_instead:
            yield order


def _size(order: Order) -> tuple[Decimal, str]:
    return order.remaining, order.server_order_id


def account_to_row(account: Account) -> dict[str, str]:
    """Return the stored form of an account."""
    return {
        "name": account.name,
        "currency": account.currency,
        "cash": str(account.cash),
        "realized": str(account.realized),
        "commissions": str(account.commissions),
        "day_us": str(account.day_us),
        "day_equity": str(account.day_equity),
    }


def account_from_row(row: Mapping[str, str]) -> Account:
    """Return the account of a stored row."""
    return Account(
        row["name"],
        row["currency"],
        Decimal(row["cash"]),
        Decimal(row["realized"]),
        Decimal(row["commissions"]),
        int(row["day_us"]),
        Decimal(row["day_equity"]),
    )


def fill_to_row(fill: Fill) -> dict[str, str]:
    """Return the stored form of a fill."""
    return {
        "execution_id": fill.execution_id,
        "server_order_id": fill.server_order_id,
        "client_order_id": fill.client_order_id,
        "account": fill.account,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "quantity": str(fill.quantity),
        "price": str(fill.price),
        "commission": str(fill.commission),
        "at_us": str(fill.at_us),
    }


def fill_from_row(row: Mapping[str, str]) -> Fill:
    """Return the fill of a stored row."""
    return Fill(
        execution_id=row["execution_id"],
        server_order_id=row["server_order_id"],
        client_order_id=row["client_order_id"],
        account=row["account"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=Decimal(row["quantity"]),
        price=Decimal(row["price"]),
        commission=Decimal(row["commission"]),
        at_us=int(row["at_us"]),
    )


def position_to_row(position: Position) -> dict[str, str]:
    """Return the stored form of a position."""
    return {
        "account": position.account,
        "symbol": position.symbol,
        "quantity": str(position.quantity),
        "cost": str(position.cost),
        "entry_us": str(position.entry_us),
    }


def position_from_row(row: Mapping[str, str]) -> Position:
    """Return the position of a stored row."""
    return Position(row["account"], row["symbol"], Decimal(row["quantity"]), Decimal(row["cost"]), int(row["entry_us"]))
