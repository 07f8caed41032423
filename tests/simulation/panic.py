"""Somebody presses panic, in a process of its own, and it acts alone where the terminal does not answer.

What must hold: entries are locked from the next look until the lock is lifted, over every restart; while the other
process has the lines, and until its doings are read, no order leaves; and an answer that it is over names whatever is
not flat.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from core import events
from core.messages import Message
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from services.panic.files import Act as Claim
from services.panic.files import Request
from tests.fakes.engine import Desk
from tests.simulation.counterparty import Act, Counterparty

ANSWERED_WITHIN = timedelta(seconds=3)
SEEN_WITHIN_S = 1.0


class PanicProcess:
    """Presses panic, and plays the process.

    Attributes:
        ended_at: when the last one that acted alone was over, or died.
    """

    def __init__(self, random: Random, desk: Desk, other: Counterparty) -> None:
        self._random = random
        self._desk = desk
        self._other = other
        self._files = desk.panic_files
        self._presses = 0
        self._steps: list[Callable[[], None]] = []
        self._beats = 0
        self._beat_at = desk.clock.now()
        self.ended_at: datetime | None = None
        self.acts: list[Act] = [(2, self.panic), (12, self.panic_acts_alone), (2, self.lift_panic)]
        desk.after.append(self._look)

    def panic(self) -> None:
        """Want everything flat, or one account."""
        self._presses += 1
        accounts = () if self._random.random() < 0.7 else (self._random.choice(self._other.scopes).account,)
        now = self._desk.clock.now()
        self._files.requested = Request(f"panic-{self._presses}", now, (), accounts)
        self._files.lift = False

    def panic_acts_alone(self) -> None:
        """Take one step: claim where no terminal shows a sign of life, cancel, close, be over; or die."""
        request = self._files.requested
        if self._steps and self._random.random() < 0.9:
            self._steps.pop(0)()
        elif self._steps:
            self._ends("")
        elif request is not None and self._is_wanted(request):
            if self._random.random() < 0.3:
                self._desk.clock.advance(2 * ANSWERED_WITHIN.total_seconds())  # the terminal hangs
            if self._desk.clock.now() - max(request.at, self._beat_at) > ANSWERED_WITHIN:
                self._claim(request)

    def lift_panic(self) -> None:
        """Want the lock lifted."""
        locked = self._desk.alive and bool(self._desk.snapshot.locked)
        self._files.lift = locked or self._files.requested is not None

    def heal(self) -> None:
        """Let the process come to its end, and the lock be lifted."""
        while self._steps:
            self._steps.pop(0)()
        self.lift_panic()

    # -- private ----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """See whether the terminal has renewed its answer."""
        if len(self._files.answers) != self._beats:
            self._beats, self._beat_at = len(self._files.answers), self._desk.clock.now()

    def _is_wanted(self, request: Request) -> bool:
        """Say whether neither a terminal nor a process has said yet that this one is over."""
        acted, answers = self._files.acted, self._files.answers
        by_us = acted is not None and acted.request == request.name and bool(acted.text)
        by_them = bool(answers) and answers[-1].request == request.name and answers[-1].is_over
        return not by_us and not by_them

    def _claim(self, request: Request) -> None:
        lines = tuple(one.connection for one in self._other.brokers)
        self._presses += 1
        name = f"act-{self._presses}"
        self._files.acted = Claim(name, request.name, self._desk.clock.now(), 1, lines)
        self._files.acting, self.ended_at = True, None
        self._steps = [
            lambda: self._other.cancel_all(request.covers),
            lambda: self._other.close_all(request.covers),
            lambda: self._ends("all is flat"),
        ]

    def _ends(self, text: str) -> None:
        acted = self._files.acted
        assert acted is not None
        self._steps = []
        self._files.acted = Claim(acted.name, acted.request, acted.at, 1, acted.connections, text)
        self._files.acting, self.ended_at = False, self._desk.clock.now()


class PanicWatch:
    """Holds the terminal to what a panic wants."""

    def __init__(self, desk: Desk, other: Counterparty, process: PanicProcess) -> None:
        self._desk = desk
        self._other = other
        self._files = desk.panic_files
        self._process = process
        self._submitted = 0
        self._read: set[str] = set()
        self._asked_s = 0.0
        self._answers = 0

    def born(self) -> None:
        """Begin a life: a lock stands from its first moment."""
        stands = self._files.requested is not None or bool(self._desk.guard_locks.standing())
        assert not stands or self._desk.snapshot.locked, "a panic stands, and nothing is locked after the start"
        self._asked_s = self._desk.clock.monotonic()
        self._read.clear()
        self._submitted = len(self._other.truth.submitted)

    def after(self, message: Message, now: Snapshot) -> None:
        """Look at what was sent, and at what is said."""
        self._note(message)
        sent = self._other.truth.submitted
        for order in sent[self._submitted :]:
            free = self._files.acted is None or order.key.connection in self._read
            assert free, f"{order} was sent beside a panic, or before its doings were read"
        self._submitted = len(sent)
        now_s = self._desk.clock.monotonic()
        if self._files.requested is None or self._files.lift or now.locked:
            self._asked_s = now_s
        late = isinstance(message, events.ClockTicked) and now_s - self._asked_s > SEEN_WITHIN_S
        assert not late, f"a panic stands for {now_s - self._asked_s} s, and nothing is locked"
        if len(self._files.answers) > self._answers:
            self._is_whole(now)
        self._answers = len(self._files.answers)

    def rested(self, now: Snapshot) -> None:
        """Check that nothing is left of it once it was lifted."""
        assert not now.locked and self._files.requested is None, f"lifted, and still locked: {now.locked}"

    # -- private ----------------------------------------------------------------------------------------------------

    def _note(self, message: Message) -> None:
        """Note which lines were read after the process was at an end."""
        if self._files.acting:
            self._read.clear()
        ended = self._process.ended_at
        if isinstance(message, events.SnapshotReceived) and ended is not None and message.snapshot.asked_at >= ended:
            self._read.add(message.connection)

    def _is_whole(self, now: Snapshot) -> None:
        """An answer that it is over names every scope in which anything is open or may trade."""
        request, answer = self._files.requested, self._files.answers[-1]
        if request is None or not answer.is_over or answer.request != request.name:
            return
        alive = {one.key for one in now.orders.values() if one.is_alive}
        wrong = {one.key for one in now.scopes.values() if one.broker_quantity}
        meant: set[PositionKey] = {*now.positions, *alive, *wrong}
        meant = {key for key in meant if key.connection in answer.connections}
        meant = {key for key in meant if request.covers(key.connection, key.account)}
        silent = [key for key in meant if not any(f"{key.account} {key.symbol}" in one for one in answer.left)]
        assert not silent, f"a panic is over, and {silent} are not flat and not named: {answer}"
