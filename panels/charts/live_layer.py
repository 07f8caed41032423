"""The part of a chart that moves: the last bar, levels, lines with their tags, the preview, the pointer."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from core.model.bar import Bar
from panels import formatting as f
from panels.charts.candles import body_width, candles, paint_shapes
from panels.charts.chart_frame import READOUT, ChartFrame
from panels.charts.crosshair import bar_words, price_at, start_words
from panels.charts.price_axis import price_words
from panels.charts.scene import Scene
from panels.charts.studies_lines import StudyLine, vwap_words
from panels.charts.tags import PlacedTag, Tag, TagMeasure, axis_box, paint_line, paint_tag, placed, plate, price_box
from panels.charts.trade_lines import fanned
from panels.charts.volume import paint_volume, volume_box

# Pixels between the middle of a plate and that of a price it would cover.
CLEAR = 15
# How many bars the figures keep clear of, where these do not take more than the rest of the width; and how much of what
# they stand over they hide, of 255.
CLEAR_BARS, ALWAYS_SHARE, SEEN_THROUGH = 8, 0.6, 215
NAME_HEIGHT = 13.0


def paint_live(painter: QPainter, scene: Scene, frame: ChartFrame, tags: list[PlacedTag], measure: TagMeasure) -> None:
    """Paint what moves over the static picture; the painter is in logical pixels."""
    painter.setClipRect(QRectF(0, 0, frame.right, frame.bottom))
    _paint_forming(painter, scene, frame)
    painter.setFont(measure.font)
    _paint_levels(painter, scene, frame)
    _paint_last(painter, scene, frame)
    for tag in tags:
        paint_line(painter, tag, frame, scene.theme)
    _paint_names(painter, scene, frame, measure)
    painter.setClipping(False)
    _hide_prices(painter, scene, frame, tags)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for tag in tags:
        paint_tag(painter, tag, frame, scene.theme)
    _paint_last_plate(painter, scene, frame)
    _paint_pointer(painter, scene, frame, measure)
    _paint_readout(painter, scene, frame, measure)
    if scene.preview is not None:
        _paint_box(painter, scene, frame, scene.preview.words, bool(scene.preview.refused))
    elif scene.said:
        _paint_box(painter, scene, frame, (scene.said,), True)


def tags_of(scene: Scene, frame: ChartFrame, measure: TagMeasure) -> list[PlacedTag]:
    """Return the tags of all lines with their places: position, orders, what is dragged, what is only a preview."""
    tags = []
    for line in scene.lines:
        is_dragged = scene.drag is not None and scene.drag.is_active and scene.drag.line.name == line.name
        asked = scene.asked.get(line.name)
        price, words, dashed = line.price, line.words, line.dashed
        if is_dragged and scene.drag is not None and scene.drag.price is not None and scene.instrument is not None:
            price, dashed = scene.drag.price, True
            words = scene.drag.words(scene.position, scene.instrument, scene.last)
        elif asked is not None and asked != line.price:
            words = f"{words} → {f.price(asked, scene.instrument)}"
        axis = f.average(price, scene.instrument)
        tags.append(Tag(line.name, float(price), words, axis, line.token, dashed, is_dragged))
    if scene.preview is not None:
        for number, one in enumerate(scene.preview.lines):
            axis = f.price(one.price, scene.instrument)
            tags.append(Tag(f"preview {number}", float(one.price), one.words, axis, one.token, True, True))
    return placed(tags, frame, measure, None if scene.last is None else float(scene.last))


def _levels(scene: Scene, frame: ChartFrame) -> list[tuple[StudyLine, float, float]]:
    """Return the figures of the day in view, from where on and how high: a level from its beginning, else the end."""
    found = []
    for one in scene.studies:
        begin = scene.columns.closed - 1 if one.since is None else max(0, scene.columns.place_of(one.since))
        if frame.scale.holds(float(one.price)) and frame.x(begin) < frame.right:
            found.append((one, frame.x(begin), frame.scale.y(float(one.price))))
    return found


def _paint_levels(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    """Paint the levels of the day from where it began, and the last step of a line through the bars."""
    for one, begin, y in _levels(scene, frame):
        colour = scene.theme.colour(one.token)
        if one.since is not None:
            painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashDotLine if one.dashed else Qt.PenStyle.SolidLine))
            painter.drawLine(QPointF(max(0.0, begin), frame.sharp(y)), QPointF(frame.right, frame.sharp(y)))
        elif scene.day is not None and scene.day.before is not None and scene.columns.forming is not None:
            place, before = scene.columns.closed, frame.scale.y(float(scene.day.before))
            style = Qt.PenStyle.DashLine if scene.day.is_broken else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, 1.4, style))
            painter.drawLine(QPointF(frame.middle(place - 1), before), QPointF(frame.middle(place), y))


def _paint_names(painter: QPainter, scene: Scene, frame: ChartFrame, measure: TagMeasure) -> None:
    """Write the names of the levels at their right end, clear of each other and over all lines."""
    levels = _levels(scene, frame)
    middles = fanned([y for _, _, y in levels], 2.0, frame.bottom, NAME_HEIGHT)
    for (one, _, _), middle in zip(levels, middles, strict=True):
        width = measure.width(one.name) + 4
        box = QRectF(frame.right - width - 2, middle - NAME_HEIGHT / 2, width, NAME_HEIGHT)
        painter.fillRect(box, scene.theme.colour("bg.1"))
        painter.setPen(scene.theme.colour(one.token))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, one.name)


def _paint_forming(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    """Paint the last bar; hatched where it is no longer true."""
    bar, place = scene.columns.forming, scene.columns.closed
    if bar is None:
        if scene.is_stale and place:
            _hatch_bar(painter, scene, frame, scene.columns.bar(place - 1), place - 1)
        return
    painter.save()
    painter.scale(1 / frame.ratio, 1 / frame.ratio)
    painter.translate(-frame.offset, 0)
    figures = ([float(bar.open)], [float(bar.high)], [float(bar.low)], [float(bar.close)])
    shapes = candles(range(place, place + 1), figures, frame)
    box = volume_box(place, float(bar.volume), scene.highest, frame)
    paint_volume(painter, ([box], []) if bar.close >= bar.open else ([], [box]), scene.theme)
    paint_shapes(painter, shapes, scene.theme)
    painter.restore()
    if scene.is_stale:
        _hatch_bar(painter, scene, frame, bar, place)


def _hatch_bar(painter: QPainter, scene: Scene, frame: ChartFrame, bar: Bar | None, place: int) -> None:
    """Hatch the range of a bar, and a little around it so that it is seen on a bar of one tick."""
    if bar is None:
        return
    width = max(9.0, body_width(frame.per_bar * frame.ratio) / frame.ratio)
    top, foot = frame.scale.y(float(bar.high)), frame.scale.y(float(bar.low))
    box = QRectF(frame.middle(place) - width / 2, top - 4, width, foot - top + 8)
    painter.fillRect(box, scene.theme.colour("bg.1", 150))
    painter.fillRect(box, QBrush(scene.theme.colour("ink.2"), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(scene.theme.colour("ink.2"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _paint_last(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    if scene.last is None:
        return
    y = frame.sharp(frame.scale.y(float(scene.last)))
    painter.setPen(QPen(scene.theme.colour("ink.3" if scene.is_stale else "ink.1"), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(0, y), QPointF(frame.right, y))


def _last_plate(scene: Scene, frame: ChartFrame) -> QRectF | None:
    """Return where the last price stands on the axis, at its edge where it is out of view."""
    if scene.last is None:
        return None
    return axis_box(frame, min(max(frame.scale.y(float(scene.last)), 9.0), frame.bottom - 9.0))


def _paint_last_plate(painter: QPainter, scene: Scene, frame: ChartFrame) -> None:
    box = _last_plate(scene, frame)
    if box is not None:
        ground = "ink.3" if scene.is_stale else "ink.1"
        plate(painter, box, f.price(scene.last, scene.instrument), scene.theme, ground, "bg.1")


def _hide_prices(painter: QPainter, scene: Scene, frame: ChartFrame, tags: list[PlacedTag]) -> None:
    """Take the round prices off the axis that a plate would lie over."""
    taken = [axis_box(frame, one.axis_y).center().y() for one in tags if one.axis_y is not None]
    last = _last_plate(scene, frame)
    taken += [] if last is None else [last.center().y()]
    ground = scene.theme.colour("bg.1")
    for y, _ in price_words(frame.scale, scene.instrument):
        if any(abs(y - other) <= CLEAR for other in taken):
            painter.fillRect(price_box(frame, y), ground)


def _paint_pointer(painter: QPainter, scene: Scene, frame: ChartFrame, measure: TagMeasure) -> None:
    """Paint the lines through the pointer, on the middle of its bar and on the price grid."""
    if scene.pointer is None or scene.drag is not None:
        return
    price = price_at(scene.pointer.y(), frame.scale, scene.instrument)
    place = int(frame.index(scene.pointer.x()) // 1)
    x, y = frame.middle(place), frame.sharp(scene.pointer.y() if price is None else frame.scale.y(float(price)))
    painter.setPen(QPen(scene.theme.colour("ink.3"), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(x, 0), QPointF(x, frame.bottom))
    if scene.preview is None:
        painter.drawLine(QPointF(0, y), QPointF(frame.right, y))
        if price is not None:
            plate(
                painter,
                axis_box(frame, y),
                f.price(price, scene.instrument),
                scene.theme,
                "bg.3",
                "ink.1",
                "line.strong",
            )
    bar = scene.columns.bar(place)
    if bar is not None and scene.interval is not None:
        words = start_words(bar.start, scene.interval, scene.zone, scene.hours)
        width = measure.width(words) + 14
        left = min(max(0.0, x - width / 2), frame.right - width)
        plate(painter, QRectF(left, frame.bottom + 1, width, 18), words, scene.theme, "bg.3", "ink.1", "line.strong")


def readout_of(scene: Scene, frame: ChartFrame, measure: TagMeasure) -> list[tuple[QRectF, str, str]]:
    """Return where the figures of the bar under the pointer, else of the last one, and of its day stand; and the token.

    They keep clear of the last bars: what does not fit is left out.
    """
    columns = scene.columns
    place = last = len(columns) - 1
    if scene.pointer is not None and columns.bar(int(frame.index(scene.pointer.x()) // 1)) is not None:
        place = int(frame.index(scene.pointer.x()) // 1)
    bar = columns.bar(place)
    if bar is None or frame.is_low:
        return []
    parts = [(words, "ink.2") for words in bar_words(bar, scene.instrument)]
    # A line has a price at each bar; at the last one it is that of the day.
    then = scene.days.at(place) if place < last and not scene.is_daily else None
    parts += [] if then is None else [(vwap_words(then, scene.instrument), "chart.vwap")]
    parts += [(one.words, one.token) for one in scene.studies if then is None or one.since is not None]
    found = []
    clear = max(frame.right * ALWAYS_SHARE, frame.x(last + 1 - CLEAR_BARS))
    left, end = -2.0, min(frame.right, scene.stale_left, clear)
    for words, token in parts:
        box = QRectF(left, 1, measure.width(words) + 13, READOUT)
        if box.right() > end:
            break
        found.append((box, words, token))
        left = box.right()
    return found


def _paint_readout(painter: QPainter, scene: Scene, frame: ChartFrame, measure: TagMeasure) -> None:
    ground = scene.theme.colour("bg.1", SEEN_THROUGH)
    for box, words, token in readout_of(scene, frame, measure):
        painter.fillRect(box, ground)
        painter.setPen(scene.theme.colour(token))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _paint_box(painter: QPainter, scene: Scene, frame: ChartFrame, words: tuple[str, ...], is_refused: bool) -> None:
    """Paint sentences on a plate at the foot of the plot, on the right, where no tags are."""
    measure = painter.fontMetrics()
    width = min(max(measure.horizontalAdvance(one) for one in words) + 20.0, frame.right - 8.0)
    inner = QRectF(0, 0, width - 20, 1000)
    flags = Qt.TextFlag.TextWordWrap
    heights = [painter.boundingRect(inner, flags, one).height() for one in words]
    box = QRectF(frame.right - width - 6, frame.bottom - sum(heights) - 18, width, sum(heights) + 12)
    painter.setBrush(scene.theme.colour("bg.2"))
    painter.setPen(QPen(scene.theme.colour("caution" if is_refused else "line.strong"), 1))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    y = box.top() + 6
    for number, (one, height) in enumerate(zip(words, heights, strict=True)):
        is_last = number == len(words) - 1
        token = "caution" if is_refused and is_last else "ink.1" if number == 0 else "ink.2"
        painter.setPen(scene.theme.colour(token))
        painter.drawText(QRectF(box.left() + 10, y, width - 20, height), flags, one)
        y += height
