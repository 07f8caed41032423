"""What the trader is told of fills and of the venue's own words."""

from decimal import Decimal

from core import events
from core.announcement import About
from core.clock import Clock
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.fill import Fill, FillSource
from core.model.order import Intent, Order, OrderType
from core.model.scope import PositionKey
from core.state_manager import StateManager


class NoticeService:
    """Turn happenings into sentences (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._up: set[str] = set()

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Tell a fill, and say when it happened while we were away."""
        fill = event.change.fill
        if fill.source in (FillSource.RECON, FillSource.MANUAL):
            return []  # nobody traded: the decision that booked it has said so
        verb = "Bought" if fill.side.sign > 0 else "Sold"
        at = "at an unknown price" if fill.price is None else f"@ {self._written(fill.key, fill.price)}"
        order = self._state.snapshot().orders.get(fill.client_order_id)
        text = f"{verb} {fill.quantity:f} {fill.key.symbol} {at}, {fill.key.account}{_so_far(fill, order)}"
        if event.away and fill.fill_time is not None:
            text = f"While away: {text} at {fill.fill_time:%Y-%m-%d %H:%M:%S} UTC"
        if fill.off_tick:
            text += " (off tick)"
        cause = fill.client_order_id or fill.server_order_id
        is_last = order is None or not order.remaining
        return [Announcement(Level.SUCCESS, text + ".", self._clock.now(), fill.key, _about(order), cause, is_last)]

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Tell when a line that had been up falls, and when the broker refuses one."""
        text = ""
        if event.link is Link.REFUSED:
            text = f"{event.connection} refused the connection: {event.text} It is not tried again by itself."
        elif event.link is Link.OFFLINE and event.text and event.connection in self._up:
            text = f"{event.connection} is offline: {event.text} Exits held by the broker keep working."
        if event.link is Link.SYNCING:
            self._up.add(event.connection)
        elif event.link in (Link.OFFLINE, Link.REFUSED):
            self._up.discard(event.connection)
        line = Announcement(Level.ERROR, text, event.at, about=About.LINE, cause=event.connection)
        return [line] if text else []

    def on_venue_spoke(self, event: events.VenueSpoke) -> list[Message]:
        """Pass on the broker's words."""
        level = Level.CAUTION if event.urgent else Level.INFO
        return [Announcement(level, f"{event.connection}: {event.text}", self._clock.now())]

    def _written(self, key: PositionKey, price: Decimal) -> str:
        instrument = self._state.snapshot().instruments.get((key.connection, key.symbol))
        return f"{price:f}" if instrument is None else instrument.written(price)


def _so_far(fill: Fill, order: Order | None) -> str:
    """Return how much of an order is done where a fill is not all of it."""
    if order is None or order.quantity == fill.quantity or order.filled_quantity <= 0:
        return ""
    return f" ({order.filled_quantity:f} of {order.quantity:f})"


def _about(order: Order | None) -> About:
    if order is None or order.intent is not Intent.PROTECT:
        return About.FILL
    return About.TARGET if order.type is OrderType.LIMIT else About.STOP
