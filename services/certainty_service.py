"""How sure we are of each scope: the broker's last word beside our own quantity, and how old the difference is.

CONFIRMED when the broker's explicit figure equals ours. A difference is PENDING for three seconds, because a fill and
the position report that follows it never arrive together; after that it is MISMATCH, and the broker is asked for
everything again (which also locks the scope, see `position_recovery`). A missing report is never a figure. A figure
holds for the connection it came over: when the line comes up anew, or may have lost something, nothing is confirmed
until a complete snapshot is digested. An explicit zero outlives that as long as we are flat too: a complete list would
have named anything else.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core import commands, events
from core.announcement import About
from core.broker_report import PositionReport
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.order import OrderState
from core.model.scope import PositionKey
from core.snapshot import Certainty, ScopeStatus, Snapshot
from core.state_manager import StateManager
from services.close_words import held as in_words

GRACE_S = 3.0

_UP = frozenset({Link.READY, Link.SYNCING})


class CertaintyService:
    """Keep the certainty of every scope (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._differs: dict[PositionKey, tuple[Decimal, float]] = {}
        self._told: set[PositionKey] = set()  # by a report since the line came up
        self._digested: set[str] = set()
        self._listed: dict[str, frozenset[PositionKey]] = {}

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Call everything stale while the line is down, and unverified when it comes up."""
        return self._doubt(event.connection)

    def on_gap(self, event: events.GapDetected) -> list[Message]:
        """Rely on nothing the broker said: something after it may be lost."""
        return self._doubt(event.connection)

    def on_position_reported(self, event: events.PositionReported) -> list[Message]:
        """Take one explicit figure of the broker."""
        self._take([event.report])
        return self._judge({event.report.key} & self._scopes_of(event.report.key.connection))

    def on_positions_listed(self, event: events.PositionsListed) -> list[Message]:
        """Take a complete list; scopes it does not mention keep what they had."""
        self._take(event.rows)
        return self._judge({row.key for row in event.rows} & self._scopes_of(event.key.connection))

    def on_snapshot_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Take the positions of a snapshot, after its missed fills are booked."""
        rows = event.snapshot.positions or ()
        self._take(rows)
        self._digested.add(event.connection)
        self._listed[event.connection] = frozenset(row.key for row in rows)
        return self._judge(self._scopes_of(event.connection))

    def on_select_symbol(self, command: commands.SelectSymbol) -> list[Message]:
        """Judge the scope that comes on show."""
        return self._judge(self._scopes_of(command.connection))

    def on_select_account(self, command: commands.SelectAccount) -> list[Message]:
        """Judge the scope that comes on show."""
        return self._judge(self._scopes_of(command.key.connection))

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Our quantity moved: judge the scope again."""
        return self._judge([event.change.key])

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Let time turn a difference into a mismatch."""
        snapshot = self._state.snapshot()
        return self._judge(set(snapshot.scopes) | set(snapshot.positions))

    def _doubt(self, connection: str) -> list[Message]:
        scopes = self._scopes_of(connection)
        self._told -= scopes
        self._digested.discard(connection)
        for key in scopes:
            self._differs.pop(key, None)
            snapshot = self._state.snapshot()
            held = snapshot.scopes.get(key)
            if held is not None and (held.broker_quantity or key in snapshot.positions):
                self._state.set_scope(replace(held, broker_quantity=None, broker_price=None, broker_time=None))
        return self._judge(scopes)

    def _take(self, reports: Iterable[PositionReport]) -> None:
        for report in reports:
            held = self._state.snapshot().scopes.get(report.key)
            if report.quantity is None or (held is None and report.quantity == 0):
                continue
            told_at = None if held is None else held.broker_time
            if told_at is not None and report.received_at < told_at <= self._clock.now():
                continue  # a list, finished after something newer was told (a time to come is a clock set back)
            self._told.add(report.key)
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
        for key in sorted(keys):
            snapshot = self._state.snapshot()
            follow.extend(self._moved(snapshot.scopes.get(key) or ScopeStatus(key), snapshot))
        return follow

    def _moved(self, held: ScopeStatus, snapshot: Snapshot) -> list[Message]:
        position = snapshot.positions.get(held.key)
        ours = Decimal(0) if position is None else position.quantity
        certainty = self._certainty(held, ours, snapshot)
        if certainty is held.certainty and held.key in snapshot.scopes:
            return []
        self._state.set_scope(replace(held, certainty=certainty))
        if certainty is not Certainty.MISMATCH:
            return []
        text = (
            f"{held.key.symbol} {held.key.account}: here {in_words(ours)}, broker {in_words(held.broker_quantity)}. "
            "Nothing was changed; the broker is being asked again and entries in this scope are locked."
        )
        return [
            Announcement(Level.ALARM, text, self._clock.now(), held.key, About.MISMATCH),
            commands.AskBroker(held.key.connection),
        ]

    def _certainty(self, held: ScopeStatus, ours: Decimal, snapshot: Snapshot) -> Certainty:
        key = held.key
        line = snapshot.connections.get(key.connection)
        if line is None or line.link not in _UP:
            return Certainty.STALE
        flat = ours == 0 and not snapshot.unsaved.holds(key)  # what is not stored proves nothing by itself
        broker = held.broker_quantity if key in self._told or flat else None
        if broker is None:
            self._differs.pop(key, None)
            listed = key in self._listed.get(key.connection, ())
            digested = key.connection in self._digested
            return Certainty.FILLS_ONLY if digested and not listed else Certainty.UNVERIFIED
        if broker == ours:
            self._differs.pop(key, None)
            if _in_flight(key, snapshot):
                return Certainty.PENDING
            return Certainty.CONFIRMED if key.connection in self._digested else Certainty.UNVERIFIED
        if key.connection not in self._digested:
            return Certainty.PENDING  # what was missed is not booked yet
        difference, now_s = broker - ours, self._clock.monotonic()
        known, since_s = self._differs.get(key, (None, now_s))
        if known != difference:  # another difference is a new one: it has its own grace, and its own alarm
            since_s = now_s
            self._differs[key] = (difference, since_s)
        return Certainty.MISMATCH if now_s - since_s > GRACE_S else Certainty.PENDING

    def _scopes_of(self, connection: str) -> set[PositionKey]:
        """Return the scopes of a connection that have anything, and the one on show."""
        snapshot = self._state.snapshot()
        scopes = {key for key in (*snapshot.scopes, *snapshot.positions) if key.connection == connection}
        account, symbol = snapshot.selected_account, snapshot.selected_symbol.get(connection)
        if account is not None and account.connection == connection and symbol:
            scopes.add(PositionKey(connection, account.account, symbol))
        return scopes


def _in_flight(key: PositionKey, snapshot: Snapshot) -> bool:
    return any(one.key == key and one.state is OrderState.SENT for one in snapshot.orders.values())
