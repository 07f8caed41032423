"""The simulated broker: what happens to orders, positions and money, remembered before it is told.

Every public method does its work, commits what changed to the store and only then returns the reports of
it. A request is written down when it is received and takes effect at the exchange `latency` later, in
market time; requests that are due run before the next market event. So a run is a function of the requests,
their times and the market's events.

A client order id works once, as long as its order is remembered: stricter than the protocol's trading session.
Nothing here knows sockets or DTC. `faults` are switched from outside by tests and by the control file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush

from services.simulator import expiry
from services.simulator.accounts import Account, Position
from services.simulator.clearing import Clearing
from services.simulator.contracts import Contract
from services.simulator.matching import Execution, Outcome, SymbolBook, Triggered
from services.simulator.orders import Order, OrderKind, OrderStatus, Side
from services.simulator.ports import BookChanged, MarketEvent
from services.simulator.records import Records
from services.simulator.reports import OrderReport, PositionReport, Report, Statement, UnknownOrderReport, Why
from services.simulator.requests import Change, NewOrder, OrderName
from services.simulator.rules import on_grid, refusal


@dataclass(slots=True)
class BrokerFaults:
    """Switches for tests.

    Attributes:
        refuse_next: how many of the next orders are refused, with `refuse_text`.
        answers_cancels: off, a cancel is swallowed; `swallowed_cancels_work` decides whether it takes effect.
    """

    refuse_next: int = 0
    refuse_text: str = "Refused by the broker"
    answers_cancels: bool = True
    swallowed_cancels_work: bool = False


class SimulatedBroker:
    """Orders, positions and money of all accounts; one thread uses it.

    Attributes:
        contracts: what is listed, by symbol.
        records: everything remembered; read it, change it only through the methods here.
        faults: switches for tests.
        halted: symbols in which nothing is matched; orders are taken and cancelled all the same.
    """

    def __init__(
        self,
        contracts: Sequence[Contract],
        records: Records,
        fees: Mapping[str, Decimal],
        latency_us: int = 0,
    ) -> None:
        """Take over what is remembered; working orders re-enter the book, received ones are due at once."""
        self.contracts = {contract.symbol: contract for contract in contracts}
        self.records = records
        self.faults = BrokerFaults()
        self.halted: set[str] = set()
        self._ended: set[str] = set()
        self._holds_fills = False
        self._clearing = Clearing(self.contracts, records, fees)
        self._latency_us = latency_us
        self._books = {symbol: SymbolBook() for symbol in self.contracts}
        self._due: list[tuple[int, int, Callable[[int], None]]] = []
        self._queued = 0
        self._reports: list[Report] = []
        self._expiring: dict[str, int] = {}
        for order in sorted(records.open_orders(), key=lambda each: each.sequence):
            self._restore(order)

    def submit(self, new: NewOrder, now_us: int) -> list[Report]:
        """Take an order."""
        order = self._write_down(new, now_us)
        self._later(now_us, partial(self._arrive, order.server_order_id))
        return self._finish(now_us)

    def cancel(self, name: OrderName, now_us: int) -> list[Report]:
        """Take a cancel."""
        self._later(now_us, partial(self._cancel, name))
        return self._finish(now_us)

    def replace(self, name: OrderName, change: Change, now_us: int) -> list[Report]:
        """Take new terms for a working order."""
        self._later(now_us, partial(self._replace, name, change))
        return self._finish(now_us)

    def flatten(self, symbol: str, name: OrderName, now_us: int) -> list[Report]:
        """Close what an account holds of a symbol with a market order; other orders are left alone."""
        held = self.records.position(name.account, symbol).quantity
        side = Side.SELL if held > 0 else Side.BUY
        new = NewOrder(name.client_order_id, name.account, symbol, side, OrderKind.MARKET, abs(held))
        if held:
            return self.submit(new, now_us)
        order, text = (
            self._write_down(new, now_us),
            f"There is no position in {symbol or '(empty)'} to flatten",
        )
        self._later(now_us, partial(self._end, order, OrderStatus.REJECTED, Why.REFUSED, text))
        return self._finish(now_us)

    def on_events(self, events: Sequence[MarketEvent]) -> list[Report]:
        """Let the market happen to our orders."""
        for event in events:
            self._run_due(event.at_us)
            book = self._books[event.symbol]
            outcomes = book.on_book(event) if isinstance(event, BookChanged) else book.on_trade(event)
            self._apply(outcomes, event.at_us)
        return self._told()

    def advance(self, now_us: int) -> list[Report]:
        """Let time pass: requests take effect, orders expire."""
        return self._finish(now_us)

    def settle(self, now_us: int) -> list[Report]:
        """Let every received request take effect now, whatever the latency."""
        while self._due:
            heappop(self._due)[2](now_us)
        return self._finish(now_us)

    def hold_fills(self, on: bool, now_us: int) -> list[Report]:
        """Stop matching, or start it again against the market as it stands then."""
        self._holds_fills = on
        for symbol, book in self._books.items():
            if on:
                book.held = True
            elif book.held and symbol not in self.halted:
                self._apply(book.release(), now_us)
        return self._told()

    def halt(self, symbol: str, on: bool) -> None:
        """Stop matching in a symbol, or go on with the next thing that happens in its market."""
        if on:
            self.halted.add(symbol)
        else:
            self.halted.discard(symbol)
        self._books[symbol].held = on or self._holds_fills

    def expire(self, symbol: str, price: Decimal, now_us: int) -> list[Report]:
        """End a contract: cancel what works in it, settle what is held at a price, refuse what still comes."""
        self._ended.add(symbol)
        for order in expiry.orders_in(symbol, self.records):
            self._books[symbol].remove(order.server_order_id)
            self._end(order, OrderStatus.CANCELLED, Why.CANCELLED, expiry.EXPIRED, now_us)
        for new in expiry.settlements(symbol, self.records):
            self._fill(self._write_down(new, now_us), new.quantity, price, now_us)
        return self._told()

    def fill_now(self, name: OrderName, quantity: Decimal, price: Decimal, now_us: int) -> list[Report]:
        """Fill an order at a price whatever the market says, even if it is final or the quantity too large.

        Raises:
            KeyError: there is no such order, or it names a symbol or account that does not exist.
        """
        self._reports += self.settle(now_us)
        order = self.find_order(name)
        if order is None:
            raise KeyError(f"order {name} is unknown")
        if order.symbol not in self.contracts or self.records.accounts.get(order.account) is None:
            raise KeyError(f"order {name} names an unknown symbol or account")
        if not order.status.is_final:
            self._books[order.symbol].reduce(order.server_order_id, quantity)
        self._fill(order, quantity, price, now_us)
        return self._told()

    def trade_elsewhere(self, target: Position, price: Decimal, now_us: int, with_fill: bool) -> list[Report]:
        """Make a position what another platform left of it, with its fill in the history or without trace."""
        before = self.records.position(target.account, target.symbol)
        if not with_fill:
            self._reports.append(PositionReport(self.records.positions.put(target)))
            return self._told()
        change = target.quantity - before.quantity
        if not change:
            return []
        side = Side.BUY if change > 0 else Side.SELL
        new = NewOrder("", target.account, target.symbol, side, OrderKind.MARKET, abs(change))
        self._fill(self._write_down(new, now_us), abs(change), price, now_us)
        return self._told()

    def forget_orders(self, fills_too: bool, now_us: int) -> list[Report]:
        """Lose every order, and the fills if wanted, as a server that restarted without memory."""
        for order in self.records.orders:
            self.records.remove_order(order)
            if order.symbol in self._books:
                self._books[order.symbol].remove(order.server_order_id)
        for fill in self.records.fills if fills_too else ():
            self.records.fills.remove(fill)
        return self._finish(now_us)

    def find_order(self, name: OrderName) -> Order | None:
        """Return the order of a name, None if there is none."""
        if name.server_order_id:
            return self.records.orders.get(name.server_order_id)
        return self.records.order_named(name.client_order_id)

    def statement(self, account: Account) -> Statement:
        """Return the money of an account at the last prices."""
        return self._clearing.statement(account, self.last_prices())

    def last_prices(self) -> dict[str, Decimal]:
        """Return the last trade price by symbol."""
        return {symbol: book.last for symbol, book in self._books.items() if book.last is not None}

    # -- what takes effect at the exchange

    def _arrive(self, server_order_id: str, now_us: int) -> None:
        order = self.records.orders.get(server_order_id)
        if order is None or order.status is not OrderStatus.PENDING:
            return
        text = self._refusal(order)
        if text:
            self._end(order, OrderStatus.REJECTED, Why.REFUSED, text, now_us)
            return
        order = _snapped(order, self.contracts[order.symbol])
        order = self.records.put_order(replace(order, status=OrderStatus.WORKING, updated_us=now_us))
        if order.expires_us:
            self._expiring[order.server_order_id] = order.expires_us
        self._reports.append(OrderReport(Why.ACCEPTED, order))
        self._apply(self._books[order.symbol].add(order), now_us)

    def _refusal(self, order: Order) -> str:
        if self.faults.refuse_next > 0:
            self.faults.refuse_next -= 1
            return self.faults.refuse_text
        if order.symbol in self._ended:
            return expiry.refusal(order.symbol)
        account = self.records.accounts.get(order.account)
        if account is None:
            return f"Trade account {order.account or '(empty)'} is unknown"
        first = self.records.order_named(order.client_order_id)
        if first is not None and first.server_order_id != order.server_order_id:
            return f"ClientOrderID {order.client_order_id} was used before, for order {first.server_order_id}"
        last = self.last_prices()
        return refusal(order, self.contracts, last.get(order.symbol)) or self._clearing.margin_refusal(
            order, account, last
        )

    def _cancel(self, name: OrderName, now_us: int) -> None:
        answers = self.faults.answers_cancels
        if not answers and not self.faults.swallowed_cancels_work:
            return
        order = self.find_order(name)
        told = len(self._reports)
        if order is None:
            self._reports.append(UnknownOrderReport(Why.CANCEL_REFUSED, name, f"Order {name} is unknown"))
        elif order.status.is_final:
            text = f"Order {order.server_order_id} is already {order.status.value.lower()}"
            self._reports.append(OrderReport(Why.CANCEL_REFUSED, order, text=text))
        else:
            self._books[order.symbol].remove(order.server_order_id)
            self._end(order, OrderStatus.CANCELLED, Why.CANCELLED, "Cancelled by the client", now_us)
        if not answers:
            del self._reports[told:]

    def _replace(self, name: OrderName, change: Change, now_us: int) -> None:
        order = self.find_order(name)
        if order is None:
            self._reports.append(UnknownOrderReport(Why.REPLACE_REFUSED, name, f"Order {name} is unknown"))
            return
        text = self._change_refusal(order, change)
        if text:
            self._reports.append(OrderReport(Why.REPLACE_REFUSED, order, text=text))
            return
        changed = replace(_snapped(_changed(order, change), self.contracts[order.symbol]), updated_us=now_us)
        same_prices = (changed.limit_price, changed.stop_price) == (order.limit_price, order.stop_price)
        keeps_place = same_prices and changed.quantity <= order.quantity
        if not keeps_place:
            changed = replace(changed, sequence=self.records.next_number("sequence"))
        self.records.put_order(changed)
        self._reports.append(OrderReport(Why.REPLACED, changed))
        self._apply(self._books[order.symbol].change(changed, keeps_place), now_us)

    def _change_refusal(self, order: Order, change: Change) -> str:
        if order.status.is_final:
            return f"Order {order.server_order_id} is already {order.status.value.lower()}"
        changed = _changed(order, change)
        if changed.quantity <= order.filled:
            return f"Order quantity {changed.quantity} is not greater than the filled {order.filled}"
        return refusal(changed, self.contracts, self._books[order.symbol].last)

    # -- the books

    def _apply(self, outcomes: Sequence[Outcome], now_us: int) -> None:
        for outcome in outcomes:
            order = self.records.orders.get(outcome.server_order_id)
            assert order is not None, f"the book holds order {outcome.server_order_id}, the records do not"
            if isinstance(outcome, Execution):
                self._fill(order, outcome.quantity, outcome.price, now_us)
            elif isinstance(outcome, Triggered):
                order = self.records.put_order(replace(order, triggered=True, updated_us=now_us))
                self._reports.append(OrderReport(Why.CHANGED, order, text="Stop triggered"))
            else:
                text = "The rest found nothing to trade with"
                self._end(order, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)

    def _fill(self, order: Order, quantity: Decimal, price: Decimal, now_us: int) -> None:
        self._reports += self._clearing.book(order, quantity, price, now_us, self.last_prices())

    def _end(self, order: Order, status: OrderStatus, why: Why, text: str, now_us: int) -> None:
        order = self.records.put_order(order.ended(status, text, now_us))
        self._reports.append(OrderReport(why, order, text=text))

    # -- time and memory

    def _write_down(self, new: NewOrder, now_us: int) -> Order:
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

    def _restore(self, order: Order) -> None:
        if order.status is OrderStatus.PENDING:
            self._queue(0, partial(self._arrive, order.server_order_id))
            return
        self._books[order.symbol].restore(order)
        if order.expires_us:
            self._expiring[order.server_order_id] = order.expires_us

    def _later(self, now_us: int, action: Callable[[int], None]) -> None:
        self._queue(now_us + self._latency_us, action)

    def _queue(self, due_us: int, action: Callable[[int], None]) -> None:
        self._queued += 1
        heappush(self._due, (due_us, self._queued, action))

    def _run_due(self, now_us: int) -> None:
        while self._due and self._due[0][0] <= now_us:
            due_us, _, action = heappop(self._due)
            action(due_us or now_us)
        for server_order_id in [each for each, end in self._expiring.items() if end <= now_us]:
            del self._expiring[server_order_id]
            order = self.records.orders.get(server_order_id)
            if order is not None and not order.status.is_final:
                self._books[order.symbol].remove(server_order_id)
                self._end(order, OrderStatus.CANCELLED, Why.CANCELLED, "Expired", now_us)

    def _finish(self, now_us: int) -> list[Report]:
        self._run_due(now_us)
        return self._told()

    def _told(self) -> list[Report]:
        """Commit, then hand out what happened."""
        self.records.commit()
        reports, self._reports = self._reports, []
        return reports


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
