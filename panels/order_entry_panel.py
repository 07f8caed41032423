"""The order ticket in the toolbar: symbol, type, quantity, price, exits, and the buttons that send.

Entries are refused here with the engine's reason in view; an order that reduces the open position never is. What is
typed is the only state of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.commands import FlattenAccount, OpenWithBracket, SelectSymbol, SubmitOrder
from core.model.bracket_template import BracketBook
from core.model.fill import Side
from core.model.order import OrderType
from core.model.position import Position
from core.model.scope import AccountKey, Mode
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.bracket_draft import (
    Exits,
    Plan,
    exit_words,
    floor_distance,
    holding_words,
    plan_of,
    plan_of_order,
    risk_words,
    stop_words,
)
from panels.confirm_dialog import ConfirmDialog
from panels.order_asking import OrderAsking
from panels.shown import ARM_FIRST, shown_in
from panels.theme import Theme
from panels.ticket_draft import (
    TYPES,
    Draft,
    draft_preview,
    intent_word,
    is_entry,
    read_draft,
    refusal,
    side_preview,
)
from panels.ticket_exits import TYPED_HINT
from panels.ticket_fields import DEFAULT_QUANTITY, TicketFields
from panels.widgets.controls import explain, on_press
from panels.widgets.labels import name_value, set_property
from panels.widgets.scroller import Strip

AT_MARKET = next(words for words, kind in TYPES.items() if kind is OrderType.MARKET)
# A symbol that was asked for and has not come on show by then is not waited for: the one on show is the ticket's.
LOADS_S = 2.0
RISK_NEEDS_EXITS = "A size from risk needs its stop: send it with the ticket's exits, or type a quantity."


class OrderEntryPanel(QWidget):
    """The ticket.

    Signals:
        intent: SelectSymbol, SubmitOrder, OpenWithBracket, SetOneClick, FlattenAccount.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds):
        super().__init__()
        self.setObjectName("ticket")
        self.setAccessibleName("Order ticket")
        self._theme, self._ids = theme, ids
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._now = datetime.now(UTC)
        self._symbols: tuple[str, ...] = ()
        self._typing = False
        self._loading: tuple[str, float | None] | None = None  # a symbol asked for, and since when it has been seen so
        self._confirm: ConfirmDialog | None = None
        self.asking = OrderAsking(theme, self)
        self.asking.intent.connect(self._went)
        self.fields = TicketFields()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Strip(self.fields))
        self._connect()

    def set_theme(self, theme: Theme) -> None:
        """Ask questions in another theme."""
        self._theme = theme
        self.asking.set_theme(theme)

    @property
    def book(self) -> BracketBook:
        """The brackets, with what was used last."""
        return self.fields.exits.book

    def offer(self, book: BracketBook) -> None:
        """Offer these brackets."""
        self.fields.exits.offer(book)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show what the fields would do in the scope on show."""
        before = self._shown.key
        self._snapshot, self._shown, self._now = snapshot, shown_in(snapshot), now_utc
        if self._shown.key != before:
            # A price belongs to the symbol it was typed for.
            self.fields.price.clear()
            self.fields.trigger.clear()
            self.fields.exits.load(self._shown.key.symbol if self._shown.key is not None else "")
        if self.fields.exits.settle(monotonic_s) and self._shown.mode in (Mode.LIVE, Mode.EVAL):
            self.fields.quantity.setText(DEFAULT_QUANTITY)
        self._wait_for_symbol(monotonic_s)
        self._list_symbols()
        self._redraw()
        self.fields.session.refresh(snapshot, self._shown)
        self.asking.refresh(snapshot, now_utc, monotonic_s)
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def focus_first(self) -> None:
        """Put the keyboard on the quantity."""
        self.fields.quantity.setFocus()
        self.fields.quantity.selectAll()

    def plan_at(self, side: Side, kind: OrderType, price: Decimal, with_exits: bool) -> Plan:
        """Return what an order at a price would be, in the size typed here and, where wanted, with the exits.

        For whoever sends orders by pointing at a price. A size from risk rests on the stop, so it needs the exits.
        """
        exits = self.fields.exits.read(self._shown)
        draft = replace(self._draft(at_market=True), type=kind, price=price)
        if draft.risk is not None and not with_exits:
            return Plan(side, replace(draft, errors={"qtyBox": RISK_NEEDS_EXITS}))
        if with_exits and exits.is_empty:
            return Plan(side, draft, refused="Choose a bracket in the ticket, or type a stop there.")
        return plan_of(draft, exits if with_exits else Exits(), side, self._shown)

    def step_quantity(self, step: int) -> None:
        """Make the quantity larger or smaller by so many."""
        self.fields.quantity.step(step)

    def press_flatten(self) -> None:
        """Close everything in the account on show: at once in SIM, after a question elsewhere."""
        key = self._shown.account_key
        if key is None:
            return
        if self._shown.mode in (Mode.SIM, Mode.REPLAY):
            self._flatten(key)
        elif self._confirm is None:
            self._ask_flatten(key)

    def _send(self, side: Side) -> None:
        plan, shown = self._plan(side), self._shown
        draft = plan.draft
        if self._unread_symbol() or shown.key is None or draft.quantity is None or self._refusal(plan):
            return
        order = SubmitOrder(
            action_id=self._ids.press(self._facts(plan)),
            key=shown.key,
            side=side,
            type=draft.type,
            quantity=draft.quantity,
            price=draft.limit,
            trigger_price=draft.trigger,
            time_in_force=draft.time_in_force,
        )
        self.asking.send(order if plan.bracket is None else OpenWithBracket(order, plan.bracket))

    def _facts(self, plan: Plan) -> str:
        """Name a press by what was typed: a market that moves between two presses makes them no two orders."""
        typed = (self.fields.quantity.text(), str(plan.draft.price), str(self.fields.exits.read(self._shown).wish))
        return " ".join((plan.side.value, str(self._shown.key), plan.draft.type.value, *typed))

    def went(self, wish: object, is_own: bool = False) -> None:
        """Leave the fields to the next order: an entry in their size went, from here or from ladder or chart."""
        if isinstance(wish, SubmitOrder | OpenWithBracket):
            order, shown = wish.entry if isinstance(wish, OpenWithBracket) else wish, self._shown
            if order.key == shown.key and is_entry(plan_of_order(wish, shown).draft, order.side, shown):
                self.fields.exits.sent(is_without=not is_own and isinstance(wish, SubmitOrder))

    def _went(self, wish: object) -> None:
        """Pass on what was asked about, where it had to be; an entry that went leaves the fields to the next one."""
        self.intent.emit(wish)
        self.went(wish, is_own=True)

    def _flatten(self, key: AccountKey) -> None:
        self.intent.emit(FlattenAccount(self._ids.press(f"flatten {key}"), key))

    def _ask_flatten(self, key: AccountKey) -> None:
        positions = [one for one in self._snapshot.positions.values() if one.key.account_key == key]
        facts = ", ".join(self._held(one) for one in positions) or "no known position"
        noun = "position" if len(positions) == 1 else "positions"
        self._confirm = ConfirmDialog(
            self._theme,
            self.window(),
            f"Flatten {key.account} · {self._shown.mode_word}",
            f"Cancels every working order of {key.account} and closes at the market: {facts}.",
            f"Flatten {len(positions)} {noun}",
            "Cancel",
            yes_default=True,
        )
        self._confirm.agreed.connect(lambda: self._flatten(key))
        self._confirm.finished.connect(self._forget_confirm)
        self._confirm.open()

    def _held(self, position: Position) -> str:
        instrument = self._snapshot.instruments.get((position.key.connection, position.key.symbol))
        return f"{position.key.symbol} {f.held(position.quantity, instrument)}"

    def _forget_confirm(self) -> None:
        self._confirm = None

    def _draft(self, at_market: bool = False) -> Draft:
        return read_draft(
            AT_MARKET if at_market else self.fields.type.currentText(),
            self.fields.quantity.text(),
            self.fields.price.text(),
            self.fields.trigger.text(),
            self.fields.tif.currentText(),
            self._shown,
        )

    def _plan(self, side: Side) -> Plan:
        """Return what a side would send."""
        return plan_of(self._draft(), self.fields.exits.read(self._shown), side, self._shown)

    def _refusal(self, plan: Plan) -> str:
        """Return why a side cannot be sent; what reduces the position only for bad input."""
        return refusal(plan.draft, plan.side, self._snapshot, self._shown) or plan.refused

    def _redraw(self) -> None:
        shown, exits = self._shown, self.fields.exits.read(self._shown)
        plans = [plan_of(self._draft(), exits, side, shown) for side in Side]
        both_wrong = {name for name in plans[0].draft.errors if name in plans[1].draft.errors}
        for box in self.fields.boxes:
            name = box.objectName()
            error = exits.errors.get(name, "") or (plans[0].draft.errors[name] if name in both_wrong else "")
            # An empty price is not yet wrong: the reason line asks for it.
            set_property(box, "tone", "danger" if error and box.text() else "")
            explain(box, error or (TYPED_HINT if box in self.fields.exits.boxes else ""))
        unread = self._unread_symbol()
        refusals = {plan.side: unread or self._refusal(plan) for plan in plans}
        for plan, pressed in zip(plans, (self.fields.buy, self.fields.sell), strict=True):
            self._order_button(pressed, plan, refusals[plan.side])
        self._say_ready([plan for plan in plans if not refusals[plan.side]])
        self._say_reason(plans, refusals)
        name = shown.account_key.account if shown.account_key is not None else ""
        self.fields.flatten.setVisible(bool(name))
        if self.fields.flatten.text() != f"FLATTEN {name}":
            self.fields.flatten.setText(f"FLATTEN {name}")
        name_value(self.fields.flatten, f"Flatten account {name}, {shown.mode_word}")
        explain(self.fields.flatten, "Cancels all orders and closes every position of this account. Ctrl+Shift+F")

    def _order_button(self, pressed: QPushButton, plan: Plan, reason: str) -> None:
        draft, side = plan.draft, plan.side
        amount = f" {f.quantity(draft.quantity, self._shown.instrument)}" if draft.quantity is not None else ""
        known = self._shown.account_key is not None
        text = f"{side.value}{amount} · {self._shown.mode.value}" if known else f"{side.value}{amount}"
        if reason == ARM_FIRST:
            text = "Arm to trade"
        if pressed.text() != text:
            pressed.setText(text)
        symbol = self._shown.key.symbol if self._shown.key is not None else "no symbol"
        account = self._shown.account_key.account if self._shown.account_key is not None else "no account"
        name_value(pressed, f"{side.value.title()}{amount} {symbol}, account {account}, {self._shown.mode_word}")
        if reason and pressed.hasFocus():
            self.fields.quantity.setFocus()  # or the keyboard would go on to the button of the other side
        pressed.setEnabled(not reason)
        would = (side_preview(draft, side, self._shown), exit_words(plan, self._shown.instrument))
        does = (intent_word(draft, side, self._shown), ", ".join(part for part in would if part))
        explain(pressed, reason or ": ".join(part for part in does if part))

    def _say_ready(self, ready: Sequence[Plan]) -> None:
        """Say what the sides that can be sent would do."""
        shown = self._shown
        previews = [
            " · ".join(
                part for part in (side_preview(one.draft, one.side, shown), stop_words(one, shown.instrument)) if part
            )
            for one in ready
        ]
        worth = draft_preview(ready[0].draft, shown, ready[0].bracket is None) if ready else ""
        symbol = shown.key.symbol if shown.key is not None else ""
        short = [side_preview(one.draft, one.side, shown) for one in ready]
        wordings = ("   ".join(filter(None, parts)) for parts in ((symbol, *previews, worth), previews, short))
        self.fields.preview.setVisible(bool(ready))
        self.fields.preview.show_wordings(list(wordings) if ready else [""], "ink2")
        # Where rounding makes the sides differ, the one that risks more is said.
        worst = max((one for one in ready if one.bracket is not None), key=lambda one: one.risk or 0, default=None)
        left = None if worst is None else floor_distance(worst, self._snapshot, shown)
        said = "" if worst is None else risk_words(worst, self._snapshot, shown)
        shorter = said.replace("after fill distance to floor", "then to floor")
        self.fields.exits.risk.setVisible(bool(said))
        self.fields.exits.risk.show_wordings([said, shorter], "danger" if left is not None and left < 0 else "ink2")
        self.fields.exits.risk.explain_more("" if worst is None else holding_words(worst, shown))

    def _say_reason(self, plans: Sequence[Plan], refusals: dict[Side, str]) -> None:
        """Say why a side cannot be sent; where only its exits are in the way of one, without raising the voice."""
        refused = next((one for one in plans if refusals[one.side]), plans[0])
        reason = refusals[refused.side]
        by_exits = reason in (refused.refused, refused.draft.errors.get("qtyBox"))
        self.fields.reason.setVisible(bool(reason))
        if reason and by_exits and not all(refusals.values()):
            self.fields.reason.show_wordings([f"{refused.side.value}: {reason}"], "ink2")
        else:
            self.fields.reason.show_wordings([reason], "caution")

    def _list_symbols(self) -> None:
        shown = self._shown
        connection = shown.account_key.connection if shown.account_key is not None else ""
        listed = {symbol for place, symbol in self._snapshot.instruments if place == connection}
        if shown.key is not None:
            listed.add(shown.key.symbol)
        symbols = tuple(sorted(listed))
        if symbols != self._symbols:
            self._symbols = symbols
            typed = self.fields.symbol.currentText()
            self.fields.symbol.clear()
            self.fields.symbol.addItems(list(symbols))
            self.fields.symbol.setCurrentText(typed)
        is_ours = self._typing or self._loading is not None
        if shown.key is not None and not is_ours and self.fields.symbol.currentText() != shown.key.symbol:
            self.fields.symbol.setCurrentText(shown.key.symbol)

    def _unread_symbol(self) -> str:
        """Return why nothing is sent while the field names another symbol than the one on show."""
        if self._loading is not None:
            return f"Waiting for {self._loading[0]} to be on show."
        if not self._typing:
            return ""
        loaded = self._shown.key.symbol if self._shown.key is not None else "nothing"
        typed = self.fields.symbol.currentText().strip() or "a symbol"
        return f"Press Enter to load {typed}, Esc to stay with {loaded}."

    def _edit_symbol(self, text: str) -> None:
        loaded = self._shown.key.symbol if self._shown.key is not None else ""
        self._typing, self._loading = text.strip() != loaded, None
        self._redraw()

    def _enter_symbol(self) -> None:
        """Take a typed symbol; an editable drop-down tells of one Return twice."""
        if self._typing:
            self._choose_symbol()

    def _leave_symbol(self) -> None:
        """Put the symbol on show back into its field."""
        self._typing, self._loading = False, None
        self.fields.symbol.setCurrentText(self._shown.key.symbol if self._shown.key is not None else "")
        self._redraw()

    def _choose_symbol(self) -> None:
        symbol = self.fields.symbol.currentText().strip()
        self._typing = False
        key = self._shown.account_key
        if self._loading is not None and self._loading[0] == symbol:
            return
        if symbol and key is not None and (self._shown.key is None or self._shown.key.symbol != symbol):
            self._loading = (symbol, None)
            self._redraw()
            self.intent.emit(SelectSymbol(key.connection, symbol))

    def _wait_for_symbol(self, monotonic_s: float) -> None:
        """Go on once the symbol that was asked for is on show, or does not come: until then nothing is sent."""
        if self._loading is None:
            return
        symbol, since_s = self._loading
        is_here = self._shown.key is not None and self._shown.key.symbol == symbol
        if is_here or (since_s is not None and monotonic_s - since_s > LOADS_S):
            self._loading = None
        elif since_s is None:
            self._loading = (symbol, monotonic_s)

    def _type_changed(self) -> None:
        self.fields.show_price_box()
        box = self.fields.price_box
        quote, instrument = self._shown.quote, self._shown.instrument
        if box is not None and not box.text() and quote is not None and quote.last is not None and instrument:
            box.setText(f.price(instrument.snap(quote.last)[0], instrument))
        self._redraw()

    def _connect(self) -> None:
        self.fields.type.currentIndexChanged.connect(self._type_changed)
        self.fields.symbol.activated.connect(self._choose_symbol)
        edit = self.fields.symbol.lineEdit()
        assert edit is not None
        edit.returnPressed.connect(self._enter_symbol)
        edit.textEdited.connect(self._edit_symbol)
        self.fields.symbol.left.connect(self._leave_symbol)
        for box in (self.fields.quantity, self.fields.price, self.fields.trigger):
            box.textChanged.connect(self._redraw)
        self.fields.quantity.textChanged.connect(self.fields.exits.keep)
        self.fields.exits.changed.connect(self._redraw)
        self.fields.tif.currentIndexChanged.connect(self._redraw)
        on_press(self.fields.buy, lambda: self._shown.key, lambda: self._send(Side.BUY))
        on_press(self.fields.sell, lambda: self._shown.key, lambda: self._send(Side.SELL))
        on_press(self.fields.flatten, lambda: self._shown.account_key, self.press_flatten)
