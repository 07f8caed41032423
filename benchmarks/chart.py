"""What a frame of the chart costs: scrolled, and on a tick; 10k and 100k bars loaded, 300 and 2,000 in view.

A frame is a whole repaint of the widget, from the snapshot on. Floor: a plain widget that paints as many rectangles,
lines and words of the same sizes, all prepared beforehand; on a tick, the picture kept before and what moves over it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from types import MappingProxyType

from PySide6.QtCore import QLine, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.measure import Row, middle, times_ms
from core.link import Link
from core.model.bar import Bar, BarSeries, BarSource, ChartKey, Interval, extended
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.snapshot import ConnectionStatus, Snapshot
from panels.action_ids import ActionIds
from panels.chart_panel import ChartPanel
from panels.charts.candles import Shapes, shapes_of
from panels.charts.chart_view import ChartView
from panels.charts.day_paths import HAIRLINES, paths_of
from panels.charts.live_layer import tags_of
from panels.charts.price_axis import price_marks
from panels.charts.tags import TagMeasure, axis_box
from panels.charts.time_axis import time_labels
from panels.charts.view_range import ViewRange
from panels.charts.volume import volume_rects
from panels.feed_watch import FeedWatch
from panels.theme import font, load_theme

SIZE = (1200, 600)
LOADED, SEEN = (10_000, 100_000), (300, 2_000)
FRAMES = 120
NOW = datetime(2025, 11, 12, 15, 41, 0, tzinfo=UTC)
TICK = Decimal("0.25")
_CANVAS = QImage(*SIZE, QImage.Format.Format_RGB32)


def rows() -> list[Row]:
    """Measure each size beside its floor, turn by turn."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    found = []
    for loaded in LOADED:
        bench = _Bench(loaded)
        for seen in SEEN:
            found += bench.rows(seen)
        bench.close()
    del app
    return found


class _Bench:
    """A chart with bars, and its floor."""

    def __init__(self, loaded: int) -> None:
        theme = load_theme("dark")
        self._loaded = loaded
        self._quote = Quote("ESZ5", received_at=NOW)
        self._world = _world()
        self._panel = ChartPanel(theme, ActionIds(lambda: 0.0), FeedWatch(), UTC)
        self._panel.setStyleSheet(theme.sheet())
        self._panel.resize(SIZE[0], SIZE[1] + 38)
        self._panel.show()
        self.view = self._panel.view
        bars = _bars(loaded + 1)
        key = ChartKey("sim", "ESZ5", Interval.parse("1m"))
        self._series = BarSeries(key, extended((), bars[:-1]), bars[-1], source=BarSource.VENUE)
        self._price = bars[-1].close
        self.tick(0)

    def close(self) -> None:
        """Take the widgets away."""
        self._panel.close()
        self._panel.deleteLater()

    def rows(self, seen: int) -> list[Row]:
        """Measure frames and ticks with so many bars in view."""
        self.view.range.view = ViewRange(count=float(seen)).followed(self._loaded + 1)
        self.tick(0)
        floor = _floor(self.view, is_tick=False)
        tick_floor = _floor(self.view, is_tick=True)
        what = f"{self._loaded // 1000}k bars loaded, {seen} in view"
        scrolled, bare = _by_turns(self.scroll, lambda _: _paint(floor))
        ticked, kept = _by_turns(lambda _: _paint(self.view), lambda _: _paint(tick_floor))
        whole = middle(times_ms(self.tick, FRAMES))
        for one in (floor, tick_floor):
            one.close()
            one.deleteLater()
        return [
            Row(f"chart scrolled, {what}", scrolled, "ms", bare, f"{floor.count} shapes and words, prepared", "≤ 2"),
            Row(f"chart painted on a tick, {what}", ticked, "ms", kept, f"{tick_floor.count} of them, prepared", "≤ 2"),
            Row(f"chart from a snapshot to the painted tick, {what}", whole, "ms"),
        ]

    def scroll(self, number: int) -> None:
        """Move by one bar and paint; there and back over many, as a frame seen a moment ago may be kept."""
        self.view.range.pan(-1.0 if number % 80 < 40 else 1.0, self._loaded + 1)
        self.view.range.fit(self.view.scene)
        _paint(self.view)

    def tick(self, number: int) -> None:
        """Take a snapshot with another last price, and paint."""
        forming = self._series.forming
        assert forming is not None
        price = self._price + TICK * (number % 2)
        self._series = replace(self._series, forming=replace(forming, close=price, high=max(forming.high, price)))
        quote = replace(self._quote, last=price, bid=price - TICK, ask=price)
        world = replace(
            self._world,
            version=number,
            quotes=MappingProxyType({("sim", "ESZ5"): quote}),
            charts=MappingProxyType({self._series.key: self._series}),
        )
        self._panel.refresh(world, NOW, 100.0 + number / 30)
        _paint(self.view)


def _paint(widget: QWidget) -> None:
    widget.render(_CANVAS)


def _by_turns(act: Callable[[int], object], floor: Callable[[int], object]) -> tuple[float, float]:
    """Return the median of both, measured in turns so that what else the machine does meets both."""
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(4):
        ours += times_ms(act, FRAMES // 4, warm=4)
        bare += times_ms(floor, FRAMES // 4, warm=4)
    return middle(ours), middle(bare)


def _floor(view: ChartView, is_tick: bool) -> _Floor:
    """Prepare what a frame of a chart is made of."""
    frame = view.frame()
    assert frame is not None
    scene = view.scene
    first, end = frame.view.visible(scene.columns.closed)
    shapes = shapes_of(scene.columns, first, end, frame)
    volume = volume_rects(scene.columns, first, end, scene.highest, frame)
    if is_tick:
        shapes = Shapes(shapes.rising[-1:], shapes.falling[-1:], shapes.rising_wicks[-1:], shapes.falling_wicks[-1:])
        volume = volume[0][-1:], volume[1][-1:]
    # The marks of the price axis and the figures of a bar move with a tick; times, and lines of the grid, do not.
    labels = time_labels(scene.columns.times, first, end, frame.per_bar, scene.zone)
    words = [f"{mark}" for mark in price_marks(frame.scale, scene.instrument)]
    grid = [] if is_tick else [QLine(0, 20 * at, SIZE[0], 20 * at) for at in range(len(words) + len(labels))]
    words += ["O 5051.50  H 5052.00  L 5051.00  C 5051.50  V 140", "5051.50"]
    placed = tags_of(scene, frame, TagMeasure())
    words += [one.tag.words for one in placed] + [one.tag.axis for one in placed]
    plates = [one.box for one in placed] + [axis_box(frame, one.axis_y) for one in placed if one.axis_y is not None]
    tags = [QLine(0, 7 * at, SIZE[0], 7 * at) for at in range(1 + len(scene.lines) + len(scene.studies))]
    if not is_tick:
        words += [label.text for label in labels]
    paths = () if is_tick else paths_of(scene.days.between(first, end), first, end, frame)
    return _Floor(shapes, volume, [*grid, *tags], plates, words, paths, frame.offset, is_tick)


class _Floor(QWidget):
    """A plain widget that paints what is prepared.

    Attributes:
        count: how many rectangles, lines, points of lines, and words.
    """

    def __init__(
        self,
        shapes: Shapes,
        volume: tuple[list[QRect], list[QRect]],
        lines: list[QLine],
        plates: list[QRectF],
        words: list[str],
        paths: Sequence[list[QPointF]],
        offset: int,
        is_tick: bool,
    ) -> None:
        super().__init__()
        self._shapes, self._volume, self._lines, self._words = shapes, volume, lines, words
        self._plates, self._paths, self._offset = plates, paths, offset
        self._boxes = [QRectF(4 + 100 * (at % 10), 20 + 20 * (at // 10), 300, 16) for at in range(len(words))]
        self._theme = load_theme("dark")
        self._kept = QPixmap(*SIZE) if is_tick else None
        if self._kept is not None:
            self._kept.fill(self._theme.colour("bg.1"))
        wicks = len(shapes.rising_wicks) + len(shapes.falling_wicks)
        bodies = len(shapes.rising) + len(shapes.falling) + len(volume[0]) + len(volume[1])
        points = sum(map(len, paths))
        self.count = wicks + bodies + len(lines) + len(plates) + len(words) + points
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.resize(*SIZE)
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint all of it."""
        theme, shapes = self._theme, self._shapes
        painter = QPainter(self)
        if self._kept is not None:
            painter.drawPixmap(0, 0, self._kept)
        else:
            painter.fillRect(self.rect(), theme.colour("bg.1"))
        painter.setPen(QPen(theme.colour("line"), 0))
        painter.drawLines(self._lines)
        # Bars are counted from the first of all.
        painter.translate(-self._offset, 0)
        for bodies, wicks, bars, token in (
            (shapes.rising, shapes.rising_wicks, self._volume[0], "up"),
            (shapes.falling, shapes.falling_wicks, self._volume[1], "down"),
        ):
            painter.setPen(QPen(theme.colour(token), 0))
            painter.drawLines(wicks)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawRects(bodies)
            painter.setBrush(theme.colour(token, 96))
            painter.drawRects(bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("chart.vwap"), 0))
        for path in self._paths:
            for _ in range(HAIRLINES):
                painter.drawPolyline(path)
        painter.translate(self._offset, 0)
        painter.setPen(QPen(theme.colour("line"), 0))
        for plate in self._plates:
            painter.drawRoundedRect(plate, 3, 3)
        painter.setFont(font("label", number=True))
        painter.setPen(theme.colour("ink.1"))
        for box, word in zip(self._boxes, self._words, strict=True):
            painter.drawText(box, 0, word)


def _bars(count: int) -> tuple[Bar, ...]:
    """Return a walk of bars of a minute up to now."""
    rng, made, at = Random(11), [], 20_000
    begin = NOW - timedelta(minutes=count)
    for number in range(count):
        to = max(400, at + rng.randrange(-4, 5))
        low, high = min(at, to) - rng.randrange(4), max(at, to) + rng.randrange(4)
        prices = [TICK * one for one in (at, high, low, to)]
        opened, highest, lowest, closed = prices
        start = begin + timedelta(minutes=number)
        made.append(Bar(start, opened, highest, lowest, closed, Decimal(rng.randrange(20, 900))))
        at = to
    return tuple(made)


def _world() -> Snapshot:
    """Return one account LONG 2 with a stop, a target and the levels of a session."""
    key, account = PositionKey("sim", "Sim1", "ESZ5"), AccountKey("sim", "Sim1")
    entry = Decimal("5000.00")
    held = Position(
        key, Decimal(2), entry, NOW, Decimal(0), Decimal(0), Decimal(0), Decimal(2), entry * 2, Decimal(0), Decimal(2)
    )
    exits = [
        Order(key, "S1", Side.SELL, Intent.PROTECT, OrderType.STOP, Decimal(2), NOW, NOW, trigger_price=entry - 5),
        Order(key, "T1", Side.SELL, Intent.PROTECT, OrderType.LIMIT, Decimal(2), NOW, NOW, price=entry + 8),
    ]
    working = {one.client_order_id: replace(one, state=OrderState.WORKING, server_order_id="1") for one in exits}
    return Snapshot(
        connections={"sim": ConnectionStatus("sim", Link.READY, NOW)},
        accounts={account: Account(account, Mode.SIM, "USD")},
        instruments={("sim", "ESZ5"): Instrument("ESZ5", TICK, Decimal("12.50"), "USD")},
        positions={key: held},
        orders=MappingProxyType(working),
        selected_account=account,
        selected_symbol={"sim": "ESZ5"},
    )
