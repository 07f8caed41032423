"""Sending a change of a working order, after a question where it needs one; the same wherever it is asked for."""

from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.order_change import Terms
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.change_draft import as_command, questions, written
from panels.confirm_dialog import ConfirmDialog
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
        self._theme, self._ids, self._owner = theme, ids, owner
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)
        self._confirm: ConfirmDialog | None = None

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Judge by this snapshot from now on."""
        self._snapshot, self._now = snapshot, now_utc
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def send(self, order: Order, wanted: Terms) -> None:
        """Have an order changed, or ask first; what asks for nothing is not sent."""
        if wanted.is_empty:
            return
        asked = questions(order, wanted, self._snapshot, self._now)
        if asked:
            self._ask(order, wanted, asked)
        else:
            self._emit(order, wanted, confirmed=False)

    def instrument(self, order: Order) -> Instrument:
        """Return the instrument of an order; a bare one where the venue has not defined it."""
        place = (order.key.connection, order.key.symbol)
        return self._snapshot.instruments.get(place) or Instrument(order.key.symbol)

    def _ask(self, order: Order, wanted: Terms, facts: tuple[str, ...]) -> None:
        """Ask first; Enter does not answer it."""
        if self._confirm is not None:
            return
        account = self._snapshot.accounts.get(order.key.account_key)
        mode = "LIVE" if account is None else account.acting_mode.value
        title = f"Change {order.side.value} {order.key.symbol} · {order.key.account} · {mode}"
        body = " ".join([f"{self._words(order, wanted)}.", *facts])
        window = self._owner.window()
        self._confirm = ConfirmDialog(self._theme, window, title, body, "Change", "Cancel", yes_default=False)
        self._confirm.agreed.connect(lambda: self._emit(order, wanted, confirmed=True))
        self._confirm.finished.connect(self._forget)
        self._confirm.open()

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

    def _forget(self) -> None:
        self._confirm = None
