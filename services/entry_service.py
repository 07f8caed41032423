"""Entries with their exits: one stored operation from the press to the stop that works.

`entry_procedure` has the steps. Here each is committed before the call it announces; where the database refuses a later
step it is taken all the same, since every step can be told again from the orders and the ledger. A press is one
operation however often it arrives; what was under way when the program ended is taken up as soon as the broker's state
has been read.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from core import commands, events
from core.cache import ExpiringCache
from core.clock import Clock
from core.errors import InvalidOrder, PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.model.bracket import Leg, Offsets, check_exits, legs_of
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.order_ids import OrderIds
from core.model.scope import Mode, PositionKey
from core.ports import Checkpoint, EntryRepository
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services import entry_procedure as procedure
from services import entry_words as words
from services.entry_facts import Facts, Plan
from services.order_guards import check_prices
from services.price_check import must_be_on_grid

# A press is one operation also when it arrives again after that is over: its row must not be begun anew.
ACTION_MEMORY_S = 24 * 3600.0
ACTIONS_REMEMBERED = 50_000


class EntryService:
    """Run entries with their exits (trading thread; `load` on the main thread before it)."""

    def __init__(
        self, entries: EntryRepository, state: StateManager, clock: Clock, ids: OrderIds, reached: Checkpoint
    ) -> None:
        self._repository = entries
        self._state = state
        self._clock = clock
        self._ids = ids
        self._reached = reached
        self._running: dict[str, EntryOperation] = {}
        self._actions: ExpiringCache[str] = ExpiringCache(ACTIONS_REMEMBERED)
        self._orders: dict[str, Order] = {}
        self._by_hand: set[str] = set()
        self._since_s: dict[str, float] = {}
        self._told_s: dict[str, float] = {}
        self._asked: dict[str, int] = {}

    def load(self, operations: tuple[EntryOperation, ...], stored: Callable[[str], Order | None]) -> None:
        """Take up what was under way; nothing is concluded before the broker's state has been read.

        Args:
            stored: reads an order by client order id.
        """
        for operation in operations:
            self._running[operation.operation_id] = operation
            self._since_s[operation.operation_id] = self._clock.monotonic()
            for name in operation.order_ids:
                order = self._state.snapshot().orders.get(name) or stored(name)
                if order is not None:
                    self._orders[name] = order
            self._state.set_entry(operation)

    # -- what the trader wants --------------------------------------------------------------------------------------

    def on_open(self, command: commands.OpenWithBracket) -> list[Message]:
        """Store the operation, then have its orders sent; refused with a sentence when its exits cannot be."""
        entry = command.entry
        if entry.action_id in self._running or not self._actions.put(entry.action_id, "", self._action_expiry()):
            return []
        try:
            operation, offsets = self._prepared(command)
        except InvalidOrder as refused:
            return [Announcement(Level.CAUTION, f"Not sent: {refused}", self._clock.now(), entry.key)]
        self._repository.save(operation, self._mode(operation.key))
        self._take(operation)
        self._reached("entry.operation_committed")
        return [events.EntryMoved(operation), commands.PlaceEntry(operation, entry, offsets)]

    # -- what happens meanwhile -------------------------------------------------------------------------------------

    def on_refused(self, event: events.EntryRefused) -> list[Message]:
        """End an operation of which nothing was sent."""
        operation = self._running.get(event.operation_id)
        if operation is None:
            return []
        text = f"Not sent: {event.text}"
        failed = replace(operation, step=EntryStep.FAILED, step_since=self._clock.now(), text=text)
        return [*self._commit(Plan(failed)), Announcement(Level.CAUTION, text, self._clock.now(), operation.key)]

    def on_order_changed(self, event: events.OrderChanged) -> list[Message]:
        """Follow the orders of the operations."""
        order, before = event.order, event.before
        asked = order.state is OrderState.PENDING_CANCEL and (before is None or before.state is not order.state)
        if asked and not self._is_left_over(order):
            self._by_hand.add(order.client_order_id)
        follow: list[Message] = []
        for operation in self._in_scope(order.key):
            if operation.knows(order.client_order_id):
                self._orders[order.client_order_id] = order
                self._told_s[operation.operation_id] = self._clock.monotonic()
                follow += self._look(operation)
        return follow

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Look at what a booked fill makes of the operations in its scope."""
        return [message for one in self._in_scope(event.change.key) for message in self._look(one)]

    def on_operation_moved(self, event: events.OperationMoved) -> list[Message]:
        """Follow a close in the scope: it may be the one that undoes an entry."""
        return [message for one in self._in_scope(event.operation.key) for message in self._look(one)]

    def on_reconciled(self, event: events.ConnectionReconciled) -> list[Message]:
        """Look at everything of a line whose state has been read."""
        return [
            message
            for one in tuple(self._running.values())
            if one.key.connection == event.connection
            for message in self._look(one)
        ]

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Judge every wait by elapsed time."""
        return [message for one in tuple(self._running.values()) for message in self._look(one)]

    # -- private ----------------------------------------------------------------------------------------------------

    def _look(self, operation: EntryOperation) -> list[Message]:
        held = self._running.get(operation.operation_id)
        return [] if held is None else self._commit(procedure.looked(self._facts(held)))

    def _commit(self, plan: Plan | None) -> list[Message]:
        """Commit the step, publish it, then hand on what it announces."""
        if plan is None:
            return []
        moved, held = plan.operation, self._running[plan.operation.operation_id]
        asks = sum(isinstance(message, commands.AskBroker) for message in plan.messages)
        self._asked[moved.operation_id] = self._asked.get(moved.operation_id, 0) + asks
        if moved == held:
            return list(plan.messages)
        try:
            self._repository.save(moved, self._mode(moved.key))
        except PersistenceError as error:
            if moved.step is held.step:
                return list(plan.messages)
            self._take(moved)
            text = f"{moved.key.symbol}: a step of the entry could not be stored ({error}); it goes on all the same."
            return [Announcement(Level.ERROR, text, self._clock.now(), moved.key), *self._told(plan)]
        self._take(moved)
        self._reached(f"entry.{moved.step.value.lower()}")
        return self._told(plan)

    def _told(self, plan: Plan) -> list[Message]:
        return [events.EntryMoved(plan.operation), *plan.messages]

    def _take(self, operation: EntryOperation) -> None:
        name, held = operation.operation_id, self._running.get(operation.operation_id)
        if held is None or held.step is not operation.step:
            self._since_s[name] = self._clock.monotonic()
            self._asked[name] = 0
        self._running[name] = operation
        self._state.set_entry(operation)
        if operation.is_over:
            del self._running[name], self._since_s[name], self._asked[name]
            self._told_s.pop(name, None)
            for order in operation.order_ids:
                self._orders.pop(order, None)
                self._by_hand.discard(order)

    def _is_left_over(self, order: Order) -> bool:
        """Say whether an exit goes because what it was for is gone; it is wanted again if more of its entry fills."""
        legs = [leg for one in self._in_scope(order.key) for leg in one.legs]
        own = [leg for leg in legs if order.client_order_id in (leg.stop_id, leg.target_id, leg.again_id)]
        entries = [entry for leg in own if (entry := self._orders.get(leg.entry_id)) is not None]
        return order.key not in self._state.snapshot().positions and any(one.filled_quantity > 0 for one in entries)

    def _in_scope(self, key: PositionKey) -> list[EntryOperation]:
        return [one for one in self._running.values() if one.key == key]

    def _facts(self, operation: EntryOperation) -> Facts:
        snapshot, name = self._state.snapshot(), operation.operation_id
        orders = {key: one for key, one in snapshot.orders.items() if one.key == operation.key}
        own = {key: self._orders[key] for key in operation.order_ids if key in self._orders}
        now_s = self._clock.monotonic()
        return Facts(
            operation,
            snapshot,
            {**orders, **own},
            frozenset(self._by_hand),
            waited_s=now_s - self._since_s[name],
            asked=self._asked.get(name, 0),
            quiet_s=now_s - self._told_s.get(name, self._since_s[name]),
            now=self._clock.now(),
        )

    def _prepared(self, command: commands.OpenWithBracket) -> tuple[EntryOperation, tuple[Offsets | None, ...]]:
        entry, bracket, snapshot = command.entry, command.bracket, self._state.snapshot()
        instrument = snapshot.instruments.get((entry.key.connection, entry.key.symbol))
        if instrument is None or instrument.tick_size is None:
            raise InvalidOrder(f"the tick size of {entry.key.symbol} is not known yet, so no exit can be placed.")
        check_prices(entry, instrument)
        for point in (bracket.stop, *(target.at for target in bracket.targets)):
            if point.price is not None:
                must_be_on_grid(point.price, instrument)
        at = expected_price(entry, snapshot)
        check_exits(bracket, entry.side, at, instrument)
        line = snapshot.connections.get(entry.key.connection)
        holds = line is not None and line.brackets_supported
        legs, offsets = [], []
        for leg in legs_of(bracket, entry.quantity):
            if leg.quantity % instrument.quantity_step:
                raise InvalidOrder(f"the part {leg.quantity:f} is not a multiple of {instrument.quantity_step}.")
            made, offset = self._leg(leg, entry, at, holds and leg.target is not None, instrument)
            _must_outlive_its_fill(made, entry, instrument, snapshot)
            legs.append(made)
            offsets.append(offset)
        now = self._clock.now()
        operation = EntryOperation(
            entry.action_id,
            entry.key,
            entry.side,
            EntryStep.PREPARING,
            now,
            now,
            bracket,
            tuple(legs),
            words.SENDING,
        )
        return operation, tuple(offsets)

    def _leg(
        self, leg: Leg, entry: commands.SubmitOrder, at: Decimal, by_server: bool, instrument: Instrument
    ) -> tuple[EntryLeg, Offsets | None]:
        """Return a leg with its ids; what the broker holds has prices, or distances where the fill is not known yet."""
        name = self._ids.mint(int(self._clock.now().timestamp() * 1000))
        stop_id, target_id, again_id, undo_id = (self._ids.child(name, number) for number in (1, 2, 3, 4))
        made = EntryLeg(
            name,
            stop_id,
            target_id if leg.target is not None else "",
            again_id,
            undo_id,
            by_server,
            leg.quantity,
            leg.stop.price,
            None if leg.target is None else leg.target.price,
            leg.stop.distance,
            None if leg.target is None else leg.target.distance,
        )
        if not by_server or leg.target is None or (leg.stop.distance is None and leg.target.distance is None):
            return made, None
        stop, target = leg.stop.of(at, entry.side, True, instrument), leg.target.of(at, entry.side, False, instrument)
        # A limit fills there or better, so its exits have their prices at once; a stop that has one keeps it anyway.
        if entry.type is OrderType.LIMIT or leg.stop.price is not None:
            return replace(made, stop_price=stop, target_price=target), None
        return made, Offsets(abs(at - stop), abs(target - at), at)

    def _action_expiry(self) -> float:
        return self._clock.monotonic() + ACTION_MEMORY_S

    def _mode(self, key: PositionKey) -> Mode | None:
        account = self._state.snapshot().accounts.get(key.account_key)
        return None if account is None else account.mode


def expected_price(entry: commands.SubmitOrder, snapshot: Snapshot) -> Decimal:
    """Return the price an entry is expected to fill at, points.

    Raises:
        InvalidOrder: it has none of its own and the market's is not known.
    """
    if entry.type is OrderType.LIMIT and entry.price is not None:
        return entry.price
    if entry.trigger_price is not None:
        return entry.trigger_price
    at = _touch(entry, snapshot)
    if at is None:
        raise InvalidOrder(f"no price of {entry.key.symbol} is known, so its exits cannot be measured from one.")
    return at


def _touch(entry: commands.SubmitOrder, snapshot: Snapshot) -> Decimal | None:
    """Return the price an order of its side trades at now, points; None unknown."""
    quote = snapshot.quotes.get((entry.key.connection, entry.key.symbol))
    touch = None if quote is None else quote.ask if entry.side is Side.BUY else quote.bid
    return touch if touch is not None or quote is None else quote.last


def _must_outlive_its_fill(
    leg: EntryLeg, entry: commands.SubmitOrder, instrument: Instrument, snapshot: Snapshot
) -> None:
    """Refuse a limit that fills at once, better than asked for, where its stop would be beyond the market already.

    Raises:
        InvalidOrder: with the market and the stop.
    """
    touch = _touch(entry, snapshot)
    if entry.type is not OrderType.LIMIT or touch is None or leg.stop_price is None:
        return
    if (touch - leg.stop_price) * entry.side.sign <= 0:
        market, stop = instrument.written(touch), instrument.written(leg.stop_price)
        raise InvalidOrder(f"it would fill at {market} at once, and its stop at {stop} fire with it.")
