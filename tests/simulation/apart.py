"""What happens on one connection reaches nothing of another: no position, no order, no lock, no word about them."""

from typing import Any

from core import events
from core.messages import Message
from core.snapshot import Snapshot

# What stops everything stops every connection.
_OF_ALL = (events.ClockTicked, events.TicksWaiting)


def check_apart(message: Message, before: Snapshot, now: Snapshot) -> None:
    """Compare what the other connections have before and after a message of one."""
    of = _connection_of(message)
    others = {one for one in now.connections if one != of}
    if isinstance(message, _OF_ALL) or not of or not others or before.connections.keys() != now.connections.keys():
        return
    for other in others:
        was, is_now = _facts(before, other), _facts(now, other)
        moved = [name for name in was if was[name] != is_now[name]]
        assert not moved, f"{type(message).__name__} of {of} moved {moved} of {other}"


def _facts(one: Snapshot, connection: str) -> dict[str, Any]:
    return {
        "positions": {k: (v.quantity, v.entry_price) for k, v in one.positions.items() if k.connection == connection},
        "orders": {name: order for name, order in one.orders.items() if order.key.connection == connection},
        "scopes": {k: (v.certainty, v.lock) for k, v in one.scopes.items() if k.connection == connection},
        "closes": {k: v for k, v in one.operations.items() if k.connection == connection},
        "entries": {k: v for k, v in one.entries.items() if v.key.connection == connection},
        "fills": [fill for fill in one.fills if fill.key.connection == connection],
        "block": one.entry_block.get(connection),
        "line": one.connections[connection].link,
    }


def _connection_of(message: Message) -> str:
    for part in ("", "report", "fill", "key", "entry"):
        held = getattr(message, part, None) if part else message
        name = getattr(held, "connection", None) or getattr(getattr(held, "key", None), "connection", None)
        if isinstance(name, str):
            return name
    return ""
