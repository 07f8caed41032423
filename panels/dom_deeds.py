"""What the hand does in the ladder becomes a command here, or a sentence on why it does not."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QWidget

from core.commands import CancelOrder, ClosePosition
from core.model.fill import Side
from core.model.order import Order, OrderType
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.bracket_draft import Plan
from panels.change_asking import ChangeAsking
from panels.dom_menu import DomMenu
from panels.dom_orders import (
    command_of,
    drag_words,
    moved_to,
    oddity,
    order_words,
    resting_words,
    why_not_moved,
    why_not_sent,
)
from panels.dom_view import DomView
from panels.order_asking import OrderAsking
from panels.orders_panel import can_cancel
from panels.shown import Shown, shown_in
from panels.theme import Theme


class Ticket(Protocol):
    """Where the size and the exits of an order come from."""

    def plan_at(self, side: Side, kind: OrderType, price: Decimal, with_exits: bool) -> Plan:
        """Return what an order at a price would be."""
        ...

    def step_quantity(self, step: int) -> None:
        """Make the quantity larger or smaller."""
        ...


class DomDeeds(QObject):
    """Stands between the ladder and the engine; the questions of ticket and orders list are asked here too.

    Signals:
        intent: SubmitOrder, OpenWithBracket, SetOneClick, ChangeOrder, CancelOrder, ClosePosition, AddAlert.
        refused: why nothing was sent, in a sentence.
    """

    intent = Signal(object)
    refused = Signal(str)

    def __init__(self, theme: Theme, ids: ActionIds, ticket: Ticket, view: DomView, owner: QWidget) -> None:
        super().__init__(owner)
        self._ids, self._ticket, self._view, self._model = ids, ticket, view, view.ladder_model
        self._snapshot, self._shown, self._is_stale = Snapshot(), shown_in(Snapshot()), True
        self.menu = DomMenu(view, ids)
        self._entries = OrderAsking(theme, owner)
        self._changes = ChangeAsking(theme, ids, owner)
        for part in (self.menu, self._entries, self._changes):
            part.intent.connect(self.intent)
        self.menu.chosen.connect(self._send_offered)
        self.menu.volume_wanted.connect(view.show_volume)
        view.describe, view.may_drag = self._describe, why_not_moved
        view.wanted.connect(self._send)
        view.moved.connect(self._move)
        view.cancel_wanted.connect(self._cancel)
        view.menu_wanted.connect(self._offer)
        view.step_wanted.connect(ticket.step_quantity)
        view.refused.connect(self.refused)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._entries.set_theme(theme)
        self._changes.set_theme(theme)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Let open questions go on."""
        self._entries.refresh(snapshot, now_utc, monotonic_s)
        self._changes.refresh(snapshot, now_utc, monotonic_s)

    def know(self, snapshot: Snapshot, shown: Shown, is_stale: bool) -> None:
        """Act on what the ladder shows now."""
        self._snapshot, self._shown, self._is_stale = snapshot, shown, is_stale
        self._watch_drag()

    def close(self) -> None:
        """Ask for the scope on show to be closed."""
        key = self._shown.key
        if key is not None:
            self.intent.emit(ClosePosition(self._ids.press(f"close {key}"), key))

    def _describe(self, row: int, side: Side, kind: OrderType, order: Order | None) -> tuple[str, str, str]:
        axis, shown = self._model.axis, self._shown
        if axis is None:
            return "", "", ""
        price = axis.price(row)
        if order is not None and self._view.dragged is not None:
            return drag_words(order, price, shown.instrument), "Release to move it, Esc to leave it.", ""
        if order is not None:
            cursor = self._view.cursor_point
            keys = "Delete cancels it." if cursor is not None and cursor[0] == row else "a click and Delete cancel it."
            return resting_words(order, shown.instrument), f"Drag to move it, {keys}", ""
        plan = self._ticket.plan_at(side, kind, price, False)
        words = "" if plan.draft.quantity is None else order_words(plan, shown)
        return words, oddity(plan, shown), why_not_sent(plan, self._snapshot, shown, self._is_stale)

    def _send(self, row: int, side: Side, kind: OrderType) -> None:
        if self._model.axis is not None:
            self._send_plan(self._ticket.plan_at(side, kind, self._model.axis.price(row), False))

    def _send_plan(self, plan: Plan) -> None:
        shown = self._shown
        reason = why_not_sent(plan, self._snapshot, shown, self._is_stale)
        if reason:
            self.refused.emit(f"Not sent: {reason}")
            return
        press = f"dom {shown.key} {order_words(plan, shown)}"
        self._entries.send(command_of(plan, shown, self._ids.press(press)))

    def _send_offered(self, plan: Plan, key: PositionKey) -> None:
        """Send what the menu offered, in the scope it was offered for; not where it would be another order by now."""
        draft = plan.draft
        if key != self._shown.key:
            self.refused.emit("Not sent: another account or symbol is on show by now.")
            return
        assert draft.price is not None
        now = self._ticket.plan_at(plan.side, draft.type, draft.price, True)
        if (now.draft.quantity, now.bracket) == (draft.quantity, plan.bracket):
            self._send_plan(now)
        else:
            self.refused.emit(f"Not sent: {now.refused or 'its size or its exits are others by now.'}")

    def _move(self, order: Order, row: int) -> None:
        now = self._snapshot.orders.get(order.client_order_id)
        reason = _why_not(now)
        if reason or now is None or self._model.axis is None:
            self.refused.emit(f"Not moved: {reason}")
            return
        self._changes.send(now, moved_to(now, self._model.axis.price(row)))

    def _watch_drag(self) -> None:
        """Leave an order where it is once it cannot be moved any more."""
        dragged = self._view.dragged
        if dragged is not None and (reason := _why_not(self._snapshot.orders.get(dragged.client_order_id))):
            self._view.abort_drag()
            self.refused.emit(f"Not moved: {reason}")

    def _cancel(self, row: int) -> None:
        own = [one for side in Side for one in self._model.ladder.own(row, side) if can_cancel(one)]
        for order in own:
            self.intent.emit(CancelOrder(order.client_order_id))
        if not own:
            self.refused.emit(f"No order of ours to cancel at {self._model.price_text(row)}.")

    def _offer(self, row: int, side: Side, at: QPoint) -> None:
        axis = self._model.axis
        if axis is None or self._shown.key is None:
            return
        price = axis.price(row)
        plans = [self._ticket.plan_at(side, kind, price, True) for kind in (OrderType.LIMIT, OrderType.STOP)]
        offered = [(one, why_not_sent(one, self._snapshot, self._shown, self._is_stale)) for one in plans]
        own = [one for each in Side for one in self._model.ladder.own(row, each)]
        self.menu.put_up(at, price, offered, own, self._shown)


def _why_not(order: Order | None) -> str:
    """Return why an order cannot be moved now, also where it is gone."""
    return "It has ended." if order is None else why_not_moved(order)
