"""Own fills and round trips on the chart: ▲ where it was bought, ▼ where it was sold, joined by a connector. Pure.

Shape and side of the bar say which it was, and an unbroken connector that the trade made money; colour only repeats it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from core.model.fill import Fill, Side
from core.model.scope import PositionKey
from core.model.trade import Trade
from panels.charts.bar_columns import BarColumns
from panels.charts.chart_frame import ChartFrame
from panels.theme import Theme

HALF, TALL = 5.0, 8.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Fills of one side at one price within one bar; quantity positive."""

    place: int
    side: Side
    price: float
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Connector:
    """A round trip, from its entry to its exit; gain is the sign of what it made, 0 where that is not known."""

    begin: int
    entry: float
    end: int
    leave: float
    gain: int


def marks_of(fills: Iterable[Fill], key: PositionKey, columns: BarColumns) -> tuple[Mark, ...]:
    """Return the marks of a scope's fills; what was filled before the first bar, or at no known price, has none."""
    found: dict[tuple[int, Side, float], Decimal] = {}
    for fill in fills:
        if fill.key != key or fill.price is None:
            continue
        place = columns.place_of(fill.time)
        if place >= 0:
            where = place, fill.side, float(fill.price)
            found[where] = found.get(where, Decimal(0)) + fill.quantity
    return tuple(Mark(*where, quantity) for where, quantity in found.items())


def connectors_of(trades: Iterable[Trade], key: PositionKey, columns: BarColumns) -> tuple[Connector, ...]:
    """Return the round trips of a scope whose both ends are on the chart."""
    found = []
    for trade in trades:
        if trade.key != key or trade.entry_price is None or trade.exit_price is None or trade.entry_time is None:
            continue
        begin, end = columns.place_of(trade.entry_time), columns.place_of(trade.exit_time)
        if begin >= 0:
            net = trade.net if trade.net is not None else trade.realized_pnl or Decimal(0)
            gain = (net > 0) - (net < 0)
            found.append(Connector(begin, float(trade.entry_price), end, float(trade.exit_price), gain))
    return tuple(found)


def paint_marks(
    painter: QPainter, marks: Sequence[Mark], connectors: Sequence[Connector], frame: ChartFrame, theme: Theme
) -> None:
    """Paint what of it is in view; the tip of a mark is at its price."""
    left, right = frame.view.left - 1, frame.view.right + 1
    scale = frame.scale
    for one in connectors:
        if one.end < left or one.begin > right:
            continue
        style = Qt.PenStyle.SolidLine if one.gain > 0 else Qt.PenStyle.DashLine
        painter.setPen(QPen(theme.colour("ink.2"), 1.2, style))
        painter.drawLine(
            QPointF(frame.middle(one.begin), scale.y(one.entry)), QPointF(frame.middle(one.end), scale.y(one.leave))
        )
    # A rim in the colour of the ground sets a mark off from the bar it lies on.
    painter.setPen(QPen(theme.colour("bg.1"), 1))
    for mark in marks:
        if left <= mark.place <= right:
            painter.setBrush(theme.colour("up" if mark.side is Side.BUY else "down"))
            painter.drawPolygon(triangle(frame.middle(mark.place), scale.y(mark.price), mark.side))


def triangle(x: float, y: float, side: Side) -> QPolygonF:
    """Return ▲ below a price for what was bought, ▼ above it for what was sold."""
    away = TALL if side is Side.BUY else -TALL
    return QPolygonF([QPointF(x, y), QPointF(x - HALF, y + away), QPointF(x + HALF, y + away)])
