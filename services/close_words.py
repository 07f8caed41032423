"""What a close says to the trader, branch by branch."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from core.model.contract import product_of
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseOperation
from core.model.order import Intent, Order, OrderType
from core.model.position import Position
from core.model.price_format import write_average
from core.model.session import next_open
from core.model.trade import Trade
from core.snapshot import Snapshot
from services.close_causes import cause_of
from services.close_exits import PutBack

LINK_DOWN = "The line is down. Nothing was sent and nothing is queued; exits held by the broker keep working."
ORDERS_GONE = "Flat; the working orders of the scope are being cancelled."
ENTRIES_GONE = "Nothing was open here; the working orders are cancelled."
FILL_ON_ITS_WAY = "Filled; waiting for the fill itself…"
FILL_MISSING = "An exit is reported filled, but its fill has not arrived. Nothing was sent; the broker is being asked."
CLOSING = "Closing…"
ASKING = "Asking the broker; press Close again when it agrees."
FLAT_NOW = "Flat now."
WILL_REMIND = "Nothing was sent. You are reminded when the market opens."
NOT_REVERSED = "Flat, but not as the reversal meant it: the other side was not opened."
CALLED_OFF = "This only closes now; the other side is not opened."
FLAT_AND_DOWN = "Flat here; the line is down."
FILLED = "Filled. Waiting for the broker to confirm flat."
VERIFYING = "Waiting for the broker to confirm flat."
UNVERIFIED = "Unverified: broker has not confirmed flat."
NOTHING_SENT = "Interrupted before the close was sent; nothing was sent."
CANCELS_SENT = "Interrupted before the close was sent. Its cancels may have been: look at what still protects you."
STILL_UNKNOWN = " What became of the closing order is not known; look at the broker's own screen."
NOT_PUT_BACK_YET = " Nothing is put back while the broker has not confirmed the position: it may be bare."
NO_PRICE = "No price is known to set a limit at; nothing was sent."
ONCE_MORE = " The broker refused a stop that was put back; it is placed once more."
INTERRUPTED = "Interrupted after the close was sent; asking the broker."


def holding(position: Position) -> str:
    """Return "LONG 2"."""
    return f"{position.side_word} {abs(position.quantity):f}"


def held(quantity: Decimal | None) -> str:
    """Return "LONG 2", "flat" or "no answer"."""
    if quantity is None:
        return "no answer"
    return "flat" if quantity == 0 else f"{'LONG' if quantity > 0 else 'SHORT'} {abs(quantity):f}"


def mismatch(position: Position | None, broker: Decimal | None) -> str:
    """Return the question of the verify box."""
    ours = Decimal(0) if position is None else position.quantity
    here = held(ours)
    if ours == broker:
        return f"Confirmed again: {here} here and at the broker."
    return f"Position is not confirmed (MISMATCH: here {here}, broker {held(broker)})."


def resting(position: Position, status: TradingStatus, now: datetime) -> str:
    """Return what is said of a close in a market that does not trade, with when it opens where that is known.

    Args:
        now: wall time, aware UTC.
    """
    why = {TradingStatus.HALTED: "Trading is halted", TradingStatus.PRE_OPEN: "The market is not open yet"}
    held = f"{why.get(status, 'The market is closed')}; {holding(position)} stays as it is and nothing was sent."
    product = product_of(position.key.symbol)
    if status is TradingStatus.HALTED or product is None:
        return f"{held} When it opens is not known."
    opens = next_open(now, product.hours)
    left = int((opens - now).total_seconds())
    zone = product.hours.zone
    return (
        f"{held} Opens {opens.astimezone(zone):%a %H:%M} {zone.key}, in {left // 3600}:{left % 3600 // 60:02d} hours."
    )


def trades_again(position: Position) -> str:
    """Return the reminder a trader asked for."""
    return (
        f"{position.key.symbol} {position.key.account} trades again: {holding(position)} is still open. Close it now?"
    )


def unread(position: Position | None) -> str:
    """Return the question of a close whose position the broker has not spoken of yet."""
    size = "It" if position is None else holding(position)
    return f"{size} is what we remember; the broker has not confirmed it yet. A close of what is gone would reverse it."


def flat_at_broker(position: Position) -> str:
    """Return what is said when the broker's quantity was closed and our books still hold something."""
    return f"Flat at the broker. Here {holding(position)} is left on the books: reconcile it; nothing more was sent."


def cancelling(count: int) -> str:
    """Return what is being waited for."""
    return f"Cancelling {count} working {'order' if count == 1 else 'orders'}…"


def cancel_missing(position: Position | None, alive: Sequence[Order]) -> str:
    """Return B2."""
    stop = any(one.type in (OrderType.STOP, OrderType.STOP_LIMIT) for one in alive)
    rest = all(one.intent is Intent.CLOSE for one in alive)
    what = "Stop" if stop else "The rest of the close" if rest else "An order"
    size = "" if position is None else f" Sending the close for {abs(position.quantity):f} anyway could overshoot."
    return f"{what} may still be working.{size}"


def flat_already(snapshot: Snapshot, operation: CloseOperation) -> str:
    """Return B1, naming the exit that filled."""
    fills = [one for one in snapshot.fills if one.key == operation.key]
    order = snapshot.orders.get(fills[-1].client_order_id) if fills else None
    names = {OrderType.LIMIT: "target", OrderType.STOP: "stop", OrderType.STOP_LIMIT: "stop"}
    return f"Flat: {'an exit' if order is None else names.get(order.type, 'an exit')} filled first. Nothing was sent."


def waiting(waited_s: float) -> str:
    """Return B7 before it is UNKNOWN."""
    return f"Waiting for broker {int(waited_s)} s"


def not_filled(waited_s: float) -> str:
    """Return what is said of a closing order that works and trades nothing."""
    return f"The broker works the close for {int(waited_s)} s and nothing is filled. Cancelling it ends the close."


def unknown(order: Order) -> str:
    """Return B7."""
    return f"UNKNOWN: no answer for the close of {order.quantity:f}. The broker is being asked; it is not sent again."


def partly(order: Order) -> str:
    """Return B4 while the order still works."""
    return f"{order.filled_quantity:f} of {order.quantity:f} closed, {order.remaining:f} left"


def rest_left(order: Order, position: Position) -> str:
    """Return B4 when the order is gone."""
    closed = f"{order.filled_quantity:f} of {order.quantity:f} closed, {abs(position.quantity):f} left."
    return f"{closed} The order is gone."


def overshoot(position: Position) -> str:
    """Return B5."""
    return f"Now {holding(position)}, expected flat."


def rejected(order: Order, position: Position) -> str:
    """Return B3: the broker's text verbatim, and what it means where that is plain."""
    text = order.reason or "no reason given"
    said = text if text.endswith((".", "!", "?")) else f"{text}."
    cause = cause_of(order.reason)
    why = "" if cause is None else f" {cause.value}"
    return f"Close rejected: {said}{why} Still {holding(position)}."


def not_placed(order: Order, position: Position) -> str:
    """Return what is said of a close that provably never reached the broker."""
    return f"The close was not placed. {order.reason} Still {holding(position)}."


def protection(plan: PutBack) -> str:
    """Return what becomes of the exits the close had cancelled, with a space before it; empty where there is none."""
    stop, target = any(one.stop for one in plan.exits), any(one.target for one in plan.exits)
    again = ""
    if stop and target:
        again = " Stop and target are being placed again at their old prices."
    elif stop or target:
        again = f" The {'stop' if stop else 'target'} is being placed again at its old price."
    return f"{again} Price is beyond old stop – UNPROTECTED {plan.bare:f}." if plan.bare else again


def link_back(position: Position) -> str:
    """Return the question after a line came back that a close was refused for."""
    return f"The line is back and reconciled. Nothing was sent; {holding(position)} is still open. Close now?"


def dust(position: Position, instrument: Instrument | None, quote: Quote | None) -> str:
    """Return B10: what is left, what it is worth at the last price, and the venue's rule."""
    last = None if quote is None else quote.last
    worth = None if instrument is None or last is None else instrument.money(last, abs(position.quantity))
    money = "" if worth is None else f" ({worth:.2f})"
    step = Decimal(1) if instrument is None else instrument.quantity_step
    rule = f"{position.key.symbol} trades in steps of {step:f}"
    return f"{abs(position.quantity):f} {position.key.symbol}{money} cannot be closed: {rule}."


def hedged(position: Position | None) -> str:
    """Return B11, as far as this program goes: it closes nets, and says so."""
    size = "It" if position is None else holding(position)
    return (
        f"This broker keeps long and short positions of one symbol beside each other. {size} is the net of them: an "
        "order against it may open another leg instead of closing one. Close the legs on the broker's own screen."
    )


def not_put_back(quantity: Decimal) -> str:
    """Return what is said of stops not placed again because what they protected may be gone; a space before it."""
    return f" No stop is put back for {quantity:f}: by the broker it may be gone already." if quantity else ""


def cannot_protect(position: Position, cancelled: int) -> str:
    """Return what is said when the line fell after exits were cancelled."""
    if not cancelled:
        return LINK_DOWN
    return f"The line is down. The close was not sent, but exits were being cancelled: {holding(position)} may be bare."


def done(symbol: str, trade: Trade | None, instrument: Instrument | None) -> str:
    """Return "Closed MESZ5 2 @ 5052.75, +25.00, +0.5R", the price in the form of its contract."""
    if trade is None:
        return f"{symbol} is flat, confirmed by broker."
    known = instrument or Instrument(symbol)
    leave = trade.exit_price
    price = "—" if leave is None else write_average(leave, known.tick_size, known.price_format)
    money = "" if trade.net is None else f", {trade.net:+.2f}".replace("-", "−")
    multiple = "" if trade.r_multiple is None else f", {trade.r_multiple:+.2f}R".replace("-", "−")
    return f"Closed {symbol} {trade.quantity:f} @ {price}{money}{multiple}"
