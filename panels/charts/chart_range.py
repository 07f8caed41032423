"""What a chart spans now: which bars, which prices, and how wide its price axis is."""

from core.model.bar import BarSeries
from panels import formatting as f
from panels.charts.chart_frame import ChartFrame
from panels.charts.price_axis import PriceScale, widest
from panels.charts.scene import Scene
from panels.charts.tags import TagMeasure
from panels.charts.view_range import BEGIN_BARS, ViewRange, is_settled, price_range
from panels.charts.volume import highest_volume

LEAST_AXIS = 60
AXIS_PAD = 18
# Above its highest bar, volume gets this much room at once, so that a growing bar does not redraw the others.
VOLUME_ROOM = 1.15
STRETCH_PIXELS = 200.0
LEAST_TICKS = 16


class ChartRange:
    """The span; bars are zoomed and panned by the trader, prices fit themselves until he stretches them.

    Attributes:
        fits: the prices follow what is in view.
    """

    def __init__(self) -> None:
        self.view = ViewRange()
        self.fits = True
        self._prices: tuple[float, float] | None = None
        self._axis = LEAST_AXIS
        self._axis_of: object = None
        self._measure: TagMeasure | None = None
        self._older_asked: object = None

    def begin(self) -> None:
        """Begin with another chart; how many bars are in view stays."""
        self.view = ViewRange(self.view.count, self.view.count)
        self.fits, self._prices = True, None

    def frame(self, width: float, height: float, ratio: float) -> ChartFrame | None:
        """Return the frame of a size; None while there is no price to draw at."""
        if self._prices is None:
            return None
        return ChartFrame(width, height, ratio, self._axis, self.view, *self._prices)

    def follow(self, scene: Scene, older: int) -> None:
        """Follow the bars, of which some came in front."""
        if older:
            self.view = self.view.shifted(older)
        self.view = self.view.grown(len(scene.columns))
        self.fit(scene)

    def fit(self, scene: Scene) -> None:
        """Fit prices and volume to what is in view; what still serves stays, and prices do under a dragged line."""
        columns = scene.columns
        first, end = self.view.visible(len(columns))
        highest = highest_volume(columns, first, end)
        if not highest <= scene.highest <= highest * 1.6:
            scene.highest = highest * VOLUME_ROOM
        lows, highs = columns.extremes(first, end)
        if scene.last is not None and (not lows or end >= len(columns)):
            lows.append(float(scene.last))
            highs.append(float(scene.last))
        tick = None if scene.instrument is None else scene.instrument.tick_size
        least = 0.0 if tick is None else float(tick) * LEAST_TICKS
        wanted = price_range(lows, highs, [float(line.price) for line in scene.lines], least)
        if wanted is None:
            self._prices = None if not len(columns) else self._prices
        elif self._prices is None or (self.fits and scene.drag is None and not is_settled(self._prices, wanted)):
            self._prices = wanted
        self._fit_axis(scene)

    def wants_older(self, series: BarSeries) -> bool:
        """Say whether older bars are to be asked for: the left edge is near; once for each first bar."""
        if not series.has_older or series.progress is not None or not series.closed_count:
            return False
        first = (series.key, series[0].start)
        if self.view.left >= self.view.count / 4 or self._older_asked == first:
            return False
        self._older_asked = first
        return True

    def zoom(self, factor: float, total: int, anchor: float | None) -> None:
        """Show `factor` times as many bars; what lies at `anchor` (share of the width) stays there."""
        self.view = self.view.zoomed(factor, total, anchor)

    def pan(self, bars: float, total: int) -> None:
        """Show later bars, or earlier ones where negative."""
        self.view = self.view.panned(bars, total)

    def to_start(self, total: int) -> None:
        """Show the first bars."""
        self.view = self.view.from_start(total)

    def to_end(self, total: int) -> None:
        """Show the last bar and follow it."""
        self.view = self.view.followed(total)

    def toggle_follow(self, total: int) -> None:
        """Follow the last bar, or stay."""
        self.view = (
            ViewRange(self.view.right, self.view.count, False) if self.view.follows else self.view.followed(total)
        )

    def drag(self, x: float, y: float, frame: ChartFrame, total: int) -> None:
        """Have the chart move with the pointer; prices only where they do not fit themselves."""
        if x:
            self.view = self.view.panned(-x / frame.per_bar, total)
        if not self.fits and y:
            moved = frame.scale.price(0) - frame.scale.price(y)
            self._prices = (frame.low + moved, frame.high + moved)

    def stretch(self, y: float, frame: ChartFrame) -> None:
        """Show more prices where the axis is pulled down, fewer where it is pulled up."""
        if not y:
            return
        factor = min(4.0, max(0.25, 2 ** (y / STRETCH_PIXELS)))
        middle, half = (frame.low + frame.high) / 2, (frame.high - frame.low) / 2 * factor
        self.fits = False
        self._prices = (middle - half, middle + half)

    def reset(self, total: int, prices: bool) -> None:
        """Have prices fit themselves again, or show as many bars as at the beginning."""
        if prices:
            self.fits, self._prices = True, None
        else:
            self.view = ViewRange(BEGIN_BARS, BEGIN_BARS).followed(total)

    def _fit_axis(self, scene: Scene) -> None:
        """Make the axis as wide as its widest price."""
        wanted = (self._prices, scene.instrument, scene.last, [line.price for line in scene.lines])
        if self._prices is None or wanted == self._axis_of:
            return
        self._axis_of = wanted
        if self._measure is None:
            self._measure = TagMeasure()
        ends = widest(PriceScale(*self._prices, 0, 1), scene.instrument)
        words = [f.price(end, scene.instrument) for end in ends]
        words += [f.average(line.price, scene.instrument) for line in scene.lines]
        if scene.last is not None:
            words.append(f.price(scene.last, scene.instrument))
        self._axis = max(LEAST_AXIS, AXIS_PAD + int(max(map(self._measure.width, words))))
