"""Booking: what a fill does to order, position and money, and what an account is worth.

Contracts earn and cost money in their own currency; it is converted as it comes to the account, fill by fill, at the
simulator's fixed rates. So `cash` = opening cash + realized - commissions holds to the cent in every currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from core.errors import ConfigurationError
from services.simulator.account_specs import BASE_CURRENCY, convert
from services.simulator.accounts import Account, Fill, Position, apply_fill, margin_required, open_profit, reach
from services.simulator.contracts import Contract
from services.simulator.evaluation import counted
from services.simulator.orders import Order
from services.simulator.records import Records
from services.simulator.reports import OrderReport, PositionReport, Report, Statement, Why

Prices = Mapping[str, Decimal]
"""Last trade price by symbol."""

_ZERO = Decimal(0)


class Clearing:
    """Books fills into the records. Execution ids are `<venue>-F<count>`; the count survives restarts."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        records: Records,
        fees: Mapping[str, Decimal],
        rates: Mapping[str, Decimal],
    ) -> None:
        """Take over the books.

        Raises:
            ConfigurationError: an account or a contract is in a currency without a rate.
        """
        self._contracts = contracts
        self._records = records
        self._fees = fees
        self._rates = rates
        kept = [(f"Account {each.name}", each.currency) for each in records.accounts]
        settled = [(f"Contract {each.symbol}", each.currency) for each in contracts.values()]
        for what, currency in kept + settled:
            if currency not in (BASE_CURRENCY, *rates):
                known = ", ".join((BASE_CURRENCY, *rates))
                raise ConfigurationError(f"{what} is in {currency or 'no currency'}; expected one of {known}.")

    def book(self, order: Order, quantity: Decimal, price: Decimal, now_us: int, last: Prices) -> list[Report]:
        """Book one execution and return its reports: order, position, money."""
        records, contract = self._records, self._contracts[order.symbol]
        account = records.accounts.get(order.account)
        assert account is not None, f"{order.server_order_id} works for the unknown account {order.account}"
        fee = self._fees.get(contract.root, _ZERO) * quantity
        fill = Fill(
            execution_id=f"{records.value('venue')}-F{records.next_number('fills')}",
            server_order_id=order.server_order_id,
            client_order_id=order.client_order_id,
            account=order.account,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            commission=convert(fee, contract.currency, account.currency, self._rates),
            at_us=now_us,
        )
        position, realized = apply_fill(records.position(order.account, order.symbol), fill, contract)
        realized = convert(realized, contract.currency, account.currency, self._rates)
        account = replace(
            account,
            cash=account.cash + realized - fill.commission,
            realized=account.realized + realized,
            commissions=account.commissions + fill.commission,
        )
        records.fills.put(fill)
        records.positions.put(position)
        records.accounts.put(account)
        order = records.put_order(order.with_fill(quantity, price, now_us))
        return [OrderReport(Why.FILLED, order, fill), PositionReport(position), self.statement(account, last, now_us)]

    def statement(self, account: Account, last: Prices, now_us: int) -> Statement:
        """Return the money of an account at the last prices."""
        positions = self.positions(account.name)
        return Statement(
            account,
            self._in_currency_of(account, lambda listed: open_profit(positions, last, listed)),
            self.margin(account, self._records.open_orders(account.name)),
            self.margin(account, []),
            self._records.evaluations.get(account.name),
            now_us,
            self._records.active_us.get(account.name, 0),
        )

    def equity(self, account: Account, last: Prices) -> Decimal | None:
        """Return what an account is worth; None while something it holds has no price yet."""
        held = self.positions(account.name)
        if any(each.symbol not in last for each in held):
            return None
        return account.cash + self._in_currency_of(account, lambda listed: open_profit(held, last, listed))

    def positions(self, account: str) -> list[Position]:
        """Return what an account holds."""
        return [each for each in self._records.positions if each.account == account and each.quantity]

    def margin(self, account: Account, orders: Iterable[Order]) -> Decimal:
        """Return the margin of an account's positions and some orders."""
        held, working = self.positions(account.name), list(orders)
        return self._in_currency_of(account, lambda listed: margin_required(held, working, listed))

    def size(self, account: str, orders: Iterable[Order]) -> Decimal:
        """Return what positions and some orders of an account count against its largest size."""
        reached = reach(self.positions(account), orders)
        known = ((self._contracts[symbol], size) for symbol, size in reached.items() if symbol in self._contracts)
        return sum((counted(contract.root, size) for contract, size in known), _ZERO)

    def _in_currency_of(self, account: Account, money: Callable[[Mapping[str, Contract]], Decimal]) -> Decimal:
        """Add up money of all contracts, currency by currency."""
        total = _ZERO
        for currency in sorted({each.currency for each in self._contracts.values()}):
            listed = {symbol: each for symbol, each in self._contracts.items() if each.currency == currency}
            total += convert(money(listed), currency, account.currency, self._rates)
        return total
