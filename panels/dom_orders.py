"""What the ladder would send: the order under the pointer in words, why it cannot go, and what a drag does. Pure."""

from decimal import Decimal

from core.commands import OpenWithBracket, SubmitOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Held, Order, OrderState, OrderType
from core.model.order_change import Terms
from core.snapshot import Snapshot
from panels import formatting as f
from panels.bracket_draft import Plan, exit_words
from panels.change_draft import why_not
from panels.dom_rows import price_of
from panels.shown import Shown
from panels.ticket_draft import draft_preview, is_entry, refusal

STALE = "Data stale."
KINDS = {OrderType.LIMIT: "Limit", OrderType.STOP: "Stop", OrderType.STOP_LIMIT: "Stop limit"}
LETTERS = {OrderType.LIMIT: "L", OrderType.STOP: "S", OrderType.STOP_LIMIT: "SL"}
PENDING = frozenset({OrderState.CREATED, OrderState.SENT, OrderState.PENDING_CHANGE, OrderState.PENDING_CANCEL})


def order_words(plan: Plan, shown: Shown) -> str:
    """Return the exact order: "Limit BUY 2 @ 5049.50", and its exits where they go with it."""
    amount = f.quantity(plan.draft.quantity, shown.instrument)
    price = f.price(plan.draft.price, shown.instrument)
    words = f"{KINDS[plan.draft.type]} {plan.side.value} {amount} @ {price}"
    exits = exit_words(plan, shown.instrument)
    return f"{words}, {exits}" if exits else words


def oddity(plan: Plan, shown: Shown) -> str:
    """Return what is odd about its price: that it fills or triggers at once."""
    return draft_preview(plan.draft, shown, with_tick=False, side=plan.side)


def why_not_sent(plan: Plan, snapshot: Snapshot, shown: Shown, is_stale: bool) -> str:
    """Return why an order cannot be sent from here; "" when it can. What reduces is refused only for bad input."""
    if plan.draft.errors:
        return next(iter(plan.draft.errors.values()))
    if is_stale and is_entry(plan.draft, plan.side, shown):
        return STALE
    return refusal(plan.draft, plan.side, snapshot, shown) or plan.refused


def command_of(plan: Plan, shown: Shown, action_id: str) -> SubmitOrder | OpenWithBracket:
    """Return the command that asks for an order that can be sent."""
    assert shown.key is not None and plan.draft.quantity is not None
    order = SubmitOrder(
        action_id=action_id,
        key=shown.key,
        side=plan.side,
        type=plan.draft.type,
        quantity=plan.draft.quantity,
        price=plan.draft.limit,
        trigger_price=plan.draft.trigger,
        time_in_force=plan.draft.time_in_force,
    )
    return order if plan.bracket is None else OpenWithBracket(order, plan.bracket)


def why_not_moved(order: Order) -> str:
    """Return why an order cannot be moved now; "" when it can."""
    if order.state is OrderState.PENDING_CHANGE:
        return "A change of this order is under way; move it when the broker has answered."
    return why_not(order)


def moved_to(order: Order, price: Decimal) -> Terms:
    """Return what a drag to a price asks for; empty where it stands there already."""
    if price == price_of(order):
        return Terms()
    if order.type is OrderType.LIMIT:
        return Terms(price=price)
    if order.type is OrderType.STOP_LIMIT and order.price is not None and order.trigger_price is not None:
        # The limit keeps its distance: left behind, the order could no longer fill where it triggers.
        return Terms(price=order.price + price - order.trigger_price, trigger_price=price)
    return Terms(trigger_price=price)


def own_text(orders: tuple[Order, ...], instrument: Instrument | None) -> str:
    """Return our orders of a cell in short: "L 2", "S 1…" while pending, "? L 2" unknown, "2× 3" where several."""
    total = f.quantity(sum((one.remaining for one in orders), Decimal(0)), instrument)
    kinds = {one.type for one in orders}
    letter = LETTERS.get(orders[0].type, "") if len(kinds) == 1 else ""
    count = f"{len(orders)}×" if len(orders) > 1 else letter
    pending = "…" if any(one.state in PENDING for one in orders) else ""
    unknown = "? " if any(one.state is OrderState.UNKNOWN for one in orders) else ""
    return f"{unknown}{count} {total}{pending}"


def own_words(order: Order, instrument: Instrument | None) -> str:
    """Say one of our orders: "Limit buy 2 at 5049.50, working, held by the server"."""
    price = f.price(price_of(order), instrument)
    amount = f.quantity(order.remaining, instrument)
    held = "held by this program" if order.held is Held.LOCAL else "held by the server"
    state = "waits for its entry" if order.waits else order.state.value.replace("_", " ").lower()
    return f"{KINDS.get(order.type, 'Market')} {order.side.value.lower()} {amount} at {price}, {state}, {held}"


def resting_words(order: Order, instrument: Instrument | None) -> str:
    """Say one of our orders in short: "Limit BUY 2 @ 5049.50 · WORKING · SERVER"."""
    price, amount = f.price(price_of(order), instrument), f.quantity(order.remaining, instrument)
    state = "WAITS" if order.waits else order.state.value.replace("_", " ")
    kind = KINDS.get(order.type, "Market")
    return f"{kind} {order.side.value} {amount} @ {price} · {state} · {order.held.value}"


def drag_words(order: Order, price: Decimal, instrument: Instrument | None) -> str:
    """Say what a drag would do: "Move limit BUY 2 5049.50 → 5049.00"."""
    amount = f.quantity(order.remaining, instrument)
    kind = KINDS.get(order.type, "").lower()
    before, after = f.price(price_of(order), instrument), f.price(price, instrument)
    return f"Move {kind} {order.side.value} {amount} {before} → {after}"


def level_words(side: Side, size: Decimal | None, price: str, instrument: Instrument | None) -> str:
    """Say a level of the book: "12 bid at 5049.50"."""
    word = "bid" if side is Side.BUY else "asked"
    return f"{f.quantity(size, instrument) if size is not None else 'nothing'} {word} at {price}"
