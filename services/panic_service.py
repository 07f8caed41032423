"""The terminal's side of a panic: it takes the request, locks entries, flattens, and says how that goes.

The request is a file, looked at twice a second on the trading thread: a window that hangs does not matter, and when
this thread hangs too, the panic process acts alone after three seconds. What keeps the two from closing the same
position twice:

1. The terminal acts only after its answer is on the disk, and goes on only while the panic process sees it renewed.
2. A panic process that does not see that claims the connections (`panic-acting.json`) before it dials. From then on no
   order passes the gate of such a line (`services.panic.gate`), whoever wants it sent, also when this terminal was
   stopped in the middle of a close and wakes later: the claim is looked at right before each order.
3. The gate opens when the panic is over (or dead: its lock tells) and a snapshot asked for after that is digested.

So both may cancel, which opens nothing, and one at a time trades, each by what the broker said after the other's last
order. A request this terminal finds when it starts, or sees a minute late because it was hung, is not carried out: it
was made in another situation. It locks, and while it stands every line that comes up has its working entries cancelled
before anything else: whoever pressed panic wants none of them to fill.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from core import commands, events
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.guard_lock import GuardLock, LockKind
from core.model.operation import CloseChoice, CloseStep
from core.model.scope import AccountKey, PositionKey
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.panic.files import LIFT_WITH, Act, Answer, Request
from services.panic.gate import PanicGate

LOOK_S = 0.5
# Younger closes may still be waiting for their first step.
SETTLING = timedelta(seconds=1)
# The panic process has long given up asking, and has acted.
STALE = timedelta(seconds=60)
ASKING = (CloseStep.ASKING, CloseStep.UNVERIFIED)


class GuardLocks(Protocol):
    """Stored locks (trading thread; `standing` on the main thread before it). Writes raise PersistenceError."""

    def add(self, lock: GuardLock) -> None:
        """Commit a lock."""
        ...

    def release(self, kind: LockKind, at: datetime) -> None:
        """Commit that every lock of a kind is lifted."""
        ...

    def standing(self) -> tuple[GuardLock, ...]:
        """Return the locks that stand, oldest first."""
        ...


class Files(Protocol):
    """The files a panic process and a terminal share. Reading and writing raise PersistenceError."""

    def request(self) -> Request | None:
        """Return the request that stands."""
        ...

    def act(self) -> Act | None:
        """Return the last act of a panic process."""
        ...

    def wants_lift(self) -> bool:
        """Say whether the lock is to be lifted."""
        ...

    def somebody_acts(self) -> bool:
        """Say whether a panic process is at it now."""
        ...

    def write(self, content: Answer) -> None:
        """Replace the answer."""
        ...

    def clear(self) -> None:
        """Take the files away."""
        ...


class PanicService:
    """Carry out panics (trading thread; `load` on the main thread before it)."""

    def __init__(
        self, locks: GuardLocks, files: Files, gates: Mapping[str, PanicGate], state: StateManager, clock: Clock
    ) -> None:
        self._locks = locks
        self._files = files
        self._gates = gates
        self._state = state
        self._clock = clock
        self._next_look_s = 0.0
        self._request = ""  # the last one dealt with
        self._asked: Request | None = None  # the one that stands; None where only its lock is left
        self._act: Act | None = None  # the last one seen
        self._act_over_at: datetime | None = None
        self._told = self._refusal = ""
        self._cancelled: set[str] = set()
        self._working: tuple[Request, tuple[str, ...]] | None = None
        self._since: datetime | None = None
        self._answer: Answer | None = None

    def load(self) -> None:
        """Take up what stands: the lock, and a request or act of before, which is not carried out.

        Raises:
            PersistenceError: the stored locks cannot be read.
        """
        for lock in self._locks.standing():
            self._state.set_lock(lock.reason)
        try:
            self._take_up()
        except PersistenceError as error:
            self._state.set_lock(_locked_for(error))

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Look at the files twice a second; what cannot be read there locks entries too.

        Raises:
            PersistenceError: the database does not take that the lock is lifted.
        """
        if event.monotonic_s < self._next_look_s:
            return []
        self._next_look_s = event.monotonic_s + LOOK_S
        if self._files.wants_lift():
            return self._lift()
        try:
            follow = self._watch_act()
            request = self._files.request()
            if request is not None and request.name != self._request:
                self._request, self._asked = request.name, request
                return [*follow, *self._taken(request)]
            return [*follow, *self._progress()]
        except PersistenceError as error:
            return self._refused(error)

    def on_orders_taken(self, event: events.SnapshotOrdersTaken) -> list[Message]:
        """Cancel what could still open something on a line that came up under the lock."""
        snapshot, connection = self._state.snapshot(), event.connection
        if not snapshot.locked:
            return []
        entries = [
            one
            for one in snapshot.orders.values()
            if one.key.connection == connection and one.is_working and one.intent.is_entry and not one.external
        ]
        wanted = [one for one in entries if self._asked is None or self._asked.covers(connection, one.key.account)]
        names = [one.client_order_id for one in wanted]
        new = [name for name in names if name not in self._cancelled]
        self._cancelled.update(new)
        text = f"Panic stands: {len(new)} working entries on {connection} are cancelled; nothing is closed from here."
        return [*map(commands.CancelOrder, names), *([self._said(text)] if new else [])]

    def on_snapshot_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Open the gate of a line whose state was asked for after the panic's end, and is in our books now."""
        gate, over_at, asked_at = self._gates.get(event.connection), self._act_over_at, event.snapshot.asked_at
        if gate is None or self._act is None or over_at is None:
            return []
        if asked_at >= over_at or over_at > self._clock.now() >= asked_at:  # the clock may have been set back
            gate.digested = self._act.name
        return []

    def _take_up(self) -> None:
        request = self._files.request()
        if request is not None:
            self._request, self._asked = request.name, request
            if not self._state.snapshot().locked:
                self._lock(request)
        self._act = self._files.act()
        if self._act is not None and (self._act.text or not self._files.somebody_acts()):
            self._act_over_at = self._clock.now()

    def _refused(self, error: PersistenceError) -> list[Message]:
        """Lock, since somebody pressed panic; what cannot be answered is left to the panic process."""
        self._working = None
        if not self._state.snapshot().locked:
            self._state.set_lock(_locked_for(error))
        if self._refusal == str(error):
            return []
        self._refusal = str(error)
        return [self._said(f"{error} Nothing is closed from here; the panic process acts by itself.")]

    # -- a request --------------------------------------------------------------------------------------------------

    def _taken(self, request: Request) -> list[Message]:
        """Lock entries, and flatten what our lines reach, unless a panic process is at it."""
        follow = self._lock(request)
        snapshot = self._state.snapshot()
        if self._clock.now() - request.at > STALE:
            return [
                *follow,
                self._said("A panic wanted all to be flat while this terminal hung: look what is open."),
            ]
        mine = tuple(name for name in sorted(self._gates) if request.on(name) and _is_up(name, snapshot))
        act = self._files.act()
        if act is not None and act.request == request.name:
            return [*follow, self._said("A panic process acts by itself; nothing is closed from here.")]
        self._answer = Answer(request.name, 1, mine)
        self._files.write(self._answer)  # no answer, no action: the panic process will act
        if not mine:
            return [*follow, self._said("Panic: no line is up here; the panic process acts by itself.")]
        self._working, self._since = (request, mine), self._clock.now()
        accounts = _once_each({key.account_key for key in _open(request, mine, snapshot)}, snapshot)
        named = ", ".join(one.account for one in accounts) or "nothing: all is flat"
        return [
            *follow,
            self._said(f"Panic: every order is cancelled and every position closed; {named}."),
            *(commands.FlattenAccount(f"panic-{request.name}-{one.account}", one) for one in accounts),
        ]

    def _progress(self) -> list[Message]:
        """Say how the flattening goes, and answer what a close may be answered without the trader."""
        if self._working is None or self._answer is None or self._since is None:
            return []
        (request, mine), snapshot = self._working, self._state.snapshot()
        left = tuple(_left(key, snapshot) for key in _open(request, mine, snapshot))
        running = [
            one
            for key, one in snapshot.operations.items()
            if key.connection in mine and request.covers(key.connection, key.account) and not one.is_over
        ]
        asking = [one for one in running if one.step in ASKING]
        unproven = tuple(f"{one.key.account} {one.key.symbol}: {one.text}" for one in asking)
        settled = not timedelta(0) <= self._clock.now() - self._since <= SETTLING
        is_over = len(asking) == len(running) and settled
        said = tuple(f"{one.key.account} {one.key.symbol}: {one.text}" for one in running)
        lines = tuple(dict.fromkeys((*left, *unproven)))
        self._answer = Answer(request.name, self._answer.beat + 1, mine, said, lines, is_over)
        self._files.write(self._answer)
        if is_over:
            self._working = None
            if lines:
                return [self._said(f"Panic left: {' '.join(lines)}")]
            text = "Panic is over: all is flat, nothing works."
            return [Announcement(Level.CAUTION, text, self._clock.now())]
        return [
            commands.AnswerClose(one.operation_id, CloseChoice.CLOSE_BROKER_QUANTITY)
            for one in asking
            if CloseChoice.CLOSE_BROKER_QUANTITY in one.choices
        ]

    # -- a panic process that acts ----------------------------------------------------------------------------------

    def _watch_act(self) -> list[Message]:
        """Follow a panic process: lock at its claim; once it is over or dead, read the broker anew."""
        act = self._files.act()
        if act is None:
            return []
        if self._act is None or act.name != self._act.name:
            self._act_over_at, self._working = None, None
        self._act = act
        follow: list[Message] = []
        if self._act_over_at is None and (act.text or not self._files.somebody_acts()):
            self._act_over_at = self._clock.now()
            lines = [name for name in act.connections if name in self._gates]
            follow += [commands.AskBroker(name) for name in lines]
        elif self._act_over_at is not None and any(gate.claim is not None for gate in self._gates.values()):
            follow += self._ask_again()
        if self._act_over_at is not None and self._told != act.name:
            self._told = act.name
            what = act.text or "it ended in the middle; the broker is asked what is open"
            follow.append(self._said(f"Panic acted at {act.at:%H:%M:%S} UTC: {what}; record panic.jsonl."))
        return follow

    def _ask_again(self) -> list[Message]:
        """A snapshot may fail: ask each few seconds until one tells what the panic did."""
        now = self._clock.now()
        assert self._act_over_at is not None
        if (now - self._act_over_at) % timedelta(seconds=5) >= timedelta(seconds=LOOK_S):
            return []
        waiting = [gate.connection for gate in self._gates.values() if gate.claim is not None]
        snapshot = self._state.snapshot()
        return [commands.AskBroker(name) for name in waiting if _is_up(name, snapshot)]

    # -- the lock ---------------------------------------------------------------------------------------------------

    def _lock(self, request: Request) -> list[Message]:
        """Lock entries, durably where the database takes it; the request itself stands on the disk too."""
        lock = GuardLock(
            LockKind.PANIC, f"Locked by panic at {request.at:%H:%M:%S} UTC; lift it with `{LIFT_WITH}`.", request.at
        )
        known = bool(self._state.snapshot().locked)
        self._state.set_lock(lock.reason)
        if known:
            return []
        try:
            self._locks.add(lock)
        except PersistenceError as error:
            return [self._said(f"{error} The lock stands by panic.json alone.")]
        return []

    def _lift(self) -> list[Message]:
        snapshot = self._state.snapshot()
        unread = any(gate.claim is not None and _is_up(gate.connection, snapshot) for gate in self._gates.values())
        if unread or self._files.somebody_acts():
            return self._watch_act()  # the claim goes with the files: not before we know what came of it
        was = self._state.snapshot().locked
        if was:
            self._locks.release(LockKind.PANIC, self._clock.now())
        self._files.clear()
        self._state.set_lock("")
        self._working, self._asked, self._refusal = None, None, ""
        return [Announcement(Level.CAUTION, "The lock by panic is lifted: entries pass again.", self._clock.now())]

    def _said(self, text: str) -> Announcement:
        return Announcement(Level.ALARM, text, self._clock.now())


def _locked_for(error: PersistenceError) -> str:
    return f"Locked by panic: {error} Lift it with `{LIFT_WITH}`."


def _is_up(connection: str, snapshot: Snapshot) -> bool:
    status = snapshot.connections.get(connection)
    return status is not None and status.link is Link.READY


def _open(request: Request, mine: tuple[str, ...], snapshot: Snapshot) -> list[PositionKey]:
    """Return the scopes a request means in which anything is open or works, by our books or the broker's word."""
    keys = {*snapshot.positions, *(one.key for one in snapshot.orders.values() if one.is_alive)}
    keys |= {scope.key for scope in snapshot.scopes.values() if scope.broker_quantity}
    return sorted(key for key in keys if key.connection in mine and request.covers(key.connection, key.account))


def _once_each(accounts: Collection[AccountKey], snapshot: Snapshot) -> list[AccountKey]:
    """Return the accounts, without those another connection carries that is closed as well: twice would reverse it."""
    named = [one.account for one in accounts]
    return sorted(one for one in accounts if one not in snapshot.shared or named.count(one.account) == 1)


def _left(key: PositionKey, snapshot: Snapshot) -> str:
    position, scope = snapshot.positions.get(key), snapshot.scopes.get(key)
    quantity = position.quantity if position is not None else None if scope is None else scope.broker_quantity
    working = sum(one.key == key and one.is_alive for one in snapshot.orders.values())
    parts = [
        f"{'LONG' if quantity > 0 else 'SHORT'} {abs(quantity):f} is open" if quantity else "",
        f"{working} order(s) may still trade" if working else "",
    ]
    return f"{key.account} {key.symbol}: {' and '.join(part for part in parts if part)}."
