"""The DOM: the ladder of the symbol on show, what a click would send, and the position under it.

It asks for the depth of the symbol while it is visible. What a click means passes the
same questions as the ticket and the orders list. What it draws is the only state of its own.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Protocol

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.commands import CancelOrder, ClosePosition
from core.depth_commands import FollowDepth
from core.model.fill import Side
from core.model.order import Order, OrderType
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.bracket_draft import Plan
from panels.change_asking import ChangeAsking
from panels.dom_figures import foot_of
from panels.dom_foot import DomFoot
from panels.dom_ladder import LadderBuilder
from panels.dom_menu import DomMenu
from panels.dom_model import DomModel
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
from panels.dom_rows import Marks, axis_around
from panels.dom_state import State, state_of
from panels.dom_view import DomView
from panels.feed_watch import FeedWatch
from panels.order_asking import OrderAsking
from panels.orders_panel import can_cancel
from panels.shown import Shown, shown_in
from panels.theme import Theme
from panels.widgets.wordings import Wordings

VIEWER = "dom"
SAID_S = 4.0
Place = tuple[str, str]


class Ticket(Protocol):
    """Where the size and the exits of an order come from."""

    def plan_at(self, side: Side, kind: OrderType, price: Decimal, with_exits: bool) -> Plan:
        """Return what an order at a price would be."""
        ...

    def step_quantity(self, step: int) -> None:
        """Make the quantity larger or smaller."""
        ...


class DomPanel(QFrame):
    """The ladder between a line that says how the book is and the position.

    Signals:
        intent: FollowDepth, SubmitOrder, OpenWithBracket, SetOneClick, ChangeOrder, CancelOrder, ClosePosition,
            AddAlert.
    """

    intent = Signal(object)

    def __init__(
        self,
        theme: Theme,
        ids: ActionIds,
        feed: FeedWatch,
        ticket: Ticket,
        monotonic: Callable[[], float],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("dom")
        self.setProperty("kind", "panel")
        self._ids, self._feed, self._ticket, self._zone = ids, feed, ticket, zone
        self._monotonic = monotonic
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._now: datetime | None = None
        self._followed: Place | None = None
        self._begun: tuple[Place, Decimal | None] | None = None
        self._builder = LadderBuilder()
        self._foot_of: tuple[object, ...] = ()
        self._foot = foot_of(self._snapshot, self._shown)
        self._is_stale = False
        self._said, self._said_until_s = "", 0.0
        self.model = DomModel()
        self.view = DomView(self.model, theme, monotonic)
        self.state = Wordings("domState", "Depth", number=False)
        self.hover = Wordings("domHover", "Order under the pointer", number=False)
        self.reason = Wordings("domReason", "What speaks against it", number=False)
        self.foot = DomFoot()
        self.menu = DomMenu(self.view, ids)
        self.entries = OrderAsking(theme, self)
        self.changes = ChangeAsking(theme, ids, self)
        self._connect()
        self._lay_out()
        self.setFocusProxy(self.view)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme; the ladder is told by itself."""
        self.entries.set_theme(theme)
        self.changes.set_theme(theme)

    def focus_first(self) -> None:
        """Put the keyboard on the ladder."""
        self.view.setFocus()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw the symbol on show; nothing, and no depth asked for, while nobody can see it."""
        self._snapshot, self._shown, self._now = snapshot, shown_in(snapshot), now_utc
        self.entries.refresh(snapshot, now_utc, monotonic_s)
        self.changes.refresh(snapshot, now_utc, monotonic_s)
        self._follow(self._shown if self.isVisible() else None)
        if not self.isVisible():
            return
        shown = self._shown
        state = state_of(snapshot, shown, self._feed.judge(shown, now_utc), self._zone)
        self._draw_foot(snapshot, shown, now_utc)
        self.view.keep_still()
        self._stand(shown)
        self._draw_rows(snapshot, shown)
        self._grey(state.is_stale)
        self._say_state(state)
        self._watch_drag()
        self.view.look_again()
        self._say_hover()

    def recentre(self) -> None:
        """Put the last price in the middle."""
        price = self._centre_price(self._shown)
        if price is None or self.model.axis is None:
            return
        if self.model.axis.is_near_an_end(price):
            self._begin(price)
        row = self.model.axis.row(price)
        assert row is not None
        self.view.centre(row)

    # -- rows -------------------------------------------------------------------------------------------------------

    def _follow(self, shown: Shown | None) -> None:
        key = None if shown is None else shown.key
        place = None if key is None else (key.connection, key.symbol)
        if place != self._followed:
            self._followed = place
            self.intent.emit(FollowDepth(VIEWER, *(place or ("", ""))))

    def _stand(self, shown: Shown) -> None:
        """Make the rows of another symbol, or of one whose price has become known; keep them otherwise."""
        price, key = self._centre_price(shown), shown.key
        tick = None if shown.instrument is None else shown.instrument.tick_size
        if key is None or tick is None or price is None:
            wanted = None
        else:
            wanted = ((key.connection, key.symbol), tick)
        axis = self.model.axis
        if wanted != self._begun:
            self._begun = wanted
            self._begin(price if wanted is not None else None)
        elif axis is not None and price is not None and axis.is_near_an_end(price) and not self.view.is_under_pointer:
            kept = axis.price(self.view.middle_row)
            self._begin(price)
            row = self.model.axis.row(kept) if self.model.axis is not None else None
            if row is not None:
                self.view.centre(row)

    def _begin(self, price: Decimal | None) -> None:
        self._builder.begin()
        instrument = self._shown.instrument
        if price is None or instrument is None or instrument.tick_size is None:
            self.model.begin(None, None)
            self.view.deafen()
            return
        axis = axis_around(price, instrument.tick_size)
        self.model.begin(axis, instrument)
        self.view.share_width()
        row = axis.row(price)
        assert row is not None
        self.view.centre(row)

    def _centre_price(self, shown: Shown) -> Decimal | None:
        """Return the price the ladder opens at: the last trade, or else the best there is; None unknown."""
        quote, position, key = shown.quote, shown.position, shown.key
        known = [] if quote is None else [quote.last, quote.bid, quote.ask]
        depth = None if key is None else self._snapshot.depths.get((key.connection, key.symbol))
        if depth is not None:
            known += [side[0][0] for side in (depth.bids, depth.asks) if side]
        if position is not None:
            known.append(position.entry_price)
        return next((one for one in known if one is not None), None)

    def _draw_rows(self, snapshot: Snapshot, shown: Shown) -> None:
        axis = self.model.axis
        if axis is None or shown.key is None:
            return
        last = None if shown.quote is None else shown.quote.last
        average = None if shown.position is None else shown.position.entry_price
        marks = Marks(axis.row(last), axis.row(average), axis.row(self._foot.even))
        self.model.take(self._builder.build(axis, snapshot, shown.key, marks, self.model.ladder))

    # -- words ------------------------------------------------------------------------------------------------------

    def _draw_foot(self, snapshot: Snapshot, shown: Shown, now: datetime) -> None:
        ledger = snapshot.ledger.get(shown.account_key) if shown.account_key is not None else None
        last = None if shown.quote is None else shown.quote.last
        seen = (shown.position, shown.status, shown.instrument, ledger, last, shown.link, shown.account)
        if len(seen) != len(self._foot_of) or any(a is not b for a, b in zip(seen, self._foot_of, strict=True)):
            self._foot_of, self._foot = seen, foot_of(snapshot, shown)
            self.foot.show_figures(self._foot, shown)
        self.foot.show_close(shown, now)

    def _grey(self, is_stale: bool) -> None:
        self._is_stale = is_stale
        if self.view.is_stale != is_stale:
            self.view.is_stale = is_stale
            self.view.viewport().update()

    def _say_state(self, state: State) -> None:
        wordings, tone = [state.text], state.tone
        last = self.model.ladder.marks.last
        if not state.text and last is not None and not self.view.is_in_view(last):
            way = "above" if last < self.view.middle_row else "below"
            wordings = [f"Last {self.model.price_text(last)} is {way}: Space centres.", f"Last is {way}."]
            tone = "ink2"
        self.state.show_wordings(wordings, tone)
        symbol = self._shown.key.symbol if self._shown.key is not None else "no symbol"
        name = f"DOM ladder, {symbol}"
        if self.view.accessibleName() != name:
            self.view.setAccessibleName(name)
        if self.view.accessibleDescription() != wordings[0]:
            self.view.setAccessibleDescription(wordings[0])

    def _say_hover(self) -> None:
        """Say what is under the pointer and what speaks against it, or for a moment why nothing was sent."""
        hover = self.view.hover
        self.hover.show_wordings(["" if hover is None else hover.words])
        reason = "" if hover is None else hover.refused or hover.note
        if self._monotonic() < self._said_until_s:
            reason = self._said
        refused = hover is not None and bool(hover.refused)
        self.reason.show_wordings([reason, _in_short(reason)], "caution" if refused or reason is self._said else "ink2")

    def _describe(self, row: int, side: Side, kind: OrderType, order: Order | None) -> tuple[str, str, str]:
        axis, shown = self.model.axis, self._shown
        if axis is None:
            return "", "", ""
        price = axis.price(row)
        if order is not None and self.view.dragged is not None:
            return drag_words(order, price, shown.instrument), "Release to move it, Esc to leave it.", ""
        if order is not None:
            return resting_words(order, shown.instrument), "Drag to move it, Delete cancels it.", ""
        plan = self._ticket.plan_at(side, kind, price, False)
        words = "" if plan.draft.quantity is None else order_words(plan, shown)
        return words, oddity(plan, shown), why_not_sent(plan, self._snapshot, shown, self._is_stale)

    def _refuse(self, text: str) -> None:
        """Say why nothing was sent; it stays for a moment."""
        self._said, self._said_until_s = text, self._monotonic() + SAID_S
        self._say_hover()

    # -- deeds ------------------------------------------------------------------------------------------------------

    def _send(self, row: int, side: Side, kind: OrderType) -> None:
        if self.model.axis is not None:
            self._send_plan(self._ticket.plan_at(side, kind, self.model.axis.price(row), False))

    def _send_plan(self, plan: Plan) -> None:
        shown = self._shown
        reason = why_not_sent(plan, self._snapshot, shown, self._is_stale)
        if reason:
            self._refuse(f"Not sent: {reason}")
            return
        press = f"dom {shown.key} {order_words(plan, shown)}"
        self.entries.send(command_of(plan, shown, self._ids.press(press)))

    def _move(self, order: Order, row: int) -> None:
        now = self._snapshot.orders.get(order.client_order_id)
        reason = "It has ended." if now is None else why_not_moved(now)
        if reason or now is None or self.model.axis is None:
            self._refuse(f"Not moved: {reason}")
            return
        self.changes.send(now, moved_to(now, self.model.axis.price(row)))

    def _cancel(self, row: int) -> None:
        own = [one for side in Side for one in self.model.ladder.own(row, side)]
        for order in own:
            if can_cancel(order):
                self.intent.emit(CancelOrder(order.client_order_id))
        if not any(can_cancel(one) for one in own):
            self._refuse(f"No order of ours to cancel at {self.model.price_text(row)}.")

    def _open_menu(self, row: int, side: Side, at: QPoint) -> None:
        axis = self.model.axis
        if axis is None or self._shown.key is None:
            return
        price = axis.price(row)
        plans = [self._ticket.plan_at(side, kind, price, True) for kind in (OrderType.LIMIT, OrderType.STOP)]
        offered = [(one, why_not_sent(one, self._snapshot, self._shown, self._is_stale)) for one in plans]
        own = [one for each in Side for one in self.model.ladder.own(row, each)]
        self.menu.put_up(at, price, offered, own, self._shown)

    def _watch_drag(self) -> None:
        """Leave an order where it is once it cannot be moved any more."""
        dragged = self.view.dragged
        if dragged is None:
            return
        now = self._snapshot.orders.get(dragged.client_order_id)
        reason = "It has ended." if now is None else why_not_moved(now)
        if reason:
            self.view.abort_drag()
            self._refuse(f"Not moved: {reason}")

    def _close(self) -> None:
        key = self._shown.key
        if key is not None:
            self.intent.emit(ClosePosition(self._ids.press(f"close {key}"), key))

    def _connect(self) -> None:
        self.view.describe = self._describe
        self.view.may_drag = why_not_moved
        self.view.wanted.connect(self._send)
        self.view.moved.connect(self._move)
        self.view.cancel_wanted.connect(self._cancel)
        self.view.menu_wanted.connect(self._open_menu)
        self.view.step_wanted.connect(self._ticket.step_quantity)
        self.view.recentre_wanted.connect(self.recentre)
        self.view.refused.connect(self._refuse)
        self.view.pointed.connect(self._say_hover)
        self.menu.chosen.connect(self._send_plan)
        self.menu.volume_wanted.connect(self.view.show_volume)
        self.menu.intent.connect(self.intent)
        self.entries.intent.connect(self.intent)
        self.changes.intent.connect(self.intent)
        self.foot.close_wanted.connect(self._close)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(_line(self.state))
        layout.addWidget(self.view, 1)
        layout.addLayout(_line(self.hover))
        layout.addLayout(_line(self.reason))
        layout.addWidget(self.foot)
        self.setMinimumWidth(220)


def _line(label: QWidget) -> QHBoxLayout:
    """Return a line that is there, and as high, whether or not it says something: no row may move for a word."""
    line = QHBoxLayout()
    line.setContentsMargins(8, 2, 8, 2)
    line.addWidget(label)
    return line


def _in_short(reason: str) -> str:
    """Return the beginning of a reason, where there is not the room for all of it."""
    verb, colon, rest = reason.partition(": ")
    if not colon:
        return reason
    begins = rest.partition(": ")[0] if verb.startswith("Not ") else ""
    return f"{verb}: {begins.rstrip('.')}." if begins else f"{verb}."
