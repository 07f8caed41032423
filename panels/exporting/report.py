"""The printed page of a table: title, what was filtered by, the rows under a header on every page, page x of y.

Painted row by row, not laid out by Qt as one document: that would hold every other thread of Python for seconds.
"""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QBuffer, QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from core.sheet import Paper
from panels.theme import NUMBER_FAMILIES, UI_FAMILIES

DPI = 144
# In dots of that resolution.
LINE, GAP, MARGIN_MM = 22.0, 10.0, 12.0
TITLE_PX, TEXT_PX = 26, 14


def printed(paper: Paper) -> bytes:
    """Return a report as a PDF; any thread may call.

    Raises:
        OSError: it could not be made.
    """
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(paper.title)
    writer.setCreator("Stanchion")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError("the report could not be begun")
    try:
        _Printer(painter, writer, paper).print_all()
    finally:
        painter.end()
    return bytes(buffer.data().data())


class _Printer:
    """Draws one report, page after page."""

    def __init__(self, painter: QPainter, writer: QPdfWriter, paper: Paper) -> None:
        self._painter, self._writer, self._paper = painter, writer, paper
        self._width, self._height = float(writer.width()), float(writer.height())
        self._fonts = {number: _font(number, TEXT_PX) for number in (False, True)}
        self._edges = self._columns()
        head = LINE * (3 + len(paper.about))
        self._first = max(1, int((self._height - head - 3 * LINE) // LINE))
        self._later = max(1, int((self._height - 4 * LINE) // LINE))
        beyond = max(0, len(paper.rows) - self._first)
        self._pages = 1 + ceil(beyond / self._later)

    def print_all(self) -> None:
        """Draw every page."""
        rows, at = self._paper.rows, 0
        for page in range(1, self._pages + 1):
            if page > 1:
                self._writer.newPage()
            top = self._heading() if page == 1 else LINE
            count = self._first if page == 1 else self._later
            self._row(top, self._paper.titles, is_header=True)
            for number, row in enumerate(rows[at : at + count], 1):
                self._row(top + number * LINE, row)
            at += count
            self._footer(page)

    def _heading(self) -> float:
        painter, paper = self._painter, self._paper
        painter.setFont(_font(False, TITLE_PX, bold=True))
        painter.drawText(QRectF(0, 0, self._width, 2 * LINE), Qt.AlignmentFlag.AlignVCenter, paper.title)
        painter.setFont(self._fonts[False])
        for number, line in enumerate(paper.about):
            painter.drawText(QRectF(0, (2 + number) * LINE, self._width, LINE), Qt.AlignmentFlag.AlignVCenter, line)
        return LINE * (3 + len(paper.about))

    def _row(self, top: float, texts: Sequence[str], is_header: bool = False) -> None:
        painter = self._painter
        for at, text in enumerate(texts):
            left, right = self._edges[at], self._edges[at + 1] - GAP
            is_number = self._paper.numbers[at]
            font = self._fonts[is_number and not is_header]
            painter.setFont(font)
            shown = QFontMetricsF(font, self._writer).elidedText(text, Qt.TextElideMode.ElideRight, right - left)
            side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(left, top, right - left, LINE), side | Qt.AlignmentFlag.AlignVCenter, shown)
        if is_header:
            painter.setPen(QPen(Qt.GlobalColor.black, 1.5))
            painter.drawLine(0, int(top + LINE), int(self._width), int(top + LINE))

    def _footer(self, page: int) -> None:
        rows = len(self._paper.rows)
        said = f"{rows} row{'' if rows == 1 else 's'} · page {page} of {self._pages}"
        self._painter.setFont(self._fonts[False])
        place = QRectF(0, self._height - LINE, self._width, LINE)
        self._painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)

    def _columns(self) -> list[float]:
        """Return the left edges of the columns: each gets what its widest text needs, as far as the page goes."""
        needs = []
        for at, title in enumerate(self._paper.titles):
            measure = QFontMetricsF(self._fonts[self._paper.numbers[at]], self._writer)
            texts = {row[at] for row in self._paper.rows}
            longest = sorted(texts, key=len)[-3:]
            needs.append(max([measure.horizontalAdvance(one) for one in (title, *longest)]) + GAP + 2)
        total = sum(needs)
        if total > self._width:
            needs = _squeezed(needs, self._width)
        edges = [0.0]
        for need in needs:
            edges.append(edges[-1] + need)
        return edges


def _squeezed(needs: Sequence[float], room: float) -> list[float]:
    """Return widths that fit: the widest give way first, those that are narrow keep what they need."""
    left, fair = sorted(needs), 0.0
    for number, need in enumerate(left):
        fair = (room - sum(left[:number])) / (len(left) - number)
        if need > fair:
            break
    return [min(need, fair) for need in needs]


def _font(number: bool, pixels: int, bold: bool = False) -> QFont:
    made = QFont()
    made.setFamilies(list(NUMBER_FAMILIES if number else UI_FAMILIES))
    made.setPixelSize(pixels)
    made.setBold(bold)
    return made
