"""The lines of a position and of working orders: at which price, in which words, and whether they can be dragged. Pure.

What works at the broker is drawn through, what this program holds itself, waits or is not confirmed is broken; its tag
says so in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from core.model.bracket import waits_for_entry
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Held, Order, OrderState, OrderType
from core.model.order_change import STOPS
from core.model.position import Position
from core.snapshot import Snapshot
from panels import formatting as f
from panels.change_draft import why_not
from panels.shown import Shown
from panels.widgets.risk_bar import WAITS

PENDING = {
    OrderState.CREATED: "not sent yet",
    OrderState.SENT: "not confirmed yet",
    OrderState.PENDING_CHANGE: "changing",
    OrderState.PENDING_CANCEL: "being cancelled",
    OrderState.UNKNOWN: "UNKNOWN",
}
TAG_HEIGHT = 18.0


class LineKind(Enum):
    """What a line is of."""

    ENTRY = "ENTRY"
    STOP = "STOP"
    TARGET = "TARGET"
    ORDER = "ORDER"


@dataclass(frozen=True, slots=True)
class TradeLine:
    """A line across the chart.

    Attributes:
        token: its colour.
        dashed: not held by the broker as it stands here.
        order: what is behind it; None behind the entry of a position.
        refused: why it cannot be dragged, in a sentence; empty when it can.
    """

    kind: LineKind
    price: Decimal
    words: str
    token: str
    dashed: bool = False
    order: Order | None = None
    refused: str = ""

    @property
    def name(self) -> str:
        """What identifies it from one snapshot to the next."""
        return self.kind.value if self.order is None else self.order.client_order_id


def trade_lines(snapshot: Snapshot, shown: Shown) -> tuple[TradeLine, ...]:
    """Return the lines of the scope on show: its position first, then its orders, oldest first."""
    if shown.key is None or shown.instrument is None:
        return ()
    lines = []
    position, instrument = shown.position, shown.instrument
    if position is not None and position.entry_price is not None:
        lines.append(TradeLine(LineKind.ENTRY, position.entry_price, _entry_words(position, shown), "ink.2"))
    for order in snapshot.orders.values():
        price = order.trigger_price if order.type in STOPS else order.price
        if order.key == shown.key and order.is_alive and price is not None:
            lines.append(_order_line(order, price, snapshot, shown, instrument))
    return tuple(lines)


def money_words(price: Decimal, quantity: Decimal, position: Position | None, instrument: Instrument) -> list[str]:
    """Return what leaving so much of a position at a price makes: its money, and its R where the risk is known."""
    if position is None or position.entry_price is None:
        return []
    money = instrument.money((price - position.entry_price) * position.direction, quantity)
    if money is None:
        return []
    words = [signed(money)]
    if position.initial_risk:
        words.append(r_words(money / position.initial_risk))
    return words


def signed(money: Decimal) -> str:
    """Write money with its sign: "+125.00", "−50.00", "0.00"."""
    return f"+{f.money(money)}" if f.sign_of(money) > 0 else f.money(money)


def r_words(value: Decimal) -> str:
    """Write an R-multiple with one decimal, as a tag has room for: "−1.0R"."""
    rounded = f"{abs(value):.1f}"
    sign = "" if not float(rounded) else "+" if value > 0 else f.MINUS
    return f"{sign}{rounded}R"


def drag_refusal(order: Order, shown: Shown) -> str:
    """Return why an order cannot be moved now, in a sentence; "" when it can. The engine has the last word."""
    if not shown.link_alive:
        return "The line is down: nothing can be sent."
    if shown.operation is not None and shown.operation.blocks_close:
        return "A close is running: its orders are being cancelled."
    if order.state is OrderState.PENDING_CHANGE:
        return "A change of this order is on its way: wait for the broker's answer."
    if order.state in (OrderState.CREATED, OrderState.SENT):
        return "The broker has not confirmed this order, so it cannot be changed yet."
    if shown.instrument is None or shown.instrument.tick_size is None:
        return "The tick size is not known yet."
    return why_not(order)


def fanned(wanted: Sequence[float], top: float, bottom: float, height: float = TAG_HEIGHT) -> list[float]:
    """Return where tags stand that would lie over each other: none overlaps, each as near to its place as can be.

    Args:
        wanted: the middles they belong at, in any order. Where more are given than there is room for, they overlap
            evenly rather than leave the room.

    Returns:
        The middles, in the order given.
    """
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    step = min(height, (bottom - top) / len(wanted)) if wanted else height
    # Groups of tags that touch, each as the sum of what its tags want (less their place in it), and how many.
    groups: list[list[float]] = []
    for at in order:
        groups.append([wanted[at], 1.0])
        while len(groups) > 1 and _end(groups[-2], step, top, bottom) > _begin(groups[-1], step, top, bottom):
            total, count = groups.pop()
            groups[-1][0] += total - count * groups[-1][1] * step
            groups[-1][1] += count
    placed = [0.0] * len(wanted)
    numbers = iter(order)
    for group in groups:
        first = _begin(group, step, top, bottom) + step / 2
        for number in range(int(group[1])):
            placed[next(numbers)] = first + number * step
    return placed


def _begin(group: list[float], step: float, top: float, bottom: float) -> float:
    """Return where a group of tags begins: around what its tags want, within the room."""
    total, count = group
    middle = total / count + (count - 1) * step / 2
    first = middle - count * step / 2
    return max(top, min(first, bottom - count * step))


def _end(group: list[float], step: float, top: float, bottom: float) -> float:
    return _begin(group, step, top, bottom) + group[1] * step


def _entry_words(position: Position, shown: Shown) -> str:
    parts, worth = [f.held(position.quantity, shown.instrument)], shown.worth
    if worth is not None and worth.pnl is not None:
        parts.append(f"{signed(worth.pnl)} {worth.word}".rstrip())
        parts += [] if worth.r is None else [r_words(worth.r)]
    return " · ".join(parts)


def _order_line(order: Order, price: Decimal, snapshot: Snapshot, shown: Shown, instrument: Instrument) -> TradeLine:
    position = shown.position
    is_stop = order.type in STOPS
    is_exit = position is not None and order.side is Side.closing(position.quantity) and not order.intent.is_entry
    waits = waits_for_entry(order, snapshot.orders)
    if is_exit or waits:
        kind, word, token = (LineKind.STOP, "STOP", "danger") if is_stop else (LineKind.TARGET, "TARGET", "up")
    else:
        kind, token = LineKind.ORDER, "ink.1"
        word = f"{order.side.value} {'STOP LIMIT' if order.type is OrderType.STOP_LIMIT else order.type.value}"
    parts = [f"{word} {f.quantity(order.remaining, instrument)}"]
    state = WAITS if waits else PENDING.get(order.state, order.held.value)
    parts.append(state)
    if is_exit and not waits:
        parts += money_words(price, order.remaining, position, instrument)
    dashed = waits or order.held is Held.LOCAL or order.state in PENDING
    token = "ink.3" if waits else "danger" if order.state is OrderState.UNKNOWN else token
    return TradeLine(kind, price, " · ".join(parts), token, dashed, order, drag_refusal(order, shown))
