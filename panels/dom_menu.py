"""The menu of a price in the ladder: an entry with its exits, the orders there, and an alert."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from core.alert_commands import AddAlert
from core.commands import CancelOrder
from core.model.alert import AlertKind, Way
from core.model.order import Order
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.bracket_draft import Plan
from panels.dom_orders import KINDS, order_words
from panels.dom_rows import price_of
from panels.orders_panel import can_cancel
from panels.shown import Shown


class DomMenu(QObject):
    """What a right click offers. Nothing is chosen beforehand, and a price is one that was pointed at.

    Signals:
        chosen: a Plan that can be sent, and the scope it was offered for. volume_wanted: the volume column is to be
            shown. intent: CancelOrder, AddAlert.
    """

    chosen = Signal(object, object)
    volume_wanted = Signal(bool)
    intent = Signal(object)

    def __init__(self, owner: QWidget, ids: ActionIds) -> None:
        super().__init__(owner)
        self._ids = ids
        self.menu = QMenu(owner)
        self.menu.setObjectName("domMenu")
        self.menu.setToolTipsVisible(True)
        self._volume = QAction("Show what traded at each price", self)
        self._volume.setObjectName("domVolume")
        self._volume.setCheckable(True)
        self._volume.setChecked(True)
        self._volume.toggled.connect(self.volume_wanted)

    def put_up(
        self, at: QPoint, price: Decimal, plans: Sequence[tuple[Plan, str]], own: Sequence[Order], shown: Shown
    ) -> None:
        """Offer what can be done at a price.

        Args:
            plans: entries with their exits, each with why it cannot go ("" when it can).
        """
        written = f.price(price, shown.instrument)
        self.menu.clear()
        self.menu.setAccessibleName(f"At {written}")
        for plan, refused in plans:
            self._offer_plan(plan, refused, shown)
        self.menu.addSeparator()
        for order in own:
            self._offer_cancel(order, shown)
        alert = self.menu.addAction(f"Alert at {written}")
        alert.setObjectName("domAlert")
        alert.setEnabled(shown.key is not None and shown.quote is not None and shown.quote.last is not None)
        alert.triggered.connect(lambda: self._alert(price, shown))
        self.menu.addSeparator()
        self.menu.addAction(self._volume)
        self.menu.popup(at)

    def _offer_plan(self, plan: Plan, refused: str, shown: Shown) -> None:
        kind = KINDS[plan.draft.type]
        words = order_words(plan, shown) if plan.bracket is not None else f"{kind} {plan.side.value} with exits"
        action = self.menu.addAction(words if not refused else f"{words}: {refused}")
        action.setObjectName(f"dom{kind}WithExits")
        action.setEnabled(not refused)
        action.triggered.connect(lambda: self.chosen.emit(plan, shown.key))

    def _offer_cancel(self, order: Order, shown: Shown) -> None:
        amount, price = f.quantity(order.remaining, shown.instrument), f.price(price_of(order), shown.instrument)
        kind = KINDS.get(order.type, "order").lower()
        action = self.menu.addAction(f"Cancel {kind} {order.side.value} {amount} @ {price}")
        action.setObjectName(f"domCancel_{order.client_order_id}")
        action.setEnabled(can_cancel(order))
        action.triggered.connect(lambda: self.intent.emit(CancelOrder(order.client_order_id)))

    def _alert(self, price: Decimal, shown: Shown) -> None:
        last = None if shown.quote is None else shown.quote.last
        if shown.key is None or last is None:
            return
        way = Way.ABOVE if price > last else Way.BELOW
        press = self._ids.press(f"alert {shown.key} {price}")
        self.intent.emit(AddAlert(press, AlertKind.PRICE, shown.key, way, price))
