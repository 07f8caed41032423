"""The simulated broker: what happens to orders, positions and money, remembered before it is told.

Every public method does its work, commits what changed to the store and only then returns the reports of
it. A request is written down when it is received and takes effect at the exchange `latency` later, in
market time; requests that are due run before the next market event. So a run is a function of the requests,
their times and the market's events. New orders, changes and cancels take the same time, so they race the market
and each other: what was filled on the way is too late to cancel.

A day order ends with the session of its product (`lifetime`). An account that reached a limit of its evaluation is
emptied by the broker itself, with orders no client sent, and refuses everything while it is locked (`supervision`).

A client order id works once, as long as its order is remembered: stricter than the protocol's trading session.
Nothing here knows sockets or DTC. `faults` are switched from outside by tests and by the control file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from services.simulator import expiry
from services.simulator.account_specs import DEFAULT_RATES
from services.simulator.accounts import Account, Position
from services.simulator.admission import Admission
from services.simulator.agenda import AS_SOON_AS_POSSIBLE, Action, Agenda
from services.simulator.broker_faults import REJECTED_AFTER_US, BrokerFaults
from services.simulator.clearing import Clearing
from services.simulator.contracts import Contract
from services.simulator.desk import OrderDesk
from services.simulator.lifetime import end_of_day
from services.simulator.matching import SymbolBook
from services.simulator.orders import Order, OrderKind, OrderStatus, Side
from services.simulator.ports import BookChanged, MarketEvent
from services.simulator.records import Records
from services.simulator.reports import PositionReport, Report, Statement, Why
from services.simulator.requests import Change, NewOrder, NewPair, OrderName
from services.simulator.rules import OrderLimits
from services.simulator.supervision import Supervision


class SimulatedBroker:
    """Orders, positions and money of all accounts; one thread uses it.

    Attributes:
        contracts: what is listed, by symbol.
        records: everything remembered; read it, change it only through the methods here.
        faults: switches for tests.
        halted: symbols in which nothing is matched; orders are taken and cancelled all the same.
        closed: symbols in which new orders and changes are refused; what works may be cancelled.
        latency_us: market time from the receipt of a request to its effect.
    """

    def __init__(
        self,
        contracts: Sequence[Contract],
        records: Records,
        fees: Mapping[str, Decimal],
        latency_us: int = 0,
        rates: Mapping[str, Decimal] = DEFAULT_RATES,
        limits: OrderLimits | None = None,
    ) -> None:
        """Take over what is remembered; working orders re-enter the book, received ones are due at once.

        Raises:
            ConfigurationError: an account or a contract is in a currency without a rate.
        """
        self.contracts = {contract.symbol: contract for contract in contracts}
        self.records = records
        self.faults = BrokerFaults()
        self.halted: set[str] = set()
        self.closed: set[str] = set()
        self.latency_us = latency_us
        self._ended: set[str] = set()
        self._now_us = 0
        self._holds_fills = False
        self._books = {symbol: SymbolBook() for symbol in self.contracts}
        self._clearing = clearing = Clearing(self.contracts, records, fees, rates)
        self._supervision = Supervision(records, clearing)
        self._agenda = Agenda()
        admission = Admission(self.contracts, records, clearing, self.closed, self._ended, limits or OrderLimits())
        self._desk = OrderDesk(
            self.contracts, records, clearing, admission, self._supervision, self._agenda, self._books
        )
        self._agenda.appoint(AS_SOON_AS_POSSIBLE, self._begin_day)
        for order in sorted(records.open_orders(), key=lambda each: each.sequence):
            if order.status is OrderStatus.PENDING:
                self._agenda.request(AS_SOON_AS_POSSIBLE, partial(self._arrive, order.server_order_id))
            else:
                self._desk.restore(order)

    def submit(self, new: NewOrder, now_us: int) -> list[Report]:
        """Take an order."""
        order = self._desk.write_down(new, now_us)
        self._later(now_us, partial(self._arrive, order.server_order_id))
        return self._finish(now_us)

    def submit_pair(self, pair: NewPair, now_us: int) -> list[Report]:
        """Take two linked orders."""
        first = self._desk.write_down_pair(pair, "", now_us)
        for server_order_id in (first.server_order_id, first.linked_id):  # the second may be all that is left
            self._later(now_us, partial(self._arrive, server_order_id))
        return self._finish(now_us)

    def submit_bracket(self, parent: NewOrder, exits: NewPair, now_us: int) -> list[Report]:
        """Take an entry with its two exits."""
        order = self._desk.write_down(parent, now_us)
        self._desk.write_down_pair(exits, order.server_order_id, now_us)
        self._later(now_us, partial(self._arrive, order.server_order_id))
        return self._finish(now_us)

    def cancel(self, name: OrderName, now_us: int) -> list[Report]:
        """Take a cancel."""
        self._later(now_us, partial(self._cancel, name))
        return self._finish(now_us)

    def replace(self, name: OrderName, change: Change, now_us: int) -> list[Report]:
        """Take new terms for a working order."""
        self._later(now_us, partial(self._desk.replace, name, change))
        return self._finish(now_us)

    def flatten(self, symbol: str, name: OrderName, now_us: int) -> list[Report]:
        """Close what an account holds of a symbol with a market order; other orders are left alone."""
        held = self.records.position(name.account, symbol).quantity
        side = Side.SELL if held > 0 else Side.BUY
        new = NewOrder(name.client_order_id, name.account, symbol, side, OrderKind.MARKET, abs(held))
        if held:
            return self.submit(new, now_us)
        order, text = (
            self._desk.write_down(new, now_us),
            f"There is no position in {symbol or '(empty)'} to flatten",
        )
        self._later(now_us, partial(self._desk.end, order, OrderStatus.REJECTED, Why.REFUSED, text))
        return self._finish(now_us)

    def flatten_account(self, name: OrderName, free_text: str, now_us: int) -> list[Report]:
        """Cancel all that works in an account, and close all it holds when that takes effect."""
        self._later(now_us, partial(self._desk.flatten, name, free_text))
        return self._finish(now_us)

    def on_events(self, events: Sequence[MarketEvent]) -> list[Report]:
        """Let the market happen to our orders."""
        for event in events:
            self._run_due(event.at_us)
            book = self._books[event.symbol]
            outcomes = book.on_book(event) if isinstance(event, BookChanged) else book.on_trade(event)
            self._desk.apply(outcomes, event.at_us)
            self._supervision.notice_price(event.symbol, event.last if isinstance(event, BookChanged) else event.price)
            if self._supervision.due:
                self._desk.supervise(event.at_us)
        return self._told(events[-1].at_us if events else self._now_us)

    def advance(self, now_us: int) -> list[Report]:
        """Let time pass: requests take effect, orders expire, days begin."""
        return self._finish(now_us)

    def settle(self, now_us: int) -> list[Report]:
        """Let every received request take effect now, whatever the latency."""
        while self._agenda.run_request(now_us):
            self._desk.supervise(now_us)
        return self._finish(now_us)

    def hold_fills(self, on: bool, now_us: int) -> list[Report]:
        """Stop matching, or start it again against the market as it stands then."""
        self._holds_fills = on
        for symbol, book in self._books.items():
            if on:
                book.held = True
            elif book.held and symbol not in self.halted:
                self._desk.apply(book.release(), now_us)
        return self._told(now_us)

    def honour_links(self, on: bool) -> None:
        """Let what one of two linked orders trades have an effect on the other, or leave that alone."""
        self._desk.links.honoured = on
        for book in self._books.values():
            book.honours_links = on

    def halt(self, symbol: str, on: bool) -> None:
        """Stop matching in a symbol, or go on with the next thing that happens in its market."""
        if on:
            self.halted.add(symbol)
        else:
            self.halted.discard(symbol)
        self._books[symbol].held = on or self._holds_fills

    def close(self, symbol: str, on: bool) -> None:
        """Take no more orders in a symbol, or take them again; matching is `halt`'s matter."""
        if on:
            self.closed.add(symbol)
        else:
            self.closed.discard(symbol)

    def expire(self, symbol: str, price: Decimal, now_us: int) -> list[Report]:
        """End a contract: cancel what works in it, settle what is held at a price, refuse what still comes."""
        self._ended.add(symbol)
        self._desk.withdraw(expiry.orders_in(symbol, self.records), expiry.EXPIRED, now_us)
        for new in expiry.settlements(symbol, self.records):
            self._desk.fill(self._desk.write_down(new, now_us), new.quantity, price, now_us)
        return self._told(now_us)

    def fill_now(self, name: OrderName, quantity: Decimal, price: Decimal, now_us: int) -> list[Report]:
        """Fill an order at a price whatever the market says, even if it is final or the quantity too large.

        Raises:
            KeyError: there is no such order, or it names a symbol or account that does not exist.
        """
        told = self.settle(now_us)
        order = self.find_order(name)
        if order is None:
            raise KeyError(f"order {name} is unknown")
        if order.symbol not in self.contracts or self.records.accounts.get(order.account) is None:
            raise KeyError(f"order {name} names an unknown symbol or account")
        if not order.status.is_final:
            self._books[order.symbol].reduce(order.server_order_id, quantity)
        self._desk.fill(order, quantity, price, now_us)
        self._desk.links.settle(now_us)
        return told + self._told(now_us)

    def trade_elsewhere(self, target: Position, price: Decimal, now_us: int, with_fill: bool) -> list[Report]:
        """Make a position what another platform left of it, with its fill in the history or without trace."""
        before = self.records.position(target.account, target.symbol)
        if not with_fill:
            self._desk.reports.append(PositionReport(self.records.positions.put(target)))
            self._supervision.due = True
            return self._told(now_us)
        change = target.quantity - before.quantity
        if not change:
            return []
        side = Side.BUY if change > 0 else Side.SELL
        new = NewOrder("", target.account, target.symbol, side, OrderKind.MARKET, abs(change))
        self._desk.fill(self._desk.write_down(new, now_us), abs(change), price, now_us)
        return self._told(now_us)

    def forget_orders(self, fills_too: bool, now_us: int) -> list[Report]:
        """Lose every order, and the fills if wanted, as a server that restarted without memory."""
        for order in self.records.orders:
            self.records.remove_order(order)
            if order.symbol in self._books:
                self._books[order.symbol].remove(order.server_order_id)
        for fill in self.records.fills if fills_too else ():
            self.records.fills.remove(fill)
        return self._finish(now_us)

    def reset_account(self, name: str, now_us: int) -> list[Report]:
        """Begin an account anew with its first cash; its orders and fills stay in the history.

        Raises:
            KeyError: there is no such account.
            ValueError: it holds something, or has an order working or on its way.
        """
        account = self.records.accounts.get(name)
        if account is None:
            raise KeyError(f"account {name} is unknown")
        if self._clearing.positions(name) or self.records.open_orders(name):
            raise ValueError(f"account {name} holds something or has open orders; only a flat one can begin anew")
        self._desk.reports.append(self._supervision.reset(account, self.last_prices(), now_us))
        return self._told(now_us)

    def find_order(self, name: OrderName) -> Order | None:
        """Return the order of a name, None if there is none."""
        return self._desk.find(name)

    def statement(self, account: Account) -> Statement:
        """Return the money of an account at the last prices."""
        return self._clearing.statement(account, self.last_prices(), self._now_us)

    def last_prices(self) -> dict[str, Decimal]:
        """Return the last trade price by symbol."""
        return self._desk.last_prices()

    def end_of_day(self, symbol: str, now_us: int) -> int:
        """Return when a day order received at a moment would stop working."""
        return end_of_day(symbol, now_us)

    # -- what takes effect later

    def _arrive(self, server_order_id: str, now_us: int) -> None:
        order = self.records.orders.get(server_order_id)
        if order is None or order.status is not OrderStatus.PENDING:
            return
        if self.faults.refuse_next > 0:
            self.faults.refuse_next -= 1
            self._desk.refuse(order, self.faults.refuse_text, now_us)
            return
        family = self._desk.family(order)
        stop = self.faults.stop_to_reject(family, self.records.position(order.account, order.symbol).quantity)
        self._desk.arrive(order, now_us, self.faults.exits_to_refuse(family))
        if stop is not None:
            action = partial(self._desk.reject, stop.server_order_id, self.faults.stop_text)
            self._agenda.appoint(now_us + REJECTED_AFTER_US, action)

    def _cancel(self, name: OrderName, now_us: int) -> None:
        answers = self.faults.answers_cancels
        if not answers and not self.faults.swallowed_cancels_work:
            return
        told = len(self._desk.reports)
        self._desk.cancel(name, now_us)
        if not answers:
            del self._desk.reports[told:]

    def _begin_day(self, now_us: int) -> None:
        self._agenda.appoint(self._supervision.begin_day(now_us), self._begin_day)

    def _later(self, now_us: int, action: Action) -> None:
        self._agenda.request(now_us + self.latency_us, action)

    # -- time and memory

    def _run_due(self, now_us: int) -> None:
        while self._agenda.next_us <= now_us:
            self._agenda.run_next(now_us)
            self._desk.supervise(now_us)

    def _finish(self, now_us: int) -> list[Report]:
        self._run_due(now_us)
        return self._told(now_us)

    def _told(self, now_us: int) -> list[Report]:
        """Look after the accounts, commit, then hand out what happened."""
        self._now_us = now_us
        self._desk.supervise(now_us)
        self.records.commit()
        reports, self._desk.reports = self._desk.reports, []
        return reports
