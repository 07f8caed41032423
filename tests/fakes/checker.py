"""The invariants of the trading side, checked from what is stored, in exact arithmetic of our own.

I1 positions are the sums of the ledger, no row at zero. I3 every execution is booked once. I4 no order is sent twice,
or before it is stored. I5 what an order filled never falls, and exceeds its quantity only under an alarm. I6 a final
state stays. I7 every trade is its fills, each fill part of one. I8 a scope's rows follow from its own fills alone.
I13 what is shown is what is stored, and what is marked UNSAVED.

`Checker` watches a desk step by step; `at_rest` says what must be so when everybody is silent (I2, I9).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from core.events import Level
from core.model.fill import Fill
from core.model.order import Intent, Order
from core.model.position import Position
from core.model.scope import PositionKey
from core.model.trade import Trade
from core.snapshot import Certainty
from tests.fakes.engine import Desk

EVERYTHING = 1_000_000


class Checker:
    """Watches a desk over all its lives."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._orders: dict[str, Order] = {}
        self._fills = -1

    def check(self) -> None:
        """Check what must hold after every step."""
        desk = self._desk
        self._orders_move_forward(desk.snapshot.orders.values())
        self._nothing_is_sent_twice()
        fills = desk.store.positions.recent_fills(EVERYTHING)
        positions = desk.store.positions.recover_all_open_positions()
        self._what_is_shown_is_stored(positions)
        if len(fills) != self._fills:
            self._fills = len(fills)
            check_ledger(fills, positions, desk.store.positions.recent_trades(EVERYTHING), desk)

    def _orders_move_forward(self, orders: Iterable[Order]) -> None:
        for order in orders:
            before = self._orders.get(order.client_order_id)
            if before is order:
                continue
            self._orders[order.client_order_id] = order
            if before is not None:
                assert order.filled_quantity >= before.filled_quantity, f"I5: filled fell: {before} → {order}"
                assert not before.is_final or order.state is before.state, f"I6: {before} → {order}"
            if order.over_filled and (before is None or not before.over_filled):
                assert order.external or self._desk.ever_heard("more than was ordered"), f"I5: silent over-fill {order}"

    def _nothing_is_sent_twice(self) -> None:
        stored = {order.client_order_id for order in self._desk.store.orders.recent(EVERYTHING)}
        for broker in self._desk.brokers.values():
            sent = Counter(order.client_order_id for order in broker.received)
            assert all(count == 1 for count in sent.values()), f"I4: sent twice: {sent.most_common(1)}"
            assert self._desk.unsaved or sent.keys() <= stored, f"I4: sent and not stored: {sent.keys() - stored}"

    def _what_is_shown_is_stored(self, stored: Iterable[Position]) -> None:
        snapshot = self._desk.snapshot
        shown = {key: position.quantity for key, position in snapshot.positions.items()}
        kept = {position.key: position.quantity for position in stored}
        for fill in snapshot.fills:
            if (fill.key, fill.execution_id) in snapshot.unsaved.fills:
                kept[fill.key] = kept.get(fill.key, Decimal(0)) + fill.signed_quantity
        kept = {key: quantity for key, quantity in kept.items() if quantity}
        assert shown == kept, f"I13: shown {shown}, stored {kept}"


def check_ledger(fills: Iterable[Fill], positions: Iterable[Position], trades: Iterable[Trade], desk: Desk) -> None:
    """Check I1, I3, I7 and I8 on a whole ledger, in the order it was written."""
    fills = tuple(fills)
    ids = Counter((one.key.account_key, one.execution_id, one.leg) for one in fills)
    assert all(count == 1 for count in ids.values()), f"I3: booked twice: {ids.most_common(1)}"
    sums: dict[PositionKey, Fraction] = defaultdict(Fraction)
    value: dict[PositionKey, Fraction | None] = defaultdict(Fraction)
    expected: dict[PositionKey, list[tuple[Fraction, Fraction | None]]] = defaultdict(list)
    opened: dict[PositionKey, Fraction] = defaultdict(Fraction)
    for fill in fills:
        key, signed = fill.key, Fraction(fill.quantity) * fill.side.sign
        if sums[key] * signed >= 0:
            opened[key] += abs(signed)
        sums[key] += signed
        so_far = value[key]
        value[key] = None if so_far is None or fill.price is None else so_far - signed * Fraction(fill.price)
        if sums[key] == 0:
            expected[key].append((opened.pop(key), _money(value.pop(key), key, desk)))
    held = {key: total for key, total in sums.items() if total}
    stored = {one.key: Fraction(one.quantity) for one in positions}
    assert held == stored, f"I1: the ledger sums to {held}, open_position holds {stored}"
    assert all(stored.values()), "I1: a row at zero"
    written: dict[PositionKey, list[tuple[Fraction, Fraction | None]]] = defaultdict(list)
    for trade in trades:
        gross = None if trade.realized_pnl is None else Fraction(trade.realized_pnl)
        written[trade.key].append((Fraction(trade.quantity), gross))
    assert dict(written) == dict(expected), f"I7: trades {dict(written)}, the ledger gives {dict(expected)}"


def at_rest(desk: Desk) -> None:
    """Check what must be so when everybody is silent: I2 and I9."""
    for broker in desk.brokers.values():
        for key in {*desk.snapshot.positions, *broker.positions}:
            if key.connection != broker.connection:
                continue
            ours, theirs = desk.quantity(key), broker.positions.get(key, 0)
            scope = desk.snapshot.scopes.get(key)
            doubtful = scope is not None and (scope.certainty is not Certainty.CONFIRMED or bool(scope.lock))
            assert ours == theirs or doubtful, f"I2: {key}: here {ours}, broker {theirs}, and nobody says so"
    for order in desk.snapshot.orders.values():
        exit_of_nothing = order.is_alive and order.intent in (Intent.CLOSE, Intent.PROTECT) and not order.external
        if exit_of_nothing and order.key not in desk.snapshot.positions:
            operation = desk.snapshot.operations.get(order.key)
            watched = operation is not None and operation.blocks_close
            alarmed = any(one.level is Level.ALARM and one.key == order.key for one in desk.said)
            assert watched or alarmed or order.intent is Intent.PROTECT, f"I9: {order} protects nothing"


def _money(points: Fraction | None, key: PositionKey, desk: Desk) -> Fraction | None:
    contract = desk.snapshot.instruments.get((key.connection, key.symbol))
    if points is None or contract is None or contract.tick_size is None or contract.tick_value is None:
        return None
    return points * Fraction(contract.tick_value) / Fraction(contract.tick_size)
