"""Why the broker does not let an order in: the account and its money, after what `rules` says of the order itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.simulator import expiry
from services.simulator.accounts import Account
from services.simulator.clearing import Clearing, Prices
from services.simulator.contracts import Contract
from services.simulator.orders import Order, OrderStatus
from services.simulator.records import Records
from services.simulator.rules import OrderLimits, refusal


@dataclass(frozen=True, slots=True)
class Admission:
    """Checks orders at the moment they reach the exchange.

    Attributes:
        closed: symbols whose market is closed at the moment; `ended` those of contracts that have expired. Both are
            read at every check.
    """

    contracts: Mapping[str, Contract]
    records: Records
    clearing: Clearing
    closed: Collection[str]
    ended: Collection[str]
    limits: OrderLimits

    def of_new(self, order: Order, last: Prices) -> str:
        """Return why a new order cannot work, empty if it can."""
        account = self.records.accounts.get(order.account)
        if account is None:
            return f"Trade account {order.account or '(empty)'} is unknown"
        first = self.records.order_named(order.client_order_id)
        if first is not None and first.server_order_id != order.server_order_id:
            return f"ClientOrderID {order.client_order_id} was used before, for order {first.server_order_id}"
        return self._of_account(order) or self._of_terms(order, last) or self._of_money(order, None, account, last)

    def of_change(self, order: Order, changed: Order, last: Prices) -> str:
        """Return why a working order cannot take its new terms, empty if it can."""
        if text := too_late(order, "change"):
            return text
        if order.status is OrderStatus.PENDING:  # the latency was made smaller meanwhile
            return f"Order {order.server_order_id} has not reached the exchange yet"
        if changed.quantity <= order.filled:
            return f"Order quantity {changed.quantity} is not greater than the filled {order.filled}"
        parent = self.records.orders.get(order.parent_id)
        if parent is not None and not parent.status.is_final and changed.wanted > parent.quantity:
            return f"Order quantity {changed.quantity} is more than the {parent.quantity} of its parent"
        account = self.records.accounts.get(order.account)
        assert account is not None, f"{order.server_order_id} works for the unknown account {order.account}"
        return self._of_account(order) or self._of_terms(changed, last) or self._of_money(changed, order, account, last)

    def _of_account(self, order: Order) -> str:
        evaluation = self.records.evaluations.get(order.account)
        return "" if evaluation is None else evaluation.lock_text

    def _of_terms(self, order: Order, last: Prices) -> str:
        if order.symbol in self.ended:
            return expiry.refusal(order.symbol)
        if order.symbol in self.closed:
            return f"The market for {order.symbol} is closed"
        return refusal(order, self.contracts, last.get(order.symbol), self.limits)

    def _of_money(self, order: Order, instead_of: Order | None, account: Account, last: Prices) -> str:
        """Return why an account cannot carry an order; what asks for no more than before is never refused."""
        others = [
            each for each in self.records.open_orders(account.name) if each.server_order_id != order.server_order_id
        ]
        before = others if instead_of is None else [*others, instead_of]
        after = [*others, order]
        return self._size_refusal(account, before, after) or self._margin_refusal(account, before, after, last)

    def _size_refusal(self, account: Account, before: list[Order], after: list[Order]) -> str:
        evaluation = self.records.evaluations.get(account.name)
        if evaluation is None:
            return ""
        most, size = evaluation.rules.max_contracts, self.clearing.size(account.name, after)
        if size <= most or size <= self.clearing.size(account.name, before):
            return ""
        return (
            f"Account {account.name} may hold {_count(most)} contracts; "
            f"with this order position and working orders could reach {_count(size)}"
        )

    def _margin_refusal(self, account: Account, before: list[Order], after: list[Order], last: Prices) -> str:
        margin, equity = self.clearing.margin(account, after), self.clearing.statement(account, last, 0).equity
        if margin <= equity or margin <= self.clearing.margin(account, before):
            return ""
        return f"Margin {margin:.2f} is more than the account value {equity:.2f} {account.currency}"


def too_late(order: Order, wanted: str) -> str:
    """Return why an order can no longer be changed or cancelled, empty if it can."""
    if not order.status.is_final:
        return ""
    text = f"Order {order.server_order_id} is already {order.status.value.lower()}"
    return f"{text}: too late to {wanted}" if order.status is OrderStatus.FILLED else text


def _count(contracts: Decimal) -> str:
    return f"{contracts.normalize():f}"
