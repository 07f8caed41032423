"""Words on plates over the chart: tags of lines, prices on the axis, and where each is so that none lies on another.

Tags stand on the left, over the oldest bars in view: the newest are what is traded by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from core.model.order import Held
from panels.charts.chart_frame import ChartFrame
from panels.charts.trade_lines import TAG_HEIGHT, fanned
from panels.theme import Theme, font

PAD = 5.0
GAP = 4.0
# How much of the bars behind it a tag hides, of 255.
SEEN_THROUGH = 225
# Tags that lie over each other by a little can be read; with less room they stand in columns.
LEAST_HEIGHT = 15.0
# Tags that would take more of the plot's width than this leave out that the broker holds them: his lines are unbroken.
WIDEST_SHARE = 0.4
UNSAID = f" · {Held.SERVER.value}"
MOST_MEASURED = 512
_ARROWS = {-1: "▲ ", 0: "", 1: "▼ "}


class TagMeasure:
    """How wide words are on a tag; measured once each, as most of them stay from frame to frame.

    Attributes:
        font: of all words on the chart.
    """

    def __init__(self) -> None:
        self.font = font("label", number=True)
        self._metrics = QFontMetricsF(self.font)
        self._widths: dict[str, float] = {}

    def width(self, words: str) -> float:
        """Return the width of words, logical pixels."""
        found = self._widths.get(words)
        if found is None:
            if len(self._widths) >= MOST_MEASURED:
                self._widths.clear()
            found = self._widths[words] = self._metrics.horizontalAdvance(words)
        return found


@dataclass(frozen=True, slots=True)
class Tag:
    """A line with its words, before it has a place.

    Attributes:
        price: where the line is, points.
        axis: the price as the axis writes it.
        strong: the words are those of what is being done now.
    """

    name: str
    price: float
    words: str
    axis: str
    token: str
    dashed: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class PlacedTag:
    """A tag with its place.

    Attributes:
        words: as there is room for them.
        line_y: where its line is. box: where its words stand.
        axis_y: where its price stands on the axis; None where it is out of view.
        beyond: its line is above (-1) or below (1) what is in view, 0 in view.
    """

    tag: Tag
    words: str
    line_y: float
    box: QRectF
    axis_y: float | None
    beyond: int


def placed(tags: Sequence[Tag], frame: ChartFrame, measure: TagMeasure, last: float | None = None) -> list[PlacedTag]:
    """Return the tags in their places, each as near to its line as the others let it.

    Args:
        last: the last price; its plate on the axis stays where it is, the others make way.
    """
    scale = frame.scale
    top, bottom = frame.head, frame.bottom - 2.0
    beyond = [-1 if tag.price > frame.high else 1 if tag.price < frame.low else 0 for tag in tags]
    # What is out of view is told of at the edge it is beyond.
    wanted = [
        top if outside < 0 else bottom if outside > 0 else scale.y(tag.price)
        for tag, outside in zip(tags, beyond, strict=True)
    ]
    count = ceil(len(tags) / max(1, int((bottom - top) / LEAST_HEIGHT)))
    said = [f"{_ARROWS[outside]}{tag.words}" for tag, outside in zip(tags, beyond, strict=True)]
    if any((measure.width(words) + 2 * PAD) * count > frame.right * WIDEST_SHARE for words in said):
        said = [words.replace(UNSAID, "") for words in said]
    places = _columns(wanted, [measure.width(words) + 2 * PAD for words in said], count, top, bottom)
    on_axis = _on_axis([at for at in range(len(tags)) if not beyond[at]], wanted, frame, last)
    found = []
    for at, tag in enumerate(tags):
        left, middle = places[at]
        box = QRectF(left, middle - TAG_HEIGHT / 2 + 0.5, measure.width(said[at]) + 2 * PAD, TAG_HEIGHT - 1)
        found.append(PlacedTag(tag, said[at], frame.sharp(scale.y(tag.price)), box, on_axis.get(at), beyond[at]))
    return found


def _columns(
    wanted: Sequence[float], widths: Sequence[float], count: int, top: float, bottom: float
) -> dict[int, tuple[float, float]]:
    """Return left and middle of each tag: one below the other, in so many columns."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    left, found = GAP, {}
    for column in range(count):
        members = order[column::count]
        middles = fanned([wanted[at] for at in members], top, bottom)
        found.update({at: (left, middle) for at, middle in zip(members, middles, strict=True)})
        left += max(widths[at] for at in members) + GAP
    return found


def _on_axis(
    members: Sequence[int], wanted: Sequence[float], frame: ChartFrame, last: float | None
) -> dict[int, float]:
    """Return where prices stand on the axis: those above the last price above its plate, the others below it."""
    middle = None if last is None else min(max(frame.scale.y(last), 9.0), frame.bottom - 9.0)
    if middle is None:
        return dict(zip(members, fanned([wanted[at] for at in members], 0, frame.bottom), strict=True))
    above = [at for at in members if wanted[at] < middle]
    below = [at for at in members if wanted[at] >= middle]
    found = dict(zip(above, fanned([wanted[at] for at in above], 0, middle - 9), strict=True))
    found.update(zip(below, fanned([wanted[at] for at in below], middle + 9, frame.bottom), strict=True))
    return found


def paint_line(painter: QPainter, one: PlacedTag, frame: ChartFrame, theme: Theme) -> None:
    """Paint the line of a tag across the plot, and to it from the words where these had to move."""
    if one.beyond:
        return
    style = Qt.PenStyle.DashLine if one.tag.dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(theme.colour(one.tag.token), 1.0, style))
    painter.drawLine(QPointF(0, one.line_y), QPointF(frame.right, one.line_y))
    middle = one.box.center().y()
    if abs(middle - one.line_y) > 1.0:
        painter.drawLine(QPointF(one.box.right(), middle), QPointF(one.box.right() + 14, one.line_y))


def paint_tag(painter: QPainter, one: PlacedTag, frame: ChartFrame, theme: Theme) -> None:
    """Paint the words of a tag on their plate, and its price on the axis."""
    tag = one.tag
    colour = theme.colour(tag.token)
    painter.setBrush(theme.colour("bg.3") if tag.strong else theme.colour("bg.2", SEEN_THROUGH))
    painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DashLine if tag.dashed else Qt.PenStyle.SolidLine))
    painter.drawRoundedRect(one.box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(theme.colour("ink.1"))
    painter.drawText(one.box, Qt.AlignmentFlag.AlignCenter, one.words)
    if one.axis_y is not None:
        plate(painter, axis_box(frame, one.axis_y), tag.axis, theme, "bg.2", "ink.1", tag.token)


def axis_box(frame: ChartFrame, middle: float) -> QRectF:
    """Return where a price stands on the axis."""
    return QRectF(frame.right + 1, middle - 9, frame.width - frame.right - 2, 18)


def price_box(frame: ChartFrame, middle: float) -> QRectF:
    """Return where a round price is written on the axis."""
    return QRectF(frame.right + 3, middle - 8, frame.width - frame.right - 11, 16)


def plate(painter: QPainter, box: QRectF, words: str, theme: Theme, ground: str, ink: str, edge: str = "") -> None:
    """Paint words on a plate."""
    painter.setBrush(theme.colour(ground))
    painter.setPen(QPen(theme.colour(edge), 1.0) if edge else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if edge else box, 3, 3)
    painter.setPen(theme.colour(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
