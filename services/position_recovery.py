"""Start-up, crash recovery and reconnect: one path from "we remember" to "the broker agrees".

A line that comes up is SYNCING: entries are refused and one complete snapshot is asked for. Its accounts and orders are
taken over, its missed fills booked through the front door, and only then are positions compared. Every scope that has
something becomes a row. A row is decided by the trader, or by itself where nothing needs deciding: it matches and the
last session ended cleanly, or it matches again after a reconnect. When no row of a connection is open, and only then,
the line is READY. No answer, a refused answer or half an answer proves nothing and opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from core import commands, events
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.fill import Fill, FillSource, Side
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import Position
from core.model.recovery import Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey
from core.ports import AccountRepository, AuditLog, Broker, Checkpoint, LastRun, PositionRepository
from core.snapshot import Certainty, ConnectionStatus, ScopeStatus
from core.state_manager import StateManager
from services.absent_orders import SETTLING, AbsentOrders
from services.missed_fills import missed_fills
from services.reconciliation import compare, correction

ANSWER_LIMIT_S = 15.0
RETRIES_S = (5.0, 15.0, 60.0)
FILL_WINDOW = timedelta(days=1)
READING = "the broker's state is being read; entries open when it agrees with ours."
UNDECIDED = "a recovered position waits for your decision."
UNCONFIRMED = "the position was adopted without the broker's answer; entries wait for it."
IGNORED = "this scope was left undecided; reconcile it first."

_log = structlog.get_logger("recovery")


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What start-up found in our own store, before any broker was asked."""

    positions: tuple[Position, ...]
    orders: tuple[Order, ...]
    operations: tuple[CloseOperation, ...]
    unclean: bool
    ended_at: datetime | None


@dataclass(slots=True)
class _Line:
    """Where a connection stands on its way to READY."""

    asked_at_s: float | None = None
    retry_at_s: float | None = None
    tries: int = 0
    ready: bool = False


class PositionRecoveryService:
    """Bring positions back and decide when a connection may trade (trading thread; the start on the main thread)."""

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
        self._lines = {connection: _Line() for connection in brokers}
        self._absent = {connection: AbsentOrders() for connection in brokers}
        self._rows: dict[PositionKey, RecoveryRow] = {}
        self._unclean = False
        self._ended_at: datetime | None = None

    # -- start-up ---------------------------------------------------------------------------------------------------

    def recover_positions_on_startup(
        self, orders: tuple[Order, ...], operations: tuple[CloseOperation, ...], last_run: LastRun | None
    ) -> RecoveryReport:
        """Load what was open; every position is unverified until a broker has been heard (main thread)."""
        positions = self._positions.recover_all_open_positions()
        self._unclean = last_run is not None and not last_run.clean
        self._ended_at = None if last_run is None else last_run.alive_at
        for position in positions:
            self._rows[position.key] = RecoveryRow(position.key, Situation.NO_ANSWER, position, None, None)
            self._state.set_scope(ScopeStatus(position.key, lock=UNDECIDED, restored=True))
            if position.key.connection not in self._lines:
                lock = f"the connection {position.key.connection} is not configured in this session."
                self._state.set_scope(ScopeStatus(position.key, lock=lock, restored=True))
                left = replace(self._rows[position.key], note=lock.capitalize(), decided=RecoveryChoice.IGNORE)
                self._rows[position.key] = left
        for connection in self._brokers:
            self._state.block_entries(connection, READING)
        self._publish()
        self._reached("recovery.loaded")
        return RecoveryReport(positions, orders, operations, self._unclean, self._ended_at)

    # -- the line ---------------------------------------------------------------------------------------------------

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Show the line; ask for everything when it is up, close entries when it is not."""
        line = self._lines[event.connection]
        now_s = self._clock.monotonic()
        self._state.set_connection(
            ConnectionStatus(
                connection=event.connection,
                link=event.link,
                since=event.at,
                text=event.text,
                server=event.server or self._server(event.connection),
                attempt=event.attempt,
                retry_at_s=None if event.retry_in_s is None else now_s + event.retry_in_s,
                trading_supported=event.trading_supported,
            )
        )
        line.ready = False
        line.tries = 0
        if event.link is Link.SYNCING:
            self._state.block_entries(event.connection, READING)
            self._ask(event.connection)
        else:
            line.asked_at_s = line.retry_at_s = None
            self._state.block_entries(event.connection, f"the line {event.connection} is {event.link.value.lower()}.")
        self._publish()
        return []

    def on_gap(self, event: events.GapDetected) -> list[Message]:
        """Messages may be missing: entries close until a fresh snapshot agrees."""
        line = self._lines[event.connection]
        if line.ready:
            line.ready = False
            self._set_link(event.connection, Link.SYNCING, event.text)
            self._state.block_entries(event.connection, READING)
        self._ask(event.connection)
        return [Announcement(Level.CAUTION, f"{event.connection}: {event.text} Reading everything again.", self._now())]

    def on_ask_broker(self, command: commands.AskBroker) -> list[Message]:
        """Ask for a fresh snapshot, unless one is on its way."""
        line = self._lines.get(command.connection)
        if line is not None and line.asked_at_s is None:
            self._ask(command.connection)
        return []

    def on_reconnect_now(self, command: commands.ReconnectNow) -> list[Message]:
        """Try the line at once."""
        broker = self._brokers.get(command.connection)
        if broker is not None:
            broker.reconnect()
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Give up on answers that do not come, and ask again when it is time."""
        for connection, line in self._lines.items():
            if line.asked_at_s is not None and event.monotonic_s - line.asked_at_s > ANSWER_LIMIT_S:
                self._unanswered(connection)
            if line.retry_at_s is not None and event.monotonic_s >= line.retry_at_s:
                self._ask(connection)
        return []

    # -- the snapshot -----------------------------------------------------------------------------------------------

    def on_snapshot_failed(self, event: events.SnapshotFailed) -> list[Message]:
        """Conclude nothing; try again later."""
        self._unanswered(event.connection)
        text = f"{event.connection} did not give a complete answer: {event.text} Nothing was changed; asking again."
        return [Announcement(Level.CAUTION, text, self._now())]

    def on_snapshot(self, event: events.SnapshotReceived) -> list[Message]:
        """Take accounts, money and orders first; the missed fills need them."""
        self._reached("recovery.snapshot_received")
        snapshot = event.snapshot
        follow: list[Message] = [events.AccountsListed(event.connection, snapshot.accounts)]
        follow.extend(events.BalanceReported(key, balance) for key, balance in snapshot.balances)
        follow.extend(events.OrderReported(report) for report in snapshot.orders)
        follow.append(events.SnapshotOrdersTaken(event.connection, snapshot))
        return follow

    def on_orders_taken(self, event: events.SnapshotOrdersTaken) -> list[Message]:
        """Find the fills we missed and have them booked before anything is compared."""
        snapshot = event.snapshot
        follow: list[Message] = []
        orders = self._state.snapshot().orders.values()
        missed = missed_fills(snapshot, orders, self._accounts, self._positions)
        if missed:
            follow.append(events.FillsWhileAway(event.connection, missed))
        follow.append(events.SnapshotDigested(event.connection, snapshot))
        return follow

    def on_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Compare, and open the line if nothing is left to decide."""
        self._reached("recovery.digested")
        line = self._lines[event.connection]
        line.asked_at_s = line.retry_at_s = None
        line.tries = 0
        state = self._state.snapshot()
        orders = [one for one in state.orders.values() if one.key.connection == event.connection]
        absent = self._absent[event.connection]
        follow: list[Message] = [events.AbsenceProven(name) for name in absent.weigh(orders, event.snapshot)]
        if absent.waiting:
            line.retry_at_s = self._clock.monotonic() + SETTLING.total_seconds() + 0.5
        ours = {key: one for key, one in state.positions.items() if key.connection == event.connection}
        found = {row.key: row for row in compare(ours, event.snapshot.positions, orders)}
        for key in [key for key in self._rows if key.connection == event.connection and key not in found]:
            self._settled(key)
        for row in found.values():
            self._take_row(row, line.ready)
        return [*follow, *self._finish(event.connection)]

    # -- decisions --------------------------------------------------------------------------------------------------

    def on_decide(self, command: commands.DecideRecovery) -> list[Message]:
        """Apply the trader's choice for one scope, if the facts are still those he saw."""
        row = self._rows.get(command.key)
        held = self._state.snapshot().positions.get(command.key)
        seen = None if row is None or row.ours is None else row.ours.quantity
        outdated = row is None or row.version != command.version or seen != (None if held is None else held.quantity)
        if row is None or outdated or command.choice not in row.choices:
            text = f"{command.key.symbol}: the facts changed while you decided. Nothing was done; look again."
            return [Announcement(Level.CAUTION, text, self._now(), command.key)]
        self._record_decision(row, command.choice)
        if command.choice is RecoveryChoice.VERIFY:
            self._ask(command.key.connection)
            return [Announcement(Level.INFO, f"Asking the broker about {command.key.symbol}.", self._now())]
        follow = self._apply(row, command.choice)
        self._rows[row.key] = replace(row, decided=command.choice)
        return [*follow, *self._finish(command.key.connection)]

    def _apply(self, row: RecoveryRow, choice: RecoveryChoice) -> list[Message]:
        held = self._state.snapshot().scopes.get(row.key) or ScopeStatus(row.key)
        if choice is RecoveryChoice.IGNORE or row.situation is Situation.NO_ANSWER:
            self._state.set_scope(replace(held, lock=IGNORED if choice is RecoveryChoice.IGNORE else UNCONFIRMED))
            return []
        self._state.set_scope(replace(held, lock="", restored=True))
        if choice is RecoveryChoice.ADOPT and row.situation in (Situation.MATCH, Situation.FILLS_ONLY):
            return []
        source = FillSource.MANUAL if choice is RecoveryChoice.RECORD_CLOSED else FillSource.RECON
        target = replace(row, broker_quantity=Decimal(0)) if choice is RecoveryChoice.RECORD_CLOSED else row
        template = Fill(row.key, "", Side.BUY, Decimal(1), None, None, self._now())
        fill = correction(target, source, None, template)
        if fill is None:
            return []
        before = Decimal(0) if row.ours is None else row.ours.quantity
        reason = "adopted from broker" if choice is RecoveryChoice.ADOPT else "recorded as closed"
        text = f"{row.key.symbol} {row.key.account}: {reason}, {before} → {target.broker_quantity}."
        return [
            events.CorrectionDecided(fill, reason, before),
            Announcement(Level.INFO, text, self._now(), row.key),
        ]

    # -- private ----------------------------------------------------------------------------------------------------

    def _ask(self, connection: str) -> None:
        line = self._lines[connection]
        line.asked_at_s, line.retry_at_s = self._clock.monotonic(), None
        self._brokers[connection].request_snapshot(self._fills_since(connection))
        self._publish()

    def _fills_since(self, connection: str) -> datetime:
        """Return a time early enough to see every fill we may lack: when we were last alive, or our oldest order."""
        now = self._now()
        times = [now if self._ended_at is None else self._ended_at]
        for order in self._state.snapshot().orders.values():
            if order.key.connection == connection and order.is_alive:
                times.append(order.created_at)
        return min(times) - FILL_WINDOW

    def _take_row(self, row: RecoveryRow, was_ready: bool) -> None:
        held = self._rows.get(row.key)
        scope = self._state.snapshot().scopes.get(row.key) or ScopeStatus(row.key)
        if row.situation is Situation.MATCH:
            restored_now = held is not None and held.decided is None and self._unclean and not was_ready
            fresh_start = restored_now and scope.restored
            if fresh_start:
                self._rows[row.key] = _newer(row, held)
            else:
                self._rows[row.key] = replace(_newer(row, held), decided=RecoveryChoice.ADOPT)
                self._state.set_scope(replace(scope, lock=""))
            return
        if held is not None and held.decided is not None and _same_facts(held, row):
            self._rows[row.key] = replace(row, version=held.version, decided=held.decided)
            return
        if was_ready and scope.certainty is not Certainty.MISMATCH:
            # While the line is up a fill and its position report cross; CertaintyService gives them their grace.
            return
        self._rows[row.key] = _newer(row, held)
        self._state.set_scope(replace(scope, lock=UNDECIDED))

    def _settled(self, key: PositionKey) -> None:
        """Drop the row of a scope that is flat on both sides by now."""
        del self._rows[key]
        scope = self._state.snapshot().scopes.get(key)
        if scope is not None and scope.lock in (UNDECIDED, UNCONFIRMED, IGNORED):
            self._state.set_scope(replace(scope, lock=""))

    def _unanswered(self, connection: str) -> None:
        line = self._lines[connection]
        line.asked_at_s = None
        line.retry_at_s = self._clock.monotonic() + RETRIES_S[min(line.tries, len(RETRIES_S) - 1)]
        line.tries += 1
        self._publish()

    def _finish(self, connection: str) -> list[Message]:
        line = self._lines.get(connection)
        open_rows = [row for row in self._rows.values() if row.key.connection == connection and row.decided is None]
        self._publish()
        status = self._state.snapshot().connections.get(connection)
        answered = line is not None and line.asked_at_s is None and line.tries == 0
        if line is None or open_rows or not answered or status is None:
            return []
        if line.ready or status.link not in (Link.SYNCING, Link.READY):
            return []
        line.ready = True
        self._state.block_entries(connection, "")
        self._set_link(connection, Link.READY, "")
        return [events.ConnectionReconciled(connection), *self._greeting(connection)]

    def _greeting(self, connection: str) -> list[Message]:
        restored = [row for row in self._rows.values() if row.key.connection == connection and row.ours is not None]
        if not restored:
            return []
        noun = "position" if len(restored) == 1 else "positions"
        confirmed = all(row.situation is Situation.MATCH for row in restored)
        end = "confirmed by broker." if confirmed else "as decided."
        return [Announcement(Level.SUCCESS, f"Restored {len(restored)} {noun}, {end}", self._now())]

    def _publish(self) -> None:
        asking = frozenset(name for name, line in self._lines.items() if line.asked_at_s is not None)
        waiting = frozenset(name for name in self._lines if name in asking or not self._answered(name))
        rows = tuple(self._rows[key] for key in sorted(self._rows))
        open_rows = [row for row in rows if row.decided is None]
        late = any(self._lines[row.key.connection].tries for row in open_rows if row.key.connection in self._lines)
        wants = bool(open_rows) and (self._unclean or late or any(_needs_choice(row) for row in open_rows))
        recovery = Recovery(self._unclean, self._ended_at, waiting, rows, wants)
        if recovery != self._state.snapshot().recovery:
            self._state.set_recovery(recovery)

    def _answered(self, connection: str) -> bool:
        """Say whether the rows of a connection rest on what its broker said since the line came up."""
        status = self._state.snapshot().connections.get(connection)
        line = self._lines[connection]
        return status is not None and status.link in (Link.SYNCING, Link.READY) and line.tries == 0

    def _record_decision(self, row: RecoveryRow, choice: RecoveryChoice) -> None:
        account = self._state.snapshot().accounts.get(row.key.account_key)
        self._audit.append(
            "decision",
            f"recovery of {row.key.symbol}: {row.situation.value} → {choice.value}",
            key=row.key.account_key,
            mode=None if account is None else account.mode,
            cause="recovery dialog",
            data={
                "symbol": row.key.symbol,
                "ours": "0" if row.ours is None else str(row.ours.quantity),
                "broker": "unknown" if row.broker_quantity is None else str(row.broker_quantity),
            },
        )

    def _set_link(self, connection: str, link: Link, text: str) -> None:
        held = self._state.snapshot().connections[connection]
        self._state.set_connection(replace(held, link=link, since=self._now(), text=text))

    def _server(self, connection: str) -> str:
        held = self._state.snapshot().connections.get(connection)
        return "" if held is None else held.server

    def _now(self) -> datetime:
        return self._clock.now()


def _newer(row: RecoveryRow, held: RecoveryRow | None) -> RecoveryRow:
    if held is None:
        return replace(row, version=1)
    return replace(row, version=held.version if _same_facts(held, row) else held.version + 1)


def _same_facts(left: RecoveryRow, right: RecoveryRow) -> bool:
    ours = [None if row.ours is None else row.ours.quantity for row in (left, right)]
    return left.situation is right.situation and left.broker_quantity == right.broker_quantity and ours[0] == ours[1]


def _needs_choice(row: RecoveryRow) -> bool:
    return row.situation not in (Situation.MATCH, Situation.NO_ANSWER)
