"""What to read to the broker's desk over the telephone when a close was refused: plain text, to be copied."""

from core.model.operation import CloseStep
from core.model.order import Held
from core.snapshot import Snapshot
from panels import formatting as f
from panels.emergency_card import exit_words, exits_of
from panels.shown import Shown


def desk_details(snapshot: Snapshot, shown: Shown) -> str:
    """Return the facts of a refused close on show, a line each; "" where none was refused."""
    operation = shown.operation
    if operation is None or shown.key is None or operation.step is not CloseStep.REJECTED:
        return ""
    order = snapshot.orders.get(operation.close_order_id)
    position = shown.position
    held = f.UNKNOWN if position is None else f.held(position.quantity, shown.instrument)
    entry = "" if position is None else f" @ {f.average(position.entry_price, shown.instrument)}"
    exits = exits_of(snapshot, shown)
    lines = [
        f"Account: {shown.key.account}",
        f"Position: {shown.key.symbol} {held}{entry}",
        f"Refused at: {operation.step_since:%Y-%m-%d %H:%M:%S} UTC",
    ]
    if order is not None:
        size = f.quantity(order.quantity, shown.instrument)
        lines += [
            f"Order: {order.side.value} {size} {shown.key.symbol} {order.type.value}",
            f"Order id: {order.server_order_id or f.UNKNOWN} (ours: {order.client_order_id})",
            f"Broker's text: {order.reason or f.UNKNOWN}",
        ]
    lines += [
        f"Exits held by the broker: {exit_words(exits, Held.SERVER, shown)}",
        f"Exits held here only: {exit_words(exits, Held.LOCAL, shown)}",
    ]
    return "\n".join(lines)
