"""Sending a change of a working order, after a question where it needs one; the same wherever it is asked for."""

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.order_change import Terms, terms_of
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.change_draft import as_command, questions, why_not, written
from panels.questions import Question, Questions, Wish, kinds
from panels.theme import Theme

NAMES = {"Qty": "Quantity", "Price": "Limit price", "Trigger": "Stop price"}


class ChangeAsking(QObject):
    """What stands between a typed change and the engine.

    Signals:
        intent: ChangeOrder.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds, owner: QWidget) -> None:
        super().__init__(owner)
        self._ids = ids
        self._questions = Questions(theme, owner)
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._questions.set_theme(theme)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Judge by this snapshot from now on."""
        self._snapshot, self._now = snapshot, now_utc
        self._questions.refresh(snapshot, monotonic_s)

    def send(self, order: Order, wanted: Terms) -> None:
        """Have an order changed, or ask first; what asks for nothing is not sent."""
        if wanted.is_empty:
            return
        name = order.client_order_id
        ask, gone = partial(self._question, name, wanted), partial(self._gone, name)
        self._questions.put(Wish((name, wanted), ask, lambda confirmed, _: self._emit(order, wanted, confirmed), gone))

    def instrument(self, order: Order) -> Instrument:
        """Return the instrument of an order; a bare one where the venue has not defined it."""
        place = (order.key.connection, order.key.symbol)
        return self._snapshot.instruments.get(place) or Instrument(order.key.symbol)

    def _question(self, name: str, wanted: Terms, _again: bool) -> Question | None:
        """Return what to ask before a change; a yes is to the order as it stood."""
        order = self._snapshot.orders.get(name)
        asked = () if order is None else questions(order, wanted, self._snapshot, self._now)
        if order is None or not asked:
            return None
        account = self._snapshot.accounts.get(order.key.account_key)
        mode = "LIVE" if account is None else account.acting_mode.value
        title = f"Change {order.side.value} {order.key.symbol} · {order.key.account} · {mode}"
        body = " ".join([f"{self._words(order, wanted)}.", *asked])
        return Question(title, body, "Change", about=terms_of(order), odd=kinds(asked))

    def _gone(self, name: str) -> str:
        """Return why nothing can be changed any more; "" while it can."""
        order = self._snapshot.orders.get(name)
        reason = "This order has ended." if order is None else why_not(order)
        return f"{reason} Nothing was changed." if reason else ""

    def _words(self, order: Order, wanted: Terms) -> str:
        """Return what would change: "Stop price 5045.25 → 5040.00"."""
        instrument = self.instrument(order)
        column = "Qty" if wanted.quantity is not None else "Price" if wanted.price is not None else "Trigger"
        value = wanted.quantity or wanted.price or wanted.trigger_price
        after = f.quantity(value, instrument) if column == "Qty" else f.price(value, instrument)
        return f"{NAMES[column]} {written(order, column, instrument)} → {after}"

    def _emit(self, order: Order, wanted: Terms, confirmed: bool) -> None:
        press = self._ids.press(f"change {order.client_order_id} {wanted}")
        self.intent.emit(as_command(press, order, wanted, confirmed))
