"""Orders: the intent is durable before a byte leaves, one action is one order, and nothing new is ever sent twice.

What a press means (open, add, reduce, reverse) is derived here from the position and what already works. Entries pass
every guard; what only reduces passes none but the arithmetic that proves it reduces, and is sent even when the
database refuses to keep it. An order whose acknowledgement does not come is UNKNOWN after ten seconds, and asked
about; it is never failed and never repeated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core import commands, events
from core.announcement import About
from core.broker_report import OrderReport, ReportKind
from core.cache import ExpiringCache
from core.clock import Clock
from core.emergency import UnsavedOrder
from core.errors import ConnectionLost, InvalidOrder, PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.model.bracket import as_live
from core.model.order import Intent, Order, OrderState, advance, with_fill
from core.model.order_ids import OrderIds
from core.model.scope import Mode, PositionKey
from core.ports import Broker, Checkpoint, OrderRepository
from core.state_manager import StateManager
from services.absent_orders import resolution
from services.ack_times import AckTimes
from services.order_book import OrderBook
from services.order_changes import OrderChanges
from services.order_guards import check_entry, check_in_time, check_prices, confirmed_of, intent_of, unbooked_of
from services.order_placing import ACTION_MEMORY_S, OrderPlacing, alone
from services.order_reports import adopted, again_at_work, external_id, refusal, reported, surprise
from services.unsaved import Unsaved

ACK_LIMIT_S = 10.0
CANCEL_AGAIN_S = 2.0
# An order younger than this may be on its way past a list that does not mention it.
SETTLING = timedelta(seconds=2)
ACTIONS_REMEMBERED = 50_000


class OrderService:
    """Send, cancel and follow orders (trading thread; `load` on the main thread before it).

    Attributes:
        changes: what asks for other terms of a working order. placing: what sends orders.
    """

    def __init__(
        self,
        orders: OrderRepository,
        brokers: Mapping[str, Broker],
        state: StateManager,
        clock: Clock,
        ids: OrderIds,
        unsaved: Unsaved,
        reached: Checkpoint,
    ) -> None:
        self._repository = orders
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._ids = ids
        self._reached = reached
        self._book = OrderBook()
        self.changes = OrderChanges(self._book, self._broker, self._store, state, clock, reached)
        self._ledger: dict[str, Decimal] = {}
        self._sent_s: dict[str, float] = {}
        self._cancelled_s: dict[str, float] = {}
        self._ack_times = {connection: AckTimes() for connection in brokers}
        self._actions: ExpiringCache[str] = ExpiringCache(ACTIONS_REMEMBERED)
        self._unsaved = unsaved
        self.placing = OrderPlacing(
            self._book, self._broker, self._store, self._checked, self._denied, self._actions, clock, reached
        )

    def load(self, orders: Iterable[Order], filled: Mapping[str, Decimal]) -> None:
        """Take over stored orders; what was in flight when the program ended is UNKNOWN until the broker tells.

        Args:
            filled: the ledger's filled quantity per client order id, which outranks the stored one.

        Raises:
            PersistenceError: what the restart made of an order could not be stored.
        """
        now = self._clock.now()
        for stored in orders:
            order = stored
            quantity = filled.get(order.client_order_id, Decimal(0))
            self._ledger[order.client_order_id] = quantity
            if quantity > order.filled_quantity:
                order = with_fill(order, quantity - order.filled_quantity, now)
            if order.state in (OrderState.CREATED, OrderState.SENT):
                reason = "The program ended before an answer."
                order = replace(order, state=OrderState.UNKNOWN, reason=reason, updated_at=now)
            if order.action_id:
                self._actions.put(order.action_id, order.client_order_id, self._action_expiry())
            if order != stored:
                self._repository.save(order, self._mode(order.key), "restart")
            self._book.keep(order)
            self._state.set_order(order)

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_submit(self, command: commands.SubmitOrder) -> list[Message]:
        """Send an order unless a guard says no; the same action again does nothing."""
        client_order_id = self._ids.mint(self._now_ms())
        if not self._actions.put(command.action_id, client_order_id, self._action_expiry()):
            return []
        try:
            order = self._checked(command, client_order_id)
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, f"Not sent: {refused}", command.key)]
        return self.placing.send((order,), f"press {command.action_id}", alone)

    def on_cancel(self, command: commands.CancelOrder) -> list[Message]:
        """Ask the broker to cancel; the order ends only when he says so. Pressing again at once does nothing."""
        order = self._book.get(command.client_order_id)
        if order is None or order.is_final:
            return []
        if not order.server_order_id and order.state in (OrderState.SENT, OrderState.UNKNOWN):
            text = f"The broker has not named this {order.key.symbol} order yet, so it cannot be cancelled; asking him."
            return [self._said(Level.CAUTION, text, order.key), commands.AskBroker(order.key.connection)]
        now_s = self._clock.monotonic()
        if now_s - self._cancelled_s.get(order.client_order_id, -CANCEL_AGAIN_S) < CANCEL_AGAIN_S:
            return []
        pending = order if order.state is OrderState.UNKNOWN else self._moved(order, OrderState.PENDING_CANCEL)
        follow = self._store(pending, order, "cancel asked")
        try:
            self._broker(order.key).cancel(pending)
        except ConnectionLost as lost:
            restored = replace(order, updated_at=self._clock.now())
            follow += self._store(restored, pending, "cancel not sent")
            return [*follow, self._said(Level.ERROR, f"Not cancelled: {lost}", order.key)]
        self._cancelled_s[order.client_order_id] = now_s
        self.changes.on_cancelling(order.client_order_id)
        return follow

    # -- what the broker says ---------------------------------------------------------------------------------------

    def on_report(self, event: events.OrderReported) -> list[Message]:
        """Move an order along what the broker reports; adopt one that is not ours."""
        self._reached("order.report_received")
        report = event.report
        order = self._book.find(report)
        if order is None:
            return self._adopt(report)
        self._time(order)
        updated = self.changes.weighed(order, reported(order, report, self._clock.now()), report)
        follow = self._store(updated, order, f"broker: {report.kind.value.lower()}")
        self._reached("order.report_committed")
        self._cancelled_s.pop(order.client_order_id, None)
        for level, text in ((_loudness(order), refusal(updated, report)), (Level.ALARM, surprise(order, updated))):
            if text and not self._is_held_back(order):
                about = About.REJECT if level is _loudness(order) else None
                follow.append(replace(self._said(level, text, order.key), about=about, cause=order.client_order_id))
        if report.kind is ReportKind.CANCEL_REFUSED and report.state is None:
            follow.append(commands.AskBroker(order.key.connection))
        return [*follow, *self.changes.after(order, updated, report)]

    def on_orders_listed(self, event: events.OrdersListed) -> list[Message]:
        """Take every row of a complete list; when it lacks an order of ours, recovery weighs that, with the fills."""
        listed = {self._book.find(row) for row in event.rows}
        follow: list[Message] = [events.OrderReported(row) for row in event.rows]
        for one in self._book:
            quiet = one.is_alive and one.state not in (OrderState.SENT, OrderState.UNKNOWN)
            settled = one.updated_at <= event.asked_at - SETTLING
            if one.key.connection == event.connection and quiet and settled and one not in listed:
                return [*follow, commands.AskBroker(event.connection)]
        return follow

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Count the fill on its order, whatever state that is in."""
        fill = event.change.fill
        order = self._book.named(fill.key, fill.client_order_id, fill.server_order_id)
        if order is None:
            return []
        total = self._ledger.get(order.client_order_id, Decimal(0)) + fill.quantity
        self._ledger[order.client_order_id] = total
        updated = self.changes.grown(self._grown(order, total), total)
        if total > order.filled_quantity:
            updated = with_fill(updated, total - order.filled_quantity, self._clock.now())
        if fill.server_order_id and not updated.server_order_id:
            updated = replace(updated, server_order_id=fill.server_order_id, updated_at=self._clock.now())
        follow = self._store(updated, order, f"fill {fill.execution_id}")
        text = surprise(order, updated)
        return [*follow, self._said(Level.ALARM, text, order.key)] if text else follow

    def on_send_started(self, event: events.SendStarted) -> list[Message]:
        """From here the outcome is ambiguous until told; the state SENT already says so."""
        return []

    def on_send_failed(self, event: events.SendFailed) -> list[Message]:
        """Not a byte left: the order is proven unsent, and is never sent later by surprise."""
        order = self._book.get(event.client_order_id)
        if order is None or order.server_order_id or order.state not in (OrderState.SENT, OrderState.UNKNOWN):
            return []
        return self._denied(order, event.text)

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Orders without an answer become UNKNOWN when the line falls; working ones stay what they were."""
        if event.link not in (events.Link.OFFLINE, events.Link.REFUSED):
            return []
        fallen = [one for one in self._book if one.key.connection == event.connection]
        return self._doubt(fallen, "The line fell before an answer.")

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Judge acknowledgements by elapsed time."""
        late = [name for name, sent_s in self._sent_s.items() if event.monotonic_s - sent_s > ACK_LIMIT_S]
        orders = [order for name in late if (order := self._book.get(name)) is not None]
        return self._doubt(orders, "No answer for ten seconds.")

    def on_absence_proven(self, event: events.AbsenceProven) -> list[Message]:
        """End an order on evidence: two complete lists lack it, and every fill in the window is booked."""
        order = self._book.get(event.client_order_id)
        if order is None or order.is_final or order.state is OrderState.SENT:
            return []
        filled = max(order.filled_quantity, self._ledger.get(order.client_order_id, Decimal(0)))
        state, reason = resolution(order, filled, self._state.snapshot().fills)
        follow = self._store(self._moved(order, state, reason), order, "evidence")
        text = f"{order.side.value} {order.quantity:f} {order.key.symbol} is resolved: {state.value}. {reason}"
        return [*follow, self._said(Level.INFO, text, order.key)]

    def on_disowned(self, event: events.OrderDisowned) -> list[Message]:
        """Take an order of unknown outcome for somebody else's; what the broker says of it later still counts."""
        order = self._book.get(event.client_order_id)
        if order is None or order.external or order.state is not OrderState.UNKNOWN:
            return []
        now = self._clock.now()
        return self._store(replace(order, external=True, updated_at=now), order, "treated as external by the trader")

    # -- private ----------------------------------------------------------------------------------------------------

    def _checked(self, command: commands.SubmitOrder, client_order_id: str) -> Order:
        snapshot, now = self._state.snapshot(), self._clock.now()
        check_prices(command, snapshot.instruments.get((command.key.connection, command.key.symbol)))
        position, scope = snapshot.positions.get(command.key), snapshot.scopes.get(command.key)
        booked = [(one, self._ledger.get(one.client_order_id, Decimal(0))) for one in self._book.of(command.key)]
        confirmed = confirmed_of(position, scope, snapshot.fills)
        unbooked = unbooked_of(command, position, booked, scope)
        book = {one.client_order_id: one for one in self._book.of(command.key)}
        working = [as_live(one, book) for one in self.changes.largest(self._book.alive(command.key))]
        intent = intent_of(command, position, working, confirmed, unbooked)
        if intent.is_entry:
            check_in_time(command, self._clock.monotonic())
            check_entry(command, self.changes.foreseen(snapshot), now)
        return Order(
            key=command.key,
            client_order_id=client_order_id,
            side=command.side,
            intent=intent,
            type=command.type,
            quantity=command.quantity,
            created_at=now,
            updated_at=now,
            price=command.price,
            trigger_price=command.trigger_price,
            time_in_force=command.time_in_force,
            action_id=command.action_id,
        )

    def _denied(self, order: Order, why: str) -> list[Message]:
        denied = self._moved(order, OrderState.DENIED, why)
        follow = self._store(denied, order, "never sent")
        text = f"Not sent: {order.side.value} {order.quantity:f} {order.key.symbol}. {why}"
        return follow if self._is_held_back(order) else [*follow, self._said(_loudness(order), text, order.key)]

    def _grown(self, order: Order, filled: Decimal) -> Order:
        """Return an exit of which more is filled than it had when we were last told: it grew with its entry."""
        entry = self._book.get(order.parent_client_order_id) if order.parent_client_order_id else None
        grew = entry is not None and order.quantity < filled <= entry.filled_quantity
        return replace(order, quantity=filled) if grew else order

    def _is_held_back(self, order: Order) -> bool:
        """Say whether an order only waits for an entry that has not begun to fill: what is said is said of that."""
        entry = self._book.get(order.parent_client_order_id) if order.parent_client_order_id else None
        return entry is not None and entry.filled_quantity == 0

    def _adopt(self, report: OrderReport) -> list[Message]:
        """Keep an order somebody else sent; one of ours that this store does not know keeps our name for it."""
        known = self._book.get(report.client_order_id)
        if known is not None and known.key.connection != report.key.connection:
            return []  # ours, told over another line to the same account: it has its place, and keeps it
        ours = known is None and self._ids.is_ours(report.client_order_id)
        name = report.client_order_id if ours else external_id(report)
        if name in self._book:  # the broker uses the number of one that ended on an earlier day again
            name = f"{name}-{report.received_at:%Y%m%d}"
        position = self._state.snapshot().positions.get(report.key)
        held = Decimal(0) if position is None else position.quantity
        entry = self._book.named(report.key, "", report.parent_server_order_id)
        other = self._book.named(report.key, "", report.oco_server_order_id)
        order = adopted(report, name, held, self._clock.now(), entry, other)
        if order is None:
            return []
        stored = self._store(order, None, "seen at the broker")
        if known is None or known.key != report.key:
            return stored
        text = f"{again_at_work(known)} It is shown as EXTERNAL; cancel it if you do not want it."
        return [*stored, self._said(Level.ALARM, text, known.key)]

    def _doubt(self, orders: Iterable[Order], reason: str) -> list[Message]:
        """Move orders that were sent and not answered to UNKNOWN, and have the broker asked."""
        follow: list[Message] = []
        for order in orders:
            if order.state is not OrderState.SENT:
                continue
            follow += self._store(self._moved(order, OrderState.UNKNOWN, reason), order, "no answer")
            if self._is_held_back(order):
                continue
            text = (
                f"{order.side.value} {order.quantity:f} {order.key.symbol}: {reason} It may have reached the broker. "
                "It is being asked about and will not be sent again."
            )
            follow.append(self._said(Level.ALARM, text, order.key))
            follow.append(commands.AskBroker(order.key.connection))
        return follow

    def _store(self, order: Order, before: Order | None, cause: str, must: bool = False) -> list[Message]:
        """Commit, then publish; an order that did not change is left alone.

        Only a new entry, and what `must` be stored, waits for the disk: everything else has happened, or has to.

        Raises:
            PersistenceError: it was not stored, and had to be.
        """
        if order.is_final:
            order = self.changes.ended(order)
        if before is not None and order == before:
            return []
        follow = self._save(order, cause, must or (before is None and order.intent.is_entry and not order.external))
        self._book.keep(order)
        if order.state is OrderState.SENT:
            self._sent_s.setdefault(order.client_order_id, self._clock.monotonic())
        else:
            self._sent_s.pop(order.client_order_id, None)
        times = self._ack_times.get(order.key.connection)
        if times is not None and before is None and order.state is OrderState.SENT:
            times.sent(order.client_order_id, self._clock.monotonic())
        elif times is not None and order.state is not OrderState.SENT:
            times.forget(order.client_order_id)
        self._state.set_order(order)
        return [*follow, events.OrderChanged(order, before)]

    def _save(self, order: Order, cause: str, must: bool) -> list[Message]:
        mode, refused = self._mode(order.key), None
        if must and self._unsaved.active:
            raise PersistenceError("what was refused before is not stored yet.")
        if not self._unsaved.active:
            try:
                self._repository.save(order, mode, cause)
                return []
            except PersistenceError as error:
                if must:
                    raise
                refused = error
        return self._unsaved.keep(UnsavedOrder(order, mode, cause), refused)

    def _time(self, order: Order) -> None:
        """Publish how long the broker takes to answer, when this is his first word on an order."""
        times, line = self._ack_times.get(order.key.connection), self._state.snapshot().connections
        ack_ms = None if times is None else times.answered(order.client_order_id, self._clock.monotonic())
        if ack_ms is not None and order.key.connection in line:
            slow_ms = self._ack_times[order.key.connection].slow_ms()
            moved = replace(line[order.key.connection], ack_ms=ack_ms, ack_slow_ms=slow_ms)
            self._state.set_connection(moved)

    def _broker(self, key: PositionKey) -> Broker:
        broker = self._brokers.get(key.connection)
        if broker is None:
            raise ConnectionLost(f"There is no connection named {key.connection} in this session.")
        return broker

    def _moved(self, order: Order, state: OrderState, reason: str = "") -> Order:
        return advance(order, state, self._clock.now(), reason)

    def _mode(self, key: PositionKey) -> Mode | None:
        account = self._state.snapshot().accounts.get(key.account_key)
        return None if account is None else account.mode

    def _said(self, level: Level, text: str, key: PositionKey | None = None) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _action_expiry(self) -> float:
        return self._clock.monotonic() + ACTION_MEMORY_S


def _loudness(order: Order) -> Level:
    """Return how loud it is that an order came to nothing: a position may be without the stop it should have."""
    return Level.ALARM if order.intent is Intent.PROTECT else Level.ERROR
