"""What a working exit of a position says of itself, and the change a typed price or distance asks for. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from core.model.bracket import ExitPoint, waits_for_entry
from core.model.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.order_change import STOPS, Terms
from core.model.position import Position
from core.snapshot import Snapshot
from panels import formatting as f
from panels.change_draft import editable, read_change
from panels.parsing import InputRefused, parse_ticks
from panels.widgets.risk_bar import WAITS

_STATES = {
    OrderState.CREATED: "not sent yet",
    OrderState.SENT: "not confirmed yet",
    OrderState.PENDING_CHANGE: "changing",
    OrderState.PENDING_CANCEL: "being cancelled",
    OrderState.UNKNOWN: "UNKNOWN",
}


@dataclass(frozen=True, slots=True)
class Exit:
    """One exit as its row shows it.

    Attributes:
        price: as it is typed. words: quantity, ticks from the entry, money, R, who holds it.
        shorter: the same with less, for where there is not the room: without R, then without money.
    """

    order: Order
    is_stop: bool
    price: str
    words: str
    tone: str
    shorter: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is, in a word."""
        return "Stop" if self.is_stop else "Target"


def exits_of(snapshot: Snapshot, position: Position, instrument: Instrument) -> tuple[list[Exit], list[Exit]]:
    """Return the stops and the targets of a position that may still trade, the nearest of each first.

    Those that wait for their entry come last: they are not what stands between the trader and the market.
    """
    closing = Side.closing(position.quantity)
    orders = [
        one
        for one in snapshot.orders.values()
        if one.is_alive and one.key == position.key and one.side is closing and not one.intent.is_entry
    ]
    stops = [one for one in orders if one.type in STOPS]
    targets = [one for one in orders if one.type is OrderType.LIMIT]

    def waits(one: Order) -> bool:
        return waits_for_entry(one, snapshot.orders)

    stops.sort(key=lambda one: (waits(one), -(one.trigger_price or Decimal(0)) * position.direction))
    targets.sort(key=lambda one: (waits(one), (one.price or Decimal(0)) * position.direction))
    made = [
        [_exit(one, snapshot, position, instrument, is_stop) for one in kind]
        for kind, is_stop in ((stops, True), (targets, False))
    ]
    return made[0], made[1]


def waiting_exits(snapshot: Snapshot, position: Position) -> tuple[Order, ...]:
    """Return the exits of a position's scope whose entry has not begun to fill."""
    closing = Side.closing(position.quantity)
    return tuple(
        one
        for one in snapshot.orders.values()
        if one.is_working and one.key == position.key and one.side is closing and waits_for_entry(one, snapshot.orders)
    )


def read_exit_change(exit: Exit, text: str, position: Position, instrument: Instrument) -> Terms:
    """Read a price, or a distance in ticks from the entry such as "12t"; empty where it says what is already so.

    Raises:
        InputRefused: it is neither; off tick the two nearest prices are named.
    """
    order, column = exit.order, editable(exit.order)[0]
    if not text.strip().casefold().endswith("t"):
        return read_change(order, column, text, instrument)
    ticks = parse_ticks(text, exit.name)
    if position.entry_price is None or instrument.tick_size is None:
        raise InputRefused("The entry price is not known: type a price.")
    side = Side.closing(-position.quantity)
    try:
        point = ExitPoint(distance=ticks * instrument.tick_size)
        price = point.of(position.entry_price, side, exit.is_stop, instrument)
    except InvalidOrder as refused:
        raise InputRefused(str(refused)) from refused
    return read_change(order, column, f"{price:f}", instrument)


def _exit(order: Order, snapshot: Snapshot, position: Position, instrument: Instrument, is_stop: bool) -> Exit:
    price = order.trigger_price if is_stop else order.price
    amount = f.quantity(order.remaining, instrument)
    if waits_for_entry(order, snapshot.orders):
        return Exit(order, is_stop, f.price(price, instrument), f"{amount} · {WAITS}", "ink3")
    away, worth = [], []
    if price is not None and position.entry_price is not None:
        gain = (price - position.entry_price) * position.direction
        money = instrument.money(gain, order.remaining)
        away, worth = [f.ticks(instrument.ticks(gain), signed=True)], [f.result(money)]
        if position.initial_risk and money is not None:
            worth.append(f.r_multiple(money / position.initial_risk))
    held = _STATES.get(order.state, order.held.value)
    wordings = [" · ".join([amount, *away, *worth[:kept], held]) for kept in (2, 1, 0)]
    tone = "danger" if order.state is OrderState.UNKNOWN else "ink2"
    return Exit(order, is_stop, f.price(price, instrument), wordings[0], tone, tuple(wordings[1:]))
