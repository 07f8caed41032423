"""What takes effect at the exchange: orders arrive, are changed, cancelled, matched, filled, and end.

Everything here happens at once and at the moment given; the way there, memory and time are the broker's matter.
What is to be told collects in `reports`, in the order it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from services.simulator.admission import Admission, too_late
from services.simulator.agenda import Agenda
from services.simulator.clearing import Clearing
from services.simulator.contracts import Contract
from services.simulator.exits import exposed, placed, reference_of
from services.simulator.exits import refusal as exit_refusal
from services.simulator.flattening import flatten, liquidate
from services.simulator.lifetime import end_of_day
from services.simulator.links import Links
from services.simulator.matching import Execution, Outcome, SymbolBook, Triggered
from services.simulator.orders import Order, OrderStatus, TimeInForce
from services.simulator.records import Records
from services.simulator.reports import OrderReport, Report, UnknownOrderReport, Why
from services.simulator.requests import Change, NewOrder, NewPair, OrderName
from services.simulator.supervision import Supervision, is_liquidation
from services.simulator.terms import changed, same_prices, snapped


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
    links: Links = field(init=False)

    def __post_init__(self) -> None:
        """Let what happens to one order be carried over to others."""
        self.links = Links(self.records, self.contracts, self)

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
                reference_price=new.reference_price,
                distance=new.distance,
                keeps_price=new.keeps_price,
            )
        )

    def write_down_pair(self, pair: NewPair, parent_id: str, now_us: int) -> Order:
        """Remember two linked orders as received, as exits of an entry if one is named; return the first."""
        first, second = self.write_down(pair.first, now_us), self.write_down(pair.second, now_us)
        for order, other in ((first, second), (second, first)):
            tied = replace(order, parent_id=parent_id, linked_id=other.server_order_id, wanted=order.quantity)
            self.records.put_order(replace(tied, cancels_linked=pair.cancels_linked))
        return self._now(first)

    def arrive(self, order: Order, now_us: int, betrayed: Mapping[str, str] | None = None) -> None:
        """Let an order work, with its exits or the other of its pair, or refuse all of them.

        Args:
            betrayed: exits to be refused though the rest is taken, each with what is said of it; a fault for tests.
        """
        family = [self._as_it_would_work(each, order) for each in self.family(order)]
        texts = [self._refusal(each, order) for each in family]
        if any(texts):
            self._refuse(family, texts, now_us)
            return
        for each in family:
            text = (betrayed or {}).get(each.server_order_id)
            if text is None:
                self._accept(each, now_us)
            else:
                self.end(each, OrderStatus.REJECTED, Why.REFUSED, text, now_us)
        self.links.settle(now_us)
        for each in family:
            self._enter(self._now(each), now_us)

    def refuse(self, order: Order, text: str, now_us: int) -> None:
        """Refuse an order, and what came with it."""
        family = self.family(order)
        self._refuse(family, [text] * len(family), now_us)

    def reject(self, server_order_id: str, text: str, now_us: int) -> None:
        """Refuse an order that was accepted before, unless it has ended meanwhile."""
        order = self.records.orders.get(server_order_id)
        if order is not None and not order.status.is_final:
            self.end(order, OrderStatus.REJECTED, Why.REFUSED, text, now_us)
            self.links.settle(now_us)

    def family(self, order: Order) -> list[Order]:
        """Return an order and what came with it: the other of its pair, or its exits; as far as it is on its way."""
        linked = self.records.orders.get(order.linked_id)
        together = [order, *([] if linked is None else [linked]), *self.records.children(order.server_order_id)]
        return [each for each in together if each.status is OrderStatus.PENDING]

    def work(self, order: Order, now_us: int) -> None:
        """Enter an order into its book and match it."""
        self._accept(order, now_us)
        self._enter(self._now(order), now_us)

    def restore(self, order: Order) -> None:
        """Enter an order that worked before a restart."""
        if not order.waits and order.remaining > 0:
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
            self.withdraw([order], "Cancelled by the client", now_us)

    def replace(self, name: OrderName, change: Change, now_us: int) -> None:
        """Give an order new terms, if it can take them; it keeps its place only if nothing but its size shrank."""
        order = self.find(name)
        if order is None:
            self.reports.append(UnknownOrderReport(Why.REPLACE_REFUSED, name, f"Order {name} is unknown"))
            return
        wanted = changed(order, change)
        if text := self.admission.of_change(order, wanted, self.last_prices()):
            self.reports.append(OrderReport(Why.REPLACE_REFUSED, order, text=text))
            return
        wanted = replace(snapped(wanted, self.contracts[order.symbol]), updated_us=now_us)
        parent = self.records.orders.get(order.parent_id)
        if parent is not None and not parent.status.is_final:
            wanted = replace(wanted, quantity=exposed(wanted, parent))
        keeps_place = same_prices(wanted, order) and wanted.quantity <= order.quantity
        if not keeps_place:
            wanted = replace(wanted, sequence=self.records.next_number("sequence"))
        self.records.put_order(wanted)
        self.reports.append(OrderReport(Why.REPLACED, wanted))
        self._resize_exits(order, wanted)
        self._enter(wanted, now_us, keeps_place)

    def flatten(self, name: OrderName, free_text: str, now_us: int) -> None:
        """Empty an account as its client wants."""
        if text := flatten(self, name, free_text, now_us):
            self.reports.append(UnknownOrderReport(Why.REFUSED, name, text))

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
        self.links.settle(now_us)

    def fill(self, order: Order, quantity: Decimal, price: Decimal, now_us: int) -> None:
        """Book one execution."""
        self.reports += self.clearing.book(order, quantity, price, now_us, self.last_prices())
        self.links.mirror(self._now(order), quantity, now_us)
        self.supervision.due = True

    def withdraw(self, orders: Iterable[Order], text: str, now_us: int) -> None:
        """Cancel orders together, and then what depends on them."""
        for order in orders:
            self.end(order, OrderStatus.CANCELLED, Why.CANCELLED, text, now_us)
        self.links.settle(now_us)

    def end(self, order: Order, status: OrderStatus, why: Why, text: str, now_us: int) -> None:
        """Make an order final; what depends on it is settled by whoever asked for the end."""
        if order.symbol in self.books:
            self.books[order.symbol].remove(order.server_order_id)
        order = self.records.put_order(order.ended(status, text, now_us))
        self.reports.append(OrderReport(why, order, text=text))
        self.links.touch(order)

    def tell_change(self, order: Order, text: str) -> Order:
        """Remember an order that changed, and tell of it."""
        self.reports.append(OrderReport(Why.CHANGED, self.records.put_order(order), text=text))
        return order

    def reenter(self, before: Order, order: Order, text: str, now_us: int) -> None:
        """Let an order work on as it is now; it keeps its place if nothing but its size shrank."""
        keeps_place = same_prices(before, order) and order.quantity <= before.quantity and not before.waits
        if not keeps_place:
            order = replace(order, sequence=self.records.next_number("sequence"))
        self.tell_change(order, text)
        if before.waits:
            self._appoint_end(order)
        self._enter(order, now_us, keeps_place)

    def supervise(self, now_us: int) -> None:
        """Look at the accounts until nothing is left to be done about them."""
        while self.supervision.due:
            self.reports += self.supervision.look(self.last_prices(), now_us)
            for evaluation, text in self.supervision.locked():
                liquidate(self, evaluation.account, text, now_us)

    def find(self, name: OrderName) -> Order | None:
        """Return the order of a name, None if there is none."""
        if name.server_order_id:
            return self.records.orders.get(name.server_order_id)
        return self.records.order_named(name.client_order_id)

    def last_prices(self) -> dict[str, Decimal]:
        """Return the last trade price by symbol."""
        return {symbol: book.last for symbol, book in self.books.items() if book.last is not None}

    def _now(self, order: Order) -> Order:
        """Return an order as it is remembered now."""
        now = self.records.orders.get(order.server_order_id)
        assert now is not None, f"order {order.server_order_id} was never written down"
        return now

    def _as_it_would_work(self, order: Order, first: Order) -> Order:
        """Return an order as it would be once it is accepted; an exit of another one waits for that."""
        if order.parent_id != first.server_order_id:
            return replace(order, status=OrderStatus.WORKING)
        at = reference_of(first)
        held = replace(order, status=OrderStatus.HELD)
        return held if order.distance is None or at is None else placed(held, first, at)

    def _refusal(self, order: Order, first: Order) -> str:
        unfit = exit_refusal(order, first) if order.parent_id == first.server_order_id else ""
        return unfit or self.admission.of_new(order, self.last_prices())

    def _refuse(self, family: Sequence[Order], texts: Sequence[str], now_us: int) -> None:
        cause = next(text for text in texts if text)
        for order, text in zip(family, texts, strict=True):
            self.end(order, OrderStatus.REJECTED, Why.REFUSED, text or f"Refused with the rest: {cause}", now_us)
        self.links.settle(now_us)

    def _accept(self, order: Order, now_us: int) -> None:
        status = OrderStatus.HELD if order.waits else OrderStatus.WORKING
        order = snapped(order, self.contracts[order.symbol])
        order = self.records.put_order(replace(order, status=status, updated_us=now_us))
        self._appoint_end(order)
        self.reports.append(OrderReport(Why.ACCEPTED, order))

    def _resize_exits(self, before: Order, parent: Order) -> None:
        self.links.resize(before, parent)
        for child in self.records.children(parent.server_order_id):
            self.books[parent.symbol].resize(child)

    def _enter(self, order: Order, now_us: int, keeps_place: bool = False) -> None:
        """Match an order in its book, if it has something to trade now."""
        book = self.books[order.symbol]
        if order.waits or order.remaining <= 0:
            book.remove(order.server_order_id)
            self.links.settle(now_us)
        else:
            self.apply(book.change(order, keeps_place), now_us)

    def _appoint_end(self, order: Order) -> None:
        """Note when an order stops working by itself; the day of an exit is the one it begins to work in."""
        if order.waits:
            return
        if order.time_in_force is TimeInForce.GTD:
            ends_us = max(order.expires_us, order.received_us)
            self.agenda.appoint(ends_us, partial(self._expire, order.server_order_id, "Expired"))
        elif order.time_in_force is TimeInForce.DAY:
            ends_us = end_of_day(order.symbol, order.live_us or order.received_us)
            text = "Day order: expired at the end of the session"
            self.agenda.appoint(ends_us, partial(self._expire, order.server_order_id, text))

    def _expire(self, server_order_id: str, text: str, now_us: int) -> None:
        order = self.records.orders.get(server_order_id)
        if order is not None and not order.status.is_final:
            self.withdraw([order], text, now_us)


def _cancel_refusal(order: Order) -> str:
    if text := too_late(order, "cancel"):
        return text
    if is_liquidation(order):
        return f"Order {order.server_order_id} closes a locked account and cannot be cancelled"
    return ""
