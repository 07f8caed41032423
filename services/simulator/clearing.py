"""Booking: what a fill does to order, position and money, and what an account is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from services.simulator.accounts import Account, Fill, apply_fill, margin_required, open_profit
from services.simulator.contracts import Contract
from services.simulator.orders import Order
from services.simulator.records import Records
from services.simulator.reports import OrderReport, PositionReport, Report, Statement, Why

Prices = Mapping[str, Decimal]
"""Last trade price by symbol."""


class Clearing:
    """Books fills into the records. Execution ids are `<venue>-F<count>`; the count survives restarts."""

    def __init__(self, contracts: Mapping[str, Contract], records: Records, fees: Mapping[str, Decimal]) -> None:
        self._contracts = contracts
        self._records = records
        self._fees = fees

    def book(self, order: Order, quantity: Decimal, price: Decimal, now_us: int, last: Prices) -> list[Report]:
        """Book one execution and return its reports: order, position, money."""
        records, contract = self._records, self._contracts[order.symbol]
        account = records.accounts.get(order.account)
        assert account is not None, f"{order.server_order_id} works for the unknown account {order.account}"
        fill = Fill(
            execution_id=f"{records.value('venue')}-F{records.next_number('fills')}",
            server_order_id=order.server_order_id,
            client_order_id=order.client_order_id,
            account=order.account,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            commission=self._fees.get(contract.root, Decimal(0)) * quantity,
            at_us=now_us,
        )
        position, realized = apply_fill(records.position(order.account, order.symbol), fill, contract)
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
        return [OrderReport(Why.FILLED, order, fill), PositionReport(position), self.statement(account, last)]

    def statement(self, account: Account, last: Prices) -> Statement:
        """Return the money of an account at the last prices."""
        positions = [each for each in self._records.positions if each.account == account.name]
        return Statement(
            account,
            open_profit(positions, last, self._contracts),
            margin_required(positions, self._records.open_orders(account.name), self._contracts),
        )

    def margin_refusal(self, order: Order, account: Account, last: Prices) -> str:
        """Return why an account cannot carry an open order, else nothing; less exposure is never refused."""
        with_it = self.statement(account, last)
        positions = [each for each in self._records.positions if each.account == account.name]
        open_orders = self._records.open_orders(account.name)
        others = [each for each in open_orders if each.server_order_id != order.server_order_id]
        if with_it.available >= 0 or with_it.margin <= margin_required(positions, others, self._contracts):
            return ""
        equity = account.cash + with_it.open_profit
        return f"Margin {with_it.margin:.2f} is more than the account value {equity:.2f} {account.currency}"
