"""What must hold after every step, whatever happened in it; each rule is written anew here, not taken from the code.

The numbers are those of the fault catalogue. `Invariants` looks at what is shown, what is stored and what the broker
knows; `Watch` at what lasts: an exit of nothing, a stop that is gone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core import commands, events
from core.broker_report import PositionReport
from core.emergency import UnsavedOrder
from core.guard_figures import entry_stop
from core.link import Link
from core.messages import Message
from core.model.fill import Side
from core.model.finding import Finding, FindingKind
from core.model.order import Intent, Order, OrderState
from core.model.recovery import RecoveryChoice
from core.model.scope import Mode, PositionKey
from core.snapshot import Certainty, Snapshot
from tests.fakes.engine import Desk
from tests.simulation import books
from tests.simulation.apart import check_apart
from tests.simulation.counterparty import Counterparty
from tests.simulation.database import Disk
from tests.simulation.exits import ExitWatch
from tests.simulation.limits import LimitWatch
from tests.simulation.panic import PanicProcess, PanicWatch
from tests.simulation.watch import Watch

# The only things that may move a position: fills, what recovery booked or the trader decided, and a retried commit.
_MOVES = (
    events.FillReceived,
    events.SnapshotReceived,
    events.ClockTicked,
    commands.DecideRecovery,
    commands.RecordClosed,
)
_UNNAMED = (OrderState.UNKNOWN, OrderState.PENDING_CHANGE)
ACK_WITHIN_S = 11.0
TURNED = "-open"  # ends the action id of an order that opens the other side of what was closed


@dataclass(frozen=True, slots=True)
class Word:
    """The broker's last explicit figure of a scope, and on which line he gave it."""

    quantity: Decimal
    at: datetime
    line: int


class Invariants:
    """Watches one desk over all its lives."""

    def __init__(self, desk: Desk, disk: Disk, other: Counterparty, panic: PanicProcess) -> None:
        self._desk = desk
        self._disk = disk
        self._truth = other.truth
        self._panic = PanicWatch(desk, other, panic)
        self._watch = Watch(desk)
        self._exits = ExitWatch(desk)
        self._limits = LimitWatch(desk)
        self._before = Snapshot()
        self._orders: dict[str, Order] = {}
        self._words: dict[PositionKey, Word] = {}
        self._line: Counter[str] = Counter()
        self._submitted = 0
        self._commits = -1
        self._fills = -1
        self._sent_s: dict[str, float] = {}
        self._claimed: set[str] = set()
        self._wanted: dict[str, Decimal] = {}
        self._undefined: set[str] = set()
        self.refused = False
        self._lost = False

    def died(self) -> None:
        """Note how the disk was when the program died."""
        self._note_refusals()

    def born(self) -> None:
        """Begin a life: what is shown comes from the store alone."""
        self._sent_is_stored()
        self._before = self._desk.snapshot
        self._line.update(list(self._desk.brokers))
        self._sent_s.clear()
        defined = _valued(self._before)
        self._undefined |= {fill.key.symbol for fill in self._before.fills if fill.key.symbol not in defined}
        if self._lost:  # what the last life said of its orders without being able to keep it died with it
            self._orders.clear()
        if self._lost:
            self._watch.forget()
        for name, order in self._before.orders.items():
            held, self._orders[name] = self._orders.get(name), order
            self._moved(held, order)
        self._limits.born(self.refused)
        self.refused = self._lost = False
        self._note_refusals()
        self._watch.born()
        self._exits.born()
        self._panic.born()
        self._stored(self._before)

    def before(self, message: Message) -> None:
        """Note what is pressed, whether the program outlives it or not."""
        if isinstance(message, commands.SubmitOrder | commands.OpenWithBracket):
            press = message if isinstance(message, commands.SubmitOrder) else message.entry
            self._wanted.setdefault(press.action_id, press.quantity)

    def after(self, message: Message) -> None:
        """Check everything after one message."""
        self._note_refusals()
        self._hear(message)
        before, now = self._before, self._desk.snapshot
        if now.positions is not before.positions:
            defined = _valued(before)
            self._undefined |= {key.symbol for key in (*before.positions, *now.positions) if key.symbol not in defined}
        if now.orders is not before.orders:
            self._follow(before, now, message)
        if len(self._truth.submitted) != self._submitted:
            self._sent(before)
        if now.scopes is not before.scopes or now.positions is not before.positions:
            self._certain(now)
        if now.positions is not before.positions:
            moved = _quantities(now) != _quantities(before)
            assert not moved or isinstance(message, _MOVES), f"a position moved by {type(message).__name__}"
        if self._disk.commits != self._commits or now.positions is not before.positions:
            self._stored(now)
        if isinstance(message, events.SnapshotReceived) and not self.refused:
            self._taken_in(message)
        if isinstance(message, events.ClockTicked):
            self._in_time(message.monotonic_s)
        self._watch.after(message, now, self._lost)
        self._exits.after(message, before, now)
        self._limits.after(message, before, now)
        self._panic.after(message, now)
        check_apart(message, before, now)
        self._before = now

    def _note_refusals(self) -> None:
        self.refused = self.refused or self._disk.refusal is not None
        self._lost = self._lost or self._desk.emergency.error is not None

    def rested(self) -> None:
        """Check what must be so when the disk has worked for a while: nothing is missing in it any more."""
        shown, stored = _quantities(self._desk.snapshot), books.held(self._disk)
        assert shown == stored, f"I13: shown {shown}, stored {stored}, though the disk works"
        self._once(self._truth.arrived)
        books.check(self._disk, self._truth.executions(), self._undefined)
        books.check_audit(self._disk, self._desk.clock)

    def settled(self) -> None:
        """Check what must be so when every fault has passed and every question is settled."""
        self.rested()
        self._exits.rested(self._desk.snapshot)
        self._panic.rested(self._desk.snapshot)

    # -- what the broker said ---------------------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if isinstance(message, events.LinkChanged | events.GapDetected):
            self._line[message.connection] += 1
        elif isinstance(message, events.PositionReported):
            self._take([message.report])
        elif isinstance(message, events.PositionsListed):
            self._take(message.rows)
        elif isinstance(message, events.SnapshotReceived):
            self._take(message.snapshot.positions or ())

    def _take(self, reports: Iterable[PositionReport]) -> None:
        for one in reports:
            held = self._words.get(one.key)
            line = self._line[one.key.connection]
            older = held is not None and held.line == line and one.received_at < held.at
            if one.quantity is None or (older and held is not None and held.at <= self._desk.clock.now()):
                continue
            self._words[one.key] = Word(one.quantity, one.received_at, line)

    def _certain(self, now: Snapshot) -> None:
        rows = () if now.recovery is None else now.recovery.rows
        decided = {row.key for row in rows if row.decided is not None}
        for key, scope in now.scopes.items():
            ours = now.positions[key].quantity if key in now.positions else Decimal(0)
            if scope.certainty is Certainty.MISMATCH:
                assert scope.lock or key in decided, f"{key} differs and is not locked"
            if scope.certainty is not Certainty.CONFIRMED:
                continue
            word, link = self._words.get(key), now.connections[key.connection].link
            line = self._line[key.connection]
            assert link in (Link.READY, Link.SYNCING), f"I13: {key} is confirmed while the line is {link.value}"
            # Of a scope he said was open on an earlier line, a complete list that leaves it out says that it is not.
            gone = ours == 0 and word is not None and word.line != line
            same = word is not None and word.quantity == ours and (ours == 0 or word.line == line)
            assert same or gone, f"I13: {key} {ours} is confirmed, the broker said {word}, now line {line}"

    # -- orders -----------------------------------------------------------------------------------------------------

    def _follow(self, before: Snapshot, now: Snapshot, message: Message) -> None:
        for name, order in now.orders.items():
            held = self._orders.get(name)
            if held is order:
                continue
            self._orders[name] = order
            self._moved(held, order)
            silent = order.over_filled and not order.external and not self._desk.ever_heard("more than was ordered")
            assert not silent, f"I5: silent over-fill {order}"
            if name not in before.orders and not order.external and held is None:
                self._new(order, before, message)

    def _moved(self, held: Order | None, order: Order) -> None:
        true = self._truth.order(order.client_order_id)
        if held is not None:
            assert order.filled_quantity >= held.filled_quantity, f"I5: filled fell: {held} → {order}"
            assert not held.is_final or order.state is held.state, f"I6: {held} → {order}"
        if order.over_filled and not order.external:
            assert true is not None and true.filled > true.quantity, f"I5: over-filled by us alone: {order}"
        if order.external:
            return
        assert not (order.is_final and true is not None and true.alive), f"{order} has ended and works at {true}"
        named = "" if true is None else true.server_order_id
        if (held is not None and held.state in _UNNAMED) or order.server_order_id not in ("", named):
            # A history names no client id: of two orders whose answer was lost either may be given the fill of one, and
            # one that was being changed may be given the fill of a name nobody knows.
            self._claimed.add(order.client_order_id)
        if order.client_order_id in self._claimed:
            return
        if true is not None:
            assert order.filled_quantity <= true.filled, f"I5: {order} has more than the broker's {true}"
            assert order.state is not OrderState.DENIED or true.filled == 0, f"{order} filled {true}"
        else:
            assert not order.is_final or order.state is OrderState.DENIED, f"{order} never reached the broker"

    def _new(self, order: Order, before: Snapshot, message: Message) -> None:
        if order.state not in (OrderState.SENT, OrderState.DENIED):
            return  # one of an earlier life whose intent the disk had refused, seen at the broker
        position = before.positions.get(order.key)
        ours = Decimal(0) if position is None else position.quantity
        if order.intent.is_entry:
            turned = order.action_id.endswith(TURNED)
            pressed = isinstance(message, commands.SubmitOrder | commands.OpenWithBracket)
            assert turned or pressed, f"{order} sent by {type(message).__name__}"
            assert not turned or self._desk.quantity(order.key) == 0, f"{order} turns what is not closed"
            # What opens the other side of a close may go in the same step that lifts the lock of its scope.
            _entry_was_open(order, self._desk.snapshot if turned else before, turned)
            self._limits.entered(order, self._desk.snapshot)
        elif order.parent_client_order_id:
            self._beside_its_entry(order)
        elif order.intent is not Intent.CLOSE:
            now = self._desk.snapshot.positions.get(order.key)  # what a close left over has just been booked
            after = Decimal(0) if now is None else now.quantity
            fits = any(_reduces(order, one) for one in (ours, after))
            assert fits, f"{order.intent.value} {order} with {ours} → {after} open"

    def _beside_its_entry(self, order: Order) -> None:
        """An exit that goes out with its entry stands on the other side of it and is as large."""
        entry = self._desk.snapshot.orders.get(order.parent_client_order_id)
        assert entry is not None and entry.intent.is_entry, f"{order} goes with {entry}"
        fits = order.side is not entry.side and order.quantity == entry.quantity
        assert fits, f"{order} does not exit {entry}"

    def _sent(self, before: Snapshot) -> None:
        sent = self._truth.submitted
        self._once(one.client_order_id for one in sent)
        for action, count in Counter(one.action_id for one in sent if one.action_id).items():
            size = sum(one.quantity for one in sent if one.action_id == action)
            same = count == 1 or size <= self._wanted.get(action, Decimal(0))
            assert same, f"I4: one press, {count} orders of {size}: {action}"
        for order in sent[self._submitted :]:
            if order.intent is Intent.CLOSE:
                self._closes(order, before)
        self._sent_is_stored()

    def _once(self, names: Iterable[str]) -> None:
        twice = [name for name, count in Counter(names).items() if count > 1]
        assert not twice, f"I4: sent twice: {twice}"

    def _sent_is_stored(self) -> None:
        if not self._lost:
            log = self._desk.emergency
            kept = {one.order.client_order_id for one in log.entries + log.merged if isinstance(one, UnsavedOrder)}
            kept |= books.states(self._disk).keys()
            for order in self._truth.submitted[self._submitted :]:
                assert order.client_order_id in kept, f"I4: sent and not stored: {order}"
        self._submitted = len(self._truth.submitted)

    def _closes(self, order: Order, before: Snapshot) -> None:
        """A close is never larger than what is open by our books or the broker's word, and stands on their side."""
        scope, position = before.scopes.get(order.key), self._desk.snapshot.positions.get(order.key)
        ours = Decimal(0) if position is None else position.quantity
        latest = self._desk.snapshot.scopes.get(order.key)
        theirs = [one.broker_quantity for one in (scope, latest) if one is not None and one.broker_quantity is not None]
        held = before.positions.get(order.key)
        figures = [ours, Decimal(0) if held is None else held.quantity, *theirs]
        assert any(_reduces(order, one) for one in figures), f"{order} closes more than {figures}"

    def _taken_in(self, message: events.SnapshotReceived) -> None:
        """What was told is booked before anything is compared with it, unless it would turn what the broker states."""
        if not self._desk.services.recovery._lines[message.connection].answered:
            return
        lacking = books.lacking(self._disk, message.snapshot.fills or ())
        for key in {one.key for one in lacking}:
            moved = sum(one.signed_quantity for one in lacking if one.key == key)
            word = self._words.get(key)
            turned = word is not None and (self._desk.quantity(key) + moved) * word.quantity < 0
            assert turned, f"told and not booked: {[one for one in lacking if one.key == key]}"

    def _in_time(self, now_s: float) -> None:
        """An order nobody answers is unknown after ten seconds, not SENT for ever."""
        waiting = {name for name, one in self._desk.snapshot.orders.items() if one.state is OrderState.SENT}
        self._sent_s = {name: self._sent_s.get(name, now_s) for name in waiting}
        late = [name for name, since_s in self._sent_s.items() if now_s - since_s > ACK_WITHIN_S]
        assert not late, f"{late} not answered for {ACK_WITHIN_S} s and not unknown"

    # -- the store --------------------------------------------------------------------------------------------------

    def _stored(self, now: Snapshot) -> None:
        """What is shown is what is stored, or the program says that it is not."""
        self._commits = self._disk.commits
        if not (self.refused and now.halted):
            shown, stored = _quantities(now), books.held(self._disk)
            assert shown == stored, f"I13: shown {shown}, stored {stored}"
        if not self.refused:
            kept = books.states(self._disk)
            for name, order in now.orders.items():
                as_shown = (order.state.value, order.filled_quantity)
                assert kept.get(name) == as_shown, f"I13: {name} shown {as_shown}, stored {kept.get(name)}"
        ((fills,),) = self._disk.rows("SELECT count(*) FROM fill_record")
        if fills != self._fills:
            self._fills = fills
            books.check(self._disk, self._truth.executions(), self._undefined)


def _valued(snapshot: Snapshot) -> set[str]:
    """Return the symbols of which the program knows what a tick is worth."""
    return {one.symbol for one in snapshot.instruments.values() if one.tick_value is not None}


def _quantities(snapshot: Snapshot) -> dict[PositionKey, Decimal]:
    return {key: position.quantity for key, position in snapshot.positions.items()}


def _reduces(order: Order, quantity: Decimal) -> bool:
    return quantity != 0 and order.side is Side.closing(quantity) and order.quantity <= abs(quantity)


def _entry_was_open(order: Order, before: Snapshot, turned: bool) -> None:
    """Nothing spoke against an entry when it was pressed, but a close whose other side it is."""
    key, scope = order.key, before.scopes.get(order.key)
    account = before.accounts[key.account_key]
    operation = before.operations.get(key)
    rows = () if before.recovery is None else before.recovery.rows
    guards = before.guards.get(key.account_key)
    against = {
        "halted": bool(before.halted),
        "locked": bool(before.locked),
        "guarded": bool(entry_stop(guards)),
        "line not ready": before.connections[key.connection].link is not Link.READY,
        "entries blocked": key.connection in before.entry_block,
        "scope locked": scope is not None and bool(scope.lock),
        "mismatch": scope is not None and scope.certainty is Certainty.MISMATCH,
        "row undecided": any(row.key == key and row.decided in (None, RecoveryChoice.IGNORE) for row in rows),
        "finding undecided": any(
            one.key == key and one.decided is None and not _partly_stopped(one, before) for one in before.findings
        ),
        "being closed": operation is not None and operation.blocks_close and not turned,
        "unknown order": any(
            one.key == key and one.state is OrderState.UNKNOWN and not one.external for one in before.orders.values()
        ),
        "not armed": account.mode in (None, Mode.LIVE, Mode.EVAL) and key.account_key not in before.armed,
    }
    reasons = [reason for reason, holds in against.items() if holds]
    assert not reasons, f"{order} was sent although: {', '.join(reasons)}"


def _partly_stopped(finding: Finding, snapshot: Snapshot) -> bool:
    """Say whether it is about a position whose stops cover part of it: told, and no reason to wait."""
    stops = [one for one in snapshot.orders.values() if one.key == finding.key and one.is_alive and one.trigger_price]
    return finding.kind is FindingKind.MISSING_PROTECTION and bool(stops)
