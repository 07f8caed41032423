"""Stops that move: to breakeven when a profit is there, and behind the price.

The stop is an order at the broker. This program only asks for it to be moved, each time closer, never away; while it
does not run, or the price is history, the stop stays where it is. What is planned is stored, so a restart goes on.
A stop that is being moved already is waited for, since the trader may be about to tighten it; a move that was refused,
or did not get out, is asked for again ten seconds later.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core import commands, events
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.market_board import TickBatch
from core.messages import Message
from core.model.entry import EntryStep
from core.model.fill import Side
from core.model.order import Order, OrderType
from core.model.order_change import STOPS, breakeven_of
from core.model.position import Position
from core.model.scope import PositionKey
from core.model.stop_plan import StopPlan, earned_breakeven, wanted_stop
from core.ports import EntryRepository
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.exit_sizes import AT_WORK
from services.order_findings import passed

AGAIN_S = 10.0


class StopService:
    """Carry out the plans for stops (trading thread; `load` on the main thread before it)."""

    def __init__(self, plans: EntryRepository, state: StateManager, clock: Clock) -> None:
        self._repository = plans
        self._state = state
        self._clock = clock
        self._plans: dict[PositionKey, StopPlan] = {}
        self._best: dict[PositionKey, Decimal] = {}

    def load(self, plans: Iterable[StopPlan]) -> None:
        """Take over the plans of positions that are still open, and end the others: the next is another position.

        Raises:
            PersistenceError: that one is over could not be stored.
        """
        for plan in plans:
            if plan.key in self._state.snapshot().positions:
                self._plans[plan.key] = plan
                self._state.set_trail(plan.key, plan.trail)
            else:
                self._repository.save_plan(StopPlan(plan.key, plan.since), None)

    def on_trail(self, command: commands.TrailStop) -> list[Message]:
        """Have the stop follow the price from here on, or stay where it is."""
        key, snapshot = command.key, self._state.snapshot()
        why = _refusal(command, snapshot)
        if why:
            return [self._said(Level.CAUTION, f"Not trailed: {why}", key)]
        held = self._plans.get(key) or StopPlan(key, self._clock.now())
        return self._keep(replace(held, since=self._clock.now(), trail=command.distance))

    def on_entry_moved(self, event: events.EntryMoved) -> list[Message]:
        """Take over what an entry wants of its stop, once that works; what it says nothing of stays as it was."""
        operation, bracket = event.operation, event.operation.bracket
        wants = bracket.trail is not None or bracket.breakeven_after is not None
        if operation.step is not EntryStep.ACTIVE or not wants:
            return []
        if operation.key not in self._state.snapshot().positions:
            return []
        held = self._plans.get(operation.key) or StopPlan(operation.key, self._clock.now())
        wanted = replace(
            held,
            since=self._clock.now(),
            trail=held.trail if bracket.trail is None else bracket.trail,
            breakeven_after=held.breakeven_after if bracket.breakeven_after is None else bracket.breakeven_after,
        )
        return self._keep(wanted)

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Forget a plan with its position; what was opened by reversing has none."""
        change = event.change
        plan = self._plans.get(change.key)
        gone = change.after is None or (change.before is not None and change.before.direction != change.after.direction)
        if plan is None or not gone:
            return []
        return self._keep(StopPlan(change.key, self._clock.now()))

    def on_ticks(self, batches: Iterable[TickBatch]) -> None:
        """Note the best price each planned position has seen."""
        snapshot = self._state.snapshot()
        for batch in batches:
            for key in self._plans:
                position = snapshot.positions.get(key)
                if position is not None and (key.connection, key.symbol) == (batch.connection, batch.symbol):
                    for tick in batch.ticks:
                        self._note(key, tick.price, position)

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Ask for the moves that are due."""
        snapshot = self._state.snapshot()
        return [message for plan in tuple(self._plans.values()) for message in self._moves(plan, snapshot)]

    # -- private ----------------------------------------------------------------------------------------------------

    def _moves(self, plan: StopPlan, snapshot: Snapshot) -> list[Message]:
        key = plan.key
        position, place = snapshot.positions.get(key), (key.connection, key.symbol)
        quote, instrument = snapshot.quotes.get(place), snapshot.instruments.get(place)
        if position is None or quote is None or quote.last is None or quote.stale or instrument is None:
            return []
        self._note(key, quote.last, position)
        follow: list[Message] = []
        if earned_breakeven(plan, self._best[key], position):
            plan = replace(plan, breakeven_after=None, floor=breakeven_of(position, instrument))
            follow += self._keep(plan)
        to = wanted_stop(plan, self._best[key], position, instrument)
        stops = [one for one in snapshot.orders.values() if _is_stop_of(one, position)]
        if to is None or passed(to, position, quote):
            return follow
        worse = [one for one in stops if _is_closer(one, to, position)]
        if not worse and stops and plan.trail is None:
            follow += self._keep(StopPlan(key, plan.since))
        turn = int(self._clock.monotonic() // AGAIN_S)
        return [*follow, *(_moved(one, to, turn) for one in worse if one.state in AT_WORK)]

    def _note(self, key: PositionKey, price: Decimal, position: Position) -> None:
        best = self._best.get(key, price)
        self._best[key] = max(best, price) if position.direction > 0 else min(best, price)

    def _keep(self, plan: StopPlan) -> list[Message]:
        """Commit a plan, then go by it; one that cannot be stored holds as long as this program runs."""
        account = self._state.snapshot().accounts.get(plan.key.account_key)
        held, follow = self._plans.get(plan.key), list[Message]()
        try:
            self._repository.save_plan(plan, None if account is None else account.mode)
        except PersistenceError as error:
            text = f"{plan.key.symbol}: the plan for its stop could not be stored ({error}); a restart forgets it."
            follow = [self._said(Level.ERROR, text, plan.key)]
        if plan.is_over or held is None or held.trail != plan.trail:
            self._best.pop(plan.key, None)
        if plan.is_over:
            self._plans.pop(plan.key, None)
        else:
            self._plans[plan.key] = plan
        self._state.set_trail(plan.key, plan.trail)
        return follow

    def _said(self, level: Level, text: str, key: PositionKey) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)


def _is_stop_of(order: Order, position: Position) -> bool:
    closing = Side.closing(position.quantity)
    ours = order.key == position.key and order.side is closing and order.type in STOPS
    return ours and order.is_working and order.can_exit and not order.external


def _is_closer(order: Order, to: Decimal, position: Position) -> bool:
    return order.trigger_price is not None and (to - order.trigger_price) * position.direction > 0


def _moved(order: Order, to: Decimal, turn: int) -> commands.ChangeOrder:
    """Return the change of a stop, which is one in each turn; the limit of a stop-limit order keeps its distance."""
    limit = None
    if order.type is OrderType.STOP_LIMIT and order.price is not None and order.trigger_price is not None:
        limit = order.price + to - order.trigger_price
    action = f"trail {order.client_order_id} {to:f} {turn}"
    return commands.ChangeOrder(action, order.client_order_id, price=limit, trigger_price=to, confirmed=True)


def _refusal(command: commands.TrailStop, snapshot: Snapshot) -> str:
    key, position = command.key, snapshot.positions.get(command.key)
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    if command.distance is None:
        return ""
    if position is None:
        return f"{key.symbol} is flat."
    if instrument is None or instrument.tick_size is None:
        return f"the tick size of {key.symbol} is not known yet."
    if command.distance <= 0 or command.distance % instrument.tick_size:
        return f"the distance {command.distance:f} is not a multiple of the tick {instrument.tick_size:f}."
    if not any(_is_stop_of(one, position) for one in snapshot.orders.values()):
        return f"{key.symbol} has no working stop of this program to move."
    return ""
