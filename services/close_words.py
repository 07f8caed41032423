"""What a close says to the trader, branch by branch."""

from datetime import timedelta
from decimal import Decimal

from core.model.fill import Side
from core.model.market import Quote
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import Position
from core.snapshot import Snapshot

LINK_DOWN = "The line is down. Nothing was sent and nothing is queued; exits held by the broker keep working."
FLAT_ALREADY = "Flat: an exit filled first. Nothing was sent."
UNVERIFIED = "Unverified: broker has not confirmed flat."


def holding(position: Position) -> str:
    """Return "LONG 2"."""
    return f"{position.side_word} {abs(position.quantity):f}"


def mismatch(position: Position | None, broker: Decimal | None) -> str:
    """Return the question of the verify box."""
    here = "flat" if position is None else holding(position)
    there = (
        "no answer"
        if broker is None
        else "flat"
        if broker == 0
        else f"{'LONG' if broker > 0 else 'SHORT'} {abs(broker):f}"
    )
    return f"Position is not confirmed (MISMATCH: here {here}, broker {there})."


def cancelling(count: int) -> str:
    """Return what is being waited for."""
    return f"Cancelling {count} working {'order' if count == 1 else 'orders'}…"


def cancel_missing(position: Position | None) -> str:
    """Return B2."""
    size = "" if position is None else f" Sending the close for {abs(position.quantity):f} anyway could overshoot."
    return f"Stop may still be working.{size}"


def waiting(waited: timedelta) -> str:
    """Return B7 before it is UNKNOWN."""
    return f"Waiting for broker {int(waited.total_seconds())} s"


def unknown(order: Order) -> str:
    """Return B7."""
    return f"UNKNOWN: no answer for the close of {order.quantity:f}. The broker is being asked; it is not sent again."


def partly(order: Order) -> str:
    """Return B4 while the order still works."""
    return f"{order.filled_quantity:f} of {order.quantity:f} closed, {order.remaining:f} left"


def rest_left(order: Order, position: Position) -> str:
    """Return B4 when the order is gone."""
    return (
        f"{order.filled_quantity:f} of {order.quantity:f} closed, {abs(position.quantity):f} left. The order is gone."
    )


def overshoot(position: Position) -> str:
    """Return B5."""
    return f"Now {holding(position)}, expected flat."


def rejected(order: Order, position: Position | None, restored: int, had_exits: bool) -> str:
    """Return B3: the broker's text verbatim, and what protects the position now."""
    text = f"Close rejected: {order.reason or 'no reason given'}."
    if position is None:
        return text
    if restored:
        return f"{text} Still {holding(position)}; the stop is being placed again at its old price."
    if had_exits:
        return f"{text} Price is beyond old stop – UNPROTECTED {abs(position.quantity):f}."
    return f"{text} Still {holding(position)}."


def beyond(stop: Order, quote: Quote | None) -> bool:
    """Say whether the market has passed a stop's trigger, so that placing it again would fire it."""
    if quote is None or quote.last is None or stop.trigger_price is None:
        return False
    return quote.last <= stop.trigger_price if stop.side is Side.SELL else quote.last >= stop.trigger_price


def done(operation: CloseOperation, snapshot: Snapshot) -> str:
    """Return "Closed MESZ5 2 @ 5052.75, +25.00, +0.5R"."""
    trades = [trade for trade in snapshot.trades if trade.key == operation.key]
    trades = [trade for trade in trades if trade.exit_time >= operation.started_at - timedelta(minutes=1)]
    symbol = operation.key.symbol
    if not trades:
        return f"{symbol} is flat, confirmed by broker."
    trade = trades[-1]
    price = "—" if trade.exit_price is None else f"{trade.exit_price.normalize():f}"
    money = "" if trade.net is None else f", {trade.net:+.2f}".replace("-", "−")
    multiple = "" if trade.r_multiple is None else f", {trade.r_multiple:+.2f}R".replace("-", "−")
    return f"Closed {symbol} {trade.quantity:f} @ {price}{money}{multiple}"
