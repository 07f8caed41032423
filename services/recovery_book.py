"""The rows of recovery and the locks that follow from them; the one place where scopes are locked and unlocked.

A row belongs to the start or a reconnect, where it holds up the whole connection and the recovery dialog asks, or it
came up while trading, where it locks its own scope and waits behind a banner for the reconcile dialog.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from core.model.recovery import Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey
from core.snapshot import Certainty, ScopeStatus
from core.state_manager import StateManager
from services.reconciliation import fills_quantity
from services.recovery_rows import MISMATCHED, following, lock_of, refreshed, wants_dialog


class RecoveryBook:
    """What was found, and what is decided (trading thread; the start on the main thread).

    Attributes:
        unclean: the last session did not end by itself.
        ended_at: when it was last alive, aware UTC; None at the first start.
    """

    def __init__(self, state: StateManager) -> None:
        self._state = state
        self._rows: dict[PositionKey, RecoveryRow] = {}
        self._to_confirm: set[PositionKey] = set()
        self.unclean = False
        self.ended_at: datetime | None = None

    def row(self, key: PositionKey) -> RecoveryRow | None:
        """Return the row of a scope; None when nothing differs there."""
        return self._rows.get(key)

    def of(self, connection: str) -> list[RecoveryRow]:
        """Return the rows of a connection."""
        return [row for row in self._rows.values() if row.key.connection == connection]

    def expect(self, key: PositionKey) -> None:
        """Have the trader confirm a scope even if it matches."""
        self._to_confirm.add(key)

    def keep(self, row: RecoveryRow) -> None:
        """Hold a row, and lock its scope or unlock it."""
        self._rows[row.key] = row
        self._lock(row.key, lock_of(row))

    def decide(self, row: RecoveryRow, choice: RecoveryChoice) -> None:
        """Hold the trader's choice."""
        self._to_confirm.discard(row.key)
        self.keep(replace(row, decided=choice))

    def keep_only(self, connection: str, found: Collection[PositionKey]) -> None:
        """Let go of every scope of a connection in which a comparison found nothing."""
        for row in self.of(connection):
            if row.key not in found:
                self._let_go(row.key)

    def take(self, found: RecoveryRow, ready: bool) -> None:
        """Take a row a comparison found.

        Args:
            ready: the line is open: what differs now came up while trading.
        """
        held, state = self._rows.get(found.key), self._state.snapshot()
        scope = state.scopes.get(found.key)
        settled = scope is None or scope.certainty is not Certainty.MISMATCH
        if ready and settled and found.situation is not Situation.MATCH and (held is None or held.decided is not None):
            if held is not None and held.decided is RecoveryChoice.IGNORE:
                self.keep(refreshed(found, held))
            return  # while the line is up, a fill and its position report cross
        by_fills = fills_quantity(found.ours, [one for one in state.fills if one.key == found.key])
        put_off = held is not None and not held.in_session and held.decided in (None, RecoveryChoice.IGNORE)
        found = replace(found, in_session=ready and not put_off, fills_quantity=by_fills)
        self.keep(following(found, held, found.key in self._to_confirm))

    def ease(self, connection: str) -> None:
        """Let go of differences that are gone: the broker's figure equals ours again."""
        for scope in self._state.snapshot().scopes.values():
            if scope.key.connection != connection or scope.certainty is not Certainty.CONFIRMED:
                continue
            row = self._rows.get(scope.key)
            settled = row is not None and row.in_session
            if settled or (scope.lock and (row is None or row.situation is not Situation.MATCH)):
                self._let_go(scope.key)

    def lock_mismatches(self, connection: str) -> bool:
        """Lock what differs, until a comparison has made a row of it; return whether anything was not locked yet."""
        scopes = [one for one in self._state.snapshot().scopes.values() if one.key.connection == connection]
        differing = [one.key for one in scopes if one.certainty is Certainty.MISMATCH and not one.lock]
        for key in differing:
            self._lock(key, MISMATCHED)
        return bool(differing)

    def publish(self, asking: frozenset[str]) -> None:
        """Publish the rows, sorted by scope.

        Args:
            asking: connections whose answer is still awaited.
        """
        rows = tuple(self._rows[key] for key in sorted(self._rows))
        recovery = Recovery(self.unclean, self.ended_at, asking, rows, wants_dialog(rows, asking, self.unclean))
        if recovery != self._state.snapshot().recovery:
            self._state.set_recovery(recovery)

    def _lock(self, key: PositionKey, lock: str) -> None:
        scope = self._state.snapshot().scopes.get(key) or ScopeStatus(key)
        if scope.lock != lock:
            self._state.set_scope(replace(scope, lock=lock))

    def _let_go(self, key: PositionKey) -> None:
        """Drop the row of a scope in which nothing differs any more."""
        self._rows.pop(key, None)
        self._to_confirm.discard(key)
        self._lock(key, "")
