"""Orders: the intent is durable before a byte leaves, one action is one order, and nothing new is ever sent twice.

What a press means (open, add, reduce, reverse) is derived here from the position and what already works. Entries pass
every guard; what only reduces passes none but the arithmetic that proves it reduces. An order whose acknowledgement
does not come is UNKNOWN after ten seconds, and asked about; it is never failed and never repeated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import structlog

from core import commands, events
from core.broker_report import OrderReport, ReportKind
from core.cache import ExpiringCache
from core.clock import Clock
from core.errors import ConnectionLost, InvalidOrder
from core.events import Announcement, Level
from core.messages import Message
from core.model.order import FINAL, LIFE, Intent, Order, OrderState, advance, with_fill
from core.model.order_ids import OrderIds
from core.model.scope import Mode, PositionKey
from core.ports import Broker, Checkpoint, OrderRepository
from core.state_manager import StateManager
from services.order_guards import check_entry, check_prices, intent_of

ACK_LIMIT = timedelta(seconds=10)
ACTION_MEMORY_S = 24 * 3600.0
ACTIONS_REMEMBERED = 50_000
CANCEL_QUERY_S = 2.0

_log = structlog.get_logger("orders")


class OrderService:
    """Send, cancel and follow orders (trading thread; `load` on the main thread before it)."""

    def __init__(
        self,
        orders: OrderRepository,
        brokers: Mapping[str, Broker],
        state: StateManager,
        clock: Clock,
        ids: OrderIds,
        reached: Checkpoint,
    ) -> None:
        self._repository = orders
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._ids = ids
        self._reached = reached
        self._orders: dict[str, Order] = {}
        self._by_server_id: dict[tuple[str, str], str] = {}
        self._ledger: dict[str, Decimal] = {}
        self._actions: ExpiringCache[str] = ExpiringCache(ACTIONS_REMEMBERED)

    def load(self, orders: Iterable[Order], filled: Mapping[str, Decimal]) -> None:
        """Take over stored orders; what was in flight when the program ended is UNKNOWN until the broker tells.

        Args:
            filled: the ledger's filled quantity per client order id, which outranks the stored one.
        """
        now = self._clock.now()
        for stored in orders:
            order = stored
            quantity = filled.get(order.client_order_id, Decimal(0))
            self._ledger[order.client_order_id] = quantity
            if quantity > order.filled_quantity:
                order = with_fill(order, quantity - order.filled_quantity, now)
            if order.state in (OrderState.CREATED, OrderState.SENT):
                order = replace(order, state=OrderState.UNKNOWN, reason="The program ended before an answer.")
            self._keep(order)
            if order.action_id:
                self._actions.put(order.action_id, order.client_order_id, self._action_expiry())
            self._state.set_order(order)

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_submit(self, command: commands.SubmitOrder) -> list[Message]:
        """Send an order unless a guard says no; the same action again does nothing."""
        client_order_id = self._ids.mint(self._now_ms())
        if not self._actions.put(command.action_id, client_order_id, self._action_expiry()):
            return []
        try:
            order = self._checked(command, client_order_id)
        except InvalidOrder as refusal:
            return [self._said(Level.CAUTION, f"Not sent: {refusal}", command.key)]
        return self._send(order, f"press {command.action_id}")

    def on_place_exit(self, command: commands.PlaceExit) -> list[Message]:
        """Send an order of the close procedure; no guard stands before an exit."""
        if command.client_order_id in self._orders:
            return []
        now = self._clock.now()
        order = Order(
            key=command.key,
            client_order_id=command.client_order_id,
            side=command.side,
            intent=command.intent,
            type=command.type,
            quantity=command.quantity,
            created_at=now,
            updated_at=now,
            price=command.price,
            trigger_price=command.trigger_price,
            time_in_force=command.time_in_force,
        )
        return self._send(order, command.cause)

    def on_cancel(self, command: commands.CancelOrder) -> list[Message]:
        """Ask the broker to cancel; the order ends only when he says so."""
        order = self._orders.get(command.client_order_id)
        if order is None or order.is_final:
            return []
        if not order.server_order_id and order.state in (OrderState.SENT, OrderState.UNKNOWN):
            text = f"The broker has not named this {order.key.symbol} order yet, so it cannot be cancelled; asking him."
            return [self._said(Level.CAUTION, text, order.key), commands.AskBroker(order.key.connection)]
        broker = self._brokers.get(order.key.connection)
        try:
            if broker is None:
                raise ConnectionLost(f"The connection {order.key.connection} is not configured any more.")
            pending = order if order.state is OrderState.UNKNOWN else self._moved(order, OrderState.PENDING_CANCEL)
            follow = self._store(pending, order, "cancel asked")
            broker.cancel(pending)
        except ConnectionLost as lost:
            return [
                *self._store(order, order, "cancel not sent"),
                self._said(Level.ERROR, f"Not cancelled: {lost}"),
            ]
        return follow

    # -- what the broker says ---------------------------------------------------------------------------------------

    def on_report(self, event: events.OrderReported) -> list[Message]:
        """Move an order along what the broker reports; adopt one that is not ours."""
        self._reached("order.report_received")
        report = event.report
        order = self._find(report)
        if order is None:
            return self._adopt(report)
        updated = self._reported(order, report)
        follow = self._store(updated, order, f"broker: {report.kind.value.lower()}")
        self._reached("order.report_committed")
        if report.kind in (ReportKind.REJECTED, ReportKind.CANCEL_REFUSED, ReportKind.REPLACE_REFUSED):
            follow.append(self._said(Level.ERROR, _refusal(updated, report), order.key))
        return follow

    def on_orders_listed(self, event: events.OrdersListed) -> list[Message]:
        """Take every row of a complete list; what the list lacks is judged by recovery, with the fills beside it."""
        return [events.OrderReported(row) for row in event.rows]

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Count the fill on its order, whatever state that is in."""
        fill = event.change.fill
        order = self._orders.get(fill.client_order_id)
        if order is None:
            return []
        total = self._ledger.get(order.client_order_id, Decimal(0)) + fill.quantity
        self._ledger[order.client_order_id] = total
        if total <= order.filled_quantity:
            return []
        late = order.is_final and order.state is not OrderState.FILLED
        updated = with_fill(order, total - order.filled_quantity, self._clock.now())
        if fill.server_order_id and not updated.server_order_id:
            updated = replace(updated, server_order_id=fill.server_order_id)
        follow = self._store(updated, order, f"fill {fill.execution_id}")
        if late or updated.over_filled:
            what = "more than was ordered" if updated.over_filled else f"after it was {order.state.value.lower()}"
            text = f"{order.key.symbol}: the broker filled an order {what}. The position shown includes it."
            follow.append(self._said(Level.ALARM, text, order.key))
        return follow

    def on_send_started(self, event: events.SendStarted) -> list[Message]:
        """From here the outcome is ambiguous until told; the state SENT already says so."""
        return []

    def on_send_failed(self, event: events.SendFailed) -> list[Message]:
        """Not a byte left: the order is proven unsent, and is never sent later by surprise."""
        order = self._orders.get(event.client_order_id)
        if order is None or order.state not in (OrderState.SENT, OrderState.UNKNOWN):
            return []
        denied = self._moved(order, OrderState.DENIED, event.text)
        text = f"Not sent: {order.side.value} {order.quantity} {order.key.symbol}. {event.text}"
        return [*self._store(denied, order, "never sent"), self._said(Level.ERROR, text, order.key)]

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Orders without an answer become UNKNOWN when the line falls; working ones stay what they were."""
        if event.link not in (events.Link.OFFLINE, events.Link.REFUSED):
            return []
        return self._doubt(
            [
                one
                for one in self._orders.values()
                if one.key.connection == event.connection and one.state is OrderState.SENT
            ],
            "The line fell before an answer.",
        )

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Judge acknowledgements by elapsed time."""
        late = [
            one
            for one in self._orders.values()
            if one.state is OrderState.SENT and event.now - one.updated_at > ACK_LIMIT
        ]
        return self._doubt(late, "No answer for ten seconds.") if late else []

    def on_absence_proven(self, event: events.AbsenceProven) -> list[Message]:
        """End an order on evidence: two complete lists lack it, and every fill in the window is booked."""
        order = self._orders.get(event.client_order_id)
        if order is None or order.is_final or order.state is OrderState.SENT:
            return []
        filled = max(order.filled_quantity, self._ledger.get(order.client_order_id, Decimal(0)))
        if filled >= order.quantity:
            state, reason = OrderState.FILLED, "Its fills are booked."
        elif filled > 0 or order.server_order_id or order.state is not OrderState.UNKNOWN:
            state, reason = OrderState.CANCELLED, f"{filled} of {order.quantity} filled; the broker works it no more."
        else:
            state, reason = OrderState.DENIED, "The broker has neither the order nor a fill of it: it was not placed."
        follow = self._store(self._moved(order, state, reason), order, "evidence")
        text = f"{order.side.value} {order.quantity} {order.key.symbol} is resolved: {state.value}. {reason}"
        return [*follow, self._said(Level.INFO, text, order.key)]

    # -- private ----------------------------------------------------------------------------------------------------

    def _checked(self, command: commands.SubmitOrder, client_order_id: str) -> Order:
        snapshot = self._state.snapshot()
        position = snapshot.positions.get(command.key)
        mine = [one for one in self._orders.values() if one.key == command.key and one.is_alive]
        check_prices(command, snapshot.instruments.get((command.key.connection, command.key.symbol)))
        intent = intent_of(command, position, mine)
        if intent.is_entry:
            check_entry(command, snapshot)
        now = self._clock.now()
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

    def _send(self, order: Order, cause: str) -> list[Message]:
        broker = self._brokers.get(order.key.connection)
        if broker is None:
            return [self._said(Level.ERROR, f"Not sent: no connection named {order.key.connection}.", order.key)]
        self._reached("order.before_intent")
        sent = advance(order, OrderState.SENT, self._clock.now())
        follow = self._store(sent, None, cause)
        self._reached("order.intent_committed")
        if order.intent is Intent.CLOSE:
            self._reached("close.order_committed")
        try:
            broker.submit(sent)
        except ConnectionLost as lost:
            denied = self._moved(sent, OrderState.DENIED, str(lost))
            return [
                *follow,
                *self._store(denied, sent, "never sent"),
                self._said(Level.ERROR, f"Not sent: {lost}"),
            ]
        self._reached("order.handed_over")
        if order.intent is Intent.CLOSE:
            self._reached("close.order_handed_over")
        return follow

    def _reported(self, order: Order, report: OrderReport) -> Order:
        now = self._clock.now()
        updated = order
        if report.server_order_id and report.server_order_id != order.server_order_id:
            updated = replace(updated, server_order_id=report.server_order_id)
        if report.quantity is not None and report.quantity > 0:
            updated = replace(updated, quantity=report.quantity)
        if report.filled_quantity is not None and report.filled_quantity > updated.filled_quantity:
            updated = replace(updated, filled_quantity=report.filled_quantity)
        if report.kind in (ReportKind.REPLACED, ReportKind.RESTATED):
            updated = replace(
                updated,
                price=report.price if report.price is not None else updated.price,
                trigger_price=report.trigger_price if report.trigger_price is not None else updated.trigger_price,
            )
        state = report.state
        if state is None or (state is not updated.state and state not in LIFE[updated.state]):
            if state is not None:
                _log.warning("report refused by the life table", order=order.client_order_id, state=state.value)
            return updated if updated == order else replace(updated, updated_at=now)
        updated = advance(updated, state, now, report.text if report.state in FINAL else "")
        return updated if updated == order else replace(updated, updated_at=now)

    def _adopt(self, report: OrderReport) -> list[Message]:
        """Keep an order somebody else sent, to be seen and cancelled; never to be changed by a rule of ours."""
        if report.side is None or report.type is None or not report.server_order_id or report.quantity is None:
            return []
        now = self._clock.now()
        order = Order(
            key=report.key,
            client_order_id=f"EXT-{report.key.connection}-{report.server_order_id}",
            side=report.side,
            intent=Intent.OPEN if report.key not in self._state.snapshot().positions else Intent.REDUCE,
            type=report.type,
            quantity=report.quantity,
            created_at=now,
            updated_at=now,
            price=report.price,
            trigger_price=report.trigger_price,
            time_in_force=report.time_in_force,
            state=report.state or OrderState.UNKNOWN,
            filled_quantity=report.filled_quantity or Decimal(0),
            server_order_id=report.server_order_id,
            reason="EXTERNAL",
            external=True,
        )
        return self._store(order, None, "seen at the broker")

    def _doubt(self, orders: Iterable[Order], reason: str) -> list[Message]:
        follow: list[Message] = []
        for order in list(orders):
            unknown = self._moved(order, OrderState.UNKNOWN, reason)
            follow.extend(self._store(unknown, order, "no answer"))
            text = (
                f"{order.side.value} {order.quantity} {order.key.symbol}: {reason} It may have reached the broker. "
                "It is being asked about and will not be sent again."
            )
            follow.append(self._said(Level.ALARM, text, order.key))
            follow.append(commands.AskBroker(order.key.connection))
        return follow

    def _store(self, order: Order, before: Order | None, cause: str) -> list[Message]:
        """Commit, then publish; an order that did not change is left alone."""
        if before is not None and order == self._orders.get(order.client_order_id):
            return []
        self._repository.save(order, self._mode(order.key), cause)
        self._keep(order)
        self._state.set_order(order)
        return [events.OrderChanged(order, before)]

    def _keep(self, order: Order) -> None:
        self._orders[order.client_order_id] = order
        if order.server_order_id:
            # An id the broker replaced stays a synonym: a late fill may still carry it.
            self._by_server_id[(order.key.connection, order.server_order_id)] = order.client_order_id

    def _find(self, report: OrderReport) -> Order | None:
        order = self._orders.get(report.client_order_id)
        if order is not None and order.key == report.key:
            return order
        for server_id in (report.server_order_id, report.previous_server_order_id):
            name = self._by_server_id.get((report.key.connection, server_id)) if server_id else None
            if name is not None:
                return self._orders[name]
        return None

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


def _refusal(order: Order, report: OrderReport) -> str:
    what = {
        ReportKind.REJECTED: "The broker refused",
        ReportKind.CANCEL_REFUSED: "The broker refused to cancel",
    }.get(report.kind, "The broker refused to change")
    words = report.text or "no reason given"
    return f"{what} {order.side.value} {order.quantity} {order.key.symbol}: {words}"
