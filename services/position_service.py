"""Positions: the one place where a fill becomes a position, committed first and published after.

Ticks move the excursions in memory; what moved is committed and published four times a second and before any fill, so a
busy market writes no more often than a quiet one, and a crash can cost a quarter of a second of MAE and MFE, no more.
A fill the database refuses goes to the emergency log instead and is shown, marked UNSAVED: entries are halted, the
trader is told, and what waits is written in its order as soon as the database gives way, or at the next start.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import structlog

from core import commands, events
from core.clock import Clock
from core.emergency import UnsavedFill, UnsavedInstrument
from core.errors import DuplicateFill, PersistenceError
from core.events import Announcement, Level
from core.market_board import TickBatch
from core.messages import Message
from core.model.commission import CommissionSchedule
from core.model.fill import Fill, correction_id
from core.model.instrument import Instrument
from core.model.order_ids import OrderIds
from core.model.position import Position, PositionChange, apply_fill, initial_risk, revalue, track
from core.model.protection import protection_of
from core.model.scope import Mode, PositionKey
from core.model.session_marks import NO_MARKS, SessionMarks
from core.model.trade import Trade
from core.ports import AccountRepository, Checkpoint, PositionRepository
from core.state_manager import StateManager
from services.close_words import held as in_words
from services.fill_facts import attributed, quantity_of, same_execution, told_before, with_exit_reason
from services.stop_plan import planned_stop, with_working_exits
from services.unsaved import Unsaved

# A stop counts as the initial one when it works within this time of the first fill (METRICS, initial risk).
STOP_KNOWN_WITHIN = timedelta(seconds=60)
TRY_AGAIN_S = 5.0

_log = structlog.get_logger("positions")


class Booking(NamedTuple):
    """A fill as it is booked.

    Attributes:
        marks: the session's figures when we were told; none of what was done while nobody looked.
    """

    fill: Fill
    cause: str
    away: bool = False
    marks: SessionMarks = NO_MARKS


class PositionService:
    """Book fills and keep the figures of open positions (trading thread; `load` on the main thread before it)."""

    def __init__(
        self,
        positions: PositionRepository,
        accounts: AccountRepository,
        state: StateManager,
        clock: Clock,
        ids: OrderIds,
        schedule: CommissionSchedule,
        unsaved: Unsaved,
        reached: Checkpoint,
    ) -> None:
        self._repository = positions
        self._accounts = accounts
        self._state = state
        self._clock = clock
        self._ids = ids
        self._schedule = schedule
        self._reached = reached
        self._positions: dict[PositionKey, Position] = {}
        self._opened_at: dict[PositionKey, datetime] = {}
        self._moved: set[PositionKey] = set()
        self._unsaved = unsaved
        self._shown_unsaved: set[PositionKey] = set()
        self._next_try_s = 0.0

    def load(self, positions: Sequence[Position]) -> None:
        """Take over what the database held; prices were missed meanwhile, so the extremes are incomplete."""
        for position in positions:
            self._missed_prices(position)

    def on_schedule_changed(self, event: events.ScheduleChanged) -> list[Message]:
        """Count what is booked from now on at other rates."""
        self._schedule = event.schedule
        return []

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Mark the excursions of a line's positions as incomplete when it falls: prices are being missed."""
        if event.link in (events.Link.OFFLINE, events.Link.REFUSED):
            for key, position in tuple(self._positions.items()):
                if key.connection == event.connection:
                    self._missed_prices(position)
        return []

    def on_fill(self, event: events.FillReceived) -> list[Message]:
        """Book a fill the broker reported."""
        self._reached("fill.received")
        fill = event.fill
        cause = f"order {fill.client_order_id or fill.server_order_id}"
        return self._take(Booking(fill, cause, marks=self._marks(fill)))

    def on_fills_while_away(self, event: events.FillsWhileAway) -> list[Message]:
        """Book executions that happened while we were not connected, each with its own id and time."""
        follow: list[Message] = []
        for fill in event.fills:
            follow.extend(self._take(Booking(fill, "while away", away=True)))
        return follow

    def on_correction(self, event: events.CorrectionDecided) -> list[Message]:
        """Book what the trader decided, unless the position moved since he looked."""
        held = self._positions.get(event.fill.key)
        quantity = held.quantity if held is not None else Decimal(0)
        if self._state.snapshot().unsaved.entries:
            text = f"{event.fill.key.symbol}: nothing is booked by decision while the database does not take writes."
            return [Announcement(Level.CAUTION, text, self._clock.now(), event.fill.key)]
        if quantity != event.expected_before:
            text = f"{event.fill.key.symbol} changed while you decided; nothing was booked. Look at it again."
            return [Announcement(Level.CAUTION, text, self._clock.now(), event.fill.key)]
        follow = self._book(Booking(self._unlike_before(event.fill, quantity), event.reason))
        self._reached("recovery.correction_committed")
        moved = f"{in_words(quantity)} → {in_words(event.after)}"
        text = f"{event.fill.key.symbol} {event.fill.key.account}: {event.reason}, {moved}."
        return [*follow, Announcement(Level.INFO, text, self._clock.now(), event.fill.key)]

    def on_ticks(self, batches: Sequence[TickBatch]) -> None:
        """Include a batch of trades in the excursions, in memory."""
        for batch in batches:
            for key, position in tuple(self._positions.items()):
                if (key.connection, key.symbol) == (batch.connection, batch.symbol):
                    self._track(position, batch)

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Commit and publish what moved; a database that refuses is not asked again at once."""
        failed = self._unsaved.active or not self._state.snapshot().database.ok
        if failed or event.monotonic_s < self._next_try_s:
            self._show_moved()
            return []
        try:
            follow = self._compared()
            self.persist_extremes()
        except PersistenceError:
            self._next_try_s = self._clock.monotonic() + TRY_AGAIN_S
            self._show_moved()
            raise
        return follow

    def on_instrument(self, event: events.InstrumentReported) -> list[Message]:
        """Store a contract's definition and revalue what is open in it, in one transaction; refused, it holds too."""
        told, key = event.instrument, (event.connection, event.instrument.symbol)
        known = self._state.snapshot().instruments.get(key)
        refused = told.tick_size is None and known is not None and known.tick_size is not None
        if known == told or refused:  # what a venue will not tell again it has told before
            return []
        held = [one for one in self._positions.values() if (one.key.connection, one.key.symbol) == key]
        revalued = [revalue(one, told) for one in held]
        # Without it no stop can be placed, and the money of the fills that follow could not be told from the ledger.
        entry = UnsavedInstrument(event.connection, told)
        follow = self._unsaved.store(entry, lambda: self._accounts.save_instrument(event.connection, told, revalued))
        self._state.set_instrument(event.connection, told)
        for position in revalued:
            self._publish(position.key, position)
        return follow

    def on_order_changed(self, event: events.OrderChanged) -> list[Message]:
        """Note the nearest working exits on the position, and the initial risk while it may still be set."""
        position = self._positions.get(event.order.key)
        if position is None:
            return []
        operation = self._state.snapshot().operations.get(position.key)
        plan = planned_stop(position, event.order, event.before, () if operation is None else operation.cancelled)
        self._annotate(position, self._with_exits(replace(position, stop_price=plan)))
        return []

    def on_stop_plan_dropped(self, event: events.StopPlanDropped) -> list[Message]:
        """Forget where the stop was: the trader goes on without it."""
        position = self._positions.get(event.key)
        if position is not None:
            self._annotate(position, self._with_exits(replace(position, stop_price=None)))
            self.persist_extremes()
        return []

    def persist_extremes(self) -> None:
        """Commit the annotations that moved since the last call, then publish them; later, while something waits."""
        if self._unsaved.active:
            return
        moved = [self._positions[key] for key in sorted(self._moved) if key in self._positions]
        if not moved:
            self._moved.clear()
            return
        self._repository.update_trade_extremes(moved)
        self._moved.clear()
        for position in moved:
            self._state.set_position(position.key, position)

    def _take(self, booking: Booking) -> list[Message]:
        """Book a fill; what the database refuses, and all that follows it, in the emergency log."""
        if self._unsaved.active:
            return self._keep(booking, None)
        try:
            return self._book(booking)
        except PersistenceError as error:
            return self._keep(booking, error)

    def _keep(self, booking: Booking, refused: PersistenceError | None) -> list[Message]:
        """Keep a fill in the emergency log and show it as UNSAVED, unless it is booked.

        A commit that failed may have taken effect: then the stored position is what the fill made, and is shown.
        """
        change = self._change(booking)
        fill, stored = change.fill, self._as_stored(change)
        if refused is not None and stored is not None and stored == quantity_of(change.after):
            return [*self._unsaved.report(refused), *self._applied(change, booking.away)]
        if stored is not None or told_before(fill, self._state.snapshot()):
            _log.info("fill booked before", execution_id=fill.execution_id, symbol=fill.key.symbol)
            return self._conflict(fill)
        self._shown_unsaved.add(fill.key)
        kept = self._unsaved.keep(UnsavedFill(change, self._mode(fill.key), booking.cause), refused)
        return [*kept, *self._applied(change, booking.away)]

    def _as_stored(self, change: PositionChange) -> Decimal | None:
        """Return the stored quantity where the ledger has the fill; None where not, or where nobody can say."""
        key = change.key
        try:
            if self._repository.has_fill(key.account_key, change.fill.execution_id):
                return quantity_of(self._repository.get_open_position(key))
        except PersistenceError as error:
            _log.warning("ledger not read", error=str(error))
        return None

    def _show_moved(self) -> None:
        """Publish annotations while the database fails: that a stop is gone must not wait for a disk."""
        shown = self._state.snapshot().positions
        for key in self._moved:
            if key in self._positions and self._positions[key] is not shown.get(key):
                self._state.set_position(key, self._positions[key])

    def _compared(self) -> list[Message]:
        """Compare what was shown as UNSAVED with what the database made of it; the database is right."""
        follow: list[Message] = []
        for key in sorted(self._shown_unsaved):
            stored, shown = self._repository.get_open_position(key), self._positions.get(key)
            if quantity_of(stored) != quantity_of(shown):
                self._publish(key, stored)
                text = f"{key.symbol}: shown was {quantity_of(shown):f}, the database has {quantity_of(stored):f}."
                follow.append(Announcement(Level.ALARM, text, self._clock.now(), key))
                follow.append(commands.AskBroker(key.connection))
        self._shown_unsaved.clear()
        return follow

    def _change(self, booking: Booking) -> PositionChange:
        fill = attributed(booking.fill, self._state.snapshot(), self._ids, self._schedule)
        held = self._positions.get(fill.key)
        gone = None if held is None or self._is_stopped(held) else held.stop_price
        before = held if held is None or gone is None else replace(held, stop_price=None)
        change = apply_fill(before, fill, self._instrument(fill.key), booking.marks)
        change = with_exit_reason(change, self._state.snapshot())
        if change.after is None:
            return change
        # What is added while no stop works has no known risk; where the stop was is remembered all the same.
        after = change.after if gone is None or change.trade else replace(change.after, stop_price=gone)
        after = self._with_exits(after)
        return change if after is change.after else replace(change, after=after)

    def _book(self, booking: Booking) -> list[Message]:
        self.persist_extremes()
        change, fill = self._change(booking), booking.fill
        try:
            self._repository.record(change, self._mode(fill.key), booking.cause)
        except DuplicateFill:
            _log.info("fill booked before", execution_id=fill.execution_id, symbol=fill.key.symbol)
            return self._conflict(change.fill)
        self._reached("fill.committed")
        return self._applied(change, booking.away)

    def _applied(self, change: PositionChange, away: bool) -> list[Message]:
        """Publish what is committed, and tell."""
        fill = change.fill
        if change.before is None or change.trade is not None:
            self._opened_at[fill.key] = fill.received_at
        self._publish(fill.key, change.after, change.legs, change.trade)
        self._reached("fill.published")
        ended = [] if change.trade is None else [events.TradeClosed(change.trade)]
        return [events.FillApplied(change, away), *ended]

    def _conflict(self, fill: Fill) -> list[Message]:
        """Tell when an execution is told again and differently; the first telling stays."""
        self._state.count_duplicate()
        told = told_before(fill, self._state.snapshot()) or self._in_ledger(fill)
        if not told or same_execution(fill, told):
            return []
        text = (
            f"{fill.key.symbol}: the broker told execution {fill.execution_id} twice, and differently. "
            "The first telling stays booked; compare with the broker's statement."
        )
        return [
            Announcement(Level.ALARM, text, self._clock.now(), fill.key),
            commands.AskBroker(fill.key.connection),
        ]

    def _in_ledger(self, fill: Fill) -> tuple[Fill, ...]:
        try:
            return self._repository.fills_of(fill.key.account_key, fill.execution_id)
        except PersistenceError as error:
            _log.warning("ledger not read", error=str(error))
            return ()

    def _unlike_before(self, fill: Fill, quantity: Decimal) -> Fill:
        """Return the correction under an id no earlier episode has: flat to two may be adopted twice in a life."""
        before, after = quantity, quantity + fill.signed_quantity
        while self._repository.has_fill(fill.key.account_key, fill.execution_id):
            chained = correction_id(fill.key, fill.source.value, before, after, fill.execution_id)
            fill = replace(fill, execution_id=chained)
        return fill

    def _annotate(self, position: Position, annotated: Position) -> None:
        if annotated != position:
            self._positions[position.key] = annotated
            self._moved.add(position.key)

    def _missed_prices(self, position: Position) -> None:
        """Keep the position as one whose excursions may be larger than what was seen."""
        marked = replace(position, extremes_complete=False, heat_since=None)
        self._positions[position.key] = marked
        if marked != position:
            self._moved.add(position.key)

    def _publish(
        self, key: PositionKey, position: Position | None, fills: tuple[Fill, ...] = (), trade: Trade | None = None
    ) -> None:
        if position is None:
            self._positions.pop(key, None)
            self._opened_at.pop(key, None)
        else:
            self._positions[key] = position
        self._state.set_position(key, position, fills, trade)

    def _track(self, position: Position, batch: TickBatch) -> None:
        instrument = self._instrument(position.key)
        moved = position
        opened_at = self._opened_at.get(position.key)
        for tick in batch.ticks:
            if opened_at is not None and tick.received_at < opened_at:
                continue  # it traded before we were in, and waited on the board
            moved = track(moved, tick.price, instrument, tick.received_at)
        if batch.dropped:
            moved = replace(moved, extremes_complete=False)
        if moved is not position:
            self._positions[position.key] = moved
            self._moved.add(position.key)

    def _is_stopped(self, position: Position) -> bool:
        return protection_of(position, self._state.snapshot().orders.values()).stop is not None

    def _with_exits(self, position: Position) -> Position:
        """Return the position with its nearest working exits; a stop that is gone leaves where it was."""
        orders = self._state.snapshot().orders.values()
        found, stop = with_working_exits(position, orders), protection_of(position, orders).stop
        working = None if stop is None else stop.trigger_price
        age = None if position.entry_time is None else self._clock.now() - position.entry_time
        if found.initial_risk is not None or working is None or age is None or age > STOP_KNOWN_WITHIN:
            return found
        return replace(found, initial_risk=initial_risk(position, working, self._instrument(position.key)))

    def _marks(self, fill: Fill) -> SessionMarks:
        """Return the session's figures at the moment of the fill; none where those we have are of another moment."""
        studies = self._state.snapshot().studies.get((fill.key.connection, fill.key.symbol))
        return NO_MARKS if studies is None or not studies.hold_at(fill.time) else studies.marks

    def _instrument(self, key: PositionKey) -> Instrument:
        known = self._state.snapshot().instruments.get((key.connection, key.symbol))
        return known or Instrument(key.symbol)

    def _mode(self, key: PositionKey) -> Mode | None:
        account = self._state.snapshot().accounts.get(key.account_key)
        return None if account is None else account.mode
