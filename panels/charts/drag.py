"""Dragging a line of the chart: from the press to the terms a release asks for. Pure.

Nothing is dragged before the pointer has moved 4 px, so that a click moves no stop; what is dragged stands on the tick
grid all the time; letting go asks for it once, and Escape forgets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from PySide6.QtCore import QPointF

from core.model.instrument import Instrument
from core.model.order import OrderType
from core.model.order_change import STOPS, Terms
from core.model.position import Position
from panels import formatting as f
from panels.charts.price_axis import PriceScale
from panels.charts.tags import PlacedTag
from panels.charts.trade_lines import TradeLine, money_words

THRESHOLD = 4.0
GRAB = 4.0


class Gesture(Enum):
    """What a pressed button does."""

    NONE = "none"
    PAN = "pan"
    LINE = "line"
    PRICES = "prices"


@dataclass(frozen=True, slots=True)
class Drag:
    """A line under a pressed button.

    Attributes:
        pressed_y: where it was pressed, pixels from above.
        offset: how far from the line that was, so that it does not jump.
        price: where it is dragged to, on the grid; None before the threshold.
    """

    line: TradeLine
    pressed_y: float
    offset: float = 0.0
    price: Decimal | None = None

    @staticmethod
    def begun(line: TradeLine, y: float, scale: PriceScale) -> "Drag":
        """Return a line taken hold of at a height; one out of view is held where its tag is."""
        price = float(line.price)
        return Drag(line, y, y - scale.y(price) if scale.holds(price) else 0.0)

    @property
    def is_active(self) -> bool:
        """True once the threshold is passed."""
        return self.price is not None

    def moved(self, y: float, scale: PriceScale, instrument: Instrument) -> "Drag":
        """Return the drag with the pointer elsewhere; never to a price of zero or less."""
        tick = instrument.tick_size
        if tick is None or (self.price is None and abs(y - self.pressed_y) < THRESHOLD):
            return self
        return replace(self, price=max(tick, scale.on_grid(y - self.offset, tick)))

    def terms(self) -> Terms:
        """Return what letting go asks for; empty where the line is where it was."""
        order = self.line.order
        if order is None or self.price is None or self.price == self.line.price:
            return Terms()
        if order.type not in STOPS:
            return Terms(price=self.price)
        if order.type is OrderType.STOP_LIMIT and order.price is not None:
            # The limit keeps its distance: left behind, the order could no longer fill where it triggers.
            return Terms(price=order.price + self.price - self.line.price, trigger_price=self.price)
        return Terms(trigger_price=self.price)

    def words(self, position: Position | None, instrument: Instrument, last: Decimal | None = None) -> str:
        """Return what letting go would do: "STOP 2 → 5047.50 · −25.00 · −0.5R", and whether it would trade at once.

        Args:
            last: the last price, points.
        """
        head = self.line.words.partition(" · ")[0]
        if self.price is None:
            return head
        parts = [f"{head} → {f.price(self.price, instrument)}"]
        order = self.line.order
        if order is not None and self.line.kind.value in ("STOP", "TARGET"):
            parts += money_words(self.price, order.remaining, position, instrument)
        if last is not None and self._crosses(last):
            parts.append("trades at once")
        return " · ".join(parts)

    def _crosses(self, last: Decimal) -> bool:
        """Say whether the price is on the side of the market where the order would trade."""
        order = self.line.order
        if order is None or self.price is None:
            return False
        beyond = (last - self.price) * order.side.sign
        return beyond >= 0 if order.type in STOPS else beyond <= 0


def line_at(at: QPointF, lines: Sequence[TradeLine], tags: Sequence[PlacedTag]) -> TradeLine | None:
    """Return the line of an order whose tag or line lies there; None where there is none."""
    by_name = {line.name: line for line in lines if line.order is not None}
    for one in reversed(tags):
        if one.tag.name in by_name and one.box.contains(at):
            return by_name[one.tag.name]
    near = [one for one in tags if one.tag.name in by_name and not one.beyond]
    near = [one for one in near if abs(one.line_y - at.y()) <= GRAB]
    return by_name[min(near, key=lambda one: abs(one.line_y - at.y())).tag.name] if near else None
