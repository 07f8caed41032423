"""How far a figure from few trades may be off: intervals, and how long a losing run to expect. Floats throughout."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist, fmean, pstdev

SMALL_SAMPLE = 30
RESAMPLES = 10_000
SEED = 1
# Beyond this many values the bootstrap of a mean has reached its limit, and drawing it would only take time.
DRAWN_UP_TO = 1_000
Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def wilson(wins: int, count: int) -> Interval | None:
    """Return the Wilson interval of a share; None without trades."""
    if count == 0:
        return None
    share, z2 = wins / count, Z95 * Z95
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def bootstrap_mean(values: Sequence[float]) -> Interval | None:
    """Return the bootstrap interval of a mean: percentiles of 10,000 resamples, the same every time; None below two.

    Above a thousand values it is the normal interval, which is what the percentiles converge to.
    """
    count = len(values)
    if count < 2:
        return None
    if count > DRAWN_UP_TO:
        mean, half = fmean(values), Z95 * pstdev(values) / sqrt(count)
        return Interval(mean - half, mean + half)
    draw = random.Random(SEED).choices
    means = sorted(sum(draw(values, k=count)) / count for _ in range(RESAMPLES))
    return Interval(means[RESAMPLES // 40 - 1], means[RESAMPLES - RESAMPLES // 40])


def expected_losing_run(losses: int, count: int) -> float | None:
    """Return the longest losing run to expect; None when nothing, or everything, was lost.

    Source: ln(n·(1 − q)) ÷ ln(1/q), q = L/n.
    """
    if not 0 < losses < count:
        return None
    return log(count - losses) / log(count / losses)
