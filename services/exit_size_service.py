"""The exits of a position keep its size: after every fill of this session, and before a part of it is closed.

A server that links the exits of a pair makes them smaller by itself; after a second of grace what it left is done from
here. A part is closed in two steps: first the exits are made to fit what will be left, then the market order goes, so
that no exit can fill beside it and reverse the position. What does not let itself be fitted is not closed, and the
exits grow back; nor is a part that is none any more, because an exit filled meanwhile. What a broker refuses is asked
for three times: then it is a finding. Nothing is done by our books' word alone while the broker's is in doubt, and
nothing about what was found after we were away: that is the trader's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core import commands, events
from core.cache import ExpiringCache
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import FillSource, Side
from core.model.order import Intent, Order, OrderType
from core.model.order_ids import OrderIds
from core.model.position import Position
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.exit_sizes import AT_WORK, Resize, excess, larger, smaller
from services.finding_words import described
from services.order_findings import is_beyond_doubt

GRACE_S = 1.0
FIT_LIMIT_S = 4.0
CUT_AGAIN_S, CUT_TIMES = 2.0, 3
ACTION_MEMORY_S = 24 * 3600.0
ACTIONS_REMEMBERED = 50_000


@dataclass(slots=True)
class Reduction:
    """A part that is to be closed; `order_id` is its order once sent."""

    action_id: str
    quantity: Decimal
    since_s: float
    order_id: str = ""


class ExitSizeService:
    """Fit exits to positions, and close parts of them (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock, ids: OrderIds) -> None:
        self._state = state
        self._clock = clock
        self._ids = ids
        self._moved_s: dict[PositionKey, float] = {}
        self._grown: set[PositionKey] = set()
        self._reductions: dict[PositionKey, Reduction] = {}
        self._cuts: dict[PositionKey, dict[str, tuple[int, float]]] = {}
        self._actions: ExpiringCache[str] = ExpiringCache(ACTIONS_REMEMBERED)

    def on_reduce(self, command: commands.ReducePosition) -> list[Message]:
        """Begin to close a part; refused with a sentence when that cannot be."""
        key, snapshot = command.key, self._state.snapshot()
        held = self._reductions.get(key)
        if not self._actions.put(command.action_id, key.symbol, self._clock.monotonic() + ACTION_MEMORY_S):
            return []
        why = _refusal(command, snapshot, held)
        if why:
            return [self._said(Level.CAUTION, f"Not reduced: {why}", key)]
        self._reductions[key] = Reduction(command.action_id, command.quantity, self._clock.monotonic())
        return self._fit(key)

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Note that a position has another size; what happened while we were away is left to the trader."""
        key, before, after = event.change.key, event.change.before, event.change.after
        self._cuts.pop(key, None)
        if after is None:
            self._forget(key)
            return []
        if event.away:
            return []
        self._moved_s[key] = self._clock.monotonic()
        grew = before is not None and abs(after.quantity) > abs(before.quantity)
        if grew and event.change.fill.source is FillSource.OURS:
            self._grown.add(key)
        return []

    def on_order_changed(self, event: events.OrderChanged) -> list[Message]:
        """Go on with a part that waits for its exits, or for its order; look again at an exit that became larger.

        A change of size and a fill of its sibling may cross on the way to the broker.
        """
        order, before, key = event.order, event.before, event.order.key
        if before is not None and order.quantity > before.quantity and not order.intent.is_entry:
            self._moved_s[key] = self._clock.monotonic()
        return self._fit(key) if key in self._reductions else []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Fit what has had its second of grace."""
        due = {key for key, moved_s in self._moved_s.items() if event.monotonic_s - moved_s >= GRACE_S}
        return [message for key in (*self._reductions, *(due - set(self._reductions))) for message in self._fit(key)]

    # -- private ----------------------------------------------------------------------------------------------------

    def _fit(self, key: PositionKey) -> list[Message]:
        snapshot = self._state.snapshot()
        position = snapshot.positions.get(key)
        if position is None:
            self._forget(key)
            return []
        orders = {name: one for name, one in snapshot.orders.items() if one.key == key}
        reduction = self._reductions.get(key)
        if reduction is not None and self._has_ended(reduction, orders):
            self._let_go(key)
            return []
        if not _is_sure(key, snapshot):
            return self._too_late(key, reduction)
        if reduction is not None and not reduction.order_id and reduction.quantity >= abs(position.quantity):
            return self._no_part(key, position)
        leaving = _leaving(reduction, orders)
        cuts = [one for one in smaller(position, leaving, orders) if self._asked(one)[0] < CUT_TIMES]
        if cuts:
            return [one.command for one in cuts if self._is_due(one)] or self._too_late(key, reduction)
        if reduction is not None:
            fits = not any(excess(position, leaving, orders, stops) for stops in (True, False))
            coming = any(one.key == key and _brings_more(one, orders) for one in snapshot.entries.values())
            blocked = coming or _leaves(position, orders.values(), reduction.order_id)
            return self._send(key, reduction, position) if fits and not blocked else self._too_late(key, reduction)
        return self._grow(key, position, orders, snapshot)

    def _asked(self, cut: Resize) -> tuple[int, float]:
        """Return how often a cut was asked for since the position last moved, and when last."""
        return self._cuts.get(cut.order.key, {}).get(cut.order.client_order_id, (0, -CUT_AGAIN_S))

    def _is_due(self, cut: Resize) -> bool:
        """Say whether a cut is to be asked for now, and count it."""
        (times, asked_s), now_s = self._asked(cut), self._clock.monotonic()
        if times and now_s - asked_s < CUT_AGAIN_S:
            return False
        self._cuts.setdefault(cut.order.key, {})[cut.order.client_order_id] = times + 1, now_s
        return True

    def _no_part(self, key: PositionKey, position: Position) -> list[Message]:
        self._let_go(key)
        text = f"{key.symbol}: not reduced, only {abs(position.quantity):f} is open by now. Use Close."
        return [self._said(Level.CAUTION, text, key)]

    def _send(self, key: PositionKey, reduction: Reduction, position: Position) -> list[Message]:
        if reduction.order_id:
            return []
        reduction.order_id = self._mint()
        return [
            commands.PlaceExit(
                client_order_id=reduction.order_id,
                key=key,
                side=Side.closing(position.quantity),
                type=OrderType.MARKET,
                quantity=reduction.quantity,
                intent=Intent.REDUCE,
                cause=f"press {reduction.action_id}",
            )
        ]

    def _grow(
        self, key: PositionKey, position: Position, orders: Mapping[str, Order], snapshot: Snapshot
    ) -> list[Message]:
        """Have a stop cover what was added here; an entry that brings its own stop is waited for."""
        if key not in self._grown:
            self._moved_s.pop(key, None)
            return []
        if any(one.key == key and _brings_its_stop(one, orders) for one in snapshot.entries.values()):
            return []
        wanted = larger(position, Decimal(0), orders)
        if wanted is None:
            if not any(one.is_alive and one.state not in AT_WORK for one in orders.values()):
                self._grown.discard(key)
            return []
        self._grown.discard(key)
        if _is_tied(wanted.order, orders):
            return self._beside(wanted, snapshot)
        text = f"{key.symbol} {key.account}: the stop is enlarged to cover {abs(position.quantity):f}."
        return [wanted.command, self._said(Level.INFO, text, key)]

    def _beside(self, wanted: Resize, snapshot: Snapshot) -> list[Message]:
        """Have another stop cover what is short: when the target of this one fills, all of it would go."""
        stop, key = wanted.order, wanted.order.key
        more = wanted.quantity - stop.quantity
        place = commands.PlaceExit(
            client_order_id=self._mint(),
            key=key,
            side=stop.side,
            type=stop.type,
            quantity=more,
            intent=Intent.PROTECT,
            cause="the position grew beyond its stop",
            price=stop.price,
            trigger_price=stop.trigger_price,
            time_in_force=stop.time_in_force,
        )
        what = described(stop, snapshot.instruments.get((key.connection, key.symbol)))
        text = f"{key.symbol} {key.account}: another stop like {what} covers {more:f} more."
        return [place, self._said(Level.INFO, text, key)]

    def _too_late(self, key: PositionKey, reduction: Reduction | None) -> list[Message]:
        if reduction is None or reduction.order_id or self._clock.monotonic() - reduction.since_s < FIT_LIMIT_S:
            return []
        self._let_go(key)
        text = f"{key.symbol}: not reduced, its exits could not be made smaller in time. Use Close, or cancel them."
        return [self._said(Level.ERROR, text, key)]

    def _has_ended(self, reduction: Reduction, orders: Mapping[str, Order]) -> bool:
        order = orders.get(reduction.order_id)
        return order is not None and order.is_final

    def _let_go(self, key: PositionKey) -> None:
        """Forget a reduction; exits made too small for what is left grow again."""
        self._reductions.pop(key, None)
        self._moved_s[key] = self._clock.monotonic()
        self._grown.add(key)
        self._cuts.pop(key, None)

    def _forget(self, key: PositionKey) -> None:
        self._moved_s.pop(key, None)
        self._reductions.pop(key, None)
        self._grown.discard(key)

    def _mint(self) -> str:
        return self._ids.mint(int(self._clock.now().timestamp() * 1000))

    def _said(self, level: Level, text: str, key: PositionKey) -> Announcement:
        return Announcement(level, text, self._clock.now(), key)


def _leaving(reduction: Reduction | None, orders: Mapping[str, Order]) -> Decimal:
    """Return what is about to leave; of an order under way what is not filled yet."""
    if reduction is None:
        return Decimal(0)
    order = orders.get(reduction.order_id)
    return reduction.quantity if order is None else order.remaining


def _brings_its_stop(operation: EntryOperation, orders: Mapping[str, Order]) -> bool:
    if operation.step is EntryStep.STOP_PENDING:
        return True
    entries = (orders.get(leg.entry_id) for leg in operation.legs)
    return not operation.is_over and any(one is not None and one.filled_quantity > 0 for one in entries)


def _brings_more(operation: EntryOperation, orders: Mapping[str, Order]) -> bool:
    """Say whether an entry that fills is about to place exits that are not there yet."""
    legs = [leg for leg in operation.legs if not leg.by_server and not operation.is_over]
    filled = [leg for leg in legs if leg.entry_id in orders and orders[leg.entry_id].filled_quantity > 0]
    return any(name and name not in orders for leg in filled for name in (leg.stop_id, leg.target_id))


def _is_tied(stop: Order, orders: Mapping[str, Order]) -> bool:
    """Say whether a stop goes when the exit it is linked with is filled."""
    other = orders.get(stop.oco_client_order_id)
    return other is not None and other.is_alive and stop.trigger_price is not None


def _leaves(position: Position, orders: Iterable[Order], own_id: str = "") -> bool:
    """Say whether another market order closes the position, or a part of it."""
    closing = [one for one in orders if one.key == position.key and one.side is Side.closing(position.quantity)]
    return any(one.is_alive and one.type is OrderType.MARKET and one.client_order_id != own_id for one in closing)


def _is_sure(key: PositionKey, snapshot: Snapshot) -> bool:
    line, close = snapshot.connections.get(key.connection), snapshot.operations.get(key)
    up = line is not None and line.link in (Link.READY, Link.SYNCING)
    return up and (close is None or not close.blocks_close) and is_beyond_doubt(key, snapshot)


def _refusal(command: commands.ReducePosition, snapshot: Snapshot, held: Reduction | None) -> str:
    key, position = command.key, snapshot.positions.get(command.key)
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    if position is None:
        return f"{key.symbol} is flat."
    if held is not None:
        return f"a part of {key.symbol} is being closed already."
    if _leaves(position, snapshot.orders.values()):
        return f"another order is closing {key.symbol} already."
    if not 0 < command.quantity < abs(position.quantity):
        return f"{command.quantity:f} is not a part of the open {abs(position.quantity):f}."
    if instrument is not None and command.quantity % instrument.quantity_step:
        return f"the quantity {command.quantity:f} is not a multiple of {instrument.quantity_step}."
    if not _is_sure(key, snapshot):
        return f"{key.symbol} is being closed, or the broker has not confirmed it. Use Close, which does not wait."
    return ""
