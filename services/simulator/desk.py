"""What takes effect at the exchange: orders arrive, are changed, cancelled, matched, filled, and end.

Everything here happens at once and at the moment given; the way there, memory and time are the broker's matter.
What is to be told collects in `reports`, in the order it happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from services.simulator.admission import Admission, too_late
from services.simulator.agenda import Agenda
from services.simulator.clearing import Clearing
from services.simulator.contracts import Contract
from services.simulator.lifetime import end_of_day
from services.simulator.matching import Execution, Outcome, SymbolBook, Triggered
from services.simulator.orders import Order, OrderKind, OrderStatus, Side, TimeInForce
from services.simulator.records import Records
from services.simulator.reports import OrderReport, Report, UnknownOrderReport, Why
from services.simulator.requests import Change, NewOrder, OrderName
from services.simulator.rules import on_grid
from services.simulator.supervision import Supervision, is_at_exchange, is_liquidation


@dataclass(slots=True)
class OrderDesk:
    """Orders of all accounts at the exchange; the broker's thread uses it."""

    contracts: Mapping[str, Contract]
    records: Records
    clearing: Clearing
    admission: Admission
    supervision: Supervision
    agenda: Agenda
    books: Mapping[str, SymbolBook]
    reports: list[Report] = field(default_factory=list)

    def write_down(self, new: NewOrder, now_us: int) -> Order:
        """Remember an order as received; nothing is checked yet."""
        sequence = self.records.next_number("sequence")
        return self.records.put_order(
            Order(
                server_order_id=f"{self.records.value('venue')}-{self.records.next_number('orders')}",
                client_order_id=new.client_order_id,
                account=new.account,
                symbol=new.symbol,
                side=new.side,
                kind=new.kind,
                quantity=new.quantity,
                limit_price=new.limit_price,
                stop_price=new.stop_price,
                time_in_force=new.time_in_force,
                expires_us=new.expires_us,
                sequence=sequence,
                received_us=now_us,
                updated_us=now_us,
                free_text=new.free_text,
            )
        )

    def arrive(self, order: Order, now_us: int) -> None:
        """Let an order work, or refuse it."""
        if text := self.admission.of_new(order, self.last_prices()):
            self.end(order, OrderStatus.REJECTED, Why.REFUSED, text, now_us)
        else:
            self.work(_snapped(order, self.contracts[order.symbol]), now_us)

    def work(self, order: Order, now_us: int) -> None:
        """Enter an order into its book and match it."""
        order = self.records.put_order(replace(order, status=OrderStatus.WORKING, updated_us=now_us))
        self._appoint_end(order)
        self.reports.append(OrderReport(Why.ACCEPTED, order))
        self.apply(self.books[order.symbol].add(order), now_us)

    def restore(self, order: Order) -> None:
        """Enter an order that worked before a restart."""
        self.books[order.symbol].restore(order)
        self._appoint_end(order)

    def cancel(self, name: OrderName, now_us: int) -> None:
        """Cancel an order, if it is not too late."""
        order = self.find(name)
        if order is None:
            self.reports.append(UnknownOrderReport(Why.CANCEL_REFUSED, name, f"Order {name} is unknown"))
        elif text := _cancel_refusal(order):
            self.reports.append(OrderReport(Why.CANCEL_REFUSED, order, text=text))
        else:
            self.withdraw(order, "Cancelled by the client", now_us)

    def replace(self, name: OrderName, change: Change, now_us: int) -> None:
        """Give an order new terms, if it can take them; it keeps its place only if nothing but its size shrank."""
        order = self.find(name)
        if order is None:
            self.reports.append(UnknownOrderReport(Why.REPLACE_REFUSED, name, f"Order {name} is unknown"))
            return
        changed = _changed(order, change)
        if text := self.admission.of_change(order, changed, self.last_prices()):
            self.reports.append(OrderReport(Why.REPLACE_REFUSED, order, text=text))
            return
        changed = replace(_snapped(changed, self.contracts[order.symbol]), updated_us=now_us)
        same_prices = (changed.limit_price, changed.stop_price) == (order.limit_price, order.stop_price)
        keeps_place = same_prices and changed.quantity <= order.quantity
        if not keeps_place:
            changed = replace(changed, sequence=self.records.next_number("sequence"))
        self.records.put_order(changed)
        self.reports.append(OrderReport(Why.REPLACED, changed))
        self.apply(self.books[order.symbol].change(changed, keeps_place), now_us)

    def apply(self, outcomes: Sequence[Outcome], now_us: int) -> None:
        """Book what the matching brought."""
        for outcome in outcomes:
            order = self.records.orders.get(outcome.server_order_id)
            assert order is not None, f"the book holds order {outcome.server_order_id}, the records do not"
            if isinstance(outcome, Execution):
                self.fill(order, outcome.quantity, outcome.price, now_us)
            elif isinstance(outcome, Triggered):
                order = self.records.put_order(replace(order, triggered=True, updated_us=now_us))
                self.reports.append(OrderReport(Why.CHANGED, order, text="Stop triggered"))
            else:
                text = "The rest found nothing to trade with"
                self.end(order, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)

    def fill(self, order: Order, quantity: Decimal, price: Decimal, now_us: int) -> None:
        """Book one execution."""
        self.reports += self.clearing.book(order, quantity, price, now_us, self.last_prices())
        self.supervision.due = True

    def withdraw(self, order: Order, text: str, now_us: int) -> None:
        """Take a working order out of its book."""
        self.books[order.symbol].remove(order.server_order_id)
        self.end(order, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)

    def end(self, order: Order, status: OrderStatus, why: Why, text: str, now_us: int) -> None:
        """Make an order final."""
        order = self.records.put_order(order.ended(status, text, now_us))
        self.reports.append(OrderReport(why, order, text=text))

    def supervise(self, now_us: int) -> None:
        """Look at the accounts until nothing is left to be done about them."""
        while self.supervision.due:
            self.reports += self.supervision.look(self.last_prices(), now_us)
            for evaluation, text in self.supervision.locked():
                self._empty(evaluation.account, text, now_us)

    def find(self, name: OrderName) -> Order | None:
        """Return the order of a name, None if there is none."""
        if name.server_order_id:
            return self.records.orders.get(name.server_order_id)
        return self.records.order_named(name.client_order_id)

    def last_prices(self) -> dict[str, Decimal]:
        """Return the last trade price by symbol."""
        return {symbol: book.last for symbol, book in self.books.items() if book.last is not None}

    def _empty(self, account: str, text: str, now_us: int) -> None:
        """Cancel what works in a locked account and close what it holds at the market, however often it takes."""
        working = [each for each in self.records.open_orders(account) if is_at_exchange(each)]
        held = {each.symbol: each.quantity for each in self.clearing.positions(account)}
        for symbol in dict.fromkeys([*held, *(each.symbol for each in working)]):
            quantity = held.get(symbol, Decimal(0))
            of_symbol = [each for each in working if each.symbol == symbol]
            closing = [each for each in of_symbol if is_liquidation(each)]
            is_covered = quantity + sum(each.side.sign * each.remaining for each in closing) == 0
            for order in of_symbol:
                if not is_covered or order not in closing:
                    self.withdraw(order, text, now_us)
            if not is_covered and quantity:
                self.work(self.write_down(_closing(account, symbol, quantity, text), now_us), now_us)

    def _appoint_end(self, order: Order) -> None:
        """Note when an order stops working by itself."""
        if order.time_in_force is TimeInForce.GTD:
            ends_us = max(order.expires_us, order.received_us)
            self.agenda.appoint(ends_us, partial(self._expire, order.server_order_id, "Expired"))
        elif order.time_in_force is TimeInForce.DAY:
            ends_us = end_of_day(order.symbol, order.received_us)
            text = "Day order: expired at the end of the session"
            self.agenda.appoint(ends_us, partial(self._expire, order.server_order_id, text))

    def _expire(self, server_order_id: str, text: str, now_us: int) -> None:
        order = self.records.orders.get(server_order_id)
        if order is not None and not order.status.is_final:
            self.withdraw(order, text, now_us)


def _cancel_refusal(order: Order) -> str:
    if text := too_late(order, "cancel"):
        return text
    if is_liquidation(order):
        return f"Order {order.server_order_id} closes a locked account and cannot be cancelled"
    return ""


def _closing(account: str, symbol: str, held: Decimal, text: str) -> NewOrder:
    side, gtc = Side.SELL if held > 0 else Side.BUY, TimeInForce.GTC
    return NewOrder("", account, symbol, side, OrderKind.MARKET, abs(held), time_in_force=gtc, free_text=text)


def _snapped(order: Order, contract: Contract) -> Order:
    limit, stop = order.limit_price, order.stop_price
    return replace(
        order,
        limit_price=None if limit is None else on_grid(limit, contract.tick_size),
        stop_price=None if stop is None else on_grid(stop, contract.tick_size),
    )


def _changed(order: Order, change: Change) -> Order:
    return replace(
        order,
        quantity=order.quantity if change.quantity is None else change.quantity,
        limit_price=order.limit_price if change.limit_price is None else change.limit_price,
        stop_price=order.stop_price if change.stop_price is None else change.stop_price,
    )
