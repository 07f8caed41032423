"""Manual close: one stored procedure behind every Close control.

Cancel what works in the scope; wait for each cancel; re-read the quantity; send a market order for exactly that; verify
flat from the broker's explicit zero; say what was made of it. Each step is committed before the call it announces. One
procedure runs per scope: further presses are inert. Nothing is ever re-sent; what is not known is asked about. Close is
never blocked by a lock, a limit or a halted engine.

    WAITING ──> CANCELLING ──> SENT ──> VERIFYING ──> DONE
       │            │  └ B2 ask  ├ B3 REJECTED   └ B13 UNVERIFIED
       │            └ B1 flat    ├ B4, B5 ask
       └ MISMATCH: ask           └ B7 UNKNOWN          LINK_DOWN (B6): nothing was queued
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from core import commands, events
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import ALIVE, Intent, Order, OrderState, OrderType
from core.model.order_ids import OrderIds
from core.model.scope import PositionKey
from core.ports import Broker, Checkpoint, OperationRepository
from core.snapshot import Certainty
from core.state_manager import StateManager
from services import close_words as words

IN_FLIGHT_LIMIT = timedelta(seconds=3)
CANCEL_QUERY = timedelta(seconds=2)
CANCEL_LIMIT = timedelta(seconds=4)
ACK_NOTICE = timedelta(seconds=3)
FILL_LIMIT = timedelta(seconds=3)
VERIFY_LIMIT = timedelta(seconds=10)

_UP = frozenset({Link.READY, Link.SYNCING, Link.DOUBTFUL})


class CloseService:
    """Run closes (trading thread; `load` on the main thread before it)."""

    def __init__(
        self,
        operations: OperationRepository,
        brokers: Mapping[str, Broker],
        state: StateManager,
        clock: Clock,
        ids: OrderIds,
        reached: Checkpoint,
    ) -> None:
        self._repository = operations
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._ids = ids
        self._reached = reached
        self._running: dict[PositionKey, CloseOperation] = {}

    def load(self, operations: tuple[CloseOperation, ...]) -> None:
        """Take up closes a crash interrupted: one that never committed its order is over, any other is verified."""
        orders = self._state.snapshot().orders
        for operation in operations:
            if operation.close_order_id and operation.close_order_id in orders:
                self._move(
                    operation, CloseStep.UNKNOWN, "B7", "Interrupted after the close was sent; asking the broker."
                )
            else:
                self._move(operation, CloseStep.STOPPED, "", "Interrupted before the close was sent; nothing was sent.")

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_close(self, command: commands.ClosePosition) -> list[Message]:
        """Start the procedure; inert while one runs in the scope."""
        running = self._running.get(command.key)
        if running is not None and running.blocks_close:
            return []
        self._reached("close.requested")
        snapshot = self._state.snapshot()
        if command.key not in snapshot.positions:
            return [self._said(Level.INFO, f"{command.key.symbol} is flat here; nothing was sent.", command.key)]
        now = self._clock.now()
        operation = CloseOperation(command.action_id, command.key, CloseStep.WAITING, now, now)
        status = snapshot.connections.get(command.key.connection)
        if status is None or status.link not in _UP:
            return self._move(operation, CloseStep.LINK_DOWN, "B6", words.LINK_DOWN)
        follow = self._move(operation, CloseStep.WAITING, "", "Closing…")
        self._reached("close.operation_committed")
        scope = snapshot.scopes.get(command.key)
        if scope is not None and scope.certainty is Certainty.MISMATCH:
            return [*follow, *self._ask_mismatch(self._running[command.key])]
        if self._in_flight(command.key):
            return follow
        return [*follow, *self._cancel_all(self._running[command.key])]

    def on_flatten(self, command: commands.FlattenAccount) -> list[Message]:
        """Close every scope of an account, in parallel."""
        scopes = [key for key in self._state.snapshot().positions if key.account_key == command.key]
        if not scopes:
            return [self._said(Level.INFO, f"{command.key.account} has no open position here; nothing was sent.")]
        return [commands.ClosePosition(f"{command.action_id}-{index}", key) for index, key in enumerate(sorted(scopes))]

    def on_answer(self, command: commands.AnswerClose) -> list[Message]:
        """Go on as the trader chose; an answer to a question that is gone does nothing."""
        for operation in self._running.values():
            if operation.operation_id == command.operation_id and command.choice in operation.choices:
                return self._answered(operation, command.choice)
        return []

    # -- what happens meanwhile -------------------------------------------------------------------------------------

    def on_order_changed(self, event: events.OrderChanged) -> list[Message]:
        """Follow the cancels and the closing order."""
        operation = self._running.get(event.order.key)
        if operation is None or operation.is_over:
            return []
        if event.order.client_order_id == operation.close_order_id:
            return self._close_order_moved(operation, event.order)
        if operation.step is CloseStep.CANCELLING and not self._alive(operation.key):
            return self._send(operation)
        if operation.step is CloseStep.WAITING and not self._in_flight(operation.key):
            return self._cancel_all(operation)
        return []

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Notice that the scope is flat, or that it went through zero."""
        operation = self._running.get(event.change.key)
        if operation is None or operation.is_over:
            return []
        before, after = event.change.before, event.change.after
        if before is not None and after is not None and before.quantity * after.quantity < 0:
            text = words.overshoot(after)
            choices = (CloseChoice.CLOSE_REST, CloseChoice.DISMISS)
            return [*self._move(operation, CloseStep.ASKING, "B5", text, choices), self._said(Level.ALARM, text)]
        if after is None and operation.step in (CloseStep.SENT, CloseStep.UNKNOWN):
            return self._verify(operation)
        return []

    def on_reconciled(self, event: events.ConnectionReconciled) -> list[Message]:
        """Offer to close again what could not be closed while the line was down, or is left after a restart."""
        follow: list[Message] = []
        for operation in tuple(self._running.values()):
            if operation.key.connection != event.connection:
                continue
            position = self._state.snapshot().positions.get(operation.key)
            if operation.step is CloseStep.LINK_DOWN:
                over = (
                    "Flat now." if position is None else "The line is back. Nothing was sent; press Close to close now."
                )
                follow.extend(self._move(operation, CloseStep.STOPPED, "B6", over))
            elif operation.step is CloseStep.UNKNOWN and position is None:
                follow.extend(self._verify(operation))
        return follow

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Judge every wait by elapsed time; each has a defined next step."""
        follow: list[Message] = []
        for operation in tuple(self._running.values()):
            if not operation.is_over:
                follow.extend(self._waited(operation, event.now - operation.step_since))
        return follow

    # -- steps ------------------------------------------------------------------------------------------------------

    def _waited(self, operation: CloseOperation, waited: timedelta) -> list[Message]:
        key = operation.key
        if operation.step is CloseStep.WAITING and waited > IN_FLIGHT_LIMIT:
            return self._cancel_all(operation)
        if operation.step is CloseStep.CANCELLING:
            if waited > CANCEL_LIMIT:
                position = self._state.snapshot().positions.get(key)
                choices = (CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.LEAVE_PROTECTED)
                return self._move(operation, CloseStep.ASKING, "B2", words.cancel_missing(position), choices)
            if waited > CANCEL_QUERY:
                self._brokers[key.connection].request_orders()
        if operation.step is CloseStep.SENT and waited > ACK_NOTICE:
            order = self._state.snapshot().orders.get(operation.close_order_id)
            if order is not None and order.state is OrderState.SENT:
                return self._said_on(operation, words.waiting(waited), "B7")
            if order is not None and order.state is OrderState.PARTIAL and waited > FILL_LIMIT:
                return self._said_on(operation, words.partly(order), "B4")
        if operation.step in (CloseStep.VERIFYING, CloseStep.UNVERIFIED):
            if self._is_flat(operation):
                return self._done(operation)
            self._brokers[key.connection].request_positions(key.account_key)
            if operation.step is CloseStep.VERIFYING and waited > VERIFY_LIMIT:
                unverified = (CloseChoice.VERIFY_NOW, CloseChoice.DISMISS)
                return self._move(operation, CloseStep.UNVERIFIED, "B13", words.UNVERIFIED, unverified)
        return []

    def _cancel_all(self, operation: CloseOperation) -> list[Message]:
        alive = self._alive(operation.key)
        if not alive:
            return self._send(operation)
        names = tuple(order.client_order_id for order in alive)
        moved = replace(operation, cancelled=(*operation.cancelled, *names))
        follow = self._move(moved, CloseStep.CANCELLING, "", words.cancelling(len(names)))
        follow.extend(commands.CancelOrder(name) for name in names)
        self._reached("close.cancel_sent")
        return follow

    def _send(self, operation: CloseOperation) -> list[Message]:
        """Commit the step with the id of its order, then have exactly the quantity read now closed."""
        position = self._state.snapshot().positions.get(operation.key)
        if position is None:
            return self._move(operation, CloseStep.VERIFYING, "B1", words.FLAT_ALREADY)
        client_order_id = self._ids.mint(int(self._clock.now().timestamp() * 1000))
        quantity = abs(position.quantity)
        sent = replace(operation, quantity=quantity, close_order_id=client_order_id, attempts=operation.attempts + 1)
        follow = self._move(sent, CloseStep.SENT, "", "Closing…")
        side = Side.closing(position.quantity)
        cause = f"close {operation.operation_id}"
        exit_order = commands.PlaceExit(
            client_order_id, operation.key, side, OrderType.MARKET, quantity, Intent.CLOSE, cause
        )
        return [*follow, exit_order]

    def _close_order_moved(self, operation: CloseOperation, order: Order) -> list[Message]:
        if order.state is OrderState.FILLED:
            flat = operation.key not in self._state.snapshot().positions
            return self._verify(operation) if flat and operation.step is not CloseStep.VERIFYING else []
        if order.state is OrderState.REJECTED:
            return self._rejected(operation, order)
        if order.state is OrderState.UNKNOWN and operation.step is CloseStep.SENT:
            return self._move(operation, CloseStep.UNKNOWN, "B7", words.unknown(order))
        if order.state is OrderState.DENIED:
            down = order.reason or words.LINK_DOWN
            status = self._state.snapshot().connections.get(operation.key.connection)
            step = CloseStep.LINK_DOWN if status is None or status.link not in _UP else CloseStep.STOPPED
            return self._move(operation, step, "B6", f"The close was not placed. {down}")
        if order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
            position = self._state.snapshot().positions.get(operation.key)
            if position is None:
                return self._verify(operation)
            choices = (CloseChoice.CLOSE_REST, CloseChoice.CANCEL)
            return self._move(operation, CloseStep.ASKING, "B4", words.rest_left(order, position), choices)
        if order.state in (OrderState.WORKING, OrderState.PARTIAL) and operation.step is CloseStep.UNKNOWN:
            return self._move(operation, CloseStep.SENT, "", "Closing…")
        return []

    def _rejected(self, operation: CloseOperation, order: Order) -> list[Message]:
        """B3: put back the stops this close cancelled, at their old price: the one thing ever sent again."""
        snapshot = self._state.snapshot()
        position = snapshot.positions.get(operation.key)
        restored: list[Message] = []
        for name in operation.cancelled if position is not None else ():
            stop = snapshot.orders.get(name)
            if stop is None or stop.type not in (OrderType.STOP, OrderType.STOP_LIMIT) or stop.is_alive:
                continue
            if words.beyond(stop, snapshot.quotes.get((operation.key.connection, operation.key.symbol))):
                continue
            restored.append(
                commands.PlaceExit(
                    self._ids.mint(int(self._clock.now().timestamp() * 1000)),
                    operation.key,
                    stop.side,
                    stop.type,
                    stop.remaining,
                    Intent.PROTECT,
                    f"put back after refused close {operation.operation_id}",
                    stop.price,
                    stop.trigger_price,
                    stop.time_in_force,
                )
            )
        text = words.rejected(order, position, len(restored), bool(operation.cancelled))
        choices = (CloseChoice.RETRY, CloseChoice.DISMISS)
        moved = self._move(operation, CloseStep.REJECTED, "B3", text, choices)
        return [*moved, *restored, self._said(Level.ALARM, text, operation.key)]

    def _verify(self, operation: CloseOperation) -> list[Message]:
        follow = self._move(operation, CloseStep.VERIFYING, operation.branch, "Filled; waiting for the broker's word.")
        self._brokers[operation.key.connection].request_positions(operation.key.account_key)
        return follow

    def _done(self, operation: CloseOperation) -> list[Message]:
        self._reached("close.verified")
        text = words.done(operation, self._state.snapshot())
        return [
            *self._move(operation, CloseStep.DONE, operation.branch, text),
            self._said(Level.SUCCESS, text, operation.key),
        ]

    def _answered(self, operation: CloseOperation, choice: CloseChoice) -> list[Message]:
        if choice in (CloseChoice.CANCEL, CloseChoice.DISMISS, CloseChoice.LEAVE_PROTECTED):
            return self._move(operation, CloseStep.STOPPED, operation.branch, "Left as it is.")
        if choice is CloseChoice.KEEP_WAITING:
            return self._move(operation, CloseStep.CANCELLING, "", words.cancelling(len(operation.cancelled)))
        if choice is CloseChoice.SEND_ANYWAY:
            return self._send(operation)
        if choice is CloseChoice.CLOSE_BROKER_QUANTITY:
            return self._close_broker_quantity(operation)
        if choice is CloseChoice.ASK_BROKER:
            stopped = self._move(
                operation, CloseStep.STOPPED, "", "Asking the broker; press Close again when it agrees."
            )
            return [*stopped, commands.AskBroker(operation.key.connection)]
        if choice is CloseChoice.VERIFY_NOW:
            return self._verify(operation)
        # RETRY and CLOSE_REST: from the top, with the quantity read afresh.
        return self._cancel_all(replace(operation, close_order_id="", branch=""))

    def _ask_mismatch(self, operation: CloseOperation) -> list[Message]:
        snapshot = self._state.snapshot()
        scope = snapshot.scopes[operation.key]
        text = words.mismatch(snapshot.positions.get(operation.key), scope.broker_quantity)
        choices: tuple[CloseChoice, ...] = (
            CloseChoice.ASK_BROKER,
            CloseChoice.CLOSE_BROKER_QUANTITY,
            CloseChoice.CANCEL,
        )
        if not scope.broker_quantity:
            choices = (CloseChoice.ASK_BROKER, CloseChoice.CANCEL)
        return self._move(operation, CloseStep.ASKING, "MISMATCH", text, choices)

    def _close_broker_quantity(self, operation: CloseOperation) -> list[Message]:
        broker = self._state.snapshot().scopes[operation.key].broker_quantity
        if not broker:
            return self._move(operation, CloseStep.STOPPED, "", "The broker reports no position; nothing was sent.")
        client_order_id = self._ids.mint(int(self._clock.now().timestamp() * 1000))
        sent = replace(operation, quantity=abs(broker), close_order_id=client_order_id, attempts=operation.attempts + 1)
        follow = self._move(sent, CloseStep.SENT, "", "Closing…")
        cause = f"close {operation.operation_id}, broker quantity"
        order = commands.PlaceExit(
            client_order_id, operation.key, Side.closing(broker), OrderType.MARKET, abs(broker), Intent.CLOSE, cause
        )
        return [*follow, order]

    # -- private ----------------------------------------------------------------------------------------------------

    def _move(
        self,
        operation: CloseOperation,
        step: CloseStep,
        branch: str,
        text: str,
        choices: tuple[CloseChoice, ...] = (),
    ) -> list[Message]:
        """Commit the step, then publish it."""
        moved = replace(operation, step=step, branch=branch, text=text, choices=choices, step_since=self._clock.now())
        account = self._state.snapshot().accounts.get(operation.key.account_key)
        self._repository.save(moved, None if account is None else account.mode)
        self._running[operation.key] = moved
        self._state.set_operation(moved)
        return [events.OperationMoved(moved)]

    def _said_on(self, operation: CloseOperation, text: str, branch: str) -> list[Message]:
        """Refresh the sentence on screen; waiting longer is not a step and is not stored."""
        if text != operation.text:
            moved = replace(operation, text=text, branch=branch)
            self._running[operation.key] = moved
            self._state.set_operation(moved)
        return []

    def _is_flat(self, operation: CloseOperation) -> bool:
        """Say whether the broker's explicit zero, or fills alone where he reports none, prove the scope flat."""
        snapshot = self._state.snapshot()
        scope = snapshot.scopes.get(operation.key)
        if operation.key in snapshot.positions or self._alive(operation.key) or scope is None:
            return False
        if scope.certainty is Certainty.FILLS_ONLY:
            return True
        fills = [one.received_at for one in snapshot.fills if one.key == operation.key]
        last = max(fills, default=operation.started_at)
        fresh = scope.broker_time is not None and scope.broker_time >= min(last, operation.step_since)
        return scope.broker_quantity == 0 and fresh

    def _alive(self, key: PositionKey) -> list[Order]:
        orders = self._state.snapshot().orders.values()
        return [one for one in orders if one.key == key and one.state in ALIVE and one.intent is not Intent.CLOSE]

    def _in_flight(self, key: PositionKey) -> bool:
        orders = self._state.snapshot().orders.values()
        return any(one.key == key and one.state is OrderState.SENT for one in orders)

    def _said(self, level: Level, text: str, key: PositionKey | None = None) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)
