"""Sending cancels: one that takes the last of a position's protection is asked about first where the money is real.

In SIM nothing is asked. Cancelling the entries of a symbol leaves everything alone that closes what is open. What was
sent from here and does not show yet protects no longer: of two stops cancelled in one breath the second is the last.
"""

from collections.abc import Container, Iterator
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.commands import CancelOrder
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.protection import protection_of
from core.model.scope import Mode, PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.questions import Question, Questions, Wish
from panels.theme import Theme

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
# A cancel that has come to nothing by then has left its order at work.
GOING_S = 3.0


def bared_by(order: Order, snapshot: Snapshot, going: Container[str] = ()) -> Decimal:
    """Return how much of its position nothing stops once an order is cancelled, unsigned; 0 where that changes nothing.

    A stop that is being cancelled already covers nothing.

    Args:
        going: client ids of what was asked to be cancelled and does not show it yet.
    """
    position = snapshot.positions.get(order.key)
    if position is None or order.type not in STOPS:
        return Decimal(0)
    name = order.client_order_id
    before = [one for one in snapshot.orders.values() if one.client_order_id == name or not _is_going(one, going)]
    after = [one for one in before if one.client_order_id != name]
    bare = protection_of(position, after).unprotected(position)
    return bare if bare > protection_of(position, before).unprotected(position) else Decimal(0)


def _is_going(order: Order, going: Container[str]) -> bool:
    is_asked = order.state is OrderState.PENDING_CANCEL or order.client_order_id in going
    return is_asked and not order.intent.is_entry


def is_entry(order: Order, snapshot: Snapshot) -> bool:
    """Say whether a working order may open or add; what is on the closing side of a position may protect it.

    Another program's order was named when we first heard of it, perhaps before its position; so the broker's word on
    what is open counts where our books have nothing yet.
    """
    position, scope = snapshot.positions.get(order.key), snapshot.scopes.get(order.key)
    held = position.quantity if position is not None else None if scope is None else scope.broker_quantity
    closes = bool(held) and order.side is Side.closing(held or Decimal(0))
    return order.intent is Intent.REVERSE or (order.intent.is_entry and not closes)


def entries_of(key: PositionKey, snapshot: Snapshot) -> Iterator[Order]:
    """Return the working entries of a scope that are not being cancelled already."""
    for one in snapshot.orders.values():
        pending = one.state in (OrderState.PENDING_CANCEL, OrderState.CREATED)
        if one.key == key and one.is_alive and not pending and is_entry(one, snapshot):
            yield one


class CancelAsking(QObject):
    """What stands between a press of Cancel and the engine.

    Signals:
        intent: CancelOrder.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        super().__init__(owner)
        self._questions = Questions(theme, owner)
        self._snapshot, self._now_s = Snapshot(), 0.0
        self._going: dict[str, float] = {}

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._questions.set_theme(theme)

    def refresh(self, snapshot: Snapshot, monotonic_s: float) -> None:
        """Judge by this snapshot from now on."""
        self._snapshot, self._now_s = snapshot, monotonic_s
        self._going = {name: at for name, at in self._going.items() if monotonic_s - at < GOING_S}
        self._questions.refresh(snapshot, monotonic_s)

    def send(self, command: CancelOrder) -> None:
        """Have an order cancelled, or ask first."""
        name = command.client_order_id
        ask, gone = partial(self._question, name), partial(self._gone, name)
        self._questions.put(Wish(name, ask, lambda confirmed, ticked: self._go(command), gone))

    def cancel_entries(self, key: PositionKey) -> bool:
        """Have the working entries of a scope cancelled, and nothing else; return whether there are any."""
        entries = tuple(entries_of(key, self._snapshot))
        for one in entries:
            self._go(CancelOrder(one.client_order_id))
        return bool(entries)

    def _go(self, command: CancelOrder) -> None:
        self._going[command.client_order_id] = self._now_s
        self.intent.emit(command)

    def _gone(self, name: str) -> str:
        """Return why there is nothing left to cancel; "" while there is."""
        order = self._snapshot.orders.get(name)
        if order is None or order.is_final:
            ended = "has ended" if order is None else f"is {order.state.value.lower()}"
            return f"This order {ended} by now: nothing is left to cancel."
        is_asked = order.state is OrderState.PENDING_CANCEL
        return "This order is being cancelled already." if is_asked else ""

    def _question(self, name: str, _again: bool) -> Question | None:
        """Return what to ask before an order is cancelled; a yes is to so much being left bare."""
        snapshot, order = self._snapshot, self._snapshot.orders.get(name)
        bare = Decimal(0) if order is None else bared_by(order, snapshot, self._going)
        if order is None or not bare or not self._is_real(order):
            return None
        key = order.key
        instrument = snapshot.instruments.get((key.connection, key.symbol))
        account = snapshot.accounts.get(key.account_key)
        mode = "LIVE" if account is None else account.acting_mode.value
        held = f.held(snapshot.positions[key].quantity, instrument)
        body = (
            f"It leaves {f.quantity(bare, instrument)} unprotected: {held} {key.symbol} has no other stop for that.\n"
            f"Cancelled is {order.side.value} {f.quantity(order.remaining, instrument)} "
            f"{order.type.value.replace('_', ' ')} {f.price(order.trigger_price, instrument)}."
        )
        title = f"Cancel stop {key.symbol} · {key.account} · {mode}"
        return Question(title, body, "Cancel stop", "Keep stop", about=bare)

    def _is_real(self, order: Order) -> bool:
        account = self._snapshot.accounts.get(order.key.account_key)
        return account is None or account.acting_mode in (Mode.LIVE, Mode.EVAL)
