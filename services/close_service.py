"""Manual close: one stored procedure behind every Close control.

Cancel what works in the scope; wait for each cancel; re-read the quantity; send a market order for exactly that;
verify flat from the broker's explicit zero; say what was made of it. `close_procedure` has the steps, `close_setbacks`
what can go wrong. Here each step is committed before the call it announces; when the database refuses, it is taken all
the same, under an alarm. One procedure runs per scope: further presses are inert. Nothing is ever re-sent, except the
stops a close cancelled before it came to nothing; what is not known is asked about. Close is never blocked by a lock,
a limit or a halted engine.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from core import commands, events
from core.clock import Clock
from core.emergency import UnsavedOperation
from core.events import Announcement, Level
from core.messages import Message
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Intent, OrderState
from core.model.order_ids import OrderIds
from core.model.position import PositionChange
from core.model.scope import PositionKey
from core.model.trade import Trade
from core.ports import Broker, Checkpoint, OperationRepository
from core.state_manager import StateManager
from services import close_procedure as procedure
from services import close_setbacks as setbacks
from services import close_words as words
from services.close_answers import answered, closed_only
from services.close_plan import BY_BROKER, Ask, Facts, Plan
from services.order_guards import entry_refusal
from services.unsaved import Unsaved

ASK_AGAIN_S = 1.0


class CloseService:
    """Run closes (trading thread; `load` on the main thread before it).

    Waits are measured on the monotonic clock, from the last step or fill; a step's `step_since` is for the eye.
    """

    def __init__(
        self,
        operations: OperationRepository,
        brokers: Mapping[str, Broker],
        state: StateManager,
        clock: Clock,
        ids: OrderIds,
        unsaved: Unsaved,
        reached: Checkpoint,
    ) -> None:
        self._repository = operations
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._ids = ids
        self._reached = reached
        self._running: dict[PositionKey, CloseOperation] = {}
        self._since_s: dict[PositionKey, float] = {}
        self._asked_s: dict[PositionKey, float] = {}
        self._trades: dict[PositionKey, Trade] = {}
        self._reminders: set[PositionKey] = set()
        self._unsaved = unsaved

    def load(self, operations: tuple[CloseOperation, ...]) -> None:
        """Take up closes a crash interrupted; what the broker has to say comes later, as an order or a position."""
        for operation in operations:
            self._carry_out(procedure.taken_up(operation, self._facts(operation.key)))

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_close(self, command: commands.ClosePosition) -> list[Message]:
        """Start the procedure; inert while one runs in the scope, and for a press that started one already.

        A reversal that runs only closes then.
        """
        return self._start(command.action_id, command.key)

    def on_reverse(self, command: commands.ReversePosition) -> list[Message]:
        """Close, and open the other side when flat is proven; what could not be opened then is not begun."""
        snapshot, key = self._state.snapshot(), command.key
        held = self._running.get(key)
        if held is not None and (held.blocks_close or held.operation_id == command.action_id):
            return []
        position = snapshot.positions.get(key)
        if position is None:
            return [Announcement(Level.INFO, f"{key.symbol} is flat here; nothing was sent.", self._clock.now(), key)]
        refused = entry_refusal(procedure.reversal(command.action_id, key, -position.quantity), snapshot)
        if refused:
            text = f"Not reversed, and nothing was closed: {refused}"
            return [Announcement(Level.CAUTION, text, self._clock.now(), key)]
        return self._start(command.action_id, key, -position.quantity)

    def _start(self, action_id: str, key: PositionKey, reverse: Decimal | None = None) -> list[Message]:
        held = self._running.get(key)
        if held is not None and (held.blocks_close or held.operation_id == action_id):
            # Whoever presses Close while a reversal runs wants to be flat, not on the other side.
            return self._carry_out(closed_only(Plan(held, stored=False), self._facts(key))) if reverse is None else []
        self._reached("close.requested")
        facts = self._facts(key)
        operation = replace(_pressed(action_id, facts, reverse), cancelled=_still_bare(held))
        if facts.nothing_here(operation):
            text = f"{key.symbol} is flat here; nothing was sent."
            return [Announcement(Level.INFO, text, facts.now, key)]
        if not facts.up:
            again = held is not None and held.step is CloseStep.LINK_DOWN
            return [] if again else [*self._settle(held), *self._carry_out(setbacks.line_fell(operation, facts))]
        self._trades.pop(key, None)
        follow = self._settle(held)
        follow += self._carry_out(Plan(operation))
        self._reached("close.operation_committed")
        return [*follow, *self._carry_out(procedure.begun(operation, self._facts(key)))]

    def on_flatten(self, command: commands.FlattenAccount) -> list[Message]:
        """Close every scope of an account in which anything is open or works, in parallel."""
        snapshot = self._state.snapshot()
        scopes = {*snapshot.positions, *snapshot.scopes, *(one.key for one in snapshot.orders.values())}
        mine = sorted(key for key in scopes if key.account_key == command.key and self._has_anything(key))
        if not mine:
            text = f"{command.key.account} has nothing open or working here; nothing was sent."
            return [Announcement(Level.INFO, text, self._clock.now())]
        return [commands.ClosePosition(f"{command.action_id}-{key.symbol}", key) for key in mine]

    def on_answer(self, command: commands.AnswerClose) -> list[Message]:
        """Go on as the trader chose; an answer to a question that is gone does nothing."""
        for operation in self._running.values():
            if operation.operation_id == command.operation_id and command.choice in operation.choices:
                if command.choice is CloseChoice.REMIND_AT_OPEN:
                    self._reminders.add(operation.key)
                return self._carry_out(answered(operation, command.choice, self._facts(operation.key)))
        return []

    def on_cancel(self, command: commands.CancelOrder) -> list[Message]:
        """Let go of an exit the trader cancels by himself after the close: it is not put back then.

        Where the exits are back already, he looks after all of them from then on.
        """
        order = self._state.snapshot().orders.get(command.client_order_id)
        operation = None if order is None else self._running.get(order.key)
        if order is None or operation is None or not _puts_back(operation) or order.intent.is_entry:
            return []
        kept = tuple(name for name in operation.cancelled if name != order.client_order_id)
        if kept == operation.cancelled and operation.step is not CloseStep.LINK_DOWN:
            kept = ()
        return [] if kept == operation.cancelled else self._carry_out(Plan(replace(operation, cancelled=kept)))

    # -- what happens meanwhile -------------------------------------------------------------------------------------

    def on_order_changed(self, event: events.OrderChanged) -> list[Message]:
        """Follow the cancels and the closing order."""
        operation = self._running.get(event.order.key)
        if operation is None:
            return []
        facts = self._facts(operation.key)
        if operation.step is CloseStep.CANCELLING and event.order.state is OrderState.PENDING_CANCEL:
            self._reached("close.cancel_sent")
        late = event.order.state is OrderState.REJECTED and event.before is not None and event.before.is_working
        if late and event.order.client_order_id in operation.put_back and operation.step in setbacks.ASKED:
            return self._carry_out(setbacks.refused_again(operation, facts))
        if _puts_back(operation):
            return self._carry_out(setbacks.cancel_settled(operation, event.order, facts))
        named = event.before is not None and event.order.server_order_id and not event.before.server_order_id
        return self._carry_out(procedure.order_moved(operation, event.order, facts, bool(named)))

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Notice that the scope is flat, or that it went through zero."""
        key, before, after = event.change.key, event.change.before, event.change.after
        operation = self._running.get(key)
        if operation is None or operation.is_settled:
            return self._overshot_by_an_exit(event.change)
        if event.change.trade is not None:
            self._trades[key] = event.change.trade
        if operation.step in procedure.SENT:
            self._since_s[key] = self._clock.monotonic()
        facts = self._facts(key)
        held = facts.position  # missed fills are booked together: by now it may be another than after this one
        if after is None or held is None:
            return self._carry_out(procedure.flat(operation, facts)) if after is held else []
        ended = operation.is_over and operation.step is not CloseStep.REJECTED
        if ended:
            return self._overshot_by_an_exit(event.change)
        if operation.branch == BY_BROKER:
            return []  # our books are not what was closed
        through_zero = before is not None and before.quantity * after.quantity < 0
        reopened = before is None and operation.step in (*procedure.SENT, *procedure.VERIFYING)
        return self._carry_out(setbacks.overshot(operation, held, facts)) if through_zero or reopened else []

    def _overshot_by_an_exit(self, change: PositionChange) -> list[Message]:
        """Ask what is to become of a position that two exits made, both having filled: nobody wanted it."""
        facts, order = self._facts(change.key), self._state.snapshot().orders.get(change.fill.client_order_id)
        held, before = facts.position, change.before
        if order is None or held is None or order.intent not in (Intent.PROTECT, Intent.REDUCE):
            return []
        if before is not None and before.direction == held.direction:
            return []
        name = f"overshoot {change.fill.execution_id}"
        operation = CloseOperation(name, change.key, CloseStep.WAITING, facts.now, facts.now)
        follow = self._settle(self._running.get(change.key))
        return [*follow, *self._carry_out(setbacks.overshot(operation, held, facts))]

    def on_reconciled(self, event: events.ConnectionReconciled) -> list[Message]:
        """Offer to close again what could not be closed while the line was down."""
        follow: list[Message] = []
        for operation in tuple(self._running.values()):
            facts = self._facts(operation.key)
            if operation.key.connection != event.connection:
                continue
            if operation.step is CloseStep.LINK_DOWN or CloseChoice.CLOSE_NOW in operation.choices:
                follow += self._carry_out(setbacks.line_is_back(operation, facts))
            elif operation.step is CloseStep.REJECTED or _asks_for_the_rest(operation):
                follow += self._carry_out(setbacks.still_protected(operation, facts))
            elif operation.step is CloseStep.UNKNOWN and facts.position is None:
                follow += self._carry_out(procedure.verified(operation, facts))
        return follow

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Judge every wait by elapsed time."""
        follow: list[Message] = self._remind()
        for operation in tuple(self._running.values()):
            if not operation.is_over:
                follow += self._look(operation, event.monotonic_s)
        return follow

    def on_position_told(self, event: events.PositionReported | events.PositionsListed) -> list[Message]:
        """Take the broker's word for what is open when it comes, not at the next look at the clock.

        He confirms what a press just after a fill waits for, or that the scope is flat. There a reversal takes its
        time: what was pressed again meanwhile is still one reversal.
        """
        told = {event.report.key} if isinstance(event, events.PositionReported) else {row.key for row in event.rows}
        held = (one for one in self._running.values() if one.key in told)
        awaiting = [
            one
            for one in held
            if one.step in procedure.READING or (one.step in procedure.VERIFYING and one.reverse is None)
        ]
        now_s = self._clock.monotonic()
        return [message for one in awaiting for message in self._look(one, now_s)]

    def _look(self, operation: CloseOperation, now_s: float) -> list[Message]:
        waited_s = now_s - self._since_s[operation.key]
        return self._carry_out(procedure.waited(operation, self._facts(operation.key), waited_s))

    def _remind(self) -> list[Message]:
        """Tell those who asked for it that the market trades again while their position is still open."""
        follow: list[Message] = []
        for key in tuple(self._reminders):
            facts = self._facts(key)
            if facts.position is None or facts.resting is None:
                self._reminders.discard(key)
                if facts.position is not None:
                    follow.append(Announcement(Level.ALARM, words.trades_again(facts.position), facts.now, key))
        return follow

    # -- private ----------------------------------------------------------------------------------------------------

    def _has_anything(self, key: PositionKey) -> bool:
        facts, held = self._facts(key), self._running.get(key)
        return (held is not None and held.blocks_close) or not facts.nothing_here(_pressed("", facts))

    def _carry_out(self, plan: Plan | None) -> list[Message]:
        """Commit the step, publish it, then ask and hand on what it announces."""
        if plan is None:
            return []
        moved, key = plan.operation, plan.operation.key
        if not plan.stored:
            if moved != self._running[key]:
                self._running[key] = moved
                self._state.set_operation(moved)
            self._ask(key, plan.ask, ASK_AGAIN_S)
            return list(plan.messages)
        if moved.step is CloseStep.DONE:
            self._reached("close.verified")
        follow = self._save(moved)
        if moved.step in (CloseStep.ASKING, CloseStep.REJECTED):
            self._reached("close.setback_committed")
        self._running[key] = moved
        self._since_s[key] = self._clock.monotonic()
        self._state.set_operation(moved)
        self._ask(key, plan.ask, 0.0)
        return [*follow, events.OperationMoved(moved), *plan.messages]

    def _settle(self, held: CloseOperation | None) -> list[Message]:
        """Store that nobody is asked any more by an operation another takes the place of."""
        if held is None or held.is_settled:
            return []
        return self._save(replace(held, step=CloseStep.STOPPED, choices=()))

    def _save(self, operation: CloseOperation) -> list[Message]:
        account = self._state.snapshot().accounts.get(operation.key.account_key)
        mode = None if account is None else account.mode
        entry = UnsavedOperation(operation, mode)
        return self._unsaved.store(entry, lambda: self._repository.save(operation, mode))

    def _ask(self, key: PositionKey, ask: Ask, apart_s: float) -> None:
        now_s = self._clock.monotonic()
        broker = self._brokers.get(key.connection)
        if ask is Ask.NOTHING or broker is None or now_s - self._asked_s.get(key, -apart_s) < apart_s:
            return
        self._asked_s[key] = now_s
        if ask is Ask.ORDERS:
            broker.request_orders()
        else:
            broker.request_positions(key.account_key)

    def _facts(self, key: PositionKey) -> Facts:
        def mint() -> str:
            return self._ids.mint(int(self._clock.now().timestamp() * 1000))

        return Facts(key, self._state.snapshot(), self._trades.get(key), self._clock.now(), mint)


def _puts_back(operation: CloseOperation) -> bool:
    """Say whether nothing is being cancelled any more, and what was may be placed again."""
    return operation.is_over or _asks_for_the_rest(operation)


def _asks_for_the_rest(operation: CloseOperation) -> bool:
    return operation.step is CloseStep.ASKING and operation.branch == "B4"


def _still_bare(held: CloseOperation | None) -> tuple[str, ...]:
    """Return the exits the close before cancelled and has not put back: that falls to the one that takes its place."""
    return () if held is None or held.is_settled or held.put_back else held.cancelled


def _pressed(action_id: str, facts: Facts, reverse: Decimal | None = None) -> CloseOperation:
    quantity = None if facts.position is None else abs(facts.position.quantity)
    return CloseOperation(
        action_id,
        facts.key,
        CloseStep.WAITING,
        facts.now,
        facts.now,
        text=words.CLOSING,
        quantity=quantity,
        reverse=reverse,
    )
