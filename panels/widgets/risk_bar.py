"""The risk bar: stop, entry, last, target and the range traded through, to scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.model.instrument import Instrument
from core.model.order import Order, OrderType
from core.model.position import Position
from core.model.protection import Protection
from panels import formatting as f
from panels.theme import Theme, font
from panels.widgets.labels import name_value
from panels.zoomed import zoomed_painter

WAITS = "waits for entry"


@dataclass(frozen=True, slots=True)
class Mark:
    """A price on the bar; above says on which side of it the words stand, dashed that nothing works there yet."""

    price: Decimal
    words: str
    tone: str
    above: bool
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """What the bar shows; low and high are the prices at its ends."""

    low: Decimal
    high: Decimal
    range_low: Decimal | None
    range_high: Decimal | None
    marks: tuple[Mark, ...]

    def share(self, price: Decimal) -> float:
        """Return where a price lies, 0 to 1."""
        return float((price - self.low) / (self.high - self.low))


def scale_of(
    position: Position,
    instrument: Instrument,
    last: Decimal | None,
    exits: Protection,
    waiting: Sequence[Order] = (),
) -> Scale | None:
    """Return the scale of a position; None when there is nothing to span it.

    Args:
        waiting: exits whose entry has not begun to fill: they are to be seen, and protect nothing.
    """
    marks = list(_exits(position, instrument, exits))
    for word, price, tone, above in (("ENTRY", position.entry_price, "ink.2", False), ("LAST", last, "ink.1", True)):
        if price is not None:
            marks.append(Mark(price, f"{word} {f.average(price, instrument)}", tone, above))
    marks += _waiting(waiting, instrument)
    ends = [mark.price for mark in marks]
    ends += [price for price in (position.min_price, position.max_price) if price is not None]
    if not ends or min(ends) == max(ends):
        return None
    pad = (max(ends) - min(ends)) * Decimal("0.04")
    return Scale(min(ends) - pad, max(ends) + pad, position.min_price, position.max_price, tuple(marks))


def _exits(position: Position, instrument: Instrument, exits: Protection) -> Iterator[Mark]:
    """Yield every price at which something would leave, with what that makes of what leaves there."""
    at: dict[tuple[str, Decimal], Decimal] = {}
    for order, quantity in exits.exits:
        word, price = ("TARGET", order.price) if order.type is OrderType.LIMIT else ("STOP", order.trigger_price)
        if price is not None:
            at[word, price] = at.get((word, price), Decimal(0)) + quantity
    for (word, price), quantity in at.items():
        gained = None if position.entry_price is None else (price - position.entry_price) * position.direction
        money = f.result(None if gained is None else instrument.money(gained, quantity))
        yield Mark(price, f"{word} {f.price(price, instrument)} {money}", "danger" if word == "STOP" else "up", False)


def _waiting(orders: Sequence[Order], instrument: Instrument) -> list[Mark]:
    places = {("TARGET", one.price) if one.trigger_price is None else ("STOP", one.trigger_price) for one in orders}
    return [
        Mark(price, f"{word} {f.price(price, instrument)} {WAITS}", "ink.3", above=True, dashed=True)
        for word, price in sorted(places, key=str)
        if price is not None
    ]


class RiskBar(QWidget):
    """Paints a Scale; its accessible description says the same in words."""

    def __init__(self, theme: Theme):
        super().__init__()
        self.setObjectName("p2RiskBar")
        self._theme = theme
        self._scale: Scale | None = None
        self.setFixedHeight(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def show_position(
        self,
        position: Position,
        instrument: Instrument,
        last: Decimal | None,
        exits: Protection,
        waiting: Sequence[Order] = (),
    ) -> None:
        """Show where price stands between the exits."""
        scale = scale_of(position, instrument, last, exits, waiting)
        if scale == self._scale:
            return
        self._scale = scale
        name_value(self, "Risk", ", ".join(mark.words for mark in scale.marks) if scale is not None else "unknown")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint track, range, marks and words."""
        painter, area = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = area.height() / 2
        painter.setPen(QPen(self._theme.colour("line"), 2))
        painter.drawLine(QPointF(0, middle), QPointF(area.width(), middle))
        if self._scale is None:
            return
        self._range(painter, self._scale, area)
        painter.setFont(font("label", number=True))
        taken: dict[bool, list[QRectF]] = {True: [], False: []}
        for mark in sorted(self._scale.marks, key=lambda one: (one.dashed, one.tone != "danger")):
            x = self._scale.share(mark.price) * area.width()
            self._mark(painter, mark, x, middle)
            self._words(painter, mark, x, area, taken[mark.above])

    def _range(self, painter: QPainter, scale: Scale, area: QRectF) -> None:
        if scale.range_low is None or scale.range_high is None:
            return
        left, right = (scale.share(one) * area.width() for one in (scale.range_low, scale.range_high))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line.strong"))
        painter.drawRoundedRect(QRectF(left, area.height() / 2 - 2, max(2.0, right - left), 4), 2, 2)

    def _mark(self, painter: QPainter, mark: Mark, x: float, middle: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(mark.tone))
        if mark.dashed:
            painter.setPen(QPen(self._theme.colour(mark.tone), 2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, middle - 8), QPointF(x, middle + 8))
        elif mark.above:
            tip = QPolygonF([QPointF(x - 5, middle - 8), QPointF(x + 5, middle - 8), QPointF(x, middle)])
            painter.drawPolygon(tip)
        else:
            painter.drawRect(QRectF(x - 1.5, middle - 7, 3, 14))

    def _words(self, painter: QPainter, mark: Mark, x: float, area: QRectF, taken: list[QRectF]) -> None:
        """Write a mark's words where nothing else stands; those of what waits are left out where there is no place."""
        top = 0.0 if mark.above else area.height() / 2 + 6
        width = painter.fontMetrics().horizontalAdvance(mark.words)
        places = [min(max(0.0, x - width / 2), area.width() - width)]
        # Words that would lie over others are moved aside, to the end with room.
        places += [place for other in taken for place in (other.right() + 12, other.left() - 12 - width)]
        for left in places:
            box = QRectF(left, top, width, 14)
            fits = 0 <= left <= area.width() - width
            if fits and not any(box.adjusted(-8, 0, 8, 0).intersects(other) for other in taken):
                break
        else:
            if mark.dashed:
                return
            box = QRectF(places[0], top, width, 14)
        taken.append(box)
        painter.setPen(self._theme.colour(mark.tone))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.words)
