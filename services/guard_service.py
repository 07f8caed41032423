"""Guards: every second, and after every fill, an account is held against its limits.

A breach is committed before anything follows from it: the lock stands in the database when the flatten goes out, and a
flatten that a crash swallowed is asked for again. While the store refuses, both happen all the same: what reduces risk
is not kept waiting, and the next second tries the store again. What is not known (prices, a difference from the
broker, several currencies) makes the guards pause: entries are refused and nothing is closed.
"""

from collections.abc import Mapping
from dataclasses import replace

from core import commands, events
from core.announcement import About
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level, Link
from core.guard_figures import figures_of
from core.messages import Message
from core.model.guard_day import AccountLock, GuardFigures, GuardState, begun_anew, in_chicago, noted, on_day
from core.model.guard_lock import LockKind
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.guards import AccountGuards, GuardLevel, GuardVerdict, gauge_of, judged, strictest
from core.model.order import OrderState
from core.model.scope import AccountKey, Mode
from core.ports import AuditLog, GuardRepository
from core.settings_commands import ChangeGuards
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.guard_balance import BalanceGap

LOOK_S = 1.0
ASK_AGAIN_S = 10.0
# By then every connection has said something.
SETTLED_S = 10.0
_NONE = GuardRules()
# Said on the way to a limit, once a day each; a count has no way there.
_SAID_BEFORE = (GuardLevel.RED, GuardLevel.ALARM)
_COUNTS = (Guard.TRADES, Guard.SIZE)


class GuardService:
    """Watch limits (trading thread; `load` on the main thread before it)."""

    def __init__(
        self,
        repository: GuardRepository,
        audit: AuditLog,
        state: StateManager,
        clock: Clock,
        rules: Mapping[AccountKey, GuardRules],
    ) -> None:
        self._repository = repository
        self._audit = audit
        self._state = state
        self._clock = clock
        self._rules = dict(rules)
        self._states: dict[AccountKey, GuardState] = {}
        self._stored: dict[AccountKey, GuardState] = {}
        self._locks: dict[AccountKey, tuple[AccountLock, ...]] = {}
        self._unstored: list[AccountLock] = []
        self._gap = BalanceGap()
        self._said: dict[tuple[AccountKey, str], GuardLevel] = {}
        self._asked: set[tuple[AccountKey, str]] = set()
        self._next_look_s = self._next_ask_s = 0.0
        # Of the last tick: the day's net is begun anew by that one, so the guards' day must not be ahead of it.
        self._now = clock.now()
        self._refused = False
        self._began_s = clock.monotonic()
        self._unguarding: set[AccountKey] = set()

    def load(self) -> None:
        """Take up what stands, and publish it: entries wait until the money is known.

        Raises:
            PersistenceError: it cannot be read.
        """
        now = self._now = self._clock.now()
        self._stored = dict(self._repository.states())
        for lock in self._repository.locks(now):
            self._locks[lock.key] = (*self._locks.get(lock.key, ()), lock)
        for key in sorted({*self._rules, *self._stored, *self._locks}):
            before = self._stored.get(key)
            state = on_day(before, now, self._rules.get(key, _NONE))
            if before is not None and before.rules[-1:] != state.rules[-1:]:
                reset = state.resets_at.isoformat()
                text = f"the limits of {key.account} changed; what became looser counts from {reset}"
                self._audit.append("setting", text, key=key, mode=self._mode(key), cause="settings", data={})
            self._states[key] = state
            figures = self._figures(key, state)
            self._publish(key, figures, judged(figures, state, now))

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Look at every guarded account once a second."""
        self._now = event.now
        if event.monotonic_s < self._next_look_s:
            return []
        self._next_look_s = event.monotonic_s + LOOK_S
        snapshot = self._state.snapshot()
        for key in self._states:
            self._gap.look(key, snapshot, event.monotonic_s)
        looked = [message for key in tuple(self._states) for message in self._look(key)]
        return [
            *looked,
            *self._balances_asked(snapshot, event.monotonic_s),
            *self._guarding_nothing(snapshot, event.monotonic_s),
        ]

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Look at the account of a fill at once; its money has been moved by then."""
        key = event.change.key.account_key
        return self._look(key) if key in self._states else []

    def on_change_guards(self, command: ChangeGuards) -> list[Message]:
        """Judge an account by other limits as well: those of today bind until the session reset."""
        key = command.key
        self._rules[key] = command.rules
        self._unguarding.discard(key)
        self._states.setdefault(key, on_day(None, self._now, command.rules))
        return self._look(key)

    def on_lock_session(self, command: commands.LockSession) -> list[Message]:
        """Lock an account until its session reset because the trader wants it: nothing, not he either, lifts it."""
        key = command.key
        if key not in self._state.snapshot().accounts:
            return [self._tell(Level.CAUTION, f"Not locked: the broker has not named an account {key.account}.")]
        self._states.setdefault(key, on_day(None, self._now, self._rules.get(key, _NONE)))
        state = self._states[key] = self._begin(key)
        standing = next((one for one in self._standing(key) if one.guard is LockKind.SESSION), None)
        if standing is not None:
            return [self._tell(Level.INFO, standing.reason)]
        until = state.resets_at
        reason = (
            f"{key.account} is locked by you for this session. Entries open again at the session reset, "
            f"{in_chicago(until)}."
        )
        told = self._locked(AccountLock(key, LockKind.SESSION, reason, self._clock.now(), until), Level.CAUTION)
        return [told, *self._look(key)]

    def on_account_reset(self, event: events.AccountReset) -> list[Message]:
        """Begin the marks of an account anew with it; its locks stand."""
        if event.key not in self._states:
            return []
        self._states[event.key] = begun_anew(self._states[event.key])
        return self._look(event.key)

    # -- private ----------------------------------------------------------------------------------------------------

    def _locked(self, lock: AccountLock, level: Level) -> Announcement:
        """Take up a lock; what is looked at next stores it."""
        self._locks[lock.key] = (*self._locks[lock.key], lock)
        self._unstored.append(lock)
        return self._tell(level, f"{lock.reason} Closing and reducing work.")

    def _standing(self, key: AccountKey) -> list[AccountLock]:
        """Return the locks that have not ended; those that have are kept: a clock may be set back."""
        return [one for one in self._locks.get(key, ()) if one.until > self._now]

    def _look(self, key: AccountKey) -> list[Message]:
        state = self._begin(key)
        figures = self._figures(key, state)
        now = self._now
        state = noted(state, figures, now)
        self._states[key] = state
        verdicts = judged(figures, state, now)
        follow: list[Message] = []
        if not figures.unknown:
            follow += self._breached(key, verdicts)
            follow += self._said_of(key, verdicts, figures)
        follow += self._commit(key)
        self._publish(key, figures, verdicts)
        closes = [] if figures.unknown else self._close_all(key)
        return [*follow, *closes, *self._cancel_entries(key)]

    def _balances_asked(self, snapshot: Snapshot, monotonic_s: float) -> list[Message]:
        """Have a broker state his figure anew where ours moved after it, and nothing can be judged until he does."""
        if monotonic_s < self._next_ask_s:
            return []
        waiting = {key.connection for key in self._states if self._gap.outdated(key, snapshot)}
        asked = [name for name in sorted(waiting) if _is_ready(name, snapshot)]
        self._next_ask_s = monotonic_s + ASK_AGAIN_S if asked else monotonic_s
        return [commands.AskBroker(name) for name in asked]

    def _guarding_nothing(self, snapshot: Snapshot, monotonic_s: float) -> list[Message]:
        """Say once of limits that no account answers to: a name spelled wrong must not look like a guard."""
        follow: list[Message] = []
        for key in self._rules.keys() - snapshot.accounts.keys() - self._unguarding:
            if _is_ready(key.connection, snapshot):
                why = f"{key.connection} names no such account"
            elif key.connection not in snapshot.connections and monotonic_s - self._began_s >= SETTLED_S:
                why = f"no connection {key.connection} is open"
            else:
                continue
            self._unguarding.add(key)
            follow.append(self._tell(Level.CAUTION, f"The limits of {key.account} guard nothing: {why}."))
        return follow

    def _begin(self, key: AccountKey) -> GuardState:
        now, held = self._now, self._states[key]
        state = on_day(held, now, self._rules.get(key, _NONE))
        if state.day != held.day:
            self._said = {one: level for one, level in self._said.items() if one[0] != key}
            self._asked = {one for one in self._asked if one[0] != key}
        self._locks.setdefault(key, ())
        return state

    def _figures(self, key: AccountKey, state: GuardState) -> GuardFigures:
        snapshot = self._state.snapshot()
        return figures_of(snapshot, key, state, self._gap.of(key, snapshot))

    def _breached(self, key: AccountKey, verdicts: tuple[GuardVerdict, ...]) -> list[Message]:
        follow: list[Message] = []
        for one in verdicts:
            state = self._states[key]
            if one.locks and not any((lock.guard, lock.until) == (one.guard, one.until) for lock in self._locks[key]):
                lock = AccountLock(
                    key, one.guard, f"{key.account} is locked. {one.refusal}", self._clock.now(), one.until
                )
                follow.append(replace(self._locked(lock, Level.ERROR), about=About.LIMIT_HIT, cause=str(key)))
            if one.breached and one.action is GuardAction.FLATTEN and one.name not in state.to_flatten:
                self._states[key] = replace(state, to_flatten=state.to_flatten | {one.name})
        return follow

    def _said_of(self, key: AccountKey, verdicts: tuple[GuardVerdict, ...], figures: GuardFigures) -> list[Message]:
        follow: list[Message] = []
        for one in strictest(verdicts):
            level = one.level if one.breached or one.guard not in _COUNTS else GuardLevel.OK
            if level <= self._said.get((key, one.name), GuardLevel.AMBER) or (one.begins_at and not figures.at_risk):
                continue
            self._said[key, one.name] = level
            if level is GuardLevel.BREACHED and not one.locks:
                hit = self._tell(Level.ERROR, f"{key.account}: limit reached. {one.text}")
                follow.append(replace(hit, about=About.LIMIT_HIT, cause=str(key)))
            elif level in _SAID_BEFORE:
                loud = Level.CAUTION if level is GuardLevel.RED else Level.ERROR
                near = self._tell(loud, f"{key.account}: close to a limit. {one.text}")
                follow.append(replace(near, about=About.LIMIT_NEAR, cause=str(key)))
        return follow

    def _close_all(self, key: AccountKey) -> list[Message]:
        """Close what is to be closed, once."""
        state = self._states[key]
        wanted = sorted(state.to_flatten - state.flattened)
        new = [name for name in wanted if (key, name) not in self._asked]
        if not new:
            return []
        self._asked |= {(key, name) for name in new}
        if key in self._state.snapshot().shared and any(_is_same(key, one) for one in self._states):
            return []  # closed over the other connection: twice would reverse it
        return [commands.FlattenAccount(f"GUARD-{key}-{new[0]}-{state.day:%Y%m%d}", key)]

    def _cancel_entries(self, key: AccountKey) -> list[Message]:
        """Cancel the entries that still work under a lock; what closes everything cancels them itself."""
        snapshot, state = self._state.snapshot(), self._states[key]
        if not self._standing(key) or not _is_ready(key.connection, snapshot) or state.to_flatten - state.flattened:
            return []
        working = [
            one.client_order_id
            for one in snapshot.orders.values()
            if one.key.account_key == key
            and one.intent.is_entry
            and not one.external
            and one.state in (OrderState.WORKING, OrderState.PARTIAL)
            and (key, one.client_order_id) not in self._asked
        ]
        self._asked |= {(key, name) for name in working}
        return [commands.CancelOrder(name) for name in working]

    def _commit(self, key: AccountKey) -> list[Message]:
        """Store what moved; what was asked for in an earlier second is done, and noted as such."""
        state = self._states[key]
        done = frozenset(name for name in state.to_flatten if (key, name) in self._asked)
        state = self._states[key] = replace(state, flattened=state.flattened | done)
        locks: list[AccountLock | None] = [one for one in self._unstored if one.key == key]
        if state == self._stored.get(key) and not locks:
            return []
        try:
            for lock in locks or [None]:
                self._repository.save(key, state, lock, self._mode(key))
                self._stored[key] = state
                self._unstored = [one for one in self._unstored if one is not lock]
        except PersistenceError as error:
            text = f"The limits of {key.account} hold, but not over a restart: they could not be stored. {error}"
            began, self._refused = not self._refused, True
            return [self._tell(Level.ALARM, text)] if began else []
        self._refused = False
        return []

    def _publish(self, key: AccountKey, figures: GuardFigures, verdicts: tuple[GuardVerdict, ...]) -> None:
        state = self._states[key]
        lock = max(self._standing(key), key=lambda one: one.until, default=None)
        limited = not all(rules.is_empty for rules in state.rules)
        guards = AccountGuards(
            key,
            strictest(verdicts),
            state.resets_at,
            locked="" if lock is None else lock.reason,
            locked_until=None if lock is None else lock.until,
            paused=figures.unknown if limited else "",
            gauge=gauge_of(figures, state),
            rules=state.rules,
        )
        if self._state.snapshot().guards.get(key) != guards:
            self._state.set_guards(guards)

    def _mode(self, key: AccountKey) -> Mode | None:
        account = self._state.snapshot().accounts.get(key)
        return None if account is None else account.mode

    def _tell(self, level: Level, text: str) -> Announcement:
        return Announcement(level, text, self._clock.now())


def _is_ready(connection: str, snapshot: Snapshot) -> bool:
    line = snapshot.connections.get(connection)
    return line is not None and line.link is Link.READY


def _is_same(key: AccountKey, other: AccountKey) -> bool:
    return key.account == other.account and key.connection != other.connection
