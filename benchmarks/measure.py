"""One measured row, and the few ways to take it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """A figure beside its floor.

    Attributes:
        value, floor: in `unit`; floor None where the row stands alone.
        target: the ratio that is wanted, as text.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    target: str = ""
    cpu: str = ""

    @property
    def ratio(self) -> str:
        """Value over floor."""
        return "" if not self.floor else f"{self.value / self.floor:.2f}"


def percentile(values: list[float], part: float) -> float:
    """Return the value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def times_ms(act: Callable[[int], object], count: int, warm: int = 20) -> list[float]:
    """Return how long each of `count` calls took, in milliseconds, after a few that are not counted."""
    for number in range(warm):
        act(-number - 1)
    taken = []
    for number in range(count):
        start = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def per_call_us(act: Callable[[], object], count: int) -> float:
    """Return microseconds per call, the best of five runs."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            act()
        best = min(best, time.perf_counter() - start)
    return best / count * 1e6


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)
