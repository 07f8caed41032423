"""What must hold of exits, written anew from the orders alone: how much of each could trade, and what may never follow.

An exit that was sent with its entry is worth what of that is filled and not exited by it; once the entry has ended, all
of it. At rest no exit is larger than what it exits, what was opened with a stop has one, and no entry is still under
way, or else something that is shown says so.
"""

from collections.abc import Mapping
from decimal import Decimal

from core import events
from core.messages import Message
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Fill, Side
from core.model.operation import CloseOperation
from core.model.order import Intent, Order, OrderType
from core.model.recovery import Situation
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from tests.fakes.engine import Desk

TOLD_WITHIN_S = 5.0
EXITS = (Intent.CLOSE, Intent.PROTECT, Intent.REDUCE)
STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
SURE = (Certainty.CONFIRMED, Certainty.FILLS_ONLY)
UNDOES = "-rollback"  # ends the id of a close that undoes an entry
ZERO = Decimal(0)


def live(order: Order, orders: Mapping[str, Order]) -> Decimal:
    """Return how much of an order could trade now, unsigned."""
    left = max(ZERO, order.quantity - order.filled_quantity)
    entry = orders.get(order.parent_client_order_id) if order.parent_client_order_id else None
    if entry is not None and order.waits:
        return ZERO
    if entry is None or entry.is_final:
        return left
    return max(ZERO, min(left, entry.filled_quantity - order.filled_quantity))


def may_exit(order: Order) -> bool:
    """Say whether an order may be there to exit: a resting entry is not; what others mean by theirs nobody knows."""
    return order.external or not order.intent.is_entry


def is_idle(order: Order, orders: Mapping[str, Order]) -> bool:
    """Say whether an exit was sent with an entry that ended and left it nothing: it has stopped nothing, and goes."""
    entry = orders.get(order.parent_client_order_id) if order.parent_client_order_id else None
    return entry is not None and entry.is_final and entry.filled_quantity <= order.filled_quantity


def open_of(entry: EntryOperation, orders: Mapping[str, Order]) -> Decimal:
    """Return what an entry filled and its own exits have not closed, unsigned."""
    names = [(leg.entry_id, (leg.stop_id, leg.target_id, leg.again_id, leg.undo_id)) for leg in entry.legs]
    filled = {name: orders[name].filled_quantity for name in entry.order_ids if name in orders}
    return sum((filled.get(one, ZERO) - sum(filled.get(name, ZERO) for name in exits) for one, exits in names), ZERO)


def half_stopped(now: Snapshot, key: PositionKey) -> bool:
    """Say whether stops work for a position and are smaller than it."""
    position = now.positions.get(key)
    if position is None:
        return False
    stops = [one for one in now.orders.values() if one.key == key and one.is_working and one.type in STOPS]
    stops = [one for one in stops if one.side is Side.closing(position.quantity) and may_exit(one)]
    return ZERO < sum((live(one, now.orders) for one in stops), ZERO) < abs(position.quantity)


def too_many(now: Snapshot, key: PositionKey) -> list[Order]:
    """Return the working exits of a scope of which one kind could trade more than is open, or on the wrong side."""
    held = now.positions[key].quantity if key in now.positions else ZERO
    wrong: list[Order] = []
    for stops in (True, False):
        exits = [one for one in now.orders.values() if one.key == key and one.is_working and one.intent in EXITS]
        exits = [one for one in exits if (one.type in STOPS) is stops and live(one, now.orders) > 0]
        closing = [one for one in exits if held and one.side is Side.closing(held)]
        wrong += [one for one in exits if one not in closing]
        if sum((live(one, now.orders) for one in closing), ZERO) > abs(held):
            wrong += closing
    return wrong


class ExitWatch:
    """Watches that no exit opens a position unsaid, and judges exits and entries at rest."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._opened_s: dict[PositionKey, tuple[float, Fill]] = {}

    def born(self) -> None:
        """Begin a life."""
        self._opened_s.clear()

    def after(self, message: Message, before: Snapshot, now: Snapshot) -> None:
        """Note what an exit opened, and see at a tick whether the trader was told."""
        now_s = self._desk.clock.monotonic()
        if now.positions is not before.positions:
            for key in now.positions.keys() - before.positions.keys():
                if (fill := _opened_by_exit(key, before, now)) is not None:
                    self._opened_s[key] = (now_s, fill)
            for key in self._opened_s.keys() - now.positions.keys():
                del self._opened_s[key]
        if now.operations is not before.operations:
            for key, close in now.operations.items():
                held = before.operations.get(key)
                if held is None or held.operation_id != close.operation_id:
                    _undoes_its_own(close, now)
        if now.orders is not before.orders:
            _each_in_its_turn(before, now)
            for name in now.orders.keys() - before.orders.keys():
                _has_room(now.orders[name], before, now)
        if now.entries is not before.entries:
            for name, entry in now.entries.items():
                if entry.step is EntryStep.ROLLED_BACK and entry is not before.entries.get(name):
                    gone = entry.key not in now.positions or open_of(entry, now.orders) <= 0
                    assert gone, f"called rolled back, and open: {now.positions[entry.key]}"
        for key in tuple(self._opened_s):
            if self._is_told(key, now):
                del self._opened_s[key]
        if isinstance(message, events.ClockTicked):
            late = [
                one
                for key, (since_s, one) in self._opened_s.items()
                if now_s - since_s > TOLD_WITHIN_S and now.scopes[key].certainty in SURE
            ]
            assert not late, f"I9: an exit opened a position, and nobody was told: {late}"

    def rested(self, now: Snapshot) -> None:
        """Check exits and entries when every fault has passed."""
        closing = {key for key, close in now.operations.items() if close.blocks_close}
        found = {one.key for one in now.findings} | closing
        rows = () if now.recovery is None else now.recovery.rows
        # Of a scope whose difference was decided nothing is found until its books are compared again.
        decided = {row.key for row in rows if row.situation not in (Situation.MATCH, Situation.FILLS_ONLY)}
        for key in {one.key for one in now.orders.values()}:
            wrong = too_many(now, key)
            assert not wrong or key in found, f"I9: of {now.positions.get(key)} exits are {wrong}"
            half = half_stopped(now, key) and key not in found | decided
            assert not half, f"I9: stops cover a part of {now.positions[key]}"
        for entry in now.entries.values():
            undo = [now.orders[leg.undo_id] for leg in entry.legs if leg.undo_id in now.orders]
            waits = entry.key in closing or any(one.is_alive for one in undo)
            assert entry.is_over or entry.doubt or waits, f"an entry never ends: {entry}"
            if entry.step is EntryStep.ROLLED_BACK:
                alive = [name for name in entry.order_ids if name in now.orders and now.orders[name].is_alive]
                assert not alive or entry.key in found, f"undone, and {alive} still work"

    def _is_told(self, key: PositionKey, now: Snapshot) -> bool:
        rows = () if now.recovery is None else now.recovery.rows
        said = any(one.key == key and one.level is events.Level.ALARM for one in self._desk.said)
        return said or any(one.key == key for one in now.findings) or any(row.key == key for row in rows)


def _each_in_its_turn(before: Snapshot, now: Snapshot) -> None:
    """A stop is placed again only when the one before it is over, and undone only what is being rolled back."""
    for entry in now.entries.values():
        for leg in entry.legs:
            stop, again = now.orders.get(leg.stop_id), now.orders.get(leg.again_id)
            new = again is not None and leg.again_id not in before.orders
            assert not new or stop is None or stop.is_final, f"{again} beside {stop}"
            undone = leg.undo_id in now.orders and leg.undo_id not in before.orders
            undoing = entry.step in (EntryStep.ROLLING_BACK, EntryStep.ROLLED_BACK)
            assert not undone or undoing, f"{now.orders[leg.undo_id]} while {entry.step.value}"


def _has_room(part: Order, before: Snapshot, now: Snapshot) -> None:
    """A part is closed only when no exit that worked beside it could take more than what it leaves.

    What is put back in the same step, as after a close that was not sent, is made to fit afterwards.
    """
    undone = any(part.client_order_id == leg.undo_id for entry in now.entries.values() for leg in entry.legs)
    pressed = part.action_id or undone or part.external or part.is_final
    if pressed or part.intent is not Intent.REDUCE or part.type is not OrderType.MARKET:
        return
    held = now.positions[part.key].quantity if part.key in now.positions else ZERO
    exits = [one for one in now.orders.values() if one.key == part.key and one.is_alive and one.side is part.side]
    exits = [one for one in exits if may_exit(one) and one.client_order_id in before.orders]
    for kinds in (STOPS, (OrderType.LIMIT,)):
        beside = sum((live(one, now.orders) for one in exits if one.type in kinds), ZERO)
        assert beside + part.quantity <= abs(held), f"{part} beside {beside} that may exit {held}"


def _undoes_its_own(close: CloseOperation, now: Snapshot) -> None:
    """A close that undoes an entry closes nothing that was there before it."""
    entry = now.entries.get(close.operation_id.removesuffix(UNDOES))
    position = now.positions.get(close.key)
    if entry is not None and position is not None and close.operation_id.endswith(UNDOES):
        opened = open_of(entry, now.orders)
        assert abs(position.quantity) <= opened, f"{entry.operation_id} opened {opened}, undone with all of {position}"


def _opened_by_exit(key: PositionKey, before: Snapshot, now: Snapshot) -> Fill | None:
    """Return the fill that opened a scope, if it was one of an exit of ours."""
    known = {id(one) for one in before.fills}
    new = [one for one in now.fills if one.key == key and id(one) not in known]
    order = now.orders.get(new[0].client_order_id) if new else None
    ours = order is not None and not order.external and order.intent in EXITS
    return new[0] if ours else None
