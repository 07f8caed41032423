"""Start-up, crash recovery and reconnect: one path from "we remember" to "the broker agrees".

A line that comes up is SYNCING: entries are refused and one complete snapshot is asked for. Its accounts and orders are
taken over, its missed fills booked through the front door, and only then are positions compared. Every scope that has
something becomes a row. A row is decided by the trader, or by itself where nothing needs deciding: it matches and the
last session ended cleanly, or it matches again after a reconnect. When no row of a connection is open, and only then,
the line is READY. No answer, a refused answer or half an answer proves nothing and opens nothing.

While a line is READY positions and working orders are asked for every thirty seconds, and orders nobody here knows of
every five minutes, because a lost message is silent. A difference that lasts (CertaintyService gives it its grace)
locks the scope and becomes a row here; it goes by decision, or by itself when both sides agree again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import commands, events
from core.broker_report import BrokerSnapshot
from core.clock import Clock
from core.errors import InvalidOrder
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.fill import Fill
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import Position
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey
from core.ports import AccountRepository, AuditLog, Broker, Checkpoint, LastRun, PositionRepository
from core.snapshot import ConnectionStatus, ScopeStatus, Snapshot
from core.state_manager import StateManager
from services.absent_orders import SETTLING_S, AbsentOrders
from services.line_watch import CROSSED_RETRY_S, LineWatch
from services.manual_close import recorded_as_closed
from services.missed_fills import fills_to_book
from services.reconciliation import compare, correction, with_unanswered
from services.recovery_book import RecoveryBook
from services.recovery_rows import HEDGING, crossed, facts_of, freshest, outdated, refusal, told_at
from services.sleep_watch import SleepWatch

LOOK_S = 30.0
# Orders nobody here knows of are looked for this often where nothing of ours works.
SCAN_S = 300.0
FILL_WINDOW = timedelta(days=1)
READING = "the broker's state is being read; entries open when it agrees with ours."


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What start-up found in our own store, before any broker was asked."""

    positions: tuple[Position, ...]
    orders: tuple[Order, ...]
    operations: tuple[CloseOperation, ...]
    unclean: bool
    ended_at: datetime | None


class PositionRecoveryService:
    """Bring positions back and decide when a connection may trade (trading thread; the start on the main thread).

    The rows and the locks they mean are its book.
    """

    def __init__(
        self,
        positions: PositionRepository,
        accounts: AccountRepository,
        audit: AuditLog,
        brokers: Mapping[str, Broker],
        state: StateManager,
        clock: Clock,
        reached: Checkpoint,
    ) -> None:
        self._positions = positions
        self._accounts = accounts
        self._audit = audit
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._reached = reached
        self._lines = {connection: LineWatch(clock.monotonic()) for connection in brokers}
        self._absent = {connection: AbsentOrders() for connection in brokers}
        self._book = RecoveryBook(state)
        self._known_until = clock.now()
        self._next_look_s = clock.monotonic() + LOOK_S
        self._next_scan_s = clock.monotonic() + SCAN_S
        self._sleep = SleepWatch(clock.now(), clock.monotonic())

    # -- start-up ---------------------------------------------------------------------------------------------------

    def recover_positions_on_startup(
        self, orders: tuple[Order, ...], operations: tuple[CloseOperation, ...], last_run: LastRun | None
    ) -> RecoveryReport:
        """Load what was open; every position is unverified until a broker has been heard (main thread)."""
        positions = self._positions.recover_all_open_positions()
        if last_run is not None:
            self._book.unclean, self._book.ended_at = not last_run.clean, last_run.alive_at
            self._known_until = last_run.alive_at
        for position in positions:
            row = RecoveryRow(position.key, Situation.NO_ANSWER, position, None, None)
            if position.key.connection not in self._lines:
                note = f"The connection {position.key.connection} is not configured in this session."
                row = replace(row, note=note, decided=RecoveryChoice.IGNORE)
            elif self._book.unclean:
                self._book.expect(position.key)
            self._state.set_scope(ScopeStatus(position.key, restored=True))
            self._book.keep(row)
        for connection in self._brokers:
            self._state.block_entries(connection, READING)
        self._publish()
        self._reached("recovery.loaded")
        return RecoveryReport(positions, orders, operations, self._book.unclean, self._book.ended_at)

    # -- the line ---------------------------------------------------------------------------------------------------

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Show the line; ask for everything when it is up, close entries when it is not."""
        now_s, name, link = self._clock.monotonic(), event.connection, event.link
        held = self._state.snapshot().connections.get(name) or ConnectionStatus(name, link, event.at)
        text = held.text if link is Link.CONNECTING else event.text  # while it is tried again: why it fell
        moved = replace(held, link=link, since=event.at, text=text, server=event.server or held.server)
        retry_at_s = None if event.retry_in_s is None else now_s + event.retry_in_s
        moved = replace(
            moved,
            attempt=event.attempt,
            retry_at_s=retry_at_s,
            trading_supported=event.trading_supported,
            oco_supported=event.oco_supported,
            brackets_supported=event.brackets_supported,
            hedging=event.hedging,
        )
        self._state.set_connection(moved)
        up = link is Link.SYNCING
        self._lines[event.connection].changed(up, now_s)
        closed = READING if up else f"the line {event.connection} is {event.link.value.lower()}."
        self._state.block_entries(event.connection, closed)
        self._ask(event.connection)
        self._publish()
        return []

    def on_gap(self, event: events.GapDetected) -> list[Message]:
        """Messages may be missing: entries close until a fresh snapshot agrees."""
        line = self._lines[event.connection]
        if not line.up:
            return []
        line.changed(True, self._clock.monotonic())
        self._set_link(event.connection, Link.SYNCING, event.text)
        self._state.block_entries(event.connection, READING)
        self._ask(event.connection)
        return [self._said(Level.CAUTION, f"{event.connection}: {event.text} Reading everything again.")]

    def on_ask_broker(self, command: commands.AskBroker) -> list[Message]:
        """Lock what differs, and ask for a fresh snapshot unless one is on its way."""
        self._book.lock_mismatches(command.connection)
        self._ask(command.connection)
        return []

    def on_reconnect_now(self, command: commands.ReconnectNow) -> list[Message]:
        """Try the line at once."""
        broker = self._brokers.get(command.connection)
        if broker is not None:
            broker.reconnect()
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Give up on answers that do not come, ask again when it is time, and let go of what agrees again."""
        slept_s = self._sleep.slept_s(event.now, event.monotonic_s)
        for connection, line in self._lines.items():
            if line.overdue(event.monotonic_s):
                line.failed(event.monotonic_s)
            if line.due(event.monotonic_s):
                self._ask(connection)
            if line.ready:
                self._book.ease(connection)
                if self._book.lock_mismatches(connection):
                    self._ask(connection)  # a decision made before the broker spoke has let go of what still differs
        if event.monotonic_s >= self._next_look_s:
            self._next_look_s = event.monotonic_s + LOOK_S
            self._look(event.monotonic_s)
        self._publish()
        up = [connection for connection, line in self._lines.items() if line.up]
        return [events.GapDetected(one, f"This program stood still for {slept_s:.0f} s.") for one in up if slept_s]

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """A position that ended was restored, the next one is not; a row that waits for a decision is asked anew."""
        scope = self._state.snapshot().scopes.get(event.change.key)
        if scope is not None and scope.restored and (event.change.trade is not None or event.change.after is None):
            self._state.set_scope(replace(scope, restored=False))
        row = self._book.row(event.change.key)
        if row is None or row.decided is not None or event.away:
            return []
        return [commands.AskBroker(event.change.key.connection)]

    # -- the snapshot -----------------------------------------------------------------------------------------------

    def on_snapshot_failed(self, event: events.SnapshotFailed) -> list[Message]:
        """Conclude nothing; try again later."""
        line = self._lines[event.connection]
        if not line.up:
            return []
        return [self._unanswered(event.connection, f"did not give a complete answer: {event.text}")]

    def on_snapshot(self, event: events.SnapshotReceived) -> list[Message]:
        """Take accounts, money and orders first; the missed fills need them."""
        self._reached("recovery.snapshot_received")
        line = self._lines[event.connection]
        if not line.up or line.outdated(event.snapshot.asked_at, self._clock.now()):
            return []  # it was on its way when the line fell, or when something may have been lost
        held = [key for key in self._state.snapshot().positions if key.connection == event.connection]
        snapshot = with_unanswered(event.snapshot, held)
        follow: list[Message] = [events.AccountsListed(event.connection, snapshot.accounts)]
        follow.extend(events.BalanceReported(key, balance) for key, balance in snapshot.balances)
        follow.extend(events.OrderReported(report) for report in snapshot.orders)
        follow.append(events.SnapshotOrdersTaken(event.connection, snapshot))
        return follow

    def on_orders_taken(self, event: events.SnapshotOrdersTaken) -> list[Message]:
        """Find the fills we missed and have them booked, all of them before anything follows from the first."""
        return [
            events.FillsWhileAway(event.connection, self._missed(event.snapshot)),
            events.SnapshotDigested(event.connection, event.snapshot),
        ]

    def on_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Compare, and open the line if nothing is left to decide."""
        self._reached("recovery.digested")
        line, now_s = self._lines[event.connection], self._clock.monotonic()
        state = self._state.snapshot()
        if state.halted and self._missed(event.snapshot):
            # What is compared without what the store refused would be decided wrongly.
            return [self._unanswered(event.connection, "told fills that could not be stored.")]
        line.digested()
        orders = [one for one in state.orders.values() if one.key.connection == event.connection]
        absent = self._absent[event.connection]
        proven = absent.weigh(orders, event.snapshot, now_s)
        if absent.waiting:
            line.again_at(now_s + SETTLING_S + 0.5)
        scopes = [one for one in state.scopes.values() if one.key.connection == event.connection]
        positions = freshest(event.snapshot.positions, scopes)
        ours = {key: one for key, one in state.positions.items() if key.connection == event.connection}
        found = {row.key: row for row in compare(ours, positions, orders)}
        self._book.keep_only(event.connection, found)
        for row in found.values():
            if crossed(row, positions, event.snapshot.asked_at, state.fills, self._clock.now()):
                line.answered = False
                line.again_at(now_s + CROSSED_RETRY_S)
            else:
                self._book.take(row, line.ready)
        return [*(events.AbsenceProven(name) for name in proven), *self._finish(event.connection)]

    # -- decisions --------------------------------------------------------------------------------------------------

    def on_decide(self, command: commands.DecideRecovery) -> list[Message]:
        """Apply the trader's choice for one scope, if the facts are still those he saw."""
        row, connection, state = self._book.row(command.key), command.key.connection, self._state.snapshot()
        verify = command.choice is RecoveryChoice.VERIFY
        moved = row is None or outdated(row, state.positions.get(row.key), state.scopes.get(row.key))
        if row is None or (not verify and (moved or row.version != command.version)):
            text = f"{command.key.symbol}: the facts changed while you decided. Nothing was done; look again."
            return [self._said(Level.CAUTION, text, command.key), commands.AskBroker(connection)]
        account, scope = state.accounts.get(row.key.account_key), state.scopes.get(row.key)
        refused = "" if verify else refusal(row, command, account, scope)
        if state.unsaved.entries and not verify:
            refused = f"{command.key.symbol}: first what the database refused must be saved; then decide."
        if refused:
            return [self._said(Level.CAUTION, refused, command.key)]
        self._record_decision(row, command)
        return self._verify(row) if verify else self._carry_out(row, command.choice, state)

    def _verify(self, row: RecoveryRow) -> list[Message]:
        line = self._lines.get(row.key.connection)
        if line is not None:
            line.tries = 0
        self._ask(row.key.connection)
        self._publish()
        return [self._said(Level.INFO, f"Asking the broker about {row.key.symbol}.")]

    def _carry_out(self, row: RecoveryRow, choice: RecoveryChoice, state: Snapshot) -> list[Message]:
        self._book.decide(row, choice)
        decided = correction(row, choice, told_at(row, state.scopes.get(row.key)) or self._clock.now())
        if decided is None:
            return self._finish(row.key.connection)
        # Entries open when the correction is booked, not before; what is to be closed is ours by then.
        follow: list[Message] = [decided]
        if choice is RecoveryChoice.CLOSE_BROKER:
            press = f"{decided.fill.execution_id}-{row.version}-{self._clock.now().timestamp():.0f}"
            follow.append(commands.ClosePosition(press, row.key))
        return [*follow, events.DecisionCarriedOut(row.key.connection)]

    def on_record_closed(self, command: commands.RecordClosed) -> list[Message]:
        """Book what the trader knows of a close nobody reported; a row of the scope is decided with it."""
        state, key = self._state.snapshot(), command.key
        try:
            decided = recorded_as_closed(command, state, self._clock.now())
        except InvalidOrder as refused:
            return [self._said(Level.CAUTION, f"Nothing was recorded: {refused}", key)]
        account, row = state.accounts.get(key.account_key), self._book.row(key)
        self._audit.append(
            "decision",
            f"{key.symbol} recorded as closed: {command.closed_by.value}",
            key=key.account_key,
            mode=None if account is None else account.mode,
            cause="record as closed",
            data=decided.audit,
        )
        if row is not None and decided.after == 0:  # of a part, what is left is still to be decided
            self._book.decide(row, RecoveryChoice.RECORD_CLOSED)
        return [decided, events.DecisionCarriedOut(key.connection)]

    def on_decision_carried_out(self, event: events.DecisionCarriedOut) -> list[Message]:
        """Open entries if that was the last decision."""
        return self._finish(event.connection)

    # -- private ----------------------------------------------------------------------------------------------------

    def _unanswered(self, connection: str, why: str) -> Announcement:
        self._lines[connection].failed(self._clock.monotonic())
        self._set_link(connection, self._state.snapshot().connections[connection].link, why)
        self._publish()
        return self._said(Level.CAUTION, f"{connection} {why} Nothing was changed; asking again.")

    def _missed(self, snapshot: BrokerSnapshot) -> tuple[Fill, ...]:
        return fills_to_book(snapshot, self._state.snapshot(), self._accounts, self._positions)

    def _ask(self, connection: str) -> None:
        """Ask for everything, unless an answer is being gathered."""
        line = self._lines.get(connection)
        if line is not None and line.up and line.asked_at_s is None:
            line.asked(self._clock.now(), self._clock.monotonic())
            self._brokers[connection].request_snapshot(self._fills_since(connection))

    def _fills_since(self, connection: str) -> datetime:
        """Return a time early enough to see every fill we may lack: when we last knew all, or our oldest order."""
        orders = self._state.snapshot().orders.values()
        alive = [one.created_at for one in orders if one.key.connection == connection and one.is_alive]
        return min([self._known_until, *alive]) - FILL_WINDOW

    def _look(self, now_s: float) -> None:
        """Ask for positions, and for orders where any work, on a quiet line: a lost message is silent.

        An order of another program may have been lost as well: now and then they are asked for everywhere.
        """
        state, scan = self._state.snapshot(), now_s >= self._next_scan_s
        if scan:
            self._next_scan_s = now_s + SCAN_S
        working = {one.key.connection for one in state.orders.values() if one.is_alive}
        for connection in [name for name, line in self._lines.items() if line.ready]:
            for account in sorted(key for key in state.accounts if key.connection == connection):
                self._brokers[connection].request_positions(account)
            if scan or connection in working:
                self._brokers[connection].request_orders()

    def _finish(self, connection: str) -> list[Message]:
        """Open entries when the last row is decided."""
        self._publish()
        line = self._lines.get(connection)
        mine = self._book.of(connection)
        if line is None or line.ready or not line.answered or any(row.decided is None for row in mine):
            return []
        line.ready = True
        held = self._state.snapshot().connections.get(connection)
        self._state.block_entries(connection, HEDGING if held is not None and held.hedging else "")
        self._set_link(connection, Link.READY, "")
        follow: list[Message] = [events.ConnectionReconciled(connection)]
        restored = [row for row in mine if row.ours is not None and row.decided is not RecoveryChoice.IGNORE]
        if restored:
            noun = "position" if len(restored) == 1 else "positions"
            confirmed = all(row.situation is Situation.MATCH for row in restored)
            end = "confirmed by broker." if confirmed else "as decided."
            follow.append(self._said(Level.SUCCESS, f"Restored {len(restored)} {noun}, {end}"))
        return follow

    def _publish(self) -> None:
        now_s = self._clock.monotonic()
        self._book.publish(frozenset(name for name, line in self._lines.items() if line.awaited(now_s)))

    def _record_decision(self, row: RecoveryRow, command: commands.DecideRecovery) -> None:
        account = self._state.snapshot().accounts.get(row.key.account_key)
        self._audit.append(
            "decision",
            f"recovery of {row.key.symbol}: {row.situation.value} → {command.choice.value}",
            key=row.key.account_key,
            mode=None if account is None else account.mode,
            cause="reconcile dialog" if row.in_session else "recovery dialog",
            data={**facts_of(row), **({"reason": command.reason} if command.reason else {})},
        )

    def _set_link(self, connection: str, link: Link, text: str) -> None:
        held = self._state.snapshot().connections[connection]
        since = held.since if link is held.link else self._clock.now()
        self._state.set_connection(replace(held, link=link, since=since, text=text))

    def _said(self, level: Level, text: str, key: PositionKey | None = None) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)
