"""Changes of working orders: what was asked, and what the broker made of it.

An order shows what the broker confirmed; what is asked for is known here, and the order is PENDING CHANGE until his
word. That it was asked is stored before its bytes leave; after a crash his list says what is true. One change of an
order is under way at a time: what is pressed meanwhile waits, the latest only, and goes when the one before is
answered. A change without an answer is asked about after ten seconds and never sent again by itself. It is over when
the broker states the wanted terms, when he refuses, when not a byte of it left, or when he lists the order, asked
after that time, as it was before.

What eases the risk passes every guard. What makes an entry larger or likelier, or a stop worse than planned, is
checked as an entry is. `core.model.order_change` says which is which.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto
from types import MappingProxyType

from core import commands, events
from core.broker_report import OrderReport, ReportKind
from core.cache import ExpiringCache
from core.clock import Clock
from core.errors import ConnectionLost, InvalidOrder
from core.events import Announcement, Level
from core.messages import Message
from core.model.bracket import as_live
from core.model.order import Intent, Order, OrderState, advance
from core.model.order_change import Effect, Terms, changed, terms_of
from core.model.scope import PositionKey
from core.ports import Broker, Checkpoint
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.change_guards import check_change
from services.change_words import ASKED, asked_for, named
from services.order_book import OrderBook
from services.order_placing import Store
from services.wanted_moves import to_breakeven, to_move

ANSWER_LIMIT_S = 10.0
ACTION_MEMORY_S = 24 * 3600.0
ACTIONS_REMEMBERED = 50_000
_AT_WORK = (OrderState.WORKING, OrderState.PARTIAL)


class Outcome(Enum):
    """How a change ended."""

    TAKEN = auto()
    REFUSED = auto()
    NOT_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a press asks for; `confirmed` when the trader was told what is odd about it; `by_rule` fits an exit."""

    terms: Terms
    press: str
    confirmed: bool = False
    by_rule: bool = False


@dataclass(slots=True)
class Asked:
    """A change under way.

    Attributes:
        news: what is asked for, and nothing beside it: what stays may be moved meanwhile by the broker, as the size of
            an exit by its sibling. then: what is wanted after it, in the same way.
        reason: of the order before it was asked.
        overdue: no answer came in time, or the line fell; the broker's list decides.
    """

    news: Terms
    asked_s: float
    reason: str
    then: Wish | None = None
    overdue: bool = False
    told: bool = False
    outcome: Outcome | None = None

    @property
    def latest(self) -> Terms:
        """What was asked for, the last of each term."""
        return self.news if self.then is None else self.then.terms.over(self.news)


class OrderChanges:
    """Ask for changes and follow them; the part of OrderService that does (trading thread)."""

    def __init__(
        self,
        book: OrderBook,
        broker: Callable[[PositionKey], Broker],
        store: Store,
        state: StateManager,
        clock: Clock,
        reached: Checkpoint,
    ) -> None:
        self._book = book
        self._broker = broker
        self._store = store
        self._state = state
        self._clock = clock
        self._reached = reached
        self._asked: dict[str, Asked] = {}
        self._actions: ExpiringCache[str] = ExpiringCache(ACTIONS_REMEMBERED)

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_change(self, command: commands.ChangeOrder) -> list[Message]:
        """Ask for other terms of an order, or let them wait; the same action again does nothing."""
        if not self._is_new(command.action_id):
            return []
        order = self._book.get(command.client_order_id)
        if order is None:
            return [self._said(Level.CAUTION, "Not changed: the order is not known here.", None)]
        terms = Terms(command.quantity, command.price, command.trigger_price)
        return self._want(order, Wish(terms, command.action_id, command.confirmed, command.by_rule))

    def on_move_exit(self, command: commands.MoveExit) -> list[Message]:
        """Move the nearest stop or target by ticks, from the price asked for last."""
        if not self._is_new(command.action_id):
            return []
        try:
            order, wanted = to_move(command, self._state.snapshot(), self._latest)
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, str(refused), command.key)]
        return self._want(order, Wish(wanted, command.action_id, command.confirmed))

    def on_breakeven(self, command: commands.StopToBreakeven) -> list[Message]:
        """Move every stop that would lose more than nothing to where it loses nothing."""
        if not self._is_new(command.action_id):
            return []
        try:
            moves = to_breakeven(command.key, self._state.snapshot(), self._latest)
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, str(refused), command.key)]
        return [one for order, wanted in moves for one in self._want(order, Wish(wanted, command.action_id))]

    def on_cancelling(self, client_order_id: str) -> None:
        """Ask for nothing more of an order that is being cancelled."""
        asked = self._asked.get(client_order_id)
        if asked is not None:
            asked.then = None

    def grown(self, order: Order, filled: Decimal) -> Order:
        """Return an order of which more is filled than it had as it was to be: then just that was taken."""
        asked = self._asked.get(order.client_order_id)
        pending = order.state in (OrderState.PENDING_CHANGE, OrderState.PENDING_CANCEL)
        if asked is None and pending and order.reason.startswith(ASKED):
            # Asked in an earlier life: what it was to become is not known any more, what was taken is.
            return replace(order, quantity=max(order.quantity, filled))
        wanted = None if asked is None else asked.news.quantity
        if asked is None or wanted is None or not order.quantity < filled <= wanted:
            return order
        return changed(order, asked.news)

    def ended(self, order: Order) -> Order:
        """Return an order that ended, without what was still asked for."""
        asked = self._asked.pop(order.client_order_id, None)
        before = "" if asked is None else asked.reason
        return replace(order, reason=before) if order.reason.startswith(ASKED) else order

    def foreseen(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot whose orders are as large as what is asked for them may make them."""
        alive = {name: one for name, one in snapshot.orders.items() if name in self._asked and one.is_alive}
        larger = {name: self._largest(one) for name, one in alive.items()}
        return replace(snapshot, orders=MappingProxyType({**snapshot.orders, **larger})) if larger else snapshot

    def largest(self, orders: Iterable[Order]) -> list[Order]:
        """Return orders as large as they may become by what is asked for."""
        return [self._largest(order) for order in orders]

    # -- what the broker says ---------------------------------------------------------------------------------------

    def weighed(self, order: Order, updated: Order, report: OrderReport) -> Order:
        """Return the order as a report leaves it, which answers a change or leaves it under way.

        Args:
            updated: what the report made of the order by itself.
        """
        asked = self._asked.get(order.client_order_id)
        if asked is None:  # of an earlier life
            ended = order.state is OrderState.PENDING_CHANGE and updated.state in _AT_WORK
            return replace(updated, reason="") if ended and order.reason.startswith(ASKED) else updated
        if updated.is_final:
            return updated
        asked.outcome = _outcome(asked, report)
        if asked.outcome is None:
            return replace(updated, state=OrderState.PENDING_CHANGE) if updated.state in _AT_WORK else updated
        if asked.outcome is Outcome.TAKEN:
            updated = changed(updated, asked.news)
            updated = updated if updated.state is OrderState.PENDING_CANCEL else _at_work(updated)
        return replace(updated, reason=asked.reason)

    def after(self, before: Order, order: Order, report: OrderReport) -> list[Message]:
        """Act on a stored report: say how a change ended, and ask for what waited for that."""
        asked = self._asked.get(order.client_order_id)
        if asked is None:
            return self._moved_by_others(before, order, report)
        if asked.outcome is None:
            return []
        del self._asked[order.client_order_id]
        if asked.outcome is Outcome.NOT_TAKEN:
            text = f"{named(order, self._state.snapshot())} was not changed: the broker has it as it was before."
            return [self._said(Level.ERROR, text, order.key)]
        if asked.outcome is Outcome.REFUSED:
            return [] if report.state is not None else [commands.AskBroker(order.key.connection)]
        return [] if asked.then is None else self._want(order, asked.then)

    def on_send_failed(self, event: events.SendFailed) -> list[Message]:
        """Not a byte of the change left: the order is what it was."""
        order = self._book.get(event.client_order_id)
        asked = self._asked.get(event.client_order_id)
        if order is None or asked is None:
            return []
        del self._asked[event.client_order_id]
        return self._not_sent(order, asked.reason, event.text)

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """What is under way when the line falls is for the broker's list to tell; what waited is not asked for."""
        if event.link not in (events.Link.OFFLINE, events.Link.REFUSED):
            return []
        follow: list[Message] = []
        for order, asked in self._under_way():
            if order.key.connection != event.connection:
                continue
            asked.overdue = asked.told = True
            if asked.then is not None:
                asked.then = None
                text = f"{named(order, self._state.snapshot())}: the line fell before your last change was sent."
                follow.append(self._said(Level.CAUTION, text, order.key))
        return follow

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Have the broker asked about a change he does not answer, again and again; never send it again."""
        follow: list[Message] = []
        for order, asked in self._under_way():
            if event.monotonic_s - asked.asked_s < ANSWER_LIMIT_S:
                continue
            asked.asked_s, asked.overdue = event.monotonic_s, True
            if not asked.told:
                asked.told = True
                follow.append(self._said(Level.ERROR, self._overdue(order, asked), order.key))
            follow.append(commands.AskBroker(order.key.connection))
        return follow

    # -- private ----------------------------------------------------------------------------------------------------

    def _want(self, order: Order, wish: Wish) -> list[Message]:
        """Ask for terms now, or after what is under way; or say why not."""
        asked = self._asked.get(order.client_order_id)
        try:
            _must_be_changeable(order, asked is not None)
            wanted = wish.terms.over(self._latest(order))
            effect = Effect.EASES if wish.by_rule else self._check(order, wanted, wish.confirmed)
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, f"Not changed: {refused}", order.key)]
        if asked is None:
            return [] if wanted == terms_of(order) else self._send(order, wanted, effect, wish.press)
        rest = wanted.beside(asked.news.over(terms_of(order)))
        asked.then = None if rest.is_empty else replace(wish, terms=rest)
        if not asked.overdue:
            return []
        text = f"{named(order, self._state.snapshot())}: this waits for the broker's word on the change before it."
        return [self._said(Level.CAUTION, text, order.key)]

    def _check(self, order: Order, wanted: Terms, confirmed: bool) -> Effect:
        snapshot = self.foreseen(self._state.snapshot())
        book = {one.client_order_id: one for one in self._book.of(order.key)}
        others = [as_live(self._largest(one), book) for one in self._book.alive(order.key) if one is not order]
        instrument = snapshot.instruments.get((order.key.connection, order.key.symbol))
        return check_change(order, changed(order, wanted), others, instrument, snapshot, self._clock.now(), confirmed)

    def _send(self, order: Order, wanted: Terms, effect: Effect, press: str) -> list[Message]:
        """Store that it is asked, then ask."""
        snapshot = self._state.snapshot()
        words, news = asked_for(order, wanted, snapshot), wanted.beside(terms_of(order))
        pending = advance(order, OrderState.PENDING_CHANGE, self._clock.now(), words)
        must = effect is not Effect.EASES and not order.external
        follow = self._store(pending, order, f"press {press}: {words.lower()}", must)
        self._asked[order.client_order_id] = Asked(news, self._clock.monotonic(), order.reason)
        self._reached("change.intent_committed")
        try:
            self._broker(order.key).replace(pending, news)
        except ConnectionLost as lost:
            del self._asked[order.client_order_id]
            return [*follow, *self._not_sent(pending, order.reason, str(lost))]
        self._reached("change.handed_over")
        return follow

    def _not_sent(self, order: Order, reason: str, why: str) -> list[Message]:
        """Put the order back to what it was: the change is proven unsent."""
        restored = _at_work(order) if order.state is OrderState.PENDING_CHANGE else order
        restored = replace(restored, reason=reason, updated_at=self._clock.now())
        text = f"{named(order, self._state.snapshot())} was not changed: {why}"
        level = Level.ALARM if order.intent is Intent.PROTECT else Level.ERROR
        return [*self._store(restored, order, "change not sent"), self._said(level, text, order.key)]

    def _moved_by_others(self, before: Order, order: Order, report: OrderReport) -> list[Message]:
        """Say that an order was changed, where nobody here waits for it."""
        if report.kind is not ReportKind.REPLACED or terms_of(before) == terms_of(order):
            return []
        text = f"{named(order, self._state.snapshot())}: the broker reports this order changed."
        return [self._said(Level.INFO, text, order.key)]

    def _overdue(self, order: Order, asked: Asked) -> str:
        snapshot = self._state.snapshot()
        return (
            f"{named(order, snapshot)}: no answer for ten seconds. {asked_for(order, asked.news, snapshot)}; it "
            "works as before or as asked. The broker is being asked; the change is not sent again."
        )

    def _under_way(self) -> list[tuple[Order, Asked]]:
        """Return the orders with a change under way."""
        return [(order, asked) for name, asked in self._asked.items() if (order := self._book.get(name)) is not None]

    def _latest(self, order: Order) -> Terms:
        asked = self._asked.get(order.client_order_id)
        return terms_of(order) if asked is None else asked.latest.over(terms_of(order))

    def _largest(self, order: Order) -> Order:
        asked = self._asked.get(order.client_order_id)
        wanted = () if asked is None else (asked.news.quantity, asked.latest.quantity)
        largest = max(order.quantity, *(one or Decimal(0) for one in wanted), Decimal(0))
        return order if largest == order.quantity else replace(order, quantity=largest)

    def _is_new(self, action_id: str) -> bool:
        return self._actions.put(action_id, "", self._clock.monotonic() + ACTION_MEMORY_S)

    def _said(self, level: Level, text: str, key: PositionKey | None) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)


def _must_be_changeable(order: Order, is_under_way: bool) -> None:
    """Refuse what cannot be changed in the state it is in.

    Raises:
        InvalidOrder: with why.
    """
    state = order.state
    if order.is_final:
        raise InvalidOrder(f"the order is {state.value.lower()}.")
    if state is OrderState.PENDING_CANCEL:
        raise InvalidOrder("the order is being cancelled.")
    if state is OrderState.UNKNOWN:
        raise InvalidOrder("what became of the order is not known; the broker is being asked.")
    if not order.server_order_id:
        raise InvalidOrder("the broker has not named the order yet.")
    if state is OrderState.PENDING_CHANGE and not is_under_way:
        raise InvalidOrder("the broker has not said what became of an earlier change; ask him first.")


def _outcome(asked: Asked, report: OrderReport) -> Outcome | None:
    """Return how a report ends a change; None while it does not."""
    if report.kind is ReportKind.REPLACE_REFUSED:
        return Outcome.REFUSED
    if report.state not in (*_AT_WORK, OrderState.PENDING_CANCEL, None):
        return None
    stated = Terms(report.quantity, report.price, report.trigger_price)
    agrees = asked.news.beside(stated.over(asked.news)).is_empty
    if agrees and (report.kind is ReportKind.REPLACED or asked.news.over(stated) == stated):
        return Outcome.TAKEN
    listed = report.kind is ReportKind.RESTATED and report.state in _AT_WORK
    return Outcome.NOT_TAKEN if asked.overdue and listed else None


def _at_work(order: Order) -> Order:
    """Return the order as working, with or without fills."""
    return replace(order, state=OrderState.PARTIAL if order.filled_quantity > 0 else OrderState.WORKING)
