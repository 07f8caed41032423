"""What must not last: an exit of nothing, and a position that lost its stop, without anybody being told.

Each condition is measured while the line is READY and the scope beyond doubt; where it holds for more than five
seconds of ticks, a finding must stand, or a close must be at work.
"""

from datetime import datetime
from decimal import Decimal

from core import commands, events
from core.link import Link
from core.messages import Message
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Side
from core.model.finding import FindingChoice
from core.model.order import Order, OrderState
from core.model.position import Position
from core.model.recovery import Situation
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from tests.fakes.engine import Desk
from tests.simulation.exits import EXITS, STOPS, ZERO, is_idle, live, may_exit, open_of

TOLD_WITHIN_S = 5.0
DOUBT_WITHIN_S = 11.0  # what an entry may take to bring its stop, before it says that none comes
_WORKS = (OrderState.WORKING, OrderState.PARTIAL)
_GIVEN_UP = (FindingChoice.LEAVE, FindingChoice.CANCEL_ORDER)
_SURE = (Certainty.CONFIRMED, Certainty.FILLS_ONLY)

Name = tuple[PositionKey, str]
Lot = tuple[int, datetime | None]


class Watch:
    """Measures how long something has been so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since_s: dict[Name, float] = {}
        self._stopped: dict[PositionKey, Lot] = {}
        self._filled: dict[str, Order] = {}
        self._entered: dict[str, Decimal] = {}
        self._meant: dict[PositionKey, str] = {}
        self._taken_away: set[str] = set()

    def born(self) -> None:
        """Begin a life: time is measured anew; that a position had a stop is remembered."""
        self._since_s.clear()

    def forget(self) -> None:
        """Forget which positions had a stop, and what filled: the life that knew could not store it."""
        self._stopped.clear()
        self._filled.clear()

    def after(self, message: Message, now: Snapshot, refused: bool) -> None:
        """Look at what a message made, and at a tick at how long it has been so.

        Args:
            refused: the disk refused in this life; where a stop was is an annotation, and not known while it does.
        """
        self._note_stops(message, now)
        wrong = {*_orphans(now), *((key, "") for key in self._bare(now) if not refused)}
        now_s = self._desk.clock.monotonic()
        self._since_s = {name: self._since_s.get(name, now_s) for name in wrong}
        if not isinstance(message, events.ClockTicked):
            return
        undone = [one for one in now.entries.values() if one.doubt or one.step is EntryStep.ROLLING_BACK]
        told = {one.identity for one in now.findings} | {(one.key, "") for one in undone}
        coming = {one.key for one in now.entries.values() if one.step is EntryStep.STOP_PENDING}
        within_s = {name: TOLD_WITHIN_S + (name[0] in coming) * DOUBT_WITHIN_S for name in self._since_s}
        late = [name for name, since_s in self._since_s.items() if now_s - since_s > within_s[name]]
        silent = [name for name in late if name not in told]
        assert not silent, f"nobody was told of {silent} for {TOLD_WITHIN_S} s"

    def _note_stops(self, message: Message, now: Snapshot) -> None:
        """Remember which positions have a stop; forget it when the trader took it away, or it did its work."""
        for key, lot in list(self._stopped.items()):
            if _lot(now.positions.get(key)) != lot:
                del self._stopped[key]
        if isinstance(message, commands.CancelOrder) and message.client_order_id in now.orders:
            self._taken_away.add(message.client_order_id)
            self._stopped.pop(now.orders[message.client_order_id].key, None)
        if isinstance(message, commands.DecideFinding) and message.choice in _GIVEN_UP:
            self._stopped.pop(message.key, None)
        done = {one.client_order_id: one for one in now.orders.values() if one.state is OrderState.FILLED}
        for name, order in done.items():
            if order is not self._filled.get(name) and order.type in STOPS:
                self._stopped.pop(order.key, None)
        self._filled |= done
        self._note_entries(now)
        for order in now.orders.values():
            position = now.positions.get(order.key)
            works = order.state in _WORKS and live(order, now.orders) > 0 and not is_idle(order, now.orders)
            if position is not None and works and _stops(order, position.quantity > 0):
                self._stopped[order.key] = _lot(position)
                self._meant.pop(order.key, None)

    def _note_entries(self, now: Snapshot) -> None:
        """Note the positions an entry just added to: they were to have its stop, had they one already or not."""
        for entry in now.entries.values():
            position, opened = now.positions.get(entry.key), open_of(entry, now.orders)
            grew = opened > self._entered.get(entry.operation_id, ZERO)
            self._entered[entry.operation_id] = opened
            wants = grew and not self._is_given_up(entry, now)
            if wants and position is not None and (position.quantity > 0) is (entry.side is Side.BUY):
                self._stopped[entry.key] = _lot(position)
                self._meant[entry.key] = entry.operation_id
            elif opened <= 0 and self._meant.get(entry.key) == entry.operation_id:
                del self._meant[entry.key]
                self._stopped.pop(entry.key, None)

    def _is_given_up(self, entry: EntryOperation, now: Snapshot) -> bool:
        """Say whether the trader took away the stop of every leg that has filled."""
        filled = {name for name, one in now.orders.items() if one.filled_quantity}
        legs = [leg for leg in entry.legs if leg.entry_id in filled]
        return all({leg.stop_id, leg.again_id} & self._taken_away for leg in legs)

    def _bare(self, now: Snapshot) -> list[PositionKey]:
        """Return the positions that had a stop and have none that may still work."""
        rows = () if now.recovery is None else now.recovery.rows
        differs = {row.key for row in rows if row.situation not in (Situation.MATCH, Situation.FILLS_ONLY)}
        return [
            key
            for key, (direction, _) in self._stopped.items()
            if _quiet(key, now)
            and key not in differs
            and now.scopes[key].certainty in _SURE
            and not any(one.key == key and one.is_alive and _stops(one, direction > 0) for one in now.orders.values())
        ]


def _orphans(now: Snapshot) -> list[Name]:
    return [
        (one.key, one.client_order_id)
        for one in now.orders.values()
        if one.intent in EXITS
        and one.state in _WORKS
        and one.key not in now.positions
        and live(one, now.orders) > 0
        and _quiet(one.key, now)
    ]


def _lot(position: Position | None) -> Lot:
    """Return what tells a position from the one before and after it."""
    return (0, None) if position is None else (position.direction, position.entry_time)


def _quiet(key: PositionKey, now: Snapshot) -> bool:
    line, operation = now.connections.get(key.connection), now.operations.get(key)
    ready = line is not None and line.link is Link.READY
    return ready and key in now.scopes and (operation is None or not operation.blocks_close)


def _stops(order: Order, long: bool) -> bool:
    return order.type in STOPS and order.side is (Side.SELL if long else Side.BUY) and may_exit(order)
