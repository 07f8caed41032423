"""How sure we are of each scope: the broker's last word beside our own quantity, and how old the difference is.

CONFIRMED when the broker's explicit figure equals ours. A difference is PENDING for three seconds, because a fill and
the position report that follows it never arrive together; after that it is MISMATCH, the broker is asked for
everything again, and entries in the scope are locked until the two agree. A missing report is never a figure: a scope that a complete
list does not mention is FILLS ONLY, what our own ledger says and no more.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core import commands, events
from core.broker_report import PositionReport
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.order import OrderState
from core.model.scope import PositionKey
from core.snapshot import Certainty, ScopeStatus, Snapshot
from core.state_manager import StateManager

GRACE = timedelta(seconds=3)
MISMATCH_LOCK = "the broker's position differs from ours; reconcile first."

_UP = frozenset({Link.READY, Link.SYNCING})


class CertaintyService:
    """Keep the certainty of every scope (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._differs_since: dict[PositionKey, datetime] = {}
        self._answered: set[str] = set()

    def on_position_reported(self, event: events.PositionReported) -> list[Message]:
        """Take one explicit figure of the broker."""
        self._take([event.report])
        return self._judge([event.report.key])

    def on_positions_listed(self, event: events.PositionsListed) -> list[Message]:
        """Take a complete list; scopes it does not mention keep what they had."""
        self._take(event.rows)
        return self._judge([row.key for row in event.rows])

    def on_snapshot_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Take the positions of a snapshot, after its missed fills are booked."""
        self._answered.add(event.connection)
        self._take(event.snapshot.positions or ())
        return self._judge([*self._shown(event.connection), *(row.key for row in event.snapshot.positions or ())])

    def on_select_symbol(self, command: commands.SelectSymbol) -> list[Message]:
        """Judge the scopes that come on show."""
        return self._judge(self._shown(command.connection))

    def on_select_account(self, command: commands.SelectAccount) -> list[Message]:
        """Judge the scope that comes on show."""
        return self._judge(self._shown(command.key.connection))

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Forget that the broker answered: a new line owes a new answer."""
        if event.link in (Link.OFFLINE, Link.REFUSED):
            self._answered.discard(event.connection)
        return []

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Our quantity moved: judge the scope again."""
        return self._judge([event.change.key])

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Let time turn a difference into a mismatch, and a lost line into staleness."""
        snapshot = self._state.snapshot()
        return self._judge(set(snapshot.scopes) | set(snapshot.positions))

    def _shown(self, connection: str) -> list[PositionKey]:
        snapshot = self._state.snapshot()
        symbol = snapshot.selected_symbol.get(connection)
        accounts = [key.account for key in snapshot.accounts if key.connection == connection]
        return [PositionKey(connection, account, symbol) for account in accounts] if symbol else []

    def _take(self, reports: Iterable[PositionReport]) -> None:
        for report in reports:
            if report.quantity is None:
                continue
            held = self._state.snapshot().scopes.get(report.key)
            if held is None and report.quantity == 0:
                continue
            taken = replace(
                held or ScopeStatus(report.key),
                broker_quantity=report.quantity,
                broker_price=report.average_price,
                broker_time=report.received_at,
            )
            if taken != held:
                self._state.set_scope(taken)

    def _judge(self, keys: Iterable[PositionKey]) -> list[Message]:
        follow: list[Message] = []
        for key in keys:
            snapshot = self._state.snapshot()
            held = snapshot.scopes.get(key)
            held = held or ScopeStatus(key)
            certainty = self._certainty(key, held, snapshot)
            follow.extend(self._moved(held, certainty))
        return follow

    def _certainty(self, key: PositionKey, held: ScopeStatus, snapshot: Snapshot) -> Certainty:
        line = snapshot.connections.get(key.connection)
        position = snapshot.positions.get(key)
        ours = Decimal(0) if position is None else position.quantity
        if line is None or line.link not in _UP:
            self._differs_since.pop(key, None)
            return Certainty.STALE
        if held.broker_quantity is None:
            return Certainty.FILLS_ONLY if key.connection in self._answered else Certainty.UNVERIFIED
        if held.broker_quantity == ours:
            self._differs_since.pop(key, None)
            if _in_flight(key, snapshot):
                return Certainty.PENDING
            return Certainty.CONFIRMED if line.link is Link.READY else held.certainty
        now = self._clock.now()
        since = self._differs_since.setdefault(key, now)
        return Certainty.MISMATCH if now - since > GRACE else Certainty.PENDING

    def _moved(self, held: ScopeStatus, certainty: Certainty) -> list[Message]:
        if certainty is held.certainty and held == self._state.snapshot().scopes.get(held.key):
            return []
        follow: list[Message] = []
        lock = held.lock
        if certainty is Certainty.MISMATCH and held.certainty is not Certainty.MISMATCH:
            lock = lock or MISMATCH_LOCK
            ours = self._state.snapshot().positions.get(held.key)
            here = Decimal(0) if ours is None else ours.quantity
            text = (
                f"{held.key.symbol} {held.key.account}: here {here}, broker {held.broker_quantity}. "
                "Nothing was changed; the broker is being asked again and entries in this scope are locked."
            )
            follow = [
                Announcement(Level.ALARM, text, self._clock.now(), held.key),
                commands.AskBroker(held.key.connection),
            ]
        elif held.certainty is Certainty.MISMATCH and certainty is Certainty.CONFIRMED:
            lock = "" if lock == MISMATCH_LOCK else lock
        self._state.set_scope(replace(held, certainty=certainty, lock=lock))
        return follow


def _in_flight(key: PositionKey, snapshot: Snapshot) -> bool:
    return any(one.key == key and one.state is OrderState.SENT for one in snapshot.orders.values())
