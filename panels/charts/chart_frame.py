"""Where everything of a chart lies: the plot, its two axes, and which bars and prices it spans. Pure.

Bars are laid out in whole device pixels, so that wicks and bodies are sharp at every scale of the screen.
"""

from dataclasses import dataclass
from functools import cached_property

from panels.charts.price_axis import PriceScale
from panels.charts.view_range import ViewRange

TIME_AXIS = 20
# The figures of a bar stand over the plot; tags stand below them.
READOUT = 18
TOP, FOOT = 6.0, 4.0
VOLUME_SHARE, MOST_VOLUME = 0.16, 96.0
LEAST_PLOT = 40.0
# A chart that is lower has neither times nor volume nor figures: candles and lines take all there is.
LOW, LEAST_LOW = 100.0, 24.0


@dataclass(frozen=True)
class ChartFrame:
    """A chart of some size.

    Attributes:
        width, height: of the whole, in pixels of a program at 100 % (here called logical).
        ratio: device pixels to a logical one: the scale of the screen times the zoom of the program.
        axis: width of the price axis, on the right.
        low, high: prices at the foot and the head of the candles, points.
    """

    width: float
    height: float
    ratio: float
    axis: int
    view: ViewRange
    low: float
    high: float

    @cached_property
    def right(self) -> float:
        """Where the plot ends and the price axis begins."""
        return max(LEAST_PLOT, self.width - self.axis)

    @cached_property
    def bottom(self) -> float:
        """Where the plot ends and the time axis begins."""
        return max(LEAST_LOW, self.height) if self.is_low else self.height - TIME_AXIS

    @property
    def is_low(self) -> bool:
        """Whether there is room for candles and lines only."""
        return self.height < LOW

    @property
    def head(self) -> float:
        """Where tags may begin."""
        return 2.0 if self.is_low else READOUT + 2.0

    @cached_property
    def volume_top(self) -> float:
        """Where the highest volume reaches to."""
        return self.bottom - (0.0 if self.is_low else min(MOST_VOLUME, self.bottom * VOLUME_SHARE))

    @cached_property
    def scale(self) -> PriceScale:
        """Prices and heights."""
        return PriceScale(self.low, self.high, TOP, self.volume_top - FOOT)

    @cached_property
    def per_bar(self) -> float:
        """Logical pixels from a bar to the next."""
        return self.right / self.view.count

    @cached_property
    def pitch(self) -> float:
        """Device pixels from a bar to the next."""
        return self.per_bar * self.ratio

    @cached_property
    def offset(self) -> int:
        """Device pixels from the first bar of all to the left edge: bars keep their pixels when the chart is panned."""
        return round(self.view.left * self.pitch)

    def x(self, index: float) -> float:
        """Return where a place among the bars lies; the middle of bar i is i + 0.5."""
        return (index - self.view.left) * self.per_bar

    def middle(self, place: int) -> float:
        """Return the middle of a bar on the pixel its wick is drawn on."""
        return (wick_of(place, self.pitch) - self.offset + 0.5) / self.ratio

    def index(self, x: float) -> float:
        """Return the place among the bars at a distance from the left."""
        return self.view.left + x / self.per_bar

    def sharp(self, at: float) -> float:
        """Return the middle of the device pixel nearest to a place: a hairline there is one pixel wide."""
        return (round(at * self.ratio - 0.5) + 0.5) / self.ratio


def wick_of(place: int, pitch: float) -> int:
    """Return the device pixel of a bar's wick, counted from the first bar of all."""
    return round((place + 0.5) * pitch - 0.5)
