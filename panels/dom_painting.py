"""Painting the ladder: all visible rows in one pass, texts laid out once and kept.

A cell by cell delegate costs several times as much: the ladder is what changes most in the window.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QStaticText

from core.model.fill import Side
from core.model.order import Held
from panels.dom_model import DomModel
from panels.dom_rows import ASK, BID, MY_BUYS, MY_SELLS, PRICE, SIDES, VOL
from panels.theme import Theme, sized_font
from panels.zoomed import px

KEPT = 4096
PAD = 5
PLATE_PAD = 3
BAR_ALPHA = 56


@dataclass(frozen=True, slots=True)
class Hover:
    """What is under the pointer: a cell that would send, and what.

    Attributes:
        note: what is odd about it. refused: why it would not go; empty when it would.
        is_drag: an order of ours is being moved there.
    """

    row: int
    side: Side
    words: str = ""
    note: str = ""
    refused: str = ""
    is_drag: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are: left edge and width of each column, height of a row, and what lies above the first."""

    columns: Sequence[tuple[float, float]]
    height: float
    offset: float

    def cell(self, row: int, column: int) -> QRectF:
        """Return the place of a cell."""
        left, width = self.columns[column]
        return QRectF(left, row * self.height - self.offset, width, self.height)


class _Texts:
    """Laid-out texts of one font."""

    def __init__(self, made: QFont) -> None:
        self.font = made
        self._metrics = QFontMetricsF(made)
        self.rise = self._metrics.height()
        self._kept: dict[str, tuple[QStaticText, float]] = {}

    def get(self, text: str) -> tuple[QStaticText, float]:
        """Return a text laid out, and its width."""
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            laid = QStaticText(text)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            laid.prepare(font=self.font)
            found = self._kept[text] = (laid, self._metrics.horizontalAdvance(text))
        return found


class DomPainting:
    """Colours, fonts and the pass over the rows."""

    def __init__(self, theme: Theme) -> None:
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme, and in the size things are drawn in now."""
        names = ("bg.1", "bg.2", "bg.3", "line", "ink.1", "ink.2", "ink.3", "up", "down", "caution", "focus")
        self._colours = {name: theme.colour(name) for name in names}
        self._bars = {Side.BUY: theme.colour("up", BAR_ALPHA), Side.SELL: theme.colour("down", BAR_ALPHA)}
        self._grey = theme.colour("ink.3", BAR_ALPHA)
        self._numbers = _Texts(sized_font(px(13), number=True))
        self._bold = _Texts(sized_font(px(13), number=True, bold=True))
        self._little = _Texts(sized_font(px(11), number=True))
        self._small = _Texts(sized_font(px(11)))

    def paint(self, painter: QPainter, model: DomModel, place: Place, rows: Iterable[int], is_stale: bool) -> None:
        """Paint rows of the ladder."""
        rows = list(rows)
        self._grounds(painter, place, rows)
        self._sizes(painter, model, place, rows, is_stale)
        painter.setFont(self._numbers.font)
        painter.setPen(self._colours["ink.3" if is_stale else "ink.1"])
        ladder = model.ladder
        for row in rows:
            if row != ladder.marks.last:
                self._text(painter, self._numbers, model.price_text(row), place.cell(row, PRICE))
        for column, side in ((MY_BUYS, Side.BUY), (MY_SELLS, Side.SELL)):
            own = ladder.buys if side is Side.BUY else ladder.sells
            for row in rows:
                if row in own:
                    dashed = any(one.held is Held.LOCAL for one in own[row])
                    self._own(painter, model.text(row, column), place.cell(row, column), side, dashed)
        self._marks(painter, model, place, set(rows), is_stale)

    def paint_hover(self, painter: QPainter, place: Place, hover: Hover, right: float) -> None:
        """Paint the order under the pointer: its cell outlined, and beside or over it what it is."""
        mine = place.cell(hover.row, MY_BUYS if hover.side is Side.BUY else MY_SELLS)
        ink = self._colours["caution" if hover.refused else "up" if hover.side is Side.BUY else "down"]
        if hover.is_drag:
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
            painter.drawRect(mine.adjusted(1.5, 1.5, -1.5, -1.5))
        else:
            bid_or_ask = place.cell(hover.row, BID if hover.side is Side.BUY else ASK)
            painter.setPen(QPen(ink, 1))
            painter.drawRect(mine.united(bid_or_ask).adjusted(0.5, 0.5, -1.5, -1.5))
        words, width = self._small.get(hover.words)
        if not hover.words:
            return
        width += 2 * PLATE_PAD
        free = place.cell(hover.row, ASK).united(place.cell(hover.row, VOL))
        if hover.side is Side.SELL:
            free = place.cell(hover.row, MY_BUYS).united(place.cell(hover.row, BID))
        if width > free.width():  # the exact order is never cut: it stands over its row, clear of the pointer
            above = free.top() - free.height()
            left = 0.0 if hover.side is Side.BUY else max(0.0, right - width)
            free = QRectF(left, above if above >= 0 else free.bottom(), width, free.height())
        plate = QRectF(free.left(), free.top() + 1, width, free.height() - 2)
        painter.fillRect(plate, self._colours["bg.3"])
        painter.setPen(QPen(ink, 1))
        painter.drawRect(plate.adjusted(0, 0, -1, -1))
        painter.setFont(self._small.font)
        painter.setPen(self._colours["ink.1"])
        painter.drawStaticText(QPointF(plate.left() + PLATE_PAD, plate.center().y() - self._small.rise / 2), words)

    def paint_cursor(self, painter: QPainter, cell: QRectF) -> None:
        """Paint the ring around the cell the keys act on."""
        painter.setPen(QPen(self._colours["focus"], 2))
        painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def _grounds(self, painter: QPainter, place: Place, rows: Sequence[int]) -> None:
        if not rows:
            return
        left, width = place.columns[PRICE]
        end, full = place.columns[VOL]
        for first, last in _spans(rows):
            top, high = first * place.height - place.offset, (last - first + 1) * place.height
            painter.fillRect(QRectF(0, top, end + full, high), self._colours["bg.1"])
            painter.fillRect(QRectF(left, top, width, high), self._colours["bg.2"])

    def _sizes(self, painter: QPainter, model: DomModel, place: Place, rows: Sequence[int], is_stale: bool) -> None:
        ladder = model.ladder
        ink = self._colours["ink.3" if is_stale else "ink.1"]
        painter.setFont(self._numbers.font)
        for column, sizes in ((BID, ladder.bids), (ASK, ladder.asks)):
            bar = self._grey if is_stale else self._bars[SIDES[column]]
            painter.setPen(ink)
            for row in rows:
                if row in sizes:
                    cell = place.cell(row, column)
                    share = min(1.0, float(sizes[row] / ladder.largest)) * (cell.width() - 1)
                    left = cell.right() - share if column == BID else cell.left()
                    painter.fillRect(QRectF(left, cell.top() + 1, share, cell.height() - 2), bar)
                    self._figure(painter, sizes[row], model.text(row, column), cell)
        painter.setPen(self._colours["ink.3" if is_stale else "ink.2"])
        if place.columns[VOL][1]:
            for row in rows:
                if row in ladder.volumes:
                    self._figure(painter, ladder.volumes[row], model.text(row, VOL), place.cell(row, VOL))

    def _own(self, painter: QPainter, text: str, cell: QRectF, side: Side, dashed: bool) -> None:
        plate = cell.adjusted(1, 1.5, -2, -2.5)
        painter.fillRect(plate, self._colours["bg.3"])
        ink = self._colours["up" if side is Side.BUY else "down"]
        painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        painter.drawRect(plate)
        texts = self._bold if self._bold.get(text)[1] <= cell.width() - 2 * PAD else self._little
        painter.setFont(texts.font)
        painter.setPen(self._colours["ink.1"])
        self._text(painter, texts, text, cell)

    def _marks(self, painter: QPainter, model: DomModel, place: Place, rows: set[int], is_stale: bool) -> None:
        marks = model.ladder.marks
        if marks.last in rows and marks.last is not None:
            cell = place.cell(marks.last, PRICE)
            painter.fillRect(cell, self._colours["ink.3" if is_stale else "ink.1"])
            painter.setFont(self._bold.font)
            painter.setPen(self._colours["bg.1"])
            self._text(painter, self._bold, model.price_text(marks.last), cell)
        for row, letter, style in (
            (marks.even if marks.even != marks.average else None, "E", Qt.PenStyle.DashLine),
            (marks.average, "A", Qt.PenStyle.SolidLine),
        ):
            if row is not None and row in rows:
                cell = place.cell(row, PRICE)
                ink = self._colours["bg.1" if row == marks.last else "ink.2"]
                painter.setPen(QPen(ink, 1, style))
                painter.drawRect(cell.adjusted(0.5, 0.5, -1.5, -1.5))
                painter.setFont(self._small.font)
                painter.setPen(ink)
                laid, _ = self._small.get(letter)
                painter.drawStaticText(QPointF(cell.left() + 3, cell.center().y() - self._small.rise / 2), laid)

    def _text(self, painter: QPainter, texts: _Texts, text: str, cell: QRectF) -> None:
        """Draw a figure at the right end of a cell; the font is set already."""
        laid, width = texts.get(text)
        painter.drawStaticText(QPointF(cell.right() - width - PAD, cell.top() + (cell.height() - texts.rise) / 2), laid)

    def _figure(self, painter: QPainter, size: Decimal, text: str, cell: QRectF) -> None:
        """Draw a size; where it has not the room, smaller, and then in thousands: never a part of it."""
        room = cell.width() - PAD - 1
        if self._numbers.get(text)[1] <= room:
            self._text(painter, self._numbers, text, cell)
            return
        short = text if self._little.get(text)[1] <= room else f"{size / 1000:.0f}k"
        painter.setFont(self._little.font)
        self._text(painter, self._little, short, cell)
        painter.setFont(self._numbers.font)

    def price_width(self, model: DomModel) -> int:
        """Return the room a price takes, with the letter of its mark."""
        text = model.price_text(0) if model.axis is not None else "00000.00"
        return int(self._bold.get(text)[1] + self._small.get("A")[1]) + 2 * PAD + 3

    def empty(self) -> QColor:
        """Return the ground where there are no rows."""
        return self._colours["bg.1"]


def _spans(rows: Sequence[int]) -> list[tuple[int, int]]:
    spans = [(rows[0], rows[0])]
    for row in rows[1:]:
        if row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return spans
